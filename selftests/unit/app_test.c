// SPDX-License-Identifier: GPL-2.0
/*
 * sensor-fw/app.c under a clock of its own: RFC 7252's repetitions and answers, a
 * responder that is silent, slow, restarted or wrong, and a queue that is full.
 */
#define _GNU_SOURCE
#include "ktap.h"
#include "sensor-fw/app.h"
#include "sensor-fw/coap.h"

enum { EVENTS = 4096, PERIOD = 200000 };

static struct {
	struct app app;
	u64 now;
	u8 sent[APP_PAYLOAD_MAX], before[APP_PAYLOAD_MAX];
	u32 len, before_len, sends;
	u64 sent_at;
	bool cannot_send, no_random;
	u32 seed;
	u8 jitter;
	struct { enum app_event e; u32 count; u64 at; } event[EVENTS];
	u32 events;
} w;

static bool send(void *ctx, u8 *data, u32 len)
{
	if (ctx != &w || w.cannot_send || len > sizeof(w.sent))
		return false;
	memcpy(w.before, w.sent, w.len);
	w.before_len = w.len;
	memcpy(w.sent, data, len);
	w.len = len;
	w.sends++;
	w.sent_at = w.now;
	return true;
}

/* the first two bytes are what the timeout is made of */
static int draw(void *ctx, u8 *out, size_t len)
{
	size_t i;

	(void)ctx;
	for (i = 0; i < len; i++) {
		w.seed = w.seed * 1664525 + 1013904223;
		out[i] = i < 2 ? w.jitter : w.seed >> 24;
	}
	return w.no_random ? -1 : 0;
}

static void note(void *ctx, enum app_event e, u32 count)
{
	(void)ctx;
	if (w.events == EVENTS)
		abort();
	w.event[w.events].e = e;
	w.event[w.events].at = w.now;
	w.event[w.events++].count = count;
}

static const struct app_ops ops = { send, draw, note };

static void start(u32 period)
{
	u32 seed = w.seed;

	memset(&w, 0, sizeof(w));
	memset(&w.app, 0xa5, sizeof(w.app));
	w.seed = seed + 1;
	w.now = 12345;
	w.app.ops = &ops;
	w.app.ctx = &w;
	w.app.path.data = (const u8 *)"vitals/s1";
	w.app.path.len = 9;
	w.app.name.data = (const u8 *)"urn:dev:x";
	w.app.name.len = 9;
	w.app.period = period;
	app_init(&w.app, w.now);
}

static void tick(void)
{
	u8 *buf = ktap_alloc(APP_PAYLOAD_MAX);

	app_tick(&w.app, buf, w.now);
	ktap_free(buf);
}

/* as an owner does: from deadline to deadline */
static void run_until(u64 until)
{
	u64 next;

	for (tick(); (next = app_deadline(&w.app)) <= until; tick())
		w.now = next > w.now ? next : w.now + 1;
	w.now = until;
}

static void started(u32 period)
{
	start(period);
	app_up(&w.app, w.now);
	tick();
}

static void receive(const u8 *data, u32 len)
{
	u8 *copy = ktap_alloc(len);

	memcpy(copy, data, len);
	app_receive(&w.app, copy, len, w.now);
	ktap_free(copy);
}

/* an answer to what was sent last; the token's first byte is changed by @wrong */
static void answer(enum coap_type type, u8 code, u16 id, u8 wrong)
{
	u8 msg[] = {
		0x44 | type << 4, code, id >> 8, id,
		w.sent[4] ^ wrong, w.sent[5], w.sent[6], w.sent[7],
	};

	receive(msg, sizeof(msg));
}

static void empty(enum coap_type type, u16 id)
{
	receive((u8[]){ 0x40 | type << 4, 0, id >> 8, id }, 4);
}

static u16 sent_id(void)
{
	return w.sent[2] << 8 | w.sent[3];
}

static void acknowledge(void)
{
	answer(COAP_ACK, 0x44, sent_id(), 0);
}

static u32 count(enum app_event e)
{
	u32 i, n = 0;

	for (i = 0; i < w.events; i++)
		n += w.event[i].e == e;
	return n;
}

