// SPDX-License-Identifier: GPL-2.0
/* The serial line: frames, noise, junk; and which packets may come out of a board. */
#include <stdlib.h>

#include "world.h"

/* xorshift64: a seed gives the same noise again */
static u64 dice(struct world *w)
{
	w->dice ^= w->dice << 13;
	w->dice ^= w->dice >> 7;
	w->dice ^= w->dice << 17;
	return w->dice;
}

bool world_chance(struct world *w, u32 n)
{
	return n && dice(w) % n == 0;
}

/* one byte through noise: 0, 1 or 2 bytes; whether it was touched */
static bool disturb(struct world *w, const struct world_noise *n, u8 byte, u8 out[2], int *count)
{
	*count = 1;
	out[0] = byte;
	if (world_chance(w, n->loss))
		*count = 0;
	else if (world_chance(w, n->twice))
		*count = 2;
	else if (world_chance(w, n->flip))
		out[0] ^= 1 << dice(w) % 8;
	else
		return false;
	out[1] = out[0];
	return true;
}

/* ---- to the board */

static void put(struct world *w, u8 byte)
{
	if (w->out_len == w->out_room) {
		w->out_room = w->out_room ? 2 * w->out_room : 4096;
		w->out = realloc(w->out, w->out_room);
		if (!w->out)
			world_die("no memory");
	}
	w->out[w->out_len++] = byte;
}

void world_raw(struct world *w, const u8 *data, size_t len)
{
	u8 noisy[2];
	int n, i;

	for (; len--; data++) {
		disturb(w, &w->to_board, *data, noisy, &n);
		for (i = 0; i < n; i++)
			put(w, noisy[i]);
	}
}

void world_send(struct world *w, struct dmk_span packet)
{
	static const u8 end = DMK_SLIP_END;
	u8 piece[64];
	u32 used, n;

	world_raw(w, &end, 1);
	while (packet.len) {
		n = dmk_slip_encode(packet.data, packet.len, &used, piece, sizeof(piece));
		world_raw(w, piece, n);
		packet.data += used;
		packet.len -= used;
	}
	world_raw(w, &end, 1);
}

void world_send_udp(struct world *w, const u8 src[16], const struct world_udp *u)
{
	struct world_datagram *d = &w->sent[w->n_sent++ % WORLD_SENT];
	const u8 *dst = world_addr(&w->conf.local);
	u8 packet[WORLD_FRAME];
	u32 len;

	if (u->data.len <= sizeof(d->data)) {
		memcpy(d->src, src, 16);
		d->udp = *u;
		memcpy(d->data, u->data.data, u->data.len);
		d->udp.data.data = d->data;
	}
	len = world_udp_put(packet + WORLD_IP_HEAD, src, dst, u);
	len = world_ip_put(packet, src, dst, IPPROTO_UDP, DMK_SPAN(packet + WORLD_IP_HEAD, len));
	world_send(w, DMK_SPAN(packet, len));
}

static void junk_bytes(struct world *w, u8 *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		p[i] = w->junk == JUNK_END ? DMK_SLIP_END :
		       w->junk == JUNK_ESC ? DMK_SLIP_ESC : dice(w);
		if (w->junk == JUNK_NO_END && p[i] == DMK_SLIP_END)
			p[i] = 0;
	}
	if (w->junk == JUNK_HUGE) {	/* begins like a packet, ends after 4000 bytes */
		p[0] = DMK_SLIP_END;
		p[1] = 6 << 4;
		for (i = 2; i < len; i++)
			p[i] = p[i] == DMK_SLIP_END ? 1 : p[i];
	}
}

/* a piece of it: as much as the owner can send at once */
void world_junk(struct world *w)
{
	u8 p[4000];
	size_t len = w->junk_left < sizeof(p) ? w->junk_left : sizeof(p);

	if (!len)
		return;
	junk_bytes(w, p, len);
	world_raw(w, p, len);
	w->junk_left -= len;
	if (!w->junk_left)
		world_say(w, "junk-ends", NULL);
}

/* ---- from the board */

static void take(struct world *w, u8 byte)
{
	u32 dropped = w->slip.dropped;
	u32 len = dmk_slip_receive(&w->slip, byte);

	if (w->slip.dropped != dropped)
		world_suspect(w, w->touched, "a frame that is no SLIP, or too long");
	if (len)
		world_frame(w, DMK_SPAN(w->frame, len), w->touched);
	if (byte == DMK_SLIP_END && w->touched)
		w->touched--;
}

void world_input(struct world *w, const u8 *data, size_t len)
{
	u8 noisy[2];
	int n, i;

	if (!w->talks)
		world_say(w, "talks", NULL);
	w->talks = true;
	for (; len--; data++) {
		/* a byte that becomes END makes two frames of one */
		if (disturb(w, &w->from_board, *data, noisy, &n))
			w->touched = 2;
		for (i = 0; i < n; i++)
			take(w, noisy[i]);
	}
}

void world_connected(struct world *w)
{
	dmk_slip_init(&w->slip, w->frame, sizeof(w->frame));
	w->touched = 0;
	w->talks = false;
	w->out_len = 0;
	world_say(w, "connected", NULL);
}

/* ---- which packets there may be */

static void udp_receive(struct world *w, const struct world_packet *p, bool touched)
{
	struct world_udp u;
	const char *why = world_udp_parse(p, &u);
	unsigned int i;

	if (why) {
		world_suspect(w, touched, "%s", why);
		return;
	}
	for (i = 0; i < w->conf.m; i++)
		if (!memcmp(world_addr(&w->conf.party[i].addr), p->dst, 16) &&
		    world_port(&w->conf.party[i].addr) == u.dport) {
			world_party_receive(w, i, &u, touched);
			return;
		}
	world_suspect(w, touched, "UDP in clear to %s port %u: %s", world_hex(p->dst, 16), u.dport,
		      world_hex(u.data.data, u.data.len));
}

/* the answer to a ping, each once, and nothing else */
static void icmp_receive(struct world *w, const struct world_packet *p, bool touched)
{
	const u8 *h = p->data.data;
	u16 number = world_icmp_good(p) ? dmk_get_be(h + 6, 2) : 0;
	bool right = number > w->pong && number <= w->ping && h[0] == 129 && !h[1] &&
		     p->data.len == 8 + w->ping_len;
	u32 i;

	for (i = 0; right && i < w->ping_len; i++)
		right = h[8 + i] == (u8)i;
	if (!right) {
		world_suspect(w, touched, "ICMPv6 that nobody asked for: %s", world_hex(h, p->data.len));
		return;
	}
	w->pong = number;
	world_say(w, "pong", "\"number\":%u,\"bytes\":%u", w->pong, w->ping_len);
}

void world_frame(struct world *w, struct dmk_span frame, bool touched)
{
	struct world_packet p;
	const char *why = world_ip_parse(frame, &p);

	if (!why && memcmp(p.src, world_addr(&w->conf.local), 16))
		why = "not the sensor's address";
	if (why) {
		world_suspect(w, touched, "%s: %s", why, world_hex(frame.data, frame.len));
		return;
	}
	if (p.next == IPPROTO_UDP)
		udp_receive(w, &p, touched);
	else if (p.next == IPPROTO_ICMPV6)
		icmp_receive(w, &p, touched);
	else if (p.next == IPPROTO_ESP && !memcmp(p.dst, world_addr(&w->conf.responder), 16))
		world_esp_receive(w, p.data, touched);
	else
		world_suspect(w, touched, "next header %u to %s", p.next, world_hex(p.dst, 16));
}
