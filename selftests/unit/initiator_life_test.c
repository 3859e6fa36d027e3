// SPDX-License-Identifier: GPL-2.0
/* core/initiator.c without vectors: time, loss, lies and bad luck. */
#include "initiator_bench.h"
#include "stamp.h"

static struct bench *ready(u8 m, u8 n, u8 k)
{
	struct bench *b = bench_new();

	bench_configure(b, m, n, k);
	if (dmk_initiator_init(&b->i, &b->conf))
		abort();
	return b;
}

static struct bench *started(u8 m, u8 n, u8 k)
{
	struct bench *b = ready(m, n, k);

	if (dmk_initiator_start(&b->i, 0))
		abort();
	return b;
}

static bool is_zero(const void *p, size_t n)
{
	const u8 *byte = p;

	while (n--)
		if (*byte++)
			return false;
	return true;
}

/* PART with one verdict, in order, for each chosen third party; 2 leaves it out */
static u32 r_i_of(struct bench *b, const u8 *verdicts, u8 out[512])
{
	struct dmk_part_entry e[DMK_N_MAX];
	unsigned int n = 0;
	u8 x;

	for (x = 1; x <= b->conf.n; x++)
		if (verdicts[x - 1] < 2)
			e[n++] = bench_entry(b, x, verdicts[x - 1]);
	return bench_r_i(b, e, n, 9, out);
}

static enum dmk_reason answer(struct bench *b, const u8 *verdicts)
{
	u8 r_i[512];
	u32 len = r_i_of(b, verdicts, r_i);

	return bench_receive(b, DMK_FROM_ELSEWHERE, r_i, len, 0);
}

static const u8 all_right[DMK_N_MAX];

/* ---- protocol.md 7.2: repetition */

/* the delays of one session, with every draw of jitter the same byte */
static bool schedule_is(u8 byte, unsigned int percent)
{
	struct bench *b = ready(3, 3, 2);
	u64 now = 0, due;
	unsigned int i;
	bool good;

	dmk_initiator_start(&b->i, 0);
	dmk_initiator_stop(&b->i);
	b->constant = true;
	b->constant_byte = byte;
	/* one draw each, then the constant: SPIs, CSB ID, RAND, coefficients */
	for (i = 0; i < 15; i++)
		bench_draw_u32(b, 0x10000 + i);
	good = dmk_initiator_start(&b->i, 0) == DMK_OK;
	for (i = 0; i < DMK_I_REPEATS; i++) {
		due = now + (2000ULL << i) * percent / 100;
		good &= dmk_initiator_deadline(&b->i) == due;
		dmk_initiator_tick(&b->i, due - 1);
		good &= bench_count(b, DMK_EV_REPEATING, -1) == i;
		dmk_initiator_tick(&b->i, due);
		good &= bench_count(b, DMK_EV_REPEATING, -1) == i + 1;
		now = due;
	}
	bench_free(b);
	return good;
}

static void jitter_test(void)
{
	struct bench *b = ready(3, 3, 2);
	bool good = true, differs = false;
	u64 first = 0, d;
	int i;

	for (i = 0; i < 1000; i++) {
		dmk_initiator_start(&b->i, 0);
		d = dmk_initiator_deadline(&b->i);
		first = first ? first : d;
		differs |= d != first;
		good &= d >= 1000 && d <= 3000;
	}
	ktap_ok(good && differs, "jitter stays within 50 %% and is none twice");
	bench_free(b);
}

