// SPDX-License-Identifier: GPL-2.0
/* sensor-fw/entropy.c with a TRNG that can fail in every way */
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "drv/rng.h"
#include "entropy.h"
#include "ktap.h"

enum {
	START_WORDS = 256,	/* tested and thrown away */
	SEED_WORDS = 16,
	CALLS = 1024,		/* until it reseeds */
};

/* the TRNG: a script of bytes first, then a generator; from word @bad_at on @bad */
static struct {
	enum drv_status start;
	enum drv_status bad;
	u32 bad_at;
	bool stuck;
	u8 script[1024];
	u32 scripted;
	u32 words;
	u64 state;
} trng;

static u8 seeds[2][32];

static u8 next_byte(void)
{
	trng.state = trng.state * 6364136223846793005u + 1442695040888963407u;
	return trng.state >> 56;
}

enum drv_status rng_start(void)
{
	return trng.start;
}

enum drv_status rng_word(u32 *word)
{
	u32 at = 4 * trng.words, i;

	if (trng.words++ >= trng.bad_at) {
		*word = 0x5eed5eed;
		return trng.stuck ? DRV_OK : trng.bad;
	}
	*word = 0;
	for (i = 0; i < 4; i++)
		*word |= (u32)(at + i < trng.scripted ? trng.script[at + i] : next_byte()) << 8 * i;
	return DRV_OK;
}

const char *rng_name(void)
{
	return "fake";
}

static void good_trng(void)
{
	memset(&trng, 0, sizeof(trng));
	trng.bad_at = UINT32_MAX;
	trng.state = 1;
}

static bool all_zero(const u8 *p, size_t n)
{
	while (n--)
		if (*p++)
			return false;
	return true;
}

/* no bytes, and nothing left of what was there */
static bool refuses(void)
{
	u8 out[16];

	memset(out, 0xa5, sizeof(out));
	return entropy_bytes(out, sizeof(out)) < 0 && all_zero(out, sizeof(out));
}

static void good_test(void)
{
	u8 a[64], b[64];

	ktap_ok(refuses(), "before entropy_start(): no bytes");
	good_trng();
	ktap_ok(entropy_start(NULL) == ENTROPY_OK, "a good TRNG");
	ktap_ok(trng.words == START_WORDS + SEED_WORDS, "1024 bytes tested first, 64 for the seed");
	ktap_ok(!entropy_bytes(a, sizeof(a)) && !entropy_bytes(b, sizeof(b)) &&
		memcmp(a, b, sizeof(a)), "two calls, two results");
	good_trng();
	entropy_start(seeds[0]);
	entropy_bytes(b, sizeof(b));
	ktap_ok(memcmp(a, b, sizeof(a)), "a seed is mixed in");
	good_trng();
	entropy_start(seeds[1]);
	entropy_bytes(a, sizeof(a));
	ktap_ok(memcmp(a, b, sizeof(a)), "another seed is mixed in otherwise");
	good_trng();
	trng.state = 2;
	entropy_start(seeds[1]);
	entropy_bytes(b, sizeof(b));
	ktap_ok(memcmp(a, b, sizeof(a)), "a seed does not replace the TRNG");
}

static void spend(u32 calls)
{
	u8 out[4];

	while (calls--)
		entropy_bytes(out, sizeof(out));
}

static void reseed_test(void)
{
	u8 out[4];
	u32 words;

	good_trng();
	entropy_start(NULL);
	words = trng.words;
	spend(CALLS);
	ktap_ok(trng.words == words, "%d calls with one seed", CALLS);
	ktap_ok(!entropy_bytes(out, sizeof(out)) && trng.words == words + SEED_WORDS,
		"then it reseeds");
	spend(CALLS - 2);
	trng.bad_at = 0;
	trng.bad = DRV_FAILED;
	ktap_ok(!entropy_bytes(out, sizeof(out)), "a TRNG that fails is not noticed yet");
	ktap_ok(refuses(), "the next seed cannot be had: no bytes");
	trng.bad_at = UINT32_MAX;
	ktap_ok(refuses(), "nor later, though the TRNG is well again");
	ktap_ok(entropy_start(NULL) == ENTROPY_OK && !entropy_bytes(out, sizeof(out)),
		"entropy_start() helps");
}

static void failing(const char *name, u32 at, bool stuck, enum drv_status bad,
		    enum entropy_status want)
{
	enum entropy_status s;

	good_trng();
	trng.bad_at = at;
	trng.stuck = stuck;
	trng.bad = bad;
	s = entropy_start(seeds[0]);
	ktap_ok(s == want && refuses(), "%s at word %u: %s", name, at, entropy_name(s));
}

static void failing_test(void)
{
	static const u32 at[] = { 0, 1, START_WORDS - 1, START_WORDS, START_WORDS + SEED_WORDS - 1 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(at); i++) {
		failing("hangs", at[i], false, DRV_TIMEOUT, ENTROPY_NO_ANSWER);
		failing("error", at[i], false, DRV_FAILED, ENTROPY_ERROR);
	}
	/* the last word of all has no successor to be equal to */
	for (i = 0; i < ARRAY_SIZE(at) - 1; i++)
		failing("stuck", at[i], true, DRV_OK, ENTROPY_STUCK);
	good_trng();
	trng.start = DRV_TIMEOUT;
	ktap_ok(entropy_start(seeds[0]) == ENTROPY_NO_ANSWER && refuses(), "does not start");
	good_trng();
	trng.start = DRV_FAILED;
	ktap_ok(entropy_start(seeds[0]) == ENTROPY_ERROR && refuses(), "an error at the start");
}

