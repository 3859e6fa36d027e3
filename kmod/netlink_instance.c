// SPDX-License-Identifier: GPL-2.0
/* The instance of a namespace, its counters, and the agent's no. */

#include "netlink.h"
#include "netns.h"

enum {
	PORT = 2269,			/* IANA: mikey */
};

static u64 unix_of_ntp(u64 ntp)
{
	return ntp ? (u32)((ntp >> 32) - DMK_NTP_UNIX) : 0;
}

/* accepted since the start, or else, as the agent knows, before */
static u64 highest_t(struct dmk_net *dn)
{
	u64 seen;

	spin_lock_bh(&dn->seen);
	seen = dn->seen_t;
	spin_unlock_bh(&dn->seen);
	return seen ?: READ_ONCE(dn->highest_t);
}

int dmk_netlink_instance_get(struct sk_buff *skb, struct genl_info *info)
{
	struct dmk_net *dn = dmk_net(genl_info_net(info));
	struct sk_buff *reply = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	void *hdr;

	if (!reply)
		return -ENOMEM;
	hdr = genlmsg_put_reply(reply, info, &dmk_netlink_family, 0, DMK_CMD_INSTANCE_GET);
	if (!hdr || nla_put_u16(reply, DMK_A_PORT, READ_ONCE(dn->socket.port)) ||
	    nla_put_u32(reply, DMK_A_SKEW, READ_ONCE(dn->skew)) ||
	    nla_put_u32(reply, DMK_A_QUEUE_LIMIT, READ_ONCE(dn->queue.limit)) ||
	    nla_put_u32(reply, DMK_A_RATE, READ_ONCE(dn->ratelimit.rate)) ||
	    dmk_netlink_put_u64(reply, DMK_A_STARTED, unix_of_ntp(READ_ONCE(dn->started))) ||
	    dmk_netlink_put_u64(reply, DMK_A_HIGHEST_T, highest_t(dn)) ||
	    nla_put_u32(reply, DMK_A_ENVELOPE_LIFE, READ_ONCE(dn->envelope_life))) {
		nlmsg_free(reply);
		return -EMSGSIZE;
	}
	genlmsg_end(reply, hdr);
	return genlmsg_reply(reply, info);
}

/* what the agent has kept from before a start; a running instance that knows
 * it already knows better
 */
static void set_highest_t(struct dmk_net *dn, u64 t)
{
	if (dn->started && dn->highest_t)
		return;
	if (!dn->highest_t || (s64)(t - dn->highest_t) > 0)
		WRITE_ONCE(dn->highest_t, t);
}

static void set_numbers(struct dmk_net *dn, struct nlattr **attrs)
{
	if (attrs[DMK_A_SKEW])
		WRITE_ONCE(dn->skew, nla_get_u32(attrs[DMK_A_SKEW]));
	if (attrs[DMK_A_QUEUE_LIMIT])
		WRITE_ONCE(dn->queue.limit, nla_get_u32(attrs[DMK_A_QUEUE_LIMIT]));
	if (attrs[DMK_A_RATE])
		WRITE_ONCE(dn->ratelimit.rate, nla_get_u32(attrs[DMK_A_RATE]));
	if (attrs[DMK_A_ENVELOPE_LIFE]) {
		WRITE_ONCE(dn->envelope_life, nla_get_u32(attrs[DMK_A_ENVELOPE_LIFE]));
		dmk_cache_review(dn);
	}
	if (attrs[DMK_A_HIGHEST_T])
		set_highest_t(dn, nla_get_u64(attrs[DMK_A_HIGHEST_T]));
}

/* @started has to stand before the first message comes in */
static int listen(struct dmk_net *dn, u16 port)
{
	u64 started = dn->started;
	int ret;

	if (port == dn->socket.port)
		return 0;
	if (port && !started)
		dmk_ntp_start(dn);
	ret = dmk_socket_listen(dn, port);
	if (ret)
		WRITE_ONCE(dn->started, started);
	return ret;
}

