/* SPDX-License-Identifier: GPL-2.0 */
/*
 * dmikeyctl decode: messages come in (decode_read.c, decode_packet.c), are taken
 * apart by core/describe.c into JSON (decode_tree.c), checked and opened with the
 * keys at hand (decode_check.c, decode_open.c, decode_session.c), and printed, as
 * JSON or as text made of it (decode_text.c).
 */
#ifndef DECODE_H
#define DECODE_H

#include <openssl/evp.h>
#include <stdio.h>

#include "ctl.h"
#include "describe.h"
#include "seal.h"
#include "share.h"

#define DECODE_KEY_MAX 64	/* bytes of a PSK or envelope key */

/**
 * struct decode_input - a message as it came
 * @data: its bytes
 * @len: their number
 * @captured: from a capture, so that these are known:
 * @time: when, Unix seconds
 * @micro: and microseconds
 * @from: source, "[2001:db8::7]:2269"
 * @to: destination
 */
struct decode_input {
	const u8 *data;
	u32 len;
	bool captured;
	int64_t time;
	long micro;
	const char *from;
	const char *to;
};

typedef void decode_give(void *arg, const struct decode_input *in);

/* ---- decode_read.c */

/**
 * decode_read() - all messages of a file
 * @file: its name; "-" is standard input
 * @port: UDP port in captures, beside 2269
 * @give: called for each message
 * @arg: for it
 *
 * A file that is neither text nor a capture is one message. What cannot be
 * read ends the program.
 */
void decode_read(const char *file, uint16_t port, decode_give *give, void *arg);

/* ---- decode_packet.c */

struct decode_packets;

struct decode_packets *decode_packets_new(uint16_t port, decode_give *give, void *arg);
void decode_packets_free(struct decode_packets *p);
/* false if the link type is none that is known here */
bool decode_packets_link(int link);

/**
 * decode_packet() - a captured packet; gives the datagram when it is complete
 * @p: fragments that wait for others
 * @link: link type, DLT_*
 * @data: the packet
 * @len: bytes that were captured
 * @in: when; the rest is filled in
 */
void decode_packet(struct decode_packets *p, int link, const u8 *data, u32 len,
		   struct decode_input *in);

/**
 * struct decode_plain - what was in KEMAC
 * @data: the plaintext
 * @len: its length
 * @with_id: ID stands first
 */
struct decode_plain {
	u8 data[DMK_MSG_MAX];
	u32 len;
	bool with_id;
};

/* ---- decode_tree.c */

/* adds "payloads", and "error" if there is one; false then */
bool decode_tree(struct json_object *message, const u8 *data, u32 len);
/* the same of KEMAC's plaintext, as "opened" */
bool decode_tree_opened(struct json_object *message, const struct decode_plain *p);
struct json_object *decode_tree_hex(const u8 *data, u32 len);

/* ---- decode_facts.c */

/**
 * struct decode_facts - what checking needs to know of a message
 * @m: its fields, as far as there are any; structure was not judged. kind says
 *	how it is protected, not what dmikey would call it
 * @part: it has a PART
 */
struct decode_facts {
	struct dmk_message m;
	bool part;
};

void decode_facts(struct decode_facts *f, const u8 *data, u32 len);

/* ---- decode_refuse.c */

/* adds "name" and "clause", and "refused" if it is dmikey's and dmikey would
 * refuse it; false then
 */
bool decode_refuse(struct json_object *message, const struct decode_facts *f,
		   const u8 *data, u32 len);

/* ---- decode_keys.c */

/**
 * struct decode_key - a pre-shared, envelope or update key
 * @data: its bytes
 * @len: their number
 * @name: where it is from, for the reader
 */
struct decode_key {
	u8 data[DECODE_KEY_MAX];
	u32 len;
	const char *name;
};

/**
 * struct decode_keys - the keys that were given
 * @crypto: for core/
 * @psk: pre-shared keys
 * @n_psk: their number
 * @private: RSA private keys
 * @private_name: their files
 * @n_private: their number
 * @public: public keys of certificates
 * @public_name: their files
 * @n_public: their number
 */
struct decode_keys {
	struct dmk_crypto *crypto;
	struct decode_key psk[64];
	unsigned int n_psk;
	EVP_PKEY *private[16];
	const char *private_name[16];
	unsigned int n_private;
	EVP_PKEY *public[64];
	const char *public_name[64];
	unsigned int n_public;
};

