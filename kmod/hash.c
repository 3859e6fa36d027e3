// SPDX-License-Identifier: GPL-2.0
/*
 * SHA-256 and its HMAC by the best driver that the machine has: the kernel's
 * library takes twice the instructions of a driver with vectors. A transform
 * without a key holds nothing, so that one serves all.
 */
#include <crypto/hash.h>

#include "compat.h"
#include "backend.h"
#include "hash.h"

#define TOGETHER 128	/* bytes */

static struct crypto_shash *unkeyed __ro_after_init;

int __init dmk_crypto_init(void)
{
	unkeyed = crypto_alloc_shash("sha256", 0, 0);
	if (!IS_ERR(unkeyed) && crypto_shash_statesize(unkeyed) > DMK_HASH_STATE) {
		crypto_free_shash(unkeyed);
		unkeyed = crypto_alloc_shash("sha256-generic", 0, 0);
	}
	return PTR_ERR_OR_ZERO(unkeyed);
}

void dmk_crypto_exit(void)
{
	crypto_free_shash(unkeyed);
}

/* A call of the driver costs as much as half a block: short spans, which most are,
 * go there together. Ends the hash that @desc has begun.
 */
static int finish(struct shash_desc *desc, const struct dmk_span *in, unsigned int n,
		  u8 out[DMK_HASH_LEN])
{
	u8 together[TOGETHER];
	unsigned int i;
	u32 len = 0;
	int err = 0;

	for (i = 0; i < n && !err; i++) {
		if (in[i].len > sizeof(together) - len) {
			err = crypto_shash_update(desc, together, len);
			len = 0;
		}
		if (in[i].len > sizeof(together)) {
			err = err ?: crypto_shash_update(desc, in[i].data, in[i].len);
		} else {
			memcpy(together + len, in[i].data, in[i].len);
			len += in[i].len;
		}
	}
	err = err ?: crypto_shash_finup(desc, together, len, out);
	memzero_explicit(together, sizeof(together));
	return err;
}

int dmk_sha256(struct dmk_crypto *c, const struct dmk_span *in, unsigned int n,
	       u8 out[DMK_HASH_LEN])
{
	SHASH_DESC_ON_STACK(desc, unkeyed);
	int err;

	desc->tfm = unkeyed;
	err = crypto_shash_init(desc) ?: finish(desc, in, n, out);
	shash_desc_zero(desc);
	return err;
}

/* H behind its first block, which is the key with each byte ^ @pad */
static int begin(const u8 key[SHA256_BLOCK_SIZE], u8 pad, u8 state[DMK_HASH_STATE])
{
	SHASH_DESC_ON_STACK(desc, unkeyed);
	u8 block[SHA256_BLOCK_SIZE];
	int err;

	memset(block, pad, sizeof(block));
	crypto_xor(block, key, sizeof(block));
	desc->tfm = unkeyed;
	err = crypto_shash_init(desc) ?:
	      crypto_shash_update(desc, block, sizeof(block)) ?:
	      crypto_shash_export(desc, state);
	shash_desc_zero(desc);
	memzero_explicit(block, sizeof(block));
	return err;
}

static int go_on(const u8 state[DMK_HASH_STATE], const struct dmk_span *in, unsigned int n,
		 u8 out[DMK_HASH_LEN])
{
	SHASH_DESC_ON_STACK(desc, unkeyed);
	int err;

	desc->tfm = unkeyed;
	err = crypto_shash_import(desc, state) ?: finish(desc, in, n, out);
	shash_desc_zero(desc);
	return err;
}

static bool is_set(const struct dmk_hmac_key *k, struct dmk_span key)
{
	u8 padded[SHA256_BLOCK_SIZE] = {};
	bool same;

	memcpy(padded, key.data, key.len);
	same = k->set && !crypto_memneq(k->key, padded, sizeof(padded));
	memzero_explicit(padded, sizeof(padded));
	return same;
}

int dmk_hmac_prepare(struct dmk_hmac_key *k, struct dmk_span key)
{
	int err;

	if (is_set(k, key))
		return 0;
	memset(k->key, 0, sizeof(k->key));
	memcpy(k->key, key.data, key.len);
	err = begin(k->key, 0x36, k->inner) ?: begin(k->key, 0x5c, k->outer);
	k->set = !err;
	return err;
}

/* H(K ^ opad, H(K ^ ipad, text)), RFC 2104 */
static int hmac(struct dmk_hmac_key *k, struct dmk_span key, const struct dmk_span *in,
		unsigned int n, u8 *out)
{
	u8 inner[DMK_HASH_LEN];
	int err;

	err = dmk_hmac_prepare(k, key) ?: go_on(k->inner, in, n, inner) ?:
	      go_on(k->outer, &DMK_SPAN(inner, sizeof(inner)), 1, out);
	memzero_explicit(inner, sizeof(inner));
	return err;
}

int dmk_hmac_sha256(struct dmk_hmac_key *k, struct dmk_span key,
		    const struct dmk_span *in, unsigned int n, u8 *out)
{
	struct dmk_hmac_key once = {};
	int err;

	if (k)
		return hmac(k, key, in, n, out);
	err = hmac(&once, key, in, n, out);
	memzero_explicit(&once, sizeof(once));
	return err;
}
