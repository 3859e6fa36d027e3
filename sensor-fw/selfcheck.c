// SPDX-License-Identifier: GPL-2.0
#include "aead.h"
#include "crypto_mbedtls.h"
#include "entropy.h"
#include "kdf.h"
#include "record.h"
#include "selfcheck.h"
#include "share.h"

/* from the linker script; the checksum stands at the end */
extern const u8 __image_start[], __image_end[];

static const u8 key[16] = {
	0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07,
	0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f,
};

static const char text[] = "what do ya want for nothing?";

/* RFC 4231 4.3: of text, key "Jefe" */
static const u8 hmac_text[DMK_HASH_LEN] = {
	0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e,
	0x6a, 0x04, 0x24, 0x26, 0x08, 0x95, 0x75, 0xc7,
	0x5a, 0x00, 0x3f, 0x08, 0x9d, 0x27, 0x39, 0x83,
	0x9d, 0xec, 0x58, 0xb9, 0x64, 0xec, 0x38, 0x43,
};

/* the first 20 bytes of text; nonce: key's first 13 bytes, AAD: key */
#define CCM_TEXT_LEN 20
static const u8 ccm_text[CCM_TEXT_LEN + DMK_CCM_TAG_LEN] = {
	0x61, 0x5c, 0xd5, 0xfc, 0x73, 0x6d, 0x95, 0xa2,
	0x23, 0xf6, 0x13, 0xd0, 0xfc, 0x5a, 0x6a, 0xf8,
	0x85, 0x6f, 0x76, 0x02, 0x28, 0x0d, 0x52, 0x11,
	0x77, 0x31, 0xec, 0x6e, 0x71, 0x95, 0x15, 0xdb,
	0xdb, 0xb1, 0xd9, 0x81,
};

/* test case 2 of GCM's specification: key, nonce and text are zeros */
static const u8 gcm_zeros[16 + 16] = {
	0x03, 0x88, 0xda, 0xce, 0x60, 0xb6, 0xa3, 0x92,
	0xf3, 0x28, 0xc2, 0xb9, 0x71, 0xb2, 0xfe, 0x78,
	0xab, 0x6e, 0x47, 0xd4, 0x2c, 0xec, 0x13, 0xbd,
	0xf5, 0x3a, 0x67, 0xb2, 0x12, 0x57, 0xbd, 0xdf,
};

/* coefficients: hmac_text, x = 16 */
static const u8 share_16[DMK_SHARE_LEN] = {
	0x8c, 0xdc, 0x1c, 0xc6, 0xac, 0x26, 0xc8, 0xa6,
	0x79, 0x46, 0xd3, 0x43, 0x12, 0xd7, 0xd8, 0x9b,
};

/* inkey: key, label: "abc"; longer than one HMAC */
static const u8 prf_abc[40] = {
	0x12, 0x34, 0x26, 0x30, 0x51, 0xee, 0x08, 0x89,
	0x47, 0x50, 0xcb, 0x5f, 0xb9, 0x68, 0x80, 0xf1,
	0x82, 0xb8, 0x25, 0x9c, 0x70, 0x9d, 0xed, 0x4e,
	0x45, 0x29, 0x34, 0x6b, 0x7b, 0xa7, 0x4d, 0x24,
	0xcf, 0x1e, 0x65, 0xbf, 0x20, 0x4c, 0xf0, 0x07,
};

static bool image(void)
{
	u32 crc = dmk_crc32(__image_start, __image_end - __image_start);

	return !memcmp(&crc, __image_end, sizeof(crc));
}

static bool hmac(void)
{
	const struct dmk_span in = DMK_SPAN(text, sizeof(text) - 1);
	u8 out[DMK_HASH_LEN];

	return !dmk_hmac(crypto_context(), DMK_SHA256, DMK_SPAN("Jefe", 4), &in, 1, out) &&
	       !memcmp(out, hmac_text, sizeof(out));
}

/* there and back; and then with a tag that is wrong */
static bool ccm(void)
{
	const struct dmk_span aad = DMK_SPAN(key, sizeof(key));
	struct dmk_crypto *c = crypto_context();
	u8 buf[sizeof(ccm_text)];
	bool good;

	memcpy(buf, text, CCM_TEXT_LEN);
	if (dmk_aes_ccm_seal(c, key, key, &aad, 1, buf, CCM_TEXT_LEN) ||
	    memcmp(buf, ccm_text, sizeof(buf)))
		return false;
	if (dmk_aes_ccm_open(c, key, key, &aad, 1, buf, sizeof(buf), &good) || !good ||
	    memcmp(buf, text, CCM_TEXT_LEN))
		return false;
	memcpy(buf, ccm_text, sizeof(buf));
	buf[sizeof(buf) - 1] ^= 1;
	return !dmk_aes_ccm_open(c, key, key, &aad, 1, buf, sizeof(buf), &good) && !good;
}

static bool gcm(void)
{
	static const u8 zeros[16];
	const struct aead_call call = {
		.mode = AEAD_GCM, .key = zeros, .nonce = zeros, .tag_len = 16
	};
	u8 buf[sizeof(gcm_zeros)] = { 0 };

	if (aead_seal(&call, buf, 16) || memcmp(buf, gcm_zeros, sizeof(buf)))
		return false;
	buf[sizeof(buf) - 1] ^= 1;
	return aead_open(&call, buf, sizeof(buf));
}

static bool share(void)
{
	u8 y[DMK_SHARE_LEN];

	dmk_share_eval((const u8 (*)[DMK_SHARE_LEN])hmac_text, 2, 16, y);
	return !memcmp(y, share_16, sizeof(y));
}

static bool prf(void)
{
	const struct dmk_span abc = DMK_SPAN("abc", 3);
	u8 out[sizeof(prf_abc)];

	return !dmk_prf(crypto_context(), DMK_PRF_SHA256, DMK_SPAN(key, sizeof(key)), &abc, 1,
			out, sizeof(out)) &&
	       !memcmp(out, prf_abc, sizeof(out));
}

const char *selfcheck(void)
{
	static const struct {
		const char *name;
		bool (*good)(void);
	} checks[] = {
		{ "checksum of the image", image },
		{ "HMAC-SHA-256", hmac },
		{ "AES-CCM", ccm },
		{ "AES-GCM", gcm },
		{ "CTR_DRBG", entropy_selfcheck },
		{ "sharing", share },
		{ "PRF", prf },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(checks); i++)
		if (!checks[i].good())
			return checks[i].name;
	return NULL;
}
