// SPDX-License-Identifier: GPL-2.0
/* core/share.c: the field, polynomials, interpolation and the sets. */
#include "message.h"
#include "share.h"
#include "vec_dmikey.h"
#include "vector.h"

static struct dmk_crypto *c;

static void field_test(void)
{
	const struct vec_dmikey_components_gf256 *v = &vec_dmikey.components.gf256;
	unsigned int i, a, b, bad = 0;

	for (i = 0; i < v->n_mul; i++) {
		const s64 *m = v->mul[i].v;

		bad += dmk_gf_mul(m[0], m[1]) != m[2] || dmk_gf_mul(m[1], m[0]) != m[2];
	}
	ktap_ok(v->n_mul && !bad, "gf256: %u products", v->n_mul);

	for (i = 0, bad = 0; i < v->n_inv; i++)
		bad += dmk_gf_inv(v->inv[i].v[0]) != v->inv[i].v[1];
	ktap_ok(v->n_inv == 255 && !bad, "gf256: %u inverses", v->n_inv);

	for (a = 0, bad = 0; a < 256; a++)
		for (b = 1; b < 256; b++)
			bad += dmk_gf_mul(dmk_gf_mul(a, b), dmk_gf_inv(b)) != a;
	ktap_ok(!bad, "gf256: a * b / b = a for all a and b");
}

/* all candidates of a polynomial */
static void points_of(const struct vec_dmikey_components_polynomials *p, struct dmk_point *out)
{
	unsigned int i;

	for (i = 0; i < p->n_shares; i++) {
		out[i].x = p->shares[i].key;
		memcpy(out[i].y, p->shares[i].value.data, DMK_SHARE_LEN);
	}
}

static bool interpolates(const struct vec_dmikey_components_polynomials *p,
			 const struct dmk_point *points, const u8 *set)
{
	u8 coeff[DMK_N_MAX][DMK_SHARE_LEN];
	unsigned int i;

	dmk_share_interpolate(points, set, p->k, coeff);
	for (i = 0; i < p->k; i++)
		if (!vec_is(p->coeffs[i], coeff[i], DMK_SHARE_LEN))
			return false;
	return true;
}

/* every choice of k in a row, in a circle, forwards and backwards */
static bool interpolates_all(const struct vec_dmikey_components_polynomials *p,
			     const struct dmk_point *points)
{
	unsigned int first, i;
	u8 set[DMK_N_MAX];

	for (first = 0; first < p->n_shares; first++) {
		for (i = 0; i < p->k; i++)
			set[i] = (first + i * 5) % p->n_shares;
		if (!interpolates(p, points, set))
			return false;
		for (i = 0; i < p->k; i++)
			set[i] = (first + p->n_shares - i) % p->n_shares;
		if (!interpolates(p, points, set))
			return false;
	}
	return true;
}

static void polynomial_test(const struct vec_dmikey_components_polynomials *p)
{
	u8 coeff[DMK_N_MAX][DMK_SHARE_LEN], y[DMK_SHARE_LEN], tgk[DMK_TGK_MAX];
	struct dmk_point points[DMK_N_MAX];
	unsigned int i, bad = 0, k = p->k, len;

	for (i = 0; i < k; i++)
		memcpy(coeff[i], p->coeffs[i].data, DMK_SHARE_LEN);
	for (i = 0; i < p->n_shares; i++) {
		dmk_share_eval((const u8 (*)[DMK_SHARE_LEN])coeff, k, p->shares[i].key, y);
		bad += !vec_is(p->shares[i].value, y, sizeof(y));
	}
	ktap_ok(p->n_shares == 16 && !bad, "polynomial k=%u: %u shares", k, p->n_shares);

	points_of(p, points);
	ktap_ok(interpolates_all(p, points), "polynomial k=%u: coefficients from any k shares", k);

	len = dmk_share_tgk(c, DMK_SCHEME_RS, (const u8 (*)[DMK_SHARE_LEN])coeff, k, tgk);
	ktap_ok(vec_is(p->tgk_scheme1, tgk, len), "polynomial k=%u: TGK, Reed-Solomon", k);
	len = dmk_share_tgk(c, DMK_SCHEME_SHAMIR, (const u8 (*)[DMK_SHARE_LEN])coeff, k, tgk);
	ktap_ok(vec_is(p->tgk_scheme2, tgk, len), "polynomial k=%u: TGK, Shamir", k);
	ktap_ok(!dmk_share_tgk(c, 3, (const u8 (*)[DMK_SHARE_LEN])coeff, k, tgk),
		"polynomial k=%u: no TGK for an unknown scheme", k);
}

static const struct dmk_span *share_of(const struct vec_dmikey_sessions_session *s, s64 x)
{
	unsigned int i;

	for (i = 0; i < s->n_shares; i++)
		if (s->shares[i].key == x)
			return &s->shares[i].value;
	return NULL;
}

/* the shares of a session from its draws, and its coefficients from every
 * right share
 */
