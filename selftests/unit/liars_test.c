// SPDX-License-Identifier: GPL-2.0
/*
 * A lying minority changes nothing: core/initiator.c and R (r_bench.h) with n third
 * parties between them, of which up to k - 1 are of one mind. They see each other's
 * shares and play every trick of protocol.md 10 that a third party can. For every n,
 * k, number of liars, trick and order of arrival; LONG=1 in the environment adds the
 * values of n from 8 to 16.
 *
 * Whatever they do: R and I agree on a key or there is none; there is one as soon as
 * k right shares are there; the verdicts are those that the sensor's polynomial gives.
 */
#include <stdlib.h>

#include "liars.h"

#define WAIT_MS	(DMK_GROUP_WAIT_MS + 1)

/* of all sessions of a run */
static struct {
	unsigned long tried, established, wrong_keys, lies, named, blamed, refused;
} sum;

/* ---- answers to the sensor: liars have their PSKs, and R_I passes them */

/* R_I in which every verdict is the opposite, under the PSK of the liar at @x */
static bool verdicts_can_be_forged(u8 x)
{
	u8 data[DMK_SENSOR_MSG_MAX], auth[32], t[8];
	struct dmk_span under_v[4];
	struct dmk_message m;
	u32 at;

	memcpy(data, w.r->r_i, w.r->r_i_len);
	if (dmk_message_parse(&m, DMK_AT_I, data, w.r->r_i_len))
		return true;
	for (at = 0; at < m.part.len; at += DMK_PART_ENTRY_LEN)
		data[m.part.data - data + at + 9] ^= 1;
	bench_auth_psk(w.b, party_at(x), auth);
	dmk_put_be(t, w.b->i.t.value, sizeof(t));
	under_v[0] = DMK_SPAN(data, m.ver.at);
	under_v[1] = w.b->conf.idi.data;
	under_v[2] = w.b->conf.idr.data;
	under_v[3] = DMK_SPAN(t, sizeof(t));
	dmk_hmac(w.b->conf.crypto, DMK_SHA256, DMK_SPAN(auth, sizeof(auth)), under_v,
		 ARRAY_SIZE(under_v), data + m.ver.at);
	return !bench_receive(w.b, DMK_RESPONDER, data, w.r->r_i_len, 1);
}

/* R_I with one byte in nine another one, from R's address and from the liar's at @x */
static bool r_i_can_be_changed(u8 x)
{
	u8 data[DMK_SENSOR_MSG_MAX];
	u32 at, len = w.r->r_i_len;
	bool taken = false;

	memcpy(data, w.r->r_i, len);
	for (at = 12; at < len; at += 9) {
		data[at] ^= 1;
		taken |= !bench_receive(w.b, at % 2 ? DMK_RESPONDER : party_at(x), data, len, 1);
		data[at] ^= 1;
	}
	return taken;
}

/* an ERR under each liar's PSK, as if R had refused */
static void refuse_as_liars(void)
{
	u8 data[128], auth[32], x;

	for (x = 1; x <= w.liars; x++) {
		bench_auth_psk(w.b, party_at(x), auth);
		bench_receive(w.b, party_at(x), data,
			      bench_err(w.b, DMK_ERR_NOT_AUTHORIZED, auth, data), 1);
	}
}

/* ---- what must come of it */

/* what R has taken as a candidate: at most one of each third party */
static struct candidate { bool there, wrong; u8 x; } candidate[DMK_N_MAX + 1];

static void deliver(const struct post *p)
{
	u8 y[DMK_SHARE_LEN], *exact;
	unsigned int sessions = w.r->sessions;
	enum dmk_reason reason;

	if (!p->len)
		return;
	exact = malloc(p->len);
	memcpy(exact, p->data, p->len);
	reason = r_bench_receive(exact, p->len);
	free(exact);
	sum.refused += !!reason;
	if (reason || p->late || p->foreign)
		return;
	if (candidate[p->from].there || sessions > 1)
		return;
	dmk_share_eval((const u8 (*)[DMK_SHARE_LEN])w.b->i.attempt.coeff, w.k, p->x, y);
	candidate[p->from] = (struct candidate){
		true, !!memcmp(y, p->share, sizeof(y)), p->x
	};
}

