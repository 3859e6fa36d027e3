// SPDX-License-Identifier: GPL-2.0
#include <mbedtls/aes.h>
#include <mbedtls/sha256.h>

#include "aead.h"
#include "crypto_mbedtls.h"
#include "entropy.h"
#include "modes.h"

enum {
	AES_KEY_BITS = 128,
	AES_KEY_LEN = 16,
	HMAC_BLOCK = 64,
};

/* all functions of the library: 0, or negative */
static int sha256_add(mbedtls_sha256_context *sha, const struct dmk_span *in,
		      unsigned int n)
{
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < n; i++)
		err = mbedtls_sha256_update(sha, in[i].data, in[i].len);
	return err;
}

int dmk_sha256(struct dmk_crypto *c, const struct dmk_span *in, unsigned int n,
	       u8 out[DMK_HASH_LEN])
{
	mbedtls_sha256_context sha;
	int bad;

	(void)c;
	mbedtls_sha256_init(&sha);
	bad = mbedtls_sha256_starts(&sha, 0) || sha256_add(&sha, in, n) ||
	      mbedtls_sha256_finish(&sha, out);
	mbedtls_sha256_free(&sha);
	return bad ? -1 : 0;
}

/* RFC 2104: a hash that begins with the key XOR @pad */
static int hmac_start(mbedtls_sha256_context *sha, struct dmk_span key, u8 pad)
{
	u8 block[HMAC_BLOCK];
	int bad;
	u32 i;

	memset(block, pad, sizeof(block));
	for (i = 0; i < key.len; i++)
		block[i] ^= key.data[i];
	bad = mbedtls_sha256_starts(sha, 0) ||
	      mbedtls_sha256_update(sha, block, sizeof(block));
	dmk_wipe(block, sizeof(block));
	return bad;
}

int dmk_hmac(struct dmk_crypto *c, enum dmk_hash hash, struct dmk_span key,
	     const struct dmk_span *in, unsigned int n, u8 *out)
{
	mbedtls_sha256_context sha;
	u8 inner[DMK_HASH_LEN];
	int bad;

	(void)c;
	if (hash != DMK_SHA256 || key.len > HMAC_BLOCK)
		return -1;
	mbedtls_sha256_init(&sha);
	bad = hmac_start(&sha, key, 0x36) || sha256_add(&sha, in, n) ||
	      mbedtls_sha256_finish(&sha, inner) ||
	      hmac_start(&sha, key, 0x5c) ||
	      mbedtls_sha256_update(&sha, inner, sizeof(inner)) ||
	      mbedtls_sha256_finish(&sha, out);
	mbedtls_sha256_free(&sha);
	dmk_wipe(inner, sizeof(inner));
	return bad ? -1 : 0;
}

int dmk_aes_cm(struct dmk_crypto *c, struct dmk_span key, const u8 iv[16],
	       u8 *buf, size_t len)
{
	u8 counter[16], stream[16];
	mbedtls_aes_context aes;
	size_t offset = 0;
	int bad;

	(void)c;
	if (key.len != AES_KEY_LEN)
		return -1;
	memcpy(counter, iv, sizeof(counter));
	mbedtls_aes_init(&aes);
	bad = mbedtls_aes_setkey_enc(&aes, key.data, AES_KEY_BITS) ||
	      mbedtls_aes_crypt_ctr(&aes, len, &offset, counter, stream, buf, buf);
	mbedtls_aes_free(&aes);
	dmk_wipe(stream, sizeof(stream));
	return bad ? -1 : 0;
}

int dmk_aes_ccm_seal(struct dmk_crypto *c, const u8 key[16],
		     const u8 nonce[DMK_CCM_NONCE_LEN],
		     const struct dmk_span *aad, unsigned int n,
		     u8 *buf, size_t len)
{
	const struct modes_call m = {
		false, key, DMK_SPAN(nonce, DMK_CCM_NONCE_LEN), aad, n, DMK_CCM_TAG_LEN
	};

	(void)c;
	return modes_run(&m, true, buf, len, buf + len);
}

int dmk_aes_ccm_open(struct dmk_crypto *c, const u8 key[16],
		     const u8 nonce[DMK_CCM_NONCE_LEN],
		     const struct dmk_span *aad, unsigned int n,
		     u8 *buf, size_t len, bool *good)
{
	const struct modes_call m = {
		false, key, DMK_SPAN(nonce, DMK_CCM_NONCE_LEN), aad, n, DMK_CCM_TAG_LEN
	};
	u8 tag[DMK_CCM_TAG_LEN];
	int err;

	(void)c;
	*good = false;
	if (len < DMK_CCM_TAG_LEN)
		return -1;
	len -= DMK_CCM_TAG_LEN;
	err = modes_run(&m, false, buf, len, tag);
	*good = !err && dmk_equal(tag, buf + len, sizeof(tag));
	if (!*good)
		dmk_wipe(buf, len);
	dmk_wipe(tag, sizeof(tag));
	return err;
}

int dmk_random(struct dmk_crypto *c, u8 *out, size_t len)
{
	(void)c;
	return entropy_bytes(out, len);
}

static int aead_run(const struct aead_call *c, bool seal, u8 *buf, u32 len, u8 *tag)
{
	bool gcm = c->mode == AEAD_GCM;
	const struct modes_call m = {
		gcm, c->key, DMK_SPAN(c->nonce, gcm ? 12 : 11), &c->aad, 1, c->tag_len
	};

	return modes_run(&m, seal, buf, len, tag);
}

int aead_seal(const struct aead_call *c, u8 *buf, u32 len)
{
	return aead_run(c, true, buf, len, buf + len);
}

int aead_open(const struct aead_call *c, u8 *buf, u32 len)
{
	u8 tag[MODES_TAG_MAX];
	bool good;

	if (len < c->tag_len || c->tag_len > sizeof(tag))
		return -1;
	len -= c->tag_len;
	good = !aead_run(c, false, buf, len, tag) && dmk_equal(tag, buf + len, c->tag_len);
	if (!good)
		dmk_wipe(buf, len);
	dmk_wipe(tag, sizeof(tag));
	return good ? 0 : -1;
}
