/* SPDX-License-Identifier: GPL-2.0 */
/* Established sessions at R, from their SAs to their end: protocol.md 7.4, 8. */
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
 * struct dmk_session - an established session
 * @by_spi: in the table of inbound SPIs
 * @by_addr: in the table of sensors' addresses
 * @all: in the list of all
 * @by_owner: in the list of its sensor's sessions, oldest first
 * @rcu: freed behind readers
 * @ref: references
 * @dn: the instance
 * @owner: its sensor
 * @in: inbound xfrm state, CS 1; a reference
 * @out: outbound xfrm state, CS 2; a reference; used from the confirmation on
 * @spi_in: SPI of @in
 * @spi_out: SPI of @out
 * @csb_id: CSB ID
 * @addr: I's address, IPv4 mapped
 * @encap_port: I's port of UDP encapsulation, 0 none
 * @state: enum dmk_session_state
 * @ended: it is being taken down
 * @since: when it was established, Unix seconds
 * @expires: when its SAs end, Unix seconds
 * @n: third parties
 * @k: threshold
 * @rule: name of the rule
 * @reqid: of the xfrm states
 * @life: ends it when it is unconfirmed for too long; holds a reference
 * @settle: what follows a confirmation; holds a reference
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
	struct xfrm_state *in;
	struct xfrm_state *out;
	__be32 spi_in;
	__be32 spi_out;
	u32 csb_id;
	struct in6_addr addr;
	u16 encap_port;
	u8 state;
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
 * @unconfirmed: how many wait for their first packet
 * @sweep: ends sessions whose xfrm states others have removed
 */
struct dmk_sessions {
	struct rhashtable by_spi;
	struct rhltable by_addr;
	struct mutex lock;
	struct list_head all;
	u32 count;
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

/* a packet has come through an inbound state: its session is confirmed; softirq */
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
