// SPDX-License-Identifier: GPL-2.0
/*
 * core/seal.c: every message of every session is made again from the draws and
 * must have the vector's bytes; every message of the vectors is opened.
 */
#include "seal.h"
#include "share.h"
#include "vec_dmikey.h"
#include "vector.h"

typedef const struct vec_dmikey_sessions session_t;
typedef const struct vec_dmikey_sessions_third_parties party_t;
typedef const struct vec_dmikey_sessions_updates update_t;

static struct dmk_crypto *c;
static struct dmk_message m, m1;
static struct dmk_writer w;
static u8 buf[DMK_MSG_MAX];

static bool parse(struct dmk_message *out, unsigned int role, struct dmk_span msg)
{
	return !dmk_message_parse(out, role, msg.data, msg.len);
}

static void begin(void)
{
	memset(buf, 0xee, sizeof(buf));
	dmk_writer_init(&w, buf, sizeof(buf));
}

static bool built(struct dmk_span want)
{
	return !w.full && vec_is(want, w.data, w.len);
}

/* ---- the values of a session in our own types */

static struct dmk_suite suite_of(session_t *v)
{
	return (struct dmk_suite){ DMK_PRF_SHA256, v->encr_alg, v->mac_alg };
}

static struct dmk_ts t_of(session_t *v)
{
	return (struct dmk_ts){ .type = v->session.ts, .value = vec_be(v->session.t8) };
}

static struct dmk_ts t_prime(party_t *tp)
{
	return (struct dmk_ts){ .type = DMK_TS_NTP_UTC, .value = vec_be(tp->tp_r.t_prime) };
}

static struct dmk_id idi_of(session_t *v)
{
	return vec_id(v->session.idi.type, v->session.idi.data);
}

static struct dmk_id idr_of(session_t *v)
{
	return vec_id(v->session.idr.type, v->session.idr.data);
}

static void coeff_of(session_t *v, u8 coeff[DMK_N_MAX][DMK_SHARE_LEN])
{
	unsigned int i;

	for (i = 0; i < v->session.n_coeffs; i++)
		memcpy(coeff[i], v->session.coeffs[i].data, DMK_SHARE_LEN);
}

/* the share that reached R */
static struct dmk_span share_sent(party_t *tp)
{
	struct dmk_span plain = tp->tp_r.kemac_plain;

	return DMK_SPAN(plain.data + plain.len - DMK_SHARE_LEN, DMK_SHARE_LEN);
}

/* ---- message 1 */

/* SPIs are drawn from 256 on */
static void spi_drawn(session_t *v, u32 spi[2])
{
	spi[0] = vec_be(v->draws.spi1) + DMK_SPI_MIN;
	spi[1] = vec_be(v->draws.spi2) + DMK_SPI_MIN;
}

static bool binding_drawn(session_t *v, struct dmk_span map, struct dmk_binding *b)
{
	*b = (struct dmk_binding){
		.csb_id = vec_be(v->draws.csb_id),
		.t_i = t_of(v),
		.rand = v->draws.rand,
		.idi = idi_of(v),
		.idr = idr_of(v),
		.map = map,
		.sp = v->session.sp_body,
		.scheme = v->session.scheme,
		.n = v->session.n,
		.k = v->session.k,
		.flags = v->session.flags,
		.tgk_len = v->session.tgklen,
	};
	return vec_is(v->session.map, map.data, map.len);
}

static bool commitment_drawn(session_t *v, struct dmk_span map, u8 out[DMK_COMMITMENT_LEN])
{
	u8 coeff[DMK_N_MAX][DMK_SHARE_LEN], tgk[DMK_TGK_MAX], k_commit[32];
	struct dmk_binding b;
	unsigned int len;

	coeff_of(v, coeff);
	len = dmk_share_tgk(c, v->session.scheme, (const u8 (*)[DMK_SHARE_LEN])coeff,
			    v->session.k, tgk);
	return binding_drawn(v, map, &b) && len &&
	       !dmk_key_commit(c, DMK_SPAN(tgk, len), b.csb_id, b.rand, k_commit) &&
	       !dmk_commitment(c, &b, k_commit, (const u8 (*)[DMK_SHARE_LEN])coeff, out) &&
	       vec_is(v->session.commit, out, DMK_COMMITMENT_LEN);
}