static void repeat_test(void)
{
	struct bench *b = started(3, 3, 2), *first;
	struct dmk_attempt old;
	u64 old_t = b->i.t.value;
	bool same = true;
	unsigned int i, p;

	first = malloc(sizeof(*first));
	memcpy(first, b, sizeof(*b));
	old = b->i.attempt;
	for (i = 0; i < DMK_I_REPEATS; i++) {
		dmk_initiator_tick(&b->i, dmk_initiator_deadline(&b->i));
		for (p = 0; p < 3; p++)
			same &= b->msg_len[p] == first->msg_len[p] &&
				!memcmp(b->msg[p], first->msg[p], b->msg_len[p]);
	}
	ktap_ok(same && b->sends == 3 * (1 + DMK_I_REPEATS), "five repetitions, the same bytes");

	dmk_initiator_tick(&b->i, dmk_initiator_deadline(&b->i));
	ktap_ok(bench_count(b, DMK_EV_NO_ANSWER, -1) == 1 &&
		bench_count(b, DMK_EV_ESTABLISHING, -1) == 2 &&
		b->i.t.value > old_t && b->i.attempt.csb_id != old.csb_id &&
		b->i.attempt.spi[0] != old.spi[0] && b->i.attempt.spi[1] != old.spi[1] &&
		memcmp(b->i.attempt.rand, old.rand, 16) &&
		memcmp(b->i.attempt.coeff[0], old.coeff[0], 16) &&
		memcmp(b->i.attempt.coeff[1], old.coeff[1], 16),
		"then a session in which everything is new");
	free(first);
	bench_free(b);
}

/* ---- 7.3: cookies */

static void cookie_test(void)
{
	struct bench *b = started(4, 3, 2);
	u8 cookie[128], copy[DMK_SENSOR_MSG_MAX];
	int unchosen = 6 - b->i.attempt.chosen[0] - b->i.attempt.chosen[1] - b->i.attempt.chosen[2];
	int asked = b->i.attempt.chosen[0], other = b->i.attempt.chosen[1];
	u32 len = bench_cookie(b, 0xC0, cookie), plain = b->msg_len[asked];
	bool good = true;
	int i;

	memcpy(copy, b->msg[asked], plain);
	ktap_ok(bench_receive(b, DMK_FROM_ELSEWHERE, cookie, len, 0) == DMK_REASON_UNKNOWN_SENDER &&
		bench_receive(b, unchosen, cookie, len, 0) == DMK_REASON_UNKNOWN_SENDER &&
		b->sends == 3, "a cookie from an address that got no message is not followed");
	for (i = 0; i < DMK_COOKIES_FOLLOWED; i++) {
		len = bench_cookie(b, i, cookie);
		good &= bench_receive(b, asked, cookie, len, 0) == DMK_OK;
		good &= dmk_message_strip_cookie(b->msg[asked], b->msg_len[asked]) == plain &&
			!memcmp(b->msg[asked], copy, plain);
	}
	ktap_ok(good && b->sends == 6, "three cookies are followed, around the same message");
	ktap_ok(bench_receive(b, asked, cookie, len, 0) == DMK_REASON_REPEATED && b->sends == 6,
		"a fourth is not");
	ktap_ok(bench_receive(b, other, cookie, len, 0) == DMK_OK && b->sends == 7,
		"each message has its own count");
	cookie[7] ^= 1;		/* CSB ID */
	ktap_ok(bench_receive(b, other, cookie, len, 0) == DMK_REASON_NOT_LATEST_T &&
		b->sends == 7, "a cookie for another message is not followed");
	bench_free(b);
}

/* ---- 7.5: errors */

