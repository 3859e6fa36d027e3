// SPDX-License-Identifier: GPL-2.0
/*
 * The two xfrm states of a session: ESP in transport mode over IPv6. Each pair
 * has a sensor's address of its own, as sessions have. No pair is remembered
 * here: what memory is gone is xfrm's.
 */
#include <linux/delay.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/tick.h>
#include <net/xfrm.h>

#include "bench.h"
#include "compat.h"

#define PAIRS_MAX 500000
#define SPI_FIRST 0x10000
#define WINDOW 64	/* protocol.md 4: the default */
#define SETTLE_MS 2000	/* xfrm frees states in a work, behind RCU */

/**
 * struct suite - an ESP policy
 * @label: in the results
 * @name: of the AEAD
 * @key_len: bytes, salt included
 * @icv_bits: length of the ICV
 * @esn: extended sequence numbers
 */
static const struct suite {
	const char *label, *name;
	unsigned int key_len, icv_bits;
	bool esn;
} suites[] = {
	{ "gcm", "rfc4106(gcm(aes))", 20, 128, true },
	{ "ccm", "rfc4309(ccm(aes))", 19, 64, false },
};

static u32 n_pairs;

static void addresses(u32 pair, struct in6_addr *sensor, struct in6_addr *local)
{
	ipv6_addr_set(sensor, htonl(0xfd00bec0), 0, 0, htonl(pair + 1));
	ipv6_addr_set(local, htonl(0xfd00bec1), 0, 0, htonl(1));
}

static __be32 spi_of(u32 pair, bool inbound)
{
	return htonl(SPI_FIRST + 2 * pair + inbound);
}

static int attach_key(struct xfrm_state *x, const struct suite *s)
{
	x->aead = kzalloc(sizeof(*x->aead) + s->key_len, GFP_KERNEL);
	if (!x->aead)
		return -ENOMEM;
	strscpy(x->aead->alg_name, s->name, sizeof(x->aead->alg_name));
	x->aead->alg_key_len = s->key_len * 8;
	x->aead->alg_icv_len = s->icv_bits;
	x->geniv = "seqiv";
	return 0;
}

static int attach_replay(struct xfrm_state *x, const struct suite *s)
{
	size_t len = sizeof(*x->replay_esn) + WINDOW / 8;

	x->replay_esn = kzalloc(len, GFP_KERNEL);
	x->preplay_esn = kzalloc(len, GFP_KERNEL);
	if (!x->replay_esn || !x->preplay_esn)
		return -ENOMEM;
	x->replay_esn->bmp_len = WINDOW / 32;
	x->replay_esn->replay_window = WINDOW;
	x->preplay_esn->bmp_len = WINDOW / 32;
	x->preplay_esn->replay_window = WINDOW;
	if (s->esn)
		x->props.flags |= XFRM_STATE_ESN;
	return 0;
}

static void describe(struct xfrm_state *x, u32 pair, bool inbound)
{
	struct in6_addr sensor, local;

	addresses(pair, &sensor, &local);
	x->props.family = AF_INET6;
	x->props.mode = XFRM_MODE_TRANSPORT;
	x->props.reqid = 1;
	x->id.proto = IPPROTO_ESP;
	x->id.spi = spi_of(pair, inbound);
	x->id.daddr.in6 = inbound ? local : sensor;
	x->props.saddr.in6 = inbound ? sensor : local;
	x->sel.family = AF_INET6;
	x->sel.saddr = x->props.saddr;
	x->sel.daddr = x->id.daddr;
	x->sel.prefixlen_s = 128;
	x->sel.prefixlen_d = 128;
	x->sel.proto = IPPROTO_UDP;
	x->lft.hard_add_expires_seconds = 86400;
}

static int prepare(struct xfrm_state *x, const struct suite *s, u32 pair, bool inbound)
{
	int err;

	describe(x, pair, inbound);
	err = attach_key(x, s);
	if (!err)
		err = attach_replay(x, s);
	if (!err)
		err = dmk_xfrm_init_state(x);
	return err ? err : xfrm_state_add(x);
}

static int state_add(const struct suite *s, u32 pair, bool inbound)
{
	struct xfrm_state *x = xfrm_state_alloc(&init_net);
	int err;

	if (!x)
		return -ENOMEM;
	err = prepare(x, s, pair, inbound);
	if (err) {
		x->km.state = XFRM_STATE_DEAD;
		xfrm_state_put(x);
	}
	return err;
}

static struct xfrm_state *state_find(u32 pair, bool inbound)
{
	struct in6_addr sensor, local;
	xfrm_address_t daddr;

	addresses(pair, &sensor, &local);
	daddr.in6 = inbound ? local : sensor;
	return xfrm_state_lookup(&init_net, 0, &daddr, spi_of(pair, inbound), IPPROTO_ESP,
				 AF_INET6);
}

