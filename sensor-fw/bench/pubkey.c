// SPDX-License-Identifier: GPL-2.0
/*
 * What the sensor would pay for MIKEY's public-key mode (RFC 3830 3.2) with
 * RSA-2048: its message is HDR, T, RAND, CERT, IDr, SP, KEMAC, CHASH, PKE, SIGN,
 * the responder's answer HDR, T, IDr, V. The network is not counted.
 */
#include <mbedtls/pk.h>
#include <mbedtls/rsa.h>
#include <mbedtls/x509_crt.h>

#include "count.h"
#include "crypto_mbedtls.h"
#include "peer.h"
#include "seal.h"
#include "vec_pubkey_pki.h"

enum {
	MESSAGE_MAX = 2048,
	MODULUS = 256,
};

/**
 * struct session - what I keep until the answer is there
 * @csb_id: CSB ID
 * @t: T
 * @spi: SPIs
 * @rand: RAND
 * @tgk: TGK
 * @keys: from the envelope key
 */
struct session {
	u32 csb_id;
	struct dmk_ts t;
	u32 spi[2];
	u8 rand[DMK_RAND_LEN];
	u8 tgk[16];
	struct dmk_msg_keys keys;
};

static const struct dmk_id idi = { DMK_ID_NAI, { (const u8 *)"sensor07@net.example", 20 } };
static const struct dmk_id idr = { DMK_ID_URI, { (const u8 *)"dmikey:r.example.net", 20 } };
static const struct dmk_suite suite = {
	DMK_PRF_SHA256, DMK_ENCR_AES_CM_128, DMK_MAC_SHA256
};

static struct dmk_crypto *crypto;		/* crypto_context() */
static mbedtls_ctr_drbg_context drbg;
static mbedtls_pk_context own_key;
static mbedtls_x509_crt ca, responder;
static u8 message[MESSAGE_MAX], answer[MESSAGE_MAX];

/* core/crypto.h's random bytes are these here */
int entropy_bytes(u8 *out, size_t len)
{
	return mbedtls_ctr_drbg_random(&drbg, out, len);
}

static u32 random_u32(void)
{
	u8 r[4];

	MUST(!dmk_random(crypto, r, sizeof(r)));
	return dmk_get_be(r, sizeof(r));
}

/* ---- the sensor's message */

static void draw(struct session *s, u8 envelope[DMK_ENVELOPE_LEN])
{
	s->csb_id = random_u32();
	s->spi[0] = random_u32() | DMK_SPI_MIN;
	s->spi[1] = random_u32() | DMK_SPI_MIN;
	MUST(!dmk_random(crypto, s->rand, sizeof(s->rand)));
	MUST(!dmk_random(crypto, s->tgk, sizeof(s->tgk)));
	MUST(!dmk_random(crypto, envelope, DMK_ENVELOPE_LEN));
	MUST(!dmk_msg_keys(crypto, suite.prf, dmk_suite_encr_len(&suite),
			   dmk_suite_auth_len(&suite), DMK_SPAN(envelope, DMK_ENVELOPE_LEN),
			   s->csb_id, DMK_SPAN(s->rand, sizeof(s->rand)), &s->keys));
}

static struct dmk_span session_data(void)
{
	static const u8 data[] = {
		0x01, 16, 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x07,
		0x02, 2, 0x08, 0xdd,
	};

	return DMK_SPAN(data, sizeof(data));
}

static void emit_chash(struct dmk_writer *w)
{
	const struct dmk_span der = DMK_SPAN(responder.raw.p, responder.raw.len);
	u8 hash[DMK_HASH_LEN];
	struct dmk_chash chash = { DMK_HASH_FUNC_SHA256, DMK_SPAN(hash, sizeof(hash)) };

	MUST(!dmk_sha256(crypto, &der, 1, hash));
	dmk_emit_chash(w, &chash);
}

static void emit_pke(struct dmk_writer *w, const u8 envelope[DMK_ENVELOPE_LEN])
{
	u8 sealed[MODULUS];
	struct dmk_pke pke = { 0, DMK_SPAN(sealed, sizeof(sealed)) };

	MUST(!mbedtls_rsa_pkcs1_encrypt(mbedtls_pk_rsa(responder.pk), mbedtls_ctr_drbg_random,
					&drbg, DMK_ENVELOPE_LEN, envelope, sealed));
	dmk_emit_pke(w, &pke);
}

static void emit_sign(struct dmk_writer *w)
{
	struct dmk_span covered;
	struct dmk_sign sign;
	u8 hash[DMK_HASH_LEN];

	dmk_emit_sign(w, MODULUS, &sign);
	MUST(!w->full);
	covered = DMK_SPAN(w->data, w->len - MODULUS);
	MUST(!dmk_sha256(crypto, &covered, 1, hash));
	MUST(!mbedtls_rsa_pkcs1_sign(mbedtls_pk_rsa(own_key), mbedtls_ctr_drbg_random, &drbg,
				     MBEDTLS_MD_SHA256, sizeof(hash), hash,
				     w->data + w->len - MODULUS));
}

