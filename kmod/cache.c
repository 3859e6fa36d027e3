// SPDX-License-Identifier: GPL-2.0
/* Envelope keys that a responder has cached. */

#include <linux/slab.h>

#include "cache.h"
#include "netns.h"

/**
 * struct entry - a key; immutable but for @last and @left
 * @node: in the table, by @e.id and @tp
 * @all: in the list of all
 * @rcu: freed behind readers
 * @e: the key
 * @tp: ID(TP_i)
 * @signer: SHA-256 of the certificate that signed it
 * @own: SHA-256 of the certificate that it was encrypted to
 * @last: when it was used last, jiffies
 * @left: messages that it may still protect
 */
struct entry {
	struct rhash_head node;
	struct list_head all;
	struct rcu_head rcu;
	struct dmk_envelope e;
	struct dmk_name tp;
	u8 signer[DMK_HASH_LEN];
	u8 own[DMK_HASH_LEN];
	unsigned long last;
	atomic_t left;
};

/* what the table is asked for: nothing in it is secret */
struct wanted {
	const u8 *envid;
	const struct dmk_id *tp;
};

static u32 hash_wanted(const void *key, u32 len, u32 seed)
{
	const struct wanted *want = key;

	return jhash(want->envid, DMK_ENVID_LEN, seed);
}

static u32 hash_entry(const void *obj, u32 len, u32 seed)
{
	const struct entry *k = obj;

	return jhash(k->e.id, DMK_ENVID_LEN, seed);
}

static int compare(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct wanted *want = arg->key;
	const struct entry *k = obj;
	struct dmk_id id = dmk_name_id(&k->tp);

	return memcmp(k->e.id, want->envid, DMK_ENVID_LEN) || !dmk_id_equal(&id, want->tp);
}

static const struct rhashtable_params params = {
	.head_offset = offsetof(struct entry, node),
	.key_len = sizeof(struct wanted),
	.hashfn = hash_wanted,
	.obj_hashfn = hash_entry,
	.obj_cmpfn = compare,
	.automatic_shrinking = true,
};

static void free_rcu(struct rcu_head *rcu)
{
	kfree_sensitive(container_of(rcu, struct entry, rcu));
}

/* locked */
static void forget(struct dmk_cache *c, struct entry *k)
{
	rhashtable_remove_fast(&c->table, &k->node, params);
	list_del(&k->all);
	c->count--;
	call_rcu(&k->rcu, free_rcu);
}

/* One pass, next to which the RSA operation that led here is long: the key that
 * the third party has not used for longest makes room for its newest. Locked.
 */
static bool make_room(struct dmk_cache *c, const struct dmk_name *tp)
{
	struct dmk_id id = dmk_name_id(tp), other;
	struct entry *k, *idlest = NULL;
	unsigned int n = 0;

	list_for_each_entry(k, &c->all, all) {
		other = dmk_name_id(&k->tp);
		if (!dmk_id_equal(&id, &other))
			continue;
		if (!n++ || time_before(READ_ONCE(k->last), READ_ONCE(idlest->last)))
			idlest = k;
	}
	if (n >= DMK_CACHE_PER_TP)
		forget(c, idlest);
	return c->count < DMK_CACHE_MAX;
}

/* The certificate's end either is seen here or sees what is added: it unlinks it
 * first, and then takes the lock.
 */
static bool insert(struct dmk_net *dn, struct entry *k)
{
	struct dmk_cache *c = &dn->r.cache;
	struct dmk_id id = dmk_name_id(&k->tp);
	struct wanted key = { k->e.id, &id };
	bool ok;

	spin_lock_bh(&c->lock);
	ok = dmk_cert_is_trusted(dn, k->signer) && make_room(c, &k->tp) &&
	     !rhashtable_lookup_insert_key(&c->table, &key, &k->node, params);
	if (ok) {
		list_add_tail(&k->all, &c->all);
		c->count++;
	}
	spin_unlock_bh(&c->lock);
	return ok;
}

