// SPDX-License-Identifier: GPL-2.0
/* Netlink commands about rules. */

#include <linux/slab.h>

#include "netlink.h"
#include "netns.h"

enum {
	ROOM = 32768,			/* of the largest rule in a dump */
	REQID = 2269,			/* default of DMK_A_REQID */
	MIN_K = 2,			/* default of DMK_A_MIN_K */
};

/* a rule that never was in the list */
static void discard(struct dmk_rule *r)
{
	kfree(r->tps);
	kfree(r->prefixes);
	kfree(r->policies);
	kfree(r);
}

int dmk_netlink_read_policy(struct genl_info *info, struct nlattr *entry, struct nlattr **tb,
			    void *out)
{
	struct nlattr *param = tb[DMK_A_SP_PARAM];

	if (!param)
		return dmk_netlink_refuse_entry(info, entry,
						"the policy's parameters are missing");
	if (dmk_esp_policy_parse(DMK_SPAN(nla_data(param), nla_len(param)), out))
		return dmk_netlink_refuse_entry(info, param,
						"the ESP policy is not well formed or not supported");
	return 0;
}

static int read_lists(struct genl_info *info, struct dmk_rule *r)
{
	int ret = 0;

	r->any_tp = !info->attrs[DMK_A_TPS];
	if (!r->any_tp)
		ret = dmk_netlink_list(info, DMK_A_TPS, DMK_RULE_TPS_MAX, sizeof(*r->tps),
				       dmk_netlink_read_name, (void **)&r->tps, &r->n_tps);
	if (!ret && info->attrs[DMK_A_PREFIXES])
		ret = dmk_netlink_list(info, DMK_A_PREFIXES, DMK_RULE_PREFIXES_MAX,
				       sizeof(*r->prefixes), dmk_netlink_read_prefix,
				       (void **)&r->prefixes, &r->n_prefixes);
	if (!ret && info->attrs[DMK_A_POLICIES])
		ret = dmk_netlink_list(info, DMK_A_POLICIES, DMK_RULE_POLICIES_MAX,
				       sizeof(*r->policies), dmk_netlink_read_policy,
				       (void **)&r->policies, &r->n_policies);
	return ret;
}

static int read_name(struct genl_info *info, struct dmk_rule *r)
{
	if (!info->attrs[DMK_A_NAME])
		return DMK_REFUSE_MISSING(info, DMK_A_NAME, "the rule's name is missing");
	nla_strscpy(r->name, info->attrs[DMK_A_NAME], sizeof(r->name));
	if (!r->name[0])
		return DMK_REFUSE(info, DMK_A_NAME, -EINVAL, "the rule's name is empty");
	return 0;
}

static int read_sensor(struct genl_info *info, struct dmk_rule *r)
{
	struct nlattr *realm = info->attrs[DMK_A_REALM];
	struct dmk_id id;
	int ret;

	if (realm && info->attrs[DMK_A_ID])
		return DMK_REFUSE(info, DMK_A_REALM, -EINVAL,
				  "a rule is for a sensor or for a realm, not for both");
	if (!realm && !info->attrs[DMK_A_ID])
		return DMK_REFUSE_MISSING(info, DMK_A_ID,
					  "a sensor's identity, or a realm, is missing");
	if (!realm) {
		ret = dmk_netlink_id(info, &id);
		if (!ret)
			dmk_name_set(&r->sensor, &id);
		return ret;
	}
	r->realm = true;
	id = (struct dmk_id){ DMK_ID_NAI,
			      { nla_data(realm), strnlen(nla_data(realm), nla_len(realm)) } };
	if (!id.data.len || memchr(id.data.data, '@', id.data.len))
		return DMK_REFUSE(info, DMK_A_REALM, -EINVAL,
				  "a realm is what stands behind the last '@' of an NAI");
	dmk_name_set(&r->sensor, &id);
	return 0;
}

static int read_k(struct genl_info *info, struct dmk_rule *r)
{
	struct nlattr *min_k = info->attrs[DMK_A_MIN_K];

	r->allow_k1 = nla_get_flag(info->attrs[DMK_A_ALLOW_K1]);
	r->min_k = min_k ? nla_get_u8(min_k) : MIN_K;
	if (r->min_k == 1 && !r->allow_k1)
		return DMK_REFUSE(info, DMK_A_MIN_K, -EINVAL,
				  "k = 1 lets one third party vouch alone; it has to be allowed by name");
	if (r->min_k > 1 && r->allow_k1)
		return DMK_REFUSE(info, DMK_A_ALLOW_K1, -EINVAL,
				  "k = 1 is allowed, but the smallest k is larger");
	return 0;
}

