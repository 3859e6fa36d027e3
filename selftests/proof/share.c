// SPDX-License-Identifier: GPL-2.0
/*
 * What the functions of core/share.c require and promise, for Frama-C (prove.sh).
 * The loops' invariants stand in share.c itself.
 */
#include "../../core/message.h"
#include "../../core/share.h"

typedef unsigned long word;

/*@ predicate bytes(u8 *p, integer n) = \valid_read(p + (0 .. n - 1));
    predicate symbol(u8 *p) = \valid(p + (0 .. DMK_SHARE_LEN - 1));

    // k candidates, named by their indices
    predicate named(struct dmk_point *points, u8 *which, integer k) =
	bytes(which, k) &&
	\forall integer i; 0 <= i < k ==> \valid_read(points + which[i]);

    // what struct dmk_sets is before and behind each call of dmk_sets_next()
    predicate chosen(struct dmk_sets *s) =
	1 <= s->k <= s->n <= DMK_CANDIDATES_MAX &&
	\forall integer i; 0 <= i < s->k ==> s->set[i] < s->n;
    predicate sets(struct dmk_sets *s) =
	\valid(s) && s->n <= DMK_CANDIDATES_MAX && (s->started ==> chosen(s));
 */

/*
 * memcpy() and memset() by their definition: the C library's contracts speak of
 * char, and WP does not see that these are the bytes of a u8 array.
 */
/*@ requires \valid(to + (0 .. n - 1)) && bytes(from, n);
    requires \separated(to + (0 .. n - 1), from + (0 .. n - 1));
    terminates \true;
    assigns to[0 .. n - 1];
 */
static void copy(u8 *to, const u8 *from, size_t n)
{
	size_t i;

	//@ loop invariant i <= n; loop assigns i, to[0 .. n - 1]; loop variant n - i;
	for (i = 0; i < n; i++)
		to[i] = from[i];
}

/*@ requires \valid(to + (0 .. n - 1));
    terminates \true;
    assigns to[0 .. n - 1];
 */
static void fill(u8 *to, u8 with, size_t n)
{
	size_t i;

	//@ loop invariant i <= n; loop assigns i, to[0 .. n - 1]; loop variant n - i;
	for (i = 0; i < n; i++)
		to[i] = with;
}

#define memcpy(to, from, n) copy((u8 *)(to), (const u8 *)(from), n)
#define memset(to, with, n) fill(to, with, n)

// share.c hashes one span.
/*@ requires n == 1 && \valid_read(in) && \valid_read(in->data + (0 .. in->len - 1));
    requires \valid(out + (0 .. DMK_HASH_LEN - 1));
    terminates \true;
    assigns out[0 .. DMK_HASH_LEN - 1], \result;
 */
int dmk_sha256(struct dmk_crypto *c, const struct dmk_span *in, unsigned int n,
	       u8 out[DMK_HASH_LEN]);

/*@ requires bytes(p, sizeof(word));
    terminates \true;
    assigns \nothing;
 */
static word load(const u8 *p);

/*@ requires \valid(p + (0 .. sizeof(word) - 1));
    terminates \true;
    assigns p[0 .. sizeof(word) - 1];
 */
static void store(u8 *p, word w);

/*@ terminates \true;
    assigns \nothing;
 */
static word word_xtime(word w);

/*@ terminates \true;
    assigns \nothing;
 */
static word word_mul(word w, u8 x);

/*@ requires symbol(y) && bytes(a, DMK_SHARE_LEN) && bytes(b, DMK_SHARE_LEN);
    terminates \true;
    assigns y[0 .. DMK_SHARE_LEN - 1];
 */
static void symbol_mul_add(u8 *y, const u8 *a, u8 x, const u8 *b);

/*@ requires symbol(y) && bytes(a, DMK_SHARE_LEN);
    terminates \true;
    assigns y[0 .. DMK_SHARE_LEN - 1];
 */
static void symbol_divide_difference(u8 *y, const u8 *a, u8 dx);

/*@ terminates \true;
    assigns \nothing;
 */
u8 dmk_gf_mul(u8 a, u8 b);

/*@ terminates \true;
    assigns \nothing;
 */
u8 dmk_gf_inv(u8 a);

/*@ requires \valid_read(coeff + (0 .. k - 1)) && symbol(y);
    terminates \true;
    assigns y[0 .. DMK_SHARE_LEN - 1];
 */
void dmk_share_eval(const u8 (*coeff)[DMK_SHARE_LEN], unsigned int k, u8 x,
		    u8 y[DMK_SHARE_LEN]);

/*@ requires 1 <= k && named(points, set, k);
    requires \valid(&coeff[0][0 .. DMK_SHARE_LEN * k - 1]);
    requires \separated(&coeff[0][0 .. DMK_SHARE_LEN * k - 1], set + (0 .. k - 1));
    requires \forall integer i; 0 <= i < k ==>
	\separated(&coeff[0][0 .. DMK_SHARE_LEN * k - 1], points + set[i]);
    terminates \true;
    assigns coeff[0][0 .. DMK_SHARE_LEN * k - 1];
 */
void dmk_share_interpolate(const struct dmk_point *points, const u8 *set,
			   unsigned int k, u8 (*coeff)[DMK_SHARE_LEN]);

/*@ requires bytes(set, k);
    requires \forall integer i; 0 <= i < k ==> \valid_read(points + set[i]);
    terminates \true;
    assigns \nothing;
 */
static bool distinct_x(const struct dmk_point *points, const u8 *set, unsigned int k);

/*@ requires \valid(s);
    terminates \true;
    assigns s->started, s->set[0 .. DMK_CANDIDATES_MAX - 1];
    ensures \result ==> s->started && chosen(s);
    ensures !\result ==> s->started == \old(s->started);
 */
static bool first_choice(struct dmk_sets *s);

/*@ requires sets(s);
    terminates \true;
    assigns s->started, s->set[0 .. DMK_CANDIDATES_MAX - 1];
    ensures sets(s) && s->n == \old(s->n) && s->k == \old(s->k);
    ensures \result ==> s->started && chosen(s);
 */
static bool next_choice(struct dmk_sets *s);

/*@ requires sets(s) && \valid_read(points + (0 .. s->n - 1));
    requires \separated(s, points + (0 .. s->n - 1));
    terminates \true;
    assigns s->started, s->set[0 .. DMK_CANDIDATES_MAX - 1];
    ensures sets(s);
    ensures \result ==> s->started && chosen(s);
 */
bool dmk_sets_next(struct dmk_sets *s, const struct dmk_point *points);

/*@ requires 1 <= k <= DMK_N_MAX && \valid_read(coeff + (0 .. k - 1));
    requires \valid(tgk + (0 .. DMK_TGK_MAX - 1));
    requires \separated(coeff + (0 .. k - 1), tgk + (0 .. DMK_TGK_MAX - 1));
    terminates \true;
    assigns tgk[0 .. DMK_TGK_MAX - 1];
    ensures \result \in { 0, DMK_SHARE_LEN, DMK_HASH_LEN };
 */
unsigned int dmk_share_tgk(struct dmk_crypto *c, u8 scheme,
			   const u8 (*coeff)[DMK_SHARE_LEN], unsigned int k,
			   u8 tgk[DMK_TGK_MAX]);

#include "../../core/share.c"
