// SPDX-License-Identifier: GPL-2.0
/*
 * core/initiator*.c: a sensor and everything that may happen to it. Input: its
 * configuration, then a script: time passes, something fails, a message comes. The
 * script builds each message, payload by payload; whoever has the key then puts a
 * right V behind it, so that what stands behind authentication is reached as well.
 */
#include "../unit/initiator_bench.h"
#include "shape.h"

enum { STEPS = 16, PARTIES = 4, ROOM = 2048 };

/**
 * struct world - one run
 * @b: the sensor and its operations
 * @in: the script
 * @now: clock, ms
 * @draws: makes random bytes: two runs of one script are the same
 * @authentic: the message that is being received has a right V and was not changed
 * @last: keys of the newest SAs
 */
static struct world {
	struct bench b;
	struct fuzz_script in;
	u64 now;
	u32 draws;
	bool authentic;
	u8 last[32];
} w;

/* ---- operations that the bench has otherwise */

static int draw(void *ctx, u8 *out, size_t len)
{
	(void)ctx;
	while (len--) {
		w.draws = w.draws * 1103515245 + 12345;
		*out++ = w.draws >> 16;
	}
	return w.b.random_fails ? -1 : 0;
}

/* keys come from an authentic answer alone, and never twice the same */
static int install(void *ctx, const struct dmk_sa_pair *sa)
{
	must(w.authentic);
	must(sa->csb_id == w.b.i.attempt.csb_id && sa->spi[1] == w.b.i.attempt.spi[1]);
	must(memcmp(sa->keys[0].cipher_key, w.last, 16));
	memcpy(w.last, sa->keys[0].cipher_key, 16);
	return bench_install(ctx, sa);
}

static const struct dmk_initiator_ops ops = {
	.random = draw,
	.next_t = bench_next_t,
	.spi_used = bench_spi_used,
	.send = bench_send,
	.install = install,
	.event = bench_event,
};

/* ---- the sensor */

static void configure_conf(struct dmk_initiator_conf *conf, u8 bits)
{
	static const struct dmk_span policies[] = {
		{ NULL, 0 }, { (const u8 *)"\0\2\0\20", 4 }, { (const u8 *)"\0\2\0\34", 4 },
		{ (const u8 *)"\0\2\0\14\2\2\0\14", 8 },
	};

	conf->ops = &ops;
	conf->ctx = &w.b;
	conf->crypto = fuzz_crypto();
	conf->party = w.b.party;
	conf->standing = w.b.standing;
	conf->buf = w.b.buf;
	conf->room = sizeof(w.b.buf);
	conf->scheme = bits & 1 ? DMK_SCHEME_RS : DMK_SCHEME_SHAMIR;
	conf->relay = bits & 2;
	conf->verify = bits & 4;
	conf->ts_type = bits & 8 ? DMK_TS_NTP_UTC : DMK_TS_COUNTER;
	if (bits & 16)
		conf->suite = (struct dmk_suite){ DMK_PRF_SHA256, DMK_ENCR_AES_CM_128,
						  DMK_MAC_SHA256 };
	conf->sp_param = policies[bits >> 5 & 3];
}

static bool begin(void)
{
	u8 m = fuzz_byte(&w.in) % PARTIES + 1, n = fuzz_byte(&w.in) % m + 1;

	bench_configure(&w.b, m, n, fuzz_byte(&w.in) % n + 1);
	configure_conf(&w.b.conf, fuzz_byte(&w.in));
	return !dmk_initiator_init(&w.b.i, &w.b.conf);
}

/* ---- messages */

static bool bit(u8 *bits)
{
	bool is = *bits & 1;

	*bits >>= 1;
	return is;
}

static u32 build_part(struct dmk_writer *out)
{
	struct dmk_part_entry e[DMK_CANDIDATES_MAX];
	u8 n = fuzz_byte(&w.in) % DMK_CANDIDATES_MAX + 1, i;

	for (i = 0; i < n; i++)
		e[i] = bench_entry(&w.b, i % w.b.conf.n + 1, fuzz_byte(&w.in) & 1);
	dmk_build_part(out, e, n);
	return n;
}

