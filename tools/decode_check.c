// SPDX-License-Identifier: GPL-2.0
/*
 * MAC, V and signature of a message, with the keys at hand. Each check says true,
 * false, or null when it cannot be made, and why.
 */
#include <string.h>

#include "crypto_openssl.h"
#include "decode.h"

/**
 * struct check - one message that is being checked
 * @message: its JSON
 * @list: "checks"
 * @derived: "keys"
 * @keys: the keys
 * @s: what was learned before
 * @f: its facts, without COOKIE
 * @rand: its RAND, or that of the request, in @rand_data
 * @opened: KEMAC's plaintext
 * @key: what protects it, once found
 */
struct check {
	struct json_object *message;
	struct json_object *list;
	struct json_object *derived;
	const struct decode_keys *keys;
	struct decode_sessions *s;
	struct decode_facts f;
	struct dmk_span rand;
	u8 rand_data[255];
	struct decode_plain opened;
	struct decode_key key;
};

enum verdict { WRONG, RIGHT, UNKNOWN };

static struct json_object *json_of(enum verdict v)
{
	return v == UNKNOWN ? NULL : json_object_new_boolean(v == RIGHT);
}

/* @by: the key's name; @why: in words; either may be NULL */
static enum verdict say(struct check *c, const char *what, enum verdict v, const char *by,
			const char *why)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "what", json_object_new_string(what));
	json_object_object_add(o, "verified", json_of(v));
	if (by)
		json_object_object_add(o, "by", json_object_new_string(by));
	if (why)
		json_object_object_add(o, "why", json_object_new_string(why));
	json_object_array_add(c->list, o);
	return v;
}

/* copied, because requests may be forgotten */
static void set_rand(struct check *c, struct dmk_span rand)
{
	if (!rand.data)
		return;
	memcpy(c->rand_data, rand.data, rand.len);
	c->rand = DMK_SPAN(c->rand_data, rand.len);
}

/* ---- SIGN */

static enum verdict check_sign(struct check *c)
{
	const char *by, *hash;

	if (c->f.m.sign.s_type > 1)
		return say(c, "SIGN", UNKNOWN, NULL, "such a signature is not known here");
	if (!c->keys->n_public)
		return say(c, "SIGN", UNKNOWN, NULL, "no certificate was given");
	by = decode_keys_signed(c->keys, &c->f.m, &hash);
	if (!by)
		return say(c, "SIGN", WRONG, NULL, "no given certificate verifies it");
	return say(c, "SIGN", RIGHT, by, hash);
}

/* ---- KEMAC */

static struct dmk_suite suite_of(const struct dmk_message *m)
{
	return (struct dmk_suite){ m->hdr.prf, m->kemac.encr_alg, m->kemac.mac_alg };
}

/* RFC 3830's suites and dmikey's; NULL encryption with a MAC is DH-HMAC's */
static const char *unsupported(const struct dmk_message *m)
{
	if (m->hdr.prf > DMK_PRF_SHA256)
		return "the PRF is not known here";
	switch (m->kemac.encr_alg) {
	case DMK_ENCR_AES_CCM_128:
		return m->kemac.mac_alg ? "AES-CCM has no MAC beside it" : NULL;
	case DMK_ENCR_NULL:
		return m->kemac.mac_alg ? NULL : "NULL encryption, NULL MAC: not protected";
	case DMK_ENCR_AES_CM_128:
	case DMK_ENCR_AES_CM_256:
		return m->kemac.mac_alg ? NULL : "NULL MAC: not opened";
	}
	return "the encryption is not known here";
}

/* one key is tried; on success what it protects is printed */
static bool opens(struct check *c, const struct decode_key *key)
{
	const struct dmk_message *m = &c->f.m;
	struct dmk_suite s = suite_of(m);
	struct dmk_msg_keys k;
	bool good;

	if (!c->rand.data || dmk_msg_keys(c->keys->crypto, s.prf, dmk_suite_encr_len(&s),
					  dmk_suite_auth_len(&s), DMK_SPAN(key->data, key->len),
					  m->hdr.csb_id, c->rand, &k))
		return false;
	good = !dmk_open_plain(c->keys->crypto, m, &k, c->opened.data, sizeof(c->opened.data),
			       &c->opened.len);
	if (good && s.encr_alg == DMK_ENCR_NULL)
		memcpy(c->opened.data, m->kemac.data.data, m->kemac.data.len);
	if (good) {
		c->key = *key;
		decode_open_message_keys(c->derived, &k, &s);
	}
	dmk_wipe(&k, sizeof(k));
	return good;
}

