// SPDX-License-Identifier: GPL-2.0
/*
 * UDP sockets. What comes in is checked in softirq as far as that needs no
 * key: length, structure, a known responder, the rate, or a cookie.
 * What is left is queued for a worker.
 */

#include <net/addrconf.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/udp.h>

#include "compat.h"
#include "error.h"
#include "netns.h"
#include "trace.h"

#define HEADROOM (ALIGN(sizeof(struct ipv6hdr) + sizeof(struct udphdr), 4) + LL_MAX_HEADER)

/* the message in hand of each CPU's softirq: too large for its stack */
static DEFINE_PER_CPU(struct dmk_message, in_hand);

static int send4(struct sock *sk, const struct dmk_addr *to, struct sk_buff *skb)
{
	struct flowi4 fl = {
		.daddr = to->ip.s6_addr32[3],
		.saddr = ipv6_addr_v4mapped(&to->local) ? to->local.s6_addr32[3] : 0,
		.fl4_dport = to->port,
		.fl4_sport = inet_sk(sk)->inet_sport,
		.flowi4_proto = IPPROTO_UDP,
	};
	struct rtable *rt;

	security_sk_classify_flow(sk, flowi4_to_flowi_common(&fl));
	if (fl.saddr && inet_addr_type(sock_net(sk), fl.saddr) != RTN_LOCAL)
		fl.saddr = 0;
	rt = ip_route_output_flow(sock_net(sk), &fl, sk);
	if (IS_ERR(rt)) {
		kfree_skb(skb);
		return PTR_ERR(rt);
	}
	skb->ignore_df = 1;
	dmk_udp_xmit4(rt, sk, skb, &fl);
	return 0;
}

static int send6(struct sock *sk, const struct dmk_addr *to, struct sk_buff *skb)
{
	struct flowi6 fl = {
		.daddr = to->ip,
		.saddr = to->local,
		.fl6_dport = to->port,
		.fl6_sport = inet_sk(sk)->inet_sport,
		.flowi6_oif = to->ifindex,
		.flowi6_proto = IPPROTO_UDP,
	};
	struct dst_entry *dst;

	security_sk_classify_flow(sk, flowi6_to_flowi_common(&fl));
	if (!ipv6_addr_any(&fl.saddr) &&
	    !ipv6_chk_addr(sock_net(sk), &fl.saddr, NULL, 0))
		fl.saddr = in6addr_any;
	dst = dmk_ip6_route(sk, &fl);
	if (IS_ERR(dst)) {
		kfree_skb(skb);
		return PTR_ERR(dst);
	}
	skb->ignore_df = 1;
	dmk_udp_xmit6(dst, sk, skb, &fl);
	return 0;
}

void dmk_socket_send(struct dmk_net *dn, const struct dmk_addr *to,
		     const u8 *data, size_t len)
{
	struct sk_buff *skb = alloc_skb(HEADROOM + len, GFP_ATOMIC);
	bool v4 = dmk_addr_is_v4(to);
	struct sock *sk;
	int err = -ENOTCONN;

	if (!skb)
		goto failed;
	skb_reserve(skb, HEADROOM);
	skb_set_inner_network_header(skb, 0);
	skb_put_data(skb, data, len);

	rcu_read_lock_bh();
	sk = v4 ? rcu_dereference_bh(dn->socket.sk4) : rcu_dereference_bh(dn->socket.sk6);
	if (!sk)
		kfree_skb(skb);
	else
		err = v4 ? send4(sk, to, skb) : send6(sk, to, skb);
	rcu_read_unlock_bh();
	if (err)
		goto failed;
	dmk_stats_inc(dn, DMK_STAT_SENT);
	trace_dmk_sent(dn, to, len);
	return;

failed:
	dmk_stats_inc(dn, DMK_STAT_SEND_FAILED);
}

static void address_of(const struct sk_buff *skb, struct dmk_addr *a)
{
	memset(a, 0, sizeof(*a));
	a->port = udp_hdr(skb)->source;
	if (skb->protocol == htons(ETH_P_IP)) {
		ipv6_addr_set_v4mapped(ip_hdr(skb)->saddr, &a->ip);
		ipv6_addr_set_v4mapped(ip_hdr(skb)->daddr, &a->local);
		return;
	}
	a->ip = ipv6_hdr(skb)->saddr;
	a->local = ipv6_hdr(skb)->daddr;
	if (ipv6_addr_type(&a->ip) & IPV6_ADDR_LINKLOCAL)
		a->ifindex = skb->skb_iif;
}

