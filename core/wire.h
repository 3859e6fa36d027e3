/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * RFC 3830 payloads on the wire: a bounds-checked cursor over a datagram, a
 * bounded writer, and one parse and one emit function a payload.
 *
 * A parse function takes the cursor at the payload's first byte (its Next
 * payload field) and leaves it behind the payload. All views point into the
 * datagram. Nothing here allocates or decrypts.
 */
#ifndef DMK_WIRE_H
#define DMK_WIRE_H

#include "crypto.h"
#include "reason.h"

/* Next payload, RFC 3830 6.1 and RFC 6043 6.1 */
enum dmk_payload {
	DMK_PL_LAST = 0,
	DMK_PL_KEMAC = 1,
	DMK_PL_PKE = 2,
	DMK_PL_DH = 3,
	DMK_PL_SIGN = 4,
	DMK_PL_T = 5,
	DMK_PL_ID = 6,
	DMK_PL_CERT = 7,
	DMK_PL_CHASH = 8,
	DMK_PL_V = 9,
	DMK_PL_SP = 10,
	DMK_PL_RAND = 11,
	DMK_PL_ERR = 12,
	DMK_PL_TR = 13,
	DMK_PL_IDR = 14,
	DMK_PL_RANDR = 15,
	DMK_PL_KEY_DATA = 20,
	DMK_PL_EXT = 21,
};

/* Data type, RFC 3830 6.1 */
enum dmk_data_type {
	DMK_DT_PSK = 0,
	DMK_DT_PSK_VER = 1,
	DMK_DT_PK = 2,
	DMK_DT_PK_VER = 3,
	DMK_DT_ERR = 6,
};

enum dmk_code_points {
	DMK_VERSION = 1,
	DMK_PRF_MIKEY_1 = 0,		/* SHA-1 */
	DMK_PRF_SHA256 = 1,		/* RFC 6043 */
	DMK_ENCR_NULL = 0,
	DMK_ENCR_AES_CM_128 = 1,
	DMK_ENCR_AES_CM_256 = 3,	/* RFC 6043: plain exchanges only */
	DMK_ENCR_AES_CCM_128 = 241,
	DMK_MAC_NULL = 0,
	DMK_MAC_SHA1 = 1,		/* HMAC-SHA-1-160 */
	DMK_MAC_SHA256 = 2,		/* HMAC-SHA-256-256, RFC 6043 */
	DMK_HASH_FUNC_SHA256 = 2,	/* RFC 6043 */
	DMK_S_TYPE_PKCS1 = 0,
	DMK_MAP_SRTP = 0,
	DMK_MAP_EMPTY = 1,		/* RFC 4563 */
	DMK_MAP_GENERIC = 2,		/* RFC 6043 6.1.1 */
	DMK_PROT_SRTP = 0,
	DMK_PROT_ESP = 241,
	DMK_KEY_TGK = 0,
	DMK_KEY_TGK_SALT = 1,
	DMK_KEY_TEK = 2,
	DMK_KEY_TEK_SALT = 3,
	DMK_KEY_TGK_SHARE = 15,
	DMK_KV_NULL = 0,
	DMK_KV_SPI = 1,
	DMK_KV_INTERVAL = 2,
	DMK_EXT_VENDOR = 0,
	DMK_EXT_SHARE = 241,
	DMK_EXT_PART = 242,
	DMK_EXT_COOKIE = 243,
	DMK_EXT_ENVID = 244,
	DMK_EXT_RELAY = 245,
	DMK_CERT_X509 = 0,
	DMK_CERT_X509_SIGN = 2,		/* plain exchanges only */
	DMK_CERT_HASH = 241,
	DMK_ID_NAI = 0,
	DMK_ID_URI = 1,
	DMK_ROLE_RESPONDER = 2,		/* RAND Role, RFC 6043 6.8 */
	DMK_ROLE_THIRD_PARTY = 241,	/* ID Role */
	DMK_TS_NTP_UTC = 0,
	DMK_TS_NTP = 1,
	DMK_TS_COUNTER = 2,
	DMK_PKE_CACHE = 1,		/* C: the envelope key may be cached */
};

