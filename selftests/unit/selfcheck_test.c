// SPDX-License-Identifier: GPL-2.0
/*
 * sensor-fw/selfcheck.c: does each check notice? The linker puts a wrapper before
 * each function that is checked (--wrap), which spoils its result when told so.
 */
#include "aead.h"
#include "entropy.h"
#include "kdf.h"
#include "ktap.h"
#include "selfcheck.h"
#include "share.h"

/* an image with its checksum behind it, as the linker script has it */
__asm__(".data\n"
	".globl __image_start, __image_end\n"
	"__image_start: .ascii \"123456789\"\n"
	"__image_end: .byte 0x26, 0x39, 0xf4, 0xcb\n"
	".previous\n");
extern u8 __image_start[], __image_end[];

static enum spoil {
	NOTHING, HMAC, CCM_SEAL, CCM_OPEN, CCM_ACCEPTS, GCM_SEAL, GCM_ACCEPTS,
	DRBG, SHARE, PRF, PRF_END,
} spoil;
static bool fails;		/* the function says that it failed, instead */

static int spoilt(enum spoil which, int err, u8 *out)
{
	if (spoil != which)
		return err;
	if (fails)
		return -1;
	*out ^= 0x10;
	return err;
}

#define WRAP(ret, name, ...)		\
	ret __real_##name(__VA_ARGS__);	\
	ret __wrap_##name(__VA_ARGS__);	\
	ret __wrap_##name(__VA_ARGS__)

WRAP(int, dmk_hmac, struct dmk_crypto *c, enum dmk_hash hash, struct dmk_span key,
     const struct dmk_span *in, unsigned int n, u8 *out)
{
	return spoilt(HMAC, __real_dmk_hmac(c, hash, key, in, n, out), out + 31);
}

WRAP(int, dmk_aes_ccm_seal, struct dmk_crypto *c, const u8 *key, const u8 *nonce,
     const struct dmk_span *aad, unsigned int n, u8 *buf, size_t len)
{
	return spoilt(CCM_SEAL, __real_dmk_aes_ccm_seal(c, key, nonce, aad, n, buf, len), buf + len);
}

WRAP(int, dmk_aes_ccm_open, struct dmk_crypto *c, const u8 *key, const u8 *nonce,
     const struct dmk_span *aad, unsigned int n, u8 *buf, size_t len, bool *good)
{
	int err = __real_dmk_aes_ccm_open(c, key, nonce, aad, n, buf, len, good);

	*good = *good || spoil == CCM_ACCEPTS;
	return spoilt(CCM_OPEN, err, buf);
}

WRAP(int, aead_seal, const struct aead_call *c, u8 *buf, u32 len)
{
	return spoilt(GCM_SEAL, __real_aead_seal(c, buf, len), buf + len + 15);
}

WRAP(int, aead_open, const struct aead_call *c, u8 *buf, u32 len)
{
	int err = __real_aead_open(c, buf, len);

	return spoil == GCM_ACCEPTS ? 0 : err;
}

WRAP(int, mbedtls_ctr_drbg_random, void *ctx, u8 *out, size_t len)
{
	return spoilt(DRBG, __real_mbedtls_ctr_drbg_random(ctx, out, len), out);
}

WRAP(void, dmk_share_eval, const u8 (*coeff)[DMK_SHARE_LEN], unsigned int k, u8 x, u8 *y)
{
	__real_dmk_share_eval(coeff, k, x, y);
	spoilt(SHARE, 0, y + 15);
}

WRAP(int, dmk_prf, struct dmk_crypto *c, u8 prf, struct dmk_span inkey,
     const struct dmk_span *label, unsigned int n, u8 *out, size_t len)
{
	int err = __real_dmk_prf(c, prf, inkey, label, n, out, len);

	return spoilt(PRF_END, spoilt(PRF, err, out), out + len - 1);
}

static void finds(enum spoil which, const char *name)
{
	const char *wrong;

	spoil = which;
	wrong = selfcheck();
	ktap_ok(wrong && !strcmp(wrong, name), "%s %s", name, fails ? "fails" : "is wrong");
	spoil = NOTHING;
}

static void each_test(void)
{
	finds(HMAC, "HMAC-SHA-256");
	finds(CCM_SEAL, "AES-CCM");
	finds(CCM_OPEN, "AES-CCM");
	finds(GCM_SEAL, "AES-GCM");
	finds(DRBG, "CTR_DRBG");
	finds(PRF, "PRF");
	finds(PRF_END, "PRF");
}

static void selfcheck_test(void)
{
	u8 *p;

	ktap_ok(!selfcheck(), "all is well");
	each_test();
	fails = true;
	each_test();
	fails = false;
	finds(SHARE, "sharing");
	finds(CCM_ACCEPTS, "AES-CCM");
	finds(GCM_ACCEPTS, "AES-GCM");
	for (p = __image_start; p < __image_end + 4; p++) {
		*p ^= 1;
		finds(NOTHING, "checksum of the image");
		*p ^= 1;
	}
	ktap_ok(!selfcheck(), "and all is well again");
}
KTAP_MAIN(selfcheck_test)

/* entropy.c wants a TRNG; no check uses it */
#include "drv/rng.h"

enum drv_status rng_start(void)
{
	return DRV_ABSENT;
}

enum drv_status rng_word(u32 *word)
{
	*word = 0;
	return DRV_ABSENT;
}
