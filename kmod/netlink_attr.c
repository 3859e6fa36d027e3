// SPDX-License-Identifier: GPL-2.0
/* Attributes in and out, and dumps: what the netlink_*.c files share. */

#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <linux/ktime.h>

#include "netlink.h"

int dmk_netlink_put_id(struct sk_buff *skb, int type_attr, int attr, const struct dmk_id *id)
{
	return nla_put_u8(skb, type_attr, id->type) ?:
	       nla_put(skb, attr, id->data.len, id->data.data);
}

int dmk_netlink_put_ip(struct sk_buff *skb, const struct in6_addr *ip)
{
	if (ipv6_addr_v4mapped(ip))
		return nla_put(skb, DMK_A_ADDR, 4, &ip->s6_addr32[3]);
	return nla_put(skb, DMK_A_ADDR, 16, ip);
}

int dmk_netlink_put_addr(struct sk_buff *skb, const struct dmk_addr *addr)
{
	return dmk_netlink_put_ip(skb, &addr->ip) ?:
	       nla_put_u16(skb, DMK_A_ADDR_PORT, ntohs(addr->port));
}

int dmk_netlink_put_u64(struct sk_buff *skb, int attr, u64 value)
{
	return nla_put_u64_64bit(skb, attr, value, DMK_A_PAD);
}

void *dmk_netlink_entry(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd)
{
	return genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			   &dmk_netlink_family, NLM_F_MULTI, cmd);
}

struct dmk_id dmk_netlink_id_of(struct nlattr *type, struct nlattr *data)
{
	return (struct dmk_id){ nla_get_u8(type), { nla_data(data), nla_len(data) } };
}

int dmk_netlink_id(struct genl_info *info, struct dmk_id *id)
{
	if (!info->attrs[DMK_A_ID_TYPE])
		return DMK_REFUSE_MISSING(info, DMK_A_ID_TYPE, "the identity's type is missing");
	if (!info->attrs[DMK_A_ID])
		return DMK_REFUSE_MISSING(info, DMK_A_ID, "the identity is missing");
	*id = dmk_netlink_id_of(info->attrs[DMK_A_ID_TYPE], info->attrs[DMK_A_ID]);
	return 0;
}

int dmk_netlink_refuse_key(struct genl_info *info, long err)
{
	switch (err) {
	case -ENOKEY:
	case -EACCES:
		return DMK_REFUSE(info, DMK_A_KEY, err,
				  "no key of that serial can be found by the caller");
	case -EKEYEXPIRED:
	case -EKEYREVOKED:
		return DMK_REFUSE(info, DMK_A_KEY, err, "the key was revoked or has expired");
	case -ENOMEM:
		return DMK_REFUSE(info, DMK_A_KEY, err, "out of memory");
	default:
		return 0;
	}
}

int dmk_netlink_expires(struct genl_info *info, time64_t *expires)
{
	u64 value;

	if (!info->attrs[DMK_A_EXPIRES])
		return DMK_REFUSE_MISSING(info, DMK_A_EXPIRES,
					  "the end of the certificate's validity is missing");
	value = nla_get_u64(info->attrs[DMK_A_EXPIRES]);
	if (value > S64_MAX)
		return DMK_REFUSE(info, DMK_A_EXPIRES, -EINVAL,
				  "the end of the certificate's validity is no time");
	*expires = value;
	if (*expires < ktime_get_real_seconds())
		return DMK_REFUSE(info, DMK_A_EXPIRES, -EKEYEXPIRED,
				  "the certificate has expired");
	return 0;
}

int dmk_netlink_ip(const struct nlattr *attr, struct in6_addr *ip,
		   struct netlink_ext_ack *extack)
{
	switch (nla_len(attr)) {
	case 4:
		ipv6_addr_set_v4mapped(nla_get_in_addr(attr), ip);
		return 0;
	case 16:
		*ip = nla_get_in6_addr(attr);
		return 0;
	}
	NL_SET_ERR_MSG_ATTR(extack, attr, "an address is 4 or 16 bytes long");
	return -EINVAL;
}

int dmk_netlink_walk_start(struct netlink_callback *cb, struct rhashtable *table)
{
	struct rhashtable_iter *iter = kmalloc(sizeof(*iter), GFP_KERNEL);

	if (!iter)
		return -ENOMEM;
	rhashtable_walk_enter(table, iter);
	cb->args[0] = (long)iter;
	return 0;
}

/* an entry that did not fit is what the next call begins with */
int dmk_netlink_walk(struct sk_buff *skb, struct netlink_callback *cb,
		     int (*put)(struct sk_buff *skb, struct netlink_callback *cb, void *obj))
{
	struct rhashtable_iter *iter = (struct rhashtable_iter *)cb->args[0];
	void *obj;
	int ret = 0;

	rhashtable_walk_start(iter);
	for (obj = rhashtable_walk_peek(iter); obj; obj = rhashtable_walk_next(iter)) {
		if (IS_ERR(obj))	/* -EAGAIN: the table was resized */
			continue;
		ret = put(skb, cb, obj);
		if (ret)
			break;
	}
	rhashtable_walk_stop(iter);
	return skb->len ?: ret;
}

int dmk_netlink_walk_done(struct netlink_callback *cb)
{
	struct rhashtable_iter *iter = (struct rhashtable_iter *)cb->args[0];

	rhashtable_walk_exit(iter);
	kfree(iter);
	return 0;
}
