// SPDX-License-Identifier: GPL-2.0
/* Netlink commands about sessions. */

#include "netlink.h"
#include "netns.h"
#include "sa.h"

enum {
	ROOM = 8192,			/* of a session with 16 verdicts in a dump */
};

int dmk_netlink_session_del(struct sk_buff *skb, struct genl_info *info)
{
	struct dmk_net *dn = dmk_net(genl_info_net(info));
	struct nlattr *spi = info->attrs[DMK_A_SPI_IN];
	struct dmk_id id, *sensor = NULL;
	int ret;

	if (!spi || info->attrs[DMK_A_ID]) {
		ret = dmk_netlink_id(info, &id);
		if (ret)
			return ret;
		sensor = &id;
	}
	if (!dmk_session_end_matching(dn, sensor, spi ? nla_get_u32(spi) : 0)) {
		GENL_SET_ERR_MSG(info, "there is no such session");
		return -ENOENT;
	}
	return 0;
}

/* ---- dump */

static int put_verdicts(struct sk_buff *skb, const struct dmk_session *s)
{
	struct nlattr *list, *entry;
	struct dmk_id id;
	unsigned int i;

	list = nla_nest_start(skb, DMK_A_TPS);
	if (!list)
		return -EMSGSIZE;
	for (i = 0; i < s->n_verdicts; i++) {
		id = dmk_party_id(s->verdicts[i].tp);
		entry = nla_nest_start(skb, i + 1);
		if (!entry || dmk_netlink_put_id(skb, DMK_A_ID_TYPE, DMK_A_ID, &id) ||
		    nla_put_u8(skb, DMK_A_X, s->verdicts[i].x) ||
		    nla_put_u8(skb, DMK_A_VERDICT, s->verdicts[i].wrong))
			return -EMSGSIZE;
		nla_nest_end(skb, entry);
	}
	nla_nest_end(skb, list);
	return 0;
}

static int put_session(struct sk_buff *skb, const struct dmk_session *s)
{
	struct dmk_id id = dmk_party_id(s->sensor);
	struct in6_addr ip;

	dmk_addr_set_ip(&ip, s->sd.family, s->sd.addr);
	return dmk_netlink_put_id(skb, DMK_A_ID_TYPE, DMK_A_ID, &id) ?:
	       dmk_netlink_put_ip(skb, &ip) ?:
	       nla_put_string(skb, DMK_A_NAME, s->rule->name) ?:
	       nla_put_u32(skb, DMK_A_REQID, s->rule->reqid) ?:
	       nla_put_u32(skb, DMK_A_CSB_ID, s->csb_id) ?:
	       nla_put_u32(skb, DMK_A_SPI_IN, be32_to_cpu(s->spi_in)) ?:
	       nla_put_u32(skb, DMK_A_SPI_OUT, be32_to_cpu(dmk_pair_spi_out(&s->sa))) ?:
	       nla_put_u8(skb, DMK_A_SESSION_STATE, READ_ONCE(s->state)) ?:
	       dmk_netlink_put_u64(skb, DMK_A_SINCE, s->since) ?:
	       dmk_netlink_put_u64(skb, DMK_A_EXPIRES, dmk_sa_expires(s->sa.in)) ?:
	       nla_put_u8(skb, DMK_A_N, s->n) ?:
	       nla_put_u8(skb, DMK_A_K, s->k) ?:
	       put_verdicts(skb, s);
}

static int put_usage(struct sk_buff *skb, struct xfrm_state *x, int packets, int bytes,
		     int used)
{
	struct dmk_sa_usage u;

	dmk_sa_usage(x, &u);
	return dmk_netlink_put_u64(skb, packets, u.packets) ?:
	       dmk_netlink_put_u64(skb, bytes, u.bytes) ?:
	       (u.last ? dmk_netlink_put_u64(skb, used, u.last) : 0);
}

static int put_usages(struct sk_buff *skb, const struct dmk_session *s)
{
	return put_usage(skb, s->sa.in, DMK_A_PACKETS_IN, DMK_A_BYTES_IN, DMK_A_USED_IN) ?:
	       put_usage(skb, s->sa.out, DMK_A_PACKETS_OUT, DMK_A_BYTES_OUT, DMK_A_USED_OUT);
}

/* @usage: it is asked for */
struct dump {
	struct sk_buff *skb;
	struct netlink_callback *cb;
	bool usage;
};

static int put(struct dmk_session *s, void *arg)
{
	struct dump *d = arg;
	void *hdr = dmk_netlink_entry(d->skb, d->cb, DMK_CMD_SESSION_GET);

	if (!hdr)
		return -EMSGSIZE;
	if (put_session(d->skb, s) || (d->usage && put_usages(d->skb, s))) {
		genlmsg_cancel(d->skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(d->skb, hdr);
	return 0;
}

int dmk_netlink_session_start(struct netlink_callback *cb)
{
	cb->min_dump_alloc = ROOM;
	return 0;
}

int dmk_netlink_session_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct dump d = { skb, cb, nlmsg_find_attr(cb->nlh, GENL_HDRLEN, DMK_A_USAGE) };
	unsigned long from = cb->args[0];
	int ret;

	ret = dmk_session_each(dmk_net(sock_net(cb->skb->sk)), &from, put, &d);
	cb->args[0] = from;
	return skb->len ?: ret;
}
