// SPDX-License-Identifier: GPL-2.0 OR MIT
#include "seal.h"

enum {
	KEMAC_HEAD = 4,		/* Next payload, Encr alg, Encr data len */
	SUB_HEAD = 4,		/* of an ID or Key data sub-payload */
	COMMIT_HEAD = 8 + 4 + 1 + 8 + DMK_RAND_LEN + 3,
};

/* ---- the commitment */

void dmk_binding_of(const struct dmk_message *m, struct dmk_binding *b)
{
	*b = (struct dmk_binding){
		.csb_id = m->hdr.csb_id,
		.t_i = m->share.t_i,
		.rand = m->rand,
		.idi = m->idi,
		.idr = m->idr,
		.map = m->hdr.map,
		.sp = m->sp[0].raw,
		.scheme = m->share.scheme,
		.n = m->share.n,
		.k = m->share.k,
		.flags = m->share.flags,
		.tgk_len = m->share.tgk_len,
	};
}

/* an ID payload without its Next payload byte, up to ID Data */
static void put_id_head(u8 p[3], const struct dmk_id *id)
{
	p[0] = id->type;
	dmk_put_be(p + 1, id->data.len, 2);
}

/**
 * struct commit_input - "dmikey/1" to TGK len as seven spans
 * @head: up to IDi's ID Data
 * @idr: IDr up to its ID Data
 * @tail: scheme to TGK len
 * @span: all of it, and room for what follows
 */
struct commit_input {
	u8 head[COMMIT_HEAD];
	u8 idr[3];
	u8 tail[6];
	struct dmk_span span[8];
};

static void commit_input(const struct dmk_binding *b, struct commit_input *in,
			 struct dmk_span last)
{
	u8 *p = in->head;

	memcpy(p, "dmikey/1", 8);
	dmk_put_be(p + 8, b->csb_id, 4);
	p[12] = b->t_i.type;
	dmk_put_be(p + 13, b->t_i.value, 8);
	memcpy(p + 21, b->rand.data, DMK_RAND_LEN);
	put_id_head(p + 37, &b->idi);
	put_id_head(in->idr, &b->idr);
	dmk_put_be(in->tail, (u64)b->scheme << 24 | b->n << 16 | b->k << 8 | b->flags, 4);
	dmk_put_be(in->tail + 4, b->tgk_len, 2);

	in->span[0] = DMK_SPAN(in->head, sizeof(in->head));
	in->span[1] = b->idi.data;
	in->span[2] = DMK_SPAN(in->idr, sizeof(in->idr));
	in->span[3] = b->idr.data;
	in->span[4] = b->map;
	in->span[5] = b->sp;
	in->span[6] = DMK_SPAN(in->tail, sizeof(in->tail));
	in->span[7] = last;
}

int dmk_commitment(struct dmk_crypto *c, const struct dmk_binding *b,
		   const u8 k_commit[32], const u8 (*coeff)[DMK_SHARE_LEN],
		   u8 out[DMK_COMMITMENT_LEN])
{
	struct commit_input in;
	u8 mac[DMK_MAC_LEN];
	int err;

	if (b->rand.len != DMK_RAND_LEN)
		return -1;
	commit_input(b, &in, DMK_SPAN(coeff, b->k * DMK_SHARE_LEN));
	err = dmk_hmac(c, DMK_SHA256, DMK_SPAN(k_commit, 32), in.span, ARRAY_SIZE(in.span), mac);
	if (!err)
		memcpy(out, mac, DMK_COMMITMENT_LEN);
	dmk_wipe(mac, sizeof(mac));
	return err;
}

int dmk_group_hash(struct dmk_crypto *c, const struct dmk_binding *b,
		   const u8 commitment[DMK_COMMITMENT_LEN], u8 out[DMK_HASH_LEN])
{
	struct commit_input in;

	if (b->rand.len != DMK_RAND_LEN)
		return -1;
	commit_input(b, &in, DMK_SPAN(commitment, DMK_COMMITMENT_LEN));
	return dmk_sha256(c, in.span, ARRAY_SIZE(in.span), out);
}

