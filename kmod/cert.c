// SPDX-License-Identifier: GPL-2.0
/* Peers whose certificates the agent has validated. */

#include <linux/slab.h>
#include <linux/ktime.h>

#include "netns.h"
#include "rsa.h"

static const struct rhashtable_params hash_params = {
	.head_offset = offsetof(struct dmk_peer, by_hash),
	.key_offset = offsetof(struct dmk_peer, der_hash),
	.key_len = DMK_HASH_LEN,
	.automatic_shrinking = true,
};

static u32 hash_key(const void *key, u32 len, u32 seed)
{
	return dmk_name_hash(key, seed);
}

static u32 hash_peer(const void *obj, u32 len, u32 seed)
{
	const struct dmk_peer *p = obj;
	struct dmk_id id = dmk_name_id(&p->name);

	return dmk_name_hash(&id, seed);
}

static int compare(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct dmk_peer *p = obj;
	struct dmk_id id = dmk_name_id(&p->name);

	return !dmk_id_equal(&id, arg->key);
}

static const struct rhashtable_params id_params = {
	.head_offset = offsetof(struct dmk_peer, by_id),
	.key_len = sizeof(struct dmk_id),
	.hashfn = hash_key,
	.obj_hashfn = hash_peer,
	.obj_cmpfn = compare,
	.automatic_shrinking = true,
};

int dmk_cert_init(struct dmk_net *dn)
{
	int ret;

	atomic_set(&dn->certs.count, 0);
	ret = rhashtable_init(&dn->certs.by_hash, &hash_params);
	if (ret)
		return ret;
	ret = rhashtable_init(&dn->certs.by_id, &id_params);
	if (ret)
		rhashtable_destroy(&dn->certs.by_hash);
	return ret;
}

static void bury_entry(void *obj, void *arg)
{
	struct dmk_peer *p = obj;

	WRITE_ONCE(p->dead, true);
	dmk_route_wipe(&p->route);
	dmk_cert_put(p);
}

void dmk_cert_destroy(struct dmk_net *dn)
{
	/* whoever is in the second table is in the first one */
	rhashtable_destroy(&dn->certs.by_id);
	rhashtable_free_and_destroy(&dn->certs.by_hash, bury_entry, NULL);
}

struct dmk_peer *dmk_cert_get(struct dmk_peer *p)
{
	refcount_inc(&p->ref);
	return p;
}

void dmk_cert_put(struct dmk_peer *p)
{
	if (!p || !refcount_dec_and_test(&p->ref))
		return;
	dmk_rsa_put(p->key);
	dmk_route_wipe(&p->route);
	kfree_rcu(p, rcu);
}

static bool has_expired(const struct dmk_peer *p)
{
	return ktime_get_real_seconds() > p->expires;
}

/* under RCU: a reference, if it may be used */
static struct dmk_peer *use(struct dmk_peer *p, u8 role)
{
	if (!p || p->role != role || has_expired(p) || !refcount_inc_not_zero(&p->ref))
		return NULL;
	return p;
}

struct dmk_peer *dmk_cert_thirdparty(struct dmk_net *dn, const u8 der_hash[DMK_HASH_LEN])
{
	struct dmk_peer *p;

	rcu_read_lock();
	p = use(rhashtable_lookup(&dn->certs.by_hash, der_hash, hash_params), DMK_ROLE_TP);
	rcu_read_unlock();
	return p;
}

struct dmk_peer *dmk_cert_responder(struct dmk_net *dn, const struct dmk_id *id)
{
	struct dmk_peer *p;

	rcu_read_lock();
	p = use(rhashtable_lookup(&dn->certs.by_id, id, id_params), DMK_ROLE_R);
	rcu_read_unlock();
	return p;
}

bool dmk_cert_is_trusted(struct dmk_net *dn, const u8 der_hash[DMK_HASH_LEN])
{
	struct dmk_peer *p = dmk_cert_thirdparty(dn, der_hash);

	dmk_cert_put(p);
	return p;
}

