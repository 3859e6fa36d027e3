// SPDX-License-Identifier: GPL-2.0
/* A CoAP server (RFC 7252) for confirmable POSTs. */
#include "world.h"

enum {
	CON = 0,
	ACK = 2,
	POST = 0x02,
	URI_PATH = 11,
	CONTENT_FORMAT = 12,
	SENML_CBOR = 112,		/* RFC 8428 12.1 */
};

struct coap {
	u8 type;
	u8 code;
	u16 id;
	struct dmk_span token;
	char path[64];
	long format;
	struct dmk_span payload;
};

/* a delta or length of an option, 3.1; false: reserved, or behind the end */
static bool extended(struct dmk_cursor *c, u32 nibble, u32 *value)
{
	u32 n = nibble < 13 ? 0 : nibble - 12;

	if (nibble == 15 || n > c->len - c->at)
		return false;
	*value = n == 0 ? nibble : dmk_get_be(c->data + c->at, n) + (n == 1 ? 13 : 269);
	c->at += n;
	return true;
}

static void option(struct coap *m, u32 number, struct dmk_span value)
{
	size_t at = strlen(m->path);

	if (number == URI_PATH)
		snprintf(m->path + at, sizeof(m->path) - at, "%s%.*s", at ? "/" : "",
			 (int)value.len, (const char *)value.data);
	else if (number == CONTENT_FORMAT && value.len <= 2)
		m->format = dmk_get_be(value.data, value.len);
}

static const char *parse_options(struct dmk_cursor *c, struct coap *m)
{
	u32 number = 0, delta, len;
	u8 byte;

	while (c->at < c->len) {
		byte = c->data[c->at++];
		if (byte == 0xff) {
			m->payload = DMK_SPAN(c->data + c->at, c->len - c->at);
			return m->payload.len ? NULL : "CoAP: a payload marker without payload";
		}
		if (!extended(c, byte >> 4, &delta) || !extended(c, byte & 15, &len) ||
		    len > c->len - c->at)
			return "CoAP: an option that does not end";
		number += delta;
		option(m, number, DMK_SPAN(c->data + c->at, len));
		c->at += len;
	}
	return "CoAP: no payload";
}

static const char *parse(struct dmk_span data, struct coap *m)
{
	struct dmk_cursor c = { .data = data.data, .len = data.len, .at = 4 };
	u32 tkl = data.len ? data.data[0] & 15 : 0;

	memset(m, 0, sizeof(*m));
	m->format = -1;
	if (data.len < 4 + tkl || data.data[0] >> 6 != 1 || tkl > 8)
		return "CoAP: no header";
	m->type = data.data[0] >> 4 & 3;
	m->code = data.data[1];
	m->id = dmk_get_be(data.data + 2, 2);
	m->token = DMK_SPAN(data.data + 4, tkl);
	c.at += tkl;
	return parse_options(&c, m);
}

static const char *check(struct world *w, const struct coap *m)
{
	if (m->type != CON || m->code != POST)
		return "CoAP: not a confirmable POST";
	if (m->format != SENML_CBOR)
		return "CoAP: not SenML-CBOR";
	return strcmp(m->path, w->conf.coap_path) ? "CoAP: another Uri-Path" : NULL;
}

static void answer(struct world *w, struct world_session *s, const struct world_udp *u,
		   const struct coap *m)
{
	u8 reply[16], out[64];
	struct world_udp back = { u->dport, u->sport, DMK_SPAN(reply, 4 + m->token.len) };
	u32 len;

	if (!w->coap_code)
		return;
	reply[0] = 1 << 6 | ACK << 4 | m->token.len;
	reply[1] = w->coap_code;
	dmk_put_be(reply + 2, m->id, 2);
	memcpy(reply + 4, m->token.data, m->token.len);
	len = world_udp_put(out, world_addr(&w->conf.responder), world_addr(&w->conf.local), &back);
	world_esp_send(w, s, DMK_SPAN(out, len));
}

/* 4.2: a repetition has the same Message ID, and the same bytes */
static bool repeated(struct world *w, struct dmk_span data)
{
	bool again = w->coap_len >= 4 && data.len >= 4 && !memcmp(w->coap, data.data, 4);

	if (again && (w->coap_len != data.len || memcmp(w->coap, data.data, data.len)))
		world_wrong(w, "CoAP: one Message ID, two messages");
	w->coap_len = data.len <= sizeof(w->coap) ? data.len : 0;
	memcpy(w->coap, data.data, w->coap_len);
	return again;
}

void world_app_receive(struct world *w, struct world_session *s, const struct world_udp *u)
{
	struct coap m;
	const char *why = u->dport == w->conf.coap_port ? parse(u->data, &m) :
								     "not the responder's port";

	if (!why)
		why = check(w, &m);
	if (why) {
		world_wrong(w, "%s: %s", why, world_hex(u->data.data, u->data.len));
		return;
	}
	world_say(w, "reading", "\"id\":%u,\"repeated\":%s,\"bytes\":\"%s\"", m.id,
		  repeated(w, u->data) ? "true" : "false", world_hex(m.payload.data, m.payload.len));
	answer(w, s, u, &m);
}
