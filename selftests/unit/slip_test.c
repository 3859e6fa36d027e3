// SPDX-License-Identifier: GPL-2.0
/* core/slip.c: frames on a serial line that loses, doubles and invents bytes. */
#include "ktap.h"
#include "slip.h"

#define ROOM	1280

/* a line that has carried @len bytes */
struct line {
	u8 byte[4 * ROOM];
	u32 len;
};

static u32 seed = 1;

static u32 draw(u32 below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

static void put(struct line *l, u8 byte)
{
	l->byte[l->len++] = byte;
}

/* one frame between two ENDs, encoded through @room bytes at a time */
static bool send(struct line *l, const u8 *frame, u32 len, u32 room)
{
	u8 *piece = ktap_alloc(room);
	u32 sent = 0, used, n;

	put(l, DMK_SLIP_END);
	do {
		n = dmk_slip_encode(frame + sent, len - sent, &used, piece, room);
		memcpy(l->byte + l->len, piece, n);
		l->len += n;
		sent += used;
	} while (used);
	put(l, DMK_SLIP_END);
	ktap_free(piece);
	return sent == len;
}

/* the last frame that @l brings; how many in @frames */
static u32 receive(struct dmk_slip *s, const struct line *l, u32 *frames)
{
	u32 i, n, last = 0;

	*frames = 0;
	for (i = 0; i < l->len; i++) {
		n = dmk_slip_receive(s, l->byte[i]);
		if (n)
			last = n;
		*frames += n != 0;
	}
	return last;
}

/* a frame of @len bytes goes through, by way of @room bytes, and is @frame */
static bool passes(struct dmk_slip *s, const u8 *frame, u32 len, u32 room)
{
	struct line l = { .len = 0 };
	u32 frames;

	return send(&l, frame, len, room) && receive(s, &l, &frames) == len && frames == 1 &&
	       !memcmp(s->frame, frame, len);
}

static void fill(u8 *frame, u32 len, u32 special)
{
	static const u8 specials[] = { 0xc0, 0xdb, 0xdc, 0xdd };
	u32 i;

	for (i = 0; i < len; i++)
		frame[i] = special && !draw(special) ? specials[draw(4)] : draw(256);
}

static void bytes_test(void)
{
	static const u8 in[] = { 0xc0, 0x01, 0xdb, 0xdc, 0xdd };
	static const u8 wanted[] = { 0xdb, 0xdc, 0x01, 0xdb, 0xdd, 0xdc, 0xdd };
	u8 *out = ktap_alloc(sizeof(wanted));
	u32 used, n;

	n = dmk_slip_encode(in, sizeof(in), &used, out, sizeof(wanted));
	ktap_ok(n == sizeof(wanted) && used == sizeof(in) && !memcmp(out, wanted, n),
		"encoded as RFC 1055 says");
	n = dmk_slip_encode(in, sizeof(in), &used, out, 1);
	ktap_ok(!n && !used, "no half of an escape");
	n = dmk_slip_encode(in + 1, 4, &used, out, 2);
	ktap_ok(n == 1 && used == 1 && out[0] == 1, "an escape that does not fit is left");
	n = dmk_slip_encode(in, 0, &used, out, sizeof(wanted));
	ktap_ok(!n && !used, "nothing becomes nothing");
	ktap_free(out);
}

static void round_trip_test(struct dmk_slip *s)
{
	u8 frame[ROOM];
	u32 i, j, bad = 0;

	for (i = 0; i < 256; i++)
		for (j = 1; j <= 3; j++) {
			memset(frame, i, j);
			bad += !passes(s, frame, j, 64);
		}
	ktap_ok(!bad, "round trip: every value of a byte");

	for (i = 1; i <= ROOM; i++) {
		fill(frame, i, i % 7);
		bad += !passes(s, frame, i, 2 + i % 63);
	}
	ktap_ok(!bad, "round trip: every length to the room, in pieces of 2 to 64 bytes");

	for (i = 0; i < ROOM; i++)
		frame[i] = DMK_SLIP_END;
	ktap_ok(passes(s, frame, ROOM, 3), "round trip: nothing but ENDs in the frame");
	ktap_ok(!s->dropped, "round trip: nothing dropped");
}

static void too_long_test(struct dmk_slip *s)
{
	struct line l = { .len = 0 };
	u8 frame[ROOM + 100];
	u32 frames, len, i, bad = 0, dropped = s->dropped;

	fill(frame, sizeof(frame), 9);
	for (i = 1; i <= 100; i += 33) {
		l.len = 0;
		send(&l, frame, ROOM + i, 64);
		bad += receive(s, &l, &frames) != 0 || frames;
	}
	ktap_ok(!bad && s->dropped == dropped + 4, "too long: dropped as a whole, and counted");
	l.len = 0;
	send(&l, frame, ROOM + 1, 64);
	send(&l, frame, 40, 64);
	len = receive(s, &l, &frames);
	ktap_ok(len == 40 && frames == 1 && !memcmp(s->frame, frame, 40),
		"too long: the next frame passes");
}

/* bytes before a good frame, the frames that come of both together */
static u32 after(struct dmk_slip *s, const char *junk, u32 len, bool *good)
{
	struct line l = { .len = 0 };
	u8 frame[48];
	u32 frames;

	fill(frame, sizeof(frame), 5);
	memcpy(l.byte, junk, len);
	l.len = len;
	send(&l, frame, sizeof(frame), 7);
	*good = receive(s, &l, &frames) == sizeof(frame) && !memcmp(s->frame, frame, sizeof(frame));
	return frames;
}

static void junk_test(struct dmk_slip *s)
{
	u32 dropped = s->dropped;
	bool good;

	ktap_ok(after(s, "\xc0\xc0\xc0", 3, &good) == 1 && good, "junk: many ENDs");
	ktap_ok(after(s, "abc", 3, &good) == 2 && good, "junk: some bytes are a frame of their own");
	ktap_ok(s->dropped == dropped, "junk: neither counts as dropped");
	ktap_ok(after(s, "abc\xdb", 4, &good) == 1 && good, "junk: an ESC at the end");
	ktap_ok(after(s, "\xdb", 1, &good) == 1 && good, "junk: an ESC alone");
	ktap_ok(after(s, "\xdb\xdb\xdc" "a", 4, &good) == 1 && good, "junk: an ESC that escapes ESC");
	ktap_ok(after(s, "ab\xdb" "cd", 5, &good) == 1 && good, "junk: an ESC that escapes nothing");
	ktap_ok(s->dropped == dropped + 4, "junk: a false escape drops the frame");
}

/* how many of the frames come as they were sent, in their order */
static u32 intact(struct dmk_slip *s, const struct line *l, u8 frame[3][60])
{
	u32 i, j, next = 0, n = 0;

	dmk_slip_receive(s, DMK_SLIP_END);	/* what the line before left */
	for (i = 0; i < l->len; i++) {
		if (dmk_slip_receive(s, l->byte[i]) != 60)
			continue;
		for (j = next; j < 3; j++) {
			if (memcmp(s->frame, frame[j], 60))
				continue;
			next = j + 1;
			n++;
			break;
		}
	}
	return n;
}

/* END stands before and behind each frame, so none runs into its neighbour */
static void accident_test(struct dmk_slip *s)
{
	struct line l = { .len = 0 }, broken;
	u8 frame[3][60];
	u32 i, at, n, lost = 3, doubled = 3;

	for (i = 0; i < 3; i++) {
		fill(frame[i], sizeof(frame[i]), 6);
		send(&l, frame[i], sizeof(frame[i]), 16);
	}
	ktap_ok(intact(s, &l, frame) == 3, "three frames in a row");
	for (at = 0; at < l.len; at++) {
		broken = l;
		memmove(broken.byte + at, l.byte + at + 1, l.len - at - 1);
		broken.len = l.len - 1;
		n = intact(s, &broken, frame);
		lost = n < lost ? n : lost;

		broken = l;
		memmove(broken.byte + at + 1, l.byte + at, l.len - at);
		broken.len = l.len + 1;
		n = intact(s, &broken, frame);
		doubled = n < doubled ? n : doubled;
	}
	ktap_ok(lost == 2, "any byte lost: two of three frames are intact");
	ktap_ok(doubled == 2, "any byte doubled: two of three frames are intact");
}

static void flood_test(struct dmk_slip *s)
{
	u8 frame[ROOM];
	u32 i, n, bad = 0, dropped = s->dropped;

	for (i = 0; i < 100000; i++)
		bad += dmk_slip_receive(s, 'x') != 0;
	ktap_ok(!bad && s->len <= ROOM, "flood: a line without END gives no frame");
	bad = dmk_slip_receive(s, DMK_SLIP_END) != 0;
	ktap_ok(!bad && s->dropped == dropped + 1, "flood: it counts as one frame");
	fill(frame, sizeof(frame), 4);
	ktap_ok(passes(s, frame, ROOM, 64), "flood: a frame of full length passes behind it");

	for (i = 0; i < 3000000; i++) {
		n = dmk_slip_receive(s, i % 3 ? draw(256) : 0xc0 | draw(64));
		bad += n > ROOM;
	}
	ktap_ok(!bad, "flood: no frame of random bytes is longer than the room");
	dmk_slip_receive(s, DMK_SLIP_END);
	ktap_ok(passes(s, frame, ROOM, 64), "flood: a frame passes behind random bytes");
}

/* rooms of exactly their size, so that the sanitizer sees a byte too far */
static void rooms_test(void)
{
	struct dmk_slip s;
	u32 room, i, n, bad = 0, got = 0;

	for (room = 0; room < 40; room++) {
		u8 *frame = ktap_alloc(room);

		dmk_slip_init(&s, frame, room);
		for (i = 0; i < 20000; i++) {
			n = dmk_slip_receive(&s, draw(20) ? draw(256) : DMK_SLIP_END);
			bad += n > room;
			got += n != 0;
		}
		ktap_free(frame);
	}
	ktap_ok(!bad && got > 1000, "rooms of 0 to 39 bytes hold (%u frames)", got);
}

static void slip_test(void)
{
	struct dmk_slip s;
	u8 *frame = ktap_alloc(ROOM);

	dmk_slip_init(&s, frame, ROOM);
	bytes_test();
	round_trip_test(&s);
	too_long_test(&s);
	junk_test(&s);
	accident_test(&s);
	flood_test(&s);
	rooms_test();
	ktap_free(frame);
}

KTAP_MAIN(slip_test)
