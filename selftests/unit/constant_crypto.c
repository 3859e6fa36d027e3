// SPDX-License-Identifier: GPL-2.0
/*
 * A backend for constant.c, without branches on what it works on and with no
 * strength at all: what comes out depends on what goes in, which is all that
 * valgrind has to follow.
 */
#include <valgrind/memcheck.h>

#include "crypto.h"

static u32 mix(u32 state, const u8 *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		state = (state ^ p[i]) * 0x01000193;
	return state;
}

static void put(u32 state, u8 *out, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		state = state * 0x0019660d + 0x3c6ef35f;
		out[i] = state >> 24;
	}
}

static u32 mix_all(u32 state, const struct dmk_span *in, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		state = mix(state, in[i].data, in[i].len);
	return state;
}

int dmk_sha256(struct dmk_crypto *c, const struct dmk_span *in, unsigned int n,
	       u8 out[DMK_HASH_LEN])
{
	(void)c;
	put(mix_all(1, in, n), out, DMK_HASH_LEN);
	return 0;
}

int dmk_hmac(struct dmk_crypto *c, enum dmk_hash hash, struct dmk_span key,
	     const struct dmk_span *in, unsigned int n, u8 *out)
{
	(void)c;
	put(mix_all(mix(2, key.data, key.len), in, n), out, hash == DMK_SHA1 ? 20 : 32);
	return 0;
}

static void add_stream(struct dmk_span key, u8 *buf, size_t len)
{
	u8 stream[DMK_MSG_MAX];
	size_t i;

	put(mix(3, key.data, key.len), stream, len);
	for (i = 0; i < len; i++)
		buf[i] ^= stream[i];
}

/* The structure of what was sealed is public; the key, which stands last, is not. */
int dmk_aes_cm(struct dmk_crypto *c, struct dmk_span key, const u8 iv[16], u8 *buf, size_t len)
{
	(void)c;
	(void)iv;
	add_stream(key, buf, len);
	VALGRIND_MAKE_MEM_DEFINED(buf, len - DMK_SHARE_LEN);
	return 0;
}

static void tag(const u8 key[16], const u8 *buf, size_t len, u8 *out)
{
	put(mix(mix(4, key, 16), buf, len), out, DMK_CCM_TAG_LEN);
}

int dmk_aes_ccm_seal(struct dmk_crypto *c, const u8 key[16],
		     const u8 nonce[DMK_CCM_NONCE_LEN], const struct dmk_span *aad,
		     unsigned int n, u8 *buf, size_t len)
{
	(void)c;
	(void)nonce;
	(void)aad;
	(void)n;
	add_stream(DMK_SPAN(key, 16), buf, len);
	tag(key, buf, len, buf + len);
	return 0;
}

/* whether it was right is public, and the rest as above */
int dmk_aes_ccm_open(struct dmk_crypto *c, const u8 key[16],
		     const u8 nonce[DMK_CCM_NONCE_LEN], const struct dmk_span *aad,
		     unsigned int n, u8 *buf, size_t len, bool *good)
{
	u8 want[DMK_CCM_TAG_LEN];

	(void)c;
	(void)nonce;
	(void)aad;
	(void)n;
	len -= sizeof(want);
	tag(key, buf, len, want);
	*good = dmk_equal(want, buf + len, sizeof(want));
	VALGRIND_MAKE_MEM_DEFINED(good, sizeof(*good));
	add_stream(DMK_SPAN(key, 16), buf, len);
	VALGRIND_MAKE_MEM_DEFINED(buf, len - DMK_SHARE_LEN);
	return 0;
}

int dmk_random(struct dmk_crypto *c, u8 *out, size_t len)
{
	(void)c;
	put(5, out, len);
	return 0;
}
