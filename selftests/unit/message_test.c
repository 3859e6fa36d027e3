// SPDX-License-Identifier: GPL-2.0
/* dmk_message_parse() against all vectors: good messages field by field, bad
 * ones by the reason for which they are refused.
 */
#include "messages.h"
#include "vec_dmikey_negative.h"
#include "vec_rfc3830.h"
#include "vec_rfc3830_negative.h"

/* ---- good messages of the distributed mode */

static bool same(const char *field, struct dmk_span got, struct dmk_span want)
{
	if (dmk_span_equal(got, want))
		return true;
	ktap_diag("%s: %u bytes, not the %u of the vector", field, got.len, want.len);
	return false;
}

static bool equal(const char *field, u64 got, u64 want)
{
	if (got == want)
		return true;
	ktap_diag("%s: %llu, not %llu", field, (unsigned long long)got,
		  (unsigned long long)want);
	return false;
}

static bool check_ids(const struct dmk_message *m, session_t *s)
{
	return equal("IDr type", m->idr.type, s->session.idr.type) &
	       same("IDr", m->idr.data, s->session.idr.data);
}

static bool check_idi(const struct dmk_message *m, session_t *s)
{
	return equal("IDi type", m->idi.type, s->session.idi.type) &
	       same("IDi", m->idi.data, s->session.idi.data);
}

static bool check_t(const struct dmk_message *m, session_t *s)
{
	return equal("TS type", m->t.type, s->session.ts) &
	       equal("T", m->t.value, dmk_get_be(s->session.t8.data, 8));
}

/* in message 3 a third party may lie about its x */
static u64 claimed_x(session_t *s, third_party_t *tp)
{
	unsigned int i;

	for (i = 0; i < s->n_verdicts; i++)
		if (!strcmp(s->verdicts[i].tp, tp->tp))
			return s->verdicts[i].x;
	return tp->x;
}

static bool check_share(const struct dmk_message *m, session_t *s, third_party_t *tp)
{
	u64 x = m->kind == DMK_I_TP ? (u64)tp->x : claimed_x(s, tp);
	const struct dmk_share_ext *e = &m->share;

	return equal("scheme", e->scheme, s->session.scheme) &
	       equal("n", e->n, s->session.n) & equal("k", e->k, s->session.k) &
	       equal("x", e->x, x) & equal("flags", e->flags, s->session.flags) &
	       equal("TGK len", e->tgk_len, s->session.tgklen) &
	       equal("TS type in SHARE", e->t_i.type, s->session.ts) &
	       equal("T_I", e->t_i.value, dmk_get_be(s->session.t8.data, 8)) &
	       same("commitment", DMK_SPAN(e->commitment, 16), s->session.commit);
}

/* what messages 1 and 3 have in common */
static bool check_request(const struct dmk_message *m, session_t *s, third_party_t *tp)
{
	return same("map", m->hdr.map, s->session.map) &
	       same("Session Data", m->session_data, s->session_data) &
	       same("RAND", m->rand, s->session.rand) & check_idi(m, s) & check_ids(m, s) &
	       equal("SPs", m->n_sp, 1) & same("SP", m->sp[0].raw, s->session.sp_body) &
	       check_share(m, s, tp) & equal("Encr alg", m->kemac.encr_alg, s->encr_alg) &
	       equal("MAC alg", m->kemac.mac_alg, s->mac_alg);
}

static bool check_i_tp(const struct dmk_message *m, const struct item *it)
{
	return check_request(m, it->s, it->tp) & check_t(m, it->s) &
	       same("Encr data", m->kemac.data, it->tp->i_tp.encr_data) &
	       same("MAC", m->kemac.mac, it->tp->i_tp.mac);
}