/* ---- KEMAC */

unsigned int dmk_suite_encr_len(const struct dmk_suite *s)
{
	return s->encr_alg == DMK_ENCR_AES_CM_256 ? 32 : 16;
}

unsigned int dmk_suite_auth_len(const struct dmk_suite *s)
{
	return s->mac_alg == DMK_MAC_SHA1 ? 20 : DMK_MAC_LEN;
}

/* RFC 3830 4.2.3: IV = (salt XOR (0x0000 || CSB ID || T)) || 0x0000; bytes 1
 * to 13 of it are the nonce of protocol.md 5
 */
static void make_iv(const u8 salt[14], u32 csb_id, u64 t, u8 iv[16])
{
	unsigned int i;

	dmk_put_be(iv, 0, 2);
	dmk_put_be(iv + 2, csb_id, 4);
	dmk_put_be(iv + 6, t, 8);
	dmk_put_be(iv + 14, 0, 2);
	for (i = 0; i < 14; i++)
		iv[i] ^= salt[i];
}

/**
 * struct kemac - a KEMAC that is being sealed or opened
 * @s: algorithms
 * @keys: keys
 * @iv: IV
 * @head: KEMAC up to Encr data, as it is authenticated
 * @alg: MAC alg
 * @before: what is authenticated of the message before KEMAC
 */
struct kemac {
	struct dmk_suite s;
	const struct dmk_msg_keys *keys;
	u8 iv[16];
	u8 head[KEMAC_HEAD];
	u8 alg;
	struct dmk_span before;
};

/* the length of HDR; 0 if there is none */
static u32 hdr_len(struct dmk_span message)
{
	struct dmk_cursor at = { .data = message.data, .len = message.len };
	struct dmk_hdr hdr;

	return dmk_parse_hdr(&at, &hdr) ? 0 : at.at;
}

/* KEMAC is the last payload, or SIGN covers the message and its own MAC
 * leaves the others out: then it is taken as if it were the last one. All
 * but HDR is left out under AES-CCM (protocol.md 5), HDR too under AES-CM
 * (RFC 3830 6.2).
 */
static void kemac_init(struct kemac *k, const struct dmk_suite *s,
		       const struct dmk_msg_keys *keys, u32 csb_id, u64 t,
		       struct dmk_span message, u32 at, u32 encr_len, bool signed_form)
{
	bool ccm = s->encr_alg == DMK_ENCR_AES_CCM_128;

	k->s = *s;
	k->keys = keys;
	make_iv(keys->salt, csb_id, t, k->iv);
	k->head[0] = DMK_PL_LAST;
	k->head[1] = s->encr_alg;
	dmk_put_be(k->head + 2, encr_len, 2);
	k->alg = s->mac_alg;
	k->before = DMK_SPAN(message.data, at);
	if (signed_form)
		k->before.len = ccm ? hdr_len(message) : 0;
}

static int kemac_mac(struct dmk_crypto *c, const struct kemac *k, struct dmk_span encr,
		     u8 mac[DMK_MAC_LEN])
{
	const struct dmk_span in[] = {
		k->before, DMK_SPAN(k->head, KEMAC_HEAD), encr, DMK_SPAN(&k->alg, 1),
	};
	enum dmk_hash hash = k->alg == DMK_MAC_SHA1 ? DMK_SHA1 : DMK_SHA256;

	return dmk_hmac(c, hash, DMK_SPAN(k->keys->auth, dmk_suite_auth_len(&k->s)),
			in, ARRAY_SIZE(in), mac);
}