static bool last_is(enum app_event e, u32 n)
{
	return w.events && w.event[w.events - 1].e == e && w.event[w.events - 1].count == n;
}

static bool is_same(void)
{
	return w.len == w.before_len && !memcmp(w.sent, w.before, w.len);
}

static bool sent_empty(enum coap_type type, u16 id)
{
	const u8 want[] = { 0x40 | type << 4, 0, id >> 8, id };

	return w.len == 4 && !memcmp(w.sent, want, 4);
}

/* ---- a responder that answers */

static void usual_test(void)
{
	struct coap_message m;

	start(PERIOD);
	run_until(w.now + 1000);
	ktap_ok(!w.sends && app_deadline(&w.app) == 12345 + PERIOD,
		"without a session nothing is sent, but a reading is taken");
	app_up(&w.app, w.now);
	ktap_ok(app_deadline(&w.app) <= w.now, "with a session it is due at once");
	tick();
	ktap_ok(w.sends == 1 && last_is(APP_SENT, 1) &&
		coap_parse(&m, w.sent, w.len) == COAP_GOOD && m.type == COAP_CON &&
		m.code == COAP_POST && m.token.len == 4, "a confirmable POST");
	acknowledge();
	ktap_ok(last_is(APP_ACKNOWLEDGED, 1), "it is acknowledged");
	run_until(w.now + PERIOD / 2);
	ktap_ok(w.sends == 1, "and not repeated");
	run_until(12345 + PERIOD);
	tick();
	ktap_ok(w.sends == 2 && last_is(APP_SENT, 2), "the next one goes out in time");
	ktap_ok(w.before[3] + 1 == w.sent[3] && memcmp(w.before + 4, w.sent + 4, 4),
		"under the next Message ID and another token");
}

static void id_test(void)
{
	started(1000);
	acknowledge();
	w.app.message_id = 0xffff;
	run_until(w.now + 1000);
	tick();
	ktap_ok(w.sends == 2 && sent_id() == 1, "Message IDs go round, and 0 is none");
}

static void error_test(void)
{
	started(PERIOD);
	answer(COAP_ACK, 0x84, sent_id(), 0);
	ktap_ok(last_is(APP_REFUSED, 0x84), "4.04 is told");
	run_until(w.now + PERIOD / 2);
	ktap_ok(w.sends == 1, "and the reading given up");
	started(PERIOD);
	answer(COAP_ACK, 0xa3, sent_id(), 0);
	ktap_ok(last_is(APP_REFUSED, 0xa3), "5.03, too");
	started(PERIOD);
	empty(COAP_RST, sent_id());
	ktap_ok(last_is(APP_REFUSED, 0), "a reset is told");
}

static void stranger_test(void)
{
	u16 id;

	started(PERIOD);
	id = sent_id();
	answer(COAP_ACK, 0x44, id, 1);
	answer(COAP_ACK, 0x44, id + 1, 0);
	answer(COAP_ACK, 0x02, id, 0);
	answer(COAP_ACK, 0x24, id, 0);
	answer(COAP_ACK, 0x64, id, 0);
	answer(COAP_ACK, 0xe1, id, 0);
	answer(COAP_NON, 0x44, 1, 1);
	empty(COAP_ACK, id + 1);
	empty(COAP_RST, id + 1);
	empty(COAP_NON, id);
	ktap_ok(w.events == 1 && w.sends == 1, "answers to something else change nothing");
	receive((u8[]){ 0x64, 0x44, id >> 8, id, w.sent[4], w.sent[5], w.sent[6], w.sent[7],
			0xd1, 10, 0 }, 11);
	ktap_ok(w.events == 1, "nor does a response with a critical option (23)");
	acknowledge();
	acknowledge();
	ktap_ok(w.events == 2, "an acknowledgement counts once");
}

/* ---- repetitions: RFC 7252 4.2 */

