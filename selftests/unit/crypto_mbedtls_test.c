// SPDX-License-Identifier: GPL-2.0
/* sensor-fw/crypto_mbedtls.c against OpenSSL, over all lengths that matter */
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "aead.h"
#include "crypto_mbedtls.h"
#include "entropy.h"
#include "ktap.h"

enum {
	MAX = 300,
	TAG = 16,
};

static u8 text[MAX], key[16], iv[16];

/* crypto_mbedtls.c asks entropy.c; it has a test of its own */
static bool entropy_fails;

int entropy_bytes(u8 *out, size_t len)
{
	memset(out, 0x42, len);
	return entropy_fails ? -1 : 0;
}

/* @data in up to five pieces, an empty one among them */
static unsigned int pieces(const u8 *data, u32 len, struct dmk_span in[5])
{
	u32 a = len / 3, b = len / 2;

	in[0] = DMK_SPAN(data, a);
	in[1] = DMK_SPAN(NULL, 0);
	in[2] = DMK_SPAN(data + a, b - a);
	in[3] = DMK_SPAN(data + b, len - b);
	in[4] = DMK_SPAN(NULL, 0);
	return 5;
}

static void hash_test(void)
{
	u8 out[32], want[64];
	struct dmk_span in[5];
	bool sha = true, mac = true;
	unsigned int n, klen;

	for (u32 len = 0; len <= MAX; len++) {
		klen = len % 65;
		n = pieces(text, len, in);
		EVP_Digest(text, len, want, NULL, EVP_sha256(), NULL);
		sha = sha && !dmk_sha256(crypto_context(), in, n, out) && !memcmp(out, want, 32);
		HMAC(EVP_sha256(), text + 7, klen, text, len, want, NULL);
		mac = mac &&
		      !dmk_hmac(crypto_context(), DMK_SHA256, DMK_SPAN(text + 7, klen), in, n, out) &&
		      !memcmp(out, want, 32);
	}
	ktap_ok(sha, "SHA-256 of 0 to %d bytes", MAX);
	ktap_ok(mac, "HMAC of 0 to %d bytes, keys of 0 to 64", MAX);
	ktap_ok(dmk_hmac(crypto_context(), DMK_SHA1, DMK_SPAN(key, 16), in, n, out) < 0,
		"SHA-1 is refused");
	ktap_ok(dmk_hmac(crypto_context(), DMK_SHA256, DMK_SPAN(text, 65), in, n, out) < 0,
		"an HMAC key of 65 bytes is refused");
}

static void cm_test(void)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	u8 buf[MAX], want[MAX];
	bool ok = true;
	int n;

	memset(iv, 0xff, sizeof(iv));
	for (u32 len = 0; len <= MAX; len++) {
		memcpy(buf, text, sizeof(buf));
		memcpy(want, text, sizeof(want));
		EVP_EncryptInit_ex(ctx, EVP_aes_128_ctr(), NULL, key, iv);
		EVP_EncryptUpdate(ctx, want, &n, text, len);
		ok = ok && !dmk_aes_cm(crypto_context(), DMK_SPAN(key, 16), iv, buf, len) &&
		     !memcmp(buf, want, sizeof(buf));
	}
	ktap_ok(ok, "AES-CM of 0 to %d bytes, over the counter's end", MAX);
	ktap_ok(dmk_aes_cm(crypto_context(), DMK_SPAN(text, 32), iv, buf, 16) < 0 &&
		!memcmp(buf, want, 16), "AES-CM with 256 bits is refused");
	EVP_CIPHER_CTX_free(ctx);
}

/* OpenSSL's seal: text, then tag */
static void seal(const EVP_CIPHER *cipher, int nonce_len, int tag_len, u32 aad_len,
		 u8 *out, u32 len)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	bool ccm = EVP_CIPHER_get_mode(cipher) == EVP_CIPH_CCM_MODE;
	int n;

	EVP_EncryptInit_ex(ctx, cipher, NULL, NULL, NULL);
	EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN, nonce_len, NULL);
	if (ccm)
		EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, tag_len, NULL);
	EVP_EncryptInit_ex(ctx, NULL, NULL, key, iv);
	if (ccm)
		EVP_EncryptUpdate(ctx, NULL, &n, NULL, len);
	if (aad_len)
		EVP_EncryptUpdate(ctx, NULL, &n, text + 1, aad_len);
	EVP_EncryptUpdate(ctx, out, &n, text, len);
	EVP_EncryptFinal_ex(ctx, out + n, &n);
	EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, tag_len, out + len);
	EVP_CIPHER_CTX_free(ctx);
}

