/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * KEMAC, V and the commitment: made and opened. All messages here are without
 * COOKIE (dmk_message_strip_cookie()).
 */
#ifndef DMK_SEAL_H
#define DMK_SEAL_H

#include "kdf.h"
#include "message.h"

/**
 * struct dmk_binding - what the commitment of protocol.md 6.2 binds
 * @csb_id: CSB ID
 * @t_i: T of message 1
 * @rand: RAND
 * @idi: IDi
 * @idr: IDr
 * @map: CS ID map info of message 1
 * @sp: SP without its Next payload byte
 * @scheme: sharing scheme
 * @n: third parties
 * @k: threshold
 * @flags: SHARE's flags
 * @tgk_len: bytes
 */
struct dmk_binding {
	u32 csb_id;
	struct dmk_ts t_i;
	struct dmk_span rand;
	struct dmk_id idi;
	struct dmk_id idr;
	struct dmk_span map;
	struct dmk_span sp;
	u8 scheme;
	u8 n;
	u8 k;
	u8 flags;
	u16 tgk_len;
};

/**
 * dmk_binding_of() - the binding that a message 1 or 3 claims
 * @m: the message
 * @b: the result: views into the message
 */
void dmk_binding_of(const struct dmk_message *m, struct dmk_binding *b);

/**
 * dmk_commitment() - protocol.md 6.2
 * @c: crypto backend
 * @b: the binding
 * @k_commit: K_commit, 32 bytes
 * @coeff: b->k symbols
 * @out: 16 bytes
 */
int dmk_commitment(struct dmk_crypto *c, const struct dmk_binding *b,
		   const u8 k_commit[32], const u8 (*coeff)[DMK_SHARE_LEN],
		   u8 out[DMK_COMMITMENT_LEN]);

/**
 * dmk_group_hash() - what candidates are grouped by, protocol.md 7.4
 * @c: crypto backend
 * @b: the binding
 * @commitment: 16 bytes
 * @out: 32 bytes
 */
int dmk_group_hash(struct dmk_crypto *c, const struct dmk_binding *b,
		   const u8 commitment[DMK_COMMITMENT_LEN], u8 out[DMK_HASH_LEN]);

/**
 * struct dmk_suite - algorithms of a KEMAC
 * @prf: PRF func
 * @encr_alg: Encr alg
 * @mac_alg: MAC alg
 */
struct dmk_suite {
	u8 prf;
	u8 encr_alg;
	u8 mac_alg;
};

/* bytes that a suite's KEMAC takes from the key schedule */
unsigned int dmk_suite_encr_len(const struct dmk_suite *s);
unsigned int dmk_suite_auth_len(const struct dmk_suite *s);

/**
 * dmk_seal_kemac() - append KEMAC with an encrypted key to a message
 * @c: crypto backend
 * @w: the message so far
 * @s: algorithms
 * @keys: from dmk_msg_keys()
 * @csb_id: CSB ID
 * @t: T of this message
 * @id: ID(TP_i), which message 3 encrypts before the key; else NULL
 * @key_type: DMK_KEY_TGK_SHARE or DMK_KEY_TGK
 * @key: the key
 * @signed_form: KEMAC's MAC and AAD are those of the signed message 3 and of
 *	plain public-key messages: SIGN follows
 *
 * Return: 0, or negative when it does not fit or the backend failed.
 */
int dmk_seal_kemac(struct dmk_crypto *c, struct dmk_writer *w,
		   const struct dmk_suite *s, const struct dmk_msg_keys *keys,
		   u32 csb_id, const struct dmk_ts *t, const struct dmk_id *id,
		   u8 key_type, struct dmk_span key, bool signed_form);

/**
 * struct dmk_opened - what KEMAC held
 * @id: ID(TP_i) of message 3, IDi of a plain public-key message
 * @key: the key: a share of 16 bytes, or a TGK
 * @plain: the plaintext that the views point into
 */
struct dmk_opened {
	struct dmk_id id;
	struct dmk_span key;
	u8 plain[512];
};