static void repeat_test(u8 jitter, u32 first)
{
	u32 i, wait = first;
	u64 at;
	bool good = true;

	start(PERIOD);
	w.jitter = jitter;
	app_up(&w.app, w.now);
	tick();
	for (i = 1; i <= 4; i++, wait *= 2) {
		at = w.now + wait;
		run_until(at - 1);
		good &= w.sends == i;
		run_until(at);
		tick();
		good &= w.sends == i + 1 && last_is(APP_REPEATED, i) && is_same();
	}
	ktap_ok(good, "four repetitions, the first after %u ms, the same bytes", first);
	at = w.now + wait;
	run_until(at - 1);
	good = !count(APP_SILENT);
	run_until(at);
	tick();
	ktap_ok(good && last_is(APP_SILENT, 1) && w.sends == 5, "then it is silent, %u ms later",
		wait);
}

static void repeated_once_test(void)
{
	started(PERIOD);
	run_until(w.now + 3100);
	acknowledge();
	ktap_ok(count(APP_REPEATED) == 1 && last_is(APP_ACKNOWLEDGED, 1),
		"a repetition is acknowledged as the first would have been");
	run_until(w.now + PERIOD / 2);
	ktap_ok(w.sends == 2, "and that is all");
}

static void silent(void)
{
	started(PERIOD);
	run_until(w.now + 95000);
}

static void pause_test(void)
{
	u8 id[2], token[4];

	silent();
	memcpy(id, w.sent + 2, 2);
	memcpy(token, w.sent + 4, 4);
	run_until(w.now + 60000);
	ktap_ok(count(APP_SENT) == 2 && memcmp(id, w.sent + 2, 2) && memcmp(token, w.sent + 4, 4),
		"after a pause the reading is a new message");
	acknowledge();
	ktap_ok(last_is(APP_ACKNOWLEDGED, 1), "with the number that it had");

	silent();
	app_up(&w.app, w.now);
	tick();
	ktap_ok(w.sent_at == w.now && last_is(APP_SENT, 1), "a session ends the pause");

	silent();
	acknowledge();
	ktap_ok(last_is(APP_ACKNOWLEDGED, 1), "an acknowledgement may come in the pause");
}

static void up_again_test(void)
{
	started(PERIOD);
	run_until(w.now + 10000);
	app_up(&w.app, w.now);
	tick();
	ktap_ok(w.sent_at == w.now && is_same(),
		"another session: the same bytes at once");
	w.sends = 0;
	run_until(w.now + 95000);
	ktap_ok(w.sends == 4 && count(APP_SILENT) == 1, "and four repetitions again");
}

static void cannot_test(void)
{
	started(PERIOD);
	acknowledge();
	w.cannot_send = true;
	run_until(12345 + PERIOD + 2500);
	ktap_ok(w.sends == 1 && count(APP_SENT) == 1 && app_deadline(&w.app) <= w.now + 1000,
		"what could not be sent was not sent, and is tried each second");
	w.cannot_send = false;
	run_until(w.now + 1000);
	ktap_ok(w.sends == 2 && last_is(APP_SENT, 2), "until it can be");

	start(PERIOD);
	w.no_random = true;
	app_up(&w.app, w.now);
	run_until(w.now + 5000);
	ktap_ok(!w.sends && !w.events, "without random bytes there is no message");
	w.no_random = false;
	run_until(w.now + 1000);
	ktap_ok(w.sends == 1, "until there are some");
}

/* ---- separate responses: 5.2.2 */

static void separate_test(void)
{
	u16 id;

	started(PERIOD);
	id = sent_id();
	empty(COAP_ACK, id);
	run_until(w.now + 50000);
	ktap_ok(w.sends == 1 && w.events == 1, "an empty acknowledgement ends the repetitions");
	answer(COAP_CON, 0x41, 0x7777, 0);
	ktap_ok(last_is(APP_ACKNOWLEDGED, 1) && sent_empty(COAP_ACK, 0x7777),
		"the response is acknowledged");
	w.len = 0;
	receive((u8[]){ 0x44, 0x41, 0x77, 0x77, 1, 2, 3, 4 }, 8);
	ktap_ok(w.events == 2 && sent_empty(COAP_ACK, 0x7777), "its repetition, too");
	empty(COAP_CON, 0x7777);
	ktap_ok(sent_empty(COAP_RST, 0x7777), "but not a ping under its Message ID");

	started(PERIOD);
	answer(COAP_CON, 0x41, 0x7778, 0);
	ktap_ok(last_is(APP_ACKNOWLEDGED, 1), "the acknowledgement may be lost");
	started(PERIOD);
	answer(COAP_NON, 0x41, 0x7779, 0);
	ktap_ok(last_is(APP_ACKNOWLEDGED, 1) && w.sends == 1,
		"a response that is not confirmable is not acknowledged");

	started(PERIOD);
	empty(COAP_ACK, sent_id());
	run_until(w.now + 99999);
	w.events = 0;
	run_until(w.now + 2);
	ktap_ok(last_is(APP_SILENT, 1), "a response that never comes");
	started(PERIOD);
	empty(COAP_ACK, sent_id());
	app_up(&w.app, w.now);
	tick();
	ktap_ok(w.sends == 2 && is_same(), "nor does it outlive the session");
}