/* @buf: plaintext; becomes Encr data. @mac: where the MAC goes, if there is one */
static int kemac_seal(struct dmk_crypto *c, const struct kemac *k, u8 *buf, u32 len, u8 *mac)
{
	const struct dmk_span aad[] = { k->before, DMK_SPAN(k->head, KEMAC_HEAD) };
	u8 full[DMK_MAC_LEN];
	int err;

	if (k->s.encr_alg == DMK_ENCR_AES_CCM_128)
		return dmk_aes_ccm_seal(c, k->keys->encr, k->iv + 1, aad, ARRAY_SIZE(aad),
					buf, len);

	err = dmk_aes_cm(c, DMK_SPAN(k->keys->encr, dmk_suite_encr_len(&k->s)), k->iv, buf, len);
	if (!err)
		err = kemac_mac(c, k, DMK_SPAN(buf, len), full);
	if (!err)
		memcpy(mac, full, dmk_suite_auth_len(&k->s));
	return err;
}

/* @plain: room for @encr; holds the plaintext only if DMK_OK is returned */
static enum dmk_reason kemac_open(struct dmk_crypto *c, const struct kemac *k,
				  struct dmk_span encr, struct dmk_span mac, u8 *plain)
{
	const struct dmk_span aad[] = { k->before, DMK_SPAN(k->head, KEMAC_HEAD) };
	u8 full[DMK_MAC_LEN];
	bool good;

	if (k->s.encr_alg == DMK_ENCR_AES_CCM_128) {
		memcpy(plain, encr.data, encr.len);
		if (dmk_aes_ccm_open(c, k->keys->encr, k->iv + 1, aad, ARRAY_SIZE(aad),
				     plain, encr.len, &good))
			return DMK_REASON_INTERNAL;
		return good ? DMK_OK : DMK_REASON_MAC;
	}

	if (kemac_mac(c, k, encr, full))
		return DMK_REASON_INTERNAL;
	if (mac.len != dmk_suite_auth_len(&k->s) || !dmk_equal(full, mac.data, mac.len))
		return DMK_REASON_MAC;
	memcpy(plain, encr.data, encr.len);
	if (dmk_aes_cm(c, DMK_SPAN(k->keys->encr, dmk_suite_encr_len(&k->s)), k->iv,
		       plain, encr.len))
		return DMK_REASON_INTERNAL;
	return DMK_OK;
}

static u32 tag_len(const struct dmk_suite *s)
{
	return s->encr_alg == DMK_ENCR_AES_CCM_128 ? DMK_CCM_TAG_LEN : 0;
}

/* [ID,] Key data */
static void emit_plain(u8 *p, u32 len, const struct dmk_id *id, u8 key_type, struct dmk_span key)
{
	struct dmk_writer w;

	dmk_writer_init(&w, p, len);
	if (id)
		dmk_emit_id(&w, id);
	dmk_emit_key_data(&w, key_type, key);
}

int dmk_seal_kemac(struct dmk_crypto *c, struct dmk_writer *w,
		   const struct dmk_suite *s, const struct dmk_msg_keys *keys,
		   u32 csb_id, const struct dmk_ts *t, const struct dmk_id *id,
		   u8 key_type, struct dmk_span key, bool signed_form)
{
	u32 len = (id ? SUB_HEAD + id->data.len : 0) + SUB_HEAD + key.len;
	u32 encr_len = len + tag_len(s);
	struct dmk_kemac at;
	struct kemac k;
	u8 *encr;
	int err;

	dmk_emit_kemac(w, s->encr_alg, encr_len, s->mac_alg, &at);
	if (w->full)
		return -1;
	encr = w->data + at.at + KEMAC_HEAD;
	emit_plain(encr, len, id, key_type, key);
	kemac_init(&k, s, keys, csb_id, t->value, DMK_SPAN(w->data, w->len), at.at,
		   encr_len, signed_form);
	err = kemac_seal(c, &k, encr, len, encr + encr_len + 1);
	if (err)
		dmk_wipe(encr, encr_len);
	dmk_wipe(k.iv, sizeof(k.iv));
	return err;
}

static bool is_signed(const struct dmk_message *m)
{
	return m->kind == DMK_TP_R || m->kind == DMK_PK;
}

