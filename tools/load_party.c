// SPDX-License-Identifier: GPL-2.0
/*
 * The third parties' part, played by dmikey-load itself to load a responder alone:
 * message 3 in both its forms (protocol.md 6.3), and what R answers to it. Shares are
 * taken from the sensors' machines as they are: nobody opens message 1 here.
 */
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <string.h>

#include "load.h"

/**
 * struct passage - a share on its way into message 3
 * @m: message 1
 * @p: the third party
 * @t: T'
 * @share: the share
 * @w: message 3
 */
struct passage {
	struct dmk_message m;
	struct load_party *p;
	struct dmk_ts t;
	u8 share[DMK_SHARE_LEN];
	struct dmk_writer w;
};

static void must(bool good, const char *what)
{
	if (!good)
		load_die("message 3: %s", what);
}

static void seal(struct load *l, struct passage *a, const struct load_envelope *e, bool is_signed,
		 u8 *auth)
{
	const struct dmk_suite suite = {
		DMK_PRF_SHA256, a->m.kemac.encr_alg, a->m.kemac.mac_alg
	};
	struct dmk_msg_keys keys;

	must(!dmk_msg_keys(l->crypto, DMK_PRF_SHA256, dmk_suite_encr_len(&suite), DMK_MAC_LEN,
			   DMK_SPAN(e->key, sizeof(e->key)), a->m.hdr.csb_id, a->m.rand, &keys) &&
	     !dmk_seal_kemac(l->crypto, &a->w, &suite, &keys, a->m.hdr.csb_id, &a->t, &a->p->id,
			     DMK_KEY_TGK_SHARE, DMK_SPAN(a->share, sizeof(a->share)), is_signed),
	     "KEMAC");
	if (auth)
		memcpy(auth, keys.auth, DMK_MAC_LEN);
	dmk_wipe(&keys, sizeof(keys));
}

static void build_cached(struct load *l, struct passage *a)
{
	struct load_envelope *e = &a->p->cached;

	dmk_build_tp_r_head(&a->w, &a->m, &a->t, NULL, &a->p->id);
	dmk_emit_ext(&a->w, DMK_EXT_ENVID, DMK_SPAN(e->id, sizeof(e->id)));
	seal(l, a, e, false, NULL);
}

/* ---- the signed form */

/* PKE: RSA PKCS#1 v1.5 to R's certificate; the length */
static u32 encrypt(struct load *l, const u8 key[DMK_ENVELOPE_LEN], u8 pke[DMK_RSA_MAX])
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(l->conf.r_key, NULL);
	size_t len = DMK_RSA_MAX;

	must(ctx && EVP_PKEY_encrypt_init(ctx) > 0 &&
	     EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) > 0 &&
	     EVP_PKEY_encrypt(ctx, pke, &len, key, DMK_ENVELOPE_LEN) > 0, "PKE");
	EVP_PKEY_CTX_free(ctx);
	return len;
}

static void draw_envelope(struct load *l, struct passage *a, struct load_envelope *e,
			  struct dmk_pke *pke, u8 room[DMK_RSA_MAX])
{
	u8 hash[DMK_HASH_LEN];

	must(!dmk_random(l->crypto, e->key, sizeof(e->key)), "no random bytes");
	pke->cache = l->conf.no_cache ? 0 : DMK_PKE_CACHE;
	pke->data = DMK_SPAN(room, encrypt(l, e->key, room));
	must(!dmk_sha256(l->crypto, &pke->data, 1, hash), "SHA-256");
	memcpy(e->id, hash, sizeof(e->id));
	e->t = a->t.value;
}

