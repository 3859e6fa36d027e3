/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The vectors' PKI, and RSA: through OpenSSL in userspace (pki_openssl.c),
 * through kmod/rsa.c in the kernel (selftests/kernel/pki_kernel.c).
 */
#ifndef PKI_H
#define PKI_H

#include "crypto.h"

struct pki_key;

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

/* the caller frees what these return with pki_key_free(); NULL if malformed */
struct pki_key *pki_private(struct dmk_span key);
struct pki_key *pki_public(struct dmk_span cert);
void pki_key_free(struct pki_key *key);

/* SHA-256 or SHA-1 of a message; the length, 0 if the machine failed */
size_t pki_digest(enum dmk_hash hash, struct dmk_span in, u8 out[DMK_HASH_LEN]);

/* RSA/PKCS#1 v1.5; @hash: of @digest */
bool pki_verify(struct pki_key *key, enum dmk_hash hash, const u8 *digest, struct dmk_span sig);
size_t pki_sign(struct pki_key *key, enum dmk_hash hash, const u8 *digest, u8 *sig, size_t room);
/* the length of what was encrypted, 0 if the padding is wrong */
size_t pki_decrypt(struct pki_key *key, struct dmk_span pke, u8 *out, size_t room);
/* RSA without padding */
size_t pki_raw_encrypt(struct pki_key *key, struct dmk_span em, u8 *out, size_t room);

#endif