static enum dmk_reason open_message(struct dmk_crypto *c, const struct dmk_message *m,
				    const struct dmk_msg_keys *keys, u8 *plain, u32 room, u32 *len)
{
	struct dmk_suite s = {
		.prf = m->hdr.prf,
		.encr_alg = m->kemac.encr_alg,
		.mac_alg = m->kemac.mac_alg,
	};
	struct dmk_span encr = m->kemac.data;
	enum dmk_reason r;
	struct kemac k;

	if (encr.len < tag_len(&s) || encr.len > room)
		return DMK_REASON_KEMAC_LENGTH;
	kemac_init(&k, &s, keys, m->hdr.csb_id, m->t.value, m->raw, m->kemac.at,
		   encr.len, is_signed(m));
	r = kemac_open(c, &k, encr, m->kemac.mac, plain);
	if (r)
		dmk_wipe(plain, encr.len);
	*len = encr.len - tag_len(&s);
	dmk_wipe(k.iv, sizeof(k.iv));
	return r;
}

static bool is_plain(const struct dmk_message *m)
{
	return m->kind == DMK_PSK || m->kind == DMK_PK;
}

/* protocol.md 12: of a plain exchange it is as long as its sender likes, within bounds */
static enum dmk_reason check_tgk(struct dmk_span tgk)
{
	if (tgk.len < DMK_HOST_KEY_MIN || tgk.len > DMK_HOST_KEY_MAX)
		return DMK_REASON_KEY_LENGTH;
	return dmk_key_sound(tgk) ? DMK_OK : DMK_REASON_KEY_BLOCKS;
}

/* exactly: [ID,] Key data */
static enum dmk_reason parse_plain(const struct dmk_message *m, u32 len, struct dmk_opened *o)
{
	bool with_id = m->kind == DMK_TP_R || m->kind == DMK_TP_R_CACHED || m->kind == DMK_PK;
	u8 type = m->kind == DMK_U_R || is_plain(m) ? DMK_KEY_TGK : DMK_KEY_TGK_SHARE;
	struct dmk_cursor at = { .data = o->plain, .len = len };
	u8 next = DMK_PL_LAST;
	struct dmk_key_data kd;
	enum dmk_reason why;

	if (with_id && (dmk_parse_id(&at, &next, &o->id) || next != DMK_PL_KEY_DATA))
		return DMK_REASON_KEY_DATA;
	why = dmk_parse_key_data(&at, &next, &kd);
	if (next != DMK_PL_LAST)
		return DMK_REASON_KEY_DATA;
	if (why)
		return why;
	if (at.at != len)
		return DMK_REASON_TRAILING;
	if (kd.type != type)
		return DMK_REASON_KEY_TYPE;
	if (kd.kv != DMK_KV_NULL)
		return DMK_REASON_KEY_VALIDITY;
	o->key = kd.key;
	return is_plain(m) ? check_tgk(kd.key) :
	       kd.key.len == DMK_SHARE_LEN ? DMK_OK : DMK_REASON_KEY_LENGTH;
}

enum dmk_reason dmk_open_kemac(struct dmk_crypto *c, const struct dmk_message *m,
			       const struct dmk_msg_keys *keys, struct dmk_opened *o)
{
	enum dmk_reason r;
	u32 len;

	memset(o, 0, sizeof(*o));
	r = open_message(c, m, keys, o->plain, sizeof(o->plain), &len);
	return r ? r : parse_plain(m, len, o);
}

enum dmk_reason dmk_open_plain(struct dmk_crypto *c, const struct dmk_message *m,
			       const struct dmk_msg_keys *keys, u8 *plain, u32 room, u32 *len)
{
	return open_message(c, m, keys, plain, room, len);
}

/* ---- V, SIGN, hashes */

