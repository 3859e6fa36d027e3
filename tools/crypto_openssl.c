// SPDX-License-Identifier: GPL-2.0
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "crypto_openssl.h"

/**
 * struct dmk_crypto - OpenSSL's objects, fetched once
 * @sha256: SHA-256
 * @digest: for SHA-256
 * @hmac: for HMAC, keyed anew each time
 * @ccm: AES-128-CCM
 * @ctr: AES-CTR with a key of 16 and 32 bytes
 * @cipher: for AES
 * @aad: OpenSSL wants CCM's AAD in one piece
 */
struct dmk_crypto {
	EVP_MD *sha256;
	EVP_MD_CTX *digest;
	EVP_MAC_CTX *hmac;
	EVP_CIPHER *ccm;
	EVP_CIPHER *ctr[2];
	EVP_CIPHER_CTX *cipher;
	u8 aad[DMK_MSG_MAX];
};

static EVP_MAC_CTX *hmac_new(void)
{
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *ctx = mac ? EVP_MAC_CTX_new(mac) : NULL;

	EVP_MAC_free(mac);
	return ctx;
}

struct dmk_crypto *dmk_crypto_openssl_new(void)
{
	struct dmk_crypto *c = OPENSSL_zalloc(sizeof(*c));

	if (!c)
		return NULL;
	c->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	c->digest = EVP_MD_CTX_new();
	c->hmac = hmac_new();
	c->ccm = EVP_CIPHER_fetch(NULL, "AES-128-CCM", NULL);
	c->ctr[0] = EVP_CIPHER_fetch(NULL, "AES-128-CTR", NULL);
	c->ctr[1] = EVP_CIPHER_fetch(NULL, "AES-256-CTR", NULL);
	c->cipher = EVP_CIPHER_CTX_new();
	if (c->sha256 && c->digest && c->hmac && c->ccm && c->ctr[0] && c->ctr[1] && c->cipher)
		return c;
	dmk_crypto_openssl_free(c);
	return NULL;
}

void dmk_crypto_openssl_free(struct dmk_crypto *c)
{
	if (!c)
		return;
	EVP_CIPHER_CTX_free(c->cipher);
	EVP_CIPHER_free(c->ctr[1]);
	EVP_CIPHER_free(c->ctr[0]);
	EVP_CIPHER_free(c->ccm);
	EVP_MAC_CTX_free(c->hmac);
	EVP_MD_CTX_free(c->digest);
	EVP_MD_free(c->sha256);
	OPENSSL_clear_free(c, sizeof(*c));
}

int dmk_sha256(struct dmk_crypto *c, const struct dmk_span *in, unsigned int n,
	       u8 out[DMK_HASH_LEN])
{
	unsigned int i;
	int ok;

	ok = EVP_DigestInit_ex2(c->digest, c->sha256, NULL);
	for (i = 0; ok && i < n; i++)
		ok = EVP_DigestUpdate(c->digest, in[i].data, in[i].len);
	ok = ok && EVP_DigestFinal_ex(c->digest, out, NULL);
	EVP_MD_CTX_reset(c->digest);
	return ok ? 0 : -1;
}

int dmk_hmac(struct dmk_crypto *c, enum dmk_hash hash, struct dmk_span key,
	     const struct dmk_span *in, unsigned int n, u8 *out)
{
	char *name = hash == DMK_SHA1 ? "SHA1" : "SHA256";
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
		OSSL_PARAM_construct_end(),
	};
	unsigned int i;
	size_t len;
	int ok;

	ok = EVP_MAC_init(c->hmac, key.data, key.len, params);
	for (i = 0; ok && i < n; i++)
		ok = EVP_MAC_update(c->hmac, in[i].data, in[i].len);
	ok = ok && EVP_MAC_final(c->hmac, out, &len, DMK_MAC_LEN);
	return ok ? 0 : -1;
}

int dmk_aes_cm(struct dmk_crypto *c, struct dmk_span key, const u8 iv[16],
	       u8 *buf, size_t len)
{
	int n, ok;

	if ((key.len != 16 && key.len != 32) || len > DMK_MSG_MAX)
		return -1;
	ok = EVP_EncryptInit_ex2(c->cipher, c->ctr[key.len == 32], key.data, iv, NULL) &&
	     EVP_EncryptUpdate(c->cipher, buf, &n, buf, len);
	EVP_CIPHER_CTX_reset(c->cipher);
	return ok ? 0 : -1;
}

static bool gather_aad(struct dmk_crypto *c, const struct dmk_span *aad, unsigned int n, int *len)
{
	size_t at = 0;
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (aad[i].len > sizeof(c->aad) - at)
			return false;
		if (aad[i].len)
			memcpy(c->aad + at, aad[i].data, aad[i].len);
		at += aad[i].len;
	}
	*len = at;
	return true;
}

/* everything that comes before the text */
static bool ccm_start(struct dmk_crypto *c, int enc, const u8 *key, const u8 *nonce,
		      u8 *tag, const struct dmk_span *aad, unsigned int n, int len)
{
	EVP_CIPHER_CTX *ctx = c->cipher;
	int aad_len, done;

	return gather_aad(c, aad, n, &aad_len) &&
	       EVP_CipherInit_ex2(ctx, c->ccm, NULL, NULL, enc, NULL) &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN, DMK_CCM_NONCE_LEN, NULL) == 1 &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, DMK_CCM_TAG_LEN, tag) == 1 &&
	       EVP_CipherInit_ex2(ctx, NULL, key, nonce, enc, NULL) &&
	       EVP_CipherUpdate(ctx, NULL, &done, NULL, len) &&
	       (!aad_len || EVP_CipherUpdate(ctx, NULL, &done, c->aad, aad_len));
}

int dmk_aes_ccm_seal(struct dmk_crypto *c, const u8 key[16],
		     const u8 nonce[DMK_CCM_NONCE_LEN],
		     const struct dmk_span *aad, unsigned int n,
		     u8 *buf, size_t len)
{
	int done;
	bool ok;

	ok = len <= DMK_MSG_MAX && ccm_start(c, 1, key, nonce, NULL, aad, n, len) &&
	     EVP_CipherUpdate(c->cipher, buf, &done, buf, len) &&
	     EVP_CIPHER_CTX_ctrl(c->cipher, EVP_CTRL_AEAD_GET_TAG, DMK_CCM_TAG_LEN, buf + len) == 1;
	EVP_CIPHER_CTX_reset(c->cipher);
	return ok ? 0 : -1;
}

int dmk_aes_ccm_open(struct dmk_crypto *c, const u8 key[16],
		     const u8 nonce[DMK_CCM_NONCE_LEN],
		     const struct dmk_span *aad, unsigned int n,
		     u8 *buf, size_t len, bool *good)
{
	int done, err = -1;

	*good = false;
	if (len < DMK_CCM_TAG_LEN || len > DMK_MSG_MAX)
		return -1;
	len -= DMK_CCM_TAG_LEN;
	if (ccm_start(c, 0, key, nonce, buf + len, aad, n, len)) {
		/* in CCM mode OpenSSL compares the tag here */
		*good = EVP_CipherUpdate(c->cipher, buf, &done, buf, len) > 0;
		err = 0;
	}
	if (!*good)
		dmk_wipe(buf, len);
	EVP_CIPHER_CTX_reset(c->cipher);
	return err;
}

int dmk_random(struct dmk_crypto *c, u8 *out, size_t len)
{
	(void)c;
	return RAND_priv_bytes(out, len) == 1 ? 0 : -1;
}
