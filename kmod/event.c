// SPDX-License-Identifier: GPL-2.0
/* Multicast events for administrators. */

#include "compat.h"
#include "netlink.h"
#include "netns.h"
#include "trace.h"

enum {
	MESSAGES = 500,			/* events a second */
	REFUSALS = 100,			/* of the authenticated, and as many of all others */
	ROOM = 1024,			/* two identities of 255 bytes and the rest */
};

static const char *const kind_names[] = {
	[DMK_I_TP] = "I_TP",
	[DMK_TP_I] = "TP_I",
	[DMK_TP_R] = "TP_R",
	[DMK_TP_R_CACHED] = "TP_R_CACHED",
	[DMK_R_TP] = "R_TP",
	[DMK_R_I] = "R_I",
	[DMK_U_R] = "U_R",
	[DMK_R_U] = "R_U",
	[DMK_ERR] = "ERR",
	[DMK_PSK] = "PSK",
	[DMK_PSK_VER] = "PSK_VER",
	[DMK_PK] = "PK",
	[DMK_PK_VER] = "PK_VER",
};

static void limit(struct ratelimit_state *rs, int burst)
{
	ratelimit_state_init(rs, HZ, burst);
	/* do not print how many were left out */
	ratelimit_set_flags(rs, RATELIMIT_MSG_ON_RELEASE);
}

void dmk_event_init(struct dmk_net *dn)
{
	limit(&dn->events.message, MESSAGES);
	limit(&dn->events.refused, REFUSALS);
	limit(&dn->events.claimed, REFUSALS);
}

bool dmk_event_is_heard(struct dmk_net *dn)
{
	return genl_has_listeners(&dmk_netlink_family, dn->net, DMK_GROUP_EVENT);
}

/* a message with the event's type in it, or NULL */
static struct sk_buff *begin(enum dmk_event_type event, void **hdr)
{
	struct sk_buff *skb = genlmsg_new(ROOM, GFP_ATOMIC);

	if (!skb)
		return NULL;
	*hdr = genlmsg_put(skb, 0, 0, &dmk_netlink_family, 0, DMK_CMD_EVENT_NTF);
	if (*hdr && !nla_put_u8(skb, DMK_A_EVENT, event))
		return skb;
	nlmsg_free(skb);
	return NULL;
}

/* @failed: something did not fit */
static void finish(struct dmk_net *dn, struct sk_buff *skb, void *hdr, bool failed)
{
	if (failed) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_end(skb, hdr);
	genlmsg_multicast_netns(&dmk_netlink_family, dn->net, skb, 0, DMK_GROUP_EVENT,
				GFP_ATOMIC);
}

static bool put_who(struct sk_buff *skb, const struct dmk_id *id)
{
	return id && dmk_netlink_put_id(skb, DMK_A_ID_TYPE, DMK_A_ID, id);
}

static bool put_peer(struct sk_buff *skb, const struct dmk_id *id)
{
	return id && dmk_netlink_put_id(skb, DMK_A_PEER_TYPE, DMK_A_PEER, id);
}

static bool put_addr(struct sk_buff *skb, const struct dmk_addr *addr)
{
	return addr && dmk_netlink_put_addr(skb, addr);
}

void dmk_event_message(struct dmk_net *dn, enum dmk_side side, enum dmk_kind kind,
		       bool sent, u32 len, const struct dmk_addr *addr,
		       const struct dmk_id *who, const struct dmk_id *peer)
{
	struct sk_buff *skb;
	void *hdr;

	if (!dmk_event_is_heard(dn) || !__ratelimit(&dn->events.message))
		return;
	skb = begin(DMK_EVENT_MESSAGE, &hdr);
	if (!skb)
		return;
	finish(dn, skb, hdr,
	       nla_put_u8(skb, DMK_A_SIDE, side) ||
	       nla_put_string(skb, DMK_A_MESSAGE, kind_names[kind]) ||
	       (sent && nla_put_flag(skb, DMK_A_SENT)) ||
	       nla_put_u32(skb, DMK_A_LEN, len) ||
	       put_addr(skb, addr) || put_who(skb, who) || put_peer(skb, peer));
}

struct dmk_who dmk_event_claim(const struct dmk_message *m)
{
	const struct dmk_id *peer = m->kind == DMK_TP_R_CACHED ? &m->idtp : &m->idr;
	/* at R the other end is not R; a signed message 3 names it in a certificate */
	bool named = peer->data.len && m->kind != DMK_TP_R && m->kind != DMK_U_R;

