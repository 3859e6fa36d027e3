/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Authenticated messages that were seen: refuses what comes again, and gives
 * back the answer that it had (protocol.md 7.1, 7.2).
 */
#ifndef DMK_REPLAY_H
#define DMK_REPLAY_H

#include <linux/rbtree.h>
#include <linux/refcount.h>
#include <linux/rhashtable.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include "addr.h"
#include "limits.h"
#include "reason.h"

/**
 * struct dmk_answer - a stored answer; immutable once stored
 * @ref: references
 * @to: where it goes: source of the first copy of the message
 * @len: its length
 * @data: the bytes; no key among them
 */
struct dmk_answer {
	refcount_t ref;
	struct rcu_head rcu;
	struct dmk_addr to;
	u16 len;
	u8 data[];
};

struct dmk_answer *dmk_answer_new(const struct dmk_addr *to, const u8 *data,
				  u16 len, gfp_t gfp);
struct dmk_answer *dmk_answer_get(struct dmk_answer *a);
void dmk_answer_put(struct dmk_answer *a);	/* NULL is ignored */

/**
 * enum dmk_replay_limits
 * @DMK_REPLAY_QUOTA: live entries of one sender (sensor or third party)
 * @DMK_REPLAY_MAX: live entries of a namespace's role
 */
enum dmk_replay_limits {
	DMK_REPLAY_QUOTA = 4096,
	DMK_REPLAY_MAX = 1 << 18,
};

/**
 * struct dmk_replay - the cache of one role
 * @table: entries by SHA-256 of the message
 * @senders: live entries per sender key
 * @lock: protects additions, counts, stored answers and @order
 * @order: entries by the end of their time
 * @count: live entries
 * @expire: removes entries whose time has passed
 */
struct dmk_replay {
	struct rhashtable table;
	struct rhashtable senders;
	spinlock_t lock;
	struct rb_root_cached order;
	u32 count;
	struct delayed_work expire;
};

int dmk_replay_init(struct dmk_replay *r);
void dmk_replay_destroy(struct dmk_replay *r);

/**
 * enum dmk_repeat - what to do with a message
 * @DMK_REPEAT_NEW: it was not seen
 * @DMK_REPEAT_ANSWER: seen: send the stored answers again
 * @DMK_REPEAT_DROP: seen, and answered often or recently enough, or never
 */
enum dmk_repeat {
	DMK_REPEAT_NEW,
	DMK_REPEAT_ANSWER,
	DMK_REPEAT_DROP,
};

#define DMK_REPLAY_ANSWERS 2		/* R_TP and R_I */

/**
 * dmk_replay_seen() - look a message up; softirq safe
 * @r: the cache
 * @hash: SHA-256 of the message without COOKIE
 * @answers: with DMK_REPEAT_ANSWER, the stored answers (NULL where none),
 *	each with a reference; at most 16 times a message and once a second
 */
enum dmk_repeat dmk_replay_seen(struct dmk_replay *r, const u8 hash[DMK_HASH_LEN],
				struct dmk_answer *answers[DMK_REPLAY_ANSWERS]);

/**
 * dmk_replay_add() - remember an authenticated message
 * @r: the cache
 * @hash: SHA-256 of the message without COOKIE
 * @sender: key of the sender for its quota: SHA-256 of its identity, 8 bytes
 * @until: until when, in CLOCK_BOOTTIME seconds
 *
 * Return: DMK_OK; DMK_REASON_REPLAY_FULL (the sender's quota, nothing old is
 * evicted); DMK_REASON_REPEATED if another worker was faster;
 * DMK_REASON_MEMORY.
 */
enum dmk_reason dmk_replay_add(struct dmk_replay *r, const u8 hash[DMK_HASH_LEN],
			       u64 sender, time64_t until);

/**
 * dmk_replay_answer() - store an answer with a message that was added
 * @r: the cache
 * @hash: the message
 * @slot: 0 or 1
 * @a: the answer; a reference is taken
 * @replace: in place of one that is there; else that one stays
 */
void dmk_replay_answer(struct dmk_replay *r, const u8 hash[DMK_HASH_LEN],
		       unsigned int slot, struct dmk_answer *a, bool replace);

/* the answers to a message, if it was added; it stays refused when it comes again */
void dmk_replay_forget(struct dmk_replay *r, const u8 hash[DMK_HASH_LEN]);

#endif