static bool check_tp_r(const struct dmk_message *m, const struct item *it)
{
	third_party_t *tp = it->tp;
	bool cached = m->kind == DMK_TP_R_CACHED;

	if (it->msg.data == tp->earlier.message.data)	/* of another session */
		return same("PKE", m->pke.data, tp->earlier.pke);
	return check_request(m, it->s, tp) &
	       equal("T'", m->t.value, dmk_get_be(tp->tp_r.t_prime.data, 8)) &
	       same("Encr data", m->kemac.data, tp->tp_r.encr_data) &
	       same("MAC", m->kemac.mac, tp->tp_r.mac) &
	       same("PKE", m->pke.data, tp->tp_r.pke) &
	       same("signature", m->sign.signature, tp->tp_r.signature) &
	       (!cached || (same("ENVID", m->envid, tp->tp_r.envid) &
			    same("IDtp", m->idtp.data, tp->id.data) &
			    equal("IDtp type", m->idtp.type, tp->id.type)));
}

static bool check_r_tp(const struct dmk_message *m, const struct item *it)
{
	third_party_t *tp = it->tp;
	bool relay = it->msg.data == tp->r_tp_relay.message.data;

	return check_ids(m, it->s) &
	       equal("T'", m->t.value, dmk_get_be(tp->tp_r.t_prime.data, 8)) &
	       same("RELAY", m->relay, relay ? it->s->r_i.message : DMK_SPAN(NULL, 0)) &
	       same("Ver data", m->ver.data,
		    relay ? tp->r_tp_relay.ver_data : tp->r_tp.ver_data);
}

static bool check_part(const struct dmk_message *m, session_t *s)
{
	bool good = equal("PART", m->part.len, s->r_i.n_part * DMK_PART_ENTRY_LEN);
	struct dmk_part_entry e;
	unsigned int i;

	for (i = 0; good && i < s->r_i.n_part; i++) {
		dmk_part_entry(m, i, &e);
		good = same("PART hash", DMK_SPAN(e.hash, 8), s->r_i.part[i].id_hash) &
		       equal("PART x", e.x, s->r_i.part[i].x) &
		       equal("verdict", e.verdict, s->r_i.part[i].verdict);
	}
	return good;
}

static bool check_r_i(const struct dmk_message *m, session_t *s)
{
	return check_t(m, s) & check_ids(m, s) & same("RANDR", m->randr, s->randr) &
	       check_part(m, s) & same("Ver data", m->ver.data, s->r_i.ver_data) &
	       equal("SPI of CS 1", m->spi[0], s->spi[0]) &
	       equal("SPI of CS 2", m->spi[1], s->spi[1]);
}

static bool check_u_r(const struct dmk_message *m, const struct item *it)
{
	return check_idi(m, it->s) & check_ids(m, it->s) &
	       equal("T", m->t.value, dmk_get_be(it->up->t.data, it->up->t.len)) &
	       same("Encr data", m->kemac.data, it->up->u_r.encr_data) &
	       same("MAC", m->kemac.mac, it->up->u_r.mac);
}

static bool check_r_u(const struct dmk_message *m, const struct item *it)
{
	return check_ids(m, it->s) & same("RANDR", m->randr, it->up->randr) &
	       equal("T", m->t.value, dmk_get_be(it->up->t.data, it->up->t.len)) &
	       equal("SPI of CS 1", m->spi[0], it->up->spi[0]) &
	       equal("SPI of CS 2", m->spi[1], it->up->spi[1]) &
	       same("Ver data", m->ver.data, it->up->r_u.ver_data);
}

static bool check_cookie(const struct dmk_message *m, const struct item *it)
{
	if (!it->tp || !m->cookie.data)
		return true;
	if (dmk_span_equal(it->msg, it->tp->cookie_i_tp.message) ||
	    dmk_span_equal(it->msg, it->tp->cookie_i_tp.err))
		return same("COOKIE", m->cookie, it->tp->cookie_i_tp.cookie);
	return same("COOKIE", m->cookie, it->tp->cookie_tp_r.cookie);
}

