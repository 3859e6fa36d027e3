// SPDX-License-Identifier: GPL-2.0 OR MIT
/* RFC 3830 payloads on the wire: reading them. emit.c writes them. */
#include "wire.h"

/* the next @n bytes of the datagram, or NULL */
static const u8 *take(struct dmk_cursor *c, u32 n)
{
	const u8 *p = c->data + c->at;

	if (n > c->len - c->at)
		return NULL;
	c->at += n;
	return p;
}

static bool take_span(struct dmk_cursor *c, u32 n, struct dmk_span *s)
{
	s->data = take(c, n);
	s->len = n;
	return s->data != NULL;
}

static u16 get16(const u8 *p)
{
	return dmk_get_be(p, 2);
}

/* RFC 6043 6.1.1 GENERIC-ID: one crypto session of the CS ID map */
enum dmk_reason dmk_parse_cs(struct dmk_cursor *c, struct dmk_cs *cs)
{
	const u8 *p;

	p = take(c, 3);		/* CS ID, Prot type, S | #P */
	if (!p)
		return DMK_REASON_TRUNCATED;
	cs->id = p[0];
	cs->prot_type = p[1];
	cs->s = p[2] >> 7;
	if (!take_span(c, p[2] & 0x7f, &cs->policies))
		return DMK_REASON_TRUNCATED;
	p = take(c, 2);		/* Session Data Length */
	if (!p || !take_span(c, get16(p), &cs->session_data))
		return DMK_REASON_TRUNCATED;
	p = take(c, 1);		/* SPI Length */
	if (!p || !take_span(c, *p, &cs->spi))
		return DMK_REASON_TRUNCATED;
	return DMK_OK;
}

/* CS ID map info: RFC 3830 6.1.1 SRTP-ID, RFC 4563 4, RFC 6043 6.1.1 */
static enum dmk_reason skip_map(struct dmk_cursor *c, const struct dmk_hdr *hdr)
{
	enum dmk_reason why = DMK_OK;
	struct dmk_cs cs;
	unsigned int i;

	switch (hdr->map_type) {
	case DMK_MAP_SRTP:
		return take(c, hdr->n_cs * 9) ? DMK_OK : DMK_REASON_TRUNCATED;
	case DMK_MAP_EMPTY:
		return DMK_OK;
	case DMK_MAP_GENERIC:
		/*@ loop invariant cursor(c) && c->at >= \at(c->at, Pre);
		    loop assigns i, why, cs, c->at;
		    loop variant hdr->n_cs - i; */
		for (i = 0; i < hdr->n_cs && !why; i++)
			why = dmk_parse_cs(c, &cs);
		return why;
	}
	return DMK_REASON_MAP_TYPE;
}

static bool data_type_known(u8 type)
{
	return type <= DMK_DT_PK_VER || type == DMK_DT_ERR;
}

/* RFC 3830 6.1 HDR */
enum dmk_reason dmk_parse_hdr(struct dmk_cursor *c, struct dmk_hdr *hdr)
{
	const u8 *p = take(c, 10);
	enum dmk_reason why;
	u32 map = c->at;

	if (!p)
		return DMK_REASON_TRUNCATED;
	hdr->data_type = p[1];
	hdr->next = p[2];
	hdr->v = p[3] >> 7;
	hdr->prf = p[3] & 0x7f;
	hdr->csb_id = dmk_get_be(p + 4, 4);
	hdr->n_cs = p[8];
	hdr->map_type = p[9];
	if (p[0] != DMK_VERSION)
		return DMK_REASON_VERSION;
	if (!data_type_known(hdr->data_type))
		return DMK_REASON_DATA_TYPE;
	if (hdr->prf != DMK_PRF_SHA256 && hdr->prf != DMK_PRF_MIKEY_1)
		return DMK_REASON_PRF;
	why = skip_map(c, hdr);
	hdr->map = DMK_SPAN(c->data + map, c->at - map);
	return why;
}

/* protocol.md 3: AES-CCM brings its own tag, all others need a MAC */
static bool suite_known(u8 encr_alg, u8 mac_alg)
{
	switch (encr_alg) {
	case DMK_ENCR_AES_CCM_128:
		return mac_alg == DMK_MAC_NULL;
	case DMK_ENCR_AES_CM_128:
	case DMK_ENCR_AES_CM_256:
		return mac_alg == DMK_MAC_SHA1 || mac_alg == DMK_MAC_SHA256;
	}
	return false;
}

/* RFC 3830 6.2 KEMAC */
enum dmk_reason dmk_parse_kemac(struct dmk_cursor *c, u8 *next, struct dmk_kemac *kemac)
{
	const u8 *p;

	kemac->at = c->at;
	p = take(c, 4);
	if (!p || !take_span(c, get16(p + 2), &kemac->data))
		return DMK_REASON_TRUNCATED;
	*next = p[0];
	kemac->encr_alg = p[1];
	p = take(c, 1);
	if (!p)
		return DMK_REASON_TRUNCATED;
	kemac->mac_alg = *p;
	if (!suite_known(kemac->encr_alg, kemac->mac_alg))
		return DMK_REASON_ALGORITHMS;
	if (!take_span(c, dmk_mac_len(kemac->mac_alg), &kemac->mac))
		return DMK_REASON_TRUNCATED;
	return DMK_OK;
}