static void unlink(struct dmk_net *dn, struct dmk_peer *p)
{
	if (p->role == DMK_ROLE_R)
		rhashtable_remove_fast(&dn->certs.by_id, &p->by_id, id_params);
	rhashtable_remove_fast(&dn->certs.by_hash, &p->by_hash, hash_params);
	atomic_dec(&dn->certs.count);
}

static void bury(struct dmk_net *dn, struct dmk_peer *p)
{
	unlink(dn, p);
	dmk_cache_drop(dn, p->der_hash);
	bury_entry(p, NULL);
}

/* buries the peers that @match; returns how many. A peer that a concurrent
 * resize shows twice is buried once, for its dead flag is looked at.
 */
static unsigned int bury_matching(struct dmk_net *dn,
				  bool (*match)(const struct dmk_peer *p, const void *arg),
				  const void *arg)
{
	struct rhashtable_iter iter;
	unsigned int count = 0;
	struct dmk_peer *p;

	rhashtable_walk_enter(&dn->certs.by_hash, &iter);
	rhashtable_walk_start(&iter);
	while ((p = rhashtable_walk_next(&iter))) {
		if (IS_ERR(p) || p->dead || !match(p, arg))
			continue;
		bury(dn, p);
		count++;
	}
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
	return count;
}

static bool match_expired(const struct dmk_peer *p, const void *arg)
{
	return has_expired(p);
}

struct role_id {
	u8 role;
	const struct dmk_id *id;
};

static bool match_role_id(const struct dmk_peer *p, const void *arg)
{
	const struct role_id *want = arg;
	struct dmk_id id = dmk_name_id(&p->name);

	return p->role == want->role && dmk_id_equal(&id, want->id);
}

static int insert(struct dmk_net *dn, struct dmk_peer *p)
{
	int ret;

	ret = rhashtable_insert_fast(&dn->certs.by_hash, &p->by_hash, hash_params);
	if (ret || p->role != DMK_ROLE_R)
		return ret;
	ret = rhashtable_insert_fast(&dn->certs.by_id, &p->by_id, id_params);
	if (ret)
		rhashtable_remove_fast(&dn->certs.by_hash, &p->by_hash, hash_params);
	return ret;
}

/* The same certificate once more does not make what rests on it invalid. */
static void bury_predecessors(struct dmk_net *dn, struct dmk_peer *same, struct dmk_peer *other)
{
	if (same) {
		unlink(dn, same);
		dmk_cert_put(same);
	}
	if (other && other != same)
		bury(dn, other);
}

int dmk_cert_add(struct dmk_net *dn, struct dmk_peer *p)
{
	struct dmk_id id = dmk_name_id(&p->name);
	struct dmk_peer *same, *other = NULL;
	int ret;

	same = rhashtable_lookup_fast(&dn->certs.by_hash, p->der_hash, hash_params);
	if (p->role == DMK_ROLE_R)
		other = rhashtable_lookup_fast(&dn->certs.by_id, &id, id_params);
	if (!same && !other && atomic_read(&dn->certs.count) >= DMK_PEERS_MAX &&
	    !bury_matching(dn, match_expired, NULL))
		return -ENOSPC;
	p->dead = false;
	dmk_route_init(&p->route);
	refcount_set(&p->ref, 1);
	/* the old ones go when the new one is there: a refusal changes nothing */
	ret = insert(dn, p);
	if (ret)
		return ret;
	atomic_inc(&dn->certs.count);
	bury_predecessors(dn, same, other);
	return 0;
}

int dmk_cert_remove_hash(struct dmk_net *dn, const u8 der_hash[DMK_HASH_LEN])
{
	struct dmk_peer *p = rhashtable_lookup_fast(&dn->certs.by_hash, der_hash, hash_params);

	if (!p)
		return -ENOENT;
	bury(dn, p);
	return 0;
}

int dmk_cert_remove_id(struct dmk_net *dn, u8 role, const struct dmk_id *id)
{
	struct role_id want = { role, id };

	return bury_matching(dn, match_role_id, &want) ? 0 : -ENOENT;
}