/* envelope keys, by the private keys that were given */
static enum verdict open_envelope(struct check *c)
{
	struct decode_key key;
	enum verdict v = WRONG;
	unsigned int i;

	for (i = 0; v == WRONG && i < c->keys->n_private; i++) {
		if (decode_keys_envelope(c->keys, i, c->f.m.pke.data, &key) && opens(c, &key))
			v = RIGHT;
		dmk_wipe(&key, sizeof(key));
	}
	if (!i)
		return say(c, "KEMAC", UNKNOWN, NULL, "no private key was given");
	if (v == WRONG)
		return say(c, "KEMAC", v, NULL, "no given private key opens it");
	return say(c, "KEMAC", v, c->key.name, NULL);
}

/* ENVID: the first 8 bytes of SHA-256 over PKE's Data, protocol.md 6.3 */
static bool same_envelope(struct check *c, const struct dmk_message *earlier)
{
	u8 hash[DMK_HASH_LEN];

	return earlier->pke.data.data &&
	       !dmk_sha256(c->keys->crypto, &earlier->pke.data, 1, hash) &&
	       dmk_span_equal(DMK_SPAN(hash, DMK_ENVID_LEN), c->f.m.envid);
}

static enum verdict open_cached(struct check *c)
{
	struct decode_request *r = NULL;

	while ((r = decode_sessions_next(c->s, r)))
		if (r->key.len && same_envelope(c, &r->f.m))
			break;
	if (!r)
		return say(c, "KEMAC", UNKNOWN, NULL,
			   "the message that brought the envelope key was not opened before");
	if (!opens(c, &r->key))
		return say(c, "KEMAC", WRONG, NULL, "the cached envelope key does not fit");
	return say(c, "KEMAC", RIGHT, c->key.name, NULL);
}

static enum verdict open_psk(struct check *c)
{
	unsigned int i;

	for (i = 0; i < c->keys->n_psk; i++)
		if (opens(c, &c->keys->psk[i]))
			return say(c, "KEMAC", RIGHT, c->key.name, NULL);
	if (!i)
		return say(c, "KEMAC", UNKNOWN, NULL, "no pre-shared key was given");
	return say(c, "KEMAC", WRONG, NULL, "no given pre-shared key fits");
}

/* an update is protected by K_update; others' by the pre-shared key again */
static enum verdict open_update(struct check *c)
{
	struct decode_group *g = decode_sessions_group(c->s, c->f.m.hdr.csb_id);

	if (!c->rand.data)
		return say(c, "KEMAC", UNKNOWN, NULL, "the message with its RAND is not here");
	if (!g || !g->update.len)
		return open_psk(c);
	if (opens(c, &g->update))
		return say(c, "KEMAC", RIGHT, g->update.name, NULL);
	return say(c, "KEMAC", WRONG, NULL, "K_update does not fit");
}

static enum verdict open_kemac(struct check *c)
{
	const struct dmk_message *m = &c->f.m;
	const char *why = unsupported(m);

	if (why)
		return say(c, "KEMAC", UNKNOWN, NULL, why);
	if (m->pke.data.data)
		return open_envelope(c);
	if (m->kind == DMK_TP_R_CACHED)
		return open_cached(c);
	if (!m->rand.data)
		return open_update(c);
	return open_psk(c);
}

/* RFC 3830 3.2: IDi is in KEMAC, and need not be in the message */
static void keep_id(struct decode_request *r, const struct decode_plain *p)
{
	struct dmk_cursor at = { .data = p->data, .len = p->len };
	struct dmk_id id;
	u8 next;

	if (!p->with_id || dmk_parse_id(&at, &next, &id))
		return;
	memcpy(r->id_data, id.data.data, id.data.len);
	r->id = (struct dmk_id){ id.type, DMK_SPAN(r->id_data, id.data.len) };
}

