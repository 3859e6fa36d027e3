// SPDX-License-Identifier: GPL-2.0
/* core/initiator.c: update, protocol.md 9, against a model of R. */
#include "initiator_bench.h"

#define UPDATES 1000

/* what R keeps of a session */
struct model {
	u32 csb_id;
	u8 rand[DMK_RAND_LEN];
	u8 k_update[32];
	u64 last_t;
};

static bool is_zero(const void *p, size_t n)
{
	const u8 *byte = p;

	while (n--)
		if (*byte++)
			return false;
	return true;
}

static void model_of(struct bench *b, struct model *r)
{
	r->csb_id = b->i.live.csb_id;
	memcpy(r->rand, b->i.live.rand, sizeof(r->rand));
	memcpy(r->k_update, b->i.live.k_update, sizeof(r->k_update));
	r->last_t = b->i.t.value;
}

static bool establish(struct bench *b)
{
	struct dmk_part_entry e = bench_entry(b, 1, 0);
	u8 r_i[512];
	u32 len = bench_r_i(b, &e, 1, 9, r_i);

	return !bench_receive(b, DMK_FROM_ELSEWHERE, r_i, len, 0);
}

/* a sensor with a session, and what R knows of it */
static struct bench *established(struct model *r, u8 scheme)
{
	struct bench *b = bench_new();

	bench_configure(b, 3, 3, 2);
	b->conf.scheme = scheme;
	if (dmk_initiator_init(&b->i, &b->conf) || dmk_initiator_start(&b->i, 0) || !establish(b))
		abort();
	model_of(b, r);
	return b;
}

static struct bench *updating(struct model *r)
{
	struct bench *b = established(r, DMK_SCHEME_SHAMIR);

	if (dmk_initiator_update(&b->i, 0))
		abort();
	return b;
}

static void model_keys(struct bench *b, const struct model *r, struct dmk_msg_keys *k)
{
	dmk_msg_keys(b->conf.crypto, DMK_PRF_SHA256, 16, 32, DMK_SPAN(r->k_update, 32), r->csb_id,
		     DMK_SPAN(r->rand, DMK_RAND_LEN), k);
}

/* ---- R: opens U_R, answers it, and knows the same keys */

static bool well_formed(struct bench *b, const struct model *r, const struct dmk_message *m)
{
	return m->kind == DMK_U_R && m->hdr.csb_id == r->csb_id && m->t.value > r->last_t &&
	       !m->session_data.len && !m->n_sp && dmk_id_equal(&m->idi, &b->conf.idi) &&
	       dmk_id_equal(&m->idr, &b->conf.idr);
}

static u32 emit_r_u(struct bench *b, const struct dmk_message *m, const u8 auth[32],
		    struct dmk_span randr, u8 out[512])
{
	struct dmk_writer w;

	dmk_writer_init(&w, out, 512);
	dmk_build_hdr_2cs(&w, DMK_DT_PSK_VER, false, m->hdr.csb_id, m->spi, DMK_SPAN(NULL, 0));
	dmk_emit_t(&w, &m->t);
	dmk_emit_id(&w, &m->idr);
	dmk_emit_randr(&w, randr);
	dmk_seal_v(b->conf.crypto, &w, auth, &m->idi, &m->idr, m->t.value);
	return w.len;
}

/* the R_U for the U_R that was sent last; what R installs; 0 if it refuses */
static u32 model_update(struct bench *b, struct model *r, struct dmk_sa_pair *sa, u8 out[512])
{
	struct dmk_span rand = DMK_SPAN(r->rand, DMK_RAND_LEN), randr;
	static struct dmk_opened o;
	struct dmk_msg_keys keys;
	struct dmk_message m;
	u8 fresh[DMK_RANDR_LEN];
	u32 len;
	u8 c;

	if (dmk_message_parse(&m, DMK_AT_R, b->u_r, b->u_r_len) || !well_formed(b, r, &m))
		return 0;
	model_keys(b, r, &keys);
	if (dmk_open_kemac(b->conf.crypto, &m, &keys, &o) || o.key.len != 16)
		return 0;
	dmk_random(b->conf.crypto, fresh, sizeof(fresh));
	randr = DMK_SPAN(fresh, sizeof(fresh));
	memcpy(sa->spi, m.spi, sizeof(sa->spi));
	dmk_esp_policy_default(&sa->policy);
	for (c = 0; c < 2; c++)
		dmk_esp_keys(b->conf.crypto, &sa->policy, c + 1, o.key, r->csb_id, rand, randr,
			     &sa->keys[c]);
	len = emit_r_u(b, &m, keys.auth, randr, out);
	dmk_key_update(b->conf.crypto, o.key, r->csb_id, rand, randr, r->k_update);
	r->last_t = m.t.value;
	return len;
}

