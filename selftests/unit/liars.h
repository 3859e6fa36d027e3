/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Third parties that lie: what they know, and every trick that they play on R. One
 * session at a time, in @w; liars_test.c runs them.
 */
#ifndef LIARS_H
#define LIARS_H

#include "initiator_bench.h"
#include "r_bench.h"

#define POSTS	192

/* where it stands in SHARE, protocol.md 6.2 */
enum {
	SHARE_SCHEME = 1, SHARE_N = 2, SHARE_K = 3, SHARE_X = 4, SHARE_FLAGS = 5,
	SHARE_TGK_LEN = 6, SHARE_T = 9, SHARE_COMMITMENT = 17,
};

/**
 * struct post - a datagram on its way to R
 * @from: the third party that sends it, by position
 * @x: position that it claims
 * @share: what it passes on
 * @late: it comes when R has established the session
 * @foreign: it is of no share of this session
 */
struct post {
	u8 from, x;
	u8 share[DMK_SHARE_LEN];
	bool late, foreign;
	u32 len;
	u8 data[DMK_MSG_MAX];
};

/**
 * struct ward - one session and its third parties
 * @b: the sensor
 * @own: a sensor that the liars play, or NULL
 * @r: R
 * @n: third parties
 * @k: threshold
 * @liars: positions 1 to @liars lie
 * @chosen: third parties, by position - 1
 * @share: the shares, by position - 1: what the liars see of it is their own
 * @earlier: those of another session of the sensor
 * @earlier_m: message 1 of that session, by position - 1
 * @earlier_len: its length
 * @t: T' of the newest message 3
 * @post: what is sent, the liars' first
 * @posts: their number
 */
struct ward {
	struct bench *b, *own;
	struct r_bench *r;
	u8 n, k, liars;
	u8 chosen[DMK_N_MAX];
	u8 share[DMK_N_MAX][DMK_SHARE_LEN];
	u8 earlier[DMK_N_MAX][DMK_SHARE_LEN];
	u8 earlier_m[DMK_N_MAX][DMK_SENSOR_MSG_MAX];
	u32 earlier_len[DMK_N_MAX];
	u64 t;
	struct post post[POSTS];
	unsigned int posts;
};

static struct ward w;

/* ---- message 1 and message 3 */

static u8 party_at(u8 x) { return w.chosen[x - 1]; }

/* the share that @b has sent a third party */
static void open_share(struct bench *b, u8 party, u8 share[DMK_SHARE_LEN])
{
	struct dmk_msg_keys keys;
	struct dmk_message m;
	struct dmk_opened o;

	if (dmk_message_parse(&m, DMK_AT_TP, b->msg[party], b->msg_len[party]) ||
	    dmk_msg_keys(b->conf.crypto, DMK_PRF_SHA256, 16, 32,
			 DMK_SPAN(b->psk[party], DMK_PSK_LEN), m.hdr.csb_id, m.rand, &keys) ||
	    dmk_open_kemac(b->conf.crypto, &m, &keys, &o))
		abort();
	memcpy(share, o.key.data, DMK_SHARE_LEN);
}

static struct post *post(u8 from, u8 x, const u8 *share)
{
	struct post *p = &w.post[w.posts++];

	if (w.posts > POSTS)
		abort();
	*p = (struct post){ .from = from, .x = x };
	memcpy(p->share, share, DMK_SHARE_LEN);
	return p;
}

/* message 3 around @i_tp: as third party @as, under the envelope key of @key, with
 * @inside in the KEMAC
 */
static void seal(struct post *p, const u8 *i_tp, u32 len, u8 as, u8 key, u8 inside)
{
	const struct dmk_suite suite = { DMK_PRF_SHA256, DMK_ENCR_AES_CCM_128, DMK_MAC_NULL };
	struct dmk_id idtp = r_bench_tp_id(as), id = r_bench_tp_id(inside);
	struct dmk_ts t = { DMK_TS_NTP_UTC, ++w.t };
	u8 envelope[DMK_ENVELOPE_LEN], envid[DMK_ENVID_LEN];
	struct dmk_msg_keys keys;
	struct dmk_writer out;
	struct dmk_message m;

	p->len = 0;
	if (dmk_message_parse(&m, DMK_AT_TP, i_tp, len))
		return;			/* no message 3 can be made of it by our builder */
	r_bench_envelope(key, envelope, envid);
	dmk_writer_init(&out, p->data, sizeof(p->data));
	dmk_build_tp_r_head(&out, &m, &t, NULL, &idtp);
	dmk_emit_ext(&out, DMK_EXT_ENVID, DMK_SPAN(envid, sizeof(envid)));
	if (dmk_msg_keys(w.b->conf.crypto, DMK_PRF_SHA256, 16, 32,
			 DMK_SPAN(envelope, sizeof(envelope)), m.hdr.csb_id, m.rand, &keys) ||
	    dmk_seal_kemac(w.b->conf.crypto, &out, &suite, &keys, m.hdr.csb_id, &t, &id,
			   DMK_KEY_TGK_SHARE, DMK_SPAN(p->share, DMK_SHARE_LEN), false))
		abort();
	p->len = out.len;
}

