// SPDX-License-Identifier: GPL-2.0
/* core/initiator.c against the vectors: the sensor's side of every session. */
#include "initiator_bench.h"
#include "vec_dmikey.h"
#include "vec_dmikey_negative.h"

typedef const struct vec_dmikey_sessions session_t;
typedef const struct vec_dmikey_sessions_third_parties third_party_t;
typedef const struct vec_dmikey_sessions_updates update_t;
typedef const struct vec_dmikey_negative_vectors negative_t;

static const char *const reason_names[] = {
	"ok",
#define X(name, text, help) text,
	DMK_REASONS(X)
#undef X
};

/* ---- CS ID map info as the vectors give it */

static u32 session_data_len(struct dmk_span map)
{
	return map.data[4] << 8 | map.data[5];
}

static u32 map_spi(struct dmk_span map, unsigned int cs)
{
	const u8 *p = map.data + (cs == 1 ? 7 + session_data_len(map) : map.len - 4);

	return vec_be(DMK_SPAN(p, 4));
}

/* a draw d stands for the SPI d + 256; the order is that of the machine */
static void load_draws(struct bench *b, struct dmk_span map, struct dmk_span csb,
		       struct dmk_span rand, const struct dmk_span *coeffs, unsigned int k)
{
	unsigned int c;

	bench_draw_u32(b, map_spi(map, 1) - DMK_SPI_MIN);
	bench_draw_u32(b, map_spi(map, 2) - DMK_SPI_MIN);
	bench_draw(b, csb.data, csb.len);
	bench_draw(b, rand.data, rand.len);
	for (c = 0; c < k; c++)
		bench_draw(b, coeffs[c].data, coeffs[c].len);
}

/* ---- good sessions */

static void load_session(struct bench *b, session_t *s)
{
	struct dmk_initiator_conf *conf = &b->conf;
	unsigned int i;

	for (i = 0; i < s->n_third_parties; i++) {
		b->party[i].id = s->third_parties[i].id.data;
		b->party[i].psk = s->third_parties[i].psk.data;
	}
	conf->m = s->n_third_parties;
	conf->n = s->session.n;
	conf->k = s->session.k;
	conf->scheme = s->session.scheme;
	conf->suite = (struct dmk_suite){ DMK_PRF_SHA256, s->encr_alg, s->mac_alg };
	conf->ts_type = s->session.ts;
	conf->relay = s->session.flags;
	conf->verify = s->third_parties[0].tp_i.message.data;
	conf->idi = vec_id(s->session.idi.type, s->session.idi.data);
	conf->idr = vec_id(s->session.idr.type, s->session.idr.data);
	conf->session_data = s->session_data;
	conf->sp_param = DMK_SPAN(s->session.sp_body.data + 4, s->session.sp_body.len - 4);
	b->t = vec_be(s->session.t8);
	load_draws(b, s->session.map, s->session.csb, s->session.rand, s->session.coeffs,
		   s->session.n_coeffs);
}

static bool sends_vectors(struct bench *b, session_t *s)
{
	bool good = b->sends == s->n_third_parties;
	unsigned int i;

	for (i = 0; i < s->n_third_parties; i++)
		good &= vec_is(s->third_parties[i].i_tp.message, b->msg[i], b->msg_len[i]);
	return good;
}

static void cookie_test(struct bench *b, session_t *s, int i)
{
	third_party_t *tp = &s->third_parties[i];

	if (!tp->cookie_i_tp.err.data)
		return;
	ktap_ok(bench_receive_span(b, i, tp->cookie_i_tp.err) == DMK_OK &&
		vec_is(tp->cookie_i_tp.message, b->msg[i], b->msg_len[i]),
		"%s: cookie of third party %d is followed", s->name, i + 1);
}

static void tp_i_test(struct bench *b, session_t *s, int i)
{
	third_party_t *tp = &s->third_parties[i];

	if (!tp->tp_i.message.data)
		return;
	ktap_ok(bench_receive_span(b, i, tp->tp_i.message) == DMK_OK &&
		bench_count(b, DMK_EV_PARTY_ACCEPTED, i) == 1,
		"%s: TP_I of third party %d", s->name, i + 1);
}

static bool keys_are(const struct dmk_esp_keys *k, const struct vec_dmikey_sessions_esp *e)
{
	struct dmk_span cipher = e->key.data ? e->key : e->encr_key;

	return vec_is(cipher, k->cipher_key, k->cipher_len) &&
	       vec_is(e->salt, k->salt, k->salt_len) &&
	       vec_is(e->integ_key, k->integ_key, k->integ_len);
}

