// SPDX-License-Identifier: GPL-2.0
/*
 * sensor-fw/senml.c, read by a decoder of RFC 8949 and RFC 8428 that was written for
 * this test and knows nothing of how the pack was made.
 */
#include <math.h>

#include "ktap.h"
#include "sensor-fw/senml.h"

enum {
	ROOM = 512,
	RECORDS_MAX = 16,
	NAME_MAX = 64,		/* APP_NAME_MAX */
};

/* ---- CBOR, definite lengths */

struct in {
	const u8 *at, *end;
	bool bad;
};

static u8 take(struct in *in)
{
	if (in->at == in->end)
		in->bad = true;
	return in->bad ? 0 : *in->at++;
}

/* RFC 8949 3: head; 4.2.1: in its shortest form */
static u64 head(struct in *in, int *major)
{
	u8 first = take(in), info = first & 31;
	u64 v = info, least[] = { 24, 0x100, 0x10000, 0x100000000 };
	int n;

	*major = first >> 5;
	if (info < 24)
		return v;
	if (info > 27) {
		in->bad = true;
		return 0;
	}
	for (v = 0, n = 1 << (info - 24); n; n--)
		v = v << 8 | take(in);
	in->bad |= v < least[info - 24];
	return v;
}

static u64 expect(struct in *in, int want)
{
	int major;
	u64 v = head(in, &major);

	in->bad |= major != want;
	return in->bad ? 0 : v;
}

static s64 integer(struct in *in)
{
	int major;
	u64 v = head(in, &major);

	in->bad |= major > 1;
	return major ? -1 - (s64)v : (s64)v;
}

/* an integer, or a decimal fraction (3.4.4) */
static double number(struct in *in)
{
	s64 exponent;

	if (in->at == in->end || *in->at >> 5 != 6)
		return integer(in);
	in->bad |= expect(in, 6) != 4;
	in->bad |= expect(in, 4) != 2;
	exponent = integer(in);
	return integer(in) / pow(10, -exponent);
}

static void text(struct in *in, char *out, size_t size)
{
	u64 len = expect(in, 3);

	if (len >= size || len > (u64)(in->end - in->at)) {
		in->bad = true;
		len = 0;
	}
	memcpy(out, in->at, len);
	out[len] = 0;
	in->at += len;
}

/* ---- SenML: RFC 8428 4 and table 4 */

struct record {
	char name[128], unit[16];
	double time, value;
};

struct pack {
	struct record r[RECORDS_MAX];
	u64 n;
};

struct base {
	char name[96];
	double time;
};

static void field(struct in *in, struct record *r, struct base *b, char *name)
{
	switch (integer(in)) {
	case -2:
		text(in, b->name, sizeof(b->name));
		return;
	case -3:
		b->time = number(in);
		return;
	case 0:
		text(in, name, 32);
		return;
	case 1:
		text(in, r->unit, sizeof(r->unit));
		return;
	case 2:
		r->value = number(in);
		return;
	case 6:
		r->time = number(in);
		return;
	}
	in->bad = true;
}

static void record(struct in *in, struct record *r, struct base *b)
{
	u64 fields = expect(in, 5);
	char name[32] = "";

	memset(r, 0, sizeof(*r));
	while (fields-- && !in->bad)
		field(in, r, b, name);
	snprintf(r->name, sizeof(r->name), "%s%s", b->name, name);
	r->time += b->time;
}

static bool decode(const u8 *data, u32 len, struct pack *p)
{
	struct in in = { .at = data, .end = data + len };
	struct base b = { "", 0 };
	u64 i;

	p->n = expect(&in, 4);
	if (p->n > RECORDS_MAX)
		return false;
	for (i = 0; i < p->n && !in.bad; i++)
		record(&in, &p->r[i], &b);
	return !in.bad && in.at == in.end;
}

/* ---- tests */

static const struct vitals usual = {
	.heart_rate = 72, .spo2 = 97, .systolic = 120, .diastolic = 80,
	.temperature = 368, .glucose = 95,
};

static u32 make(const struct senml *s, u8 *out, u32 room)
{
	struct out o = { .data = out, .room = room };

	senml_put(&o, s);
	return o.len;
}

static bool made(const char *name, u32 n, u32 age, const struct vitals *v, struct pack *p)
{
	struct senml s = { DMK_SPAN(name, strlen(name)), n, age, v };
	u8 out[ROOM];
	u32 len = make(&s, out, sizeof(out));

	return len <= sizeof(out) && decode(out, len, p);
}

static bool has(const struct pack *p, const char *name, const char *unit, double value,
		double time)
{
	u64 i;

	for (i = 0; i < p->n; i++)
		if (!strcmp(p->r[i].name, name))
			return !strcmp(p->r[i].unit, unit) && p->r[i].value == value &&
			       p->r[i].time == time;
	return false;
}