static void error_test(void)
{
	struct bench *b = started(5, 5, 3);
	u8 auth[32], err[128];
	u32 len;
	int i;

	for (i = 0; i < 2; i++) {
		bench_auth_psk(b, i, auth);
		len = bench_err(b, DMK_ERR_NOT_AUTHORIZED, auth, err);
		bench_receive(b, i, err, len, 0);
		bench_receive(b, i, err, len, 0);
	}
	ktap_ok(bench_count(b, DMK_EV_PARTY_REFUSED, -1) == 2 && b->i.state == DMK_I_ESTABLISHING,
		"n - k errors, each twice, cost two shares and end nothing");
	bench_auth_psk(b, 2, auth);
	len = bench_err(b, DMK_ERR_NOT_AUTHORIZED, auth, err);
	ktap_ok(bench_receive(b, 3, err, len, 0) == DMK_REASON_MAC &&
		bench_receive(b, DMK_FROM_ELSEWHERE, err, len, 0) == DMK_REASON_MAC &&
		b->i.state == DMK_I_ESTABLISHING, "one third party cannot speak for another");
	ktap_ok(bench_receive(b, 2, err, len, 0) == DMK_OK && b->i.state == DMK_I_PAUSE &&
		bench_count(b, DMK_EV_TOO_FEW, -1) == 1 &&
		is_zero(&b->i.attempt, sizeof(b->i.attempt)), "one more ends the session");
	ktap_ok(dmk_initiator_deadline(&b->i) >= 16000 && dmk_initiator_deadline(&b->i) <= 48000,
		"a pause follows");
	dmk_initiator_tick(&b->i, 15999);
	ktap_ok(b->sends == 5, "and nothing is sent in it");
	dmk_initiator_tick(&b->i, dmk_initiator_deadline(&b->i));
	ktap_ok(b->sends == 10 && b->i.state == DMK_I_ESTABLISHING, "then a new session");
	bench_free(b);
}

static void responder_error_test(void)
{
	struct bench *b = started(3, 3, 2);
	u8 auth[32], err[128];
	u32 len = bench_err(b, DMK_ERR_SPPAR, NULL, err);

	ktap_ok(bench_receive(b, DMK_FROM_ELSEWHERE, err, len, 0) == DMK_REASON_HINT &&
		bench_receive(b, 1, err, len, 0) == DMK_REASON_HINT &&
		b->i.state == DMK_I_ESTABLISHING && !b->i.attempt.refused,
		"errors without V are hints");
	bench_auth_tgk(b, auth);
	len = bench_err(b, DMK_ERR_SPPAR, auth, err);
	ktap_ok(bench_receive(b, DMK_FROM_ELSEWHERE, err, len, 0) == DMK_OK &&
		b->i.state == DMK_I_PAUSE && bench_count(b, DMK_EV_REFUSED, -1) == 1 &&
		b->event[b->events - 1].error == DMK_ERR_SPPAR &&
		is_zero(&b->i.attempt, sizeof(b->i.attempt)), "an error under the TGK ends it");
	bench_free(b);
}

static void tp_i_unasked_test(void)
{
	struct bench *b = started(3, 3, 2);
	struct dmk_writer w;
	u8 out[256], auth[32];

	bench_auth_psk(b, 0, auth);
	dmk_writer_init(&w, out, sizeof(out));
	dmk_build_hdr_0cs(&w, DMK_DT_PSK_VER, DMK_PRF_SHA256, b->i.attempt.csb_id);
	dmk_emit_t(&w, &b->i.t);
	dmk_emit_id(&w, &b->conf.idr);
	dmk_seal_v(b->conf.crypto, &w, auth, &b->conf.idi, &b->conf.idr, b->i.t.value);
	ktap_ok(bench_receive(b, 0, out, w.len, 0) == DMK_REASON_UNEXPECTED,
		"TP_I that was not asked for");
	b->conf.verify = true;
	ktap_ok(bench_receive(b, 0, out, w.len, 0) == DMK_OK, "the same, asked for");
	ktap_ok(bench_receive(b, 1, out, w.len, 0) == DMK_REASON_MAC, "from another third party");
	ktap_ok(bench_receive(b, DMK_FROM_ELSEWHERE, out, w.len, 0) == DMK_REASON_UNKNOWN_SENDER,
		"from elsewhere");
	bench_free(b);
}

/* ---- 7.5: R_I */