static void i_tp_build(session_t *v, party_t *tp)
{
	struct dmk_id idi = idi_of(v), idr = idr_of(v);
	struct dmk_span sp = v->session.sp_body;
	u8 coeff[DMK_N_MAX][DMK_SHARE_LEN], share[DMK_SHARE_LEN], commitment[DMK_COMMITMENT_LEN];
	u32 csb_id = vec_be(v->draws.csb_id), spi[2];
	struct dmk_suite suite = suite_of(v);
	struct dmk_ts t = t_of(v);
	struct dmk_share_ext ext = {
		.scheme = v->session.scheme, .n = v->session.n, .k = v->session.k,
		.x = tp->x, .flags = v->session.flags, .tgk_len = v->session.tgklen,
		.t_i = t, .commitment = commitment,
	};
	struct dmk_msg_keys keys;
	bool good;

	begin();
	spi_drawn(v, spi);
	dmk_build_hdr_2cs(&w, DMK_DT_PSK, tp->tp_i.message.data, csb_id, spi, v->session_data);
	good = commitment_drawn(v, DMK_SPAN(w.data + 10, w.len - 10), commitment);
	dmk_emit_t(&w, &t);
	dmk_emit_rand(&w, v->draws.rand);
	dmk_emit_id(&w, &idi);
	dmk_emit_id(&w, &idr);
	dmk_emit_sp(&w, 0, DMK_PROT_ESP, DMK_SPAN(sp.data + 4, sp.len - 4));
	dmk_build_share(&w, &ext);

	coeff_of(v, coeff);
	dmk_share_eval((const u8 (*)[DMK_SHARE_LEN])coeff, v->session.k, tp->x, share);
	good = good &&
	       !dmk_msg_keys(c, DMK_PRF_SHA256, dmk_suite_encr_len(&suite),
			     dmk_suite_auth_len(&suite), tp->psk, csb_id, v->draws.rand, &keys) &&
	       !dmk_seal_kemac(c, &w, &suite, &keys, csb_id, &t, NULL, DMK_KEY_TGK_SHARE,
			       DMK_SPAN(share, sizeof(share)), false);
	ktap_ok(good && built(tp->i_tp.message), "%s: message 1 to %s, made", v->name, tp->tp);
	ktap_ok(w.len <= DMK_SENSOR_MSG_MAX, "%s: message 1 to %s fits one packet", v->name, tp->tp);
}

static bool keys_of(const struct dmk_message *msg, struct dmk_span psk, struct dmk_msg_keys *k)
{
	return !dmk_msg_keys(c, DMK_PRF_SHA256, 16, 32, psk, msg->hdr.csb_id, msg->rand, k);
}

/* a session has a share for each x; two third parties may claim one x */
static struct dmk_span share_of(session_t *v, u8 x)
{
	unsigned int i;

	for (i = 0; i < v->session.n_shares; i++)
		if (v->session.shares[i].key == x)
			return v->session.shares[i].value;
	return DMK_SPAN(NULL, 0);
}

static bool opens(const struct dmk_message *msg, const struct dmk_msg_keys *keys,
		  struct dmk_span plain, struct dmk_opened *o)
{
	return !dmk_open_kemac(c, msg, keys, o) && vec_is(plain, o->plain, plain.len);
}

static void i_tp_open(session_t *v, party_t *tp)
{
	struct dmk_msg_keys keys;
	struct dmk_opened o;

	ktap_ok(parse(&m1, DMK_AT_TP, tp->i_tp.message) && keys_of(&m1, tp->psk, &keys) &&
		opens(&m1, &keys, tp->i_tp.kemac_plain, &o) &&
		vec_is(share_of(v, m1.share.x), o.key.data, o.key.len) &&
		vec_is(tp->i_tp.encr_data, m1.kemac.data.data, m1.kemac.data.len) &&
		vec_is(tp->i_tp.mac, m1.kemac.mac.data, m1.kemac.mac.len),
		"%s: message 1 to %s, opened", v->name, tp->tp);
}

/* ---- message 2 */