/* protocol.md 6.3: RSA with 2048, 3072 or 4096 bits */
static bool rsa_len(u32 len)
{
	return len == DMK_RSA_MIN || len == 384 || len == DMK_RSA_MAX;
}

/* RFC 3830 6.3 PKE */
enum dmk_reason dmk_parse_pke(struct dmk_cursor *c, u8 *next, struct dmk_pke *pke)
{
	const u8 *p = take(c, 3);

	if (!p || !take_span(c, get16(p + 1) & 0x3fff, &pke->data))
		return DMK_REASON_TRUNCATED;
	*next = p[0];
	pke->cache = p[1] >> 6;
	if (pke->cache > DMK_PKE_CACHE)
		return DMK_REASON_PKE_CACHE;
	return rsa_len(pke->data.len) ? DMK_OK : DMK_REASON_PKE_LENGTH;
}

/* RFC 3830 6.5 SIGN: always the last payload, it has no Next payload field */
enum dmk_reason dmk_parse_sign(struct dmk_cursor *c, struct dmk_sign *sign)
{
	const u8 *p = take(c, 2);

	if (!p || !take_span(c, get16(p) & 0xfff, &sign->signature))
		return DMK_REASON_TRUNCATED;
	sign->s_type = p[0] >> 4;
	if (sign->s_type != DMK_S_TYPE_PKCS1)
		return DMK_REASON_S_TYPE;
	return rsa_len(sign->signature.len) ? DMK_OK : DMK_REASON_SIGN_LENGTH;
}

/* RFC 3830 6.6 T */
enum dmk_reason dmk_parse_t(struct dmk_cursor *c, u8 *next, struct dmk_ts *t)
{
	const u8 *p = take(c, 2);

	if (!p)
		return DMK_REASON_TRUNCATED;
	*next = p[0];
	t->type = p[1];
	if (t->type != DMK_TS_NTP_UTC && t->type != DMK_TS_COUNTER)
		return DMK_REASON_TS_TYPE;
	p = take(c, t->type == DMK_TS_COUNTER ? 4 : 8);
	if (!p)
		return DMK_REASON_TRUNCATED;
	t->value = t->type == DMK_TS_COUNTER ? dmk_get_be(p, 4) : dmk_get_be(p, 8);
	return DMK_OK;
}

/* ID Type, ID len, ID Data, as RFC 3830 6.7 and RFC 6043 6.6 have them */
static enum dmk_reason parse_identity(struct dmk_cursor *c, struct dmk_id *id)
{
	const u8 *p = take(c, 3);

	if (!p || !take_span(c, get16(p + 1), &id->data))
		return DMK_REASON_TRUNCATED;
	id->type = p[0];
	if (id->type != DMK_ID_NAI && id->type != DMK_ID_URI)
		return DMK_REASON_ID_TYPE;
	if (!id->data.len || id->data.len > DMK_ID_MAX)
		return DMK_REASON_ID_LENGTH;
	return DMK_OK;
}

/* RFC 3830 6.7 ID */
enum dmk_reason dmk_parse_id(struct dmk_cursor *c, u8 *next, struct dmk_id *id)
{
	const u8 *p = take(c, 1);

	if (!p)
		return DMK_REASON_TRUNCATED;
	*next = p[0];
	return parse_identity(c, id);
}

/* RFC 6043 6.6 IDR */
enum dmk_reason dmk_parse_idr(struct dmk_cursor *c, u8 *next, u8 *role, struct dmk_id *id)
{
	const u8 *p = take(c, 2);

	if (!p)
		return DMK_REASON_TRUNCATED;
	*next = p[0];
	*role = p[1];
	return parse_identity(c, id);
}

/* RFC 3830 6.7 CERT */
enum dmk_reason dmk_parse_cert(struct dmk_cursor *c, u8 *next, struct dmk_cert *cert)
{
	const u8 *p = take(c, 4);

	if (!p || !take_span(c, get16(p + 2), &cert->data))
		return DMK_REASON_TRUNCATED;
	*next = p[0];
	cert->type = p[1];
	switch (cert->type) {
	case DMK_CERT_X509:
	case DMK_CERT_X509_SIGN:
		if (cert->data.len && cert->data.len <= DMK_CERT_MAX)
			return DMK_OK;
		return DMK_REASON_CERT_LENGTH;
	case DMK_CERT_HASH:
		return cert->data.len == DMK_HASH_LEN ? DMK_OK : DMK_REASON_CERT_LENGTH;
	}
	return DMK_REASON_CERT_TYPE;
}

/* RFC 3830 6.8 CHASH */
enum dmk_reason dmk_parse_chash(struct dmk_cursor *c, u8 *next, struct dmk_chash *chash)
{
	const u8 *p = take(c, 2);

