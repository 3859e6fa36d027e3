// SPDX-License-Identifier: GPL-2.0
/*
 * Every session of the vectors, once through the module as each of its third
 * parties and once as its responder: what comes out is the vectors' bytes but
 * for what is drawn at random, and the xfrm states are what was agreed.
 */
#include <stdio.h>
#include <stdlib.h>

#include "accept.h"
#include "pki.h"
#include "seal.h"
#include "states.h"
#include "vector.h"

#define BEFORE_S	1000	/* the module started, and heard of its sensor, so long before now */
#define WAIT_MS		30000
#define QUIET_MS	10
#define TRIES		20	/* until no share is late, for the machine is slow */
#define DATAGRAMS_MAX	40

typedef const struct vec_dmikey_sessions_third_parties thirdparty_t;

static struct dmk_crypto *crypto;
static struct lab_datagram in[DATAGRAMS_MAX];
static unsigned int n_in;

bool accept_check(bool good, const char *what, const char *file, int line)
{
	if (!good)
		ktap_diag("%s:%d: not so: %s", file, line, what);
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
	device_highest_time(s->time_unix - BEFORE_S);
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
	       r_i_is_right(t, r_i) && session_is_right(t) && accept_states(t);
}

static void responder_test(session_t *s)
{
	static struct meeting t;
	unsigned int i = 0;
	bool good;

	do {
		memset(&t, 0, sizeof(t));
		t.c = crypto;
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
