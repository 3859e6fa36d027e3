// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>

#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "../../agent/cert.h"
#include "pki.h"
#include "vec_dmikey.h"

#define ENTRY(n)	{ #n, &vec_dmikey.pki.n.cert, &vec_dmikey.pki.n.key_pem, \
			  &vec_dmikey.pki.n.sha256 }

static const struct pki all[] = {
	ENTRY(ca), ENTRY(r), ENTRY(r4096), ENTRY(tp3072), ENTRY(tpmail), ENTRY(tp1b),
	ENTRY(tp1same), ENTRY(tp1), ENTRY(tp2), ENTRY(tp3), ENTRY(tp4), ENTRY(tp5),
	ENTRY(tp6), ENTRY(tp7), ENTRY(tp8), ENTRY(tp9), ENTRY(tp10), ENTRY(tp11),
	ENTRY(tp12), ENTRY(tp13), ENTRY(tp14), ENTRY(tp15), ENTRY(tp16),
};

const struct pki *pki_by_name(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		if (!strcmp(all[i].name, name))
			return &all[i];
	return NULL;
}

const struct pki *pki_by_hash(struct dmk_span sha256)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		if (dmk_span_equal(*all[i].sha256, sha256))
			return &all[i];
	return NULL;
}

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

EVP_PKEY *pki_private(struct dmk_span key)
{
	const unsigned char *p = key.data;

	return d2i_AutoPrivateKey(NULL, &p, key.len);
}

EVP_PKEY *pki_public(struct dmk_span cert)
{
	const unsigned char *p = cert.data;
	X509 *x = d2i_X509(NULL, &p, cert.len);
	EVP_PKEY *key = x ? X509_get_pubkey(x) : NULL;

	X509_free(x);
	return key;
}

typedef int init_fn(EVP_PKEY_CTX *ctx);

static EVP_PKEY_CTX *start(EVP_PKEY *key, init_fn *init, const EVP_MD *md, int padding)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);

	if (!ctx || init(ctx) <= 0 || EVP_PKEY_CTX_set_rsa_padding(ctx, padding) <= 0 ||
	    (md && EVP_PKEY_CTX_set_signature_md(ctx, md) <= 0))
		abort();
	return ctx;
}

bool pki_verify(EVP_PKEY *key, const EVP_MD *md, const u8 *digest, struct dmk_span sig)
{
	EVP_PKEY_CTX *ctx = start(key, EVP_PKEY_verify_init, md, RSA_PKCS1_PADDING);
	bool good = EVP_PKEY_verify(ctx, sig.data, sig.len, digest, EVP_MD_get_size(md)) == 1;

	EVP_PKEY_CTX_free(ctx);
	return good;
}

size_t pki_sign(EVP_PKEY *key, const EVP_MD *md, const u8 *digest, u8 *sig, size_t room)
{
	EVP_PKEY_CTX *ctx = start(key, EVP_PKEY_sign_init, md, RSA_PKCS1_PADDING);
	size_t len = room;

	if (EVP_PKEY_sign(ctx, sig, &len, digest, EVP_MD_get_size(md)) <= 0)
		len = 0;
	EVP_PKEY_CTX_free(ctx);
	return len;
}

size_t pki_decrypt(EVP_PKEY *key, struct dmk_span pke, u8 *out, size_t room)
{
	EVP_PKEY_CTX *ctx = start(key, EVP_PKEY_decrypt_init, NULL, RSA_PKCS1_PADDING);
	size_t len = room;

	if (EVP_PKEY_decrypt(ctx, out, &len, pke.data, pke.len) <= 0)
		len = 0;
	EVP_PKEY_CTX_free(ctx);
	return len;
}

size_t pki_raw_encrypt(EVP_PKEY *key, struct dmk_span em, u8 *out, size_t room)
{
	EVP_PKEY_CTX *ctx = start(key, EVP_PKEY_encrypt_init, NULL, RSA_NO_PADDING);
	size_t len = room;

	if (EVP_PKEY_encrypt(ctx, out, &len, em.data, em.len) <= 0)
		len = 0;
	EVP_PKEY_CTX_free(ctx);
	return len;
}