static void damage_test(void)
{
	struct bench *b = started(3, 3, 2);
	struct dmk_initiator before = b->i;
	u8 r_i[512];
	u32 len = r_i_of(b, all_right, r_i), i;
	bool good = true;

	memcpy(&before, &b->i, sizeof(before));
	for (i = 0; i < len; i++)
		good &= bench_receive(b, DMK_FROM_ELSEWHERE, r_i, i, 0) != DMK_OK;
	ktap_ok(good && !b->installs && !memcmp(&before, &b->i, sizeof(before)),
		"R_I cut at each of %u places changes nothing", len);
	for (i = 0; i < len * 8; i++) {
		r_i[i / 8] ^= 1 << i % 8;
		good &= bench_receive(b, DMK_FROM_ELSEWHERE, r_i, len, 0) != DMK_OK;
		r_i[i / 8] ^= 1 << i % 8;
	}
	ktap_ok(good && !b->installs && !memcmp(&before, &b->i, sizeof(before)),
		"R_I with each of %u bits changed changes nothing", len * 8);
	ktap_ok(bench_receive(b, DMK_FROM_ELSEWHERE, r_i, len, 0) == DMK_OK && b->installs == 1,
		"the right one is accepted then");
	ktap_ok(bench_receive(b, DMK_FROM_ELSEWHERE, r_i, len, 0) == DMK_REASON_UNEXPECTED &&
		b->installs == 1, "and once only");
	bench_free(b);
}

static void old_answer_test(void)
{
	struct bench *b = started(3, 3, 2);
	u8 r_i[512];
	u32 len = r_i_of(b, all_right, r_i);

	dmk_initiator_start(&b->i, 0);
	ktap_ok(bench_receive(b, DMK_FROM_ELSEWHERE, r_i, len, 0) == DMK_REASON_NOT_LATEST_T &&
		!b->installs, "an R_I for the session before");
	ktap_ok(answer(b, all_right) == DMK_OK && b->installs == 1, "and one for this");
	bench_free(b);
}

/* the same number, but of another type: what V covers is right */
static void other_type_test(void)
{
	struct bench *b = started(3, 3, 2);
	u8 r_i[512];
	u32 len;

	b->i.t.type = DMK_TS_NTP_UTC;
	len = r_i_of(b, all_right, r_i);
	b->i.t.type = DMK_TS_COUNTER;
	ktap_ok(bench_receive(b, DMK_FROM_ELSEWHERE, r_i, len, 0) == DMK_REASON_NOT_LATEST_T &&
		!b->installs, "T of another type");
	bench_free(b);
}

static void other_prf_test(void)
{
	struct bench *b = started(3, 3, 2);
	u8 err[128];
	u32 len = bench_err(b, DMK_ERR_SPPAR, NULL, err);

	err[3] = DMK_PRF_MIKEY_1;
	ktap_ok(bench_receive(b, 0, err, len, 0) == DMK_REASON_PRF, "an answer with another PRF");
	bench_free(b);
}

static void install_fails_test(void)
{
	struct bench *b = started(3, 3, 2);
	u8 r_i[512];
	u32 len = r_i_of(b, all_right, r_i);

	b->install_fails = true;
	ktap_ok(bench_receive(b, DMK_FROM_ELSEWHERE, r_i, len, 0) == DMK_REASON_SA &&
		b->i.state == DMK_I_PAUSE && !b->i.has_live, "an SA that the host refuses");
	ktap_ok(bench_receive(b, DMK_FROM_ELSEWHERE, r_i, len, 0) == DMK_REASON_UNEXPECTED &&
		b->installs == 1, "its keys are not handed out again");
	bench_free(b);
}

/* ---- standing */

static void liar_test(void)
{
	struct bench *b = started(4, 3, 2);
	const u8 verdicts[] = { 0, 1, 0 };
	int liar = b->i.attempt.chosen[1], i, chosen = 0;

	answer(b, verdicts);
	ktap_ok(bench_count(b, DMK_EV_PARTY_WRONG, liar) == 1 && b->standing[liar].score < 0,
		"a liar is named and lowered at once");
	for (i = 0; i < 20; i++) {
		dmk_initiator_start(&b->i, 0);
		chosen += b->i.attempt.chosen[0] == liar || b->i.attempt.chosen[1] == liar ||
			  b->i.attempt.chosen[2] == liar;
	}
	ktap_ok(!chosen, "and not chosen while others will do");
	bench_free(b);
}

