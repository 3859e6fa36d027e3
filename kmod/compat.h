/* SPDX-License-Identifier: GPL-2.0 */
/* What differs between the kernels that are supported; nowhere else. */
#ifndef DMK_COMPAT_H
#define DMK_COMPAT_H

#include <linux/version.h>
#include <net/genetlink.h>
#include <net/ipv6.h>
#include <net/udp_tunnel.h>
#include <net/xfrm.h>
/* calls of IPv6 as a module; where it is built in always, there are none */
#if __has_include(<net/ipv6_stubs.h>)
#include <net/ipv6_stubs.h>
#define DMK_IPV6_STUBS
#endif
/* crypto_memneq() and crypto_xor() */
#if __has_include(<crypto/utils.h>)
#include <crypto/utils.h>
#else
#include <crypto/algapi.h>
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#error "dmikey needs Linux 6.1 or later"
#endif

/* The message in hand (socket.c) is one a CPU: of PREEMPT_RT's softirqs, one at a time
 * has to run there. From 6.18 on that is a choice.
 */
#if defined(CONFIG_PREEMPT_RT) && LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0) && \
	!defined(CONFIG_PREEMPT_RT_NEEDS_BH_LOCK)
#error "dmikey needs CONFIG_PREEMPT_RT_NEEDS_BH_LOCK"
#endif

/* 6.8, and stable kernels since the end of 2023, ask who may join a group.
 * Before, anybody could: what is multicast holds no secret, but it names
 * sensors.
 */
#ifdef GENL_MCAST_CAP_NET_ADMIN
#define DMK_MCGRP(text) { .name = (text), .flags = GENL_MCAST_CAP_NET_ADMIN }
#else
#define DMK_MCGRP(text) { .name = (text) }
#endif

/* 6.16 wants to know whom to tell */
static inline int dmk_xfrm_init_state(struct xfrm_state *x)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 16, 0)
	return xfrm_init_state(x, NULL);
#else
	return xfrm_init_state(x);
#endif
}

static inline struct dst_entry *dmk_ip6_route(struct sock *sk, struct flowi6 *fl)
{
#ifdef DMK_IPV6_STUBS
	return ipv6_stub->ipv6_dst_lookup_flow(sock_net(sk), sk, fl, NULL);
#else
	return ip6_dst_lookup_flow(sock_net(sk), sk, fl, NULL);
#endif
}

/* 6.17 asks for flags of the control block */
static inline void dmk_udp_xmit4(struct rtable *rt, struct sock *sk, struct sk_buff *skb,
				 const struct flowi4 *fl)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 17, 0)
	udp_tunnel_xmit_skb(rt, sk, skb, fl->saddr, fl->daddr, 0, ip4_dst_hoplimit(&rt->dst),
			    0, fl->fl4_sport, fl->fl4_dport, false, false, 0);
#else
	udp_tunnel_xmit_skb(rt, sk, skb, fl->saddr, fl->daddr, 0, ip4_dst_hoplimit(&rt->dst),
			    0, fl->fl4_sport, fl->fl4_dport, false, false);
#endif
}

static inline void dmk_udp_xmit6(struct dst_entry *dst, struct sock *sk, struct sk_buff *skb,
				 struct flowi6 *fl)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 17, 0)
	udp_tunnel6_xmit_skb(dst, sk, skb, NULL, &fl->saddr, &fl->daddr, 0,
			     ip6_dst_hoplimit(dst), 0, fl->fl6_sport, fl->fl6_dport, false, 0);
#else
	udp_tunnel6_xmit_skb(dst, sk, skb, NULL, &fl->saddr, &fl->daddr, 0,
			     ip6_dst_hoplimit(dst), 0, fl->fl6_sport, fl->fl6_dport, false);
#endif
}

/* The oldest 7.x that Debian has headers of, 7.2, takes struct sock. */
static inline void dmk_udp_tunnel_setup(struct net *net, struct socket *sock,
					struct udp_tunnel_sock_cfg *cfg)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 0, 0)
	setup_udp_tunnel_sock(net, sock->sk, cfg);
#else
	setup_udp_tunnel_sock(net, sock, cfg);
#endif
}

static inline void dmk_udp_tunnel_release(struct sock *sk)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 0, 0)
	udp_tunnel_sock_release(sk);
#else
	udp_tunnel_sock_release(sk->sk_socket);
#endif
}

#endif