/* any answer as its bits say, without V; all of them off is a bare HDR with T */
static u32 build(u8 *out)
{
	static const u8 zeros[16], types[] = { DMK_DT_PSK_VER, DMK_DT_ERR, DMK_DT_PSK, DMK_DT_PK_VER };
	u8 bits = fuzz_byte(&w.in), type = types[bit(&bits) + 2 * !(fuzz_byte(&w.in) % 16)];
	const struct dmk_attempt *a = &w.b.i.attempt;
	struct dmk_writer o;

	dmk_writer_init(&o, out, ROOM);
	if (bit(&bits))
		dmk_build_hdr_2cs(&o, type, false, a->csb_id, a->spi, DMK_SPAN(NULL, 0));
	else
		dmk_build_hdr_0cs(&o, type, DMK_PRF_SHA256, a->csb_id);
	if (bit(&bits))
		dmk_emit_ext(&o, DMK_EXT_COOKIE, DMK_SPAN(zeros, DMK_COOKIE_LEN));
	dmk_emit_t(&o, &w.b.i.t);
	if (bit(&bits))
		dmk_emit_err(&o, fuzz_byte(&w.in));
	if (bit(&bits))
		dmk_emit_id(&o, &w.b.conf.idr);
	if (bit(&bits))
		dmk_emit_randr(&o, DMK_SPAN(zeros, DMK_RANDR_LEN));
	if (bit(&bits) && a->chosen[0] != DMK_RESPONDER)
		build_part(&o);
	return o.len;
}

/* ---- V, by whoever has the key */

enum signer { NOBODY, PARTY, RESPONDER, SIGNERS };

static bool auth_key(enum signer who, u8 from, u8 auth[32])
{
	const struct dmk_initiator *i = &w.b.i;
	bool update = i->state == DMK_I_UPDATING;
	struct dmk_msg_keys keys;

	if (who == RESPONDER && !update) {
		bench_auth_tgk(&w.b, auth);
		return true;
	}
	if (dmk_msg_keys(fuzz_crypto(), DMK_PRF_SHA256, 16, 32,
			 DMK_SPAN(update && who == RESPONDER ? i->live.k_update :
				  w.b.psk[from % w.b.conf.m], 32), i->attempt.csb_id,
			 DMK_SPAN(i->attempt.rand, 16), &keys))
		return false;
	memcpy(auth, keys.auth, 32);
	return true;
}

/* V is over what would be authenticated: the message without COOKIE */
static u32 seal(u8 *data, u32 len, const u8 auth[32])
{
	u32 cookie = 4 + DMK_COOKIE_LEN, all = len;
	struct dmk_writer o;
	struct shape s;
	u8 kept[24];

	shape_read(&s, data, len);
	if (s.n < 2)
		return len;
	if (s.payload[1].type == DMK_PL_EXT && s.payload[1].len == cookie && s.n > 2 &&
	    data[s.payload[1].at + 1] == DMK_EXT_COOKIE) {
		memcpy(kept, data + s.payload[1].at, cookie);
		all = len - cookie;
		memmove(data + s.payload[1].at, data + s.payload[2].at, len - s.payload[2].at);
		data[2] = kept[0];
	}
	dmk_writer_init(&o, data, ROOM - cookie);
	o.len = all;
	o.next = s.payload[s.n - 1].at - (len - all);
	if (dmk_seal_v(fuzz_crypto(), &o, auth, &w.b.conf.idi, &w.b.conf.idr, w.b.i.t.value))
		return len;
	if (all == len)
		return o.len;
	memmove(data + s.payload[1].at + cookie, data + s.payload[1].at, o.len - s.payload[1].at);
	memcpy(data + s.payload[1].at, kept, cookie);
	data[2] = DMK_PL_EXT;
	return o.len + cookie;
}

static u32 edit(u8 *data, u32 len, u8 times)
{
	u8 e[4];

	while (times--) {
		fuzz_bytes(&w.in, e, sizeof(e));
		len = shape_edit(data, len, ROOM - 64, e);
	}
	return len;
}

