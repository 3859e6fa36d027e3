// SPDX-License-Identifier: GPL-2.0
/*
 * PKE and SIGN of every signed message of the vectors: made and opened by
 * pki.h's RSA over what core/ says is signed and encrypted.
 */
#include "pki.h"
#include "seal.h"
#include "vec_dmikey.h"
#include "vec_rfc3830.h"
#include "vector.h"

typedef const struct vec_dmikey_sessions session_t;
typedef const struct vec_dmikey_sessions_third_parties party_t;

static struct dmk_crypto *c;
static struct dmk_message m;
static u8 buf[DMK_RSA_MAX];

static bool parse(unsigned int role, struct dmk_span msg)
{
	return !dmk_message_parse(&m, role, msg.data, msg.len);
}

static bool opens_to(struct dmk_span key_der, struct dmk_span pke, struct dmk_span want)
{
	struct pki_key *key = pki_private(key_der);
	size_t len = key ? pki_decrypt(key, pke, buf, sizeof(buf)) : 0;

	pki_key_free(key);
	return vec_is(want, buf, len);
}

/* both ways: the certificate's key verifies, the private key makes the same bytes */
static bool signs(struct dmk_span cert, struct dmk_span key_der, enum dmk_hash hash,
		  const u8 *digest, struct dmk_span sig)
{
	struct pki_key *public = pki_public(cert), *private = pki_private(key_der);
	size_t len;
	bool good;

	if (!public || !private)
		return false;
	good = pki_verify(public, hash, digest, sig);
	len = good ? pki_sign(private, hash, digest, buf, sizeof(buf)) : 0;
	pki_key_free(public);
	pki_key_free(private);
	return good && vec_is(sig, buf, len);
}

/* the block with its padding, encrypted without a random number */
static bool pke_is(struct dmk_span cert, struct dmk_span em, struct dmk_span pke)
{
	struct pki_key *key = pki_public(cert);
	size_t len = key ? pki_raw_encrypt(key, em, buf, sizeof(buf)) : 0;

	pki_key_free(key);
	return vec_is(pke, buf, len);
}

static bool cert_is(const struct pki *who)
{
	if (m.cert.type == DMK_CERT_HASH)
		return pki_by_hash(m.cert.data) == who;
	return who && dmk_span_equal(m.cert.data, *who->cert);
}

static void tp_r_test(session_t *v, party_t *tp)
{
	const struct pki *who = pki_by_name(tp->tp), *r = pki_by_name(v->responder_certificate);
	u8 digest[DMK_HASH_LEN];

	if (!ktap_ok(parse(DMK_AT_R, tp->tp_r.message) && who && r && cert_is(who) &&
		     dmk_span_equal(m.chash.hash, *r->sha256),
		     "%s: certificates of %s", v->name, tp->tp))
		return;
	ktap_ok(opens_to(*r->key, m.pke.data, tp->tp_r.env_key) &&
		pke_is(*r->cert, tp->tp_r.em, m.pke.data), "%s: PKE of %s", v->name, tp->tp);
	ktap_ok(!dmk_sign_digest(c, &m, digest) &&
		signs(*who->cert, *who->key, DMK_SHA256, digest, m.sign.signature),
		"%s: SIGN of %s", v->name, tp->tp);
	digest[0] ^= 1;
	ktap_ok(!signs(*who->cert, *who->key, DMK_SHA256, digest, m.sign.signature),
		"%s: SIGN of %s is not that of another digest", v->name, tp->tp);
}

static void earlier_test(session_t *v, party_t *tp)
{
	const struct pki *who = pki_by_name(tp->tp), *r = pki_by_name(v->responder_certificate);
	u8 digest[DMK_HASH_LEN];

	ktap_ok(parse(DMK_AT_R, tp->earlier.message) && m.pke.cache == DMK_PKE_CACHE &&
		dmk_span_equal(m.pke.data, tp->earlier.pke) &&
		opens_to(*r->key, m.pke.data, tp->earlier.env_key) &&
		dmk_span_equal(tp->earlier.env_key, tp->tp_r.env_key) &&
		!dmk_sign_digest(c, &m, digest) &&
		signs(*who->cert, *who->key, DMK_SHA256, digest, m.sign.signature),
		"%s: the envelope key that %s has cached", v->name, tp->tp);
}

static void pk_test(const struct vec_rfc3830_pk_messages *v)
{
	const struct vec_rfc3830_pki *pki = &vec_rfc3830.pki;
	bool old = !strcmp(v->signature_hash, "SHA-1");
	enum dmk_hash hash = old ? DMK_SHA1 : DMK_SHA256;
	struct dmk_span covered = DMK_SPAN(v->i_message.data, v->i_message.len - v->signature.len);
	struct dmk_span want = old ? v->sign_input_sha1 : v->sign_input_sha256;
	u8 digest[DMK_HASH_LEN];
	size_t len;

	if (v->mac_alg == DMK_MAC_NULL) {
		ktap_ok(!parse(DMK_AT_HOST, v->i_message), "%s: NULL is refused", v->name);
		return;
	}
	len = pki_digest(hash, covered, digest);
	ktap_ok(parse(DMK_AT_HOST, v->i_message) && m.sign.signature.data == covered.data + covered.len &&
		vec_is(want, digest, len), "%s: what is signed", v->name);
	ktap_ok(signs(pki->init_pem, pki->init_key, hash, digest, v->signature), "%s: SIGN", v->name);
	ktap_ok(opens_to(pki->resp_key, v->pke, v->envelope_key), "%s: PKE", v->name);
}

static void session_test(session_t *v)
{
	unsigned int i;

	for (i = 0; i < v->n_third_parties; i++) {
		party_t *tp = &v->third_parties[i];

		if (tp->tp_r.signature.data)
			tp_r_test(v, tp);
		if (tp->earlier.message.data)
			earlier_test(v, tp);
	}
}

static void envelope_test(void)
{
	unsigned int i;

	c = test_crypto_new();
	if (!ktap_ok(c, "crypto backend"))
		return;
	for (i = 0; i < vec_dmikey.n_sessions; i++)
		session_test(&vec_dmikey.sessions[i]);
	for (i = 0; i < vec_rfc3830.n_pk_messages; i++)
		pk_test(&vec_rfc3830.pk_messages[i]);
	test_crypto_free(c);
}

KTAP_MAIN(envelope_test)
