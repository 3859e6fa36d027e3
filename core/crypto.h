/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What a cryptographic backend supplies to core/. There are three: the kernel
 * crypto API (kmod/crypto.c), OpenSSL (agent/, tools/ and selftests/) and
 * Mbed TLS (sensor-fw/).
 *
 * struct dmk_crypto is the backend's own; one caller uses one at a time. All
 * functions return 0, or a negative value when the backend itself failed, and
 * leave no copy of a key or plaintext behind but in the context, which its
 * owner wipes. Lengths are in bytes.
 */
#ifndef DMK_CRYPTO_H
#define DMK_CRYPTO_H

#include "port.h"
#include "limits.h"

struct dmk_crypto;

/**
 * struct dmk_span - bytes that somebody else owns
 * @data: the first byte; may be NULL when @len is 0
 * @len: their number
 */
struct dmk_span {
	const u8 *data;
	u32 len;
};

#define DMK_SPAN(p, n) ((struct dmk_span){ .data = (const u8 *)(p), .len = (u32)(n) })

static inline bool dmk_span_equal(struct dmk_span a, struct dmk_span b)
{
	return a.len == b.len && (!a.len || !memcmp(a.data, b.data, a.len));
}

/**
 * enum dmk_hash - hash function of an HMAC
 * @DMK_SHA256: SHA-256, 32 bytes
 * @DMK_SHA1: SHA-1, 20 bytes: plain RFC 3830 peers that the configuration
 *	allows to be old; a backend may refuse it
 */
enum dmk_hash {
	DMK_SHA256,
	DMK_SHA1,
};

/**
 * dmk_sha256() - SHA-256 over a list of spans, in order
 * @c: the backend's context
 * @in: the spans
 * @n: their number
 * @out: 32 bytes
 */
int dmk_sha256(struct dmk_crypto *c, const struct dmk_span *in, unsigned int n,
	       u8 out[DMK_HASH_LEN]);

/**
 * dmk_hmac() - HMAC over a list of spans, in order
 * @c: the backend's context
 * @hash: hash function
 * @key: key of any length up to 64 bytes
 * @in: the spans
 * @n: their number, up to 8
 * @out: 32 bytes (SHA-256) or 20 bytes (SHA-1)
 */
int dmk_hmac(struct dmk_crypto *c, enum dmk_hash hash, struct dmk_span key,
	     const struct dmk_span *in, unsigned int n, u8 *out);

/**
 * dmk_aes_cm() - AES in counter mode (RFC 3830 4.2.3), in place
 * @c: the backend's context
 * @key: 16 bytes, or 32 for plain RFC 3830 peers with AES-CM-256
 * @iv: the first counter block
 * @buf: text
 * @len: its length, up to DMK_MSG_MAX
 */
int dmk_aes_cm(struct dmk_crypto *c, struct dmk_span key, const u8 iv[16],
	       u8 *buf, size_t len);

/**
 * dmk_aes_ccm_seal() - AES-128-CCM (M = 16, L = 2), in place
 * @c: the backend's context
 * @key: key
 * @nonce: nonce
 * @aad: additional authenticated data as a list of spans, DMK_MSG_MAX bytes in all
 * @n: number of spans, up to 8
 * @buf: plaintext; room for 16 bytes more, where the tag is written
 * @len: length of the plaintext
 */
int dmk_aes_ccm_seal(struct dmk_crypto *c, const u8 key[16],
		     const u8 nonce[DMK_CCM_NONCE_LEN],
		     const struct dmk_span *aad, unsigned int n,
		     u8 *buf, size_t len);

/**
 * dmk_aes_ccm_open() - the reverse of dmk_aes_ccm_seal(), in place
 * @c: the backend's context
 * @key: key
 * @nonce: nonce
 * @aad: additional authenticated data
 * @n: number of spans
 * @buf: ciphertext and tag
 * @len: length of both together, at least 16
 * @good: whether the tag was right; if not, @buf holds no plaintext
 */
int dmk_aes_ccm_open(struct dmk_crypto *c, const u8 key[16],
		     const u8 nonce[DMK_CCM_NONCE_LEN],
		     const struct dmk_span *aad, unsigned int n,
		     u8 *buf, size_t len, bool *good);

/**
 * dmk_random() - random bytes fit for keys; fails rather than be predictable
 * @c: the backend's context
 * @out: where they go
 * @len: how many
 */
int dmk_random(struct dmk_crypto *c, u8 *out, size_t len);

/**
 * dmk_equal() - compare secrets in constant time
 * @a: bytes
 * @b: bytes
 * @len: how many
 */
static inline bool dmk_equal(const u8 *a, const u8 *b, size_t len)
{
	u8 diff = 0;
	size_t i;

	for (i = 0; i < len; i++)
		diff |= a[i] ^ b[i];
	__asm__ __volatile__("" : "+r"(diff));
	return !diff;
}

#endif