static unsigned int roles_of(struct dmk_net *dn)
{
	return (dmk_local_plays(dn, DMK_ROLE_TP) ? DMK_AT_TP : 0) |
	       (dmk_local_plays(dn, DMK_ROLE_R) ? DMK_AT_R : 0) |
	       (dmk_host_any(dn) ? DMK_AT_HOST : 0);
}

/* where a refusal is counted before it is clear whose the message is */
static enum dmk_side side_of_roles(unsigned int roles)
{
	if (roles == DMK_AT_TP)
		return DMK_SIDE_TP;
	if (roles == DMK_AT_R)
		return DMK_SIDE_R;
	if (roles == DMK_AT_HOST)
		return DMK_SIDE_HOST;
	return DMK_SIDE_SOCKET;
}

/* requests are those that a cookie can be asked for, 7.3 */
static bool is_request(const struct dmk_message *m)
{
	return m->kind == DMK_I_TP || dmk_side_of(m->kind) == DMK_SIDE_R ||
	       m->kind == DMK_PSK || m->kind == DMK_PK;
}

static bool knows_idr(struct dmk_net *dn, const struct dmk_message *m)
{
	struct dmk_local *l;
	struct dmk_peer *p;

	if (m->kind == DMK_I_TP) {
		p = dmk_cert_responder(dn, &m->idr);
		dmk_cert_put(p);
		return p;
	}
	if (dmk_side_of(m->kind) != DMK_SIDE_R)
		return true;
	l = dmk_local_responder(dn, &m->idr);
	dmk_local_put(l);
	return l;
}

static void challenge(struct dmk_net *dn, const struct dmk_addr *from,
		      const struct dmk_message *m)
{
	u8 out[64];
	u32 len = dmk_cookie_challenge(&dn->cookie, from, m, out);

	if (!len)
		return;
	dmk_socket_send(dn, from, out, len);
	dmk_stats_inc(dn, DMK_STAT_COOKIE_SENT);
}

/* whether who sends it hears what is sent there: it has a cookie, or answers what went there */
static bool is_proven(struct dmk_net *dn, const struct dmk_addr *from,
		      const struct dmk_message *m)
{
	if (is_request(m))
		return dmk_cookie_valid(&dn->cookie, from, m);
	/* an error may be either's */
	return (m->kind != DMK_R_TP && dmk_host_awaits(dn, m, from)) ||
	       (dmk_side_of(m->kind) == DMK_SIDE_TP && dmk_transit_awaits(dn, m, from));
}

/*
 * Who forges an address uses up its rate here, and what we answer uses up ours there. So
 * above it, as under load, it is the turn of proof, behind which the address has a rate of
 * its own. No limit stands before challenges: who forges would use that up as well,
 * and gets one message for each, none longer.
 */
static enum dmk_reason ration(struct dmk_net *dn, const struct dmk_addr *from,
			      const struct dmk_message *m)
{
	bool loaded = dmk_queue_loaded(dn);

	if (!loaded && dmk_ratelimit_allow(&dn->ratelimit, from))
		return DMK_OK;
	if (is_proven(dn, from, m))
		return dmk_ratelimit_allow_proven(&dn->ratelimit, from) ?
		       DMK_OK : DMK_REASON_RATE_SOURCE;
	if (is_request(m)) {
		challenge(dn, from, m);
		return DMK_REASON_COOKIE;
	}
	return loaded ? DMK_REASON_NOT_LATEST_T : DMK_REASON_RATE_SOURCE;
}

/* no sensor and no third party is asked to prove anything for what nobody here can use */
static enum dmk_reason ration_unknown(struct dmk_net *dn, const struct dmk_addr *from)
{
	return dmk_ratelimit_allow(&dn->ratelimit, from) ? DMK_OK : DMK_REASON_RATE_SOURCE;
}

/* protocol.md 7: what is checked before anything is looked up by sender */
static enum dmk_reason admit(struct dmk_net *dn, const struct dmk_addr *from,
			     const struct dmk_message *m)
{
	/* hosts are looked through one by one: not before the rate */
	bool host = m->kind == DMK_PSK || m->kind == DMK_PK;
	bool known = knows_idr(dn, m);
	enum dmk_reason reason = known ? ration(dn, from, m) : ration_unknown(dn, from);

	if (reason)
		return reason;
	if (host)
		known = dmk_host_knows(dn, m);
	if (known)
		return DMK_OK;
	if (m->kind == DMK_I_TP)
		dmk_error_hint(dn, from, m, DMK_ERR_RESPONDER);
	/* hosts know each other beforehand: nobody asks the agent for one */
	return host ? DMK_REASON_UNKNOWN_SENDER : DMK_REASON_UNKNOWN_IDR;
}