/* what the plaintext is good for */
static void use_opened(struct check *c)
{
	const struct dmk_message *m = &c->f.m;
	struct decode_request *r = decode_sessions_add(c->s, m->raw.data, m->raw.len, &c->key);
	struct dmk_span key;

	c->opened.with_id = m->pke.data.data || m->envid.data;
	keep_id(r, &c->opened);
	if (c->opened.len)
		decode_tree_opened(c->message, &c->opened);
	decode_open_derived(c->derived, c->keys->crypto, &c->f, c->rand, &c->opened);
	key = decode_open_lone(&c->opened, DMK_KEY_TGK_SHARE);
	if (m->share_raw.data && key.len == DMK_SHARE_LEN &&
	    decode_sessions_share(c->s, c->keys->crypto, r, key.data))
		decode_open_group(c->derived, decode_sessions_group(c->s, m->hdr.csb_id));
	key = decode_open_lone(&c->opened, DMK_KEY_TGK);
	if (m->kind == DMK_U_R && key.len && key.len <= sizeof(r->tgk.data)) {
		memcpy(r->tgk.data, key.data, key.len);
		r->tgk.len = key.len;
	}
}

static enum verdict check_kemac(struct check *c)
{
	enum verdict v = open_kemac(c);

	if (v == RIGHT)
		use_opened(c);
	else
		decode_sessions_add(c->s, c->f.m.raw.data, c->f.m.raw.len, NULL);
	return v;
}

/* ---- V */

/* an identity that is not in the request may be in its KEMAC, or in the answer */
static const struct dmk_id *idi_of(const struct decode_request *r)
{
	return r->f.m.idi.data.len ? &r->f.m.idi : &r->id;
}

static const struct dmk_id *idr_of(const struct check *c, const struct decode_request *r)
{
	return r->f.m.idr.data.len ? &r->f.m.idr : &c->f.m.idr;
}

/* @idi, @idr, @t: what V is over beside the answer itself; T is the request's */
static bool fits(struct check *c, const struct decode_key *key, const struct dmk_id *idi,
		 const struct dmk_id *idr, u64 t)
{
	struct dmk_message m = c->f.m;
	struct dmk_suite s = { m.hdr.prf, DMK_ENCR_AES_CM_128, m.ver.alg };
	struct dmk_msg_keys k;
	bool good;

	if (m.ver.alg == DMK_MAC_SHA1 && m.kind != DMK_PK_VER)
		m.kind = DMK_PSK_VER;
	if (dmk_msg_keys(c->keys->crypto, s.prf, 16, dmk_suite_auth_len(&s),
			 DMK_SPAN(key->data, key->len), m.hdr.csb_id, c->rand, &k))
		return false;
	good = !dmk_check_v(c->keys->crypto, &m, k.auth, idi, idr, t);
	dmk_wipe(&k, sizeof(k));
	return good;
}

/* some implementations leave out the identities that RFC 3830 5.2 wants */
static enum verdict try_v(struct check *c, const struct decode_request *r,
			  const struct decode_key *key)
{
	const struct dmk_id *idi = idi_of(r), *idr = idr_of(c, r), none = {};
	u64 t = c->f.m.t.value;

	if (fits(c, key, idi, idr, t))
		return say(c, "V", RIGHT, key->name, NULL);
	if (fits(c, key, &none, &none, t))
		return say(c, "V", RIGHT, key->name, "without identities");
	return WRONG;
}

/* R_I and R_U bring RANDR, from which the ESP keys come */
static void use_randr(struct check *c, const struct decode_request *r,
		      const struct decode_key *tgk)
{
	const struct dmk_message *m = &c->f.m;
	struct decode_group *g = decode_sessions_group(c->s, m->hdr.csb_id);
	const struct decode_facts *policy = r->f.m.n_sp || !g ? &r->f : &g->request->f;
	struct dmk_span key = DMK_SPAN(tgk->data, tgk->len);

	decode_open_esp(c->derived, c->keys->crypto, key, policy, c->rand, m->randr);
	if (!g || dmk_key_update(c->keys->crypto, key, m->hdr.csb_id, c->rand, m->randr,
				 g->update.data))
		return;
	g->update.len = 32;
	g->update.name = "K_update";
	decode_open_update(c->derived, g);
}

/* R_I, and ERR after reconstruction, are under the TGK; T is message 1's */
static enum verdict group_v(struct check *c)
{
	struct decode_group *g = decode_sessions_group(c->s, c->f.m.hdr.csb_id);
	enum verdict v;

	if (!g || !g->tgk.len || g->request->f.m.share.t_i.value != c->f.m.t.value)
		return UNKNOWN;
	set_rand(c, g->request->f.m.rand);
	v = try_v(c, g->request, &g->tgk);
	if (v == RIGHT && c->f.part)
		use_randr(c, g->request, &g->tgk);
	return v;
}

