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
 * @DMK_REPLAY_SENSOR: live entries of one sensor at a third party
 * @DMK_REPLAY_TP: those of one third party at R, which speaks for many sensors
 * @DMK_REPLAY_UPDATES: updates of one sensor at R that were refused, or that the sensor
 *	has not made use of: others are forgotten
 * @DMK_REPLAY_MAX: live entries of a namespace's role
 */
enum dmk_replay_limits {
	DMK_REPLAY_SENSOR = 4096,
	DMK_REPLAY_TP = 1 << 16,
	DMK_REPLAY_UPDATES = 64,
	DMK_REPLAY_MAX = 1 << 18,
};

/**
 * struct dmk_replay - the cache of one role
 * @table: entries by dmk_queue_hash() of the message
 * @senders: live entries per sender key
 * @lock: protects additions, counts, stored answers and @order
 * @order: entries by the end of their time
 * @count: live entries
 * @forgotten: highest NTP-UTC T of those whose time has passed, 0 before the first; not
 *	under @lock for who reads
 * @expire: removes entries whose time has passed
 */
struct dmk_replay {
	struct rhashtable table;
	struct rhashtable senders;
	spinlock_t lock;
	struct rb_root_cached order;
	u32 count;
	u64 forgotten;
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
 * @hash: dmk_queue_hash() of the message without COOKIE
 * @answers: with DMK_REPEAT_ANSWER, the stored answers (NULL where none),
 *	each with a reference; at most 16 times a message and once a second
 */
enum dmk_repeat dmk_replay_seen(struct dmk_replay *r, u64 hash,
				struct dmk_answer *answers[DMK_REPLAY_ANSWERS]);

/**
 * dmk_replay_add() - remember an authenticated message
 * @r: the cache
 * @hash: dmk_queue_hash() of the message without COOKIE
 * @sender: key of the sender
 * @quota: how many live entries it may have. Nor may it have more than are free, so that
 *	no few senders leave nothing for the others: m of them leave a part in m + 1
 * @t: its T, if that is NTP-UTC, or else 0
 * @until: until when, in CLOCK_BOOTTIME seconds
 *
 * Return: DMK_OK; DMK_REASON_REPLAY_FULL (the sender has as many as it may, nothing
 * old is evicted); DMK_REASON_REPEATED if another worker was faster;
 * DMK_REASON_MEMORY.
 */
enum dmk_reason dmk_replay_add(struct dmk_replay *r, u64 hash, u64 sender, u32 quota,
			       u64 t, time64_t until);

/**
 * dmk_replay_answer() - store an answer with a message that was added
 * @r: the cache
 * @hash: the message
 * @slot: 0 or 1
 * @a: the answer; a reference is taken
 * @replace: in place of one that is there; else that one stays
 */
void dmk_replay_answer(struct dmk_replay *r, u64 hash, unsigned int slot,
		       struct dmk_answer *a, bool replace);

/* a message that was added and then could not be handled, and may come again, or that
 * something else refuses when it does
 */
void dmk_replay_undo(struct dmk_replay *r, u64 hash);

#endif
