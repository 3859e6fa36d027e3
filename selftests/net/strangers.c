// SPDX-License-Identifier: GPL-2.0
/*
 * A flood from addresses that nobody has: each datagram from another one, and no
 * two the same. In a router's namespace:
 *
 *	strangers TO4 TO6 COUNT HOW[,HOW..] [TAPE [FROM]]
 *
 * to port 2269 of one party's two addresses in turns, and each HOW in turns. Prints
 * how many were sent. HOW: random bytes, header (a right one of an unknown CSB ID,
 * and random bytes behind it), or a message of TAPE (tape.c) with a CSB ID of its
 * own: as it is (csb), cut (truncate), with one byte changed (flip), with another
 * sensor (sensor), certificate (cert) or envelope key (envid), or in its place an
 * error message without V of any Error no (error; answer: with the CSB ID as it is).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tape.h"

#define CSB_ID		4	/* where it is in HDR */
#define HOWS_MAX	8	/* in turns */

static struct lab_datagram tape, d;
static struct dmk_message m;

/* none of it is secret: the same flood each time */
static u32 draw(u32 n)
{
	return ((u64)random() << 16 ^ random()) % n;
}

static void draw_bytes(u8 *p, u32 len)
{
	while (len--)
		*p++ = random() >> 8;
}

/* ---- how */

static void how_random(void)
{
	d.len = draw(1400);
	draw_bytes(d.data, d.len);
}

static void how_header(void)
{
	static const u8 hdr[] = {
		1, DMK_DT_PSK, 5, 0x81, 0, 0, 0, 0, 0, DMK_MAP_GENERIC,
	};

	how_random();
	memcpy(d.data, hdr, sizeof(hdr));
	d.data[1] = draw(8);
	draw_bytes(d.data + CSB_ID, 4);
	if (d.len < sizeof(hdr))
		d.len = sizeof(hdr);
}

static void how_csb(void)
{
	d = tape;
	draw_bytes(d.data + CSB_ID, 4);
}

static void how_truncate(void)
{
	how_csb();
	d.len = draw(d.len);
}

static void how_flip(void)
{
	how_csb();
	d.data[draw(d.len)] ^= 1 + draw(255);
}

/* where a part of the tape's message is in the copy */
static u8 *at(struct dmk_span part, const char *what)
{
	if (!part.data || part.len < 4)
		lab_die("the tape has no %s", what);
	return d.data + (part.data - tape.data);
}

/* letters, and the same length: the realm stays */
static void how_sensor(void)
{
	u8 *p;
	int i;

	how_csb();
	p = at(m.idi.data, "IDi");
	for (i = 0; i < 4; i++)
		p[i] = 'a' + draw(26);
}

/* in the signature, so that it is a certificate still */
static void how_cert(void)
{
	how_csb();
	draw_bytes(at(m.cert.data, "CERT") + m.cert.data.len - 4, 4);
}

static void how_envid(void)
{
	how_csb();
	draw_bytes(at(m.envid, "ENVID"), m.envid.len);
}

static void make_error(u32 csb_id)
{
	struct dmk_writer w;

	dmk_writer_init(&w, d.data, sizeof(d.data));
	dmk_build_hdr_0cs(&w, DMK_DT_ERR, DMK_PRF_SHA256, csb_id);
	dmk_emit_t(&w, &m.t);
	dmk_emit_err(&w, draw(256));
	d.len = w.len;
}

static void how_error(void)
{
	make_error(draw(UINT32_MAX));
}

static void how_answer(void)
{
	make_error(m.hdr.csb_id);
}

static const struct how {
	const char *name;
	void (*make)(void);
	bool needs_tape;
} hows[] = {
	{ "random", how_random, false },
	{ "header", how_header, false },
	{ "csb", how_csb, true },
	{ "truncate", how_truncate, true },
	{ "flip", how_flip, true },
	{ "sensor", how_sensor, true },
	{ "cert", how_cert, true },
	{ "envid", how_envid, true },
	{ "error", how_error, true },
	{ "answer", how_answer, true },
};

/* ---- */

static struct lab_addr stranger(bool v4)
{
	struct lab_addr a = lab_addr(v4 ? "11.0.0.0" : "2001::", 1 + draw(65535));

	if (v4)
		draw_bytes(a.ip + 13, 3);
	else
		draw_bytes(a.ip + 2, 14);
	return a;
}

static void read_tape(const char *path)
{
	const unsigned int all = DMK_AT_I | DMK_AT_TP | DMK_AT_R | DMK_AT_HOST;

	tape_read(path, &tape);
	if (dmk_message_parse(&m, all, tape.data, tape.len))
		lab_die("%s: no message", path);
}

static const struct how *find(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(hows); i++)
		if (!strcmp(hows[i].name, name))
			return &hows[i];
	lab_die("nobody knows how: %s", name);
}

/* @list: names with commas between them; their number */
static unsigned int read_hows(char *list, const struct how *h[HOWS_MAX], bool has_tape)
{
	unsigned int n = 0;
	char *name;

	for (name = strtok(list, ","); name && n < HOWS_MAX; name = strtok(NULL, ",")) {
		h[n] = find(name);
		if (h[n++]->needs_tape && !has_tape)
			lab_die("%s needs a tape", name);
	}
	if (!n)
		lab_die("nobody says how");
	return n;
}

int main(int argc, char **argv)
{
	const struct how *h[HOWS_MAX];
	unsigned long i, count;
	struct lab_addr to[2];
	const char *name;
	unsigned int n;

	if (argc < 5 || argc > 7)
		lab_die("strangers TO4 TO6 COUNT HOW[,HOW..] [TAPE [FROM]]");
	to[0] = lab_addr(argv[1], LAB_PORT);
	to[1] = lab_addr(argv[2], LAB_PORT);
	count = strtoul(argv[3], NULL, 10);
	name = argc == 7 ? argv[6] : NULL;
	n = read_hows(argv[4], h, argc > 5);
	if (argc > 5)
		read_tape(argv[5]);
	srandom(1);
	for (i = 0; i < count; i++) {
		bool v4 = name ? !!strchr(name, '.') : i % 2 == 0;
		struct lab_addr from = name ? lab_addr(name, LAB_PORT) : stranger(v4);

		h[i / 2 % n]->make();
		lab_forge(&from, &to[!v4], DMK_SPAN(d.data, d.len));
	}
	printf("%lu\n", count);
	return 0;
}