/* with another byte at @at in SHARE */
static void pass_changed(struct post *p, unsigned int at, u8 change)
{
	u8 party = party_at(p->from), i_tp[DMK_SENSOR_MSG_MAX];
	struct dmk_message m;

	memcpy(i_tp, w.b->msg[party], w.b->msg_len[party]);
	if (dmk_message_parse(&m, DMK_AT_TP, i_tp, w.b->msg_len[party]))
		abort();
	i_tp[m.share_raw.data - i_tp + at] ^= change;
	seal(p, i_tp, w.b->msg_len[party], party, party, party);
	p->foreign = at != SHARE_X;
}

static void pass(struct post *p) { pass_changed(p, SHARE_X, p->x ^ p->from); }

/* ---- what they do; each for the liar at position @x */

static void random_share(u8 share[DMK_SHARE_LEN])
{
	if (dmk_random(w.b->conf.crypto, share, DMK_SHARE_LEN))
		abort();
}

static void lie_flip(u8 x)
{
	u8 share[DMK_SHARE_LEN];

	memcpy(share, w.share[x - 1], sizeof(share));
	share[x % DMK_SHARE_LEN] ^= 1;
	pass(post(x, x, share));
}

static void lie_random(u8 x)
{
	u8 share[DMK_SHARE_LEN];

	random_share(share);
	pass(post(x, x, share));
}

static void lie_zero(u8 x)
{
	static const u8 zero[DMK_SHARE_LEN];

	pass(post(x, x, zero));
}

/* q(x), the product of (x - r) over @roots honest positions, and of x if the shares
 * shall agree on c_0
 */
static u8 shift(u8 x, unsigned int roots, bool keep_c0)
{
	u8 v = keep_c0 ? x : 1;
	unsigned int i;

	for (i = 0; i < roots; i++)
		v = dmk_gf_mul(v, x ^ (w.liars + 1 + i));
	return v;
}

/* The liars' shares and those of as many honest third parties as possible lie on
 * one other polynomial: a set of k of them is one that fits together.
 */
static void lie_shift(u8 x, bool keep_c0)
{
	unsigned int i, roots = w.k - 1 - keep_c0, honest = w.n - w.liars;
	u8 share[DMK_SHARE_LEN];

	if (roots > honest)
		roots = honest;
	for (i = 0; i < DMK_SHARE_LEN; i++)
		share[i] = w.share[x - 1][i] ^ dmk_gf_mul(i + 1, shift(x, roots, keep_c0));
	pass(post(x, x, share));
}

static void lie_joint(u8 x) { lie_shift(x, false); }
static void lie_joint_c0(u8 x) { lie_shift(x, true); }

/* each the next liar's right share */
static void lie_swap_shares(u8 x) { pass(post(x, x, w.share[x % w.liars])); }

static void lie_x_of_honest(u8 x)
{
	u8 share[DMK_SHARE_LEN];

	random_share(share);
	pass(post(x, w.n - (x - 1) % (w.n - w.liars), share));
}

/* all of them the first one's position; that one itself tells the truth */
static void lie_one_x(u8 x) { pass(post(x, 1, w.share[x - 1])); }

/* a right share of another position: a right candidate, of a third party without it */
static void lie_copy(u8 x) { pass(post(x, w.liars - x + 1, w.share[w.liars - x])); }

static void lie_x_0(u8 x) { pass(post(x, 0, w.share[x - 1])); }
static void lie_x_above(u8 x) { pass(post(x, w.n + 1, w.share[x - 1])); }

static void lie_earlier_share(u8 x) { pass(post(x, x, w.earlier[x - 1])); }

static void lie_earlier_session(u8 x)
{
	struct post *p = post(x, x, w.earlier[x - 1]);

	seal(p, w.earlier_m[x - 1], w.earlier_len[x - 1], party_at(x), party_at(x), party_at(x));
	p->foreign = true;
}

static void lie_truncated(u8 x)
{
	struct post *p;
	u32 cut;

	for (cut = 1; cut <= 4; cut++) {
		p = post(x, x, w.share[x - 1]);
		pass(p);
		p->len -= cut < 4 ? cut : p->len / 2;
	}
}

static void lie_withheld(u8 x)
{
	(void)x;
}

static void lie_late(u8 x)
{
	lie_flip(x);
	w.post[w.posts - 1].late = true;
}

