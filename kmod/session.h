/* SPDX-License-Identifier: GPL-2.0 */
/* Established sessions at R, from their SAs to their end: protocol.md 7.4, 8, 9. */
#ifndef DMK_SESSION_H
#define DMK_SESSION_H

#include <linux/in6.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rhashtable.h>
#include <linux/workqueue.h>
#include "esp.h"
#include "name.h"
#include "owner.h"
#include "uapi/dmikey.h"

struct dmk_net;
struct dmk_rule;
struct xfrm_state;

/**
 * struct dmk_session_verdict - what became of a third party's share
 * @tp: the third party
 * @x: its position
 * @wrong: its share was
 */
struct dmk_session_verdict {
	struct dmk_name tp;
	u8 x;
	bool wrong;
};

/**
 * struct dmk_pair - the SAs of a session, or of an update of it
 * @in: inbound xfrm state, CS 1; a reference
 * @out: outbound xfrm state, CS 2; a reference; used once @in was
 * @spi_in: SPI of @in
 * @spi_out: SPI of @out
 */
struct dmk_pair {
	struct xfrm_state *in;
	struct xfrm_state *out;
	__be32 spi_in;
	__be32 spi_out;
};

/**
 * struct dmk_session - an established session
 * @by_spi: in the table of inbound SPIs
 * @by_addr: in the table of sensors' addresses
 * @all: in the list of all
 * @by_owner: in the list of its sensor's sessions, oldest first
 * @rcu: freed behind readers
 * @ref: references
 * @dn: the instance
 * @owner: its sensor
 * @sa: its newest SAs
 * @before: those before an update, until the first packet on @sa or their end
 * @csb_id: CSB ID
 * @rand: RAND of message 1
 * @k_update: K_update
 * @ts_type: TS type of the sensor's messages
 * @t: T of the newest one
 * @u_r: SHA-256 of the newest U_R, whose answer is kept for repetitions
 * @sd_hash: SHA-256 of Session Data as they came
 * @sd: I's Session Data
 * @policy: ESP policy
 * @addr: I's address, IPv4 mapped
 * @encap_port: I's port of UDP encapsulation, 0 none
 * @state: enum dmk_session_state
 * @fresh: no packet has come through @sa yet
 * @settled: it has been told that the session is confirmed
 * @ended: it is being taken down
 * @since: when it was established, Unix seconds
 * @expires: when its SAs end, Unix seconds
 * @n: third parties
 * @k: threshold
 * @rule: name of the rule
 * @reqid: of the xfrm states
 * @life: ends it when it is unconfirmed for too long, or forgets the answer to
 *	@u_r; holds a reference
 * @settle: what follows the first packet on @sa; holds a reference
 * @group: SHA-256 of the group, never established again
 * @name: the sensor
 * @n_verdicts: entries of @verdicts
 * @verdicts: one a candidate
 */
struct dmk_session {
	struct rhash_head by_spi;
	struct rhlist_head by_addr;
	struct list_head all;
	struct list_head by_owner;
	struct rcu_head rcu;
	refcount_t ref;
	struct dmk_net *dn;
	struct dmk_owner *owner;
	struct dmk_pair sa;
	struct dmk_pair before;
	u32 csb_id;
	u8 rand[DMK_RAND_LEN];
	u8 k_update[32];
	u8 ts_type;
	u64 t;
	u8 u_r[DMK_HASH_LEN];
	u8 sd_hash[DMK_HASH_LEN];
	struct dmk_session_data sd;
	struct dmk_esp_policy policy;
	struct in6_addr addr;
	u16 encap_port;
	u8 state;
	bool fresh;
	bool settled;
	bool ended;
	time64_t since;
	time64_t expires;
	u8 n;
	u8 k;
	char rule[DMK_NAME_MAX + 1];
	u32 reqid;
	struct delayed_work life;
	struct work_struct settle;
	u8 group[DMK_HASH_LEN];
	struct dmk_name name;
	u8 n_verdicts;
	struct dmk_session_verdict verdicts[];
};

/**
 * struct dmk_sessions - the sessions of a namespace
 * @by_spi: by inbound SPI; read under RCU in softirq
 * @by_addr: by sensor's address
 * @lock: protects all but @unconfirmed
 * @all: all of them, oldest first
 * @count: entries of @all
 * @fresh: protects @fresh, @state and @sa of all sessions against softirq
 * @unconfirmed: how many wait for the first packet on their newest SAs
 * @sweep: ends sessions whose xfrm states others have removed
 */
struct dmk_sessions {
	struct rhashtable by_spi;
	struct rhltable by_addr;
	struct mutex lock;
	struct list_head all;
	u32 count;
	spinlock_t fresh;
	atomic_t unconfirmed;
	struct delayed_work sweep;
};

