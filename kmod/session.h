/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Established sessions at R, from their SAs to their end: protocol.md 7.4, 8, 9.
 * What 100,000 of them cost in memory is decided here: see struct dmk_session.
 */
#ifndef DMK_SESSION_H
#define DMK_SESSION_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rhashtable.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include "esp.h"
#include "name.h"
#include "pair.h"
#include "party.h"
#include "uapi/dmikey.h"

struct dmk_net;
struct dmk_rule;

/**
 * struct dmk_session_verdict - what became of a third party's share
 * @tp: the third party; a use
 * @x: its position
 * @wrong: its share was
 *
 * Packed: three of them fit into 32 bytes.
 */
struct dmk_session_verdict {
	struct dmk_party *tp;
	u8 x:7;
	u8 wrong:1;
} __packed;

/**
 * struct dmk_session_old - what an update leaves behind until a little after its
 *	SAs are in use
 * @sa: the SAs before it
 * @u_r: dmk_queue_hash() of U_R, whose answer is kept for repetitions
 * @retired: the new ones are in use
 */
struct dmk_session_old {
	struct dmk_pair sa;
	u64 u_r;
	bool retired;
};

/**
 * struct dmk_session - an established session, then the memory of its group
 * @by_spi: in the table of inbound SPIs, while it lives
 * @by_group: in the table of groups, until its group is forgotten
 * @by_addr: in the table of sensors' addresses, while it lives
 * @by_sensor: in the list of its sensor's sessions, oldest first, while it lives
 * @rcu: freed behind readers
 * @wait: for @due: in the list of those whose @sa nobody has used yet, of those
 *	whose @old has its grace, or of those that have ended; else in none
 * @dn: the instance
 * @sensor: I; a use
 * @responder: R, by the name that I used; a use, while it lives
 * @rule: what allowed it; a reference, while it lives
 * @verdicts: one a candidate, while it lives
 * @old: what an update has replaced, or NULL
 * @sa: its newest SAs
 * @t: T of the newest message of the sensor
 * @group: the first 8 bytes of its group's hash, which is never established again:
 *	7.1. A second group with them harms nobody but who made it, and none can be
 *	found for a group of others before their shares are here
 * @ref: references
 * @id: its place among all that live
 * @since: when it was established, Unix seconds
 * @due: end of the wait, CLOCK_BOOTTIME seconds
 * @csb_id: CSB ID
 * @spi_in: SPI of @sa.in; an update changes it while others look: one or the other
 * @sd_hash: dmk_session_data_hash() of Session Data as they came
 * @rand: RAND of message 1
 * @k_update: K_update
 * @policy: ESP policy
 * @sd: I's Session Data
 * @n: third parties; 0: it is a session with another host
 * @k: threshold
 * @ts_type: TS type of the sensor's messages; never changes, as @k does not, for both
 *	are read without the lock
 * @n_verdicts: entries of @verdicts
 * @state: enum dmk_session_state
 * @fresh: no packet has come through @sa yet
 * @settled: it has been told that the session is confirmed
 * @ended: it has been taken down
 *
 * 272 bytes, 15 to a page; its verdicts and its sensor are a few more, and what
 * only an update needs comes and goes with it.
 */
struct dmk_session {
	struct rhash_head by_spi;
	struct rhash_head by_group;
	struct rhlist_head by_addr;
	union {
		struct list_head by_sensor;
		struct rcu_head rcu;
	};
	struct list_head wait;
	struct dmk_net *dn;
	struct dmk_party *sensor;
	struct dmk_party *responder;
	struct dmk_rule *rule;
	struct dmk_session_verdict *verdicts;
	struct dmk_session_old *old;
	struct dmk_pair sa;
	u64 t;
	u64 group;
	refcount_t ref;
	u32 id;
	u32 since;
	u32 due;
	u32 csb_id;
	__be32 spi_in;
	u32 sd_hash;
	u8 rand[DMK_RAND_LEN];
	u8 k_update[32];
	struct dmk_esp_policy policy;
	struct dmk_session_data sd;
	u8 n;
	u8 k:6;
	u8 ts_type:2;
	u8 n_verdicts;
	u8 state;
	bool fresh;
	bool settled:1;
	bool ended:1;
};