static void session_test(const struct vec_dmikey_sessions *v)
{
	const struct vec_dmikey_sessions_session *s = &v->session;
	u8 coeff[DMK_N_MAX][DMK_SHARE_LEN], back[DMK_N_MAX][DMK_SHARE_LEN];
	struct dmk_point points[DMK_N_MAX];
	u8 tgk[DMK_TGK_MAX], set[DMK_N_MAX];
	unsigned int i, first, bad = 0, len;

	for (i = 0; i < s->k; i++)
		memcpy(coeff[i], s->coeffs[i].data, DMK_SHARE_LEN);
	for (i = 0; i < s->n; i++) {
		points[i].x = i + 1;
		dmk_share_eval((const u8 (*)[DMK_SHARE_LEN])coeff, s->k, i + 1, points[i].y);
		bad += !vec_is(*share_of(s, i + 1), points[i].y, DMK_SHARE_LEN);
	}
	ktap_ok(s->n_shares == s->n && !bad, "%s: shares", v->name);

	for (first = 0, bad = 0; first < s->n; first++) {
		for (i = 0; i < s->k; i++)
			set[i] = (first + i) % s->n;
		dmk_share_interpolate(points, set, s->k, back);
		bad += !!memcmp(coeff, back, s->k * DMK_SHARE_LEN);
	}
	ktap_ok(!bad, "%s: coefficients", v->name);

	len = dmk_share_tgk(c, s->scheme, (const u8 (*)[DMK_SHARE_LEN])coeff, s->k, tgk);
	ktap_ok(len == s->tgklen && vec_is(s->tgk, tgk, len), "%s: TGK", v->name);
}

/* ---- sets: what dmk_sets_next() gives against all 2^n subsets */

static bool wanted(const struct dmk_point *points, unsigned int n, unsigned int k, u32 subset)
{
	unsigned int i, count = 0;
	u32 seen = 0;

	for (i = 0; i < n; i++) {
		if (!(subset & BIT(i)))
			continue;
		if (seen & BIT(points[i].x))
			return false;
		seen |= BIT(points[i].x);
		count++;
	}
	return count == k && (subset & BIT(n - 1));
}

static u32 subset_of(const struct dmk_sets *s)
{
	u32 subset = 0;
	unsigned int i;

	for (i = 0; i < s->k; i++)
		subset |= BIT(s->set[i]);
	return subset;
}

static u8 given[1 << DMK_CANDIDATES_MAX];

/* returns the number of sets, or -1 if one is missing, wrong or given twice */
static int count_sets(const struct dmk_point *points, unsigned int n, unsigned int k)
{
	struct dmk_sets s = { .n = n, .k = k };
	int count = 0;
	u32 subset;

	memset(given, 0, sizeof(given));
	while (dmk_sets_next(&s, points)) {
		subset = subset_of(&s);
		if (given[subset]++ || ++count > DMK_TRIALS_MAX)
			return -1;
	}
	for (subset = 0; n && subset < BIT(n); subset++)
		if (given[subset] != wanted(points, n, k, subset))
			return -1;
	return count;
}

/* all sets that a group of n candidates is tried in, one arriving after the other */
static int count_trials(const struct dmk_point *points, unsigned int n, unsigned int k)
{
	int count, sum = 0;
	unsigned int m;

	for (m = 1; m <= n; m++) {
		count = count_sets(points, m, k);
		if (count < 0)
			return -1;
		sum += count;
	}
	return sum;
}

static void sets_test(void)
{
	struct dmk_point points[DMK_CANDIDATES_MAX];
	unsigned int i, n, k;
	bool good = true;

	for (i = 0; i < ARRAY_SIZE(points); i++)
		points[i].x = i + 1;
	ktap_ok(count_trials(points, 16, 9) == 11440, "sets: n = 16, k = 9: 11,440 in all");
	ktap_ok(count_trials(points, 16, 8) == DMK_TRIALS_MAX, "sets: n = 16, k = 8: 12,870 in all");
	ktap_ok(count_sets(points, 16, 9) == 6435, "sets: the sixteenth candidate: 6,435");
	ktap_ok(count_sets(points, 1, 1) == 1 && count_sets(points, 5, 1) == 1, "sets: k = 1: one");
	ktap_ok(count_sets(points, 16, 16) == 1, "sets: k = n: one");
	ktap_ok(!count_sets(points, 2, 3) && !count_sets(points, 0, 2) && !count_sets(points, 3, 0),
		"sets: none with fewer than k candidates");

	for (n = 1; n <= 10; n++)
		for (k = 1; k <= n; k++)
			good = good && count_sets(points, n, k) > 0;
	ktap_ok(good, "sets: all n to 10, all k");

	points[1].x = 1;
	points[7].x = 4;
	points[15].x = 15;
	for (k = 1, good = true; k <= 16; k++)
		good = good && count_trials(points, 16, k) >= 0;
	ktap_ok(good, "sets: never two candidates with one x");

	for (i = 0; i < ARRAY_SIZE(points); i++)
		points[i].x = 3;
	ktap_ok(!count_sets(points, 16, 2), "sets: none when all have one x");

	for (i = 8; i < ARRAY_SIZE(points); i++)
		points[i].x = i == 15 ? 3 : i - 4;
	ktap_ok(count_sets(points, 16, 8) == 1, "sets: the last of 6,435 is the only one");
}

static void share_test(void)
{
	unsigned int i;

	c = test_crypto_new();
	if (!ktap_ok(c, "crypto backend"))
		return;
	field_test();
	for (i = 0; i < vec_dmikey.components.n_polynomials; i++)
		polynomial_test(&vec_dmikey.components.polynomials[i]);
	for (i = 0; i < vec_dmikey.n_sessions; i++)
		session_test(&vec_dmikey.sessions[i]);
	sets_test();
	test_crypto_free(c);
}

KTAP_MAIN(share_test)