int dmk_session_init(struct dmk_net *dn);
/* ends all sessions; the workers have stopped */
void dmk_session_destroy(struct dmk_net *dn);

/**
 * struct dmk_session_new - a session that is to be
 * @sensor: IDi
 * @csb_id: CSB ID
 * @t_i: T of message 1
 * @rand: RAND
 * @k_update: K_update
 * @session_data: Session Data as they came
 * @sd: I's Session Data
 * @policy: ESP policy
 * @spi: SPIs of CS 1 and CS 2; that of CS 1 may be replaced
 * @keys: of CS 1 and CS 2
 * @rule: what allows it
 * @n: third parties
 * @k: threshold
 * @group: SHA-256 of the group
 * @n_verdicts: entries of @verdicts
 * @verdicts: one a candidate
 */
struct dmk_session_new {
	struct dmk_id sensor;
	u32 csb_id;
	struct dmk_ts t_i;
	struct dmk_span rand;
	u8 k_update[32];
	struct dmk_span session_data;
	const struct dmk_session_data *sd;
	const struct dmk_esp_policy *policy;
	u32 spi[2];
	struct dmk_esp_keys keys[2];
	const struct dmk_rule *rule;
	u8 n;
	u8 k;
	const u8 *group;
	u8 n_verdicts;
	struct dmk_session_verdict verdicts[DMK_CANDIDATES_MAX];
};

/**
 * dmk_session_establish() - install the SAs of a new session; may sleep
 * @dn: the instance
 * @new: the session; @new->spi holds the SPIs in force afterwards
 *
 * Return: DMK_OK; STALE (T_I), ESTABLISHED, ADDRESS_IN_USE, SPI2_IN_USE, SA,
 * MEMORY.
 */
enum dmk_reason dmk_session_establish(struct dmk_net *dn, struct dmk_session_new *new);

/**
 * struct dmk_renewal - an update of a session, protocol.md 9
 * @s: the session; a reference. Its @rand, @ts_type, @sd_hash, @sd, @n and @k
 *	never change
 * @k_update: K_update that protects U_R
 * @last_t: T of the message before
 * @t: T of U_R
 * @u_r: SHA-256 of U_R
 * @policy: ESP policy, unless U_R has another
 * @spi: SPIs of CS 1 and CS 2; that of CS 1 may be replaced
 * @keys: of CS 1 and CS 2
 * @next: the new K_update
 */
struct dmk_renewal {
	struct dmk_session *s;
	u8 k_update[32];
	u64 last_t;
	u64 t;
	const u8 *u_r;
	struct dmk_esp_policy policy;
	u32 spi[2];
	struct dmk_esp_keys keys[2];
	u8 next[32];
};

/**
 * dmk_session_find() - the confirmed session that a U_R is for
 * @dn: the instance
 * @sensor: IDi
 * @csb_id: CSB ID
 * @r: its @s, @k_update, @last_t and @policy are set on success
 *
 * Return: DMK_OK; UNKNOWN_SESSION, UNCONFIRMED.
 */
enum dmk_reason dmk_session_find(struct dmk_net *dn, const struct dmk_id *sensor,
				 u32 csb_id, struct dmk_renewal *r);

/**
 * dmk_session_update() - install new SAs beside the old ones; may sleep
 * @r: all of it; @r->spi holds the SPIs in force afterwards
 *
 * Return: DMK_OK; UNKNOWN_SESSION (it has ended), STALE (another U_R was
 * faster), SPI2_IN_USE, SA, MEMORY.
 */
enum dmk_reason dmk_session_update(struct dmk_renewal *r);

void dmk_session_put(struct dmk_session *s);

/* takes it down, with its SAs; under the lock */
void dmk_session_end(struct dmk_session *s, enum dmk_reason reason);

/* a packet has come through an inbound state: its SAs are in use; softirq */
void dmk_session_heard(struct dmk_net *dn, struct xfrm_state *x);
/* an xfrm state of this namespace was removed by somebody; any context */
void dmk_session_lost(struct dmk_net *dn);

/**
 * dmk_session_each() - call a function for each session, under the lock
 * @dn: the instance
 * @skip: how many to pass over first
 * @fn: stops with a value that is not 0
 * @arg: for @fn
 *
 * Return: the last value of @fn.
 */
int dmk_session_each(struct dmk_net *dn, unsigned long skip,
		     int (*fn)(struct dmk_session *s, void *arg), void *arg);

/**
 * dmk_session_end_matching() - end sessions on an administrator's wish
 * @dn: the instance
 * @sensor: all of this sensor, or NULL
 * @spi_in: the one with this inbound SPI (host order) if not 0
 *
 * Return: how many ended.
 */
unsigned int dmk_session_end_matching(struct dmk_net *dn, const struct dmk_id *sensor,
				      u32 spi_in);

#endif
