// SPDX-License-Identifier: GPL-2.0
/* kmod/crypto.c: known answers of others, limits, and what fails leaves alone. */
#include "backend.h"
#include "suite.h"
#include "vector.h"

static struct dmk_crypto *c;

#define TEXT(s) DMK_SPAN(s, sizeof(s) - 1)

static void hash_test(void)
{
	struct dmk_span abc[] = { TEXT("a"), DMK_SPAN(NULL, 0), TEXT("bc") };
	u8 out[DMK_HASH_LEN];

	/* FIPS 180-4 */
	ktap_ok(!dmk_sha256(NULL, abc, ARRAY_SIZE(abc), out) &&
		vec_is(TEXT("\xba\x78\x16\xbf\x8f\x01\xcf\xea\x41\x41\x40\xde\x5d\xae\x22\x23"
			    "\xb0\x03\x61\xa3\x96\x17\x7a\x9c\xb4\x10\xff\x61\xf2\x00\x15\xad"),
		       out, sizeof(out)), "SHA-256 without a context");
}

/* the key of the last HMAC is kept: one that is longer by zeros is the same, RFC 2104 */
static void key_test(void)
{
	u8 a[DMK_HASH_LEN], b[DMK_HASH_LEN], out[DMK_HASH_LEN];
	struct dmk_span text = TEXT("text");

	dmk_hmac(NULL, DMK_SHA256, TEXT("a"), &text, 1, a);
	dmk_hmac(NULL, DMK_SHA256, TEXT("b"), &text, 1, b);
	ktap_ok(!dmk_hmac(c, DMK_SHA256, TEXT("a"), &text, 1, out) && !memcmp(a, out, 32) &&
		!dmk_hmac(c, DMK_SHA256, TEXT("a"), &text, 1, out) && !memcmp(a, out, 32),
		"one key twice");
	ktap_ok(!dmk_hmac(c, DMK_SHA256, TEXT("b"), &text, 1, out) && !memcmp(b, out, 32) &&
		!dmk_hmac(c, DMK_SHA256, TEXT("a\0\0"), &text, 1, out) && !memcmp(a, out, 32),
		"another key, and back");
	dmk_crypto_forget(c);
	ktap_ok(!dmk_hmac(c, DMK_SHA256, DMK_SPAN(NULL, 0), &text, 1, out) &&
		memcmp(a, out, 32) &&
		!dmk_hmac(c, DMK_SHA256, TEXT("a"), &text, 1, out) && !memcmp(a, out, 32),
		"a key that was forgotten");
}

static void hmac_test(void)
{
	struct dmk_span text[] = { TEXT("what do ya want "), TEXT("for nothing?") };
	u8 out[DMK_HASH_LEN], key[65] = {};

	/* RFC 4231 4.3 */
	ktap_ok(!dmk_hmac(NULL, DMK_SHA256, TEXT("Jefe"), text, 2, out) &&
		vec_is(TEXT("\x5b\xdc\xc1\x46\xbf\x60\x75\x4e\x6a\x04\x24\x26\x08\x95\x75\xc7"
			    "\x5a\x00\x3f\x08\x9d\x27\x39\x83\x9d\xec\x58\xb9\x64\xec\x38\x43"),
		       out, sizeof(out)), "HMAC-SHA-256 without a context");
	/* RFC 2202 3, case 2 */
	ktap_ok(!dmk_hmac(c, DMK_SHA1, TEXT("Jefe"), text, 2, out) &&
		vec_is(TEXT("\xef\xfc\xdf\x6a\xe5\xeb\x2f\xa2\xd2\x74"
			    "\x16\xd5\xf1\x84\xdf\x9c\x25\x9a\x7c\x79"), out, 20),
		"HMAC-SHA-1");
	ktap_ok(dmk_hmac(NULL, DMK_SHA1, TEXT("Jefe"), text, 2, out) == -EINVAL,
		"HMAC-SHA-1 needs a context");
	ktap_ok(!dmk_hmac(c, DMK_SHA256, DMK_SPAN(key, 64), text, 2, out), "a key of 64 bytes");
	ktap_ok(dmk_hmac(c, DMK_SHA256, DMK_SPAN(key, 65), text, 2, out) == -EINVAL,
		"a key of 65 bytes");
}

