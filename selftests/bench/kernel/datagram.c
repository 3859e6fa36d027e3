// SPDX-License-Identifier: GPL-2.0
/*
 * Datagrams as kmod/socket.c takes and sends them: a UDP socket of the kernel
 * that hears in softirq, and udp_tunnel6_xmit_skb(). Either sent from here, to a
 * socket on loopback or to nobody, or answered to whoever sends.
 */
#include <linux/atomic.h>
#include <linux/inet.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/ipv6_stubs.h>
#include <net/udp.h>
#include <net/udp_tunnel.h>

#include "bench.h"
#include "limits.h"

#define HEADROOM (ALIGN(sizeof(struct ipv6hdr) + sizeof(struct udphdr), 4) + LL_MAX_HEADER)
#define PORT 22690	/* of datagrams that are sent here */
#define SESSION 3	/* shares that a session takes */
#define BATCH 10	/* sessions a round */
#define PATIENCE (5 * HZ)	/* for an answer */

/**
 * struct to - where a datagram goes
 * @daddr: to whom
 * @saddr: from which of our addresses
 * @port: whose port
 * @len: bytes of payload
 */
struct to {
	struct in6_addr daddr, saddr;
	__be16 port;
	u32 len;
};

static int send(struct sock *sk, const struct to *to)
{
	struct flowi6 fl = {
		.daddr = to->daddr,
		.saddr = to->saddr,
		.fl6_dport = to->port,
		.fl6_sport = inet_sk(sk)->inet_sport,
		.flowi6_proto = IPPROTO_UDP,
	};
	struct sk_buff *skb = alloc_skb(HEADROOM + to->len, GFP_ATOMIC);
	struct dst_entry *dst;

	if (!skb)
		return -ENOMEM;
	skb_reserve(skb, HEADROOM);
	skb_set_inner_network_header(skb, 0);
	skb_put_zero(skb, to->len);
	dst = ipv6_stub->ipv6_dst_lookup_flow(sock_net(sk), sk, &fl, NULL);
	if (IS_ERR(dst)) {
		kfree_skb(skb);
		return PTR_ERR(dst);
	}
	skb->ignore_df = 1;
	udp_tunnel6_xmit_skb(dst, sk, skb, NULL, &fl.saddr, &fl.daddr, 0,
			     ip6_dst_hoplimit(dst), 0, fl.fl6_sport, fl.fl6_dport, false);
	return 0;
}

static struct socket *open_socket(u16 port, int (*receive)(struct sock *sk, struct sk_buff *skb))
{
	struct udp_tunnel_sock_cfg cfg = {
		.encap_type = 1,
		.encap_rcv = receive,
	};
	struct udp_port_cfg pc = {
		.family = AF_INET6,
		.local_udp_port = htons(port),
		.use_udp_checksums = true,
		.use_udp6_tx_checksums = true,
		.use_udp6_rx_checksums = true,
		.ipv6_v6only = true,
	};
	struct socket *sock;
	int err = udp_sock_create(&init_net, &pc, &sock);

	if (err < 0)
		return ERR_PTR(err);
	sock->sk->sk_allocation = GFP_ATOMIC;
	setup_udp_tunnel_sock(&init_net, sock, &cfg);
	return sock;
}

static void close_socket(struct socket *sock)
{
	udp_tunnel_sock_release(sock);
	/* no softirq is in its receiver any more */
	synchronize_net();
}

/* ---- sent from here */

static struct to target;
static u32 answers;	/* that three datagrams to it have */
static atomic_t heard;

static int hear(struct sock *sk, struct sk_buff *skb)
{
	atomic_inc(&heard);
	kfree_skb(skb);
	return 0;
}

static int await(int n)
{
	unsigned long end = jiffies + PATIENCE;

	while (atomic_read(&heard) != n) {
		if (time_after(jiffies, end) || signal_pending(current))
			return -ETIMEDOUT;
		/* softirqs may have been left to their thread */
		yield();
	}
	return 0;
}

/* the shares of one session; no more are sent before they are answered */
static int send_session(void *arg)
{
	struct socket *sock = arg;
	int want = atomic_read(&heard) + answers, err = 0;
	unsigned int i;

	for (i = 0; i < SESSION && !err; i++) {
		/* the softirq runs when bottom halves are let in again */
		rcu_read_lock_bh();
		err = send(sock->sk, &target);
		rcu_read_unlock_bh();
	}
	return err ? err : await(want);
}

/* our address towards the target: looked up once, as dmikey answers from one */
static int find_source(struct to *to)
{
	struct flowi6 fl = { .daddr = to->daddr, .flowi6_proto = IPPROTO_UDP };
	struct dst_entry *dst = ipv6_stub->ipv6_dst_lookup_flow(&init_net, NULL, &fl, NULL);

	if (IS_ERR(dst))
		return PTR_ERR(dst);
	dst_release(dst);
	to->saddr = fl.saddr;
	return 0;
}

int bench_datagram_set(char *text)
{
	struct to to = { .port = htons(PORT) };
	char address[INET6_ADDRSTRLEN], rest;
	u32 n;

	if (sscanf(text, "%47s %u %u %c", address, &to.len, &n, &rest) != 3 ||
	    to.len > DMK_MSG_MAX || n > 2 * SESSION ||
	    !in6_pton(address, -1, to.daddr.s6_addr, -1, NULL))
		return -EINVAL;
	target = to;
	answers = n;
	return find_source(&target);
}

int bench_datagram(struct seq_file *out)
{
	struct socket *sock;
	u64 ns;
	int err;

	if (!target.port)
		return -EDESTADDRREQ;
	sock = open_socket(PORT, hear);
	if (IS_ERR(sock))
		return PTR_ERR(sock);
	err = bench_time(send_session, sock, BENCH_ROUNDS, BATCH, &ns);
	close_socket(sock);
	if (!err)
		seq_printf(out, "%llu\n", ns);
	return err;
}

/* ---- answered */

static struct socket *echo;
static u32 echo_len, echo_extra;
static atomic_t echoed;

/* every share has its answer; with the last of a session comes one more */
static int answer(struct sock *sk, struct sk_buff *skb)
{
	struct to to = {
		.daddr = ipv6_hdr(skb)->saddr,
		.saddr = ipv6_hdr(skb)->daddr,
		.port = udp_hdr(skb)->source,
		.len = echo_len,
	};

	kfree_skb(skb);
	send(sk, &to);
	if (atomic_inc_return(&echoed) % SESSION || !echo_extra)
		return 0;
	to.len = echo_extra;
	send(sk, &to);
	return 0;
}

static void echo_stop(void)
{
	if (echo)
		close_socket(echo);
	echo = NULL;
}

int bench_echo_set(char *text)
{
	unsigned int port, len, extra;
	struct socket *sock;
	char rest;

	if (sscanf(text, "%u %u %u %c", &port, &len, &extra, &rest) != 3 ||
	    port > U16_MAX || len > DMK_MSG_MAX || extra > DMK_MSG_MAX)
		return -EINVAL;
	echo_stop();
	if (!port)
		return 0;
	echo_len = len;
	echo_extra = extra;
	atomic_set(&echoed, 0);
	sock = open_socket(port, answer);
	if (IS_ERR(sock))
		return PTR_ERR(sock);
	echo = sock;
	return 0;
}

int bench_echo(struct seq_file *out)
{
	seq_printf(out, "%s %u\n", echo ? "on" : "off", atomic_read(&echoed));
	return 0;
}

void bench_datagram_exit(void)
{
	echo_stop();
}