static void tp_i_test(session_t *v, party_t *tp)
{
	struct dmk_id idi = idi_of(v), idr = idr_of(v);
	struct dmk_ts t = t_of(v);
	struct dmk_msg_keys keys;

	if (!tp->tp_i.message.data)
		return;
	begin();
	dmk_build_hdr_0cs(&w, DMK_DT_PSK_VER, m1.hdr.prf, m1.hdr.csb_id);
	dmk_emit_t(&w, &t);
	dmk_emit_id(&w, &idr);
	ktap_ok(keys_of(&m1, tp->psk, &keys) && vec_is(tp->tp_i.v_key, keys.auth, 32) &&
		!dmk_seal_v(c, &w, keys.auth, &idi, &idr, t.value) && built(tp->tp_i.message),
		"%s: message 2 of %s, made", v->name, tp->tp);
	ktap_ok(parse(&m, DMK_AT_I, tp->tp_i.message) &&
		!dmk_check_v(c, &m, keys.auth, &idi, &idr, t.value),
		"%s: message 2 of %s, checked", v->name, tp->tp);
}

/* ---- message 3 */

/* PKE and the signature are RSA's: envelope_test.c makes them */
static void tp_r_end(party_t *tp)
{
	struct dmk_pke pke = { .cache = m.pke.cache, .data = tp->tp_r.pke };
	struct dmk_sign sign;
	u8 *p;

	if (!tp->tp_r.signature.data)
		return;
	dmk_emit_chash(&w, &m.chash);
	dmk_emit_pke(&w, &pke);
	dmk_emit_sign(&w, tp->tp_r.signature.len, &sign);
	p = w.data + w.len - tp->tp_r.signature.len;
	if (!w.full)
		memcpy(p, tp->tp_r.signature.data, tp->tp_r.signature.len);
}

static bool tp_r_build(session_t *v, party_t *tp)
{
	bool is_signed = tp->tp_r.signature.data;
	struct dmk_id id = vec_id(tp->id.type, tp->id.data);
	struct dmk_suite suite = suite_of(v);
	struct dmk_ts t = t_prime(tp);
	struct dmk_msg_keys keys;

	m1.share_raw = m.share_raw;	/* a liar claims another x than it was given */
	begin();
	dmk_build_tp_r_head(&w, &m1, &t, is_signed ? &m.cert : NULL, is_signed ? NULL : &id);
	if (!is_signed)
		dmk_emit_ext(&w, DMK_EXT_ENVID, tp->tp_r.envid);
	if (!keys_of(&m1, tp->tp_r.env_key, &keys) ||
	    dmk_seal_kemac(c, &w, &suite, &keys, m1.hdr.csb_id, &t, &id, DMK_KEY_TGK_SHARE,
			   share_sent(tp), is_signed))
		return false;
	tp_r_end(tp);
	return built(tp->tp_r.message);
}

static bool tp_r_opens(party_t *tp)
{
	struct dmk_msg_keys keys;
	struct dmk_opened o;

	return keys_of(&m, tp->tp_r.env_key, &keys) &&
	       opens(&m, &keys, tp->tp_r.kemac_plain, &o) &&
	       o.id.type == tp->id.type && dmk_span_equal(o.id.data, tp->id.data) &&
	       dmk_span_equal(o.key, share_sent(tp)) &&
	       vec_is(tp->tp_r.encr_data, m.kemac.data.data, m.kemac.data.len) &&
	       vec_is(tp->tp_r.mac, m.kemac.mac.data, m.kemac.mac.len);
}

static bool envid_is(struct dmk_span pke, struct dmk_span envid)
{
	u8 hash[DMK_HASH_LEN];

	return !dmk_sha256(c, &pke, 1, hash) && vec_is(envid, hash, DMK_ENVID_LEN);
}

static bool group_is(session_t *v)
{
	struct dmk_binding b;
	u8 hash[DMK_HASH_LEN];

	dmk_binding_of(&m, &b);
	return !dmk_group_hash(c, &b, m.share.commitment, hash) &&
	       vec_is(v->group, hash, sizeof(hash));
}

