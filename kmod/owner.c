// SPDX-License-Identifier: GPL-2.0
/* Sensors that have sessions, and the memory of their groups. */

#include <linux/slab.h>

#include "netns.h"
#include "owner.h"

/**
 * struct known - the group of a session that lives, or ended lately
 * @node: in the table, by @group
 * @list: in the list of old ones
 * @rcu: freed behind readers
 * @group: SHA-256 of the group
 * @owner: its sensor, once the session has ended
 * @until: CLOCK_BOOTTIME seconds
 */
struct known {
	struct rhash_head node;
	struct list_head list;
	struct rcu_head rcu;
	u8 group[DMK_HASH_LEN];
	struct dmk_owner *owner;
	time64_t until;
};

static const struct rhashtable_params owner_params = {
	.key_len = sizeof_field(struct dmk_owner, id),
	.key_offset = offsetof(struct dmk_owner, id),
	.head_offset = offsetof(struct dmk_owner, node),
	.automatic_shrinking = true,
};

static const struct rhashtable_params known_params = {
	.key_len = sizeof_field(struct known, group),
	.key_offset = offsetof(struct known, group),
	.head_offset = offsetof(struct known, node),
	.automatic_shrinking = true,
};

static struct dmk_owner *owner_new(struct dmk_owners *os, const u8 id[DMK_HASH_LEN])
{
	struct dmk_owner *o = kzalloc(sizeof(*o), GFP_KERNEL);

	if (!o)
		return NULL;
	memcpy(o->id, id, sizeof(o->id));
	INIT_LIST_HEAD(&o->sessions);
	if (!rhashtable_insert_fast(&os->table, &o->node, owner_params))
		return o;
	kfree(o);
	return NULL;
}

static void hash_id(const struct dmk_id *sensor, u8 id[DMK_HASH_LEN])
{
	struct dmk_span in[] = { { &sensor->type, 1 }, sensor->data };

	dmk_sha256(NULL, in, ARRAY_SIZE(in), id);
}

struct dmk_owner *dmk_owner_find(struct dmk_net *dn, const struct dmk_id *sensor)
{
	u8 id[DMK_HASH_LEN];

	hash_id(sensor, id);
	return rhashtable_lookup_fast(&dn->owners.table, id, owner_params);
}

struct dmk_owner *dmk_owner_get(struct dmk_net *dn, const struct dmk_id *sensor)
{
	struct dmk_owner *o;
	u8 id[DMK_HASH_LEN];

	hash_id(sensor, id);
	o = rhashtable_lookup_fast(&dn->owners.table, id, owner_params);
	if (!o)
		o = owner_new(&dn->owners, id);
	if (o)
		o->users++;
	return o;
}

void dmk_owner_put(struct dmk_net *dn, struct dmk_owner *o)
{
	if (--o->users)
		return;
	rhashtable_remove_fast(&dn->owners.table, &o->node, owner_params);
	kfree_rcu(o, rcu);
}

bool dmk_owner_knows(struct dmk_net *dn, const u8 group[DMK_HASH_LEN])
{
	return rhashtable_lookup_fast(&dn->owners.groups, group, known_params);
}

bool dmk_owner_remember(struct dmk_net *dn, const u8 group[DMK_HASH_LEN])
{
	struct known *k = kzalloc(sizeof(*k), GFP_KERNEL);

	if (!k)
		return false;
	memcpy(k->group, group, sizeof(k->group));
	INIT_LIST_HEAD(&k->list);
	if (!rhashtable_lookup_insert_fast(&dn->owners.groups, &k->node, known_params))
		return true;
	kfree(k);
	return false;
}

static void forget_one(struct dmk_net *dn, struct known *k)
{
	rhashtable_remove_fast(&dn->owners.groups, &k->node, known_params);
	list_del(&k->list);
	if (k->owner)
		dmk_owner_put(dn, k->owner);
	kfree_rcu(k, rcu);
}

void dmk_owner_disown(struct dmk_net *dn, const u8 group[DMK_HASH_LEN])
{
	forget_one(dn, rhashtable_lookup_fast(&dn->owners.groups, group, known_params));
}

void dmk_owner_retire(struct dmk_net *dn, const u8 group[DMK_HASH_LEN],
		      struct dmk_owner *o)
{
	struct dmk_owners *os = &dn->owners;
	struct known *k = rhashtable_lookup_fast(&os->groups, group, known_params);

	k->owner = o;
	k->until = ktime_get_boottime_seconds() + 2 * dn->skew;
	if (list_empty(&os->old))
		queue_delayed_work(dmk_wq, &os->forget, 2 * dn->skew * HZ);
	list_add_tail(&k->list, &os->old);
}

static void forget(struct work_struct *work)
{
	struct dmk_net *dn = container_of(work, struct dmk_net, owners.forget.work);
	struct dmk_owners *os = &dn->owners;
	time64_t now = ktime_get_boottime_seconds();
	struct known *k, *next;

	mutex_lock(&dn->sessions.lock);
	list_for_each_entry_safe(k, next, &os->old, list) {
		if (k->until > now) {
			queue_delayed_work(dmk_wq, &os->forget, (k->until - now) * HZ);
			break;
		}
		forget_one(dn, k);
	}
	mutex_unlock(&dn->sessions.lock);
}

int dmk_owner_init(struct dmk_net *dn)
{
	struct dmk_owners *os = &dn->owners;
	int err;

	INIT_LIST_HEAD(&os->old);
	INIT_DELAYED_WORK(&os->forget, forget);
	err = rhashtable_init(&os->table, &owner_params);
	if (err)
		return err;
	err = rhashtable_init(&os->groups, &known_params);
	if (err)
		rhashtable_destroy(&os->table);
	return err;
}

void dmk_owner_destroy(struct dmk_net *dn)
{
	struct dmk_owners *os = &dn->owners;
	struct known *k, *next;

	cancel_delayed_work_sync(&os->forget);
	list_for_each_entry_safe(k, next, &os->old, list)
		forget_one(dn, k);
	rhashtable_destroy(&os->groups);
	rhashtable_destroy(&os->table);
}
