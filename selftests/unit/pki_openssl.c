// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>

#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "../../agent/cert.h"
#include "pki.h"
#include "vec_dmikey.h"

static struct dmk_trust *trust_at(s64 now)
{
	const struct dmk_span *ca = &vec_dmikey.pki.ca.cert;
	struct dmk_trust *t = dmk_cert_trust_new();
	char why[DMK_CERT_WHY];

	if (!t || !dmk_cert_trust_ca_der(t, ca->data, ca->len, why))
		abort();
	dmk_cert_trust_time(t, now);
	return t;
}

bool pki_check(struct dmk_span cert, s64 now, struct pki_identity *out)
{
	struct dmk_trust *t = trust_at(now);
	char why[DMK_CERT_WHY];
	struct dmk_certificate c;
	bool good;

	good = dmk_cert_check(t, cert.data, cert.len, DMK_ROLE_TP, &c, why);
	dmk_cert_trust_free(t);
	if (!good)
		return false;
	out->id_type = c.id_type;
	out->id_len = c.id_len;
	memcpy(out->id, c.id, c.id_len);
	out->pubkey_len = c.pubkey_len;
	memcpy(out->pubkey, c.pubkey, c.pubkey_len);
	return true;
}

/* struct pki_key is EVP_PKEY, and nobody else's business */
static EVP_PKEY *evp(struct pki_key *key)
{
	return (EVP_PKEY *)key;
}

struct pki_key *pki_private(struct dmk_span key)
{
	const unsigned char *p = key.data;

	return (struct pki_key *)d2i_AutoPrivateKey(NULL, &p, key.len);
}

struct pki_key *pki_public(struct dmk_span cert)
{
	const unsigned char *p = cert.data;
	X509 *x = d2i_X509(NULL, &p, cert.len);
	EVP_PKEY *key = x ? X509_get_pubkey(x) : NULL;

	X509_free(x);
	return (struct pki_key *)key;
}

void pki_key_free(struct pki_key *key)
{
	EVP_PKEY_free(evp(key));
}

static const EVP_MD *md_of(enum dmk_hash hash)
{
	return hash == DMK_SHA1 ? EVP_sha1() : EVP_sha256();
}

size_t pki_digest(enum dmk_hash hash, struct dmk_span in, u8 out[DMK_HASH_LEN])
{
	unsigned int len = 0;

	return EVP_Digest(in.data, in.len, out, &len, md_of(hash), NULL) ? len : 0;
}

typedef int init_fn(EVP_PKEY_CTX *ctx);

static EVP_PKEY_CTX *start(struct pki_key *key, init_fn *init, const EVP_MD *md, int padding)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(evp(key), NULL);

	if (!ctx || init(ctx) <= 0 || EVP_PKEY_CTX_set_rsa_padding(ctx, padding) <= 0 ||
	    (md && EVP_PKEY_CTX_set_signature_md(ctx, md) <= 0))
		abort();
	return ctx;
}

bool pki_verify(struct pki_key *key, enum dmk_hash hash, const u8 *digest, struct dmk_span sig)
{
	const EVP_MD *md = md_of(hash);
	EVP_PKEY_CTX *ctx = start(key, EVP_PKEY_verify_init, md, RSA_PKCS1_PADDING);
	bool good = EVP_PKEY_verify(ctx, sig.data, sig.len, digest, EVP_MD_get_size(md)) == 1;

	EVP_PKEY_CTX_free(ctx);
	return good;
}

size_t pki_sign(struct pki_key *key, enum dmk_hash hash, const u8 *digest, u8 *sig, size_t room)
{
	const EVP_MD *md = md_of(hash);
	EVP_PKEY_CTX *ctx = start(key, EVP_PKEY_sign_init, md, RSA_PKCS1_PADDING);
	size_t len = room;

	if (EVP_PKEY_sign(ctx, sig, &len, digest, EVP_MD_get_size(md)) <= 0)
		len = 0;
	EVP_PKEY_CTX_free(ctx);
	return len;
}

size_t pki_decrypt(struct pki_key *key, struct dmk_span pke, u8 *out, size_t room)
{
	EVP_PKEY_CTX *ctx = start(key, EVP_PKEY_decrypt_init, NULL, RSA_PKCS1_PADDING);
	size_t len = room;

	if (EVP_PKEY_decrypt(ctx, out, &len, pke.data, pke.len) <= 0)
		len = 0;
	EVP_PKEY_CTX_free(ctx);
	return len;
}

size_t pki_raw_encrypt(struct pki_key *key, struct dmk_span em, u8 *out, size_t room)
{
	EVP_PKEY_CTX *ctx = start(key, EVP_PKEY_encrypt_init, NULL, RSA_NO_PADDING);
	size_t len = room;

	if (EVP_PKEY_encrypt(ctx, out, &len, em.data, em.len) <= 0)
		len = 0;
	EVP_PKEY_CTX_free(ctx);
	return len;
}