/* Error no, RFC 3830 6.12 and protocol.md 3 */
enum dmk_error {
	DMK_ERR_AUTH = 0,
	DMK_ERR_TS = 1,
	DMK_ERR_PRF = 2,
	DMK_ERR_MAC = 3,
	DMK_ERR_ENCR = 4,
	DMK_ERR_HASH = 5,
	DMK_ERR_DH = 6,
	DMK_ERR_ID = 7,
	DMK_ERR_CERT = 8,
	DMK_ERR_SP = 9,
	DMK_ERR_SPPAR = 10,
	DMK_ERR_DT = 11,
	DMK_ERR_UNSPECIFIED = 12,
	DMK_ERR_COOKIE = 241,
	DMK_ERR_ENVELOPE = 242,
	DMK_ERR_NOT_AUTHORIZED = 243,
	DMK_ERR_RESPONDER = 244,
};

/**
 * dmk_get_be() - a number in network byte order
 * @p: its first byte
 * @n: its length, up to 8 bytes
 */
static inline u64 dmk_get_be(const u8 *p, u32 n)
{
	u64 v = 0;

	/*@ loop invariant n <= \at(n, Pre) && p == \at(p, Pre) + (\at(n, Pre) - n);
	    loop assigns v, n, p;
	    loop variant n; */
	while (n--)
		v = v << 8 | *p++;
	return v;
}

/**
 * dmk_put_be() - the reverse
 * @p: where it goes
 * @v: the number
 * @n: its length, up to 8 bytes
 */
static inline void dmk_put_be(u8 *p, u64 v, u32 n)
{
	/*@ loop invariant n <= \at(n, Pre);
	    loop assigns v, n, p[0 .. \at(n, Pre) - 1];
	    loop variant n; */
	while (n--) {
		p[n] = v;
		v >>= 8;
	}
}

/**
 * dmk_mac_len() - bytes of a MAC or of Ver data
 * @alg: MAC alg or Auth alg
 */
static inline u32 dmk_mac_len(u8 alg)
{
	switch (alg) {
	case DMK_MAC_SHA1:
		return 20;
	case DMK_MAC_SHA256:
		return DMK_MAC_LEN;
	}
	return 0;
}

/**
 * struct dmk_cursor - a place in a datagram that is being parsed
 * @data: the datagram
 * @len: its length
 * @at: the next byte to read
 */
struct dmk_cursor {
	const u8 *data;
	u32 len;
	u32 at;
};

/**
 * struct dmk_writer - a message that is being built
 * @data: memory of the caller
 * @room: its size
 * @len: bytes written so far
 * @next: offset of the Next payload field that names the payload to be
 *	written next
 * @full: something did not fit; nothing was written behind @room
 */
struct dmk_writer {
	u8 *data;
	u32 room;
	u32 len;
	u32 next;
	bool full;
};

/**
 * struct dmk_id - an identity, compared octet for octet, type included
 * @type: ID type
 * @data: ID Data
 */
struct dmk_id {
	u8 type;
	struct dmk_span data;
};

static inline bool dmk_id_equal(const struct dmk_id *a, const struct dmk_id *b)
{
	return a->type == b->type && dmk_span_equal(a->data, b->data);
}

/**
 * struct dmk_ts - a time stamp
 * @type: TS type
 * @value: NTP-UTC in units of 2^-32 s since 1900, or a counter
 */
struct dmk_ts {
	u8 type;
	u64 value;
};

/**
 * struct dmk_hdr - common header, RFC 3830 6.1
 * @data_type: Data type
 * @next: Next payload
 * @v: V flag
 * @prf: PRF func
 * @csb_id: CSB ID
 * @n_cs: #CS
 * @map_type: CS ID map type
 * @map: CS ID map info
 */