/* what is no key ends the program */
void decode_keys_psk(struct decode_keys *k, const char *file);
void decode_keys_private(struct decode_keys *k, const char *file);
void decode_keys_certificate(struct decode_keys *k, const char *file);
void decode_keys_wipe(struct decode_keys *k);

/* the envelope key in PKE, by the private key @i; false if it is not for it */
bool decode_keys_envelope(const struct decode_keys *k, unsigned int i, struct dmk_span pke,
			  struct decode_key *out);
/* whose certificate SIGN verifies with, and the hash; NULL if none */
const char *decode_keys_signed(const struct decode_keys *k, const struct dmk_message *m,
			       const char **hash);

/* ---- decode_session.c: what earlier messages tell about later ones */

struct decode_sessions;

/**
 * struct decode_request - a message that others refer to
 * @older: the one before
 * @data: its bytes, without COOKIE
 * @f: its facts, in @data
 * @key: the key that opened it; len 0: none did
 * @tgk: the TGK that an update brings
 * @id: the ID in KEMAC, which names the sender
 * @id_data: its ID Data
 */
struct decode_request {
	struct decode_request *older;
	u8 *data;
	struct decode_facts f;
	struct decode_key key;
	struct decode_key tgk;
	struct dmk_id id;
	u8 id_data[DMK_ID_MAX];
};

/**
 * struct decode_group - shares of one session
 * @older: the one before
 * @request: the first message with one of them
 * @point: the shares
 * @n: their number
 * @tgk: the TGK, once the commitment has confirmed it
 * @update: K_update; len 0: not yet
 */
struct decode_group {
	struct decode_group *older;
	struct decode_request *request;
	struct dmk_point point[DMK_CANDIDATES_MAX];
	u8 n;
	struct decode_key tgk;
	struct decode_key update;
};

struct decode_sessions *decode_sessions_new(void);
void decode_sessions_free(struct decode_sessions *s);
/* remembers; when there are too many, all that came before is forgotten */
struct decode_request *decode_sessions_add(struct decode_sessions *s, const u8 *data, u32 len,
					   const struct decode_key *key);
/* the request before @r; NULL: the newest */
struct decode_request *decode_sessions_next(struct decode_sessions *s,
					    const struct decode_request *r);
/* the newest request before @from (NULL: of all) with this CSB ID */
struct decode_request *decode_sessions_find(struct decode_sessions *s, u32 csb_id,
					    const struct decode_request *from);
/* the group with this CSB ID */
struct decode_group *decode_sessions_group(struct decode_sessions *s, u32 csb_id);
/* takes a share; true if the TGK is known since now */
bool decode_sessions_share(struct decode_sessions *s, struct dmk_crypto *c,
			   struct decode_request *r, const u8 share[DMK_SHARE_LEN]);

/* ---- decode_check.c */

/**
 * decode_check() - verify MAC, V and signature, and open KEMAC
 * @message: gets "verified", "checks", "opened" and "keys"
 * @keys: the keys
 * @sessions: what was learned before
 * @data: the message
 * @len: its length
 *
 * Return: false if something is wrong for certain.
 */
bool decode_check(struct json_object *message, const struct decode_keys *keys,
		  struct decode_sessions *sessions, const u8 *data, u32 len);

/* ---- decode_open.c */

/* "keys": what is derived for this message, and from the keys in its KEMAC */
void decode_open_message_keys(struct json_object *keys, const struct dmk_msg_keys *k,
			      const struct dmk_suite *s);
void decode_open_derived(struct json_object *keys, struct dmk_crypto *c,
			 const struct decode_facts *f, struct dmk_span rand,
			 const struct decode_plain *p);
void decode_open_group(struct json_object *keys, const struct decode_group *g);
void decode_open_update(struct json_object *keys, const struct decode_group *g);
/* ESP keys and K_update, once RANDR is known */
void decode_open_esp(struct json_object *keys, struct dmk_crypto *c, struct dmk_span tgk,
		     const struct decode_facts *request, struct dmk_span rand,
		     struct dmk_span randr);
/* the share, or TGK, that a KEMAC holds; empty if it is no single one of @type */
struct dmk_span decode_open_lone(const struct decode_plain *p, u8 type);

/* ---- decode_text.c */

void decode_text(struct json_object *message);

#endif