/**
 * dmk_open_kemac() - check and decrypt the KEMAC of message 1, 3 or 6, or of a plain
 *	message between hosts
 * @c: crypto backend
 * @m: the message
 * @keys: from dmk_msg_keys()
 * @o: the result; the caller wipes it, whatever is returned
 *
 * Return: DMK_OK; DMK_REASON_KEMAC_LENGTH when the plaintext is longer than
 * @o has room for; DMK_REASON_MAC; DMK_REASON_INTERNAL when the backend
 * failed; or what is wrong in the plaintext: exactly one
 * Key data (behind an ID payload in message 3), of type TGK-SHARE and 16
 * bytes (of type TGK in message 6), KV 0 and nothing else: KEY_DATA,
 * TRUNCATED, TRAILING, KEY_TYPE, KEY_VALIDITY, KEY_LENGTH. In a plain message it
 * is a TGK of 16 to 64 bytes, in that of the public-key method behind an ID
 * payload; KEY_BLOCKS if two of its 256-bit blocks are equal.
 */
enum dmk_reason dmk_open_kemac(struct dmk_crypto *c, const struct dmk_message *m,
			       const struct dmk_msg_keys *keys, struct dmk_opened *o);

/**
 * dmk_seal_v() - append V and compute it, protocol.md 7
 * @c: crypto backend
 * @w: the message so far
 * @auth_key: 32 bytes
 * @idi: IDi of the request (always the sensor)
 * @idr: IDr of the request
 * @t: T of the request; in message 5, of message 1
 *
 * Return: 0, or negative when it does not fit or the backend failed.
 */
int dmk_seal_v(struct dmk_crypto *c, struct dmk_writer *w, const u8 auth_key[32],
	       const struct dmk_id *idi, const struct dmk_id *idr, u64 t);

/**
 * dmk_check_v() - check V
 * @c: crypto backend
 * @m: a message with V
 * @auth_key: 32 bytes; 20 of them count where a plain RFC 3830 answer has
 *	HMAC-SHA-1
 * @idi: IDi of the request
 * @idr: IDr of the request
 * @t: T of the request
 *
 * Return: DMK_OK, DMK_REASON_MAC, or DMK_REASON_INTERNAL when the backend failed.
 */
enum dmk_reason dmk_check_v(struct dmk_crypto *c, const struct dmk_message *m,
			    const u8 auth_key[32], const struct dmk_id *idi,
			    const struct dmk_id *idr, u64 t);

/**
 * dmk_sign_digest() - SHA-256 over what SIGN covers
 * @c: crypto backend
 * @m: a message with SIGN
 * @out: 32 bytes
 */
int dmk_sign_digest(struct dmk_crypto *c, const struct dmk_message *m,
		    u8 out[DMK_HASH_LEN]);

/**
 * dmk_cookie() - COOKIE, protocol.md 7.3
 * @c: crypto backend
 * @secret: 32 bytes
 * @addr: the sender's address, 16 bytes, IPv4 mapped
 * @port: the sender's port
 * @csb_id: CSB ID
 * @t: T
 * @out: 16 bytes
 */
int dmk_cookie(struct dmk_crypto *c, const u8 secret[32], const u8 addr[16],
	       u16 port, u32 csb_id, const struct dmk_ts *t, u8 out[DMK_COOKIE_LEN]);

/* ---- plain RFC 3830 exchanges (legacy algorithms included) */

/* dmk_seal_v() with Auth alg @alg; of @auth_key, as many bytes count as its MAC has */
int dmk_seal_v_host(struct dmk_crypto *c, struct dmk_writer *w, u8 alg, const u8 auth_key[32],
		    const struct dmk_id *idi, const struct dmk_id *idr, u64 t);

/**
 * dmk_open_plain() - check and decrypt the KEMAC of a plain PSK or PK message
 * @c: crypto backend
 * @m: a message of kind DMK_PSK or DMK_PK
 * @keys: from dmk_msg_keys()
 * @plain: room for the plaintext
 * @room: its size
 * @len: length of the plaintext: sub-payloads for dmk_parse_key_data()
 *
 * Return: DMK_OK, DMK_REASON_MAC, DMK_REASON_KEMAC_LENGTH when @plain is too
 * short, or DMK_REASON_INTERNAL when the backend failed.
 */
enum dmk_reason dmk_open_plain(struct dmk_crypto *c, const struct dmk_message *m,
			       const struct dmk_msg_keys *keys, u8 *plain, u32 room, u32 *len);

#endif