/* RFC 3830 5.2: SIGN covers the whole message before the signature */
static void sign(struct load *l, struct passage *a)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(a->p->key, NULL);
	size_t len = EVP_PKEY_get_size(a->p->key);
	struct dmk_span before;
	u8 digest[DMK_HASH_LEN];
	struct dmk_sign s;

	dmk_emit_sign(&a->w, len, &s);
	before = DMK_SPAN(a->w.data, a->w.len - len);
	must(!a->w.full && !dmk_sha256(l->crypto, &before, 1, digest) && ctx &&
	     EVP_PKEY_sign_init(ctx) > 0 &&
	     EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) > 0 &&
	     EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) > 0 &&
	     EVP_PKEY_sign(ctx, (u8 *)s.signature.data, &len, digest, sizeof(digest)) > 0, "SIGN");
	EVP_PKEY_CTX_free(ctx);
}

static void build_signed(struct load *l, struct passage *a, u32 sensor)
{
	const struct dmk_chash chash = {
		DMK_HASH_FUNC_SHA256, DMK_SPAN(l->conf.r_hash, DMK_HASH_LEN)
	};
	const struct dmk_cert cert = { DMK_CERT_X509, a->p->cert };
	struct load_envelope *e = &a->p->fresh;
	u8 room[DMK_RSA_MAX];
	struct dmk_pke pke;

	draw_envelope(l, a, e, &pke, room);
	e->sensor = sensor;
	dmk_build_tp_r_head(&a->w, &a->m, &a->t, &cert, NULL);
	seal(l, a, e, true, e->auth);
	dmk_emit_chash(&a->w, &chash);
	dmk_emit_pke(&a->w, &pke);
	sign(l, a);
}

/* ---- */

/* without one of its own, a third party has its share signed */
static bool is_cached(const struct load *l, const struct load_party *p, bool again)
{
	return !l->conf.no_cache && p->cached.t && !again;
}

/* the share, and what is said of it, as the third party passes it on */
static void change(struct load *l, struct load_sensor *s, u8 party, struct passage *a,
		   struct load_lie *lie)
{
	memcpy(lie->ext, a->m.share_raw.data, sizeof(lie->ext));
	memcpy(lie->share, a->share, sizeof(lie->share));
	load_liar_change(l, s, party, lie);
	memcpy(l->stale, a->share, sizeof(l->stale));
	memcpy(a->share, lie->share, sizeof(a->share));
	a->m.share_raw.data = lie->ext;
}

static void build(struct load *l, struct load_sensor *s, u8 party, const u8 *data, u32 len,
		  bool again)
{
	struct load_out **at = load_out_of(l, s, party), *out;
	static u8 room[DMK_MSG_MAX];
	static struct passage a;
	struct load_lie lie;

	must(!dmk_message_parse(&a.m, DMK_AT_TP, data, len), "no message 1");
	a.p = &l->conf.party[load_party_of(l, load_index(l, s), party)];
	a.t = (struct dmk_ts){ DMK_TS_NTP_UTC, load_next_t(l) };
	dmk_share_eval(s->machine.attempt.coeff, l->conf.k, a.m.share.x, a.share);
	if (party < l->conf.liars)
		change(l, s, party, &a, &lie);
	dmk_writer_init(&a.w, room, sizeof(room));
	if (is_cached(l, a.p, again))
		build_cached(l, &a);
	else
		build_signed(l, &a, load_index(l, s));
	must(!a.w.full, "too long");
	dmk_wipe(a.share, sizeof(a.share));
	dmk_wipe(&lie, sizeof(lie));
	out = load_keep(at, room, a.w.len);
	out->t = a.t.value;
	out->again = again;
	out->cached = is_cached(l, a.p, again);
}

void load_party_take(struct load *l, struct load_sensor *s, u8 party, const u8 *data, u32 len)
{
	build(l, s, party, data, len, false);
}

void load_party_send(struct load *l, const struct load_sensor *s, u8 party)
{
	const struct load_out *out = *load_out_of(l, s, party);

	load_net_send_r(l, out->data, out->len,
			out->cached ? LOAD_OUT_TP_R_CACHED : LOAD_OUT_TP_R);
}

/* ---- what R answers */