static void usual_test(void)
{
	struct pack p;

	ktap_ok(made("urn:dev:x", 5, 3, &usual, &p) && p.n == 7, "a pack of seven records");
	ktap_ok(has(&p, "urn:dev:x:seq", "count", 5, -3), "number of the reading");
	ktap_ok(has(&p, "urn:dev:x:pulse", "beat/min", 72, -3), "heart rate");
	ktap_ok(has(&p, "urn:dev:x:spo2", "/", 0.97, -3), "oxygen saturation");
	ktap_ok(has(&p, "urn:dev:x:systolic", "Pa", 15999, -3), "systolic pressure");
	ktap_ok(has(&p, "urn:dev:x:diastolic", "Pa", 10666, -3), "diastolic pressure");
	ktap_ok(has(&p, "urn:dev:x:temp", "Cel", 36.8, -3), "temperature");
	ktap_ok(has(&p, "urn:dev:x:glucose", "kg/m3", 0.95, -3), "glucose");
}

static void names_test(void)
{
	struct pack p;

	ktap_ok(made("nai:sensor1@Ward-7.example/a_b Z{`[,;\xc3\xbc", 1, 0, &usual, &p) &&
		has(&p, "nai:sensor1_Ward-7.example/a_b_Z_______:seq", "count", 1, 0),
		"characters that names may not have");
	ktap_ok(made("a", 1, 0, &usual, &p) && has(&p, "a:spo2", "/", 0.97, 0), "a short name");
}

static void numbers_test(void)
{
	static const u32 edges[] = {
		0, 1, 23, 24, 25, 255, 256, 257, 65535, 65536, 65537, 0xffffffff,
	};
	struct pack p;
	bool good = true;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(edges); i++)
		good &= made("a", edges[i], edges[i], &usual, &p) &&
			has(&p, "a:seq", "count", edges[i], -(double)edges[i]);
	ktap_ok(good, "numbers and ages in their shortest form");
}

/* a receiver that wants mmHg gets what was measured */
static void pressure_test(void)
{
	struct vitals v = usual;
	struct pack p;
	bool good = true;
	u32 mmhg;

	for (mmhg = 0; mmhg <= 0xffff; mmhg++) {
		v.systolic = mmhg;
		good &= made("a", 1, 0, &v, &p) &&
			fabs(p.r[3].value - mmhg * 133.322387415) < 1 + mmhg * 0.0005 &&
			(mmhg > 1000 || lround(p.r[3].value / 133.322387415) == mmhg);
	}
	ktap_ok(good, "every pressure");
}

static void extremes_test(void)
{
	static const struct vitals most = {
		.heart_rate = 0xffff, .spo2 = 0xff, .systolic = 0xffff, .diastolic = 0xffff,
		.temperature = 0xffff, .glucose = 0xffff,
	};
	static const struct vitals least;
	struct pack p;

	ktap_ok(made("a", 1, 0, &most, &p) && has(&p, "a:pulse", "beat/min", 65535, 0) &&
		has(&p, "a:spo2", "/", 2.55, 0) && has(&p, "a:temp", "Cel", 6553.5, 0) &&
		has(&p, "a:glucose", "kg/m3", 655.35, 0), "the greatest values");
	ktap_ok(made("a", 1, 0, &least, &p) && has(&p, "a:pulse", "beat/min", 0, 0) &&
		has(&p, "a:temp", "Cel", 0, 0), "the least");
}

static void room_test(void)
{
	struct senml s = { DMK_SPAN("urn:dev:x", 9), 5, 3, &usual };
	u8 all[ROOM];
	u32 len = make(&s, all, sizeof(all)), room;
	bool good = true;

	for (room = 0; room < len; room++) {
		u8 *out = ktap_alloc(room);

		good &= make(&s, out, room) == len && !memcmp(out, all, room);
		ktap_free(out);
	}
	ktap_ok(good, "too little room: nothing is written behind");
	ktap_diag("%u bytes with a name of 9", len);
}

static void generator_test(void)
{
	struct vitals v, again;
	bool good = true, moves = false;
	u64 now;

	for (now = 0; now < 86400000; now += 997) {
		vitals_read(&v, now);
		vitals_read(&again, now);
		good &= !memcmp(&v, &again, sizeof(v)) && v.at == (u32)now &&
			v.heart_rate >= 60 && v.heart_rate <= 90 &&
			v.spo2 >= 94 && v.spo2 <= 100 && v.systolic > v.diastolic + 20 &&
			v.temperature >= 360 && v.temperature <= 380 &&
			v.glucose >= 70 && v.glucose <= 140;
		moves |= v.heart_rate == 86;
	}
	ktap_ok(good && moves, "the generator: the same again, and of a person who is well");
	ktap_ok(strstr(vitals_name(), "generator"), "and it says that it is one");
}

static void senml_test(void)
{
	usual_test();
	names_test();
	numbers_test();
	pressure_test();
	extremes_test();
	room_test();
	generator_test();
}

KTAP_MAIN(senml_test)
