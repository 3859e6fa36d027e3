/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A bench for core/initiator.c: its operations, with every draw under control,
 * and a memory of what the machine did.
 */
#ifndef INITIATOR_BENCH_H
#define INITIATOR_BENCH_H

#include "initiator.h"
#include "ktap.h"
#include "vector.h"

#define BENCH_EVENTS 256

struct bench {
	struct dmk_initiator i;
	struct dmk_initiator_conf conf;
	struct dmk_party party[DMK_N_MAX];
	struct dmk_standing standing[DMK_N_MAX];
	u8 psk[DMK_N_MAX][DMK_PSK_LEN];
	u8 id[DMK_N_MAX][8];
	u8 buf[DMK_SENSOR_MSG_MAX];

	/* draws are served first; then comes dmk_random(), or @constant */
	u8 draws[1024];
	u32 drawn, draws_len;
	bool constant;
	u8 constant_byte;
	bool random_fails;

	u64 t;				/* the next T */
	u32 used_spi;

	u8 msg[DMK_N_MAX][DMK_SENSOR_MSG_MAX + 20];
	u32 msg_len[DMK_N_MAX];
	u8 u_r[DMK_SENSOR_MSG_MAX + 20];	/* to R */
	u32 u_r_len;
	unsigned int sends;

	unsigned int installs;
	bool install_fails;
	struct dmk_sa_pair sa;

	struct dmk_event event[BENCH_EVENTS];
	unsigned int events;
};

static inline int bench_random(void *ctx, u8 *out, size_t len)
{
	struct bench *b = ctx;

	if (b->random_fails)
		return -1;
	if (b->drawn + len <= b->draws_len) {
		memcpy(out, b->draws + b->drawn, len);
		b->drawn += len;
		return 0;
	}
	if (!b->constant)
		return dmk_random(b->conf.crypto, out, len);
	memset(out, b->constant_byte, len);
	return 0;
}

static inline int bench_next_t(void *ctx, u64 *t)
{
	struct bench *b = ctx;

	*t = b->t++;
	return 0;
}

static inline bool bench_spi_used(void *ctx, u32 spi)
{
	struct bench *b = ctx;

	return spi == b->used_spi;
}

static inline void bench_send(void *ctx, u8 party, const u8 *data, u32 len)
{
	struct bench *b = ctx;

	b->sends++;
	if (party == DMK_RESPONDER) {
		b->u_r_len = len;
		memcpy(b->u_r, data, len);
		return;
	}
	b->msg_len[party] = len;
	memcpy(b->msg[party], data, len);
}

static inline int bench_install(void *ctx, const struct dmk_sa_pair *sa)
{
	struct bench *b = ctx;

	b->installs++;
	b->sa = *sa;
	return b->install_fails ? -1 : 0;
}

static inline void bench_event(void *ctx, const struct dmk_event *e)
{
	struct bench *b = ctx;

	if (b->events < BENCH_EVENTS)
		b->event[b->events++] = *e;
}

static const struct dmk_initiator_ops bench_ops = {
	.random = bench_random,
	.next_t = bench_next_t,
	.spi_used = bench_spi_used,
	.send = bench_send,
	.install = bench_install,
	.event = bench_event,
};

/* how often an event of a type came, of one third party or (-1) of any */
static inline unsigned int bench_count(const struct bench *b, enum dmk_event_type type, int party)
{
	unsigned int n = 0, i;

	for (i = 0; i < b->events; i++)
		n += b->event[i].type == type && (party < 0 || b->event[i].party == party);
	return n;
}

static inline void bench_draw(struct bench *b, const void *data, u32 len)
{
	memcpy(b->draws + b->draws_len, data, len);
	b->draws_len += len;
}

static inline void bench_draw_u32(struct bench *b, u32 v)
{
	u8 out[4] = { v >> 24, v >> 16, v >> 8, v };

	bench_draw(b, out, sizeof(out));
}

static inline struct bench *bench_new(void)
{
	struct bench *b = calloc(1, sizeof(*b));

	if (!b)
		abort();
	b->conf.ops = &bench_ops;
	b->conf.ctx = b;
	b->conf.crypto = test_crypto_new();
	b->conf.party = b->party;
	b->conf.standing = b->standing;
	b->conf.buf = b->buf;
	b->conf.room = sizeof(b->buf);
	return b;
}

static inline void bench_free(struct bench *b)
{
	dmk_initiator_stop(&b->i);
	test_crypto_free(b->conf.crypto);
	free(b);
}

/* a copy of exactly the datagram's size, so that the sanitizers see an over-read */
static inline enum dmk_reason bench_receive(struct bench *b, int from, const u8 *data, u32 len,
					    u64 now)
{
	u8 *copy = ktap_alloc(len ? len : 1);
	enum dmk_reason r;

	memcpy(copy, data, len);
	r = dmk_initiator_receive(&b->i, from, copy, len, now);
	ktap_free(copy);
	return r;
}

static inline enum dmk_reason bench_receive_span(struct bench *b, int from, struct dmk_span m)
{
	return bench_receive(b, from, m.data, m.len, 1000);
}

/* ---- a sensor without vectors: m third parties, identities "tp0" and so on */

