// SPDX-License-Identifier: GPL-2.0
/* sensor-fw/aead.h over OpenSSL, for the tests on the host. */
#include <openssl/evp.h>

#include "sensor-fw/aead.h"

/* everything that comes before the text; @tag is NULL to seal */
static bool start(EVP_CIPHER_CTX *ctx, const struct aead_call *c, u8 *tag, int len)
{
	bool ccm = c->mode == AEAD_CCM;
	int done;

	return EVP_CipherInit_ex(ctx, ccm ? EVP_aes_128_ccm() : EVP_aes_128_gcm(), NULL,
				 NULL, NULL, !tag) &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN, ccm ? 11 : 12, NULL) == 1 &&
	       ((!ccm && !tag) ||
		EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, c->tag_len, tag) == 1) &&
	       EVP_CipherInit_ex(ctx, NULL, NULL, c->key, c->nonce, !tag) &&
	       (!ccm || EVP_CipherUpdate(ctx, NULL, &done, NULL, len)) &&
	       EVP_CipherUpdate(ctx, NULL, &done, c->aad.data, c->aad.len);
}

int aead_seal(const struct aead_call *c, u8 *buf, u32 len)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int done;
	bool ok;

	ok = ctx && start(ctx, c, NULL, len) && EVP_CipherUpdate(ctx, buf, &done, buf, len) &&
	     EVP_CipherFinal_ex(ctx, buf + len, &done) &&
	     EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, c->tag_len, buf + len) == 1;
	EVP_CIPHER_CTX_free(ctx);
	return ok ? 0 : -1;
}

int aead_open(const struct aead_call *c, u8 *buf, u32 len)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int done;
	bool ok;

	len -= c->tag_len;
	/* CCM compares the tag in Update, GCM in Final */
	ok = ctx && start(ctx, c, buf + len, len) &&
	     EVP_CipherUpdate(ctx, buf, &done, buf, len) > 0 &&
	     (c->mode == AEAD_CCM || EVP_CipherFinal_ex(ctx, buf + len, &done) > 0);
	if (!ok)
		memset(buf, 0, len);
	EVP_CIPHER_CTX_free(ctx);
	return ok ? 0 : -1;
}