static void tp_r_test(session_t *v, party_t *tp)
{
	bool is_signed = tp->tp_r.signature.data;
	u8 digest[DMK_HASH_LEN];

	if (!ktap_ok(parse(&m, DMK_AT_R, tp->tp_r.message) &&
		     m.kind == (is_signed ? DMK_TP_R : DMK_TP_R_CACHED),
		     "%s: message 3 of %s, parsed", v->name, tp->tp))
		return;
	ktap_ok(tp_r_opens(tp), "%s: message 3 of %s, opened", v->name, tp->tp);
	ktap_ok(group_is(v), "%s: group of %s", v->name, tp->tp);
	ktap_ok(tp_r_build(v, tp), "%s: message 3 of %s, made", v->name, tp->tp);
	if (is_signed)
		ktap_ok(!dmk_sign_digest(c, &m, digest) &&
			vec_is(tp->tp_r.sign_input_sha256, digest, sizeof(digest)) &&
			envid_is(m.pke.data, tp->tp_r.envid),
			"%s: what %s signs, and ENVID", v->name, tp->tp);
	else
		ktap_ok(envid_is(tp->earlier.pke, tp->earlier.envid) &&
			dmk_span_equal(tp->earlier.envid, m.envid),
			"%s: ENVID of %s", v->name, tp->tp);
}

/* ---- message 4 */

static bool r_tp_is(session_t *v, party_t *tp, struct dmk_span want, struct dmk_span relay)
{
	struct dmk_id idi = idi_of(v), idr = idr_of(v);
	u8 dt = tp->tp_r.signature.data ? DMK_DT_PK_VER : DMK_DT_PSK_VER;
	struct dmk_ts t = t_prime(tp);
	struct dmk_msg_keys keys;

	begin();
	dmk_build_hdr_0cs(&w, dt, DMK_PRF_SHA256, m1.hdr.csb_id);
	dmk_emit_t(&w, &t);
	dmk_emit_id(&w, &idr);
	if (relay.len)
		dmk_emit_ext(&w, DMK_EXT_RELAY, relay);
	return keys_of(&m1, tp->tp_r.env_key, &keys) &&
	       !dmk_seal_v(c, &w, keys.auth, &idi, &idr, t.value) && built(want) &&
	       parse(&m, DMK_AT_TP, want) && dmk_span_equal(m.relay, relay) &&
	       !dmk_check_v(c, &m, keys.auth, &idi, &idr, t.value);
}

static void r_tp_test(session_t *v, party_t *tp)
{
	ktap_ok(r_tp_is(v, tp, tp->r_tp.message, DMK_SPAN(NULL, 0)),
		"%s: message 4 to %s, made and checked", v->name, tp->tp);
	if (tp->r_tp_relay.message.data)
		ktap_ok(r_tp_is(v, tp, tp->r_tp_relay.message, v->r_i.message),
			"%s: message 4 to %s with RELAY, made and checked", v->name, tp->tp);
}

/* ---- COOKIE */

static bool cookie_is(struct dmk_span plain, struct dmk_span secret, const char *address,
		      u16 port, struct dmk_span cookie, struct dmk_span with)
{
	u8 addr[16], out[DMK_COOKIE_LEN];
	u32 len = plain.len;

	if (!parse(&m, DMK_AT_TP | DMK_AT_R, plain) || !vec_addr(address, addr) ||
	    dmk_cookie(c, secret.data, addr, port, m.hdr.csb_id, &m.t, out) ||
	    !vec_is(cookie, out, sizeof(out)))
		return false;
	memcpy(buf, plain.data, len);
	len = dmk_message_add_cookie(buf, len, sizeof(buf), out);
	if (!vec_is(with, buf, len))
		return false;
	len = dmk_message_strip_cookie(buf, len);
	return vec_is(plain, buf, len);
}

static void cookie_test(session_t *v, party_t *tp)
{
	if (tp->cookie_i_tp.message.data)
		ktap_ok(cookie_is(tp->i_tp.message, tp->cookie_i_tp.secret, tp->cookie_i_tp.address,
				  tp->cookie_i_tp.port, tp->cookie_i_tp.cookie,
				  tp->cookie_i_tp.message),
			"%s: cookie for message 1 to %s", v->name, tp->tp);
	if (tp->cookie_tp_r.message.data)
		ktap_ok(cookie_is(tp->tp_r.message, tp->cookie_tp_r.secret, tp->cookie_tp_r.address,
				  tp->cookie_tp_r.port, tp->cookie_tp_r.cookie,
				  tp->cookie_tp_r.message),
			"%s: cookie for message 3 of %s", v->name, tp->tp);
}

/* ---- what R makes of the shares, and message 5 */

