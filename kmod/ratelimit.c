// SPDX-License-Identifier: GPL-2.0
/* Token buckets. */
#include <linux/jiffies.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "ratelimit.h"

#define TOKEN 1000U		/* one message */
#define RATE_MAX 1000000U	/* so that a burst fits 32 bits */

enum domain {
	DOMAIN_ADDRESS,
	DOMAIN_PROVEN,
	DOMAIN_IDENTITY,
};

int dmk_ratelimit_init(struct dmk_ratelimit *rl, u32 rate)
{
	spin_lock_init(&rl->lock);
	rl->rate = clamp(rate, 1U, RATE_MAX);
	get_random_bytes(&rl->key, sizeof(rl->key));
	rl->buckets = kvcalloc(DMK_RATE_BUCKETS, sizeof(*rl->buckets), GFP_KERNEL);
	return rl->buckets ? 0 : -ENOMEM;
}

void dmk_ratelimit_destroy(struct dmk_ratelimit *rl)
{
	kvfree(rl->buckets);
	rl->buckets = NULL;
}

static u32 burst(const struct dmk_ratelimit *rl)
{
	return 2 * READ_ONCE(rl->rate) * TOKEN;
}

/* @rate tokens a second are @rate thousandths a millisecond */
static void fill(const struct dmk_ratelimit *rl, struct dmk_bucket *b)
{
	u64 ms = jiffies_to_msecs(jiffies - b->last);

	b->tokens = min_t(u64, b->tokens + ms * READ_ONCE(rl->rate), burst(rl));
	b->last = jiffies;
}

/*
 * A bucket whose tag is another's is taken over, full: a collision never
 * takes anything from anybody, and strangers who forge their addresses are
 * the cookies' business.
 */
static void take_over(const struct dmk_ratelimit *rl, struct dmk_bucket *b, u32 tag)
{
	b->tag = tag;
	b->tokens = burst(rl);
	b->last = jiffies;
}

static bool spend(struct dmk_ratelimit *rl, struct dmk_bucket *b, u32 tag, u32 cost)
{
	bool allowed;

	spin_lock_bh(&rl->lock);
	if (b->tag == tag)
		fill(rl, b);
	else
		take_over(rl, b, tag);
	cost = min(cost, burst(rl));
	allowed = b->tokens >= cost;
	if (allowed)
		b->tokens -= cost;
	spin_unlock_bh(&rl->lock);
	return allowed;
}

static bool take(struct dmk_ratelimit *rl, u64 hash)
{
	struct dmk_bucket *b = &rl->buckets[hash % DMK_RATE_BUCKETS];

	return spend(rl, b, (hash >> 32) | 1 /* 0: nobody's */, TOKEN);
}

static bool take_address(struct dmk_ratelimit *rl, const struct dmk_addr *from,
			 enum domain domain)
{
	u64 ip[2];

	memcpy(ip, &from->ip, sizeof(ip));
	if (!dmk_addr_is_v4(from))
		ip[1] = 0;	/* /64 */
	return take(rl, siphash_3u64(ip[0], ip[1], domain, &rl->key));
}

bool dmk_ratelimit_allow(struct dmk_ratelimit *rl, const struct dmk_addr *from)
{
	return take_address(rl, from, DOMAIN_ADDRESS);
}

bool dmk_ratelimit_allow_proven(struct dmk_ratelimit *rl, const struct dmk_addr *from)
{
	return take_address(rl, from, DOMAIN_PROVEN);
}

bool dmk_ratelimit_allow_identity(struct dmk_ratelimit *rl, u64 who)
{
	return take(rl, siphash_3u64(who, 0, DOMAIN_IDENTITY, &rl->key));
}

bool dmk_ratelimit_allow_rsa(struct dmk_ratelimit *rl, struct dmk_bucket *b,
			     unsigned int len)
{
	return spend(rl, b, 1, (len * len * len >> 18) * TOKEN);
}
