// SPDX-License-Identifier: GPL-2.0
/* Authenticated messages that were seen, and the answers they had. */
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/slab.h>

#include "queue.h"
#include "replay.h"

#define EXPIRE_BATCH 256	/* entries freed with softirqs off */

/**
 * struct sender - whose entries are counted
 * @node: in the table, by @key
 * @rcu: freed behind readers
 * @key: key of the sender
 * @live: its entries; dmk_replay.lock
 */
struct sender {
	struct rhash_head node;
	struct rcu_head rcu;
	u64 key;
	u32 live;
};

/**
 * struct entry - a message; all but @hash under dmk_replay.lock
 * @node: in the table, by @hash
 * @order: in the order of @until
 * @rcu: freed behind readers
 * @hash: of the message
 * @sender: who sent it
 * @t: NTP-UTC, or 0
 * @until: forgotten after this, CLOCK_BOOTTIME seconds
 * @answers: stored answers
 * @answered: how often they were repeated
 * @last: when they were repeated last, jiffies
 */
struct entry {
	struct rhash_head node;
	struct rb_node order;
	struct rcu_head rcu;
	u64 hash;
	struct sender *sender;
	u64 t;
	time64_t until;
	struct dmk_answer *answers[DMK_REPLAY_ANSWERS];
	u8 answered;
	unsigned long last;
};

static const struct rhashtable_params entry_params = {
	.head_offset = offsetof(struct entry, node),
	.key_offset = offsetof(struct entry, hash),
	.key_len = sizeof(u64),
	.automatic_shrinking = true,
};

static const struct rhashtable_params sender_params = {
	.head_offset = offsetof(struct sender, node),
	.key_offset = offsetof(struct sender, key),
	.key_len = sizeof(u64),
	.automatic_shrinking = true,
};

struct dmk_answer *dmk_answer_new(const struct dmk_addr *to, const u8 *data,
				  u16 len, gfp_t gfp)
{
	struct dmk_answer *a = kmalloc(struct_size(a, data, len), gfp);

	if (!a)
		return NULL;
	refcount_set(&a->ref, 1);
	a->to = *to;
	a->len = len;
	memcpy(a->data, data, len);
	return a;
}

struct dmk_answer *dmk_answer_get(struct dmk_answer *a)
{
	refcount_inc(&a->ref);
	return a;
}

void dmk_answer_put(struct dmk_answer *a)
{
	if (a && refcount_dec_and_test(&a->ref))
		kfree_rcu(a, rcu);
}

static void put_answers(struct entry *e)
{
	unsigned int i;

	for (i = 0; i < DMK_REPLAY_ANSWERS; i++) {
		dmk_answer_put(e->answers[i]);
		e->answers[i] = NULL;
	}
}

static void sender_put(struct dmk_replay *r, struct sender *s)
{
	if (--s->live)
		return;
	rhashtable_remove_fast(&r->senders, &s->node, sender_params);
	kfree_rcu(s, rcu);
}

/* the sender with one entry more, or NULL: full or no memory, as @why says */
static struct sender *sender_get(struct dmk_replay *r, u64 key, u32 quota,
				 enum dmk_reason *why)
{
	struct sender *s = rhashtable_lookup_fast(&r->senders, &key, sender_params);

	*why = DMK_REASON_REPLAY_FULL;
	if ((s ? s->live : 0) >= min(quota, DMK_REPLAY_MAX - r->count))
		return NULL;
	if (!s) {
		*why = DMK_REASON_MEMORY;
		s = kzalloc(sizeof(*s), GFP_ATOMIC);
		if (!s)
			return NULL;
		s->key = key;
		if (rhashtable_insert_fast(&r->senders, &s->node, sender_params)) {
			kfree(s);
			return NULL;
		}
	}
	s->live++;
	return s;
}

static bool sooner(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct entry, order)->until <
	       rb_entry(b, struct entry, order)->until;
}

static enum dmk_reason insert(struct dmk_replay *r, struct entry *e, u64 sender, u32 quota)
{
	enum dmk_reason why;
	int err;

	e->sender = sender_get(r, sender, quota, &why);
	if (!e->sender)
		return why;
	err = rhashtable_lookup_insert_fast(&r->table, &e->node, entry_params);
	if (err) {
		sender_put(r, e->sender);
		return err == -EEXIST ? DMK_REASON_REPEATED : DMK_REASON_MEMORY;
	}
	rb_add_cached(&e->order, &r->order, sooner);
	WRITE_ONCE(r->count, r->count + 1);
	return DMK_OK;
}

static void forget(struct dmk_replay *r, struct entry *e)
{
	rhashtable_remove_fast(&r->table, &e->node, entry_params);
	rb_erase_cached(&e->order, &r->order);
	WRITE_ONCE(r->count, r->count - 1);
	sender_put(r, e->sender);
	put_answers(e);
	kfree_rcu(e, rcu);
}