/* one of the two interfaces: MIKEY's CCM, or a cipher of ESP */
struct way {
	const char *name;
	const EVP_CIPHER *(*cipher)(void);
	bool esp;
	enum aead_mode mode;
	u8 nonce_len;
	u8 tag_len;
};

static bool do_seal(const struct way *w, u32 aad_len, u8 *buf, u32 len)
{
	const struct aead_call call = {
		w->mode, key, iv, DMK_SPAN(text + 1, aad_len), w->tag_len
	};
	struct dmk_span aad[5];
	unsigned int n = pieces(text + 1, aad_len, aad);

	if (w->esp)
		return !aead_seal(&call, buf, len);
	return !dmk_aes_ccm_seal(crypto_context(), key, iv, aad, n, buf, len);
}

/* 1: opened, 0: refused as forged, -1: refused otherwise */
static int do_open(const struct way *w, u32 aad_len, u8 *buf, u32 len)
{
	const struct aead_call call = {
		w->mode, key, iv, DMK_SPAN(text + 1, aad_len), w->tag_len
	};
	struct dmk_span aad[5];
	unsigned int n = pieces(text + 1, aad_len, aad);
	bool good;

	if (w->esp)
		return !aead_open(&call, buf, len);
	if (dmk_aes_ccm_open(crypto_context(), key, iv, aad, n, buf, len, &good))
		return -1;
	return good;
}

static bool all_zero(const u8 *p, u32 n)
{
	while (n--)
		if (*p++)
			return false;
	return true;
}

static bool round_trip(const struct way *w, u32 aad_len, u32 len)
{
	u8 buf[MAX + TAG], want[MAX + TAG];
	u32 all = len + w->tag_len;

	seal(w->cipher(), w->nonce_len, w->tag_len, aad_len, want, len);
	memcpy(buf, text, len);
	if (!do_seal(w, aad_len, buf, len) || memcmp(buf, want, all) ||
	    do_open(w, aad_len, buf, all) != 1 || memcmp(buf, text, len))
		return false;

	/* forged: nothing of the plaintext is left */
	memcpy(buf, want, all);
	buf[(7 * len + aad_len) % all] ^= 0x80;
	return !do_open(w, aad_len, buf, all) && all_zero(buf, len);
}

static void way_test(const struct way *w)
{
	u8 buf[TAG] = { 0 };
	bool ok = true;

	for (u32 len = 0; len <= MAX; len++)
		ok = ok && round_trip(w, 12, len) && round_trip(w, len * 5 % (MAX - 1), 33);
	ktap_ok(ok, "%s of 0 to %d bytes, with AAD as long, and forged", w->name, MAX);
	ok = true;
	for (u32 len = 0; len < w->tag_len; len++)
		ok = ok && do_open(w, 8, buf, len) != 1;
	ktap_ok(ok, "%s shorter than its tag", w->name);
}

static void crypto_mbedtls_test(void)
{
	static const struct way ways[] = {
		{ "MIKEY's AES-CCM", EVP_aes_128_ccm, false, 0, 13, 16 },
		{ "ESP's AES-CCM-8", EVP_aes_128_ccm, true, AEAD_CCM, 11, 8 },
		{ "ESP's AES-CCM-16", EVP_aes_128_ccm, true, AEAD_CCM, 11, 16 },
		{ "ESP's AES-GCM-16", EVP_aes_128_gcm, true, AEAD_GCM, 12, 16 },
	};
	u8 out[8];

	for (u32 i = 0; i < sizeof(text); i++)
		text[i] = 31 * i + i / 7;
	memcpy(key, text + 100, sizeof(key));
	hash_test();
	cm_test();
	memcpy(iv, text + 50, sizeof(iv));
	for (u32 i = 0; i < ARRAY_SIZE(ways); i++)
		way_test(&ways[i]);
	ktap_ok(!dmk_random(crypto_context(), out, sizeof(out)) && out[7] == 0x42,
		"random bytes are entropy.c's");
	entropy_fails = true;
	ktap_ok(dmk_random(crypto_context(), out, sizeof(out)) < 0, "and so is its failure");
}
KTAP_MAIN(crypto_mbedtls_test)
