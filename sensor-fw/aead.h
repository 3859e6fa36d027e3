/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ciphers of ESP: AES-128-CCM and AES-128-GCM, in place. The firmware has
 * them from Mbed TLS (crypto_mbedtls.c), the tests on the host from OpenSSL.
 */
#ifndef AEAD_H
#define AEAD_H

#include "crypto.h"

enum aead_mode {
	AEAD_CCM,		/* nonce of 11 bytes, RFC 4309 4 */
	AEAD_GCM,		/* nonce of 12 bytes, RFC 4106 4 */
};

/**
 * struct aead_call - one packet
 * @mode: CCM or GCM
 * @key: 16 bytes
 * @nonce: nonce; its length follows from @mode
 * @aad: additional authenticated data
 * @tag_len: 8 or 16 with CCM, 16 with GCM
 */
struct aead_call {
	enum aead_mode mode;
	const u8 *key;
	const u8 *nonce;
	struct dmk_span aad;
	u8 tag_len;
};

/**
 * aead_seal() - encrypt in place
 * @c: how
 * @buf: plaintext; room for @c->tag_len bytes more, where the tag is written
 * @len: length of the plaintext
 *
 * Return: 0, or negative when the library failed.
 */
int aead_seal(const struct aead_call *c, u8 *buf, u32 len);

/**
 * aead_open() - check and decrypt in place
 * @c: how
 * @buf: ciphertext and tag
 * @len: length of both together
 *
 * Return: 0; negative if the tag is wrong or the library failed: then @buf holds no
 * plaintext.
 */
int aead_open(const struct aead_call *c, u8 *buf, u32 len);

#endif