struct verdicts {
	struct dmk_point points[DMK_CANDIDATES_MAX];
	party_t *tp[DMK_CANDIDATES_MAX];
	unsigned int n;
};

static void gather(session_t *v, struct verdicts *all)
{
	struct dmk_point *p;
	unsigned int i;

	all->n = 0;
	for (i = 0; i < v->n_third_parties; i++) {
		party_t *tp = &v->third_parties[i];

		if (!tp->tp_r.message.data || !parse(&m, DMK_AT_R, tp->tp_r.message))
			continue;
		p = &all->points[all->n];
		p->x = m.share.x;
		memcpy(p->y, share_sent(tp).data, DMK_SHARE_LEN);
		all->tp[all->n++] = tp;
	}
}

static bool fits(session_t *v, const struct dmk_binding *b, u8 (*coeff)[DMK_SHARE_LEN])
{
	u8 tgk[DMK_TGK_MAX], k_commit[32], commitment[DMK_COMMITMENT_LEN];
	unsigned int len;

	len = dmk_share_tgk(c, b->scheme, (const u8 (*)[DMK_SHARE_LEN])coeff, b->k, tgk);
	return len && !dmk_key_commit(c, DMK_SPAN(tgk, len), b->csb_id, b->rand, k_commit) &&
	       !dmk_commitment(c, b, k_commit, (const u8 (*)[DMK_SHARE_LEN])coeff, commitment) &&
	       dmk_span_equal(v->session.commit, DMK_SPAN(commitment, sizeof(commitment)));
}

/* one candidate after the other, as R tries them */
static bool reconstruct(session_t *v, const struct verdicts *all, u8 (*coeff)[DMK_SHARE_LEN])
{
	struct dmk_binding b;
	unsigned int n;

	dmk_binding_of(&m, &b);
	for (n = b.k; n <= all->n; n++) {
		struct dmk_sets s = { .n = n, .k = b.k };

		while (dmk_sets_next(&s, all->points)) {
			dmk_share_interpolate(all->points, s.set, b.k, coeff);
			if (fits(v, &b, coeff))
				return true;
		}
	}
	return false;
}

static bool same_verdict(session_t *v, party_t *tp, u8 x, u8 verdict)
{
	unsigned int i;

	for (i = 0; i < v->n_verdicts; i++)
		if (!strcmp(v->verdicts[i].tp, tp->tp))
			return v->verdicts[i].x == x && v->verdicts[i].verdict == verdict;
	return false;
}

static bool before(const struct dmk_part_entry *a, const struct dmk_part_entry *b)
{
	return a->x != b->x ? a->x < b->x : memcmp(a->hash, b->hash, sizeof(a->hash)) < 0;
}

static void insert(struct dmk_part_entry *part, unsigned int n, const struct dmk_part_entry *e)
{
	for (; n && before(e, &part[n - 1]); n--)
		part[n] = part[n - 1];
	part[n] = *e;
}

static bool judge(session_t *v, const struct verdicts *all, const u8 (*coeff)[DMK_SHARE_LEN],
		  struct dmk_part_entry *part)
{
	u8 y[DMK_SHARE_LEN], hash[DMK_HASH_LEN];
	struct dmk_part_entry e;
	bool good = all->n == v->n_verdicts;
	unsigned int i;

	for (i = 0; i < all->n; i++) {
		const struct dmk_point *p = &all->points[i];

		dmk_share_eval(coeff, v->session.k, p->x, y);
		good = good && !dmk_sha256(c, &all->tp[i]->id.data, 1, hash);
		memcpy(e.hash, hash, sizeof(e.hash));
		e.x = p->x;
		e.verdict = !dmk_equal(y, p->y, sizeof(y));
		good = good && same_verdict(v, all->tp[i], e.x, e.verdict);
		insert(part, i, &e);
	}
	return good;
}

