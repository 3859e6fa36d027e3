// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel crypto API behind core/crypto.h.
 *
 * All but SHA-256 (hash.c) works on the transforms and the one bounce buffer of
 * a context, because a scatterlist must not point to a stack. Asynchronous
 * drivers are masked out, so that nothing here waits.
 */
#include <crypto/aead.h>
#include <crypto/hash.h>
#include <crypto/sha1.h>
#include <crypto/skcipher.h>
#include <linux/random.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#include "backend.h"

/**
 * struct dmk_crypto - transforms of one worker
 * @key: of its last HMACs
 * @sha1: HMAC-SHA-1
 * @ctr: AES-CM
 * @ccm: AES-CCM
 * @sha1_keyed: @sha1 has a key
 * @ctr_keyed: @ctr has
 * @ccm_keyed: @ccm has
 * @ctr_req: request of @ctr
 * @ccm_req: request of @ccm
 * @sg: one entry, over @buf
 * @iv: counter block
 * @buf: AAD, text and tag
 */
struct dmk_crypto {
	struct dmk_hmac_key key;
	struct crypto_shash *sha1;
	struct crypto_skcipher *ctr;
	struct crypto_aead *ccm;
	bool sha1_keyed;
	bool ctr_keyed;
	bool ccm_keyed;
	struct skcipher_request *ctr_req;
	struct aead_request *ccm_req;
	struct scatterlist sg;
	u8 iv[16];
	u8 buf[2 * DMK_MSG_MAX + DMK_CCM_TAG_LEN];
};

static int alloc_hmac(struct dmk_crypto *c)
{
	c->sha1 = crypto_alloc_shash("hmac(sha1)", 0, 0);
	return PTR_ERR_OR_ZERO(c->sha1);
}

static int alloc_ctr(struct dmk_crypto *c)
{
	c->ctr = crypto_alloc_skcipher("ctr(aes)", 0, CRYPTO_ALG_ASYNC);
	if (IS_ERR(c->ctr))
		return PTR_ERR(c->ctr);
	c->ctr_req = skcipher_request_alloc(c->ctr, GFP_KERNEL);
	if (!c->ctr_req)
		return -ENOMEM;
	skcipher_request_set_callback(c->ctr_req, 0, NULL, NULL);
	return 0;
}

static int alloc_ccm(struct dmk_crypto *c)
{
	c->ccm = crypto_alloc_aead("ccm(aes)", 0, CRYPTO_ALG_ASYNC);
	if (IS_ERR(c->ccm))
		return PTR_ERR(c->ccm);
	c->ccm_req = aead_request_alloc(c->ccm, GFP_KERNEL);
	if (!c->ccm_req)
		return -ENOMEM;
	aead_request_set_callback(c->ccm_req, 0, NULL, NULL);
	return crypto_aead_setauthsize(c->ccm, DMK_CCM_TAG_LEN);	/* M = 16 */
}

struct dmk_crypto *dmk_crypto_alloc(void)
{
	struct dmk_crypto *c = kzalloc(sizeof(*c), GFP_KERNEL);
	int err;

	if (!c)
		return ERR_PTR(-ENOMEM);
	err = alloc_hmac(c);
	if (!err)
		err = alloc_ctr(c);
	if (!err)
		err = alloc_ccm(c);
	if (err) {
		dmk_crypto_free(c);
		return ERR_PTR(err);
	}
	return c;
}

void dmk_crypto_free(struct dmk_crypto *c)
{
	if (IS_ERR_OR_NULL(c))
		return;
	aead_request_free(c->ccm_req);
	skcipher_request_free(c->ctr_req);
	/* each takes NULL and ERR_PTR, and wipes the keys */
	crypto_free_aead(c->ccm);
	crypto_free_skcipher(c->ctr);
	crypto_free_shash(c->sha1);
	kfree_sensitive(c);
}

static int mac_sha1(struct dmk_crypto *c, struct dmk_span key,
		    const struct dmk_span *in, unsigned int n, u8 out[SHA1_DIGEST_SIZE])
{
	SHASH_DESC_ON_STACK(desc, c->sha1);
	unsigned int i;
	int err;

	desc->tfm = c->sha1;
	c->sha1_keyed = true;
	err = crypto_shash_setkey(c->sha1, key.data, key.len) ?:
	      crypto_shash_init(desc);
	for (i = 0; i < n && !err; i++)
		err = crypto_shash_update(desc, in[i].data, in[i].len);
	if (!err)
		err = crypto_shash_final(desc, out);
	shash_desc_zero(desc);
	return err;
}

int dmk_hmac(struct dmk_crypto *c, enum dmk_hash hash, struct dmk_span key,
	     const struct dmk_span *in, unsigned int n, u8 *out)
{
	if (key.len > SHA256_BLOCK_SIZE)
		return -EINVAL;
	if (hash == DMK_SHA1)
		return c ? mac_sha1(c, key, in, n, out) : -EINVAL;
	return dmk_hmac_sha256(c ? &c->key : NULL, key, in, n, out);
}