#ifdef FUZZ_PROVE
/* a sensor that keeps PART's entries where there is room for its own third parties */
static void keep_part(const u8 *data, u32 len)
{
	struct dmk_message m;
	u8 *kept = malloc(w.b.conf.n * DMK_PART_ENTRY_LEN);

	if (!dmk_message_parse(&m, DMK_AT_I, data, len) && m.kind == DMK_R_I)
		memcpy(kept, m.part.data, m.part.len);
	fuzz_keep(kept);
	free(kept);
}
#else
static void keep_part(const u8 *data, u32 len)
{
	(void)data;
	(void)len;
}
#endif

static void deliver(u8 *data, u32 len)
{
	unsigned int installs = w.b.installs;
	u8 from = fuzz_byte(&w.in);
	u8 *copy = fuzz_copy(data, len);
	enum dmk_reason why;

	why = dmk_initiator_receive(&w.b.i, from == 254 ? DMK_FROM_ELSEWHERE :
				    from == 255 ? DMK_RESPONDER : from % w.b.conf.m, copy, len, w.now);
	if (w.b.installs > installs && !why)
		keep_part(data, len);
	free(copy);
}

/* what it is made of, who seals it, what happens to it before and on its way */
static void receive(void)
{
	u8 data[ROOM], auth[32], flags = fuzz_byte(&w.in), tamper = flags >> 6 == 3;
	enum signer who = flags % 4 % SIGNERS;
	u32 len = build(data);

	len = edit(data, len, flags >> 2 & 3);
	if (who != NOBODY && auth_key(who, fuzz_byte(&w.in), auth))
		len = seal(data, len, auth);
	w.authentic = who == RESPONDER && !tamper;
	if (tamper && len)
		data[fuzz_number(&w.in, 2) % len] ^= 1 << fuzz_byte(&w.in) % 8;
	deliver(data, len);
	w.authentic = false;
}

static void receive_bytes(void)
{
	struct dmk_span s = fuzz_span(&w.in, fuzz_number(&w.in, 2) % ROOM);
	u8 data[ROOM];

	memcpy(data, s.data, s.len);
	deliver(data, s.len);
}

/* ---- the script */

static void fail(u8 bits)
{
	w.b.random_fails = bits % 8 == 1;
	w.b.install_fails = bits % 8 == 2;
	w.b.used_spi = w.b.i.attempt.spi[0];
}

static void step(void)
{
	switch (fuzz_byte(&w.in) % 8) {
	case 0:
		dmk_initiator_start(&w.b.i, w.now);
		break;
	case 1:
		dmk_initiator_update(&w.b.i, w.now);
		break;
	case 2:
		w.now += fuzz_number(&w.in, 2) * 16;
		dmk_initiator_tick(&w.b.i, w.now);
		break;
	case 3:
		w.now = dmk_initiator_deadline(&w.b.i) == ~0ULL ? w.now :
			dmk_initiator_deadline(&w.b.i);
		dmk_initiator_tick(&w.b.i, w.now);
		break;
	case 4:
		fail(fuzz_byte(&w.in));
		break;
	case 5:
		receive_bytes();
		break;
	default:
		receive();
	}
}

/* secrets of an attempt live as long as the attempt */
static void check_secrets(void)
{
	static const struct dmk_attempt none;
	u8 state = w.b.i.state;

	must(state <= DMK_I_UPDATING);
	if (state != DMK_I_ESTABLISHING && state != DMK_I_UPDATING)
		must(!memcmp(&w.b.i.attempt, &none, sizeof(none)));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	unsigned int sends, steps;

	w = (struct world){ .in = { data, len }, .now = 1000 };
	if (!begin())
		return 0;
	dmk_initiator_start(&w.b.i, w.now);
	for (steps = 0; steps < STEPS && w.in.left; steps++) {
		sends = w.b.sends;
		step();
		must(w.b.sends - sends <= DMK_N_MAX);
		check_secrets();
	}
	dmk_initiator_stop(&w.b.i);
	return 0;
}