/* 6.3: the key is used from now on, if R has it for sure */
static void acknowledge(struct load *l, const struct dmk_message *m)
{
	const struct load_sensor *s;
	struct load_party *p;

	for (p = l->conf.party; p < l->conf.party + l->conf.m; p++)
		if (p->fresh.t == m->t.value)
			break;
	if (p == l->conf.party + l->conf.m || l->conf.no_cache)
		return;
	s = &l->sensor[p->fresh.sensor];
	if (dmk_check_v(l->crypto, m, p->fresh.auth, &s->conf.idi, &s->conf.idr, p->fresh.t))
		return;
	p->cached = p->fresh;
	dmk_wipe(&p->fresh, sizeof(p->fresh));
}

bool load_party_ready(const struct load *l)
{
	const struct load_party *p;

	for (p = l->conf.party; p < l->conf.party + l->conf.m; p++)
		if (!p->cached.t)
			return false;
	return true;
}

/* the message that @m is about; @s: whose */
static struct load_out **find(struct load *l, const struct dmk_message *m,
			      struct load_sensor **s, u8 *party)
{
	struct load_out **at;

	*s = load_find(l, m->hdr.csb_id);
	for (*party = 0; *s && *party < l->conf.n; (*party)++) {
		at = load_out_of(l, *s, *party);
		if (*at && (*at)->t == m->t.value)
			return at;
	}
	return NULL;
}

/* 7.3 */
static void follow_cookie(struct load *l, const struct load_out *out, const struct dmk_message *m)
{
	static u8 data[DMK_MSG_MAX];
	u32 len;

	memcpy(data, out->data, out->len);
	len = dmk_message_add_cookie(data, out->len, sizeof(data), m->cookie.data);
	if (len)
		load_net_send_r(l, data, len,
				out->cached ? LOAD_OUT_TP_R_CACHED : LOAD_OUT_TP_R);
}

/* 6.3: once a share, with a new key and a new T' */
static void sign_again(struct load *l, struct load_sensor *s, u8 party)
{
	u32 len = dmk_initiator_message(&s->machine, party + 1);

	must(len, "message 1");
	build(l, s, party, l->buf, len, true);
	load_party_send(l, s, party);
}

/* the share is lost; too many of them, and so is the session */
static void refused(struct load *l, struct load_sensor *s, u8 error)
{
	if (++s->lost == l->conf.n - l->conf.k + 1)
		load_lose(s, LOAD_FAIL_REFUSED, error);
	load_follow(l, s);
}

static void receive_err(struct load *l, const struct dmk_message *m)
{
	struct load_out **at;
	struct load_sensor *s;
	u8 party;

	at = find(l, m, &s, &party);
	if (!at || s->state != LOAD_UNDER_WAY)
		return;
	if (m->error == DMK_ERR_COOKIE && m->cookie.data) {
		if ((*at)->cookies++ < DMK_COOKIES_FOLLOWED)
			follow_cookie(l, *at, m);
	} else if (m->error == DMK_ERR_ENVELOPE) {
		if ((*at)->cached && !(*at)->again)
			sign_again(l, s, party);
	} else if (m->ver.data.data) {
		refused(l, s, m->error);
	}
}

static enum load_received kind_of(const struct dmk_message *m)
{
	if (m->kind == DMK_R_TP)
		return LOAD_IN_R_TP;
	if (m->kind != DMK_ERR)
		return LOAD_IN_OTHER;
	return m->error == DMK_ERR_COOKIE ? LOAD_IN_COOKIE :
	       m->error == DMK_ERR_ENVELOPE ? LOAD_IN_ENVELOPE : LOAD_IN_ERR;
}

void load_party_receive(struct load *l, u8 *data, u32 len)
{
	static struct dmk_message m;
	enum dmk_reason r = dmk_message_parse(&m, DMK_AT_TP, data, len);

	if (!r && m.cookie.data && m.ver.data.data)
		r = dmk_message_parse(&m, DMK_AT_TP, data, dmk_message_strip_cookie(data, len));
	if (r) {
		l->result.dropped[r]++;
		return;
	}
	l->result.received[kind_of(&m)]++;
	if (m.kind == DMK_R_TP)
		acknowledge(l, &m);
	else if (m.kind == DMK_ERR)
		receive_err(l, &m);
}