struct dmk_hdr {
	u8 data_type;
	u8 next;
	bool v;
	u8 prf;
	u32 csb_id;
	u8 n_cs;
	u8 map_type;
	struct dmk_span map;
};

/**
 * struct dmk_cs - one crypto session of a GENERIC-ID map, RFC 6043 6.1.1
 * @id: CS ID
 * @prot_type: Prot type
 * @s: S flag
 * @policies: Policy no of each policy
 * @session_data: Session Data
 * @spi: SPI
 */
struct dmk_cs {
	u8 id;
	u8 prot_type;
	bool s;
	struct dmk_span policies;
	struct dmk_span session_data;
	struct dmk_span spi;
};

/**
 * struct dmk_kemac - KEMAC, RFC 3830 6.2
 * @encr_alg: Encr alg
 * @data: Encr data
 * @mac_alg: MAC alg
 * @mac: MAC, empty when @mac_alg is 0
 * @at: offset of the payload in the message
 */
struct dmk_kemac {
	u8 encr_alg;
	struct dmk_span data;
	u8 mac_alg;
	struct dmk_span mac;
	u32 at;
};

/**
 * struct dmk_pke - PKE, RFC 3830 6.3
 * @cache: C
 * @data: the encrypted envelope key
 */
struct dmk_pke {
	u8 cache;
	struct dmk_span data;
};

/**
 * struct dmk_sign - SIGN, RFC 3830 6.5
 * @s_type: S type
 * @signature: the signature
 */
struct dmk_sign {
	u8 s_type;
	struct dmk_span signature;
};

/**
 * struct dmk_cert - CERT, RFC 3830 6.7
 * @type: Cert type
 * @data: the certificate, or its hash
 */
struct dmk_cert {
	u8 type;
	struct dmk_span data;
};

/**
 * struct dmk_chash - CHASH, RFC 3830 6.8
 * @func: Hash func
 * @hash: the hash
 */
struct dmk_chash {
	u8 func;
	struct dmk_span hash;
};

/**
 * struct dmk_ver - V, RFC 3830 6.9
 * @alg: Auth alg
 * @data: Ver data
 * @at: offset of Ver data in the message: V is computed over what stands
 *	before it
 */
struct dmk_ver {
	u8 alg;
	struct dmk_span data;
	u32 at;
};

/**
 * struct dmk_sp - SP, RFC 3830 6.10
 * @policy_no: Policy no
 * @prot_type: Prot type
 * @param: the policy parameters
 * @raw: the whole payload without its Next payload byte
 */
struct dmk_sp {
	u8 policy_no;
	u8 prot_type;
	struct dmk_span param;
	struct dmk_span raw;
};

/**
 * struct dmk_ext - General Extension, RFC 3830 6.15
 * @type: type
 * @data: value
 */
struct dmk_ext {
	u8 type;
	struct dmk_span data;
};

/**
 * struct dmk_key_data - Key data sub-payload, RFC 3830 6.13
 * @type: key data type
 * @kv: KV
 * @key: the key
 * @salt: the salt, empty unless the type has one (15 has none)
 * @validity: the key validity data
 */
struct dmk_key_data {
	u8 type;
	u8 kv;
	struct dmk_span key;
	struct dmk_span salt;
	struct dmk_span validity;
};

/* All of these return DMK_OK or the reason for the refusal; on a refusal the
 * cursor's place and the result are of no use.
 */
