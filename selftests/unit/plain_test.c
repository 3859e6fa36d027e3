// SPDX-License-Identifier: GPL-2.0
/* core/seal.c on plain RFC 3830 messages, old algorithms included. */
#include "seal.h"
#include "vec_rfc3830.h"
#include "vector.h"

typedef const struct vec_rfc3830_psk_messages psk_t;
typedef const struct vec_rfc3830_pk_messages pk_t;

static struct dmk_crypto *c;
static struct dmk_message m, answer;
static u8 buf[DMK_MSG_MAX], plain[1024];

static enum dmk_reason parse(struct dmk_message *out, struct dmk_span msg)
{
	return dmk_message_parse(out, DMK_AT_HOST, msg.data, msg.len);
}

static bool keys_of(struct dmk_suite s, struct dmk_span key, struct dmk_span csb_id,
		    struct dmk_span rand, struct dmk_msg_keys *k)
{
	return !dmk_msg_keys(c, s.prf, dmk_suite_encr_len(&s), dmk_suite_auth_len(&s), key,
			     vec_be(csb_id), rand, k);
}

static struct dmk_id uri(const char *text)
{
	return vec_id(DMK_ID_URI, DMK_SPAN(text, text ? strlen(text) : 0));
}

/* V of an answer, over identities or without them */
static void v_test(const char *name, struct dmk_span msg, const struct dmk_msg_keys *k,
		   const char *idi, const char *idr)
{
	struct dmk_id i = uri(idi), r = uri(idr);
	struct dmk_msg_keys other = *k;

	if (!msg.data)
		return;
	ktap_ok(!parse(&answer, msg) && answer.ver.data.data &&
		!dmk_check_v(c, &answer, k->auth, &i, &r, answer.t.value),
		"%s: V %s identities", name, idi ? "over" : "without");
	other.auth[0] ^= 1;
	ktap_ok(dmk_check_v(c, &answer, other.auth, &i, &r, answer.t.value) == DMK_REASON_MAC &&
		dmk_check_v(c, &answer, k->auth, &i, &r, answer.t.value + 1) == DMK_REASON_MAC,
		"%s: V %s identities, wrong key or T", name, idi ? "over" : "without");
}

/* a lone TGK without key validity data: what dmk_seal_kemac() makes */
static bool is_lone_tgk(struct dmk_span p, u32 at)
{
	return p.len > at + 4 && !p.data[at] && !p.data[at + 1] &&
	       vec_be(DMK_SPAN(p.data + at + 2, 2)) == p.len - at - 4;
}

static void emit_head(struct dmk_writer *w)
{
	unsigned int i;

	dmk_writer_init(w, buf, sizeof(buf));
	dmk_emit_hdr(w, &m.hdr);
	dmk_emit_t(w, &m.t);
	dmk_emit_rand(w, m.rand);
	if (m.idi.data.len)
		dmk_emit_id(w, &m.idi);
	if (m.cert.data.len)
		dmk_emit_cert(w, &m.cert);
	if (m.idr.data.len)
		dmk_emit_id(w, &m.idr);
	for (i = 0; i < m.n_sp; i++)
		dmk_emit_sp_raw(w, m.sp[i].raw);
}

static void psk_build(psk_t *v, const struct dmk_suite *s, const struct dmk_msg_keys *k)
{
	struct dmk_span key = DMK_SPAN(v->kemac_plain.data + 4, v->kemac_plain.len - 4);
	struct dmk_writer w;

	emit_head(&w);
	ktap_ok(!dmk_seal_kemac(c, &w, s, k, m.hdr.csb_id, &m.t, NULL, DMK_KEY_TGK, key, false) &&
		vec_is(v->i_message, buf, w.len), "%s: made", v->name);
}