static bool installs_vectors(struct bench *b, session_t *s)
{
	return b->installs == 1 && s->n_esp == 2 && keys_are(&b->sa.keys[0], &s->esp[0]) &&
	       keys_are(&b->sa.keys[1], &s->esp[1]) && b->sa.spi[0] == (u32)s->spi[0] &&
	       b->sa.spi[1] == (u32)s->spi[1] && b->sa.csb_id == vec_be(s->session.csb) &&
	       vec_is(s->k_update, b->i.live.k_update, 32);
}

static bool update_keys_are(const struct dmk_esp_keys *k,
			    const struct vec_dmikey_sessions_updates_esp *e)
{
	return vec_is(e->key, k->cipher_key, k->cipher_len) &&
	       vec_is(e->salt, k->salt, k->salt_len);
}

/* what the vectors say R found out about a third party at its own position */
static enum dmk_event_type expected_verdict(session_t *s, third_party_t *tp)
{
	unsigned int i;

	for (i = 0; i < s->n_verdicts; i++)
		if (!strcmp(s->verdicts[i].tp, tp->tp) && s->verdicts[i].x == tp->x)
			return s->verdicts[i].verdict ? DMK_EV_PARTY_WRONG : DMK_EV_PARTY_RIGHT;
	return DMK_EV_PARTY_ABSENT;
}

static bool judges_vectors(struct bench *b, session_t *s)
{
	unsigned int i, lines;

	for (i = 0; i < s->n_third_parties; i++) {
		lines = bench_count(b, DMK_EV_PARTY_RIGHT, i) +
			bench_count(b, DMK_EV_PARTY_WRONG, i) +
			bench_count(b, DMK_EV_PARTY_ABSENT, i);
		if (lines != 1 || bench_count(b, expected_verdict(s, &s->third_parties[i]), i) != 1)
			return false;
	}
	return true;
}

static bool is_zero(const void *p, size_t n)
{
	const u8 *byte = p;

	while (n--)
		if (*byte++)
			return false;
	return true;
}

static void update_test(struct bench *b, session_t *s, update_t *u)
{
	b->drawn = b->draws_len = 0;
	bench_draw_u32(b, u->spi[0] - DMK_SPI_MIN);
	bench_draw_u32(b, u->spi[1] - DMK_SPI_MIN);
	bench_draw(b, u->tgk.data, u->tgk.len);
	b->t = vec_be(u->t);
	ktap_ok(dmk_initiator_update(&b->i, 0) == DMK_OK &&
		vec_is(u->u_r.message, b->u_r, b->u_r_len), "%s: U_R", s->name);
	ktap_ok(bench_receive_span(b, DMK_RESPONDER, u->r_u.message) == DMK_OK &&
		b->installs == 2 && update_keys_are(&b->sa.keys[0], &u->esp[0]) &&
		update_keys_are(&b->sa.keys[1], &u->esp[1]) && b->sa.spi[0] == (u32)u->spi[0] &&
		b->sa.spi[1] == (u32)u->spi[1] && vec_is(u->k_update_new, b->i.live.k_update, 32),
		"%s: ESP keys, SPIs and K_update from R_U", s->name);
	ktap_ok(is_zero(&b->i.attempt, sizeof(b->i.attempt)), "%s: TGK of the update is erased",
		s->name);
}

static void session_test(session_t *s)
{
	struct bench *b = bench_new();
	unsigned int i;

	load_session(b, s);
	ktap_ok(dmk_initiator_init(&b->i, &b->conf) == DMK_OK &&
		dmk_initiator_start(&b->i, 0) == DMK_OK && sends_vectors(b, s),
		"%s: messages 1", s->name);
	for (i = 0; i < s->n_third_parties; i++) {
		cookie_test(b, s, i);
		tp_i_test(b, s, i);
	}
	ktap_ok(bench_receive_span(b, DMK_FROM_ELSEWHERE, s->r_i.message) == DMK_OK &&
		installs_vectors(b, s), "%s: ESP keys and SPIs from R_I", s->name);
	ktap_ok(judges_vectors(b, s), "%s: verdicts", s->name);
	ktap_ok(is_zero(&b->i.attempt, sizeof(b->i.attempt)), "%s: shares are erased", s->name);
	/* this sensor never asks for another policy, as the second ones do */
	if (s->n_updates)
		update_test(b, s, &s->updates[0]);
	bench_free(b);
}

/* ---- messages to be refused */

static struct bench *load_negative(negative_t *v)
{
	static const char *const names[] = { "dmikey:t01.gw.ex.net", "dmikey:t02.gw.ex.net",
					     "dmikey:t03.gw.ex.net" };
	const struct vec_dmikey_negative_vectors_state_session *s = &v->state.session;
	struct bench *b = bench_new();
	unsigned int i;