/* ---- messages that we reject: 4.2, 4.3 */

static void reject_test(void)
{
	started(PERIOD);
	empty(COAP_CON, 0x0102);
	ktap_ok(sent_empty(COAP_RST, 0x0102), "a ping is answered");
	receive((u8[]){ 0x40, 0x01, 3, 4 }, 4);
	ktap_ok(sent_empty(COAP_RST, 0x0304), "a request is rejected");
	receive((u8[]){ 0x44, 0x44, 5, 6, 0, 0, 0, 0 }, 8);
	ktap_ok(sent_empty(COAP_RST, 0x0506), "a response to nothing is rejected");
	receive((u8[]){ 0x49, 0x44, 7, 8 }, 4);
	ktap_ok(sent_empty(COAP_RST, 0x0708), "a format error is rejected");
	w.sends = 0;
	receive((u8[]){ 0x59, 0x44, 7, 8 }, 4);
	receive((u8[]){ 0x69, 0x44, 7, 8 }, 4);
	receive((u8[]){ 0x79, 0x44, 7, 8 }, 4);
	receive((u8[]){ 0x50, 0x01, 7, 8 }, 4);
	receive((u8[]){ 0x80, 0x00, 7, 8 }, 4);
	receive((u8[]){ 0x40, 0x00, 7 }, 3);
	receive((const u8 *)"", 0);
	ktap_ok(!w.sends && w.events == 1, "the rest is ignored");
	start(PERIOD);
	empty(COAP_CON, 1);
	ktap_ok(!w.sends, "without a session nobody is answered");
}

/* ---- a queue that is full */

/* bt, behind its label -3, for ages below 24 seconds */
static bool has_age(u32 seconds)
{
	u8 want[] = { 0x22, seconds ? 0x1f + seconds : 0 };

	return memmem(w.sent, w.len, want, sizeof(want));
}

static void lost_test(void)
{
	bool ages = true;
	u32 i;

	start(1000);
	run_until(w.now + 1000 * (APP_QUEUE - 1));
	ktap_ok(!w.events, "a queue of readings without a session");
	run_until(w.now + 3000);
	ktap_ok(count(APP_LOST) == 3 && last_is(APP_LOST, 3), "the oldest are lost and counted");
	app_up(&w.app, w.now);
	for (i = 0; i < APP_QUEUE; i++) {
		tick();
		ages &= has_age(APP_QUEUE - 1 - i);
		acknowledge();
	}
	ktap_ok(ages && count(APP_ACKNOWLEDGED) == APP_QUEUE && w.event[3].count == 4 &&
		last_is(APP_ACKNOWLEDGED, 3 + APP_QUEUE), "the others go out in order");
}

/* readings that are lost must not make a silent responder look alive */
static void lost_while_silent_test(void)
{
	u32 sends;

	started(3000);
	run_until(w.now + 95000);
	ktap_ok(count(APP_SILENT) == 1 && count(APP_LOST) > 10 && w.sends == 5,
		"silence is told although readings are lost");
	sends = w.sends;
	acknowledge();
	ktap_ok(!count(APP_ACKNOWLEDGED), "a late answer is not taken for another reading's");
	run_until(w.now + 20000);
	ktap_ok(w.sends == sends, "and the pause is kept");
}

