// SPDX-License-Identifier: GPL-2.0
/* kmod/ratelimit.c: bursts, refill, who shares a bucket with whom, decryptions. */
#include <linux/jiffies.h>

#include "ratelimit.h"
#include "suite.h"
#include "vector.h"

#define RATE 10

static struct dmk_addr v4(u32 ip)
{
	struct dmk_addr a = {};

	ipv6_addr_set_v4mapped(htonl(ip), &a.ip);
	return a;
}

static struct dmk_addr v6(u32 net, u32 host)
{
	struct dmk_addr a = {};

	ipv6_addr_set(&a.ip, htonl(0x20010db8), htonl(net), 0, htonl(host));
	return a;
}

static unsigned int drain(struct dmk_ratelimit *rl, struct dmk_addr from)
{
	unsigned int n = 0;

	while (n < 1000 && dmk_ratelimit_allow(rl, &from))
		n++;
	return n;
}

static unsigned int drain_proven(struct dmk_ratelimit *rl, struct dmk_addr from)
{
	unsigned int n = 0;

	while (n < 1000 && dmk_ratelimit_allow_proven(rl, &from))
		n++;
	return n;
}

static unsigned int drain_identity(struct dmk_ratelimit *rl, u64 who)
{
	unsigned int n = 0;

	while (n < 1000 && dmk_ratelimit_allow_identity(rl, who))
		n++;
	return n;
}

static unsigned int drain_decryptions(struct dmk_ratelimit *rl, struct dmk_bucket *b,
				      unsigned int len)
{
	unsigned int n = 0;

	while (n < 1000 && dmk_ratelimit_allow_rsa(rl, b, len))
		n++;
	return n;
}

static void later(struct dmk_ratelimit *rl, unsigned int ms)
{
	unsigned int i;

	for (i = 0; i < DMK_RATE_BUCKETS; i++)
		rl->buckets[i].last -= msecs_to_jiffies(ms);
}

/* a burst, and no more; a slow machine may refill a token or two meanwhile */
static bool near(unsigned int n, unsigned int want)
{
	return n >= want && n <= want + 3;
}

static void decryptions_test(struct dmk_ratelimit *rl)
{
	struct dmk_bucket peer = { }, other = { };

	rl->rate = 1024;
	ktap_ok(near(drain_decryptions(rl, &peer, 256), 32), "RSA 2048: 64 messages each");
	ktap_ok(near(drain_decryptions(rl, &other, 512), 4), "RSA 4096: another peer, 512 each");
	peer.last -= msecs_to_jiffies(500);
	ktap_ok(near(drain_decryptions(rl, &peer, 256), 8), "half a second, half the rate");
	rl->rate = 1;
	peer.last -= msecs_to_jiffies(3600 * 1000);
	ktap_ok(near(drain_decryptions(rl, &peer, 512), 1), "a low rate: one for a full bucket");
}

static void ratelimit_test(void)
{
	struct dmk_ratelimit rl;
	unsigned int i, bad = 0;

	if (!ktap_ok(!dmk_ratelimit_init(&rl, RATE), "init"))
		return;
	ktap_ok(near(drain(&rl, v4(0x0a000001)), 2 * RATE), "IPv4: a burst of twice the rate");
	ktap_ok(near(drain(&rl, v4(0x0a000002)), 2 * RATE), "IPv4: the neighbour has its own");
	later(&rl, 500);
	ktap_ok(near(drain(&rl, v4(0x0a000001)), RATE / 2), "IPv4: half a second, half the rate");
	later(&rl, 3600 * 1000);
	ktap_ok(near(drain(&rl, v4(0x0a000001)), 2 * RATE), "IPv4: an hour, never above the burst");

	ktap_ok(near(drain(&rl, v6(1, 1)), 2 * RATE), "IPv6: a burst of twice the rate");
	ktap_ok(drain(&rl, v6(1, 2)) <= 3, "IPv6: the same /64, the same bucket");
	ktap_ok(near(drain(&rl, v6(2, 1)), 2 * RATE), "IPv6: another /64");

	ktap_ok(near(drain_proven(&rl, v6(2, 1)), 2 * RATE), "proven: its own, of the same rate");
	ktap_ok(drain_proven(&rl, v6(2, 2)) <= 3, "proven: the same /64, the same bucket");

	ktap_ok(near(drain_identity(&rl, 7), 2 * RATE), "identity: a burst of twice the rate");
	ktap_ok(drain_identity(&rl, 7) <= 3, "identity: used up");
	ktap_ok(near(drain_identity(&rl, 8), 2 * RATE), "identity: another one");

	for (i = 0; i < 3 * DMK_RATE_BUCKETS; i++) {
		struct dmk_addr a = v4(0x0b000000 + i);

		bad += !dmk_ratelimit_allow(&rl, &a);
	}
	ktap_ok(!bad, "more addresses than buckets: nobody pays for another");
	decryptions_test(&rl);
	dmk_ratelimit_destroy(&rl);
	ktap_ok(!rl.buckets, "destroy");
}

KTAP_MAIN(ratelimit_test)