static bool agree(const struct bench *b, const struct model *r, const struct dmk_sa_pair *sa)
{
	return !memcmp(b->sa.spi, sa->spi, sizeof(sa->spi)) &&
	       !memcmp(b->sa.keys, sa->keys, sizeof(sa->keys)) &&
	       !memcmp(b->i.live.k_update, r->k_update, 32);
}

/* ---- tests */

static void round_trip_test(u8 scheme)
{
	struct dmk_sa_pair sa;
	struct model r;
	struct bench *b = established(&r, scheme);
	unsigned int before = b->sends;
	u8 r_u[512];
	u32 len;

	ktap_ok(dmk_initiator_update(&b->i, 0) == DMK_OK && b->sends == before + 1 &&
		b->u_r_len && bench_count(b, DMK_EV_UPDATING, -1) == 1,
		"scheme %u: one message, to R alone", scheme);
	ktap_ok(dmk_initiator_update(&b->i, 0) == DMK_REASON_UNEXPECTED && b->sends == before + 1,
		"scheme %u: no second one under the same K_update", scheme);
	len = model_update(b, &r, &sa, r_u);
	ktap_ok(len && bench_receive(b, DMK_FROM_ELSEWHERE, r_u, len, 0) == DMK_OK &&
		b->installs == 2 && agree(b, &r, &sa) && b->i.state == DMK_I_ESTABLISHED &&
		bench_count(b, DMK_EV_UPDATED, -1) == 1, "scheme %u: both have the same keys", scheme);
	ktap_ok(is_zero(&b->i.attempt, sizeof(b->i.attempt)) &&
		dmk_initiator_deadline(&b->i) == ~0ULL, "scheme %u: the TGK is erased", scheme);
	ktap_ok(bench_receive(b, DMK_RESPONDER, r_u, len, 0) == DMK_REASON_UNEXPECTED &&
		b->installs == 2, "scheme %u: R_U counts once", scheme);
	dmk_initiator_update(&b->i, 0);
	ktap_ok(bench_receive(b, DMK_RESPONDER, r_u, len, 0) == DMK_REASON_NOT_LATEST_T &&
		b->installs == 2, "scheme %u: nor does it count for the next update", scheme);
	bench_free(b);
}

static void repeat_test(void)
{
	struct model r;
	struct bench *b = updating(&r);
	unsigned int before = b->sends, i;
	u8 first[DMK_SENSOR_MSG_MAX];
	u32 len = b->u_r_len;
	bool same = true;
	u64 due, now = 0;

	memcpy(first, b->u_r, len);
	for (i = 0; i < DMK_I_REPEATS; i++) {
		due = dmk_initiator_deadline(&b->i);
		same &= due - now >= 1000ULL << i && due - now <= 3000ULL << i;
		dmk_initiator_tick(&b->i, due - 1);
		same &= b->sends == before + i;
		dmk_initiator_tick(&b->i, due);
		same &= b->sends == before + i + 1 && b->u_r_len == len &&
			!memcmp(b->u_r, first, len);
		now = due;
	}
	ktap_ok(same && bench_count(b, DMK_EV_REPEATING, -1) == DMK_I_REPEATS,
		"five repetitions, the same bytes, after 2 to 32 s");
	dmk_initiator_tick(&b->i, dmk_initiator_deadline(&b->i));
	ktap_ok(bench_count(b, DMK_EV_NOT_UPDATED, -1) == 1 && b->sends == before + 5 + 3 &&
		b->i.state == DMK_I_ESTABLISHING && b->i.attempt.csb_id != r.csb_id,
		"then a new session");
	ktap_ok(is_zero(b->i.live.k_update, 32), "K_update is forgotten");
	bench_free(b);
}