	for (i = 0; i < 3; i++) {
		b->party[i].id = DMK_SPAN(names[i], strlen(names[i]));
		b->party[i].psk = vec_dmikey_negative.psk[i].value.data;
	}
	b->conf.m = b->conf.n = s->n;
	b->conf.k = s->k;
	b->conf.scheme = s->scheme;
	b->conf.suite = (struct dmk_suite){ DMK_PRF_SHA256, DMK_ENCR_AES_CCM_128, DMK_MAC_NULL };
	b->conf.ts_type = s->ts;
	b->conf.verify = !strcmp(v->at, "I (TP_I)");
	b->conf.idi = vec_id(s->idi.type, s->idi.data);
	b->conf.idr = vec_id(s->idr.type, s->idr.data);
	b->conf.session_data = DMK_SPAN(s->map.data + 6, session_data_len(s->map));
	b->conf.sp_param = DMK_SPAN(s->sp_body.data + 4, s->sp_body.len - 4);
	b->t = vec_be(s->t8);
	load_draws(b, s->map, s->csb, s->rand, s->coeffs, s->n_coeffs);
	return b;
}

struct snapshot {
	struct dmk_initiator i;
	struct dmk_standing standing[DMK_N_MAX];
	unsigned int installs, sends;
};

static void take(const struct bench *b, struct snapshot *s)
{
	memset(s, 0, sizeof(*s));
	memcpy(&s->i, &b->i, sizeof(s->i));
	memcpy(s->standing, b->standing, sizeof(s->standing));
	s->installs = b->installs;
	s->sends = b->sends;
}

static bool unchanged(const struct bench *b, const struct snapshot *before)
{
	struct snapshot after;

	take(b, &after);
	return !memcmp(before, &after, sizeof(after));
}

static enum dmk_reason reason_of(const char *name)
{
	unsigned int r;

	for (r = 0; r < ARRAY_SIZE(reason_names); r++)
		if (!strcmp(reason_names[r], name))
			return r;
	return DMK_OK;
}

/* the U_R that an R_U of the vectors answers */
static bool prepare_update(struct bench *b, negative_t *v)
{
	memcpy(b->i.live.k_update, v->state.k_update.data, sizeof(b->i.live.k_update));
	b->drawn = b->draws_len = 0;
	bench_draw_u32(b, map_spi(v->state.map, 1) - DMK_SPI_MIN);
	bench_draw_u32(b, map_spi(v->state.map, 2) - DMK_SPI_MIN);
	b->t = vec_be(v->state.t);
	return !dmk_initiator_update(&b->i, 0);
}

/* an established session is what second R_I and R_U meet */
static bool prepare(struct bench *b, negative_t *v)
{
	struct dmk_part_entry e;
	u8 r_i[512];
	u32 len;

	if (dmk_initiator_init(&b->i, &b->conf) || dmk_initiator_start(&b->i, 0))
		return false;
	if (v->state.accepted_before.data)
		return !bench_receive_span(b, DMK_FROM_ELSEWHERE, v->state.accepted_before);
	if (strcmp(v->at, "I (R_U)"))
		return true;
	e = bench_entry(b, 1, 0);
	len = bench_r_i(b, &e, 1, 7, r_i);
	return !bench_receive(b, DMK_FROM_ELSEWHERE, r_i, len, 0) && prepare_update(b, v);
}

static void negative_test(negative_t *v)
{
	int from = !strcmp(v->at, "I (TP_I)") || !strcmp(v->at, "I (ERR)") ? 0 :
		   DMK_FROM_ELSEWHERE;
	enum dmk_reason expected = reason_of(v->reason), r;
	struct bench *b = load_negative(v);
	struct snapshot before;

	if (!ktap_ok(prepare(b, v), "%s: the state before", v->name))
		goto out;
	take(b, &before);
	r = bench_receive_span(b, from, v->message);
	if (r != expected)
		ktap_diag("expected %s, refused as %s", reason_names[expected], reason_names[r]);
	ktap_ok(r == expected && r && unchanged(b, &before), "%s: %s", v->name,
		reason_names[expected]);
out:
	bench_free(b);
}

static void initiator_test(void)
{
	unsigned int i;

	for (i = 0; i < vec_dmikey.n_sessions; i++)
		session_test(&vec_dmikey.sessions[i]);
	for (i = 0; i < vec_dmikey_negative.n_vectors; i++)
		if (vec_dmikey_negative.vectors[i].at[0] == 'I')
			negative_test(&vec_dmikey_negative.vectors[i]);
}

KTAP_MAIN(initiator_test)