void dmk_crypto_preset(struct dmk_crypto *c, const struct dmk_hmac_key *k)
{
	c->key = *k;
}

void dmk_crypto_forget(struct dmk_crypto *c)
{
	/* over a transform's key another one has to be written */
	static const u8 nothing[16] __aligned(16);

	memzero_explicit(&c->key, sizeof(c->key));
	memzero_explicit(c->iv, sizeof(c->iv));
	if (c->sha1_keyed)
		crypto_shash_setkey(c->sha1, nothing, sizeof(nothing));
	if (c->ctr_keyed)
		crypto_skcipher_setkey(c->ctr, nothing, sizeof(nothing));
	if (c->ccm_keyed)
		crypto_aead_setkey(c->ccm, nothing, sizeof(nothing));
	c->sha1_keyed = false;
	c->ctr_keyed = false;
	c->ccm_keyed = false;
}

int dmk_aes_cm(struct dmk_crypto *c, struct dmk_span key, const u8 iv[16],
	       u8 *buf, size_t len)
{
	int err;

	if (len > DMK_MSG_MAX)
		return -EINVAL;
	c->ctr_keyed = true;
	err = crypto_skcipher_setkey(c->ctr, key.data, key.len);
	if (err || !len)
		return err;
	memcpy(c->iv, iv, sizeof(c->iv));
	memcpy(c->buf, buf, len);
	sg_init_one(&c->sg, c->buf, len);
	skcipher_request_set_crypt(c->ctr_req, &c->sg, &c->sg, len, c->iv);
	err = crypto_skcipher_encrypt(c->ctr_req);
	if (!err)
		memcpy(buf, c->buf, len);
	memzero_explicit(c->buf, len);
	return err;
}

/* copy the AAD to the front of the bounce buffer; its length, or -EINVAL */
static int gather(struct dmk_crypto *c, const struct dmk_span *aad, unsigned int n)
{
	u32 len = 0;
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (aad[i].len > DMK_MSG_MAX - len)
			return -EINVAL;
		memcpy(c->buf + len, aad[i].data, aad[i].len);
		len += aad[i].len;
	}
	return len;
}

/*
 * Key, nonce and AAD of an AEAD operation. The kernel's ccm takes L - 1 and
 * the nonce as one counter block (RFC 3610 2.3). Return: length of the AAD.
 */
static int ccm_start(struct dmk_crypto *c, const u8 key[16],
		     const u8 nonce[DMK_CCM_NONCE_LEN],
		     const struct dmk_span *aad, unsigned int n)
{
	int err;

	c->ccm_keyed = true;
	err = crypto_aead_setkey(c->ccm, key, 16);
	if (err)
		return err;
	memset(c->iv, 0, sizeof(c->iv));
	c->iv[0] = 2 - 1;	/* L - 1 */
	memcpy(c->iv + 1, nonce, DMK_CCM_NONCE_LEN);
	return gather(c, aad, n);
}

static int ccm_run(struct dmk_crypto *c, int (*op)(struct aead_request *req),
		   int aad_len, u8 *buf, size_t in_len, size_t out_len)
{
	size_t all = aad_len + max(in_len, out_len);
	u8 *text = c->buf + aad_len;
	int err;

	memcpy(text, buf, in_len);
	sg_init_one(&c->sg, c->buf, all);
	aead_request_set_ad(c->ccm_req, aad_len);
	aead_request_set_crypt(c->ccm_req, &c->sg, &c->sg, in_len, c->iv);
	err = op(c->ccm_req);
	if (!err)
		memcpy(buf, text, out_len);
	memzero_explicit(c->buf, all);
	return err;
}

int dmk_aes_ccm_seal(struct dmk_crypto *c, const u8 key[16],
		     const u8 nonce[DMK_CCM_NONCE_LEN],
		     const struct dmk_span *aad, unsigned int n,
		     u8 *buf, size_t len)
{
	int aad_len;

	if (len > DMK_MSG_MAX)
		return -EINVAL;
	aad_len = ccm_start(c, key, nonce, aad, n);
	if (aad_len < 0)
		return aad_len;
	return ccm_run(c, crypto_aead_encrypt, aad_len, buf, len, len + DMK_CCM_TAG_LEN);
}

int dmk_aes_ccm_open(struct dmk_crypto *c, const u8 key[16],
		     const u8 nonce[DMK_CCM_NONCE_LEN],
		     const struct dmk_span *aad, unsigned int n,
		     u8 *buf, size_t len, bool *good)
{
	int aad_len, err;

	*good = false;
	if (len < DMK_CCM_TAG_LEN || len > DMK_MSG_MAX + DMK_CCM_TAG_LEN)
		return -EINVAL;
	aad_len = ccm_start(c, key, nonce, aad, n);
	if (aad_len < 0)
		return aad_len;
	err = ccm_run(c, crypto_aead_decrypt, aad_len, buf, len, len - DMK_CCM_TAG_LEN);
	*good = !err;
	return err == -EBADMSG ? 0 : err;
}

int dmk_random(struct dmk_crypto *c, u8 *out, size_t len)
{
	return get_random_bytes_wait(out, len);
}