/* liars first, honest ones first, by turns */
static void deliver_all(unsigned int order, unsigned int lies)
{
	unsigned int l = 0, h = lies, turn = order;
	bool liar;

	while (l < lies || h < w.posts) {
		liar = order == 2 ? turn++ & 1 : !order;
		if (l == lies || (!liar && h < w.posts)) {
			deliver(&w.post[h++]);
		} else {
			if (!w.post[l].late)
				deliver(&w.post[l]);
			l++;
		}
	}
	kernel_pass(WAIT_MS);
	for (l = 0; l < lies; l++)
		if (w.post[l].late)
			deliver(&w.post[l]);
}

/* k right shares of different positions */
static bool can_be(void)
{
	u32 seen = 0;
	u8 i;

	for (i = 1; i <= w.n; i++)
		if (candidate[i].there && !candidate[i].wrong)
			seen |= BIT(candidate[i].x);
	return __builtin_popcount(seen) >= w.k;
}

static u8 position_of(int party)
{
	u8 x;

	for (x = 1; x <= w.n; x++)
		if (party_at(x) == party)
			return x;
	return 0;
}

/* R's verdicts are those of the polynomial, about all candidates and nobody else */
static bool verdicts_are_right(void)
{
	unsigned int i, want = 0;
	bool good = true;

	for (i = 1; i <= w.n; i++) {
		want += candidate[i].there;
		sum.lies += candidate[i].there && candidate[i].wrong;
	}
	for (i = 0; i < w.r->n_verdicts; i++) {
		const struct r_verdict *v = &w.r->verdicts[i];
		const struct candidate *c = &candidate[position_of(v->tp)];

		good = good && c->there && c->wrong == v->wrong && c->x == v->x;
		sum.named += v->wrong && c->wrong;
		sum.blamed += v->wrong && !c->wrong;
	}
	return good && want == w.r->n_verdicts;
}

/* I knows what R knows, of those that told the position that I gave them */
static bool sensor_knows(void)
{
	bool good = true;
	u8 x;

	for (x = 1; x <= w.n; x++) {
		const struct candidate *c = &candidate[x];
		bool mine = c->there && c->x == x;

		good = good &&
		       bench_count(w.b, DMK_EV_PARTY_WRONG, party_at(x)) == (mine && c->wrong) &&
		       bench_count(w.b, DMK_EV_PARTY_RIGHT, party_at(x)) == (mine && !c->wrong) &&
		       bench_count(w.b, DMK_EV_PARTY_ABSENT, party_at(x)) == !mine;
	}
	return good;
}

/* I takes R_I, once, and both have the same keys; @gave_up: I believes the liars' refusals
 * and begins anew
 */
static bool agree(bool gave_up)
{
	enum dmk_reason reason;

	if (r_i_can_be_changed(1) || verdicts_can_be_forged(1) || w.b->installs)
		return false;
	refuse_as_liars();
	reason = bench_receive(w.b, DMK_RESPONDER, w.r->r_i, w.r->r_i_len, 1);
	if (gave_up)
		return reason && !w.b->installs;
	if (reason || w.b->installs != 1 ||
	    memcmp(w.r->keys, w.b->sa.keys, sizeof(w.r->keys))) {
		sum.wrong_keys++;
		return false;
	}
	return sensor_knows();
}

