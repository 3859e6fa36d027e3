// SPDX-License-Identifier: GPL-2.0
/* Netlink commands about other hosts. */

#include <linux/slab.h>

#include "host.h"
#include "key.h"
#include "netlink.h"
#include "netns.h"

enum {
	PORT = 2269,			/* IANA: mikey */
	REQID = 2269,			/* default of DMK_A_REQID */
	ROOM = 8192,			/* of a host with 16 policies in a dump */
};

/* one that never was in the list */
static void discard(struct dmk_host *h)
{
	if (h->key)
		key_put(h->key);
	if (h->rule) {
		kfree(h->rule->policies);
		kfree(h->rule);
	}
	kfree(h);
}

static int read_names(struct genl_info *info, struct dmk_host *h)
{
	struct nlattr *type = info->attrs[DMK_A_OWN_TYPE], *own = info->attrs[DMK_A_OWN];
	struct dmk_id id, own_id;
	int ret;

	ret = dmk_netlink_id(info, &id);
	if (ret)
		return ret;
	if (!type || !own)
		return DMK_REFUSE_MISSING(info, DMK_A_OWN,
					  "our own identity, or its type, is missing");
	own_id = dmk_netlink_id_of(type, own);
	if (dmk_id_equal(&id, &own_id))
		return DMK_REFUSE(info, DMK_A_OWN, -EINVAL,
				  "the other host has another identity than we");
	dmk_name_set(&h->name, &id);
	dmk_name_set(&h->own, &own_id);
	return 0;
}

static int read_addr(struct genl_info *info, struct dmk_host *h)
{
	struct nlattr *addr = info->attrs[DMK_A_ADDR], *port = info->attrs[DMK_A_ADDR_PORT];

	if (!addr)
		return DMK_REFUSE_MISSING(info, DMK_A_ADDR, "the host's address is missing");
	if (dmk_netlink_ip(addr, &h->addr.ip, info->extack))
		return -EINVAL;
	if (!dmk_addr_is_unicast(&h->addr.ip))
		return DMK_REFUSE(info, DMK_A_ADDR, -EINVAL,
				  "the host's address is not that of one host");
	h->addr.port = htons(port ? nla_get_u16(port) : PORT);
	return 0;
}

static int read_key(struct genl_info *info, struct dmk_host *h)
{
	struct nlattr *attr = info->attrs[DMK_A_KEY];
	struct key *key;

	if (!attr)
		return 0;
	h->serial = nla_get_s32(attr);
	key = dmk_key_logon_host(h->serial);
	if (!IS_ERR(key)) {
		h->key = key;
		return 0;
	}
	if (PTR_ERR(key) == -EKEYREJECTED)
		return DMK_REFUSE(info, DMK_A_KEY, -EKEYREJECTED,
				  "both 256-bit halves of the key are equal: the PRF would cancel them");
	return dmk_netlink_refuse_key(info, PTR_ERR(key)) ?:
	       DMK_REFUSE(info, DMK_A_KEY, PTR_ERR(key), "not a logon key of 16 to 64 bytes");
}

static int read_suites(struct genl_info *info, struct dmk_host *h)
{
	struct nlattr *suites = info->attrs[DMK_A_SUITES];

	h->suites = suites ? nla_get_u32(suites) : DMK_SUITE_CCM | DMK_SUITE_CM;
	if (!h->suites)
		return DMK_REFUSE(info, DMK_A_SUITES, -EINVAL, "no algorithm would be allowed");
	if (h->suites & DMK_SUITE_LEGACY && !h->key)
		return DMK_REFUSE(info, DMK_A_SUITES, -EINVAL,
				  "legacy algorithms go with a pre-shared key alone: a signature over SHA-1 proves nothing");
	return 0;
}

static int read_rule(struct genl_info *info, struct dmk_host *h)
{
	struct nlattr *reqid = info->attrs[DMK_A_REQID];
	struct dmk_rule *r = kzalloc(sizeof(*r), GFP_KERNEL_ACCOUNT);

	if (!r)
		return -ENOMEM;
	h->rule = r;
	refcount_set(&r->ref, 1);
	strscpy(r->name, "host", sizeof(r->name));
	r->reqid = reqid ? nla_get_u32(reqid) : REQID;
	if (!info->attrs[DMK_A_POLICIES])
		return 0;
	return dmk_netlink_list(info, DMK_A_POLICIES, DMK_RULE_POLICIES_MAX,
				sizeof(*r->policies), dmk_netlink_read_policy,
				(void **)&r->policies, &r->n_policies);
}

static int read_host(struct genl_info *info, struct dmk_host *h)
{
	int ret = read_names(info, h);

	h->keep = nla_get_flag(info->attrs[DMK_A_CONNECT]);
	if (!ret)
		ret = read_addr(info, h);
	if (!ret)
		ret = read_key(info, h);
	if (!ret)
		ret = read_suites(info, h);
	if (!ret)
		ret = read_rule(info, h);
	return ret;
}

