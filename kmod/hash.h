/* SPDX-License-Identifier: GPL-2.0 */
/* SHA-256 and its HMAC: any context, no allocation. */
#ifndef DMK_HASH_H
#define DMK_HASH_H

#include <crypto/sha2.h>
#include "crypto.h"

/* what a driver keeps between two blocks: that of the library, and a little more */
#define DMK_HASH_STATE (sizeof(struct sha256_state) + 8)

/**
 * struct dmk_hmac_key - an HMAC key whose two blocks have been hashed
 * @key: the key, padded with zeros
 * @inner: the state behind K ^ ipad
 * @outer: the state behind K ^ opad
 * @set: there is one
 *
 * P() of RFC 3830 4.1.2 asks for the same key several times in a row.
 */
struct dmk_hmac_key {
	u8 key[SHA256_BLOCK_SIZE];
	u8 inner[DMK_HASH_STATE];
	u8 outer[DMK_HASH_STATE];
	bool set;
};

/**
 * dmk_hmac_prepare() - hash the two blocks of a key, unless that was done
 * @k: holds another key, this one, or none; its owner wipes it
 * @key: at most SHA256_BLOCK_SIZE bytes
 *
 * Return: 0, or what the driver said.
 */
int dmk_hmac_prepare(struct dmk_hmac_key *k, struct dmk_span key);

/**
 * dmk_hmac_sha256() - HMAC-SHA-256 over a list of spans
 * @k: holds the key of the call before, and then @key; its owner wipes it. NULL:
 *	the key is hashed anew and forgotten
 * @key: at most SHA256_BLOCK_SIZE bytes
 * @in: the spans
 * @n: their number
 * @out: DMK_HASH_LEN bytes
 *
 * Return: 0, or what the driver said.
 */
int dmk_hmac_sha256(struct dmk_hmac_key *k, struct dmk_span key,
		    const struct dmk_span *in, unsigned int n, u8 *out);

#endif