static inline void bench_configure(struct bench *b, u8 m, u8 n, u8 k)
{
	static u8 session_data[64];
	const struct dmk_session_data sd = { .family = 4, .addr = { 192, 0, 2, 7 }, .port = 2269 };
	u8 i;

	for (i = 0; i < m; i++) {
		snprintf((char *)b->id[i], sizeof(b->id[i]), "tp%u", i);
		memset(b->psk[i], i + 1, DMK_PSK_LEN);
		b->party[i].id = DMK_SPAN(b->id[i], strlen((char *)b->id[i]));
		b->party[i].psk = b->psk[i];
	}
	b->conf.idi = (struct dmk_id){ DMK_ID_NAI, DMK_SPAN("sensor", 6) };
	b->conf.idr = (struct dmk_id){ DMK_ID_URI, DMK_SPAN("responder", 9) };
	b->conf.m = m;
	b->conf.n = n;
	b->conf.k = k;
	b->conf.scheme = DMK_SCHEME_SHAMIR;
	b->conf.suite = (struct dmk_suite){ DMK_PRF_SHA256, DMK_ENCR_AES_CCM_128, DMK_MAC_NULL };
	b->conf.ts_type = DMK_TS_COUNTER;
	b->conf.session_data = DMK_SPAN(session_data, dmk_session_data_emit(&sd, session_data));
	b->conf.sp_param = DMK_SPAN(NULL, 0);
	b->t = 1;
}

static inline void bench_auth_tgk(struct bench *b, u8 auth[32])
{
	const struct dmk_attempt *a = &b->i.attempt;
	u8 tgk[DMK_TGK_MAX];
	unsigned int len = dmk_share_tgk(b->conf.crypto, b->conf.scheme, a->coeff, b->conf.k, tgk);

	dmk_key_auth5(b->conf.crypto, DMK_SPAN(tgk, len), a->csb_id, DMK_SPAN(a->rand, 16), auth);
}

static inline void bench_auth_psk(struct bench *b, int party, u8 auth[32])
{
	const struct dmk_attempt *a = &b->i.attempt;
	struct dmk_msg_keys keys;

	dmk_msg_keys(b->conf.crypto, DMK_PRF_SHA256, 16, 32, DMK_SPAN(b->psk[party], 32),
		     a->csb_id, DMK_SPAN(a->rand, 16), &keys);
	memcpy(auth, keys.auth, 32);
}

/* the R_I that R would send for the attempt under way; its length */
static inline u32 bench_r_i(struct bench *b, const struct dmk_part_entry *part, unsigned int n,
			    u8 randr_byte, u8 out[512])
{
	u8 randr[DMK_RANDR_LEN], auth[32];
	struct dmk_writer w;

	memset(randr, randr_byte, sizeof(randr));
	bench_auth_tgk(b, auth);
	dmk_writer_init(&w, out, 512);
	dmk_build_hdr_2cs(&w, DMK_DT_PSK_VER, false, b->i.attempt.csb_id, b->i.attempt.spi,
			  DMK_SPAN(NULL, 0));
	dmk_emit_t(&w, &b->i.t);
	dmk_emit_id(&w, &b->conf.idr);
	dmk_emit_randr(&w, DMK_SPAN(randr, sizeof(randr)));
	dmk_build_part(&w, part, n);
	dmk_seal_v(b->conf.crypto, &w, auth, &b->conf.idi, &b->conf.idr, b->i.t.value);
	return w.len;
}

/* a verdict about position @x of the attempt under way */
static inline struct dmk_part_entry bench_entry(struct bench *b, u8 x, u8 verdict)
{
	struct dmk_part_entry e = { .x = x, .verdict = verdict };
	u8 hash[DMK_HASH_LEN];

	dmk_sha256(b->conf.crypto, &b->party[b->i.attempt.chosen[x - 1]].id, 1, hash);
	memcpy(e.hash, hash, sizeof(e.hash));
	return e;
}

/* ERR with V under @auth, or without V */
static inline u32 bench_err(struct bench *b, u8 error, const u8 *auth, u8 out[128])
{
	struct dmk_writer w;

	dmk_writer_init(&w, out, 128);
	dmk_build_hdr_0cs(&w, DMK_DT_ERR, DMK_PRF_SHA256, b->i.attempt.csb_id);
	dmk_emit_t(&w, &b->i.t);
	dmk_emit_err(&w, error);
	if (auth)
		dmk_seal_v(b->conf.crypto, &w, auth, &b->conf.idi, &b->conf.idr, b->i.t.value);
	return w.len;
}

/* a third party's demand for a cookie */
static inline u32 bench_cookie(struct bench *b, u8 byte, u8 out[128])
{
	u8 cookie[DMK_COOKIE_LEN];
	struct dmk_writer w;

	memset(cookie, byte, sizeof(cookie));
	dmk_writer_init(&w, out, 128);
	dmk_build_hdr_0cs(&w, DMK_DT_ERR, DMK_PRF_SHA256, b->i.attempt.csb_id);
	dmk_emit_ext(&w, DMK_EXT_COOKIE, DMK_SPAN(cookie, sizeof(cookie)));
	dmk_emit_t(&w, &b->i.t);
	dmk_emit_err(&w, DMK_ERR_COOKIE);
	return w.len;
}

#endif