static void begin(u8 n, u8 k, u8 liars, u8 scheme)
{
	u8 x;

	memset(&w, 0, offsetof(struct ward, post));
	memset(candidate, 0, sizeof(candidate));
	w.posts = 0;
	w.n = n;
	w.k = k;
	w.liars = liars;
	w.b = bench_new();
	bench_configure(w.b, n, n, k);
	w.b->conf.scheme = scheme;
	w.r = r_bench_new(w.b->conf.crypto, &w.b->conf.idi, &w.b->conf.idr, n, k);
	w.t = r_bench_now();
	if (dmk_initiator_init(&w.b->i, &w.b->conf) || dmk_initiator_start(&w.b->i, 0))
		abort();
	memcpy(w.chosen, w.b->i.attempt.chosen, n);
	for (x = 1; x <= n; x++) {
		open_share(w.b, party_at(x), w.earlier[x - 1]);
		w.earlier_len[x - 1] = w.b->msg_len[party_at(x)];
		memcpy(w.earlier_m[x - 1], w.b->msg[party_at(x)], w.earlier_len[x - 1]);
	}
	if (dmk_initiator_start(&w.b->i, 0))
		abort();
	memcpy(w.chosen, w.b->i.attempt.chosen, n);
	w.b->events = 0;
	for (x = 1; x <= n; x++)
		open_share(w.b, party_at(x), w.share[x - 1]);
}

static bool session(u8 n, u8 k, u8 liars, const struct trick *trick, unsigned int order)
{
	unsigned int lies;
	bool good, wanted;
	u8 x;

	begin(n, k, liars, order & 1 ? DMK_SCHEME_RS : DMK_SCHEME_SHAMIR);
	for (x = 1; x <= liars; x++)
		trick->lie(x);
	lies = w.posts;
	for (; x <= n; x++)
		pass(post(x, x, w.share[x - 1]));
	deliver_all(order, lies);
	wanted = can_be();
	good = (!!w.r->sessions == wanted) && w.r->sessions <= 1 && (wanted || n - liars < k);
	if (good && wanted)
		good = verdicts_are_right() && agree(liars > n - k);
	sum.wrong_keys += w.r->sessions > wanted;
	sum.tried++;
	sum.established += w.r->sessions;
	if (!good)
		ktap_diag("n %u, k %u, %u liars, order %u: %u sessions, %u verdicts", n, k, liars,
			  order, w.r->sessions, w.r->n_verdicts);
	r_bench_free(w.r);
	bench_free(w.b);
	if (w.own)
		bench_free(w.own);
	return good;
}

/* every k and number of liars */
static unsigned int sessions(u8 n, const struct trick *trick)
{
	unsigned int order, bad = 0;
	u8 k, liars;

	for (k = 2; k <= n; k++)
		for (liars = 1; liars < k; liars++)
			for (order = 0; order < 3; order++)
				bad += !session(n, k, liars, trick, order);
	return bad;
}

static void liars_test(void)
{
	bool all = getenv("LONG");
	unsigned int i;
	u8 n;

	for (n = 3; n <= DMK_N_MAX; n++) {
		unsigned long tried = sum.tried;
		unsigned int bad = 0;

		if (!all && n > 7)
			break;
		for (i = 0; i < ARRAY_SIZE(tricks); i++) {
			unsigned int failed = sessions(n, &tricks[i]);

			if (failed)
				ktap_diag("n = %u, %s: %u wrong", n, tricks[i].name, failed);
			bad += failed;
		}
		ktap_ok(!bad, "n = %u, every k, 1 to k - 1 liars, %zu tricks, 3 orders: %lu sessions",
			n, ARRAY_SIZE(tricks), sum.tried - tried);
	}
	ktap_ok(!sum.wrong_keys, "of %lu sessions tried and %lu made, %lu have a wrong key", sum.tried,
		sum.established, sum.wrong_keys);
	ktap_ok(sum.lies && sum.named == sum.lies && !sum.blamed,
		"of %lu wrong shares in them %lu are named, and %lu right ones blamed", sum.lies,
		sum.named, sum.blamed);
	ktap_diag("%lu messages of liars refused", sum.refused);
}

KTAP_MAIN(liars_test)