	if (!p)
		return DMK_REASON_TRUNCATED;
	*next = p[0];
	chash->func = p[1];
	if (chash->func != DMK_HASH_FUNC_SHA256)
		return DMK_REASON_HASH_FUNC;
	return take_span(c, DMK_HASH_LEN, &chash->hash) ? DMK_OK : DMK_REASON_TRUNCATED;
}

/* RFC 3830 6.9 V */
enum dmk_reason dmk_parse_ver(struct dmk_cursor *c, u8 *next, struct dmk_ver *ver)
{
	const u8 *p = take(c, 2);

	if (!p)
		return DMK_REASON_TRUNCATED;
	*next = p[0];
	ver->alg = p[1];
	ver->at = c->at;
	if (ver->alg != DMK_MAC_SHA256 && ver->alg != DMK_MAC_SHA1)
		return DMK_REASON_AUTH_ALG;
	return take_span(c, dmk_mac_len(ver->alg), &ver->data) ? DMK_OK : DMK_REASON_TRUNCATED;
}

/* RFC 3830 6.10 SP */
enum dmk_reason dmk_parse_sp(struct dmk_cursor *c, u8 *next, struct dmk_sp *sp)
{
	const u8 *p = take(c, 5);

	if (!p || !take_span(c, get16(p + 3), &sp->param))
		return DMK_REASON_TRUNCATED;
	*next = p[0];
	sp->policy_no = p[1];
	sp->prot_type = p[2];
	sp->raw = DMK_SPAN(p + 1, 4 + sp->param.len);
	return DMK_OK;
}

/* RFC 3830 6.11 RAND */
enum dmk_reason dmk_parse_rand(struct dmk_cursor *c, u8 *next, struct dmk_span *rand)
{
	const u8 *p = take(c, 2);

	if (!p || !take_span(c, p[1], rand))
		return DMK_REASON_TRUNCATED;
	*next = p[0];
	return rand->len >= DMK_RAND_LEN ? DMK_OK : DMK_REASON_RAND_LENGTH;
}

/* RFC 6043 6.8 RANDR */
enum dmk_reason dmk_parse_randr(struct dmk_cursor *c, u8 *next, u8 *role, struct dmk_span *rand)
{
	const u8 *p = take(c, 3);

	if (!p || !take_span(c, p[2], rand))
		return DMK_REASON_TRUNCATED;
	*next = p[0];
	*role = p[1];
	if (*role != DMK_ROLE_RESPONDER)
		return DMK_REASON_RAND_ROLE;
	return rand->len == DMK_RANDR_LEN ? DMK_OK : DMK_REASON_RAND_LENGTH;
}

/* RFC 3830 6.12 ERR; its 16 reserved bits say nothing */
enum dmk_reason dmk_parse_err(struct dmk_cursor *c, u8 *next, u8 *error)
{
	const u8 *p = take(c, 4);

	if (!p)
		return DMK_REASON_TRUNCATED;
	*next = p[0];
	*error = p[1];
	return DMK_OK;
}

/* RFC 3830 6.15 General Extension */
enum dmk_reason dmk_parse_ext(struct dmk_cursor *c, u8 *next, struct dmk_ext *ext)
{
	const u8 *p = take(c, 4);

	if (!p || !take_span(c, get16(p + 2), &ext->data))
		return DMK_REASON_TRUNCATED;
	*next = p[0];
	ext->type = p[1];
	return DMK_OK;
}

/* RFC 3830 6.13 Salt: only two of the types have one */
static bool take_salt(struct dmk_cursor *c, u8 type, struct dmk_span *salt)
{
	const u8 *p;

	*salt = DMK_SPAN(NULL, 0);
	if (type != DMK_KEY_TGK_SALT && type != DMK_KEY_TEK_SALT)
		return true;
	p = take(c, 2);
	return p && take_span(c, get16(p), salt);
}

/* RFC 3830 6.13 KV data: SPI, or Valid From and Valid To */
static bool take_validity(struct dmk_cursor *c, u8 kv, struct dmk_span *s)
{
	u32 at = c->at;
	const u8 *p;
	int i;

	/*@ loop invariant 0 <= i && cursor(c) && c->at >= at;
	    loop assigns i, p, c->at;
	    loop variant kv - i; */
	for (i = 0; i < kv; i++) {	/* KV 1: one field, KV 2: two */
		p = take(c, 1);
		if (!p || !take(c, *p))
			return false;
	}
	*s = DMK_SPAN(c->data + at, c->at - at);
	return true;
}

/* RFC 3830 6.13 Key data sub-payload */
enum dmk_reason dmk_parse_key_data(struct dmk_cursor *c, u8 *next, struct dmk_key_data *key)
{
	const u8 *p = take(c, 4);

	if (!p || !take_span(c, get16(p + 2), &key->key))
		return DMK_REASON_TRUNCATED;
	*next = p[0];
	key->type = p[1] >> 4;
	key->kv = p[1] & 0xf;
	if (!take_salt(c, key->type, &key->salt))
		return DMK_REASON_TRUNCATED;
	if (key->kv > DMK_KV_INTERVAL)
		return DMK_REASON_KEY_VALIDITY;
	return take_validity(c, key->kv, &key->validity) ? DMK_OK : DMK_REASON_TRUNCATED;
}