static int read_rule(struct genl_info *info, struct dmk_rule *r)
{
	struct nlattr *reqid = info->attrs[DMK_A_REQID];
	int ret;

	r->reqid = reqid ? nla_get_u32(reqid) : REQID;
	ret = read_name(info, r);
	if (!ret)
		ret = read_sensor(info, r);
	if (!ret)
		ret = read_k(info, r);
	if (!ret)
		ret = read_lists(info, r);
	return ret;
}

static int add(struct dmk_net *dn, struct genl_info *info, struct dmk_rule *r)
{
	int ret;

	mutex_lock(&dn->config);
	ret = dmk_rule_add(dn, r);
	mutex_unlock(&dn->config);
	if (ret == -EEXIST)
		return DMK_REFUSE(info, DMK_A_NAME, ret,
				  "a rule of another name is for this sensor or realm");
	if (ret)
		return DMK_REFUSE(info, DMK_A_NAME, ret, "there are too many rules");
	dmk_upcall_forget(dn);
	return 0;
}

int dmk_netlink_rule_new(struct sk_buff *skb, struct genl_info *info)
{
	struct dmk_rule *r = kzalloc(sizeof(*r), GFP_KERNEL_ACCOUNT);
	int ret;

	if (!r)
		return -ENOMEM;
	ret = read_rule(info, r);
	if (!ret)
		ret = add(dmk_net(genl_info_net(info)), info, r);
	if (ret)
		discard(r);
	return ret;
}

int dmk_netlink_rule_del(struct sk_buff *skb, struct genl_info *info)
{
	struct dmk_net *dn = dmk_net(genl_info_net(info));
	char name[DMK_NAME_MAX + 1];
	int ret;

	if (!info->attrs[DMK_A_NAME])
		return DMK_REFUSE_MISSING(info, DMK_A_NAME, "the rule's name is missing");
	nla_strscpy(name, info->attrs[DMK_A_NAME], sizeof(name));
	mutex_lock(&dn->config);
	ret = dmk_rule_remove(dn, name);
	mutex_unlock(&dn->config);
	if (ret)
		return DMK_REFUSE(info, DMK_A_NAME, ret, "there is no rule of that name");
	return 0;
}

/* ---- dump */

int dmk_netlink_put_policies(struct sk_buff *skb, const struct dmk_rule *r)
{
	struct nlattr *list, *entry;
	unsigned int i;
	u8 param[64];
	u32 len;

	list = nla_nest_start(skb, DMK_A_POLICIES);
	if (!list)
		return -EMSGSIZE;
	for (i = 0; i < r->n_policies; i++) {
		len = dmk_esp_policy_emit(&r->policies[i], param);
		entry = nla_nest_start(skb, i + 1);
		if (!entry || nla_put(skb, DMK_A_SP_PARAM, len, param))
			return -EMSGSIZE;
		nla_nest_end(skb, entry);
	}
	nla_nest_end(skb, list);
	return 0;
}

static int put_sensor(struct sk_buff *skb, const struct dmk_rule *r)
{
	struct dmk_id id = dmk_name_id(&r->sensor);
	char realm[DMK_ID_MAX + 1];

	if (!r->realm)
		return dmk_netlink_put_id(skb, DMK_A_ID_TYPE, DMK_A_ID, &id);
	memcpy(realm, r->sensor.data, r->sensor.len);
	realm[r->sensor.len] = '\0';
	return nla_put_string(skb, DMK_A_REALM, realm);
}

static int put(struct sk_buff *skb, struct netlink_callback *cb, const struct dmk_rule *r)
{
	void *hdr = dmk_netlink_entry(skb, cb, DMK_CMD_RULE_GET);

	if (!hdr)
		return -EMSGSIZE;
	if (nla_put_string(skb, DMK_A_NAME, r->name) || put_sensor(skb, r) ||
	    nla_put_u8(skb, DMK_A_MIN_K, r->min_k) ||
	    (r->allow_k1 && nla_put_flag(skb, DMK_A_ALLOW_K1)) ||
	    nla_put_u32(skb, DMK_A_REQID, r->reqid) ||
	    (!r->any_tp && dmk_netlink_put_names(skb, DMK_A_TPS, r->tps, r->n_tps)) ||
	    (r->n_prefixes && dmk_netlink_put_prefixes(skb, r->prefixes, r->n_prefixes)) ||
	    (r->n_policies && dmk_netlink_put_policies(skb, r))) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

int dmk_netlink_rule_start(struct netlink_callback *cb)
{
	cb->min_dump_alloc = ROOM;
	return 0;
}

int dmk_netlink_rule_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct dmk_net *dn = dmk_net(sock_net(cb->skb->sk));
	struct dmk_rule *r;
	long at = 0;
	int ret = 0;

	mutex_lock(&dn->config);
	list_for_each_entry(r, &dn->rules.list, list) {
		if (at++ < cb->args[0])
			continue;
		ret = put(skb, cb, r);
		if (ret)
			break;
		cb->args[0]++;
	}
	mutex_unlock(&dn->config);
	return skb->len ?: ret;
}
