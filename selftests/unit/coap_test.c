// SPDX-License-Identifier: GPL-2.0
/* sensor-fw/coap.c: RFC 7252's bytes, and every way in which a message is none. */
#include "ktap.h"
#include "sensor-fw/coap.h"

enum { ROOM = 128 };

#define BYTES(...) ((const u8[]){ __VA_ARGS__ }), sizeof((const u8[]){ __VA_ARGS__ })

static const u8 token[4] = { 0xa1, 0xa2, 0xa3, 0xa4 };

static bool posts(const char *path, const u8 *want, u32 len)
{
	u8 *buf = ktap_alloc(len);
	struct out o = { .data = buf, .room = len };
	bool good;

	coap_put_post(&o, 0x1234, token, DMK_SPAN(path, strlen(path)));
	good = o.len == len && out_fits(&o) && !memcmp(buf, want, len);
	ktap_free(buf);
	return good;
}

#define HEAD 0x44, 0x02, 0x12, 0x34, 0xa1, 0xa2, 0xa3, 0xa4
#define FORMAT 0x11, 112, 0xff

static void post_test(void)
{
	ktap_ok(posts("v", BYTES(HEAD, 0xb1, 'v', FORMAT)), "a POST with one segment");
	ktap_ok(posts("ab/c", BYTES(HEAD, 0xb2, 'a', 'b', 0x01, 'c', FORMAT)), "with two");
	ktap_ok(posts("/ab//c/", BYTES(HEAD, 0xb2, 'a', 'b', 0x01, 'c', FORMAT)),
		"slashes that separate nothing");
	ktap_ok(posts("", BYTES(HEAD, 0xc1, 112, 0xff)), "without a path");
	ktap_ok(posts("abcdefghijkl", BYTES(HEAD, 0xbc, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h',
					    'i', 'j', 'k', 'l', FORMAT)), "a segment of 12");
	ktap_ok(posts("abcdefghijklm", BYTES(HEAD, 0xbd, 0x00, 'a', 'b', 'c', 'd', 'e', 'f',
					     'g', 'h', 'i', 'j', 'k', 'l', 'm', FORMAT)),
		"a segment of 13");
}

static void room_test(void)
{
	static const char path[] = "vitals/a-segment-that-is-longer";
	struct out all = { .room = ROOM, .data = ktap_alloc(ROOM) };
	bool good = true;
	u32 room;

	coap_put_post(&all, 1, token, DMK_SPAN(path, strlen(path)));
	for (room = 0; room < all.len; room++) {
		struct out o = { .data = ktap_alloc(room), .room = room };

		coap_put_post(&o, 1, token, DMK_SPAN(path, strlen(path)));
		good &= !out_fits(&o) && o.len == all.len && !memcmp(o.data, all.data, room);
		ktap_free(o.data);
	}
	ktap_ok(good && out_fits(&all), "too little room is told, and nothing is written behind");
	ktap_free(all.data);
}

static void empty_test(void)
{
	u8 out[COAP_HEAD];

	coap_empty(out, COAP_ACK, 0xabcd);
	ktap_ok(!memcmp(out, "\x60\x00\xab\xcd", 4), "an acknowledgement");
	coap_empty(out, COAP_RST, 0x0001);
	ktap_ok(!memcmp(out, "\x70\x00\x00\x01", 4), "a reset");
}

/* ---- messages that come */

static enum coap_verdict parse(struct coap_message *m, const u8 *data, u32 len)
{
	u8 *copy = ktap_alloc(len);
	enum coap_verdict v;

	memset(m, 0, sizeof(*m));
	memcpy(copy, data, len);
	v = coap_parse(m, copy, len);
	/* the token's bytes go with the copy */
	m->token.data = v == COAP_GOOD ? data + (m->token.data - copy) : NULL;
	ktap_free(copy);
	return v;
}

static void is(const char *what, enum coap_verdict want, const u8 *data, u32 len)
{
	struct coap_message m;

	ktap_ok(parse(&m, data, len) == want, "%s", what);
}

static void is_critical(const char *what, bool critical, const u8 *data, u32 len)
{
	struct coap_message m;

	ktap_ok(parse(&m, data, len) == COAP_GOOD && m.critical == critical, "%s", what);
}

static void good_test(void)
{
	const u8 created[] = { 0x62, 0x41, 0xbe, 0xef, 7, 8, 0x81, 'v', 0x01, 's' };
	struct coap_message m;

	ktap_ok(parse(&m, created, sizeof(created)) == COAP_GOOD && m.type == COAP_ACK &&
		m.code == 0x41 && coap_class(m.code) == 2 && m.id == 0xbeef &&
		m.token.len == 2 && m.token.data == created + 4 && !m.critical,
		"2.01 with Location-Path");
	is("a ping", COAP_GOOD, BYTES(0x40, 0, 0, 1));
	is("a token of 8", COAP_GOOD, BYTES(0x68, 0x44, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8));
	is("a payload", COAP_GOOD, BYTES(0x60, 0x84, 0, 1, 0xff, 'n', 'o'));
	is("an option and a payload", COAP_GOOD, BYTES(0x60, 0x84, 0, 1, 0xc0, 0xff, 'n'));
}

