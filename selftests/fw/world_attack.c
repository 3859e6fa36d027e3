// SPDX-License-Identifier: GPL-2.0
/* What somebody who means ill sends to a sensor. None of it may change anything. */
#include "vec_dmikey_negative.h"
#include "world.h"

typedef const struct vec_dmikey_negative_vectors vector_t;

void world_ping(struct world *w, u32 len)
{
	u8 packet[WORLD_FRAME];
	u32 n;

	if (len > WORLD_FRAME - WORLD_IP_HEAD - 8)
		world_die("a ping of %u bytes", len);
	w->ping++;
	w->ping_len = len;
	n = world_echo_put(packet, world_addr(&w->conf.responder), world_addr(&w->conf.local),
			   w->ping, len);
	world_send(w, DMK_SPAN(packet, n));
}

/* ---- MIKEY */

/* once from a third party, once from an address that is nobody's */
static void send_mikey(struct world *w, struct dmk_span m)
{
	struct world_udp u = {
		.sport = SENSOR_MIKEY_PORT, .dport = world_port(&w->conf.local), .data = m,
	};
	u8 nobody[16];

	memcpy(nobody, world_addr(&w->conf.responder), sizeof(nobody));
	nobody[15] ^= 0x80;
	world_send_udp(w, world_addr(&w->conf.party[0].addr), &u);
	world_send_udp(w, nobody, &u);
}

/* the vector's CSB ID and T become those of the attempt under way: T of a
 * COUNTER is shorter
 */
static u32 adapt(const struct world_attempt *a, vector_t *v, u8 out[DMK_SENSOR_MSG_MAX])
{
	u8 old[9] = { DMK_TS_NTP_UTC }, new[5] = { DMK_TS_COUNTER };
	u32 len = v->message.len;
	u8 *at;

	if (len > DMK_SENSOR_MSG_MAX)
		return 0;
	memcpy(out, v->message.data, len);
	if (!a || len < 8)
		return len;
	dmk_put_be(out + 4, a->csb_id, 4);
	memcpy(old + 1, v->state.session.t8.data, 8);
	dmk_put_be(new + 1, a->t, 4);
	at = memmem(out, len, old, sizeof(old));
	if (!at)
		return len;
	memcpy(at, new, sizeof(new));
	memmove(at + sizeof(new), at + sizeof(old), out + len - at - sizeof(old));
	return len - (sizeof(old) - sizeof(new));
}

void world_vectors(struct world *w)
{
	struct world_attempt *a = w->attempts ? &w->attempt[(w->attempts - 1) % WORLD_ATTEMPTS] : NULL;
	u8 m[DMK_SENSOR_MSG_MAX];
	unsigned int i, n = 0;
	u32 len;

	for (i = 0; i < vec_dmikey_negative.n_vectors; i++) {
		vector_t *v = &vec_dmikey_negative.vectors[i];

		if (v->at[0] != 'I' || v->message.len > sizeof(m))
			continue;
		send_mikey(w, v->message);
		len = adapt(a, v, m);
		send_mikey(w, DMK_SPAN(m, len));
		n++;
	}
	if (!n)
		world_die("no vectors for a sensor");
	world_say(w, "vectors-sent", "\"count\":%u", n);
}

void world_replay(struct world *w)
{
	u32 n = w->n_sent < WORLD_SENT ? w->n_sent : WORLD_SENT, i;

	for (i = 0; i < n; i++) {
		/* a copy: sending remembers, in the same places */
		struct world_datagram d = w->sent[(w->n_sent - n + i) % WORLD_SENT];

		d.udp.data.data = d.data;
		world_send_udp(w, d.src, &d.udp);
	}
	world_say(w, "replayed", "\"count\":%u", n);
}

void world_mutations(struct world *w, const u8 src[16], const struct world_udp *u)
{
	u8 copy[DMK_SENSOR_MSG_MAX];
	struct world_udp bad = *u;
	u32 i;

	bad.data.data = copy;
	for (i = 0; i < u->data.len; i++) {
		memcpy(copy, u->data.data, u->data.len);
		copy[i] ^= 1 << i % 8;
		bad.data.len = u->data.len;
		world_send_udp(w, src, &bad);
	}
	for (i = 1; i < u->data.len; i += 7) {
		memcpy(copy, u->data.data, u->data.len);
		bad.data.len = u->data.len - i;
		world_send_udp(w, src, &bad);
	}
	world_say(w, "mutated", "\"bytes\":%u", u->data.len);
}

/* ---- ESP */

/* an acknowledgement for what is outstanding, but not in ESP */
static void clear_ack(struct world *w)
{
	const u8 ack[] = { 0x60, 0x44, w->coap[2], w->coap[3] };
	struct world_udp u = {
		.sport = w->conf.coap_port, .dport = w->conf.coap_port,
		.data = DMK_SPAN(ack, sizeof(ack)),
	};

	world_send_udp(w, world_addr(&w->conf.responder), &u);
}

static void flips(struct world *w)
{
	u8 copy[WORLD_FRAME];
	u32 i;

	for (i = WORLD_IP_HEAD; i < w->esp_len; i++) {
		memcpy(copy, w->esp, w->esp_len);
		copy[i] ^= 1 << i % 8;
		world_send(w, DMK_SPAN(copy, w->esp_len));
	}
}

/* in an SA that is nobody's, and in one that is over */
static void old_sas(struct world *w)
{
	struct world_sa sa = w->session[0].out;
	u8 esp[WORLD_FRAME], packet[WORLD_FRAME];
	u32 i, len;

	for (i = 0; i < WORLD_SESSIONS && i < w->sessions; i++) {
		sa = w->session[i].out;
		if (!w->session[i].forgotten)
			sa.spi ^= 1;
		len = world_esp_seal(&sa, IPPROTO_UDP, DMK_SPAN("old", 3), esp);
		len = world_ip_put(packet, world_addr(&w->conf.responder),
				   world_addr(&w->conf.local), IPPROTO_ESP, DMK_SPAN(esp, len));
		world_send(w, DMK_SPAN(packet, len));
	}
}

void world_esp_attack(struct world *w, const char *how)
{
	int i;

	if (!strcmp(how, "clear"))
		clear_ack(w);
	for (i = 0; i < 3 && !strcmp(how, "replay"); i++)
		world_send(w, DMK_SPAN(w->esp, w->esp_len));
	if (!strcmp(how, "flip"))
		flips(w);
	if (!strcmp(how, "old"))
		old_sas(w);
	world_say(w, "esp-attack", "\"how\":\"%s\"", how);
}