static void absent_test(void)
{
	struct bench *b = started(3, 3, 2);
	const u8 verdicts[] = { 0, 2, 0 };

	answer(b, verdicts);
	dmk_initiator_start(&b->i, 0);
	answer(b, verdicts);
	ktap_ok(b->standing[1].score == 0 && bench_count(b, DMK_EV_PARTY_ABSENT, 1) == 2,
		"two absences do not lower");
	dmk_initiator_start(&b->i, 0);
	answer(b, all_right);
	dmk_initiator_start(&b->i, 0);
	answer(b, verdicts);
	dmk_initiator_start(&b->i, 0);
	answer(b, verdicts);
	ktap_ok(b->standing[1].score == 0, "nor four that are not in a row");
	dmk_initiator_start(&b->i, 0);
	answer(b, verdicts);
	ktap_ok(b->standing[1].score < 0 && b->standing[0].score == 0, "three in a row do");
	bench_free(b);
}

static void foreign_entry_test(void)
{
	struct bench *b = started(3, 3, 2);
	struct dmk_part_entry e[3] = { bench_entry(b, 1, 1), bench_entry(b, 2, 1),
				       bench_entry(b, 3, 0) };
	u8 r_i[512];
	u32 len;

	e[0].x = 2;			/* the name of 1, the position of 2 */
	e[1].hash[0] ^= 1;		/* a name of nobody */
	len = bench_r_i(b, e, 3, 9, r_i);
	ktap_ok(bench_receive(b, DMK_FROM_ELSEWHERE, r_i, len, 0) == DMK_OK &&
		!bench_count(b, DMK_EV_PARTY_WRONG, -1) && !b->standing[0].score &&
		!b->standing[1].score, "entries that are not I's own blame nobody");
	bench_free(b);
}

static void choice_test(void)
{
	struct bench *b = ready(10, 3, 2);
	unsigned int times[10] = { 0 }, i, x, least = 1000;

	for (i = 0; i < 1000; i++) {
		dmk_initiator_start(&b->i, 0);
		for (x = 0; x < 3; x++)
			times[b->i.attempt.chosen[x]]++;
	}
	for (i = 0; i < 10; i++)
		least = times[i] < least ? times[i] : least;
	ktap_ok(least > 200, "among equals each is chosen as often: least %u of 300", least);
	bench_free(b);
}

/* ---- draws */

static void draw_test(void)
{
	struct bench *b = ready(3, 3, 2);

	b->used_spi = 0x2000;
	bench_draw_u32(b, 0xFFFFFF00);			/* + 256 is 0 */
	bench_draw_u32(b, 0x2000 - DMK_SPI_MIN);	/* in use */
	bench_draw_u32(b, 0x3000 - DMK_SPI_MIN);
	bench_draw_u32(b, 0x3000 - DMK_SPI_MIN);	/* that of CS 1 */
	bench_draw_u32(b, 0);
	ktap_ok(dmk_initiator_start(&b->i, 0) == DMK_OK && b->i.attempt.spi[0] == 0x3000 &&
		b->i.attempt.spi[1] == DMK_SPI_MIN,
		"SPIs: at least 256, not in use, not equal");
	bench_free(b);
}

static void csb_test(void)
{
	struct bench *b = started(3, 3, 2);
	u32 live = b->i.attempt.csb_id;

	answer(b, all_right);
	b->drawn = b->draws_len = 0;
	bench_draw_u32(b, 0x4000);
	bench_draw_u32(b, 0x5000);
	bench_draw_u32(b, live);
	bench_draw_u32(b, live + 1);
	ktap_ok(dmk_initiator_start(&b->i, 0) == DMK_OK && b->i.attempt.csb_id == live + 1,
		"CSB ID is none of the live ones");
	bench_free(b);
}