static void format_test(void)
{
	struct coap_message m;

	is("nothing", COAP_NOTHING, token, 0);
	is("three bytes", COAP_NOTHING, BYTES(0x40, 0, 0));
	is("version 0", COAP_NOTHING, BYTES(0x00, 0, 0, 1));
	is("version 2", COAP_NOTHING, BYTES(0x80, 0, 0, 1));
	is("version 3", COAP_NOTHING, BYTES(0xc0, 0, 0, 1));
	is("a token of 9", COAP_FORMAT, BYTES(0x69, 0x44, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9));
	is("a token that is cut off", COAP_FORMAT, BYTES(0x62, 0x44, 0, 1, 1));
	is("a token without a code", COAP_FORMAT, BYTES(0x41, 0, 0, 1, 1));
	is("a payload without a code", COAP_FORMAT, BYTES(0x40, 0, 0, 1, 0xff, 1));
	is("a marker without a payload", COAP_FORMAT, BYTES(0x60, 0x44, 0, 1, 0xff));
	is("an option that is cut off", COAP_FORMAT, BYTES(0x60, 0x44, 0, 1, 0xc2, 1));
	is("a delta of 15", COAP_FORMAT, BYTES(0x60, 0x44, 0, 1, 0xf0, 0, 0));
	is("a length of 15", COAP_FORMAT, BYTES(0x60, 0x44, 0, 1, 0x0f, 0, 0));
	is("a delta that is cut off", COAP_FORMAT, BYTES(0x60, 0x44, 0, 1, 0xd0));
	is("one of two bytes", COAP_FORMAT, BYTES(0x60, 0x44, 0, 1, 0xe0, 0));
	is("a length that is cut off", COAP_FORMAT, BYTES(0x60, 0x44, 0, 1, 0x0d));
	is("an option beyond 65535", COAP_FORMAT, BYTES(0x60, 0x44, 0, 1, 0xe0, 0xfe, 0xf3));
	parse(&m, BYTES(0x49, 0x44, 0xab, 0xcd));
	ktap_ok(m.type == COAP_CON && m.id == 0xabcd, "who sent a format error is known");
}

static void critical_test(void)
{
	is_critical("an elective option", false, BYTES(0x60, 0x44, 0, 1, 0x81, 'x'));
	is_critical("a critical one", true, BYTES(0x60, 0x44, 0, 1, 0x71, 'x'));
	is_critical("elective behind critical", true,
		    BYTES(0x60, 0x44, 0, 1, 0x71, 'x', 0x11, 'x'));
	is_critical("critical behind elective", true,
		    BYTES(0x60, 0x44, 0, 1, 0x81, 'x', 0x11, 'x'));
	is_critical("a delta of 13 and 0", true, BYTES(0x60, 0x44, 0, 1, 0xd0, 0));
	is_critical("a delta of 13 and 1", false, BYTES(0x60, 0x44, 0, 1, 0xd0, 1));
	is_critical("a delta of 269 and 0", true, BYTES(0x60, 0x44, 0, 1, 0xe0, 0, 0));
	is_critical("a delta of 269 and 256", true, BYTES(0x60, 0x44, 0, 1, 0xe0, 1, 0));
	is_critical("a delta of 269 and 65266", true, BYTES(0x60, 0x44, 0, 1, 0xe0, 0xfe, 0xf2));
}

/* whatever the bytes: no read behind them, and a token inside */
static void junk_test(void)
{
	u8 data[24];
	u32 seed = 7, i, n, len;
	bool good = true;
	struct coap_message m;

	for (i = 0; i < 200000; i++) {
		len = i % (sizeof(data) + 1);
		for (n = 0; n < len; n++) {
			seed = seed * 1664525 + 1013904223;
			data[n] = seed >> 24;
		}
		if (len)
			data[0] = (data[0] & 0x3f) | 0x40;
		if (parse(&m, data, len) == COAP_GOOD)
			good &= m.token.len <= 8 && m.token.data >= data &&
				m.token.data + m.token.len <= data + len;
	}
	ktap_ok(good, "%u messages of junk", i);
}

static void coap_test(void)
{
	post_test();
	room_test();
	empty_test();
	good_test();
	format_test();
	critical_test();
	junk_test();
}

KTAP_MAIN(coap_test)