/* what is older than @e is from now on refused by its T, then by its hash no more */
static void expire_entry(struct dmk_replay *r, struct entry *e)
{
	if (e->t && (!r->forgotten || (s64)(e->t - r->forgotten) > 0))
		WRITE_ONCE(r->forgotten, e->t);
	forget(r, e);
}

/* whether there may be more to do at once */
static bool expire_batch(struct dmk_replay *r)
{
	time64_t now = ktime_get_boottime_seconds();
	struct rb_node *first;
	unsigned int n;

	spin_lock_bh(&r->lock);
	for (n = 0; n < EXPIRE_BATCH; n++) {
		first = rb_first_cached(&r->order);
		if (!first || rb_entry(first, struct entry, order)->until >= now)
			break;
		expire_entry(r, rb_entry(first, struct entry, order));
	}
	spin_unlock_bh(&r->lock);
	return n == EXPIRE_BATCH;
}

static void expire(struct work_struct *work)
{
	struct dmk_replay *r = container_of(to_delayed_work(work), struct dmk_replay, expire);

	while (expire_batch(r))
		cond_resched();
	if (READ_ONCE(r->count))
		queue_delayed_work(dmk_wq, &r->expire, HZ);
}

int dmk_replay_init(struct dmk_replay *r)
{
	int err;

	spin_lock_init(&r->lock);
	r->order = RB_ROOT_CACHED;
	r->count = 0;
	r->forgotten = 0;
	INIT_DELAYED_WORK(&r->expire, expire);
	err = rhashtable_init(&r->table, &entry_params);
	if (err)
		return err;
	err = rhashtable_init(&r->senders, &sender_params);
	if (err)
		rhashtable_destroy(&r->table);
	return err;
}

static void free_entry(void *ptr, void *arg)
{
	put_answers(ptr);
	kfree(ptr);
}

static void free_sender(void *ptr, void *arg)
{
	kfree(ptr);
}

void dmk_replay_destroy(struct dmk_replay *r)
{
	cancel_delayed_work_sync(&r->expire);
	rhashtable_free_and_destroy(&r->table, free_entry, NULL);
	rhashtable_free_and_destroy(&r->senders, free_sender, NULL);
}

/* 7.2: at most 16 times a message and once a second */
static enum dmk_repeat repeat(struct entry *e, struct dmk_answer *answers[DMK_REPLAY_ANSWERS])
{
	unsigned int i;

	if (!e->answers[0] && !e->answers[1])
		return DMK_REPEAT_DROP;
	if (e->answered >= DMK_ANSWER_REPEATS)
		return DMK_REPEAT_DROP;
	if (e->answered && time_before(jiffies, e->last + HZ))
		return DMK_REPEAT_DROP;
	e->answered++;
	e->last = jiffies;
	for (i = 0; i < DMK_REPLAY_ANSWERS; i++)
		answers[i] = e->answers[i] ? dmk_answer_get(e->answers[i]) : NULL;
	return DMK_REPEAT_ANSWER;
}

enum dmk_repeat dmk_replay_seen(struct dmk_replay *r, u64 hash,
				struct dmk_answer *answers[DMK_REPLAY_ANSWERS])
{
	enum dmk_repeat what = DMK_REPEAT_NEW;
	struct entry *e;

	rcu_read_lock();
	e = rhashtable_lookup(&r->table, &hash, entry_params);
	if (e) {
		spin_lock_bh(&r->lock);
		what = repeat(e, answers);
		spin_unlock_bh(&r->lock);
	}
	rcu_read_unlock();
	return what;
}

enum dmk_reason dmk_replay_add(struct dmk_replay *r, u64 hash, u64 sender, u32 quota,
			       u64 t, time64_t until)
{
	struct entry *e = kzalloc(sizeof(*e), GFP_KERNEL);
	enum dmk_reason reason;

	if (!e)
		return DMK_REASON_MEMORY;
	e->hash = hash;
	e->t = t;
	e->until = until;
	spin_lock_bh(&r->lock);
	reason = insert(r, e, sender, quota);
	spin_unlock_bh(&r->lock);
	if (reason)
		kfree(e);
	else
		queue_delayed_work(dmk_wq, &r->expire, HZ);
	return reason;
}

void dmk_replay_answer(struct dmk_replay *r, u64 hash, unsigned int slot,
		       struct dmk_answer *a, bool replace)
{
	struct dmk_answer *old = NULL;
	struct entry *e;

	spin_lock_bh(&r->lock);
	e = rhashtable_lookup_fast(&r->table, &hash, entry_params);
	if (e && (replace || !e->answers[slot])) {
		old = e->answers[slot];
		e->answers[slot] = dmk_answer_get(a);
	}
	spin_unlock_bh(&r->lock);
	dmk_answer_put(old);
}

void dmk_replay_undo(struct dmk_replay *r, u64 hash)
{
	struct entry *e;

	spin_lock_bh(&r->lock);
	e = rhashtable_lookup_fast(&r->table, &hash, entry_params);
	if (e)
		forget(r, e);
	spin_unlock_bh(&r->lock);
}