/* @n bytes of 0 in a row, none else near them */
static enum entropy_status run_of(u32 n)
{
	good_trng();
	trng.scripted = 32;
	memset(trng.script, 0x77, trng.scripted);
	for (u32 i = 0; i < trng.scripted; i++)
		trng.script[i] = i + 1;
	memset(trng.script + 9, 0, n);
	return entropy_start(NULL);
}

/* a window of 512 bytes that begins with a 0 and holds @n of them, spread */
static enum entropy_status window_of(u32 n)
{
	good_trng();
	trng.scripted = 512;
	for (u32 i = 0; i < trng.scripted; i++)
		trng.script[i] = i % 7 || i / 7 >= n ? 1 + i % 251 : 0;
	return entropy_start(NULL);
}

static void health_test(void)
{
	ktap_ok(run_of(8) == ENTROPY_OK, "8 equal bytes in a row may be chance");
	ktap_ok(run_of(9) == ENTROPY_STUCK && refuses(), "9 are not");
	ktap_ok(window_of(70) == ENTROPY_OK, "70 equal bytes of 512 may be chance");
	ktap_ok(window_of(71) == ENTROPY_BIASED && refuses(), "71 are not");

	/* two bits of each byte are dead: 6 bits of randomness, allowed; six, not */
	good_trng();
	trng.scripted = sizeof(trng.script);
	for (u32 i = 0; i < trng.scripted; i++)
		trng.script[i] = next_byte() & 0x3f;
	ktap_ok(entropy_start(NULL) == ENTROPY_OK, "6 random bits a byte do");
	good_trng();
	trng.scripted = sizeof(trng.script);
	for (u32 i = 0; i < trng.scripted; i++)
		trng.script[i] = next_byte() & 3;
	ktap_ok(entropy_start(NULL) == ENTROPY_BIASED, "2 do not");
}

/* OpenSSL's CTR_DRBG. It wants entropy and nonce apart, which makes no difference,
 * and takes a string of its own where NULL says that there is no personalization.
 */
static bool openssl_drbg(const u8 *seed, u8 *out, size_t len)
{
	static char cipher[] = "AES-128-CTR";
	unsigned int strength = 128;
	int df = 1;
	OSSL_PARAM source[] = {
		OSSL_PARAM_construct_uint(OSSL_RAND_PARAM_STRENGTH, &strength),
		OSSL_PARAM_construct_octet_string(OSSL_RAND_PARAM_TEST_ENTROPY, (u8 *)seed, 24),
		OSSL_PARAM_construct_octet_string(OSSL_RAND_PARAM_TEST_NONCE, (u8 *)seed + 24, 8),
		OSSL_PARAM_construct_end(),
	};
	OSSL_PARAM conf[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_DRBG_PARAM_CIPHER, cipher, 0),
		OSSL_PARAM_construct_int(OSSL_DRBG_PARAM_USE_DF, &df),
		OSSL_PARAM_construct_end(),
	};
	EVP_RAND *test = EVP_RAND_fetch(NULL, "TEST-RAND", NULL);
	EVP_RAND *ctr = EVP_RAND_fetch(NULL, "CTR-DRBG", NULL);
	EVP_RAND_CTX *parent = EVP_RAND_CTX_new(test, NULL);
	EVP_RAND_CTX *drbg = EVP_RAND_CTX_new(ctr, parent);
	bool ok;

	ok = EVP_RAND_instantiate(parent, 128, 0, NULL, 0, source) &&
	     EVP_RAND_instantiate(drbg, 128, 0, (u8 *)"", 0, conf) &&
	     EVP_RAND_generate(drbg, out, len, 128, 0, NULL, 0);
	EVP_RAND_CTX_free(drbg);
	EVP_RAND_CTX_free(parent);
	EVP_RAND_free(ctr);
	EVP_RAND_free(test);
	return ok;
}

static void seed_test(void)
{
	u8 out[64], want[64];

	good_trng();
	trng.start = DRV_ABSENT;
	ktap_ok(entropy_start(NULL) == ENTROPY_NO_SEED && refuses(), "no TRNG and no seed");
	ktap_ok(entropy_start(seeds[0]) == ENTROPY_OK, "no TRNG, a seed");
	ktap_ok(!entropy_bytes(out, sizeof(out)) && openssl_drbg(seeds[0], want, sizeof(want)) &&
		!memcmp(out, want, sizeof(out)), "the bytes are those of SP 800-90A");
	spend(10 * CALLS);
	ktap_ok(!entropy_bytes(out, sizeof(out)) && !trng.words, "one seed for a whole life");
	ktap_ok(!entropy_start(seeds[1]) && !entropy_bytes(out, sizeof(out)) &&
		openssl_drbg(seeds[1], want, sizeof(want)) && !memcmp(out, want, sizeof(out)),
		"another seed");
	ktap_ok(entropy_selfcheck(), "self-check");
	ktap_ok(refuses(), "no bytes of the self-check's seed");
}

static void names_test(void)
{
	bool all = true;
	int i, k;

	for (i = ENTROPY_OK; i <= ENTROPY_LIBRARY; i++)
		for (k = ENTROPY_OK; k < i; k++)
			all = all && entropy_name(i) && strcmp(entropy_name(i), entropy_name(k));
	ktap_ok(all, "a name for each status");
}

static void entropy_test(void)
{
	for (u32 i = 0; i < 32; i++)
		seeds[1][i] = 0xff - (seeds[0][i] = 3 * i);
	good_test();
	reseed_test();
	failing_test();
	health_test();
	seed_test();
	names_test();
}
KTAP_MAIN(entropy_test)