/**
 * struct dmk_sessions - the sessions of a namespace
 * @by_spi: by inbound SPI; read under RCU in softirq
 * @by_addr: by sensor's address; read under RCU in softirq
 * @by_group: by group, also those that ended lately; read under RCU
 * @parties: who appears in them; party.c
 * @lock: protects all but @unconfirmed and the marks in @all
 * @all: those that live, by their place; those that somebody has to look at are
 *	marked
 * @unused: those whose newest SAs are not in use, by @due
 * @retired: those that have used their newest SAs for a moment only, by @due:
 *	until the old ones go
 * @ended: those that have ended, by @due: until their groups are forgotten
 * @fresh: protects @fresh, @state and @sa of all sessions against softirq; read without
 *	it, they may be of a moment before
 * @unconfirmed: how many wait for the first packet on their newest SAs
 * @tend: looks at those that are marked
 * @age: looks at @unused, @retired and @ended
 * @sweep: looks at all
 * @removing: the xfrm state that is being removed here
 */
struct dmk_sessions {
	struct rhashtable by_spi;
	struct rhltable by_addr;
	struct rhashtable by_group;
	struct rhashtable parties;
	struct mutex lock;
	struct xarray all;
	struct list_head unused;
	struct list_head retired;
	struct list_head ended;
	spinlock_t fresh;
	atomic_t unconfirmed;
	struct work_struct tend;
	struct delayed_work age;
	struct delayed_work sweep;
	struct xfrm_state *removing;
};

/* the module's part, and that of a namespace */
int dmk_session_module_init(void);
void dmk_session_module_exit(void);
int dmk_session_init(struct dmk_net *dn);
/* ends all sessions; the workers have stopped */
void dmk_session_destroy(struct dmk_net *dn);

/* ---- session_start.c: how one begins */

/**
 * struct dmk_session_share - what became of a share
 * @tp: the third party
 * @x: its position
 * @wrong: its share was
 */
struct dmk_session_share {
	struct dmk_id tp;
	u8 x;
	bool wrong;
};

/**
 * struct dmk_session_new - a session that is to be
 * @sensor: IDi
 * @responder: IDr
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
 * @n: third parties; 0: it is a session with another host
 * @k: threshold
 * @initiated: with another host: this side has started it
 * @group: SHA-256 of the group; with another host, of its request
 * @n_verdicts: entries of @verdicts
 * @verdicts: one a candidate
 */
struct dmk_session_new {
	struct dmk_id sensor;
	struct dmk_id responder;
	u32 csb_id;
	struct dmk_ts t_i;
	struct dmk_span rand;
	u8 k_update[32];
	struct dmk_span session_data;
	const struct dmk_session_data *sd;
	const struct dmk_esp_policy *policy;
	u32 spi[2];
	struct dmk_esp_keys keys[2];
	struct dmk_rule *rule;
	u8 n;
	u8 k;
	bool initiated;
	const u8 *group;
	u8 n_verdicts;
	struct dmk_session_share verdicts[DMK_CANDIDATES_MAX];
};

/**
 * dmk_session_establish() - install the SAs of a new session; may sleep
 * @dn: the instance
 * @new: the session; @new->spi holds the SPIs in force afterwards
 *
 * Return: DMK_OK; STALE (T_I), AUTHORIZATION (a sensor under a host's identity, or
 * the other way round), ESTABLISHED, ADDRESS_IN_USE, SPI2_IN_USE, SA, MEMORY.
 */
enum dmk_reason dmk_session_establish(struct dmk_net *dn, struct dmk_session_new *new);

/* of Session Data, to know them again */
u32 dmk_session_data_hash(const struct dmk_net *dn, struct dmk_span data);

/* ---- session_renewal.c: how one gets new keys */

/**
 * struct dmk_renewal - an update of a session, protocol.md 9
 * @s: the session; a reference. Its @rand, @ts_type, @sd_hash, @sd, @n and @k
 *	never change
 * @k_update: K_update that protects U_R
 * @last_t: T of the message before
 * @t: T of U_R
 * @u_r: dmk_queue_hash() of U_R
 * @policy: ESP policy, unless U_R has another
 * @reqid: of the xfrm states
 * @spi: SPIs of CS 1 and CS 2; that of CS 1 may be replaced
 * @keys: of CS 1 and CS 2
 * @next: the new K_update
 */
