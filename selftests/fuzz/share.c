// SPDX-License-Identifier: GPL-2.0
/*
 * core/share.c: what is split comes together from every set of k shares, a wrong
 * share is in none that fits, and the sets come to an end. Input: n, k, the
 * polynomial, then one candidate's number and how its share and its x are changed.
 */
#include "fuzz.h"
#include "message.h"
#include "share.h"

typedef u8 symbols[DMK_N_MAX][DMK_SHARE_LEN];

static bool same(symbols a, symbols b, u8 k)
{
	return !memcmp(a, b, k * DMK_SHARE_LEN);
}

static void field(u8 a, u8 b)
{
	u8 c = dmk_gf_mul(a, b);

	must(c == dmk_gf_mul(b, a) && (c != 0) == (a && b));
	must(!a || dmk_gf_mul(a, dmk_gf_inv(a)) == 1);
}

static bool holds(const struct dmk_sets *s, u8 candidate)
{
	u8 i;

	for (i = 0; i < s->k; i++)
		if (s->set[i] == candidate)
			return true;
	return false;
}

static bool lies(const struct dmk_point *p, symbols coeff, u8 k)
{
	u8 y[DMK_SHARE_LEN];

	dmk_share_eval((const u8 (*)[DMK_SHARE_LEN])coeff, k, p->x, y);
	return memcmp(y, p->y, sizeof(y));
}

/* every set of k of n candidates that has the newest in it; n = 16, k = 8 has 6435 */
static void try_sets(const struct dmk_point *points, u8 n, symbols coeff, u8 k, int liar)
{
	struct dmk_sets s = { .n = n, .k = k };
	unsigned int count = 0;
	symbols got;

	while (dmk_sets_next(&s, points)) {
		must(++count <= DMK_TRIALS_MAX && holds(&s, n - 1));
		if (count > 8 && count % 512)	/* not all of thousands */
			continue;
		dmk_share_interpolate(points, s.set, k, got);
		must(same(got, coeff, k) == !holds(&s, liar));
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	struct fuzz_script in = { data, len };
	struct dmk_point points[DMK_CANDIDATES_MAX];
	u8 n = fuzz_byte(&in) % DMK_N_MAX + 1, k = fuzz_byte(&in) % n + 1;
	u8 tgk[DMK_TGK_MAX], change;
	symbols coeff = {};
	int liar = -1;
	u8 i;

	fuzz_bytes(&in, coeff[0], k * DMK_SHARE_LEN);
	for (i = 0; i < n; i++) {
		points[i].x = i + 1;
		dmk_share_eval((const u8 (*)[DMK_SHARE_LEN])coeff, k, i + 1, points[i].y);
	}
	i = fuzz_byte(&in) % n;
	change = fuzz_byte(&in);
	points[i].y[fuzz_byte(&in) % DMK_SHARE_LEN] ^= change;
	points[i].x = (i + fuzz_byte(&in)) % n + 1;	/* perhaps that of another one */
	if (lies(&points[i], coeff, k))
		liar = i;
	try_sets(points, n, coeff, k, liar);
	must(dmk_share_tgk(fuzz_crypto(), DMK_SCHEME_SHAMIR, (const u8 (*)[DMK_SHARE_LEN])coeff,
			   k, tgk) == 16 && !memcmp(tgk, coeff[0], 16));
	must(dmk_share_tgk(fuzz_crypto(), DMK_SCHEME_RS, (const u8 (*)[DMK_SHARE_LEN])coeff, k,
			   tgk) == 32);
	field(coeff[0][0], change);
	return 0;
}
