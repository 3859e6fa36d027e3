/* SPDX-License-Identifier: GPL-2.0 */
/* The vectors' PKI and RSA through OpenSSL, for the tests in userspace. */
#ifndef PKI_H
#define PKI_H

#include <openssl/evp.h>

#include "crypto.h"

/**
 * struct pki - one certificate and its private key
 * @name: in the vectors
 * @cert: DER
 * @key: DER, PKCS#8
 * @sha256: of @cert
 */
struct pki {
	const char *name;
	const struct dmk_span *cert;
	const struct dmk_span *key;
	const struct dmk_span *sha256;
};

/**
 * struct pki_identity - what a valid certificate says
 * @id_type: ID type
 * @id: ID Data
 * @id_len: its length
 * @pubkey: RSAPublicKey in DER
 * @pubkey_len: its length
 */
struct pki_identity {
	u8 id_type;
	u8 id[256];
	u32 id_len;
	u8 pubkey[600];
	u32 pubkey_len;
};

/* NULL if there is none */
const struct pki *pki_by_name(const char *name);
const struct pki *pki_by_hash(struct dmk_span sha256);

/* whether the agent's rules accept it as a third party's at @now, Unix seconds */
bool pki_check(struct dmk_span cert, s64 now, struct pki_identity *out);

/* the caller frees what these return with EVP_PKEY_free(); NULL if malformed */
EVP_PKEY *pki_private(struct dmk_span key);
EVP_PKEY *pki_public(struct dmk_span cert);

/* RSA/PKCS#1 v1.5; @md: of @digest */
bool pki_verify(EVP_PKEY *key, const EVP_MD *md, const u8 *digest, struct dmk_span sig);
size_t pki_sign(EVP_PKEY *key, const EVP_MD *md, const u8 *digest, u8 *sig, size_t room);
/* the length of what was encrypted, 0 if the padding is wrong */
size_t pki_decrypt(EVP_PKEY *key, struct dmk_span pke, u8 *out, size_t room);
/* RSA without padding */
size_t pki_raw_encrypt(EVP_PKEY *key, struct dmk_span em, u8 *out, size_t room);

#endif