enum dmk_reason dmk_parse_hdr(struct dmk_cursor *c, struct dmk_hdr *hdr);
enum dmk_reason dmk_parse_cs(struct dmk_cursor *c, struct dmk_cs *cs);
enum dmk_reason dmk_parse_kemac(struct dmk_cursor *c, u8 *next, struct dmk_kemac *kemac);
enum dmk_reason dmk_parse_pke(struct dmk_cursor *c, u8 *next, struct dmk_pke *pke);
enum dmk_reason dmk_parse_sign(struct dmk_cursor *c, struct dmk_sign *sign);
enum dmk_reason dmk_parse_t(struct dmk_cursor *c, u8 *next, struct dmk_ts *t);
enum dmk_reason dmk_parse_id(struct dmk_cursor *c, u8 *next, struct dmk_id *id);
enum dmk_reason dmk_parse_idr(struct dmk_cursor *c, u8 *next, u8 *role, struct dmk_id *id);
enum dmk_reason dmk_parse_cert(struct dmk_cursor *c, u8 *next, struct dmk_cert *cert);
enum dmk_reason dmk_parse_chash(struct dmk_cursor *c, u8 *next, struct dmk_chash *chash);
enum dmk_reason dmk_parse_ver(struct dmk_cursor *c, u8 *next, struct dmk_ver *ver);
enum dmk_reason dmk_parse_sp(struct dmk_cursor *c, u8 *next, struct dmk_sp *sp);
enum dmk_reason dmk_parse_rand(struct dmk_cursor *c, u8 *next, struct dmk_span *rand);
enum dmk_reason dmk_parse_randr(struct dmk_cursor *c, u8 *next, u8 *role, struct dmk_span *rand);
enum dmk_reason dmk_parse_err(struct dmk_cursor *c, u8 *next, u8 *error);
enum dmk_reason dmk_parse_ext(struct dmk_cursor *c, u8 *next, struct dmk_ext *ext);
enum dmk_reason dmk_parse_key_data(struct dmk_cursor *c, u8 *next, struct dmk_key_data *key);

/* The emitters link each payload to the one before and leave its own Next
 * payload field 0. What does not fit sets @w->full, once and for all.
 */
void dmk_writer_init(struct dmk_writer *w, u8 *data, u32 room);
void dmk_emit_hdr(struct dmk_writer *w, const struct dmk_hdr *hdr);
void dmk_emit_cs(struct dmk_writer *w, const struct dmk_cs *cs);
void dmk_emit_t(struct dmk_writer *w, const struct dmk_ts *t);
void dmk_emit_rand(struct dmk_writer *w, struct dmk_span rand);
void dmk_emit_randr(struct dmk_writer *w, struct dmk_span rand);
void dmk_emit_id(struct dmk_writer *w, const struct dmk_id *id);
void dmk_emit_idr(struct dmk_writer *w, u8 role, const struct dmk_id *id);
void dmk_emit_cert(struct dmk_writer *w, const struct dmk_cert *cert);
void dmk_emit_chash(struct dmk_writer *w, const struct dmk_chash *chash);
void dmk_emit_pke(struct dmk_writer *w, const struct dmk_pke *pke);
void dmk_emit_err(struct dmk_writer *w, u8 error);
/* SP from its parameters, and SP as it stood in another message */
void dmk_emit_sp(struct dmk_writer *w, u8 policy_no, u8 prot_type, struct dmk_span param);
void dmk_emit_sp_raw(struct dmk_writer *w, struct dmk_span raw);
void dmk_emit_ext(struct dmk_writer *w, u8 type, struct dmk_span data);

/**
 * dmk_emit_kemac() - KEMAC with room for its ciphertext and MAC
 * @w: the writer
 * @encr_alg: Encr alg
 * @encr_len: length of Encr data, the CCM tag included
 * @mac_alg: MAC alg
 * @kemac: where the payload went; its spans point into @w->data
 *
 * Encr data and MAC are left zero; core/seal.c fills them in.
 */
void dmk_emit_kemac(struct dmk_writer *w, u8 encr_alg, u32 encr_len, u8 mac_alg,
		    struct dmk_kemac *kemac);
/* V with zero bytes of Ver data; core/seal.c fills them in */
void dmk_emit_ver(struct dmk_writer *w, u8 alg, struct dmk_ver *ver);
/* SIGN with @len zero bytes of signature, which the caller fills in */
void dmk_emit_sign(struct dmk_writer *w, u32 len, struct dmk_sign *sign);
/* sub-payloads of KEMAC: an ID payload with Next payload 20, and Key data */
void dmk_emit_key_data(struct dmk_writer *w, u8 type, struct dmk_span key);

#endif
