// SPDX-License-Identifier: GPL-2.0 OR MIT
#include "message.h"
#include "share.h"

/* A symbol is worked on a machine word, that is 4 or 8 field elements, at a
 * time. x is public and may decide what is done; y and coefficients only pass
 * through shifts, AND and XOR.
 */
typedef unsigned long word;

#define ONES	(~(word)0 / 0xff)	/* 0x01 in every byte */

static word load(const u8 *p)
{
	word w;

	memcpy(&w, p, sizeof(w));
	return w;
}

static void store(u8 *p, word w)
{
	memcpy(p, &w, sizeof(w));
}

/* every byte of w times the polynomial x, modulo x^8+x^4+x^3+x+1 */
static word word_xtime(word w)
{
	word carry = (w >> 7) & ONES;

	return ((w & (ONES * 0x7f)) << 1) ^ carry ^ (carry << 1) ^ (carry << 3) ^ (carry << 4);
}

static word word_mul(word w, u8 x)
{
	word product = 0;

	//@ loop assigns product, w, x; loop variant x;
	for (; x; x >>= 1) {
		if (x & 1)
			product ^= w;
		w = word_xtime(w);
	}
	return product;
}

/* y = a * x + b */
static void symbol_mul_add(u8 *y, const u8 *a, u8 x, const u8 *b)
{
	unsigned int i;

	/*@ loop invariant i <= DMK_SHARE_LEN && i % sizeof(word) == 0;
	    loop assigns i, y[0 .. DMK_SHARE_LEN - 1];
	    loop variant DMK_SHARE_LEN - i; */
	for (i = 0; i < DMK_SHARE_LEN; i += sizeof(word))
		store(y + i, word_mul(load(a + i), x) ^ load(b + i));
}

/* y = (y - a) / dx */
static void symbol_divide_difference(u8 *y, const u8 *a, u8 dx)
{
	u8 x = dmk_gf_inv(dx);
	unsigned int i;

	/*@ loop invariant i <= DMK_SHARE_LEN && i % sizeof(word) == 0;
	    loop assigns i, y[0 .. DMK_SHARE_LEN - 1];
	    loop variant DMK_SHARE_LEN - i; */
	for (i = 0; i < DMK_SHARE_LEN; i += sizeof(word))
		store(y + i, word_mul(load(y + i) ^ load(a + i), x));
}

u8 dmk_gf_mul(u8 a, u8 b)
{
	u8 product = 0;
	int i;

	//@ loop invariant i <= 8; loop assigns i, product, a, b; loop variant 8 - i;
	for (i = 0; i < 8; i++) {
		product ^= a & -(b & 1);
		b >>= 1;
		a = (u8)(a << 1) ^ (0x1b & -(a >> 7));
	}
	return product;
}

/* a^254 */
u8 dmk_gf_inv(u8 a)
{
	u8 power = a;
	int i;

	//@ loop invariant i <= 6; loop assigns i, power; loop variant 6 - i;
	for (i = 0; i < 6; i++)
		power = dmk_gf_mul(dmk_gf_mul(power, power), a);
	return dmk_gf_mul(power, power);
}

/* Horner's rule */
void dmk_share_eval(const u8 (*coeff)[DMK_SHARE_LEN], unsigned int k, u8 x,
		    u8 y[DMK_SHARE_LEN])
{
	memset(y, 0, DMK_SHARE_LEN);
	/*@ loop invariant k <= \at(k, Pre);
	    loop assigns k, y[0 .. DMK_SHARE_LEN - 1];
	    loop variant k; */
	while (k--)
		symbol_mul_add(y, y, x, coeff[k]);
}