static int set(struct dmk_net *dn, struct genl_info *info)
{
	u16 port = dn->started ? dn->socket.port : PORT;
	int ret;

	if (info->attrs[DMK_A_PORT])
		port = nla_get_u16(info->attrs[DMK_A_PORT]);
	/* they stand before the first message comes in */
	set_numbers(dn, info->attrs);
	dmk_upcall_forget(dn);
	ret = listen(dn, port);
	if (ret)
		return DMK_REFUSE(info, DMK_A_PORT, ret,
				  "the UDP port cannot be opened: the old one is kept, the other values are set");
	return 0;
}

int dmk_netlink_instance_set(struct sk_buff *skb, struct genl_info *info)
{
	struct dmk_net *dn = dmk_net(genl_info_net(info));
	int ret;

	mutex_lock(&dn->config);
	ret = set(dn, info);
	mutex_unlock(&dn->config);
	return ret;
}

/* ---- counters: first those that are no refusals, then side by side */

struct counter {
	enum dmk_side side;
	const char *stat;
	const char *reason;
	u64 value;
};

/* the @i-th counter; false behind the last one */
static bool counter_at(struct dmk_net *dn, unsigned long i, struct counter *c)
{
	unsigned long reasons = DMK_REASON_COUNT - 1;
	enum dmk_reason reason;

	*c = (struct counter){ };
	if (i < DMK_STAT_COUNT) {
		c->stat = dmk_stat_names[i];
		c->value = dmk_stats_sum(dn, i);
		return true;
	}
	i -= DMK_STAT_COUNT;
	if (i >= reasons * __DMK_SIDE_COUNT)
		return false;
	c->side = i / reasons;
	reason = 1 + i % reasons;
	c->stat = "refused";
	c->reason = dmk_reason_names[reason];
	c->value = dmk_stats_sum_refused(dn, c->side, reason);
	return true;
}

static int put_counter(struct sk_buff *skb, int index, const struct counter *c)
{
	struct nlattr *nest = nla_nest_start(skb, index);

	if (!nest)
		return -EMSGSIZE;
	if (nla_put_u8(skb, DMK_A_SIDE, c->side) ||
	    nla_put_string(skb, DMK_A_STAT, c->stat) ||
	    (c->reason && nla_put_string(skb, DMK_A_REASON, c->reason)) ||
	    dmk_netlink_put_u64(skb, DMK_A_VALUE, c->value)) {
		nla_nest_cancel(skb, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}

/* a message with as many as fit */
int dmk_netlink_stats_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct dmk_net *dn = dmk_net(sock_net(cb->skb->sk));
	unsigned long first = cb->args[0];
	struct nlattr *list;
	struct counter c;
	void *hdr;

	if (!counter_at(dn, first, &c))
		return 0;
	hdr = dmk_netlink_entry(skb, cb, DMK_CMD_STATS_GET);
	list = hdr ? nla_nest_start(skb, DMK_A_STATS) : NULL;
	if (!list)
		return -EMSGSIZE;
	while (counter_at(dn, cb->args[0], &c) &&
	       !put_counter(skb, cb->args[0] - first + 1, &c))
		cb->args[0]++;
	if (cb->args[0] == first)
		return -EMSGSIZE;
	nla_nest_end(skb, list);
	genlmsg_end(skb, hdr);
	return skb->len;
}

int dmk_netlink_upcall_refuse(struct sk_buff *skb, struct genl_info *info)
{
	struct dmk_net *dn = dmk_net(genl_info_net(info));

	if (!info->attrs[DMK_A_UPCALL_ID])
		return DMK_REFUSE_MISSING(info, DMK_A_UPCALL_ID,
					  "the number of the question is missing");
	if (dmk_upcall_refuse(dn, nla_get_u32(info->attrs[DMK_A_UPCALL_ID])))
		return DMK_REFUSE(info, DMK_A_UPCALL_ID, -ENOENT,
				  "no such question is open; it may have been answered or given up");
	return 0;
}