static void r_i_test(session_t *v, const struct dmk_part_entry *part, unsigned int n)
{
	struct dmk_id idi = idi_of(v), idr = idr_of(v);
	u32 csb_id = vec_be(v->session.csb), spi[2] = { v->spi[0], v->spi[1] };
	struct dmk_ts t = t_of(v);
	u8 auth[32];

	begin();
	dmk_build_hdr_2cs(&w, DMK_DT_PSK_VER, false, csb_id, spi, DMK_SPAN(NULL, 0));
	dmk_emit_t(&w, &t);
	dmk_emit_id(&w, &idr);
	dmk_emit_randr(&w, v->draws.randr);
	dmk_build_part(&w, part, n);
	ktap_ok(!dmk_key_auth5(c, v->session.tgk, csb_id, v->session.rand, auth) &&
		!dmk_seal_v(c, &w, auth, &idi, &idr, t.value) && built(v->r_i.message),
		"%s: message 5, made", v->name);
	ktap_ok(parse(&m, DMK_AT_I, v->r_i.message) && m.kind == DMK_R_I &&
		!dmk_check_v(c, &m, auth, &idi, &idr, t.value) &&
		dmk_span_equal(m.randr, v->randr), "%s: message 5, checked", v->name);
	auth[31] ^= 1;
	ktap_ok(dmk_check_v(c, &m, auth, &idi, &idr, t.value) == DMK_REASON_MAC,
		"%s: message 5 under another key", v->name);
}

static void responder_test(session_t *v)
{
	static struct verdicts all;
	struct dmk_part_entry part[DMK_CANDIDATES_MAX];
	u8 coeff[DMK_N_MAX][DMK_SHARE_LEN], want[DMK_N_MAX][DMK_SHARE_LEN];

	gather(v, &all);
	coeff_of(v, want);
	if (!ktap_ok(reconstruct(v, &all, coeff) &&
		     !memcmp(coeff, want, v->session.k * DMK_SHARE_LEN),
		     "%s: R finds the coefficients", v->name))
		return;
	ktap_ok(judge(v, &all, (const u8 (*)[DMK_SHARE_LEN])coeff, part), "%s: verdicts", v->name);
	r_i_test(v, part, all.n);
}

/* ---- messages 6 and 7 */

static bool u_r_is(session_t *v, update_t *u, const struct dmk_message *like)
{
	struct dmk_id idi = idi_of(v), idr = idr_of(v);
	struct dmk_suite suite = suite_of(v);
	u32 csb_id = vec_be(v->session.csb), spi[2] = { u->spi[0], u->spi[1] };
	struct dmk_ts t = { .type = v->session.ts, .value = vec_be(u->t) };
	struct dmk_msg_keys keys;
	struct dmk_opened o;

	begin();
	dmk_build_hdr_2cs(&w, DMK_DT_PSK, true, csb_id, spi, like->session_data);
	dmk_emit_t(&w, &t);
	dmk_emit_id(&w, &idi);
	dmk_emit_id(&w, &idr);
	if (like->n_sp)
		dmk_emit_sp_raw(&w, like->sp[0].raw);
	return !dmk_msg_keys(c, DMK_PRF_SHA256, 16, 32, u->psk_k_update, csb_id,
			     v->session.rand, &keys) &&
	       !dmk_seal_kemac(c, &w, &suite, &keys, csb_id, &t, NULL, DMK_KEY_TGK, u->tgk, false) &&
	       built(u->u_r.message) && opens(like, &keys, u->u_r.kemac_plain, &o) &&
	       dmk_span_equal(o.key, u->tgk);
}

static bool r_u_is(session_t *v, update_t *u)
{
	struct dmk_id idi = idi_of(v), idr = idr_of(v);
	u32 csb_id = vec_be(v->session.csb), spi[2] = { u->spi[0], u->spi[1] };
	struct dmk_ts t = { .type = v->session.ts, .value = vec_be(u->t) };
	struct dmk_msg_keys keys;

	begin();
	dmk_build_hdr_2cs(&w, DMK_DT_PSK_VER, false, csb_id, spi, DMK_SPAN(NULL, 0));
	dmk_emit_t(&w, &t);
	dmk_emit_id(&w, &idr);
	dmk_emit_randr(&w, u->randr);
	return !dmk_msg_keys(c, DMK_PRF_SHA256, 16, 32, u->psk_k_update, csb_id,
			     v->session.rand, &keys) &&
	       !dmk_seal_v(c, &w, keys.auth, &idi, &idr, t.value) && built(u->r_u.message) &&
	       parse(&m, DMK_AT_I, u->r_u.message) && m.kind == DMK_R_U &&
	       !dmk_check_v(c, &m, keys.auth, &idi, &idr, t.value);
}