	return (struct dmk_who){
		.sensor = m->idi.data.len ? &m->idi : NULL,
		.peer = named ? peer : NULL,
		.message = kind_names[m->kind],
	};
}

static bool put_claim(struct sk_buff *skb, const struct dmk_who *who)
{
	return (who->sensor && dmk_netlink_put_id(skb, DMK_A_CLAIMED_TYPE, DMK_A_CLAIMED,
						  who->sensor)) ||
	       (who->peer && dmk_netlink_put_id(skb, DMK_A_CLAIMED_PEER_TYPE,
						DMK_A_CLAIMED_PEER, who->peer));
}

static bool put_refused(struct sk_buff *skb, const struct dmk_who *who)
{
	if (!who)
		return false;
	if (who->message && nla_put_string(skb, DMK_A_MESSAGE, who->message))
		return true;
	return who->authentic ? put_who(skb, who->sensor) || put_peer(skb, who->peer) :
				put_claim(skb, who);
}

void dmk_event_refused(struct dmk_net *dn, enum dmk_side side, enum dmk_reason reason,
		       const struct dmk_addr *from, const struct dmk_who *who)
{
	bool authentic = who && who->authentic;
	struct sk_buff *skb;
	void *hdr;

	if (!dmk_event_is_heard(dn) ||
	    !__ratelimit(authentic ? &dn->events.refused : &dn->events.claimed))
		return;
	skb = begin(DMK_EVENT_REFUSED, &hdr);
	if (!skb)
		return;
	finish(dn, skb, hdr,
	       nla_put_u8(skb, DMK_A_SIDE, side) ||
	       nla_put_string(skb, DMK_A_REASON, dmk_reason_names[reason]) ||
	       put_addr(skb, from) || put_refused(skb, who));
}

void dmk_event_session(struct dmk_net *dn, enum dmk_event_type event,
		       const struct dmk_session *s, enum dmk_reason reason)
{
	struct dmk_id who = dmk_party_id(s->sensor);
	u32 spi_in = be32_to_cpu(s->spi_in), spi_out = be32_to_cpu(dmk_pair_spi_out(&s->sa));
	struct sk_buff *skb;
	void *hdr;

	trace_dmk_session(dn, event, spi_in, spi_out, reason);
	if (!dmk_event_is_heard(dn))
		return;
	skb = begin(event, &hdr);
	if (!skb)
		return;
	finish(dn, skb, hdr,
	       put_who(skb, &who) || nla_put_string(skb, DMK_A_NAME, s->rule->name) ||
	       nla_put_u32(skb, DMK_A_CSB_ID, s->csb_id) ||
	       nla_put_u32(skb, DMK_A_SPI_IN, spi_in) ||
	       nla_put_u32(skb, DMK_A_SPI_OUT, spi_out) ||
	       nla_put_u8(skb, DMK_A_N, s->n) || nla_put_u8(skb, DMK_A_K, s->k) ||
	       (reason && nla_put_string(skb, DMK_A_REASON, dmk_reason_names[reason])));
}

void dmk_event_verdict(struct dmk_net *dn, const struct dmk_id *sensor,
		       const struct dmk_id *tp, u8 x)
{
	struct sk_buff *skb;
	void *hdr;

	if (!dmk_event_is_heard(dn))
		return;
	skb = begin(DMK_EVENT_VERDICT, &hdr);
	if (!skb)
		return;
	finish(dn, skb, hdr,
	       put_who(skb, sensor) || put_peer(skb, tp) ||
	       nla_put_u8(skb, DMK_A_X, x) || nla_put_u8(skb, DMK_A_VERDICT, 1));
}

void dmk_event_counter(struct dmk_net *dn, const struct dmk_id *sensor, u32 counter)
{
	struct sk_buff *skb;
	void *hdr;

	if (!dmk_event_is_heard(dn))
		return;
	skb = begin(DMK_EVENT_COUNTER, &hdr);
	if (!skb)
		return;
	finish(dn, skb, hdr,
	       put_who(skb, sensor) || nla_put_u32(skb, DMK_A_COUNTER, counter));
}

void dmk_event_highest_t(struct dmk_net *dn, u64 t)
{
	struct sk_buff *skb;
	void *hdr;

	if (!dmk_event_is_heard(dn))
		return;
	skb = begin(DMK_EVENT_COUNTER, &hdr);
	if (!skb)
		return;
	finish(dn, skb, hdr, dmk_netlink_put_u64(skb, DMK_A_HIGHEST_T, t));
}