static void psk_test(psk_t *v)
{
	struct dmk_suite s = { v->prf, v->encr_alg, v->mac_alg };
	enum dmk_reason why = parse(&m, v->i_message);
	struct dmk_msg_keys k;
	u32 len;

	ktap_ok(keys_of(s, v->psk, v->csb_id, v->rand, &k) &&
		(!v->encr_key.len || vec_is(v->encr_key, k.encr, v->encr_key.len)) &&
		(!v->auth_key.len || vec_is(v->auth_key, k.auth, v->auth_key.len)) &&
		(!v->salt_key.len || vec_is(v->salt_key, k.salt, 14)), "%s: keys", v->name);
	v_test(v->name, v->r_message_no_ids, &k, NULL, NULL);
	v_test(v->name, v->r_message_with_ids, &k, v->idi, v->idr);

	if (v->encr_alg == DMK_ENCR_NULL) {
		ktap_ok(why == DMK_REASON_ALGORITHMS, "%s: NULL is refused", v->name);
		return;
	}
	ktap_ok(!why && m.kind == DMK_PSK && m.t.value == vec_be(v->t) &&
		!dmk_open_plain(c, &m, &k, plain, sizeof(plain), &len) &&
		vec_is(v->kemac_plain, plain, len) &&
		(!v->kemac_cipher.data ||
		 vec_is(v->kemac_cipher, m.kemac.data.data, m.kemac.data.len)) &&
		(!v->mac.len || vec_is(v->mac, m.kemac.mac.data, m.kemac.mac.len)),
		"%s: opened", v->name);
	k.auth[3] ^= 1;
	memset(plain, 0, sizeof(plain));
	ktap_ok(dmk_open_plain(c, &m, &k, plain, sizeof(plain), &len) == DMK_REASON_MAC &&
		!plain[3] && !plain[4] && !plain[5], "%s: wrong MAC", v->name);
	k.auth[3] ^= 1;
	if (is_lone_tgk(v->kemac_plain, 0) && strcmp(v->name, "psk-ext-vendor"))
		psk_build(v, &s, &k);
}

/* up to SIGN's signature, which envelope_test.c checks */
static void pk_build(pk_t *v, const struct dmk_suite *s, const struct dmk_msg_keys *k)
{
	u32 id_len = strlen(v->idi);
	struct dmk_span key = DMK_SPAN(v->kemac_plain.data + 8 + id_len,
				       v->kemac_plain.len - 8 - id_len);
	struct dmk_id idi = uri(v->idi);
	struct dmk_sign sign;
	struct dmk_writer w;
	bool good;

	emit_head(&w);
	good = !dmk_seal_kemac(c, &w, s, k, m.hdr.csb_id, &m.t, &idi, DMK_KEY_TGK, key, true);
	if (m.chash.hash.len)
		dmk_emit_chash(&w, &m.chash);
	dmk_emit_pke(&w, &m.pke);
	dmk_emit_sign(&w, v->signature.len, &sign);
	ktap_ok(good && !w.full &&
		vec_is(DMK_SPAN(v->i_message.data, v->i_message.len - v->signature.len),
		       buf, w.len - v->signature.len), "%s: made", v->name);
}

static void pk_test(pk_t *v)
{
	struct dmk_suite s = { v->prf, v->encr_alg, v->mac_alg };
	enum dmk_reason why = parse(&m, v->i_message);
	const char *idr = "sip:resp@example.org";
	struct dmk_msg_keys k;
	u8 digest[DMK_HASH_LEN];
	u32 len;

	ktap_ok(keys_of(s, v->envelope_key, v->csb_id, v->rand, &k) &&
		vec_is(v->encr_key, k.encr, dmk_suite_encr_len(&s)) &&
		vec_is(v->auth_key, k.auth, v->auth_key.len) &&
		vec_is(v->salt_key, k.salt, 14), "%s: keys", v->name);
	v_test(v->name, v->r_message_no_ids, &k, NULL, NULL);
	v_test(v->name, v->r_message_with_ids, &k, v->idi, idr);
	if (v->mac_alg == DMK_MAC_NULL) {
		ktap_ok(why == DMK_REASON_ALGORITHMS, "%s: NULL is refused", v->name);
		return;
	}
	if (!ktap_ok(!why && m.kind == DMK_PK, "%s: parsed", v->name))
		return;
	ktap_ok(!dmk_open_plain(c, &m, &k, plain, sizeof(plain), &len) &&
		vec_is(v->kemac_plain, plain, len) &&
		vec_is(v->kemac_cipher, m.kemac.data.data, m.kemac.data.len) &&
		vec_is(v->mac, m.kemac.mac.data, m.kemac.mac.len), "%s: opened", v->name);
	ktap_ok(!dmk_sign_digest(c, &m, digest) &&
		vec_is(v->sign_input_sha256, digest, sizeof(digest)) &&
		vec_is(v->signature, m.sign.signature.data, m.sign.signature.len) &&
		vec_is(v->pke, m.pke.data.data, m.pke.data.len), "%s: what is signed", v->name);
	if (is_lone_tgk(v->kemac_plain, 4 + strlen(v->idi)) && strcmp(v->name, "pk-chain-idr-sp"))
		pk_build(v, &s, &k);
}

static void plain_test(void)
{
	unsigned int i;

	c = test_crypto_new();
	if (!ktap_ok(c, "crypto backend"))
		return;
	for (i = 0; i < vec_rfc3830.n_psk_messages; i++)
		psk_test(&vec_rfc3830.psk_messages[i]);
	for (i = 0; i < vec_rfc3830.n_pk_messages; i++)
		pk_test(&vec_rfc3830.pk_messages[i]);
	test_crypto_free(c);
}

KTAP_MAIN(plain_test)
