// SPDX-License-Identifier: GPL-2.0
/* Lists of names and of prefixes in netlink messages: rules have them, and sensors. */

#include <linux/slab.h>

#include "netlink.h"
#include "rule.h"

/* netlink.c's policy has checked the entries one by one */
int dmk_netlink_list(struct genl_info *info, int attr, unsigned int max, size_t size,
		     int (*read)(struct genl_info *info, struct nlattr *entry,
				 struct nlattr **tb, void *out),
		     void **array, u8 *n)
{
	struct nlattr *tb[DMK_A_MAX + 1], *entry;
	unsigned int count = 0;
	int rem, ret;

	nla_for_each_nested(entry, info->attrs[attr], rem)
		count++;
	if (!count)
		return DMK_REFUSE(info, attr, -EINVAL,
				  "the list is empty; left out it allows any");
	if (count > max)
		return DMK_REFUSE(info, attr, -E2BIG, "the list is too long");
	*array = kcalloc(count, size, GFP_KERNEL_ACCOUNT);
	if (!*array)
		return -ENOMEM;
	nla_for_each_nested(entry, info->attrs[attr], rem) {
		ret = nla_parse_nested(tb, DMK_A_MAX, entry, NULL, info->extack);
		if (!ret)
			ret = read(info, entry, tb, *array + *n * size);
		if (ret)
			return ret;
		++*n;
	}
	return 0;
}

int dmk_netlink_refuse_entry(struct genl_info *info, struct nlattr *attr, const char *why)
{
	if (info->extack) {
		info->extack->_msg = why;
		info->extack->bad_attr = attr;
	}
	return -EINVAL;
}

int dmk_netlink_read_name(struct genl_info *info, struct nlattr *entry, struct nlattr **tb,
			  void *out)
{
	struct dmk_id id;

	if (!tb[DMK_A_ID_TYPE] || !tb[DMK_A_ID])
		return dmk_netlink_refuse_entry(info, entry, "an entry's type or identity is missing");
	id = dmk_netlink_id_of(tb[DMK_A_ID_TYPE], tb[DMK_A_ID]);
	dmk_name_set(out, &id);
	return 0;
}

int dmk_netlink_read_prefix(struct genl_info *info, struct nlattr *entry, struct nlattr **tb,
			    void *out)
{
	struct dmk_prefix *p = out;
	unsigned int len;

	if (!tb[DMK_A_ADDR] || !tb[DMK_A_PREFIX])
		return dmk_netlink_refuse_entry(info, entry,
						"an address or its prefix length is missing");
	if (dmk_netlink_ip(tb[DMK_A_ADDR], &p->ip, info->extack))
		return -EINVAL;
	len = nla_get_u8(tb[DMK_A_PREFIX]);
	if (nla_len(tb[DMK_A_ADDR]) == 4)
		len += 96;
	if (len > 128)
		return dmk_netlink_refuse_entry(info, tb[DMK_A_PREFIX],
						"the prefix is longer than the address");
	p->len = len;
	return 0;
}

int dmk_netlink_put_names(struct sk_buff *skb, int attr, const struct dmk_name *names,
			  unsigned int n)
{
	struct nlattr *list, *entry;
	struct dmk_id id;
	unsigned int i;

	list = nla_nest_start(skb, attr);
	if (!list)
		return -EMSGSIZE;
	for (i = 0; i < n; i++) {
		id = dmk_name_id(&names[i]);
		entry = nla_nest_start(skb, i + 1);
		if (!entry || dmk_netlink_put_id(skb, DMK_A_ID_TYPE, DMK_A_ID, &id))
			return -EMSGSIZE;
		nla_nest_end(skb, entry);
	}
	nla_nest_end(skb, list);
	return 0;
}

static int put_prefix(struct sk_buff *skb, const struct dmk_prefix *p)
{
	bool v4 = ipv6_addr_v4mapped(&p->ip) && p->len >= 96;

	return (v4 ? nla_put(skb, DMK_A_ADDR, 4, &p->ip.s6_addr32[3]) :
		     nla_put(skb, DMK_A_ADDR, 16, &p->ip)) ?:
	       nla_put_u8(skb, DMK_A_PREFIX, v4 ? p->len - 96 : p->len);
}

int dmk_netlink_put_prefixes(struct sk_buff *skb, const struct dmk_prefix *prefixes,
			     unsigned int n)
{
	struct nlattr *list, *entry;
	unsigned int i;

	list = nla_nest_start(skb, DMK_A_PREFIXES);
	if (!list)
		return -EMSGSIZE;
	for (i = 0; i < n; i++) {
		entry = nla_nest_start(skb, i + 1);
		if (!entry || put_prefix(skb, &prefixes[i]))
			return -EMSGSIZE;
		nla_nest_end(skb, entry);
	}
	nla_nest_end(skb, list);
	return 0;
}
