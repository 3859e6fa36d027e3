// SPDX-License-Identifier: GPL-2.0
/* How many of something each of many owners has. */

#include <linux/slab.h>

#include "count.h"

/**
 * struct count - of one owner
 * @node: in the table
 * @rcu: freed behind readers
 * @key: the owner
 * @n: how many
 */
struct count {
	struct rhash_head node;
	struct rcu_head rcu;
	u64 key;
	u32 n;
};

static const struct rhashtable_params params = {
	.key_len = sizeof_field(struct count, key),
	.key_offset = offsetof(struct count, key),
	.head_offset = offsetof(struct count, node),
	.automatic_shrinking = true,
};

static struct count *find_or_add(struct dmk_counts *cs, u64 key)
{
	struct count *c = rhashtable_lookup_fast(&cs->table, &key, params);

	if (c)
		return c;
	c = kzalloc(sizeof(*c), GFP_ATOMIC);
	if (!c)
		return NULL;
	c->key = key;
	if (!rhashtable_insert_fast(&cs->table, &c->node, params))
		return c;
	kfree(c);
	return NULL;
}

enum dmk_reason dmk_count_take(struct dmk_counts *cs, u64 key, u32 max)
{
	enum dmk_reason reason = DMK_OK;
	struct count *c;

	spin_lock_bh(&cs->lock);
	c = find_or_add(cs, key);
	if (!c)
		reason = DMK_REASON_MEMORY;
	else if (c->n >= max)
		reason = DMK_REASON_GROUP_LIMIT;
	else
		c->n++;
	spin_unlock_bh(&cs->lock);
	return reason;
}

void dmk_count_give(struct dmk_counts *cs, u64 key)
{
	struct count *c;

	spin_lock_bh(&cs->lock);
	c = rhashtable_lookup_fast(&cs->table, &key, params);
	if (c && !--c->n) {
		rhashtable_remove_fast(&cs->table, &c->node, params);
		kfree_rcu(c, rcu);
	}
	spin_unlock_bh(&cs->lock);
}

int dmk_count_init(struct dmk_counts *cs)
{
	spin_lock_init(&cs->lock);
	return rhashtable_init(&cs->table, &params);
}

static void free_count(void *ptr, void *arg)
{
	kfree(ptr);
}

void dmk_count_destroy(struct dmk_counts *cs)
{
	rhashtable_free_and_destroy(&cs->table, free_count, NULL);
}