/* 7.3: all authentication is without COOKIE; error 241 is there to bring one */
static enum dmk_reason enqueue(struct dmk_net *dn, const struct dmk_addr *from,
			       const struct dmk_message *m)
{
	bool keep = m->kind == DMK_ERR && m->error == DMK_ERR_COOKIE;
	struct dmk_datagram *d = dmk_datagram_new(from, m->raw, GFP_ATOMIC);

	if (!d)
		return DMK_REASON_MEMORY;
	if (!keep)
		d->len = dmk_message_strip_cookie(d->data, d->len);
	if (dmk_queue_add(dn, d))
		return DMK_OK;
	dmk_datagram_free(d);
	return DMK_REASON_QUEUE_FULL;
}

static void receive_datagram(struct dmk_net *dn, struct sk_buff *skb)
{
	struct dmk_message *m = this_cpu_ptr(&in_hand);
	unsigned int roles = roles_of(dn);
	enum dmk_side side = side_of_roles(roles);
	enum dmk_reason reason;
	struct dmk_who who = { };
	struct dmk_addr from;
	bool read = false;
	u32 len;

	/* udp_rcv() has pulled the UDP header and checked the length in it */
	address_of(skb, &from);
	len = ntohs(udp_hdr(skb)->len) - sizeof(struct udphdr);
	dmk_stats_inc(dn, DMK_STAT_RECEIVED);

	reason = DMK_REASON_OVERSIZED;
	if (len > DMK_MSG_MAX)
		goto refuse;
	reason = DMK_REASON_MEMORY;
	if (!pskb_may_pull(skb, sizeof(struct udphdr) + len))
		goto refuse;
	trace_dmk_datagram(dn, &from, len);
	reason = dmk_message_parse(m, roles, skb->data + sizeof(struct udphdr), len);
	if (reason)
		goto refuse;
	side = dmk_side_of(m->kind);
	read = true;
	if (side == DMK_SIDE_HOST)
		reason = dmk_message_check_host(m);
	if (reason)
		goto refuse;
	reason = admit(dn, &from, m);
	if (reason)
		goto refuse;
	reason = enqueue(dn, &from, m);
	if (reason)
		goto refuse;
	return;

refuse:
	if (read)
		who = dmk_event_claim(m);
	dmk_stats_refuse(dn, side, reason, &from, &who);
}

static int receive(struct sock *sk, struct sk_buff *skb)
{
	struct dmk_net *dn = rcu_dereference_sk_user_data(sk);

	if (dn)
		receive_datagram(dn, skb);
	kfree_skb(skb);
	return 0;
}

static int open_socket(struct dmk_net *dn, u8 family, u16 port, struct socket **out)
{
	struct udp_tunnel_sock_cfg cfg = {
		.sk_user_data = dn,
		.encap_type = 1,
		.encap_rcv = receive,
	};
	struct udp_port_cfg pc = {
		.family = family,
		.local_udp_port = htons(port),
		.use_udp_checksums = true,
		.use_udp6_tx_checksums = true,
		.use_udp6_rx_checksums = true,
		.ipv6_v6only = true,
	};
	int err = udp_sock_create(dn->net, &pc, out);

	if (err < 0)
		return err;
	(*out)->sk->sk_allocation = GFP_ATOMIC;
	dmk_udp_tunnel_setup(dn->net, *out, &cfg);
	return 0;
}

static void close_socket(struct sock *sk)
{
	if (sk)
		dmk_udp_tunnel_release(sk);
}

/* the new sockets replace the old ones; dmk_net.config is held */
static void replace(struct dmk_net *dn, struct sock *sk4, struct sock *sk6, u16 port)
{
	sk4 = rcu_replace_pointer(dn->socket.sk4, sk4, lockdep_is_held(&dn->config));
	sk6 = rcu_replace_pointer(dn->socket.sk6, sk6, lockdep_is_held(&dn->config));
	WRITE_ONCE(dn->socket.port, port);
	synchronize_net();
	close_socket(sk4);
	close_socket(sk6);
	/* no softirq is in receive() with dn any more */
	synchronize_net();
}

int dmk_socket_listen(struct dmk_net *dn, u16 port)
{
	struct socket *s4 = NULL, *s6 = NULL;
	int err;

	if (port == dn->socket.port)
		return 0;
	if (!port) {
		replace(dn, NULL, NULL, 0);
		return 0;
	}
	err = open_socket(dn, AF_INET, port, &s4);
	if (err)
		return err;
	if (ipv6_mod_enabled()) {
		err = open_socket(dn, AF_INET6, port, &s6);
		if (err) {
			close_socket(s4->sk);
			return err;
		}
	}
	replace(dn, s4->sk, s6 ? s6->sk : NULL, port);
	return 0;
}