static void lost_while_accepted_test(void)
{
	started(3000);
	empty(COAP_ACK, sent_id());
	run_until(w.now + 3000 * APP_QUEUE + 1);
	ktap_ok(count(APP_LOST) == 1 && last_is(APP_SENT, 2),
		"the next is sent when an accepted one is lost");
}

static void late_owner_test(void)
{
	started(1000);
	acknowledge();
	w.now += 600000;
	tick();
	ktap_ok(last_is(APP_SENT, 2) && app_deadline(&w.app) > w.now,
		"readings that were missed are not made up for");
}

/* ---- what a message is worth */

static void age_test(void)
{
	start(PERIOD);
	tick();
	w.now += 70999;
	app_up(&w.app, w.now);
	tick();
	/* bt is -70: major type 1, 69 in a byte more; behind the label -3 */
	ktap_ok(memmem(w.sent, w.len, "\x22\x38\x45", 3), "the reading is 70 seconds old");
	w.now = 0x100000005;
	started(PERIOD);
	ktap_ok(w.sends == 1 && has_age(0), "a fresh one is not");
}

static void largest_test(void)
{
	static u8 path[APP_PATH_MAX], name[APP_NAME_MAX];
	struct app *a = &w.app;

	memset(path, 'p', sizeof(path));
	memset(name, 'n', sizeof(name));
	path[1] = '/';
	start(0xffffffff);
	a->path.data = path;
	a->path.len = sizeof(path);
	a->name.data = name;
	a->name.len = sizeof(name);
	a->number = 0xfffffff0;
	tick();
	a->queue[a->head].heart_rate = 0xffff;
	a->queue[a->head].systolic = 0xffff;
	a->queue[a->head].diastolic = 0xffff;
	a->queue[a->head].temperature = 0xffff;
	a->queue[a->head].glucose = 0xffff;
	a->queue[a->head].spo2 = 0xff;
	w.now += 0xf0000000;
	app_up(a, w.now);
	tick();
	ktap_ok(w.sends == 1, "the largest message: %u bytes of %u", w.len, APP_PAYLOAD_MAX);
}

/* ---- a bad network */

static u32 chance(u32 n)
{
	w.seed = w.seed * 1664525 + 1013904223;
	return (w.seed >> 24) * n >> 8;
}

/* a quarter of the requests is lost and an eighth of the answers, others are doubled;
 * Message IDs say what is new
 */
static void network_test(void)
{
	static bool seen[65536], stored[1024];
	u32 sends = 0, doubled = 0, number, i, got = 0;
	u8 *at;

	memset(seen, 0, sizeof(seen));
	memset(stored, 0, sizeof(stored));
	started(30000);
	while (w.now < 12345 + 100 * 30000) {
		if (w.sends > sends && chance(4)) {
			doubled += seen[sent_id()];
			seen[sent_id()] = true;
			at = memmem(w.sent, w.len, "count\x02", 6);
			number = at[6] < 24 ? at[6] : at[6] == 24 ? at[7] : 0;
			stored[number] = true;
			if (chance(4))
				acknowledge();
			if (chance(2))
				acknowledge();
		}
		sends = w.sends;
		w.now = app_deadline(&w.app) > w.now ? app_deadline(&w.app) : w.now;
		tick();
	}
	for (i = 1; i <= 100; i++)
		got += stored[i];
	ktap_ok(!count(APP_LOST) && !count(APP_REFUSED) && doubled > 5 &&
		count(APP_ACKNOWLEDGED) <= got && got + w.app.waiting >= 100,
		"a bad network: %u readings stored, %u repetitions known by their Message ID",
		got, doubled);
}

static void app_test(void)
{
	usual_test();
	id_test();
	error_test();
	stranger_test();
	repeat_test(0, 2000);
	repeat_test(0xff, 3000);
	repeated_once_test();
	pause_test();
	up_again_test();
	cannot_test();
	separate_test();
	reject_test();
	lost_test();
	lost_while_silent_test();
	lost_while_accepted_test();
	late_owner_test();
	age_test();
	largest_test();
	network_test();
}

KTAP_MAIN(app_test)
