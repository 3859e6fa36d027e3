/* SPDX-License-Identifier: GPL-2.0 */
/*
 * RSA on the raw "rsa" akcipher, with PKCS#1 v1.5 padding made and checked
 * here. Everything sleeps: process context only.
 */
#ifndef DMK_RSA_H
#define DMK_RSA_H

#include "limits.h"
#include <linux/types.h>

struct dmk_rsa;

/**
 * dmk_rsa_public() - a public key
 * @der: RSAPublicKey, PKCS#1 DER
 * @len: its length
 *
 * Return: the key (one reference), or ERR_PTR: -EINVAL if the modulus is not
 * of 2048, 3072 or 4096 bits.
 */
struct dmk_rsa *dmk_rsa_public(const u8 *der, size_t len);

/**
 * dmk_rsa_private() - a private key
 * @der: RSAPrivateKey, PKCS#1 DER
 * @len: its length
 */
struct dmk_rsa *dmk_rsa_private(const u8 *der, size_t len);

struct dmk_rsa *dmk_rsa_get(struct dmk_rsa *key);
/* drops a reference; the last one wipes the key. NULL is ignored. Any context. */
void dmk_rsa_put(struct dmk_rsa *key);

/* bytes of the modulus: 256, 384 or 512 */
unsigned int dmk_rsa_len(const struct dmk_rsa *key);

/**
 * dmk_rsa_sign() - RSASSA-PKCS1-v1_5 with SHA-256
 * @key: a private key
 * @digest: SHA-256 of the message
 * @sig: room for dmk_rsa_len() bytes
 *
 * The result is verified with the public exponent before it is released
 * (a CRT fault would give the key away).
 * Return: 0 or -errno
 */
int dmk_rsa_sign(struct dmk_rsa *key, const u8 digest[DMK_HASH_LEN], u8 *sig);

/**
 * dmk_rsa_verify() - the reverse: compares whole blocks
 * @key: a public key
 * @digest: SHA-256 of the message
 * @sig: signature
 * @len: its length
 *
 * Return: 0; -EKEYREJECTED for a wrong signature; -errno
 */
int dmk_rsa_verify(struct dmk_rsa *key, const u8 digest[DMK_HASH_LEN],
		   const u8 *sig, size_t len);

/**
 * dmk_rsa_encrypt() - RSAES-PKCS1-v1_5 of an envelope key
 * @key: a public key
 * @secret: 32 bytes
 * @out: room for dmk_rsa_len() bytes
 */
int dmk_rsa_encrypt(struct dmk_rsa *key, const u8 secret[DMK_ENVELOPE_LEN], u8 *out);

/**
 * dmk_rsa_decrypt() - the reverse, with implicit rejection
 * @key: a private key
 * @in: dmk_rsa_len() bytes
 * @secret: 32 bytes: the envelope key, or random bytes in its place if the
 *	padding or the length is wrong; which, cannot be told from result,
 *	time or counters
 *
 * Return: 0, or -errno when the machine failed.
 */
int dmk_rsa_decrypt(struct dmk_rsa *key, const u8 *in, u8 secret[DMK_ENVELOPE_LEN]);

#endif