static void lie_right_then_wrong(u8 x)
{
	pass(post(x, x, w.share[x - 1]));
	lie_flip(x);
	lie_x_of_honest(x);
}

static void lie_wrong_then_right(u8 x)
{
	lie_flip(x);
	pass(post(x, x, w.share[x - 1]));
}

static void lie_replay(u8 x)
{
	unsigned int i;
	struct post *p;

	lie_flip(x);
	p = &w.post[w.posts - 1];
	for (i = 0; i < 2; i++)
		*(w.post + w.posts++) = *p;
	w.post[w.posts - 1].late = true;
}

/* the name of an honest third party, in the open, under the seal, or both */
static void lie_other_name(u8 x)
{
	u8 me = party_at(x), other = party_at(w.n), *m = w.b->msg[me];
	u32 len = w.b->msg_len[me];
	unsigned int i;
	struct post *p;

	for (i = 0; i < 4; i++) {
		p = post(x, x, w.share[x - 1]);
		p->share[0] ^= 1;
		seal(p, m, len, i == 1 ? me : other, i == 3 ? other : me, i == 0 ? me : other);
		if (i == 3)	/* needs the other's envelope key: spoilt instead */
			p->data[p->len - 1] ^= 1;
		p->foreign = true;
	}
}

/* certified, and of no rule */
static void lie_stranger(u8 x)
{
	u8 me = party_at(x), stranger = R_BENCH_TPS - 1;
	struct post *p = post(x, x, w.share[x - 1]);

	p->share[0] ^= 1;
	seal(p, w.b->msg[me], w.b->msg_len[me], stranger, stranger, stranger);
	p->foreign = true;
	pass(post(x, x, w.share[x - 1]));
}

static void lie_fields(u8 x)
{
	static const struct { u8 at, change; } fields[] = {
		{ SHARE_SCHEME, DMK_SCHEME_RS ^ DMK_SCHEME_SHAMIR }, { SHARE_N, 1 }, { SHARE_K, 1 },
		{ SHARE_FLAGS, DMK_SHARE_RELAY }, { SHARE_TGK_LEN + 1, 16 ^ 32 },
		{ SHARE_T + 7, 1 }, { SHARE_COMMITMENT, 1 }, { SHARE_COMMITMENT + 15, 1 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fields); i++)
		pass_changed(post(x, x, w.share[x - 1]), fields[i].at, fields[i].change);
	pass(post(x, x, w.share[x - 1]));
}

/* They play the sensor: a polynomial, a commitment and keys of their own. With @k shares
 * R would believe them.
 */
static void lie_own_session(u8 x, u8 k)
{
	u8 party = party_at(x);
	struct post *p;

	if (!w.own) {
		w.own = bench_new();
		bench_configure(w.own, w.n, w.n, k);
		w.own->t = 1000;
		if (dmk_initiator_init(&w.own->i, &w.own->conf) ||
		    dmk_initiator_start(&w.own->i, 0))
			abort();
	}
	p = post(x, x, w.share[x - 1]);
	open_share(w.own, party, p->share);
	seal(p, w.own->msg[party], w.own->msg_len[party], party, party, party);
	p->foreign = true;
}

static void lie_own_k(u8 x) { lie_own_session(x, w.k); }
static void lie_lower_k(u8 x) { lie_own_session(x, w.liars > 1 ? w.liars : 2); }

static const struct trick {
	const char *name;
	void (*lie)(u8 x);
} tricks[] = {
	{ "a bit of the share is another one", lie_flip },
	{ "shares drawn at random", lie_random },
	{ "shares of zeros", lie_zero },
	{ "shares of one other polynomial, with honest ones", lie_joint },
	{ "of one that has the same c_0", lie_joint_c0 },
	{ "shares changed among them", lie_swap_shares },
	{ "the position of an honest one", lie_x_of_honest },
	{ "all at one position", lie_one_x },
	{ "a right share of another liar's position", lie_copy },
	{ "position 0", lie_x_0 },
	{ "a position above n", lie_x_above },
	{ "shares of an earlier session", lie_earlier_share },
	{ "an earlier session as a whole", lie_earlier_session },
	{ "truncated messages", lie_truncated },
	{ "withheld", lie_withheld },
	{ "withheld, and wrong when it is late", lie_late },
	{ "right, then wrong", lie_right_then_wrong },
	{ "wrong, then right", lie_wrong_then_right },
	{ "wrong, and the same again", lie_replay },
	{ "the name of an honest one", lie_other_name },
	{ "a certified one that no rule names", lie_stranger },
	{ "another scheme, n, flag, T_I, commitment", lie_fields },
	{ "a session of their own", lie_own_k },
	{ "one with a k that they can serve", lie_lower_k },
};

#endif