static void state_delete(struct xfrm_state *x)
{
	if (!x)
		return;
	xfrm_state_delete(x);
	xfrm_state_put(x);
}

static void pair_delete(u32 pair)
{
	state_delete(state_find(pair, true));
	state_delete(state_find(pair, false));
}

static int pair_add(const struct suite *s, u32 pair)
{
	int err = state_add(s, pair, true);

	if (!err)
		err = state_add(s, pair, false);
	if (err)
		state_delete(state_find(pair, true));
	return err;
}

/* the timers and the work that a state leaves behind */
static void settle(void)
{
	msleep(SETTLE_MS);
	synchronize_rcu();
	rcu_barrier();
}

static int pairs_set(const struct suite *s, u32 n)
{
	int err = 0;

	while (n_pairs < n && !err && !fatal_signal_pending(current)) {
		err = pair_add(s, n_pairs);
		n_pairs += !err;
		cond_resched();
	}
	while (n_pairs > n) {
		pair_delete(--n_pairs);
		cond_resched();
	}
	settle();
	return err;
}

static const struct suite *suite_find(const char *label)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(suites); i++)
		if (!strcmp(suites[i].label, label))
			return &suites[i];
	return NULL;
}

int bench_pairs_set(char *text)
{
	const struct suite *s;
	char label[8], rest;
	u32 n;

	if (sscanf(text, "%u %7s %c", &n, label, &rest) != 2)
		return -EINVAL;
	s = suite_find(label);
	if (!s)
		return -EINVAL;
	return n <= PAIRS_MAX ? pairs_set(s, n) : -ERANGE;
}

int bench_pairs(struct seq_file *out)
{
	seq_printf(out, "%u\n", n_pairs);
	return 0;
}

void bench_pairs_exit(void)
{
	pairs_set(NULL, 0);
}

/* ---- what one more pair costs */

/**
 * struct cost - of adding pairs, or of deleting them
 * @rounds: each call by itself
 * @busy: of the CPU for one pair, with what xfrm puts off
 */
struct cost {
	struct bench_rounds rounds;
	u64 busy;
};

/* busy nanoseconds; one CPU is all there is */
static u64 busy_ns(void)
{
	u64 wall, idle = get_cpu_idle_time_us(0, &wall);

	return (wall - idle) * NSEC_PER_USEC;
}

static int time_add(const struct suite *s, struct cost *c)
{
	struct bench_rounds *r = &c->rounds;
	u64 busy = busy_ns(), start;
	int err = 0;

	while (r->n < BENCH_ROUNDS && !err) {
		start = ktime_get_ns();
		err = pair_add(s, n_pairs + r->n);
		r->ns[r->n] = ktime_get_ns() - start;
		r->n += !err;
	}
	settle();
	c->busy = r->n ? (busy_ns() - busy) / r->n : 0;
	return err;
}

/* of the pairs @n_pairs to @n_pairs + @n */
static void time_delete(unsigned int n, struct cost *c)
{
	struct bench_rounds *r = &c->rounds;
	struct xfrm_state *in, *out;
	u64 busy = busy_ns(), start;

	while (r->n < n) {
		in = state_find(n_pairs + r->n, true);
		out = state_find(n_pairs + r->n, false);
		start = ktime_get_ns();
		state_delete(in);
		state_delete(out);
		r->ns[r->n++] = ktime_get_ns() - start;
	}
	settle();
	c->busy = n ? (busy_ns() - busy) / n : 0;
}

static void print(struct seq_file *out, const struct suite *s, const char *what,
		  struct cost *c)
{
	seq_printf(out, "result floor.xfrm.%s.%u.%s %llu instructions\n", s->label, n_pairs,
		   what, bench_median(&c->rounds));
	seq_printf(out, "result floor.xfrm.%s.%u.%s_busy %llu instructions\n", s->label,
		   n_pairs, what, c->busy);
}

static int time_suite(struct seq_file *out, const struct suite *s)
{
	struct { struct cost add, delete; } *c = kzalloc(sizeof(*c), GFP_KERNEL);
	int err;

	if (!c)
		return -ENOMEM;
	/* the first one may load modules */
	err = pair_add(s, n_pairs);
	if (!err) {
		pair_delete(n_pairs);
		settle();
		err = time_add(s, &c->add);
		time_delete(c->add.rounds.n, &c->delete);
	}
	if (!err) {
		print(out, s, "add", &c->add);
		print(out, s, "delete", &c->delete);
	}
	kfree(c);
	return err;
}

int bench_xfrm(struct seq_file *out)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(suites) && !err; i++)
		err = time_suite(out, &suites[i]);
	return err;
}
