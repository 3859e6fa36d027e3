// SPDX-License-Identifier: GPL-2.0
/* Third parties: message 1, TP_I, ERR, cookies. */
#include "world.h"

static const u8 cookie_secret[32] = "the world's own";

/* ---- what they answer */

static void answer(struct world *w, u8 party, u16 port, const struct dmk_writer *m)
{
	struct world_udp u = {
		.sport = world_port(&w->conf.party[party].addr), .dport = port,
		.data = DMK_SPAN(m->data, m->len),
	};

	if (m->full)
		world_die("a message does not fit");
	world_send_udp(w, world_addr(&w->conf.party[party].addr), &u);
}

static void seal(struct world *w, struct dmk_writer *out, const struct dmk_message *m,
		 const struct dmk_msg_keys *keys)
{
	if (dmk_seal_v(w->c, out, keys->auth, &m->idi, &m->idr, m->t.value))
		world_die("V failed");
}

static void answer_err(struct world *w, u8 party, u16 port, const struct dmk_message *m,
		       const struct dmk_msg_keys *keys)
{
	struct dmk_writer out;
	u8 buf[256];

	dmk_writer_init(&out, buf, sizeof(buf));
	dmk_build_hdr_0cs(&out, DMK_DT_ERR, m->hdr.prf, m->hdr.csb_id);
	dmk_emit_t(&out, &m->t);
	dmk_emit_err(&out, w->party[party].error);
	seal(w, &out, m, keys);
	answer(w, party, port, &out);
}

static void answer_tp_i(struct world *w, u8 party, u16 port, const struct dmk_message *m,
			const struct dmk_msg_keys *keys)
{
	struct dmk_writer out;
	u8 buf[512];

	dmk_writer_init(&out, buf, sizeof(buf));
	dmk_build_hdr_0cs(&out, DMK_DT_PSK_VER, m->hdr.prf, m->hdr.csb_id);
	dmk_emit_t(&out, &m->t);
	dmk_emit_id(&out, &m->idr);
	seal(w, &out, m, keys);
	answer(w, party, port, &out);
}

/* protocol.md 7.3; false when the message has it */
static bool wants_cookie(struct world *w, u8 party, u16 port, const struct dmk_message *m,
			 struct dmk_span had)
{
	u8 cookie[DMK_COOKIE_LEN], buf[128];
	struct dmk_writer out;

	if (w->party[party].does != PARTY_OVERLOADED)
		return false;
	if (dmk_cookie(w->c, cookie_secret, world_addr(&w->conf.local), port, m->hdr.csb_id,
		       &m->t, cookie))
		world_die("COOKIE failed");
	if (had.len == sizeof(cookie) && !memcmp(had.data, cookie, sizeof(cookie))) {
		world_say(w, "cookie", "\"party\":\"%s\"", w->conf.party[party].name);
		return false;
	}
	if (had.len)
		world_wrong(w, "%s got another cookie than its own", w->conf.party[party].name);
	dmk_writer_init(&out, buf, sizeof(buf));
	dmk_build_hdr_0cs(&out, DMK_DT_ERR, m->hdr.prf, m->hdr.csb_id);
	dmk_emit_ext(&out, DMK_EXT_COOKIE, DMK_SPAN(cookie, sizeof(cookie)));
	dmk_emit_t(&out, &m->t);
	dmk_emit_err(&out, DMK_ERR_COOKIE);
	answer(w, party, port, &out);
	return true;
}

/* ---- message 1 */

/* without COOKIE, which goes to @cookie; what is wrong with it, or NULL */
static const char *parse(struct world *w, struct dmk_message *m, u8 *buf, u32 len,
			 u8 cookie[DMK_COOKIE_LEN], struct dmk_span *had)
{
	enum dmk_reason why = dmk_message_parse(m, DMK_AT_TP, buf, len);

	*had = DMK_SPAN(NULL, 0);
	if (!why && m->cookie.data) {
		memcpy(cookie, m->cookie.data, DMK_COOKIE_LEN);
		*had = DMK_SPAN(cookie, DMK_COOKIE_LEN);
		len = dmk_message_strip_cookie(buf, len);
		why = dmk_message_parse(m, DMK_AT_TP, buf, len);
	}
	if (why)
		return "does not parse as a message for a third party";
	if (m->kind != DMK_I_TP)
		return "is not message 1";
	if (!dmk_id_equal(&m->idi, &w->conf.idi) || !dmk_id_equal(&m->idr, &w->conf.idr))
		return "names others";
	return m->t.type == w->conf.ts_type ? NULL : "has another type of T";
}

static bool open_share(struct world *w, u8 party, const struct dmk_message *m,
		       struct dmk_msg_keys *keys, struct dmk_point *p)
{
	u8 psk[DMK_PSK_LEN];
	struct dmk_opened o;
	bool good;

	memcpy(psk, w->conf.party[party].psk, sizeof(psk));
	psk[0] ^= w->party[party].does == PARTY_WRONG_PSK;
	if (dmk_msg_keys(w->c, m->hdr.prf, 16, 32, DMK_SPAN(psk, sizeof(psk)), m->hdr.csb_id,
			 m->rand, keys))
		world_die("PRF failed");
	good = !dmk_open_kemac(w->c, m, keys, &o) && o.key.len == DMK_SHARE_LEN;
	p->x = m->share.x;
	if (good)
		memcpy(p->y, o.key.data, DMK_SHARE_LEN);
	dmk_wipe(&o, sizeof(o));
	dmk_wipe(psk, sizeof(psk));
	return good;
}

/* authenticated, and of a session that is watched */
static void serve(struct world *w, u8 party, u16 port, const struct dmk_message *m,
		  const struct dmk_msg_keys *keys, struct dmk_point *p, struct world_attempt *a)
{
	if (w->party[party].does == PARTY_REFUSES) {
		answer_err(w, party, port, m, keys);
		return;
	}
	if (m->hdr.v)
		answer_tp_i(w, party, port, m, keys);
	if (w->party[party].does == PARTY_LIES)
		p->y[0] ^= 1;
	if (a->answer_len)
		world_again(w, a);
	else
		world_share(w, a, party, p);
}

void world_party_receive(struct world *w, u8 i, const struct world_udp *u, bool touched)
{
	u8 buf[WORLD_FRAME], cookie[DMK_COOKIE_LEN];
	struct dmk_msg_keys keys;
	struct world_attempt *a;
	struct dmk_message m;
	struct dmk_span had;
	struct dmk_point p;
	const char *why;

	memcpy(buf, u->data.data, u->data.len);
	why = parse(w, &m, buf, u->data.len, cookie, &had);
	if (!why && !open_share(w, i, &m, &keys, &p)) {
		if (w->party[i].does == PARTY_WRONG_PSK) {
			world_say(w, "mac", "\"party\":\"%s\"", w->conf.party[i].name);
			return;
		}
		why = "cannot be opened";
	}
	if (why) {
		world_suspect(w, touched, "a datagram to %s %s: %s", w->conf.party[i].name, why,
			      world_hex(u->data.data, u->data.len));
		return;
	}
	a = world_watch_i_tp(w, i, &m, &keys);
	a->bytes += WORLD_IP_HEAD + WORLD_UDP_HEAD + u->data.len;
	if (w->party[i].does != PARTY_DEAD && !wants_cookie(w, i, u->sport, &m, had))
		serve(w, i, u->sport, &m, &keys, &p, a);
	dmk_wipe(&keys, sizeof(keys));
	dmk_wipe(&p, sizeof(p));
}