static void late_answer_test(void)
{
	struct dmk_sa_pair sa;
	struct model r;
	struct bench *b = updating(&r);
	u8 r_u[512];
	u32 len;

	dmk_initiator_tick(&b->i, dmk_initiator_deadline(&b->i));
	dmk_initiator_tick(&b->i, dmk_initiator_deadline(&b->i));
	len = model_update(b, &r, &sa, r_u);
	ktap_ok(bench_receive(b, DMK_RESPONDER, r_u, len, 0) == DMK_OK && agree(b, &r, &sa),
		"an R_U for the third copy");
	dmk_initiator_update(&b->i, 0);
	len = model_update(b, &r, &sa, r_u);
	dmk_initiator_start(&b->i, 0);
	ktap_ok(bench_receive(b, DMK_RESPONDER, r_u, len, 0) == DMK_REASON_UNEXPECTED &&
		b->installs == 2, "an R_U after a new session was begun");
	bench_free(b);
}

static void damage_test(void)
{
	struct dmk_initiator before;
	struct dmk_sa_pair sa;
	struct model r;
	struct bench *b = updating(&r);
	bool good = true;
	u8 r_u[512];
	u32 len, i;

	len = model_update(b, &r, &sa, r_u);
	memcpy(&before, &b->i, sizeof(before));
	for (i = 0; i < len; i++)
		good &= bench_receive(b, DMK_RESPONDER, r_u, i, 0) != DMK_OK;
	for (i = 0; i < len * 8; i++) {
		r_u[i / 8] ^= 1 << i % 8;
		good &= bench_receive(b, DMK_RESPONDER, r_u, len, 0) != DMK_OK;
		r_u[i / 8] ^= 1 << i % 8;
	}
	ktap_ok(good && b->installs == 1 && !memcmp(&before, &b->i, sizeof(before)),
		"R_U cut at each of %u places or with each bit changed changes nothing", len);
	ktap_ok(bench_receive(b, DMK_RESPONDER, r_u, len, 0) == DMK_OK && agree(b, &r, &sa),
		"the right one is accepted then");
	bench_free(b);
}

/* R replaces the SPI of CS 1, which it may, or of CS 2, which it may not */
static void spi_test(unsigned int cs, enum dmk_reason expected)
{
	struct model r;
	struct bench *b = updating(&r);
	struct dmk_msg_keys keys;
	struct dmk_message m;
	u8 r_u[512];
	u32 len;

	dmk_message_parse(&m, DMK_AT_R, b->u_r, b->u_r_len);
	m.spi[cs - 1] ^= 0x1000;
	model_keys(b, &r, &keys);
	len = emit_r_u(b, &m, keys.auth, DMK_SPAN("0123456789abcdef", 16), r_u);
	ktap_ok(bench_receive(b, DMK_RESPONDER, r_u, len, 0) == expected &&
		(expected || b->sa.spi[cs - 1] == m.spi[cs - 1]), "R replaces the SPI of CS %u", cs);
	bench_free(b);
}

static void cookie_test(void)
{
	struct model r;
	struct bench *b = updating(&r);
	unsigned int before = b->sends, i;
	u8 cookie[128], copy[512];
	u32 len, plain = b->u_r_len;
	bool good = true;

	memcpy(copy, b->u_r, plain);
	len = bench_cookie(b, 1, cookie);
	ktap_ok(bench_receive(b, 0, cookie, len, 0) == DMK_REASON_UNKNOWN_SENDER &&
		bench_receive(b, DMK_FROM_ELSEWHERE, cookie, len, 0) == DMK_REASON_UNKNOWN_SENDER &&
		b->sends == before, "a cookie from another than R is not followed");
	for (i = 0; i < DMK_COOKIES_FOLLOWED; i++) {
		len = bench_cookie(b, i, cookie);
		good &= bench_receive(b, DMK_RESPONDER, cookie, len, 0) == DMK_OK &&
			b->u_r_len == plain + 20 &&
			dmk_message_strip_cookie(b->u_r, b->u_r_len) == plain &&
			!memcmp(b->u_r, copy, plain);
	}
	ktap_ok(good && b->sends == before + 3, "three cookies of R are followed");
	ktap_ok(bench_receive(b, DMK_RESPONDER, cookie, len, 0) == DMK_REASON_REPEATED &&
		b->sends == before + 3, "a fourth is not");
	bench_free(b);
}

