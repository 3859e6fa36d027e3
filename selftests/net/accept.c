// SPDX-License-Identifier: GPL-2.0
/*
 * Every session of the vectors, once through the module as each of its third
 * parties and once as its responder: what comes out is the vectors' bytes but
 * for what is drawn at random, and the xfrm states are what was agreed.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "device.h"
#include "forge.h"
#include "pki.h"
#include "seal.h"
#include "states.h"
#include "vector.h"

#define BEFORE_S	1000	/* the module started so long before now */
#define WAIT_MS		30000
#define QUIET_MS	10
#define TRIES		5	/* until no share is late, for the machine is slow */
#define DATAGRAMS_MAX	40

typedef const struct vec_dmikey_sessions_third_parties thirdparty_t;

static struct dmk_crypto *crypto;
static struct lab_datagram in[DATAGRAMS_MAX];
static unsigned int n_in;

/* @good, and why not */
#define check(good)	check_that(good, #good, __LINE__)

static bool check_that(bool good, const char *what, int line)
{
	if (!good)
		ktap_diag("accept.c:%d: not so: %s", line, what);
	return good;
}

static bool starts(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

static struct lab_addr at(const char *text)
{
	return lab_addr(text, LAB_PORT);
}

static void configure(session_t *s, enum dmk_role_type role)
{
	device_agent(s->time_unix, DMK_SUITE_CCM | DMK_SUITE_CM);
	lab_clock((s->time_unix - BEFORE_S) * 1000);
	device_new(role);
}

static void start(session_t *s)
{
	device_listen();
	lab_clock(s->time_unix * 1000);
	n_in = 0;
}

/* waits for the @n-th datagram, and takes what else is there */
static void collect(unsigned int n)
{
	while (n_in < DATAGRAMS_MAX && lab_receive(&in[n_in], n_in < n ? WAIT_MS : QUIET_MS))
		n_in++;
}

/* a third party repeats TP_R while nobody answers */
static void drop_repeats(void)
{
	while (n_in > 1 && in[n_in - 1].len == in[0].len &&
	       !memcmp(in[n_in - 1].data, in[0].data, in[0].len))
		n_in--;
}

/* ---- as a third party */

static void configure_tp(session_t *s, thirdparty_t *tp)
{
	struct device_sensor sensor = {
		.id = vec_id(s->session.idi.type, s->session.idi.data),
		.key = tp->psk_from.master.data ? tp->psk_from.master : tp->psk,
		.derived = tp->psk_from.master.data,
		.generation = tp->psk_from.generation,
		.ts_type = s->session.ts,
		.suites = strcmp(s->suite, "ccm") ? DMK_SUITE_CM : DMK_SUITE_CCM,
	};

	configure(s, DMK_ROLE_TP);
	device_local(DMK_ROLE_TP, tp->tp);
	device_responder(s->responder_certificate);
	device_sensor(&sensor);
	start(s);
}

static bool same(struct dmk_span a, struct dmk_span b)
{
	return vec_is(a, b.data, b.len);
}

static bool copied(const struct dmk_message *i, const struct dmk_message *r)
{
	return check(r->kind == DMK_TP_R) & check(r->hdr.v) &
	       check(r->hdr.csb_id == i->hdr.csb_id) & check(r->hdr.n_cs == i->hdr.n_cs) &
	       check(r->hdr.map_type == i->hdr.map_type) &
	       check(same(i->hdr.map, r->hdr.map)) & check(same(i->rand, r->rand)) &
	       check(dmk_id_equal(&i->idi, &r->idi)) & check(dmk_id_equal(&i->idr, &r->idr)) &
	       check(same(i->sp[0].raw, r->sp[0].raw)) & check(same(i->share_raw, r->share_raw));
}

static bool signed_by(const struct dmk_message *m, const char *tp)
{
	struct pki_key *key = pki_public(*pki_by_name(tp)->cert);
	u8 digest[DMK_HASH_LEN];
	bool good;

	good = !dmk_sign_digest(crypto, m, digest) &&
	       pki_verify(key, DMK_SHA256, digest, m->sign.signature);
	pki_key_free(key);
	return good;
}

static bool holds_share(session_t *s, thirdparty_t *tp, const struct dmk_message *m)
{
	struct dmk_id id = vec_id(tp->id.type, tp->id.data);
	struct dmk_span share = DMK_SPAN(tp->i_tp.kemac_plain.data + 4, DMK_SHARE_LEN);
	u8 envelope[DMK_ENVELOPE_LEN];
	struct dmk_msg_keys keys;
	struct dmk_opened o;

	return check(forge_envelope(m, s->responder_certificate, envelope)) &&
	       check(!dmk_msg_keys(crypto, DMK_PRF_SHA256, 16, 32,
				   DMK_SPAN(envelope, sizeof(envelope)), m->hdr.csb_id,
				   m->rand, &keys)) &&
	       check(!dmk_open_kemac(crypto, m, &keys, &o)) &&
	       check(dmk_id_equal(&o.id, &id)) && check(same(share, o.key));
}

static bool is_now(session_t *s, const struct dmk_ts *t)
{
	s64 seconds = (s64)(t->value >> 32) - 2208988800LL - s->time_unix;

	return t->type == DMK_TS_NTP_UTC && seconds >= 0 && seconds < 60;
}

static bool tp_r_is_right(session_t *s, thirdparty_t *tp, const struct lab_datagram *d)
{
	static struct dmk_message i, r;
	struct lab_addr to = at("192.0.2.100");

	return check(!dmk_message_parse(&i, DMK_AT_TP, tp->i_tp.message.data,
					tp->i_tp.message.len)) &&
	       check(!dmk_message_parse(&r, DMK_AT_R, d->data, d->len)) &&
	       copied(&i, &r) && check(lab_addr_equal(&d->to, &to)) &&
	       check(is_now(s, &r.t)) && check(same(*pki_by_name(tp->tp)->cert, r.cert.data)) &&
	       check(same(*pki_by_name(s->responder_certificate)->sha256, r.chash.hash)) &&
	       check(signed_by(&r, tp->tp)) && holds_share(s, tp, &r);
}

static bool tp_i_is_right(thirdparty_t *tp, const struct lab_addr *sensor)
{
	return check(n_in == 2) && check(same(tp->tp_i.message, DMK_SPAN(in[1].data, in[1].len))) &&
	       check(lab_addr_equal(&in[1].to, sensor));
}

/* with a COOKIE that nobody asked for, where the vectors have one */
static bool pass(session_t *s, thirdparty_t *tp)
{
	struct lab_addr from = at("2001:db8::7"), to = at("2001:db8::1");
	struct device_counters c;

	configure_tp(s, tp);
	lab_send(&from, &to, tp->cookie_i_tp.message.data ? tp->cookie_i_tp.message :
							    tp->i_tp.message);
	if (!check(device_wait(1, WAIT_MS, &c)) || !check(c.forwarded == 1))
		return false;
	collect(tp->tp_i.message.data ? 2 : 1);
	drop_repeats();
	if (!check(n_in > 0) || !tp_r_is_right(s, tp, &in[0]))
		return false;
	return tp->tp_i.message.data ? tp_i_is_right(tp, &from) : check(n_in == 1);
}

static void thirdparty_test(session_t *s)
{
	bool good = true;
	unsigned int i;

	for (i = 0; i < s->n_third_parties; i++)
		good &= pass(s, &s->third_parties[i]);
	ktap_ok(good && i, "%s: %u third parties pass their shares on", s->name, i);
}

/* ---- as the responder */

/**
 * struct meeting - a session at the responder
 * @s: the session
 * @m: the last message 3 that was sent
 * @sd: I's Session Data
 * @policy: ESP policy
 * @collision: somebody else has the SPI of CS 1
 * @n_sent: messages 3
 * @late: one came more than 200 ms after the k-th
 * @r_i: message 5
 * @live: the session
 */
struct meeting {
	session_t *s;
	struct dmk_message m;
	struct dmk_session_data sd;
	struct dmk_esp_policy policy;
	bool collision;
	unsigned int n_sent;
	bool late;
	struct dmk_message r_i;
	struct device_session live;
};

static struct lab_addr address_of(const struct meeting *t, unsigned int i)
{
	char text[32];

	(void)t;
	snprintf(text, sizeof(text), "192.0.2.%u", 10 + i);
	return at(text);
}

static void configure_r(struct meeting *t)
{
	session_t *s = t->s;
	struct device_rule rule = {
		.name = "vector",
		.sensor = vec_id(s->session.idi.type, s->session.idi.data),
		.min_k = s->session.k == 1 ? 1 : 2,
	};
	unsigned int i;

	configure(s, DMK_ROLE_R);
	device_local(DMK_ROLE_R, s->responder_certificate);
	device_rule(&rule);
	/* R holds what is sent by hash; the others are asked for */
	if (starts(s->name, "cert-hash"))
		for (i = 0; i < s->n_third_parties; i++)
			device_thirdparty(s->third_parties[i].tp);
	start(s);
}

static bool is_cached(session_t *s)
{
	return s->third_parties[0].earlier.message.data;
}

/* an earlier session, whose signed messages 3 brought the envelope keys */
static bool bring_keys(struct meeting *t)
{
	struct lab_addr to = at("192.0.2.100");
	unsigned int i;

	for (i = 0; i < t->s->n_third_parties; i++) {
		struct lab_addr from = address_of(t, i);

		lab_send(&from, &to, t->s->third_parties[i].earlier.message);
		t->n_sent++;
		if (!check(device_wait_accepted(t->n_sent, WAIT_MS)))
			return false;
	}
	if (!check(device_wait_established(1, WAIT_MS)))
		return false;
	/* R_TP and R_I */
	collect(t->n_sent + 1);
	n_in = 0;
	device_end_sessions(&t->m.idi);
	return true;
}

static bool send_share(struct meeting *t, unsigned int i)
{
	thirdparty_t *tp = &t->s->third_parties[i];
	struct lab_addr from = address_of(t, i), to = at("192.0.2.100");

	lab_send(&from, &to, tp->cookie_tp_r.message.data ? tp->cookie_tp_r.message :
							    tp->tp_r.message);
	t->n_sent++;
	return check(device_wait_accepted(t->n_sent, WAIT_MS));
}

static bool read_first(struct meeting *t)
{
	struct dmk_span m = t->s->third_parties[0].tp_r.message;

	if (!check(!dmk_message_parse(&t->m, DMK_AT_R, m.data, m.len)) ||
	    !check(!dmk_session_data_parse(t->m.session_data, &t->sd)) ||
	    !check(!dmk_esp_policy_parse(t->m.sp[0].param, &t->policy)))
		return false;
	t->collision = t->m.spi[0] != t->s->spi[0];
	return true;
}

static bool send_shares(struct meeting *t)
{
	struct device_counters c, was;
	unsigned int i, n = 0;

	if (is_cached(t->s) && !bring_keys(t))
		return false;
	device_counters(&was);
	if (t->collision)
		states_add("2001:db8::9", "2001:db8::100", t->m.spi[0]);
	for (i = 0; i < t->s->n_third_parties; i++)
		if (!t->s->third_parties[i].lost) {
			if (!send_share(t, i))
				return false;
			n++;
		}
	device_wait_established(was.established + 1, WAIT_MS);
	device_counters(&c);
	t->late = c.late != was.late;
	/* one operation a share, but none under a cached key */
	return check(c.established == was.established + 1) && check(!device_refused(&c)) &&
	       check(c.rsa_private - was.rsa_private == (is_cached(t->s) ? 0 : n));
}

/* the datagram that is @want to @to, taken out; its number or -1 */
static int find(const struct lab_addr *to, struct dmk_span want)
{
	unsigned int i;

	for (i = 0; i < n_in; i++)
		if (lab_addr_equal(&in[i].to, to) &&
		    (!want.data || dmk_span_equal(want, DMK_SPAN(in[i].data, in[i].len))))
			return i;
	return -1;
}

static void take_out(int i)
{
	n_in--;
	in[i] = in[n_in];
}

static bool acknowledged(struct meeting *t)
{
	unsigned int i;
	bool good = true;

	for (i = 0; i < t->s->n_third_parties; i++) {
		thirdparty_t *tp = &t->s->third_parties[i];
		struct lab_addr to = address_of(t, i);
		int at = tp->lost ? -1 : find(&to, tp->r_tp.message);

		if (at >= 0)
			take_out(at);
		good &= check(tp->lost || at >= 0);
	}
	return good;
}

static u8 verdict_of(session_t *s, unsigned int i)
{
	unsigned int j;

	for (j = 0; j < s->n_verdicts; j++)
		if (!strcmp(s->verdicts[j].tp, s->third_parties[i].tp))
			return s->verdicts[j].verdict;
	return 1;
}

/* RELAY goes to those whose share was right, with V */
static bool relayed(struct meeting *t, struct dmk_span *r_i)
{
	static struct dmk_message m[DMK_N_MAX];
	static struct lab_datagram d[DMK_N_MAX];
	unsigned int i;

	for (i = 0; i < t->s->n_third_parties; i++) {
		thirdparty_t *tp = &t->s->third_parties[i];
		struct lab_addr to = address_of(t, i);
		int at = find(&to, DMK_SPAN(NULL, 0));
		struct dmk_span request = tp->tp_r.message;

		if (verdict_of(t->s, i)) {
			if (!check(at < 0))
				return false;
			continue;
		}
		if (!check(at >= 0) ||
		    !check(!dmk_message_parse(&t->m, DMK_AT_R, request.data, request.len)))
			return false;
		d[i] = in[at];
		take_out(at);
		if (!check(!dmk_message_parse(&m[i], DMK_AT_TP, d[i].data, d[i].len)) ||
		    !check(!dmk_check_v(crypto, &m[i], tp->r_tp.v_key.data, &t->m.idi,
					&t->m.idr, t->m.t.value)) ||
		    !check(m[i].relay.data))
			return false;
		*r_i = m[i].relay;
	}
	return true;
}

static bool find_r_i(struct meeting *t, struct dmk_span *r_i)
{
	static struct lab_datagram d;
	struct lab_addr to = { .port = t->sd.port };
	int i;

	if (t->s->session.flags & DMK_SHARE_RELAY)
		return relayed(t, r_i);
	to = lab_addr(t->sd.family == 4 ? "192.0.2.7" : "2001:db8::7", t->sd.port);
	i = find(&to, DMK_SPAN(NULL, 0));
	if (!check(i >= 0))
		return false;
	d = in[i];
	take_out(i);
	*r_i = DMK_SPAN(d.data, d.len);
	return true;
}

static bool r_i_is_right(struct meeting *t, struct dmk_span r_i)
{
	static struct dmk_message want;
	session_t *s = t->s;
	const struct dmk_message *got = &t->r_i;

	return check(!dmk_message_parse(&want, DMK_AT_I, s->r_i.message.data,
					s->r_i.message.len)) &&
	       check(!dmk_message_parse(&t->r_i, DMK_AT_I, r_i.data, r_i.len)) &&
	       check(r_i.len == s->r_i.message.len) && check(got->kind == DMK_R_I) &&
	       check(got->hdr.csb_id == want.hdr.csb_id) &&
	       check(got->t.type == want.t.type && got->t.value == want.t.value) &&
	       check(same(want.part, got->part)) &&
	       check(!dmk_span_equal(want.randr, got->randr)) &&
	       check(got->spi[1] == want.spi[1]) &&
	       check(t->collision ? got->spi[0] != t->m.spi[0] : got->spi[0] == want.spi[0]) &&
	       check(!dmk_check_v(crypto, got, s->auth_key_msg5.data, &t->m.idi, &t->m.idr,
				  got->t.value));
}

static bool session_is_right(struct meeting *t)
{
	struct device_session all[DEVICE_SESSIONS];
	session_t *s = t->s;
	unsigned int i, j, n = device_sessions(all), found = 0;

	if (!check(n == 1))
		return false;
	t->live = all[0];
	for (i = 0; i < s->n_third_parties; i++) {
		struct dmk_id id = vec_id(s->third_parties[i].id.type,
					  s->third_parties[i].id.data);

		for (j = 0; j < all[0].n_verdicts; j++)
			found += dmk_span_equal(id.data,
						DMK_SPAN(all[0].verdicts[j].id, id.data.len)) &&
				 all[0].verdicts[j].verdict == verdict_of(s, i) &&
				 all[0].verdicts[j].x == s->verdicts[j].x;
	}
	return check(found == s->n_verdicts) && check(all[0].n_verdicts == s->n_verdicts) &&
	       check(all[0].n == s->session.n) && check(all[0].k == s->session.k) &&
	       check(all[0].csb_id == vec_be(s->session.csb)) &&
	       check(all[0].spi_in == t->r_i.spi[0]) && check(all[0].spi_out == t->r_i.spi[1]);
}

/* ---- xfrm states */

static const struct {
	u16 id;
	const char *name;
	unsigned int icv_bits;
} ciphers[] = {
	{ DMK_ESP_AES_CBC, "cbc(aes)", 0 },
	{ DMK_ESP_AES_CCM_8, "rfc4309(ccm(aes))", 64 },
	{ DMK_ESP_AES_CCM_16, "rfc4309(ccm(aes))", 128 },
	{ DMK_ESP_AES_GCM_8, "rfc4106(gcm(aes))", 64 },
	{ DMK_ESP_AES_GCM_16, "rfc4106(gcm(aes))", 128 },
	{ DMK_ESP_CHACHA20_POLY1305, "rfc7539esp(chacha20,poly1305)", 128 },
};

static bool keys_are_right(struct meeting *t, const struct state *x, u8 cs)
{
	session_t *s = t->s;
	struct dmk_esp_keys k;
	unsigned int i = 0;
	u8 key[64];

	while (i < ARRAY_SIZE(ciphers) && ciphers[i].id != t->policy.cipher)
		i++;
	if (!check(i < ARRAY_SIZE(ciphers)) ||
	    !check(!dmk_esp_keys(crypto, &t->policy, cs, s->session.tgk,
				 t->m.hdr.csb_id, s->session.rand, t->r_i.randr, &k)))
		return false;
	memcpy(key, k.cipher_key, k.cipher_len);
	memcpy(key + k.cipher_len, k.salt, k.salt_len);
	return check(!strcmp(x->alg, ciphers[i].name)) &&
	       check(x->icv_bits == ciphers[i].icv_bits) &&
	       check(vec_is(DMK_SPAN(key, k.cipher_len + k.salt_len), x->key, x->key_len)) &&
	       check(k.integ_len ? !strcmp(x->integ, "hmac(sha256)") && x->integ_bits == 128 :
				   !x->integ[0]) &&
	       check(vec_is(DMK_SPAN(k.integ_key, k.integ_len), x->integ_key, x->integ_len));
}

static bool addresses_are_right(struct meeting *t, const struct state *x, bool inbound)
{
	struct lab_addr r = lab_addr(t->sd.family == 4 ? "192.0.2.100" : "2001:db8::100", 0);
	const u8 *ours = t->sd.family == 4 ? r.ip + 12 : r.ip;
	const struct xfrm_usersa_info *i = &x->info;
	const void *from = inbound ? t->sd.addr : ours, *to = inbound ? ours : t->sd.addr;
	u32 len = t->sd.family == 4 ? 4 : 16;

	return check(i->family == (t->sd.family == 4 ? AF_INET : AF_INET6)) &&
	       check(!memcmp(&i->saddr, from, len)) && check(!memcmp(&i->id.daddr, to, len)) &&
	       check(!memcmp(&i->sel.saddr, from, len)) && check(!memcmp(&i->sel.daddr, to, len)) &&
	       check(i->sel.prefixlen_s == 8 * len) && check(i->sel.prefixlen_d == 8 * len);
}

static bool ports_are_right(struct meeting *t, const struct state *x, bool inbound)
{
	u16 sport = inbound ? t->sd.i_port : t->sd.r_port;
	u16 dport = inbound ? t->sd.r_port : t->sd.i_port;
	u16 encap = t->sd.encap_port;
	const struct xfrm_selector *sel = &x->info.sel;

	return check(sel->proto == t->sd.proto) &&
	       check(ntohs(sel->sport) == sport && sel->sport_mask == (sport ? 0xffff : 0)) &&
	       check(ntohs(sel->dport) == dport && sel->dport_mask == (dport ? 0xffff : 0)) &&
	       check(x->encap_sport == (!encap ? 0 : inbound ? encap : 4500)) &&
	       check(x->encap_dport == (!encap ? 0 : inbound ? 4500 : encap));
}

static bool policy_is_right(struct meeting *t, const struct state *x)
{
	const struct xfrm_usersa_info *i = &x->info;

	return check(i->mode == (t->policy.tunnel ? XFRM_MODE_TUNNEL : XFRM_MODE_TRANSPORT)) &&
	       check(!(i->flags & XFRM_STATE_ESN) == !t->policy.esn) &&
	       check(i->lft.hard_add_expires_seconds == t->policy.life_seconds) &&
	       check(i->lft.hard_packet_limit == t->policy.life_packets) &&
	       check(x->window == t->policy.window) && check(i->reqid == DEVICE_REQID);
}

static bool state_is_right(struct meeting *t, const struct state *x, bool inbound)
{
	return keys_are_right(t, x, inbound ? 1 : 2) & addresses_are_right(t, x, inbound) &
	       ports_are_right(t, x, inbound) & policy_is_right(t, x);
}

static bool states_are_right(struct meeting *t)
{
	struct state x[STATES_MAX];
	unsigned int i, n = states_list(x), found = 0;

	for (i = 0; i < n; i++) {
		u32 spi = ntohl(x[i].info.id.spi);

		if (spi == t->live.spi_in || spi == t->live.spi_out)
			found += state_is_right(t, &x[i], spi == t->live.spi_in);
	}
	return check(n == (t->collision ? 3 : 2)) && check(found == 2);
}

static bool meet(struct meeting *t)
{
	unsigned int relays = 0, i;
	struct dmk_span r_i = { };

	for (i = 0; i < t->s->n_third_parties; i++)
		relays += !verdict_of(t->s, i);
	if (!read_first(t))
		return false;
	configure_r(t);
	if (!send_shares(t) || t->late)
		return false;
	collect(t->n_sent - (is_cached(t->s) ? t->s->n_third_parties : 0) +
		(t->s->session.flags & DMK_SHARE_RELAY ? relays : 1));
	return acknowledged(t) && find_r_i(t, &r_i) && check(n_in == 0) &&
	       r_i_is_right(t, r_i) && session_is_right(t) && states_are_right(t);
}

static void responder_test(session_t *s)
{
	static struct meeting t;
	unsigned int i = 0;
	bool good;

	do {
		memset(&t, 0, sizeof(t));
		t.s = s;
		good = meet(&t);
	} while (t.late && ++i < TRIES);
	ktap_ok(good, "%s: established", s->name);
}

/* all, or those whose name begins with $VECTOR */
static void accept_test(void)
{
	const char *only = getenv("VECTOR") ? getenv("VECTOR") : "";
	unsigned int i;

	crypto = test_crypto_new();
	for (i = 0; i < vec_dmikey.n_sessions; i++) {
		if (!starts(vec_dmikey.sessions[i].name, only))
			continue;
		thirdparty_test(&vec_dmikey.sessions[i]);
		responder_test(&vec_dmikey.sessions[i]);
	}
	test_crypto_free(crypto);
	lab_clock_back();
}

KTAP_MAIN(accept_test)
