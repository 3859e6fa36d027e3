/* SPDX-License-Identifier: GPL-2.0 */
/* Messages that the vectors cannot hold, for they answer what the module drew. */
#ifndef FORGE_H
#define FORGE_H

#include "message.h"
#include "pki.h"
#include "vec_dmikey.h"

typedef const struct vec_dmikey_sessions session_t;

/* the session of the vectors that is called so */
session_t *forge_session(const char *name);

/* the envelope key of a signed message 3 for a responder of the vectors' PKI */
bool forge_envelope(const struct dmk_message *m, const char *responder,
		    u8 key[DMK_ENVELOPE_LEN]);

/**
 * struct forge_answer - a message 4
 * @data_type: Data type
 * @t: T'
 * @idi: IDi that V is made for
 * @envelope: the key that V is made with
 */
struct forge_answer {
	u8 data_type;
	struct dmk_ts t;
	struct dmk_id idi;
	u8 envelope[DMK_ENVELOPE_LEN];
};

/* the right one: what R answers to @tp_r, with C == 0 for R's name */
void forge_answer_of(const struct dmk_message *tp_r, const char *responder,
		     struct forge_answer *a);
/* the length */
u32 forge_answer_emit(struct dmk_crypto *c, const struct dmk_message *tp_r,
		      const struct forge_answer *a, u8 out[DMK_MSG_MAX]);

/**
 * struct forge_tp - what a third party has, out of the files of demo-pki.sh
 * @id: its identity
 * @cert: its certificate
 * @key: its private key
 * @r_key: the responder's public one
 * @r_hash: hash of the responder's certificate
 */
struct forge_tp {
	struct dmk_id id;
	struct dmk_cert cert;
	struct pki_key *key;
	struct pki_key *r_key;
	u8 r_hash[DMK_HASH_LEN];
};

/* "@dir/@name@ending" in @size bytes of @room, less than it fills; else the end */
struct dmk_span forge_file(const char *dir, const char *name, const char *ending, u8 *room,
			   size_t size);
/* one a program: what it points to is static */
void forge_tp_read(struct forge_tp *tp, struct dmk_crypto *c, const char *dir,
		   const char *name, const char *responder);

/* Data of PKE: @len is that of the responder's key */
void forge_encrypt(struct pki_key *responder, const u8 key[DMK_ENVELOPE_LEN], u8 *out, u32 len);
/* fills in SIGN of the message at @out */
void forge_sign(struct pki_key *tp, u8 *out, const struct dmk_sign *s);

/* the signed message 3 of a sensor in a session like @s, which has n = 1, with its
 * @session_data, or (NULL) that of @s, and a T' so many @seconds later; the length
 */
u32 forge_tp_r(struct dmk_crypto *c, session_t *s, const struct dmk_id *sensor,
	       struct dmk_span session_data, u32 seconds, u8 out[DMK_MSG_MAX]);

#endif