/* Newton's divided differences, in place; then from his form to powers of x */
void dmk_share_interpolate(const struct dmk_point *points, const u8 *set,
			   unsigned int k, u8 (*coeff)[DMK_SHARE_LEN])
{
	unsigned int i, j;

	/*@ loop invariant i <= k;
	    loop assigns i, coeff[0][0 .. DMK_SHARE_LEN * k - 1];
	    loop variant k - i; */
	for (i = 0; i < k; i++)
		memcpy(coeff[i], points[set[i]].y, DMK_SHARE_LEN);
	/*@ loop invariant 1 <= j <= k;
	    loop assigns i, j, coeff[0][0 .. DMK_SHARE_LEN * k - 1];
	    loop variant k - j; */
	for (j = 1; j < k; j++)
		/*@ loop invariant j - 1 <= i < k;
		    loop assigns i, coeff[0][0 .. DMK_SHARE_LEN * k - 1];
		    loop variant i; */
		for (i = k - 1; i >= j; i--)
			symbol_divide_difference(coeff[i], coeff[i - 1],
						 points[set[i]].x ^ points[set[i - j]].x);
	/*@ loop invariant j <= k;
	    loop assigns i, j, coeff[0][0 .. DMK_SHARE_LEN * k - 1];
	    loop variant j; */
	for (j = k; j-- > 0;)
		/*@ loop invariant j <= i < k;
		    loop assigns i, coeff[0][0 .. DMK_SHARE_LEN * k - 1];
		    loop variant k - i; */
		for (i = j; i + 1 < k; i++)
			symbol_mul_add(coeff[i], coeff[i + 1], points[set[j]].x, coeff[i]);
}

static bool distinct_x(const struct dmk_point *points, const u8 *set, unsigned int k)
{
	u32 seen = 0;
	unsigned int i;

	//@ loop invariant i <= k; loop assigns i, seen; loop variant k - i;
	for (i = 0; i < k; i++) {
		if (seen & BIT(points[set[i]].x % 32))
			return false;
		seen |= BIT(points[set[i]].x % 32);
	}
	return true;
}

/* The first k - 1 members run through the ascending choices among the
 * candidates before the newest, which is always the last member.
 */
static bool first_choice(struct dmk_sets *s)
{
	unsigned int i;

	if (!s->k || s->k > s->n || s->n > DMK_CANDIDATES_MAX)
		return false;
	/*@ loop invariant i < s->k && \forall integer j; 0 <= j < i ==> s->set[j] == j;
	    loop assigns i, s->set[0 .. s->k - 1];
	    loop variant s->k - i; */
	for (i = 0; i + 1 < s->k; i++)
		s->set[i] = i;
	s->set[s->k - 1] = s->n - 1;
	s->started = true;
	return true;
}

static bool next_choice(struct dmk_sets *s)
{
	unsigned int last = s->k - 1, i = last;

	if (!s->started)
		return first_choice(s);
	//@ loop invariant i <= last; loop assigns i; loop variant i;
	while (i > 0 && s->set[i - 1] + last - i + 2 >= s->n)
		i--;
	if (!i--)
		return false;
	/*@ loop invariant i < last && s->set[i] + last - i < s->n;
	    loop invariant \forall integer j; 0 <= j < s->k ==> s->set[j] < s->n;
	    loop assigns i, s->set[0 .. last - 1];
	    loop variant last - i; */
	for (s->set[i]++; ++i < last;)
		s->set[i] = s->set[i - 1] + 1;
	return true;
}

bool dmk_sets_next(struct dmk_sets *s, const struct dmk_point *points)
{
	unsigned int left = DMK_TRIALS_MAX;

	/*@ loop invariant sets(s) && s->n == \at(s->n, Pre);
	    loop assigns left, s->started, s->set[0 .. DMK_CANDIDATES_MAX - 1];
	    loop variant left; */
	while (left-- && next_choice(s))
		if (distinct_x(points, s->set, s->k))
			return true;
	return false;
}

unsigned int dmk_share_tgk(struct dmk_crypto *c, u8 scheme,
			   const u8 (*coeff)[DMK_SHARE_LEN], unsigned int k,
			   u8 tgk[DMK_TGK_MAX])
{
	struct dmk_span all = DMK_SPAN(coeff, k * DMK_SHARE_LEN);

	switch (scheme) {
	case DMK_SCHEME_RS:
		return dmk_sha256(c, &all, 1, tgk) ? 0 : DMK_HASH_LEN;
	case DMK_SCHEME_SHAMIR:
		memcpy(tgk, coeff[0], DMK_SHARE_LEN);
		return DMK_SHARE_LEN;
	}
	return 0;
}
