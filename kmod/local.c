// SPDX-License-Identifier: GPL-2.0
/* The roles that this host plays. */

#include <linux/ktime.h>
#include <linux/rculist.h>
#include <linux/slab.h>

#include "netns.h"
#include "rsa.h"

void dmk_local_init(struct dmk_net *dn)
{
	spin_lock_init(&dn->local.lock);
	INIT_LIST_HEAD(&dn->local.list);
}

void dmk_local_put(struct dmk_local *l)
{
	if (!l || !refcount_dec_and_test(&l->ref))
		return;
	dmk_local_put(l->before);
	dmk_rsa_put(l->key);
	kfree_rcu(l, rcu);
}

void dmk_local_destroy(struct dmk_net *dn)
{
	struct dmk_local *l, *next;

	list_for_each_entry_safe(l, next, &dn->local.list, list) {
		list_del_rcu(&l->list);
		dmk_local_put(l);
	}
}

static bool is(const struct dmk_local *l, u8 role, const struct dmk_id *id)
{
	struct dmk_id own = dmk_name_id(&l->name);

	return l->role == role && (!id || dmk_id_equal(&own, id));
}

/* @id: NULL for any; under RCU or dmk_net.config */
static struct dmk_local *find(struct dmk_net *dn, u8 role, const struct dmk_id *id)
{
	struct dmk_local *l;

	list_for_each_entry_rcu(l, &dn->local.list, list, lockdep_is_held(&dn->config))
		if (is(l, role, id))
			return l;
	return NULL;
}

static struct dmk_local *get(struct dmk_net *dn, u8 role, const struct dmk_id *id)
{
	struct dmk_local *l;

	rcu_read_lock();
	l = find(dn, role, id);
	if (l && !refcount_inc_not_zero(&l->ref))
		l = NULL;
	rcu_read_unlock();
	return l;
}

struct dmk_local *dmk_local_thirdparty(struct dmk_net *dn)
{
	return get(dn, DMK_ROLE_TP, NULL);
}

struct dmk_local *dmk_local_responder(struct dmk_net *dn, const struct dmk_id *idr)
{
	return get(dn, DMK_ROLE_R, idr);
}

bool dmk_local_plays(struct dmk_net *dn, enum dmk_role_type role)
{
	bool plays;

	rcu_read_lock();
	plays = find(dn, role, NULL);
	rcu_read_unlock();
	return plays;
}

static bool is_under(const struct dmk_local *l, const u8 der_hash[DMK_HASH_LEN])
{
	return !memcmp(l->der_hash, der_hash, DMK_HASH_LEN);
}

struct dmk_local *dmk_local_as(struct dmk_local *l, const u8 der_hash[DMK_HASH_LEN])
{
	if (is_under(l, der_hash))
		return l;
	l = l->before;
	return l && is_under(l, der_hash) && ktime_get_real_seconds() <= l->expires ? l : NULL;
}

/* 6.3: envelope keys go with the certificate, also when the role is taken anew;
 * those stay that @now opens still
 */
static void drop_keys(struct dmk_net *dn, const struct dmk_local *l, struct dmk_local *now)
{
	if (!now || !now->before || !dmk_local_as(now, l->der_hash))
		dmk_cache_drop(dn, l->der_hash);
	if (l->before && !(now && dmk_local_as(now, l->before->der_hash)))
		dmk_cache_drop(dn, l->before->der_hash);
	if (l->role == DMK_ROLE_TP)
		dmk_thirdparty_drop_keys(dn);
}

static bool is_full(struct dmk_net *dn)
{
	struct dmk_local *l;
	unsigned int count = 0;

	list_for_each_entry(l, &dn->local.list, list)
		count++;
	return count >= DMK_LOCALS_MAX;
}

/* A copy, so that one certificate before is all that is ever kept. */
static struct dmk_local *copy_of(const struct dmk_local *old)
{
	struct dmk_local *l = kzalloc(sizeof(*l), GFP_KERNEL);

	if (!l)
		return NULL;
	refcount_set(&l->ref, 1);
	l->role = old->role;
	l->name = old->name;
	l->key = dmk_rsa_get(old->key);
	l->expires = old->expires;
	memcpy(l->der_hash, old->der_hash, sizeof(l->der_hash));
	l->der_len = old->der_len;
	memcpy(l->der, old->der, sizeof(l->der));
	return l;
}

static int follow(struct dmk_local *l, const struct dmk_local *old)
{
	if (!old || l->role != DMK_ROLE_R)
		return 0;
	if (!is_under(l, old->der_hash)) {
		l->before = copy_of(old);
		return l->before ? 0 : -ENOMEM;
	}
	l->before = old->before;
	if (l->before)
		refcount_inc(&l->before->ref);
	return 0;
}

int dmk_local_add(struct dmk_net *dn, struct dmk_local *l)
{
	struct dmk_id id = dmk_name_id(&l->name);
	struct dmk_local *old = find(dn, l->role, &id);

	if (!old && l->role == DMK_ROLE_TP && find(dn, DMK_ROLE_TP, NULL))
		return -EEXIST;
	if (!old && is_full(dn))
		return -ENOSPC;
	if (follow(l, old))
		return -ENOMEM;
	refcount_set(&l->ref, 1);
	spin_lock_bh(&dn->local.lock);
	if (old)
		list_replace_rcu(&old->list, &l->list);
	else
		list_add_tail_rcu(&l->list, &dn->local.list);
	spin_unlock_bh(&dn->local.lock);
	if (old)
		drop_keys(dn, old, l);
	dmk_local_put(old);
	return 0;
}

int dmk_local_remove(struct dmk_net *dn, u8 role, const struct dmk_id *id)
{
	struct dmk_local *l = find(dn, role, id);

	if (!l)
		return -ENOENT;
	spin_lock_bh(&dn->local.lock);
	list_del_rcu(&l->list);
	spin_unlock_bh(&dn->local.lock);
	drop_keys(dn, l, NULL);
	dmk_local_put(l);
	return 0;
}