int dmk_netlink_host_new(struct sk_buff *skb, struct genl_info *info)
{
	struct dmk_net *dn = dmk_net(genl_info_net(info));
	struct dmk_host *h = kzalloc(sizeof(*h), GFP_KERNEL_ACCOUNT);
	int ret;

	if (!h)
		return -ENOMEM;
	ret = read_host(info, h);
	if (!ret) {
		mutex_lock(&dn->config);
		ret = dmk_host_add(dn, h);
		mutex_unlock(&dn->config);
		if (ret == -ENOSPC)
			DMK_REFUSE(info, DMK_A_ID, ret, "too many hosts are known");
	}
	if (ret)
		discard(h);
	return ret;
}

static int refuse_unknown(struct genl_info *info)
{
	return DMK_REFUSE(info, DMK_A_ID, -ENOENT, "there is no such host");
}

int dmk_netlink_host_del(struct sk_buff *skb, struct genl_info *info)
{
	struct dmk_net *dn = dmk_net(genl_info_net(info));
	struct dmk_id id;
	int ret;

	ret = dmk_netlink_id(info, &id);
	if (ret)
		return ret;
	mutex_lock(&dn->config);
	ret = dmk_host_remove(dn, &id);
	mutex_unlock(&dn->config);
	return ret ? refuse_unknown(info) : 0;
}

static int with_host(struct genl_info *info, void (*fn)(struct dmk_host *h))
{
	struct dmk_host *h;
	struct dmk_id id;
	int ret;

	ret = dmk_netlink_id(info, &id);
	if (ret)
		return ret;
	h = dmk_host_find(dmk_net(genl_info_net(info)), &id, NULL);
	if (!h)
		return refuse_unknown(info);
	fn(h);
	dmk_host_put(h);
	return 0;
}

int dmk_netlink_host_connect(struct sk_buff *skb, struct genl_info *info)
{
	struct dmk_net *dn = dmk_net(genl_info_net(info));

	if (!READ_ONCE(dn->socket.port)) {
		GENL_SET_ERR_MSG(info, "the instance does not listen: set its port first");
		return -ENOTCONN;
	}
	return with_host(info, dmk_host_connect);
}

int dmk_netlink_host_disconnect(struct sk_buff *skb, struct genl_info *info)
{
	return with_host(info, dmk_host_disconnect);
}

/* ---- dump */

static int put_session(struct sk_buff *skb, struct dmk_host *h, const struct dmk_id *id)
{
	time64_t expires;
	u32 spi[2];

	if (!h->since || !dmk_session_host_spis(h->dn, id, spi, &expires))
		return 0;
	return nla_put_u32(skb, DMK_A_SPI_IN, spi[0]) ?:
	       nla_put_u32(skb, DMK_A_SPI_OUT, spi[1]) ?:
	       dmk_netlink_put_u64(skb, DMK_A_SINCE, ktime_get_real_seconds() -
				   ktime_get_boottime_seconds() + h->since) ?:
	       dmk_netlink_put_u64(skb, DMK_A_EXPIRES, expires) ?:
	       (h->initiated ? nla_put_flag(skb, DMK_A_INITIATED) : 0);
}

static int put_host(struct sk_buff *skb, struct dmk_host *h)
{
	struct dmk_id id = dmk_name_id(&h->name), own = dmk_name_id(&h->own);

	return dmk_netlink_put_id(skb, DMK_A_ID_TYPE, DMK_A_ID, &id) ?:
	       dmk_netlink_put_id(skb, DMK_A_OWN_TYPE, DMK_A_OWN, &own) ?:
	       nla_put_u8(skb, DMK_A_HOST_STATE, dmk_host_state(h)) ?:
	       dmk_netlink_put_addr(skb, &h->addr) ?:
	       (h->key ? nla_put_s32(skb, DMK_A_KEY, h->serial) : 0) ?:
	       nla_put_u32(skb, DMK_A_SUITES, h->suites) ?:
	       nla_put_u32(skb, DMK_A_REQID, h->rule->reqid) ?:
	       (h->keep ? nla_put_flag(skb, DMK_A_CONNECT) : 0) ?:
	       (h->rule->n_policies ? dmk_netlink_put_policies(skb, h->rule) : 0) ?:
	       (h->last ? nla_put_string(skb, DMK_A_REASON, dmk_reason_names[h->last]) : 0) ?:
	       put_session(skb, h, &id);
}

static int put(struct sk_buff *skb, struct netlink_callback *cb, struct dmk_host *h)
{
	void *hdr = dmk_netlink_entry(skb, cb, DMK_CMD_HOST_GET);
	int ret;

	if (!hdr)
		return -EMSGSIZE;
	mutex_lock(&h->lock);
	ret = put_host(skb, h);
	mutex_unlock(&h->lock);
	if (ret) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

int dmk_netlink_host_start(struct netlink_callback *cb)
{
	cb->min_dump_alloc = ROOM;
	return 0;
}

int dmk_netlink_host_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct dmk_net *dn = dmk_net(sock_net(cb->skb->sk));
	struct dmk_host *h;
	long at = 0;
	int ret = 0;

	mutex_lock(&dn->config);
	list_for_each_entry(h, &dn->hosts.list, list) {
		if (at++ < cb->args[0])
			continue;
		ret = put(skb, cb, h);
		if (ret)
			break;
		cb->args[0]++;
	}
	mutex_unlock(&dn->config);
	return skb->len ?: ret;
}
