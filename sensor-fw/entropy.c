// SPDX-License-Identifier: GPL-2.0
#include <mbedtls/ctr_drbg.h>

#include "crypto.h"
#include "drv/rng.h"
#include "entropy.h"

/*
 * How much randomness is in what the TRNG gives: half of what it looks like is
 * assumed here, 4 bits a byte. The DRBG is seeded with 64 bytes (mbedtls_config.h),
 * that is 256 bits: entropy and nonce of a DRBG of 128 bits want 192.
 *
 * The health tests of SP 800-90B 4.4 look at bytes of raw words, with H = 4 and
 * false alarms at 2^-30:
 *
 *	repetition count: 1 + 30 / H, rounded up, equal bytes in a row
 *	adaptive proportion: in a window of 512, 1 + CRITBINOM(512, 2^-H, 1 - 2^-30)
 *	bytes equal to its first
 *
 * RM0090 24.3 besides wants each word compared with the one before. At the start
 * 1024 bytes are tested and thrown away (4.3).
 */
enum {
	REPETITIONS = 9,
	WINDOW = 512,
	PROPORTION = 71,
	START_WORDS = 1024 / 4,
	SEED_LEN = 32,
	NEVER = 0x7fffffff,
};

/* the health tests; bytes before the first word count as none */
static struct {
	u32 last_word;
	u16 repeated;		/* equal bytes in a row */
	u16 in_window;		/* bytes seen of the window */
	u16 like_first;		/* of these, equal to the first */
	u8 last;
	u8 first;
} health;

static mbedtls_ctr_drbg_context drbg;
static bool ready;
static enum entropy_status failure;

static enum entropy_status test_byte(u8 b)
{
	health.repeated = health.repeated && b == health.last ? health.repeated + 1 : 1;
	health.last = b;
	if (health.repeated >= REPETITIONS)
		return ENTROPY_STUCK;

	if (!health.in_window)
		health.first = b;
	health.like_first += b == health.first;
	if (health.like_first >= PROPORTION)
		return ENTROPY_BIASED;
	if (++health.in_window == WINDOW)
		health.in_window = health.like_first = 0;
	return ENTROPY_OK;
}

static enum entropy_status from_driver(enum drv_status s)
{
	switch (s) {
	case DRV_OK:
		return ENTROPY_OK;
	case DRV_TIMEOUT:
		return ENTROPY_NO_ANSWER;
	default:
		return ENTROPY_ERROR;
	}
}

/* one word that has passed the tests */
static enum entropy_status tested_word(u8 out[4])
{
	enum entropy_status s;
	u32 word, i;

	s = from_driver(rng_word(&word));
	if (s)
		return s;
	if (health.repeated && word == health.last_word)
		s = ENTROPY_STUCK;
	health.last_word = word;
	for (i = 0; !s && i < sizeof(word); i++) {
		out[i] = word >> 8 * i;
		s = test_byte(out[i]);
	}
	dmk_wipe(&word, sizeof(word));
	return s;
}

/* the DRBG asks for @len bytes, a multiple of 4 */
static int from_trng(void *ctx, unsigned char *out, size_t len)
{
	size_t i;

	(void)ctx;
	for (i = 0; i < len; i += 4) {
		failure = tested_word(out + i);
		if (failure)
			return -1;
	}
	return 0;
}

/* the seed is given once; there is nothing to reseed from */
static int from_seed(void *seed, unsigned char *out, size_t len)
{
	const u8 **once = seed;

	if (!*once || len != SEED_LEN)
		return -1;
	memcpy(out, *once, len);
	*once = NULL;
	return 0;
}

static enum entropy_status test_trng(void)
{
	enum entropy_status s = ENTROPY_OK;
	u8 word[4];
	u32 i;

	memset(&health, 0, sizeof(health));
	for (i = 0; !s && i < START_WORDS; i++)
		s = tested_word(word);
	dmk_wipe(word, sizeof(word));
	return s;
}

static void forget(void)
{
	ready = false;
	mbedtls_ctr_drbg_free(&drbg);
	mbedtls_ctr_drbg_init(&drbg);
	dmk_wipe(&health, sizeof(health));
}

static enum entropy_status seed_from_trng(const u8 *seed)
{
	failure = test_trng();
	if (failure)
		return failure;
	if (mbedtls_ctr_drbg_seed(&drbg, from_trng, NULL, seed, seed ? SEED_LEN : 0))
		return failure ? failure : ENTROPY_LIBRARY;
	return ENTROPY_OK;
}

static enum entropy_status seed_from_store(const u8 *seed)
{
	static const u8 *once;

	if (!seed)
		return ENTROPY_NO_SEED;
	once = seed;
	mbedtls_ctr_drbg_set_entropy_len(&drbg, SEED_LEN);
	mbedtls_ctr_drbg_set_reseed_interval(&drbg, NEVER);
	if (mbedtls_ctr_drbg_seed(&drbg, from_seed, &once, NULL, 0))
		return ENTROPY_LIBRARY;
	return ENTROPY_OK;
}

enum entropy_status entropy_start(const u8 *seed)
{
	enum drv_status trng = rng_start();
	enum entropy_status s;

	forget();
	if (trng == DRV_ABSENT)
		s = seed_from_store(seed);
	else if (trng != DRV_OK)
		s = from_driver(trng);
	else
		s = seed_from_trng(seed);
	if (s)
		forget();
	ready = !s;
	return s;
}

const char *entropy_name(enum entropy_status s)
{
	static const char *const names[] = {
		[ENTROPY_OK] = "good",
		[ENTROPY_NO_ANSWER] = "the TRNG hangs",
		[ENTROPY_ERROR] = "the TRNG reports an error",
		[ENTROPY_STUCK] = "the TRNG is stuck",
		[ENTROPY_BIASED] = "the TRNG is biased",
		[ENTROPY_NO_SEED] = "no TRNG and no seed: provision this sensor",
		[ENTROPY_LIBRARY] = "the DRBG failed",
	};

	return names[s];
}

int entropy_bytes(u8 *out, size_t len)
{
	if (ready && !mbedtls_ctr_drbg_random(&drbg, out, len))
		return 0;
	if (ready)
		forget();
	dmk_wipe(out, len);
	return -1;
}

bool entropy_selfcheck(void)
{
	/* SP 800-90A 10.2.1 with a seed of 00 01 02 ... 1f, nothing else */
	static const u8 expected[] = {
		0xd3, 0x75, 0x18, 0xcf, 0x87, 0xd6, 0xfb, 0xc2,
		0x8b, 0xb5, 0x1c, 0x18, 0x1c, 0x73, 0x24, 0xb1,
	};
	u8 seed[SEED_LEN], out[sizeof(expected)];
	bool good;
	u32 i;

	for (i = 0; i < sizeof(seed); i++)
		seed[i] = i;
	forget();
	good = !seed_from_store(seed) && !mbedtls_ctr_drbg_random(&drbg, out, sizeof(out)) &&
	       !memcmp(out, expected, sizeof(out));
	forget();
	return good;
}