static bool check_fields(const struct dmk_message *m, const struct item *it)
{
	if (!equal("kind", m->kind, it->kind) || !check_cookie(m, it))
		return false;
	switch (m->kind) {
	case DMK_I_TP:
		return check_i_tp(m, it);
	case DMK_TP_I:
		return check_t(m, it->s) & check_ids(m, it->s) &
		       same("Ver data", m->ver.data, it->tp->tp_i.ver_data);
	case DMK_TP_R:
	case DMK_TP_R_CACHED:
		return check_tp_r(m, it);
	case DMK_R_TP:
		return check_r_tp(m, it);
	case DMK_R_I:
		return check_r_i(m, it->s);
	case DMK_U_R:
		return check_u_r(m, it);
	case DMK_R_U:
		return check_r_u(m, it);
	default:
		return equal("ERR alone", m->kind, DMK_ERR);
	}
}

static void test_good(const struct item *it)
{
	enum dmk_reason why;
	struct dmk_message m;

	why = dmk_message_parse(&m, it->role, it->msg.data, it->msg.len);
	if (why)
		ktap_diag("refused: %s", reason_names[why]);
	ktap_ok(!why && check_fields(&m, it), "parse %s", it->name);
}

/* a good message is for its readers alone */
static void test_other_reader(const struct item *it)
{
	static const unsigned int roles[] = { DMK_AT_I, DMK_AT_TP, DMK_AT_R };
	enum dmk_reason why;
	struct dmk_message m;
	bool good = true;
	unsigned int i;

	/* TP_I and R_TP may look the same */
	if (it->s != &vec_dmikey.sessions[0] || it->kind == DMK_ERR ||
	    it->kind == DMK_TP_I)
		return;
	for (i = 0; i < ARRAY_SIZE(roles); i++) {
		why = dmk_message_parse(&m, roles[i], it->msg.data, it->msg.len);
		good &= why == (roles[i] == it->role ? DMK_OK : DMK_REASON_UNEXPECTED);
	}
	ktap_ok(good, "%s is for its reader alone", it->name);
}

static void test_errors(void)
{
	struct dmk_message m;
	unsigned int i;

	for (i = 0; i < vec_dmikey.n_errors; i++) {
		const struct vec_dmikey_errors *e = &vec_dmikey.errors[i];

		ktap_ok(!dmk_message_parse(&m, DMK_AT_I, e->message.data, e->message.len) &&
			m.kind == DMK_ERR && equal("Error no", m.error, e->error) &
			same("Ver data", m.ver.data, e->ver_data),
			"fields of %s", e->name);
	}
}

/* ---- bad messages of the distributed mode */

/* What the parser cannot know: it needs a key, the configuration or a state.
 * The reasons behind PART_VERDICT all do; of those before, these.
 */
static const char *const later[] = {
	"i_tp-cm-where-only-ccm",	/* configuration */
	"tp_r-alg-cm-where-only-ccm",
	"i_tp-key-trailing",		/* in KEMAC's plaintext */
	"i_tp-key-with-salt",
	"i_tp-key-len-beyond",
	"u_r-counter",			/* the session's type of time stamp */
};

static bool found_later(const struct vec_dmikey_negative_vectors *v)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(later); i++)
		if (!strcmp(later[i], v->name))
			return true;
	if (!strcmp(v->name, "tp_i-relay"))	/* an R_TP, and I reads none */
		return false;
	for (i = DMK_REASON_PART_VERDICT + 1; i < DMK_REASON_COUNT; i++)
		if (!strcmp(reason_names[i], v->reason))
			return true;
	return false;
}

static unsigned int role_at(const char *at)
{
	return *at == 'T' ? DMK_AT_TP : *at == 'R' ? DMK_AT_R : DMK_AT_I;
}

/* from a copy of its exact size, so that the sanitizer sees an over-read */
static enum dmk_reason parse_copy(struct dmk_message *m, unsigned int roles,
				  struct dmk_span msg)
{
	u8 *copy = ktap_alloc(msg.len);
	enum dmk_reason why;