struct dmk_renewal {
	struct dmk_session *s;
	u8 k_update[32];
	u64 last_t;
	u64 t;
	u64 u_r;
	struct dmk_esp_policy policy;
	u32 reqid;
	u32 spi[2];
	struct dmk_esp_keys keys[2];
	u8 next[32];
};

/**
 * dmk_session_find() - the confirmed session that a U_R is for
 * @dn: the instance
 * @m: U_R: its IDi, IDr and CSB ID
 * @r: its @s, @k_update, @last_t, @policy and @reqid are set on success
 *
 * Return: DMK_OK; UNKNOWN_SESSION, UNCONFIRMED.
 */
enum dmk_reason dmk_session_find(struct dmk_net *dn, const struct dmk_message *m,
				 struct dmk_renewal *r);

/**
 * dmk_session_update() - install new SAs beside the old ones; may sleep
 * @r: all of it; @r->spi holds the SPIs in force afterwards
 *
 * Return: DMK_OK; UNKNOWN_SESSION (it has ended), STALE (another U_R was
 * faster), SPI2_IN_USE, SA, MEMORY.
 */
enum dmk_reason dmk_session_update(struct dmk_renewal *r);

/* ---- session.c: its life and its end */

struct dmk_session *dmk_session_alloc(struct dmk_net *dn);
void dmk_session_put(struct dmk_session *s);

/* whether the group belongs to a session that lives, or ended lately; any context */
bool dmk_session_knows(struct dmk_net *dn, const u8 group[DMK_HASH_LEN]);
/* a packet has come through an inbound state: its SAs are in use; softirq */
void dmk_session_heard(struct dmk_net *dn, struct xfrm_state *x);
/* somebody has removed an xfrm state of this namespace, or its life has ended; any
 * context. NULL: perhaps all of them
 */
void dmk_session_lost(struct dmk_net *dn, const struct xfrm_state *x);

/* All of these are under the lock. */

/* names and tables; from here on it is found. Return: 0 or -errno */
int dmk_session_publish(struct dmk_session *s);
/* gives back what only a live session needs */
void dmk_session_strip(struct dmk_session *s);
/* takes it down, with its SAs, and keeps its group in mind; @reason is told and
 * not counted
 */
void dmk_session_end(struct dmk_session *s, enum dmk_reason reason);
/* new SAs in place of the old ones, which move to @old. Return: 0, or -errno: then
 * the session has ended, and @sa and @old are the caller's
 */
int dmk_session_replace(struct dmk_session *s, const struct dmk_pair *sa, const u32 spi[2],
			struct dmk_session_old *old);
/* the sensor has shown that it has the newest SAs: what they replace will go */
void dmk_session_proved(struct dmk_session *s);

/* whose inbound SPI that is, or NULL */
struct dmk_session *dmk_session_by_spi(struct dmk_net *dn, __be32 spi_in);
/* 7.4: a live session of another sensor has that address (or, behind UDP
 * encapsulation on both sides, that port)
 */
bool dmk_session_address_in_use(const struct dmk_session *s);

/* ---- session_host.c: with other hosts */

static inline bool dmk_session_is_host(const struct dmk_session *s)
{
	return !s->n;
}

/* under the lock: it has been published; it has been taken down */
void dmk_session_host_began(struct dmk_session *s, bool initiated);
void dmk_session_host_ended(struct dmk_session *s);

/* of all sessions with a host; take the lock */
bool dmk_session_host_lives(struct dmk_net *dn, const struct dmk_id *id);
/* the newest one may carry data from now on */
void dmk_session_host_open(struct dmk_net *dn, const struct dmk_id *id);
/* 80 % of the packets that the newest one may carry have passed */
bool dmk_session_host_worn(struct dmk_net *dn, const struct dmk_id *id);
void dmk_session_host_end(struct dmk_net *dn, const struct dmk_id *id);
/* SPIs (inbound, outbound) and end of the newest one; false if there is none */
bool dmk_session_host_spis(struct dmk_net *dn, const struct dmk_id *id, u32 spi[2],
			   time64_t *expires);

/* ---- session_list.c: all of them */

/**
 * dmk_session_each() - call a function for each session, under the lock
 * @dn: the instance
 * @from: the place to begin at; afterwards the one to go on at
 * @fn: stops with a value that is not 0
 * @arg: for @fn
 *
 * Whoever lives from the first call to the last is met once.
 * Return: the last value of @fn.
 */
int dmk_session_each(struct dmk_net *dn, unsigned long *from,
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