static void no_random_test(void)
{
	struct bench *b = ready(3, 3, 2);

	b->random_fails = true;
	ktap_ok(dmk_initiator_start(&b->i, 0) == DMK_REASON_INTERNAL && !b->sends &&
		b->i.state == DMK_I_PAUSE, "no random numbers, no message");
	bench_free(b);
}

/* ---- T, protocol.md 5 */

static void t_test(void)
{
	struct bench *b = started(3, 3, 2);

	b->t = b->i.t.value;
	ktap_ok(dmk_initiator_start(&b->i, 0) == DMK_REASON_INTERNAL && b->sends == 3,
		"T that does not grow: nothing is sent");
	b->t = 0x100000000;
	ktap_ok(dmk_initiator_start(&b->i, 0) == DMK_REASON_INTERNAL && b->sends == 3,
		"a counter above 32 bits: nothing is sent");
	b->t = 77;
	ktap_ok(dmk_initiator_start(&b->i, 0) == DMK_OK && b->sends == 6, "T that grows");
	bench_free(b);
}

struct storage {
	u64 bound;
	unsigned int writes;
	bool broken;
};

static int store(void *ctx, u64 bound)
{
	struct storage *s = ctx;

	if (s->broken)
		return -1;
	s->bound = bound;
	s->writes++;
	return 0;
}

/* every few T's the power goes and only storage is left */
static void counter_test(void)
{
	struct storage disk = { 0 };
	struct dmk_stamp s;
	u64 t, last = 0;
	bool good = true;
	int i;

	dmk_stamp_init(&s, 0);
	for (i = 0; i < 1000; i++) {
		if (i % 7 == 3)
			dmk_stamp_init(&s, disk.bound);
		good &= !dmk_stamp_next(&s, 0, 0xFFFFFFFF, DMK_STAMP_AHEAD_COUNTER, store, &disk, &t);
		good &= t > last && t <= disk.bound;
		last = t;
	}
	ktap_ok(good, "COUNTER grows over 142 power cuts");
	ktap_ok(disk.writes < 200, "and storage is written %u times for 1000", disk.writes);

	disk.broken = true;
	dmk_stamp_init(&s, disk.bound);
	ktap_ok(dmk_stamp_next(&s, 0, 0xFFFFFFFF, 16, store, &disk, &t) < 0,
		"no T without storage");
	disk.broken = false;
	dmk_stamp_init(&s, 0xFFFFFFFE);
	ktap_ok(!dmk_stamp_next(&s, 0, 0xFFFFFFFF, 16, store, &disk, &t) && t == 0xFFFFFFFF &&
		dmk_stamp_next(&s, 0, 0xFFFFFFFF, 16, store, &disk, &t) < 0,
		"COUNTER ends with its last value");
	dmk_stamp_init(&s, ~0ULL);
	ktap_ok(dmk_stamp_next(&s, 0, ~0ULL, 0, store, &disk, &t) < 0, "and so does NTP-UTC");
}

static void ntp_test(void)
{
	struct storage disk = { 0 };
	struct dmk_stamp s;
	u64 now = 1ULL << 62, t, last = 0;
	bool good = true;
	int i;

	dmk_stamp_init(&s, 0);
	for (i = 0; i < 100; i++) {
		dmk_stamp_init(&s, disk.bound);
		good &= !dmk_stamp_next(&s, i == 50 ? now - 1000 : now, ~0ULL,
					DMK_STAMP_AHEAD_NTP, store, &disk, &t);
		good &= t > last && t < now + 1000;
		last = t;
	}
	ktap_ok(good, "NTP-UTC grows over 100 restarts with a clock that stands or goes back");
}

/* ---- configuration */

static void conf_is(const char *what, void (*change)(struct dmk_initiator_conf *),
		    enum dmk_reason expected)
{
	struct bench *b = bench_new();
	enum dmk_reason r;

