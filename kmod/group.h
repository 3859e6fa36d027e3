/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shares that wait for each other at R, and what is done once k of them fit:
 * protocol.md 6.1, 7.4.
 */
#ifndef DMK_GROUP_H
#define DMK_GROUP_H

#include <linux/rhashtable.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include "addr.h"
#include "cert.h"
#include "count.h"
#include "local.h"
#include "rule.h"
#include "seal.h"
#include "share.h"

struct dmk_net;
struct dmk_answer;
struct dmk_crypto;

enum dmk_group_limits {
	DMK_GROUPS_MAX = 16384,		/* open groups of a namespace */
	DMK_GROUPS_PER_TP = 1024,	/* of those that one third party opened */
};

/**
 * struct dmk_candidate - a share that was authenticated and authorized
 * @tp: the third party
 * @to: where message 3 came from
 * @hash: of message 3: its answers are stored under it
 * @t: T' of message 3
 * @answer_type: Data type of message 4
 * @auth: key of V in message 4
 * @wrong: verdict
 */
struct dmk_candidate {
	struct dmk_peer *tp;
	struct dmk_addr to;
	u64 hash;
	struct dmk_ts t;
	u8 answer_type;
	u8 auth[DMK_MAC_LEN];
	bool wrong;
};

/**
 * enum dmk_group_state
 * @DMK_GROUP_OPEN: fewer than k right shares are known
 * @DMK_GROUP_SOLVED: the TGK is known; the last candidates may still come
 * @DMK_GROUP_DONE: the session was established or refused; secrets are gone
 */
enum dmk_group_state {
	DMK_GROUP_OPEN,
	DMK_GROUP_SOLVED,
	DMK_GROUP_DONE,
};

/**
 * struct dmk_group - shares of one polynomial
 * @node: in the table, by @hash
 * @all: in the list of all
 * @rcu: freed behind readers
 * @ref: references
 * @dn: the instance
 * @hash: what all its shares have in common, 7.4
 * @opener: third party and sensor of the share that opened it
 * @opener_tp: the third party alone
 * @local: the responder that it is for
 * @rule: the rule that allowed its first share
 * @raw: the first message 3, which @b and @sd come from
 * @b: binding: views into @raw
 * @sd: I's Session Data
 * @spi: SPIs of CS 1 and 2
 * @policy: ESP policy
 * @commitment: 16 bytes
 * @born: jiffies
 * @lock: protects what follows
 * @state: enum dmk_group_state
 * @solving: a worker is trying sets
 * @counted: it still counts against its opener
 * @n: candidates
 * @tried: candidates that have been tried, or judged
 * @trials: sets tried
 * @c: the candidates
 * @points: their shares
 * @coeff: the polynomial, once solved
 * @to_i: what I was told, once done: a late share has that answer, too
 * @timer: finishes a solved group, and forgets any in the end
 */
struct dmk_group {
	struct rhash_head node;
	struct list_head all;
	struct rcu_head rcu;
	refcount_t ref;
	struct dmk_net *dn;
	u8 hash[DMK_HASH_LEN];
	u64 opener;
	u64 opener_tp;
	struct dmk_local *local;
	struct dmk_rule *rule;
	u8 *raw;
	struct dmk_binding b;
	struct dmk_session_data sd;
	u32 spi[2];
	struct dmk_esp_policy policy;
	u8 commitment[DMK_COMMITMENT_LEN];
	unsigned long born;
	spinlock_t lock;
	u8 state;
	bool solving;
	bool counted;
	u8 n;
	u8 tried;
	u32 trials;
	struct dmk_candidate c[DMK_CANDIDATES_MAX];
	struct dmk_point points[DMK_CANDIDATES_MAX];
	u8 coeff[DMK_N_MAX][DMK_SHARE_LEN];
	struct dmk_answer *to_i;
	struct delayed_work timer;
};

/**
 * struct dmk_groups - the groups of a namespace
 * @table: by hash
 * @secret: of the keys of @openers and @opener_tps
 * @openers: open groups by third party and sensor
 * @opener_tps: open groups by third party
 * @open: open ones
 * @lock: protects @all
 * @all: all of them
 */
struct dmk_groups {
	struct rhashtable table;
	siphash_key_t secret;
	struct dmk_counts openers;
	struct dmk_counts opener_tps;
	atomic_t open;
	spinlock_t lock;
	struct list_head all;
};

int dmk_group_init(struct dmk_net *dn);
/* the workers have stopped */
void dmk_group_destroy(struct dmk_net *dn);

/**
 * struct dmk_share_in - a share on its way into a group
 * @m: message 3
 * @from: where it came from
 * @hash: its dmk_queue_hash()
 * @answer_type: Data type of message 4
 * @tp: the third party; a reference is taken
 * @local: the responder; a reference is taken
 * @rule: the rule that allows it; a reference is taken
 * @policy: ESP policy
 * @sd: Session Data
 * @auth: key of V in message 4
 * @share: 16 bytes
 */
struct dmk_share_in {
	const struct dmk_message *m;
	const struct dmk_addr *from;
	u64 hash;
	u8 answer_type;
	struct dmk_peer *tp;
	struct dmk_local *local;
	struct dmk_rule *rule;
	const struct dmk_esp_policy *policy;
	const struct dmk_session_data *sd;
	const u8 *auth;
	const u8 *share;
};

/**
 * dmk_group_add() - add a candidate to its group
 * @dn: the instance
 * @c: crypto backend
 * @in: the share
 * @group: the group, with a reference, when DMK_OK is returned
 *
 * Return: DMK_OK; ESTABLISHED, DUPLICATE_TP, GROUP_LIMIT, MEMORY, INTERNAL.
 */
enum dmk_reason dmk_group_add(struct dmk_net *dn, struct dmk_crypto *c,
			      const struct dmk_share_in *in, struct dmk_group **group);

/**
 * dmk_group_solve() - try the sets that hold candidates not yet tried
 * @g: the group
 * @c: crypto backend
 *
 * Returns at once if another worker is at it. To be called after message 4
 * was sent. When all n candidates are there the session is established here,
 * else 200 ms after k of them fit. A group that never fits is counted when
 * its time is over; one that has all its candidates and a session, at once.
 */
void dmk_group_solve(struct dmk_group *g, struct dmk_crypto *c);
void dmk_group_put(struct dmk_group *g);

/* no session comes of it */
void dmk_group_refuse(const struct dmk_group *g, enum dmk_reason reason);

/* establish.c: from a solved group to a session (true), or an error for I. The
 * timer has no context: @c may be NULL
 */
bool dmk_group_establish(struct dmk_group *g, struct dmk_crypto *c);

#endif