static void cm_test(void)
{
	/* NIST SP 800-38A F.5.1 */
	static const u8 key[] = "\x2b\x7e\x15\x16\x28\xae\xd2\xa6\xab\xf7\x15\x88\x09\xcf\x4f\x3c";
	static const u8 iv[] = "\xf0\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8\xf9\xfa\xfb\xfc\xfd\xfe\xff";
	u8 buf[] = "\x6b\xc1\xbe\xe2\x2e\x40\x9f\x96\xe9\x3d\x7e\x11\x73\x93\x17\x2a";

	ktap_ok(!dmk_aes_cm(c, DMK_SPAN(key, 16), iv, buf, 16) &&
		vec_is(TEXT("\x87\x4d\x61\x91\xb6\x20\xe3\x26\x1b\xef\x68\x64\x99\x0d\xb6\xce"),
		       buf, 16), "AES-CM-128");
	ktap_ok(dmk_aes_cm(c, DMK_SPAN(key, 15), iv, buf, 16) < 0, "AES-CM: a key of 15 bytes");
	ktap_ok(!dmk_aes_cm(c, DMK_SPAN(key, 16), iv, buf, 0), "AES-CM: nothing");
	ktap_ok(dmk_aes_cm(c, DMK_SPAN(key, 16), iv, buf, DMK_MSG_MAX + 1) == -EINVAL,
		"AES-CM: too much");
}

static void ccm_test(void)
{
	const u8 key[16] = { 1 }, nonce[DMK_CCM_NONCE_LEN] = { 2 };
	u8 *buf = kmalloc(DMK_MSG_MAX + DMK_CCM_TAG_LEN, GFP_KERNEL);
	u8 *aad = kzalloc(DMK_MSG_MAX + 1, GFP_KERNEL);
	struct dmk_span in[] = { DMK_SPAN(aad, 96), DMK_SPAN(aad, DMK_MSG_MAX - 96) };
	struct dmk_span long_in = DMK_SPAN(aad, DMK_MSG_MAX + 1);
	u32 len = DMK_MSG_MAX;
	bool good = false;

	if (!buf || !aad)
		goto out;
	memset(buf, 7, len);
	ktap_ok(!dmk_aes_ccm_seal(c, key, nonce, in, 2, buf, len), "AES-CCM: the longest of all");
	buf[len] ^= 1;
	ktap_ok(!dmk_aes_ccm_open(c, key, nonce, in, 2, buf, len + 16, &good) && !good &&
		memchr_inv(buf, 7, len), "AES-CCM: a wrong tag opens nothing");
	buf[len] ^= 1;
	aad[DMK_MSG_MAX - 97] = 1;
	ktap_ok(!dmk_aes_ccm_open(c, key, nonce, in, 2, buf, len + 16, &good) && !good,
		"AES-CCM: a wrong last byte of the AAD");
	aad[DMK_MSG_MAX - 97] = 0;
	ktap_ok(!dmk_aes_ccm_open(c, key, nonce, in, 2, buf, len + 16, &good) && good &&
		!memchr_inv(buf, 7, len), "AES-CCM: and back");
	ktap_ok(!dmk_aes_ccm_seal(c, key, nonce, in, 1, buf, 0) &&
		!dmk_aes_ccm_open(c, key, nonce, in, 1, buf, 16, &good) && good,
		"AES-CCM: no text, only a tag");
	ktap_ok(dmk_aes_ccm_open(c, key, nonce, in, 1, buf, 15, &good) == -EINVAL && !good,
		"AES-CCM: shorter than a tag");
	ktap_ok(dmk_aes_ccm_seal(c, key, nonce, &long_in, 1, buf, 16) == -EINVAL,
		"AES-CCM: too much AAD");
	ktap_ok(dmk_aes_ccm_seal(c, key, nonce, in, 1, buf, DMK_MSG_MAX + 1) == -EINVAL,
		"AES-CCM: too much text");
out:
	kfree(buf);
	kfree(aad);
}

static void random_test(void)
{
	u8 a[32] = {}, b[32] = {};

	ktap_ok(!dmk_random(c, a, sizeof(a)) && !dmk_random(c, b, sizeof(b)) &&
		memcmp(a, b, sizeof(a)), "random bytes");
}

static void crypto_test(void)
{
	c = dmk_crypto_alloc();
	if (!ktap_ok(!IS_ERR(c), "a context"))
		return;
	hash_test();
	hmac_test();
	key_test();
	cm_test();
	ccm_test();
	random_test();
	dmk_crypto_free(c);
	dmk_crypto_free(NULL);
}

KTAP_MAIN(crypto_test)