	bench_configure(b, 5, 3, 2);
	change(&b->conf);
	r = dmk_initiator_init(&b->i, &b->conf);
	ktap_ok(r == expected, "configuration: %s", what);
	bench_free(b);
}

static void n_zero(struct dmk_initiator_conf *c) { c->n = 0; }
static void n_above_m(struct dmk_initiator_conf *c) { c->n = 6; }
static void k_zero(struct dmk_initiator_conf *c) { c->k = 0; }
static void k_one(struct dmk_initiator_conf *c) { c->k = 1; }
static void k_above_n(struct dmk_initiator_conf *c) { c->k = 4; }
static void k_one_n_one(struct dmk_initiator_conf *c) { c->k = c->n = 1; }
static void no_scheme(struct dmk_initiator_conf *c) { c->scheme = 0; }
static void null_mac(struct dmk_initiator_conf *c) { c->suite.encr_alg = DMK_ENCR_AES_CM_128; }
static void null_encr(struct dmk_initiator_conf *c) { c->suite.encr_alg = DMK_ENCR_NULL; }
static void sha1(struct dmk_initiator_conf *c) { c->suite.prf = DMK_PRF_MIKEY_1; }
static void ntp_local(struct dmk_initiator_conf *c) { c->ts_type = DMK_TS_NTP; }
static void no_id(struct dmk_initiator_conf *c) { c->idi.data.len = 0; }
static void no_sd(struct dmk_initiator_conf *c) { c->session_data.len = 0; }
static void bad_sp(struct dmk_initiator_conf *c) { c->sp_param = DMK_SPAN("\x63\x01\x00", 3); }
static void small(struct dmk_initiator_conf *c) { c->room = 150; }

static void conf_test(void)
{
	conf_is("n = 0", n_zero, DMK_REASON_N_RANGE);
	conf_is("n above m", n_above_m, DMK_REASON_N_RANGE);
	conf_is("k = 0", k_zero, DMK_REASON_K_RANGE);
	conf_is("k = 1 with n = 3", k_one, DMK_REASON_K_RANGE);
	conf_is("k above n", k_above_n, DMK_REASON_K_RANGE);
	conf_is("k = 1 with n = 1", k_one_n_one, DMK_OK);
	conf_is("no scheme", no_scheme, DMK_REASON_SCHEME);
	conf_is("AES-CM without MAC", null_mac, DMK_REASON_ALGORITHMS);
	conf_is("no encryption", null_encr, DMK_REASON_ALGORITHMS);
	conf_is("SHA-1", sha1, DMK_REASON_ALGORITHMS);
	conf_is("NTP", ntp_local, DMK_REASON_TS_TYPE);
	conf_is("no identity", no_id, DMK_REASON_ID_LENGTH);
	conf_is("no Session Data", no_sd, DMK_REASON_SESSION_DATA);
	conf_is("unknown policy parameter", bad_sp, DMK_REASON_SP_PARAM);
	conf_is("no room for message 1", small, DMK_REASON_OVERSIZED);
}

static void initiator_life_test(void)
{
	ktap_ok(sizeof(struct dmk_initiator) <= 512, "the machine has %zu bytes",
		sizeof(struct dmk_initiator));
	ktap_ok(schedule_is(0x00, 50), "2, 4, 8, 16, 32 s, each at -50 %%");
	ktap_ok(schedule_is(0xFF, 150), "2, 4, 8, 16, 32 s, each at +50 %%");
	jitter_test();
	repeat_test();
	cookie_test();
	error_test();
	responder_error_test();
	tp_i_unasked_test();
	damage_test();
	old_answer_test();
	other_type_test();
	other_prf_test();
	install_fails_test();
	liar_test();
	absent_test();
	foreign_entry_test();
	choice_test();
	draw_test();
	csb_test();
	no_random_test();
	t_test();
	counter_test();
	ntp_test();
	conf_test();
}

KTAP_MAIN(initiator_life_test)
