// SPDX-License-Identifier: GPL-2.0
/* Who appears in the sessions at R. */

#include <linux/slab.h>

#include "netns.h"

static u32 hash_key(const void *key, u32 len, u32 seed)
{
	return dmk_name_hash(key, seed);
}

static u32 hash_party(const void *obj, u32 len, u32 seed)
{
	struct dmk_id id = dmk_party_id(obj);

	return dmk_name_hash(&id, seed);
}

static int compare(struct rhashtable_compare_arg *arg, const void *obj)
{
	struct dmk_id id = dmk_party_id(obj);

	return !dmk_id_equal(&id, arg->key);
}

static const struct rhashtable_params params = {
	.head_offset = offsetof(struct dmk_party, node),
	.key_len = sizeof(struct dmk_id),
	.hashfn = hash_key,
	.obj_hashfn = hash_party,
	.obj_cmpfn = compare,
	.automatic_shrinking = true,
};

int dmk_party_init(struct dmk_net *dn)
{
	return rhashtable_init(&dn->sessions.parties, &params);
}

void dmk_party_destroy(struct dmk_net *dn)
{
	rhashtable_destroy(&dn->sessions.parties);
}

struct dmk_party *dmk_party_find(struct dmk_net *dn, const struct dmk_id *id)
{
	return rhashtable_lookup_fast(&dn->sessions.parties, id, params);
}

static struct dmk_party *party_new(struct dmk_net *dn, const struct dmk_id *id)
{
	struct dmk_party *p;

	p = kzalloc(struct_size(p, data, id->data.len), GFP_KERNEL);
	if (!p)
		return NULL;
	INIT_LIST_HEAD(&p->sessions);
	p->type = id->type;
	p->len = id->data.len;
	memcpy(p->data, id->data.data, id->data.len);
	if (!rhashtable_insert_fast(&dn->sessions.parties, &p->node, params))
		return p;
	kfree(p);
	return NULL;
}

struct dmk_party *dmk_party_get(struct dmk_net *dn, const struct dmk_id *id)
{
	struct dmk_party *p = dmk_party_find(dn, id);

	if (!p)
		p = party_new(dn, id);
	if (p)
		p->users++;
	return p;
}

void dmk_party_put(struct dmk_net *dn, struct dmk_party *p)
{
	if (!p || --p->users)
		return;
	rhashtable_remove_fast(&dn->sessions.parties, &p->node, params);
	kfree_rcu(p, rcu);
}