static void error_test(void)
{
	struct model r;
	struct bench *b = updating(&r);
	struct dmk_msg_keys keys;
	u8 err[128], auth[32];
	u32 len;

	len = bench_err(b, DMK_ERR_NOT_AUTHORIZED, NULL, err);
	ktap_ok(bench_receive(b, DMK_RESPONDER, err, len, 0) == DMK_REASON_HINT &&
		b->i.state == DMK_I_UPDATING, "an error without V is a hint");
	bench_auth_psk(b, 0, auth);
	len = bench_err(b, DMK_ERR_NOT_AUTHORIZED, auth, err);
	ktap_ok(bench_receive(b, 0, err, len, 0) == DMK_REASON_MAC &&
		b->i.state == DMK_I_UPDATING, "a third party cannot refuse an update");
	model_keys(b, &r, &keys);
	len = bench_err(b, DMK_ERR_NOT_AUTHORIZED, keys.auth, err);
	ktap_ok(bench_receive(b, DMK_FROM_ELSEWHERE, err, len, 0) == DMK_OK &&
		bench_count(b, DMK_EV_NOT_UPDATED, -1) == 1 && is_zero(b->i.live.k_update, 32) &&
		b->i.state == DMK_I_ESTABLISHING, "R can: K_update is forgotten, a new session");
	bench_free(b);
}

static void install_fails_test(void)
{
	struct dmk_sa_pair sa;
	struct model r;
	struct bench *b = updating(&r);
	u8 r_u[512];
	u32 len = model_update(b, &r, &sa, r_u);

	b->install_fails = true;
	ktap_ok(bench_receive(b, DMK_RESPONDER, r_u, len, 0) == DMK_REASON_SA &&
		b->i.state == DMK_I_PAUSE && is_zero(b->i.live.k_update, 32),
		"an SA that the host refuses: K_update is forgotten");
	bench_free(b);
}

static void no_session_test(void)
{
	struct bench *b = bench_new();

	bench_configure(b, 3, 3, 2);
	dmk_initiator_init(&b->i, &b->conf);
	ktap_ok(dmk_initiator_update(&b->i, 0) == DMK_REASON_UNEXPECTED, "no session, no update");
	dmk_initiator_start(&b->i, 0);
	ktap_ok(dmk_initiator_update(&b->i, 0) == DMK_REASON_UNEXPECTED &&
		b->i.state == DMK_I_ESTABLISHING, "nor while one is being established");
	bench_free(b);
}

static void no_random_test(void)
{
	struct model r;
	struct bench *b = established(&r, DMK_SCHEME_SHAMIR);
	unsigned int before = b->sends;

	b->random_fails = true;
	ktap_ok(dmk_initiator_update(&b->i, 0) == DMK_REASON_INTERNAL && b->sends == before &&
		b->i.state == DMK_I_PAUSE && is_zero(b->i.live.k_update, 32),
		"no random numbers, no update");
	b->random_fails = false;
	dmk_initiator_tick(&b->i, dmk_initiator_deadline(&b->i));
	b->t = b->i.t.value;
	establish(b);
	ktap_ok(dmk_initiator_update(&b->i, 0) == DMK_REASON_INTERNAL, "T that does not grow");
	bench_free(b);
}

/* with every third R_U lost, and every fifth U_R */
static void thousand_test(void)
{
	struct dmk_sa_pair sa;
	unsigned int i, good = 0;
	struct model r;
	struct bench *b = established(&r, DMK_SCHEME_SHAMIR);
	u32 csb_id = b->i.live.csb_id, len;
	u8 r_u[512], k_before[32];
	u64 now = 0;

	for (i = 0; i < UPDATES; i++) {
		memcpy(k_before, b->i.live.k_update, 32);
		if (dmk_initiator_update(&b->i, now))
			break;
		if (i % 5 == 0)
			dmk_initiator_tick(&b->i, now = dmk_initiator_deadline(&b->i));
		len = model_update(b, &r, &sa, r_u);
		if (i % 3 == 0)		/* R repeats what it has stored */
			dmk_initiator_tick(&b->i, now = dmk_initiator_deadline(&b->i));
		good += len && !bench_receive(b, DMK_RESPONDER, r_u, len, now) &&
			agree(b, &r, &sa) && memcmp(k_before, r.k_update, 32);
	}
	ktap_ok(good == UPDATES && b->installs == 1 + UPDATES && b->i.live.csb_id == csb_id,
		"%u of %u updates of one session", good, UPDATES);
	bench_free(b);
}

static void initiator_update_test(void)
{
	round_trip_test(DMK_SCHEME_SHAMIR);
	round_trip_test(DMK_SCHEME_RS);
	repeat_test();
	late_answer_test();
	damage_test();
	spi_test(1, DMK_OK);
	spi_test(2, DMK_REASON_MAP_MISMATCH);
	cookie_test();
	error_test();
	install_fails_test();
	no_session_test();
	no_random_test();
	thousand_test();
}

KTAP_MAIN(initiator_update_test)