static void update_test(session_t *v, update_t *u)
{
	ktap_ok(parse(&m1, DMK_AT_R, u->u_r.message) && m1.kind == DMK_U_R && u_r_is(v, u, &m1),
		"%s: message 6, made and opened (%s)", v->name, u->description);
	ktap_ok(r_u_is(v, u), "%s: message 7, made and checked (%s)", v->name, u->description);
}

static void session_test(session_t *v)
{
	unsigned int i;

	for (i = 0; i < v->n_third_parties; i++) {
		party_t *tp = &v->third_parties[i];

		i_tp_build(v, tp);
		i_tp_open(v, tp);
		tp_i_test(v, tp);
		cookie_test(v, tp);
		if (!tp->tp_r.message.data)
			continue;
		tp_r_test(v, tp);
		r_tp_test(v, tp);
	}
	responder_test(v);
	for (i = 0; i < v->n_updates; i++)
		update_test(v, &v->updates[i]);
}

/* ---- single values */

/* what seal makes with this salt, AES-CCM opens with the vector's nonce */
static void nonce_test(const struct vec_dmikey_components_ccm_nonce *v, unsigned int i)
{
	struct dmk_suite suite = { DMK_PRF_SHA256, DMK_ENCR_AES_CCM_128, DMK_MAC_NULL };
	struct dmk_ts t = { .type = DMK_TS_NTP_UTC, .value = vec_be(v->t8) };
	struct dmk_msg_keys keys = { .encr = "0123456789abcdef" };
	u8 key[DMK_SHARE_LEN] = "a share";
	struct dmk_span aad;
	bool good;

	memcpy(keys.salt, v->salt.data, sizeof(keys.salt));
	begin();
	dmk_build_hdr_0cs(&w, DMK_DT_PSK, DMK_PRF_SHA256, vec_be(v->csb));
	aad = DMK_SPAN(buf, w.len + 4);
	ktap_ok(!dmk_seal_kemac(c, &w, &suite, &keys, vec_be(v->csb), &t, NULL,
				DMK_KEY_TGK_SHARE, DMK_SPAN(key, sizeof(key)), false) &&
		!dmk_aes_ccm_open(c, keys.encr, v->nonce.data, &aad, 1, buf + aad.len, 36, &good) &&
		good && !memcmp(buf + aad.len + 4, key, sizeof(key)), "nonce %u", i);
}

static void component_cookie_test(const struct vec_dmikey_components_cookie *v, unsigned int i)
{
	struct dmk_ts t = { .type = v->ts, .value = vec_be(v->t8) };
	u8 addr[16], out[DMK_COOKIE_LEN];

	ktap_ok(vec_addr(v->address, addr) && !memcmp(addr, v->input.data, sizeof(addr)) &&
		!dmk_cookie(c, v->secret.data, addr, v->port, vec_be(v->csb), &t, out) &&
		vec_is(v->cookie, out, sizeof(out)), "cookie %u", i);
}

/* ERR made again from its fields, and its V checked with what it answers */
static void error_test(const struct vec_dmikey_errors *v)
{
	bool good = parse(&m1, DMK_AT_TP | DMK_AT_R, v->answers) &&
		    parse(&m, DMK_AT_I | DMK_AT_TP, v->message) && m.error == v->error;
	unsigned int i;

	begin();
	dmk_build_hdr_0cs(&w, DMK_DT_ERR, m1.hdr.prf, m1.hdr.csb_id);
	if (m.cookie.data)
		dmk_emit_ext(&w, DMK_EXT_COOKIE, m.cookie);
	dmk_emit_t(&w, &m1.t);
	dmk_emit_err(&w, v->error);
	for (i = 0; i < m.n_sp; i++)
		dmk_emit_sp_raw(&w, m.sp[i].raw);
	if (v->v_under.data)
		good = good &&
		       !dmk_seal_v(c, &w, v->v_under.data, &m1.idi, &m1.idr, m1.t.value) &&
		       !dmk_check_v(c, &m, v->v_under.data, &m1.idi, &m1.idr, m1.t.value);
	ktap_ok(good && built(v->message), "%s: made and checked", v->name);
}

/* ---- what must not come out */