void dmk_cache_add(struct dmk_net *dn, const struct dmk_peer *tp,
		   const struct dmk_local *l, const struct dmk_envelope *e)
{
	u32 life = READ_ONCE(dn->envelope_life);
	struct entry *k = life ? kmalloc(sizeof(*k), GFP_KERNEL) : NULL;

	if (!k)
		return;
	k->e = *e;
	k->tp = tp->name;
	memcpy(k->signer, tp->der_hash, sizeof(k->signer));
	memcpy(k->own, l->der_hash, sizeof(k->own));
	k->last = jiffies;
	/* it has protected one */
	atomic_set(&k->left, DMK_ENVELOPE_MESSAGES - 1);
	if (insert(dn, k))
		queue_delayed_work(dmk_wq, &dn->r.cache.expire, life * HZ);
	else
		kfree_sensitive(k);
}

static bool is_usable(struct dmk_net *dn, const struct entry *k, struct dmk_local *l)
{
	l = dmk_local_as(l, k->own);
	return l && ktime_get_boottime_seconds() < k->e.born + READ_ONCE(dn->envelope_life) &&
	       ktime_get_real_seconds() <= l->expires && atomic_read(&k->left) > 0;
}

struct dmk_peer *dmk_cache_find(struct dmk_net *dn, const struct dmk_message *m,
				struct dmk_local *l, struct dmk_envelope *e)
{
	struct wanted want = { m->envid.data, &m->idtp };
	struct dmk_peer *tp = NULL;
	struct entry *k;

	rcu_read_lock();
	k = rhashtable_lookup(&dn->r.cache.table, &want, params);
	if (k && is_usable(dn, k, l))
		tp = dmk_cert_thirdparty(dn, k->signer);
	if (tp)
		*e = k->e;
	rcu_read_unlock();
	return tp;
}

void dmk_cache_spend(struct dmk_net *dn, const struct dmk_message *m)
{
	struct wanted want = { m->envid.data, &m->idtp };
	struct entry *k;

	rcu_read_lock();
	k = rhashtable_lookup(&dn->r.cache.table, &want, params);
	if (k) {
		WRITE_ONCE(k->last, jiffies);
		atomic_dec(&k->left);
	}
	rcu_read_unlock();
}

void dmk_cache_drop(struct dmk_net *dn, const u8 der_hash[DMK_HASH_LEN])
{
	struct dmk_cache *c = &dn->r.cache;
	struct entry *k, *next;

	spin_lock_bh(&c->lock);
	list_for_each_entry_safe(k, next, &c->all, all)
		if (!memcmp(k->signer, der_hash, sizeof(k->signer)) ||
		    !memcmp(k->own, der_hash, sizeof(k->own)))
			forget(c, k);
	spin_unlock_bh(&c->lock);
}

static void expire(struct work_struct *work)
{
	struct dmk_net *dn = container_of(work, struct dmk_net, r.cache.expire.work);
	time64_t now = ktime_get_boottime_seconds(), life = READ_ONCE(dn->envelope_life);
	struct dmk_cache *c = &dn->r.cache;
	struct entry *k, *next;

	spin_lock_bh(&c->lock);
	list_for_each_entry_safe(k, next, &c->all, all) {
		if (k->e.born + life > now) {
			queue_delayed_work(dmk_wq, &c->expire, (k->e.born + life - now) * HZ);
			break;
		}
		forget(c, k);
	}
	spin_unlock_bh(&c->lock);
}

void dmk_cache_review(struct dmk_net *dn)
{
	mod_delayed_work(dmk_wq, &dn->r.cache.expire, 0);
}

int dmk_cache_init(struct dmk_net *dn)
{
	struct dmk_cache *c = &dn->r.cache;

	spin_lock_init(&c->lock);
	INIT_LIST_HEAD(&c->all);
	INIT_DELAYED_WORK(&c->expire, expire);
	return rhashtable_init(&c->table, &params);
}

void dmk_cache_destroy(struct dmk_net *dn)
{
	struct dmk_cache *c = &dn->r.cache;
	struct entry *k, *next;

	cancel_delayed_work_sync(&c->expire);
	spin_lock_bh(&c->lock);
	list_for_each_entry_safe(k, next, &c->all, all)
		forget(c, k);
	spin_unlock_bh(&c->lock);
	rhashtable_destroy(&c->table);
	/* they are freed by our code */
	rcu_barrier();
}