/* the message up to Ver data || IDi || IDr || T */
static int v_mac(struct dmk_crypto *c, enum dmk_hash hash, struct dmk_span auth_key,
		 struct dmk_span message, const struct dmk_id *idi,
		 const struct dmk_id *idr, u64 t, u8 mac[DMK_MAC_LEN])
{
	u8 t64[8];
	const struct dmk_span in[] = {
		message, idi->data, idr->data, DMK_SPAN(t64, sizeof(t64)),
	};

	dmk_put_be(t64, t, 8);
	return dmk_hmac(c, hash, auth_key, in, ARRAY_SIZE(in), mac);
}

int dmk_seal_v_host(struct dmk_crypto *c, struct dmk_writer *w, u8 alg, const u8 auth_key[32],
		    const struct dmk_id *idi, const struct dmk_id *idr, u64 t)
{
	enum dmk_hash hash = alg == DMK_MAC_SHA1 ? DMK_SHA1 : DMK_SHA256;
	u8 mac[DMK_MAC_LEN];
	struct dmk_ver ver;
	int err;

	dmk_emit_ver(w, alg, &ver);
	if (w->full)
		return -1;
	err = v_mac(c, hash, DMK_SPAN(auth_key, ver.data.len), DMK_SPAN(w->data, ver.at),
		    idi, idr, t, mac);
	if (!err)
		memcpy(w->data + ver.at, mac, ver.data.len);
	return err;
}

int dmk_seal_v(struct dmk_crypto *c, struct dmk_writer *w, const u8 auth_key[32],
	       const struct dmk_id *idi, const struct dmk_id *idr, u64 t)
{
	return dmk_seal_v_host(c, w, DMK_MAC_SHA256, auth_key, idi, idr, t);
}

/* HMAC-SHA-1-160 exists in plain exchanges only */
static bool is_legacy_v(const struct dmk_message *m)
{
	return m->ver.alg == DMK_MAC_SHA1 &&
	       (m->kind == DMK_PSK_VER || m->kind == DMK_PK_VER);
}

enum dmk_reason dmk_check_v(struct dmk_crypto *c, const struct dmk_message *m,
			    const u8 auth_key[32], const struct dmk_id *idi,
			    const struct dmk_id *idr, u64 t)
{
	bool legacy = is_legacy_v(m);
	u32 len = legacy ? 20 : DMK_MAC_LEN;
	u8 mac[DMK_MAC_LEN];

	if (v_mac(c, legacy ? DMK_SHA1 : DMK_SHA256, DMK_SPAN(auth_key, len),
		  DMK_SPAN(m->raw.data, m->ver.at), idi, idr, t, mac))
		return DMK_REASON_INTERNAL;
	if (m->ver.data.len != len || !dmk_equal(mac, m->ver.data.data, len))
		return DMK_REASON_MAC;
	return DMK_OK;
}

int dmk_sign_digest(struct dmk_crypto *c, const struct dmk_message *m, u8 out[DMK_HASH_LEN])
{
	struct dmk_span covered = DMK_SPAN(m->raw.data, m->sign.signature.data - m->raw.data);

	return dmk_sha256(c, &covered, 1, out);
}

int dmk_cookie(struct dmk_crypto *c, const u8 secret[32], const u8 addr[16],
	       u16 port, u32 csb_id, const struct dmk_ts *t, u8 out[DMK_COOKIE_LEN])
{
	u8 tail[2 + 4 + 1 + 8], mac[DMK_MAC_LEN];
	const struct dmk_span in[] = { DMK_SPAN(addr, 16), DMK_SPAN(tail, sizeof(tail)) };
	int err;

	dmk_put_be(tail, port, 2);
	dmk_put_be(tail + 2, csb_id, 4);
	tail[6] = t->type;
	dmk_put_be(tail + 7, t->value, 8);
	err = dmk_hmac(c, DMK_SHA256, DMK_SPAN(secret, 32), in, ARRAY_SIZE(in), mac);
	if (!err)
		memcpy(out, mac, DMK_COOKIE_LEN);
	dmk_wipe(mac, sizeof(mac));
	return err;
}