static u32 build(struct session *s)
{
	const struct dmk_cert cert = { DMK_CERT_X509, vec_pubkey_pki.sensor.cert };
	u8 envelope[DMK_ENVELOPE_LEN];
	struct dmk_writer w;

	draw(s, envelope);
	dmk_writer_init(&w, message, sizeof(message));
	dmk_build_hdr_2cs(&w, DMK_DT_PK, true, s->csb_id, s->spi, session_data());
	dmk_emit_t(&w, &s->t);
	dmk_emit_rand(&w, DMK_SPAN(s->rand, sizeof(s->rand)));
	dmk_emit_cert(&w, &cert);
	dmk_emit_id(&w, &idr);
	dmk_emit_sp(&w, 0, DMK_PROT_ESP, DMK_SPAN(NULL, 0));
	MUST(!dmk_seal_kemac(crypto, &w, &suite, &s->keys, s->csb_id, &s->t, &idi,
			     DMK_KEY_TGK, DMK_SPAN(s->tgk, sizeof(s->tgk)), true));
	emit_chash(&w);
	emit_pke(&w, envelope);
	emit_sign(&w);
	dmk_wipe(envelope, sizeof(envelope));
	return w.len;
}

/* ---- the responder's answer */

static u32 build_answer(const struct session *s)
{
	struct dmk_writer w;

	dmk_writer_init(&w, answer, sizeof(answer));
	dmk_build_hdr_2cs(&w, DMK_DT_PK_VER, false, s->csb_id, s->spi, DMK_SPAN(NULL, 0));
	dmk_emit_t(&w, &s->t);
	dmk_emit_id(&w, &idr);
	MUST(!dmk_seal_v(crypto, &w, s->keys.auth, &idi, &idr, s->t.value));
	return w.len;
}

static void take_answer(const struct session *s, u32 len)
{
	struct dmk_esp_policy policy;
	struct dmk_esp_keys keys;
	struct dmk_message m;
	u8 cs;

	MUST(!dmk_message_parse(&m, DMK_AT_HOST, answer, len));
	MUST(!dmk_check_v(crypto, &m, s->keys.auth, &idi, &idr, s->t.value));
	dmk_esp_policy_default(&policy);
	for (cs = 1; cs <= 2; cs++)
		MUST(!dmk_esp_keys(crypto, &policy, cs, DMK_SPAN(s->tgk, sizeof(s->tgk)),
				   s->csb_id, DMK_SPAN(s->rand, sizeof(s->rand)),
				   DMK_SPAN(NULL, 0), &keys));
	dmk_wipe(&keys, sizeof(keys));
}

/* ---- */

/* the responder's certificate, which I got from somewhere */
static void check_certificate(void)
{
	struct dmk_span der = vec_pubkey_pki.responder.cert;
	u32 flags;

	mbedtls_x509_crt_init(&responder);
	MUST(!mbedtls_x509_crt_parse_der(&responder, der.data, der.len));
	MUST(!mbedtls_x509_crt_verify(&responder, &ca, NULL, NULL, &flags, NULL, NULL));
}

static void session(struct count *c, u64 t, u32 *sent, u32 *received)
{
	struct session s = { .t = { DMK_TS_COUNTER, t } };
	struct dmk_message m;

	count_begin();
	*sent = build(&s);
	count_end(c);
	MUST(!dmk_message_parse(&m, DMK_AT_HOST, message, *sent) && m.kind == DMK_PK);
	*received = build_answer(&s);
	count_begin();
	take_answer(&s, *received);
	count_end(c);
}

static void read_own(void)
{
	struct dmk_span key = vec_pubkey_pki.sensor.key_pem, der = vec_pubkey_pki.ca.cert;

	crypto = crypto_context();
	peer_drbg(&drbg, "sensor");
	mbedtls_pk_init(&own_key);
	MUST(!mbedtls_pk_parse_key(&own_key, key.data, key.len, NULL, 0,
				   mbedtls_ctr_drbg_random, &drbg));
	mbedtls_x509_crt_init(&ca);
	MUST(!mbedtls_x509_crt_parse_der(&ca, der.data, der.len));
}

int main(void)
{
	struct count first = { 0 }, next = { 0 };
	u32 sent, received;

	peer_start();
	read_own();

	count_begin();
	check_certificate();
	count_end(&first);
	session(&first, 1, &sent, &received);
	report_count("pubkey-first", &first);
	session(&next, 2, &sent, &received);
	report_count("pubkey", &next);
	report_number("pubkey-sent-bytes", peer_ipv6_bytes(sent), "bytes");
	report_number("pubkey-received-bytes", peer_ipv6_bytes(received), "bytes");
	report_end(NULL);
}
