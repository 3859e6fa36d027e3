/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Token buckets: two per source address (before authentication), per identity, and per
 * certificate or sensor for what costs an RSA operation with the private key.
 */
#ifndef DMK_RATELIMIT_H
#define DMK_RATELIMIT_H

#include <linux/siphash.h>
#include <linux/spinlock.h>
#include "addr.h"

#define DMK_RATE_BUCKETS 4096		/* fixed: strangers take no memory */

/**
 * struct dmk_bucket - tokens of what hashes here, or of a peer; zeroes are a full one
 * @tag: keyed hash of the address (/64 of IPv6) that uses it
 * @tokens: what is left, in 1/1000
 * @last: when it was filled, jiffies
 */
struct dmk_bucket {
	u32 tag;
	u32 tokens;
	unsigned long last;
};

/**
 * struct dmk_ratelimit - the buckets
 * @lock: protects @buckets, and those of peers; softirq
 * @rate: messages a second; burst is twice that
 * @key: of the hash, so that nobody can aim at another's bucket
 */
struct dmk_ratelimit {
	spinlock_t lock;
	u32 rate;
	siphash_key_t key;
	struct dmk_bucket *buckets;
};

int dmk_ratelimit_init(struct dmk_ratelimit *rl, u32 rate);
void dmk_ratelimit_destroy(struct dmk_ratelimit *rl);
/* softirq safe: takes one token of @from's */
bool dmk_ratelimit_allow(struct dmk_ratelimit *rl, const struct dmk_addr *from);
/* the same of its other bucket, for who has shown that it is there: who forges the address
 * does not reach that one
 */
bool dmk_ratelimit_allow_proven(struct dmk_ratelimit *rl, const struct dmk_addr *from);
/* the same for an authenticated identity (@who: 8 bytes of its hash) */
bool dmk_ratelimit_allow_identity(struct dmk_ratelimit *rl, u64 who);

/**
 * dmk_ratelimit_allow_rsa() - a decryption or a signature for an authenticated peer
 * @rl: the limits
 * @b: the peer's own bucket: no stranger's address can take it over, and fill it
 * @len: of the RSA key, bytes
 *
 * It costs as much as 64 messages with RSA 2048, which is about what it takes beside the
 * check of a signature, and by the cube of the length 512 with RSA 4096. A full bucket
 * always allows one.
 */
bool dmk_ratelimit_allow_rsa(struct dmk_ratelimit *rl, struct dmk_bucket *b,
			     unsigned int len);

#endif
