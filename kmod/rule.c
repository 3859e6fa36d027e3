// SPDX-License-Identifier: GPL-2.0
/* Rules at R: who may vouch for whom. */

#include <linux/rculist.h>
#include <linux/slab.h>

#include "netns.h"

void dmk_rule_init(struct dmk_net *dn)
{
	spin_lock_init(&dn->rules.lock);
	INIT_LIST_HEAD(&dn->rules.list);
	dn->rules.count = 0;
}

/* readers without a reference look at the members of the struct alone */
void dmk_rule_put(struct dmk_rule *r)
{
	if (!r || !refcount_dec_and_test(&r->ref))
		return;
	kfree(r->tps);
	kfree(r->prefixes);
	kfree(r->policies);
	kfree_rcu(r, rcu);
}

void dmk_rule_destroy(struct dmk_net *dn)
{
	struct dmk_rule *r, *next;

	list_for_each_entry_safe(r, next, &dn->rules.list, list) {
		list_del_rcu(&r->list);
		dmk_rule_put(r);
	}
}

/* a realm is what stands behind the last '@' of an NAI */
static bool is_in_realm(const struct dmk_name *realm, const struct dmk_id *id)
{
	u32 at = id->data.len;

	if (id->type != DMK_ID_NAI)
		return false;
	while (at && id->data.data[at - 1] != '@')
		at--;
	return at && id->data.len - at == realm->len &&
	       !memcmp(id->data.data + at, realm->data, realm->len);
}

static bool names(const struct dmk_rule *r, const struct dmk_id *sensor)
{
	struct dmk_id id = dmk_name_id(&r->sensor);

	return !r->realm && dmk_id_equal(&id, sensor);
}

struct dmk_rule *dmk_rule_find(struct dmk_net *dn, const struct dmk_id *sensor)
{
	struct dmk_rule *r, *best = NULL;

	rcu_read_lock();
	list_for_each_entry_rcu(r, &dn->rules.list, list) {
		if (names(r, sensor)) {
			best = r;
			break;
		}
		if (r->realm && is_in_realm(&r->sensor, sensor))
			best = r;
	}
	if (best && !refcount_inc_not_zero(&best->ref))
		best = NULL;
	rcu_read_unlock();
	return best;
}

/* under dmk_net.config */
static struct dmk_rule *find_name(struct dmk_net *dn, const char *name)
{
	struct dmk_rule *r;

	list_for_each_entry(r, &dn->rules.list, list)
		if (!strcmp(r->name, name))
			return r;
	return NULL;
}

static bool has_same_sensor(struct dmk_net *dn, const struct dmk_rule *new)
{
	struct dmk_id want = dmk_name_id(&new->sensor);
	struct dmk_rule *r;

	list_for_each_entry(r, &dn->rules.list, list) {
		struct dmk_id id = dmk_name_id(&r->sensor);

		if (r->realm == new->realm && dmk_id_equal(&id, &want) &&
		    strcmp(r->name, new->name))
			return true;
	}
	return false;
}

int dmk_rule_add(struct dmk_net *dn, struct dmk_rule *r)
{
	struct dmk_rule *old = find_name(dn, r->name);

	if (has_same_sensor(dn, r))
		return -EEXIST;
	if (!old && dn->rules.count >= DMK_RULES_MAX)
		return -ENOSPC;
	refcount_set(&r->ref, 1);
	spin_lock_bh(&dn->rules.lock);
	if (old) {
		list_replace_rcu(&old->list, &r->list);
	} else {
		list_add_tail_rcu(&r->list, &dn->rules.list);
		dn->rules.count++;
	}
	spin_unlock_bh(&dn->rules.lock);
	dmk_rule_put(old);
	return 0;
}

int dmk_rule_remove(struct dmk_net *dn, const char *name)
{
	struct dmk_rule *r = find_name(dn, name);

	if (!r)
		return -ENOENT;
	spin_lock_bh(&dn->rules.lock);
	list_del_rcu(&r->list);
	dn->rules.count--;
	spin_unlock_bh(&dn->rules.lock);
	dmk_rule_put(r);
	return 0;
}

enum dmk_reason dmk_rule_thirdparty(const struct dmk_rule *r, const struct dmk_id *tp)
{
	unsigned int i;

	if (r->any_tp)
		return DMK_OK;
	for (i = 0; i < r->n_tps; i++) {
		struct dmk_id id = dmk_name_id(&r->tps[i]);

		if (dmk_id_equal(&id, tp))
			return DMK_OK;
	}
	return DMK_REASON_AUTHORIZATION;
}

enum dmk_reason dmk_rule_k(const struct dmk_rule *r, u8 n, u8 k)
{
	if (k < r->min_k || (k == 1 && !(r->allow_k1 && n == 1)))
		return DMK_REASON_K_MINIMUM;
	return DMK_OK;
}

enum dmk_reason dmk_rule_covers(const struct dmk_prefix *prefixes, unsigned int n,
				const struct dmk_session_data *sd)
{
	struct in6_addr ip;
	unsigned int i;

	dmk_addr_set_ip(&ip, sd->family, sd->addr);
	for (i = 0; i < n; i++)
		if (ipv6_prefix_equal(&ip, &prefixes[i].ip, prefixes[i].len))
			return DMK_OK;
	return n ? DMK_REASON_ADDRESS : DMK_OK;
}

/* An address that is many hosts', or this one's own, is no sensor's; nor is IPv4 in
 * the form of IPv6, for which xfrm would have states of the wrong family.
 */
static bool is_of_a_sensor(const struct dmk_session_data *sd)
{
	struct in6_addr ip;

	dmk_addr_set_ip(&ip, sd->family, sd->addr);
	if (!dmk_addr_is_unicast(&ip))
		return false;
	if (sd->family == 4)
		return !ipv4_is_loopback(ip.s6_addr32[3]);
	return !ipv6_addr_loopback(&ip) && !ipv6_addr_v4mapped(&ip);
}

enum dmk_reason dmk_rule_address(const struct dmk_rule *r, const struct dmk_session_data *sd)
{
	if (!is_of_a_sensor(sd))
		return DMK_REASON_ADDRESS;
	return dmk_rule_covers(r->prefixes, r->n_prefixes, sd);
}

static bool allows(const struct dmk_esp_policy *limit, const struct dmk_esp_policy *p)
{
	return p->cipher == limit->cipher && p->key_bits == limit->key_bits &&
	       p->integ == limit->integ && p->tunnel == limit->tunnel &&
	       p->esn == limit->esn && p->life_seconds <= limit->life_seconds &&
	       p->life_packets <= limit->life_packets && p->window <= limit->window;
}

enum dmk_reason dmk_rule_policy(const struct dmk_rule *r, const struct dmk_esp_policy *p)
{
	unsigned int i;

	if (!r->n_policies)
		return DMK_OK;
	for (i = 0; i < r->n_policies; i++)
		if (allows(&r->policies[i], p))
			return DMK_OK;
	return DMK_REASON_SP_UNSUPPORTED;
}