/* a request of this CSB ID and time whose key makes this V; @why a V that does not
 * fit any may be right all the same
 */
static enum verdict search_v(struct check *c, const char **why)
{
	const struct dmk_message *m = &c->f.m;
	struct decode_request *r = NULL;
	enum verdict v = group_v(c);

	while (v != RIGHT && (r = decode_sessions_find(c->s, m->hdr.csb_id, r))) {
		if (r->f.m.t.value != m->t.value)
			continue;
		*why = r->key.len ? *why : "the request that it answers was not opened before";
		if (!idi_of(r)->data.len || !idr_of(c, r)->data.len)
			*why = *why ?: "an identity that it covers is not in the messages";
		set_rand(c, r->f.m.rand);
		if (!c->rand.data)
			*why = "the message with its RAND is not here";
		else if (r->key.len)
			v = try_v(c, r, &r->key);
		if (v == RIGHT && m->kind == DMK_R_U && r->tgk.len)
			use_randr(c, r, &r->tgk);
	}
	return v;
}

static enum verdict check_v(struct check *c)
{
	const struct dmk_message *m = &c->f.m;
	struct decode_group *g = decode_sessions_group(c->s, m->hdr.csb_id);
	const char *why = NULL;
	enum verdict v;

	if (!dmk_mac_len(m->ver.alg) || m->hdr.prf > DMK_PRF_SHA256)
		return say(c, "V", UNKNOWN, NULL,
			   m->ver.alg ? "the algorithm is not known here" :
					"NULL MAC: not protected");
	v = search_v(c, &why);
	if (v == RIGHT)
		return v;
	if (m->kind == DMK_R_I && !(g && g->tgk.len))
		return say(c, "V", UNKNOWN, NULL, "its key needs k right shares");
	if (v == UNKNOWN || why)
		return say(c, "V", UNKNOWN, NULL,
			   why ?: "the request that it answers was not seen before");
	return say(c, "V", v, NULL, "the request's key does not fit");
}

/* ---- all together */

/* the RAND of a message without one is that of the session's first message */
static void find_rand(struct check *c)
{
	struct decode_request *r = NULL;
	struct dmk_span rand = c->f.m.rand;

	while (!rand.data && (r = decode_sessions_find(c->s, c->f.m.hdr.csb_id, r)))
		rand = r->f.m.rand;
	set_rand(c, rand);
}

/* a signature covers all; a wrong MAC under a good one is wrong all the same */
static enum verdict check_all(struct check *c)
{
	const struct dmk_message *m = &c->f.m;
	enum verdict mac = UNKNOWN, sign = UNKNOWN;

	if (m->sign.signature.data)
		sign = check_sign(c);
	if (m->kemac.data.data)
		mac = check_kemac(c);
	else if (m->ver.data.data)
		mac = check_v(c);
	else if (m->sign.signature.data)
		decode_sessions_add(c->s, m->raw.data, m->raw.len, NULL);
	else
		say(c, "message", UNKNOWN, NULL, "it has neither MAC nor signature");
	if (mac == WRONG)
		return WRONG;
	return m->sign.signature.data ? sign : mac;
}

static bool run(struct check *c, u8 *data, u32 len)
{
	enum verdict v;

	decode_facts(&c->f, data, len);
	if (c->f.m.cookie.data)		/* nothing authenticates COOKIE, protocol.md 7.3 */
		decode_facts(&c->f, data, dmk_message_strip_cookie(data, len));
	find_rand(c);
	v = check_all(c);
	json_object_object_add(c->message, "verified", json_of(v));
	return v != WRONG;
}

bool decode_check(struct json_object *message, const struct decode_keys *keys,
		  struct decode_sessions *sessions, const u8 *data, u32 len)
{
	struct check *c = calloc(1, sizeof(*c));
	u8 *copy = malloc(len + 1);
	bool good;

	if (!c || !copy)
		ctl_fail(CTL_REFUSED, "out of memory");
	memcpy(copy, data, len);
	c->message = message;
	c->keys = keys;
	c->s = sessions;
	c->list = json_object_new_array();
	c->derived = json_object_new_array();
	good = run(c, copy, len);
	json_object_object_add(message, "checks", c->list);
	if (json_object_array_length(c->derived))
		json_object_object_add(message, "keys", c->derived);
	else
		json_object_put(c->derived);
	dmk_wipe(c, sizeof(*c));
	free(c);
	free(copy);
	return good;
}