	memcpy(copy, msg.data, msg.len);
	why = dmk_message_parse(m, roles, copy, msg.len);
	ktap_free(copy);
	return why;
}

static void test_bad(const struct vec_dmikey_negative_vectors *v)
{
	struct dmk_message m;
	enum dmk_reason why = parse_copy(&m, role_at(v->at), v->message);
	const char *want = found_later(v) ? "ok" : v->reason;

	if (strcmp(reason_names[why], want))
		ktap_diag("wanted %s, got %s", want, reason_names[why]);
	ktap_ok(!strcmp(reason_names[why], want), "%s: %s", v->name,
		found_later(v) ? "left to what comes after the parser" : v->reason);
}

/* ---- plain RFC 3830 */

static bool null_algorithms(s64 encr_alg, s64 mac_alg)
{
	return !encr_alg || !mac_alg;
}

static void test_plain(const char *name, struct dmk_span msg, enum dmk_kind kind,
		       enum dmk_reason want)
{
	enum dmk_reason why;
	struct dmk_message m;

	if (!msg.data)
		return;
	why = parse_copy(&m, DMK_AT_HOST, msg);
	ktap_ok(why == want && (why || m.kind == kind), "plain %s, kind %d: %s",
		name, kind, reason_names[why]);
}

static void test_rfc3830(void)
{
	unsigned int i;

	for (i = 0; i < vec_rfc3830.n_psk_messages; i++) {
		const struct vec_rfc3830_psk_messages *v = &vec_rfc3830.psk_messages[i];

		test_plain(v->name, v->i_message, DMK_PSK,
			   null_algorithms(v->encr_alg, v->mac_alg) ?
			   DMK_REASON_ALGORITHMS : DMK_OK);
		test_plain(v->name, v->r_message_no_ids, DMK_PSK_VER, DMK_OK);
		test_plain(v->name, v->r_message_with_ids, DMK_PSK_VER, DMK_OK);
	}
	for (i = 0; i < vec_rfc3830.n_pk_messages; i++) {
		const struct vec_rfc3830_pk_messages *v = &vec_rfc3830.pk_messages[i];

		test_plain(v->name, v->i_message, DMK_PK,
			   null_algorithms(v->encr_alg, v->mac_alg) ?
			   DMK_REASON_ALGORITHMS : DMK_OK);
		test_plain(v->name, v->r_message_no_ids, DMK_PK_VER, DMK_OK);
		test_plain(v->name, v->r_message_with_ids, DMK_PK_VER, DMK_OK);
	}
}

/* those with a wrong MAC or signature alone are seal's and RSA's */
static const char *const wrong_mac[] = {
	"bitflip-3", "bitflip-4", "bitflip-10", "bitflip-20", "bitflip-30",
	"bitflip-50", "bitflip-153", "bitflip-182",
	"pk-flip-1199", "pk-flip-1454", "pk-flip-200",
};

static void test_rfc3830_bad(const struct vec_rfc3830_negative_vectors *v)
{
	enum dmk_reason why;
	struct dmk_message m;
	bool good = false;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wrong_mac); i++)
		good |= !strcmp(v->name, wrong_mac[i]);
	why = parse_copy(&m, DMK_AT_HOST, v->message);
	ktap_ok(good == !why, "rfc3830 %s: %s", v->name,
		why ? reason_names[why] : "left to MAC or signature");
}

static void message_test(void)
{
	unsigned int i;

	each_message(test_good);
	each_message(test_other_reader);
	test_errors();
	for (i = 0; i < vec_dmikey_negative.n_vectors; i++)
		test_bad(&vec_dmikey_negative.vectors[i]);
	test_rfc3830();
	for (i = 0; i < vec_rfc3830_negative.n_vectors; i++)
		test_rfc3830_bad(&vec_rfc3830_negative.vectors[i]);
}

KTAP_MAIN(message_test)