static bool holds(const u8 *p, size_t len, struct dmk_span secret)
{
	size_t i;

	for (i = 0; i + secret.len <= len; i++)
		if (!memcmp(p + i, secret.data, secret.len))
			return true;
	return false;
}

/* every byte changed: refused, and no plaintext left behind */
static void changed_test(session_t *v)
{
	party_t *tp = &v->third_parties[0];
	unsigned int at, bad = 0, refused = 0;
	struct dmk_msg_keys keys;
	struct dmk_opened o;
	enum dmk_reason why;

	memcpy(buf, tp->i_tp.message.data, tp->i_tp.message.len);
	if (!parse(&m1, DMK_AT_TP, tp->i_tp.message) || !keys_of(&m1, tp->psk, &keys))
		return;
	for (at = 0; at < tp->i_tp.message.len; at++) {
		buf[at] ^= 0x40;
		if (parse(&m, DMK_AT_TP, DMK_SPAN(buf, tp->i_tp.message.len))) {
			why = dmk_open_kemac(c, &m, &keys, &o);
			refused++;
			bad += why != DMK_REASON_MAC || o.key.data ||
			       holds(o.plain, sizeof(o.plain), tp->i_tp.kemac_plain);
		}
		buf[at] ^= 0x40;
	}
	ktap_ok(refused > 60 && !bad, "%s: message 1 with one byte changed: refused (%u times)",
		v->name, refused);
}

/* more ciphertext than there is room for is not even tried */
static void long_test(session_t *v)
{
	party_t *tp = &v->third_parties[0];
	struct dmk_msg_keys keys;
	struct dmk_opened o;
	u8 plain[16];
	u32 len;

	if (!parse(&m, DMK_AT_TP, tp->i_tp.message) || !keys_of(&m, tp->psk, &keys))
		return;
	ktap_ok(dmk_open_plain(c, &m, &keys, plain, sizeof(plain), &len) ==
		DMK_REASON_KEMAC_LENGTH, "%s: no room for the plaintext", v->name);
	m.kemac.data = DMK_SPAN(buf, sizeof(o.plain) + 1);
	ktap_ok(dmk_open_kemac(c, &m, &keys, &o) == DMK_REASON_KEMAC_LENGTH,
		"%s: ciphertext of 513 bytes", v->name);
}

static void full_test(session_t *v)
{
	struct dmk_suite suite = suite_of(v);
	struct dmk_ts t = t_of(v);
	struct dmk_msg_keys keys = { 0 };
	unsigned int room, bad = 0;
	u8 key[DMK_SHARE_LEN] = { 0 };

	for (room = 0; room < 64; room++) {
		u8 *p = ktap_alloc(room + 1);
		struct dmk_writer small;
		u32 need = 10 + 4 + 20 + 1 + (v->mac_alg ? 32 : 16);

		dmk_writer_init(&small, p, room);
		dmk_build_hdr_0cs(&small, DMK_DT_PSK, DMK_PRF_SHA256, 1);
		bad += (room >= need) == !!dmk_seal_kemac(c, &small, &suite, &keys, 1, &t, NULL,
							  DMK_KEY_TGK, DMK_SPAN(key, 16), false);
		ktap_free(p);
	}
	ktap_ok(!bad, "%s: KEMAC is sealed only where it fits", v->name);
}

static void seal_test(void)
{
	unsigned int i;

	c = test_crypto_new();
	if (!ktap_ok(c, "crypto backend"))
		return;
	for (i = 0; i < vec_dmikey.components.n_ccm_nonce; i++)
		nonce_test(&vec_dmikey.components.ccm_nonce[i], i);
	for (i = 0; i < vec_dmikey.components.n_cookie; i++)
		component_cookie_test(&vec_dmikey.components.cookie[i], i);
	for (i = 0; i < vec_dmikey.n_errors; i++)
		error_test(&vec_dmikey.errors[i]);
	for (i = 0; i < vec_dmikey.n_sessions; i++)
		session_test(&vec_dmikey.sessions[i]);
	for (i = 0; i < vec_dmikey.n_sessions; i++) {
		changed_test(&vec_dmikey.sessions[i]);
		long_test(&vec_dmikey.sessions[i]);
		full_test(&vec_dmikey.sessions[i]);
	}
	test_crypto_free(c);
}

KTAP_MAIN(seal_test)
