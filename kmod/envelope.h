/* SPDX-License-Identifier: GPL-2.0 */
/* Envelope keys, protocol.md 6.3: what protects message 3. */
#ifndef DMK_ENVELOPE_H
#define DMK_ENVELOPE_H

#include <linux/ktime.h>
#include "hash.h"
#include "kdf.h"
#include "message.h"

struct dmk_local;
struct dmk_net;
struct dmk_peer;

#define DMK_ENVELOPE_MESSAGES (1 << 20)	/* under one key, 6.3 */

/**
 * struct dmk_envelope - an envelope key; its owner wipes it
 * @key: the key
 * @hmac: the same, as HMAC takes it
 * @id: ENVID: what it is called where it is cached
 * @born: CLOCK_BOOTTIME seconds
 * @epoch: at a third party, dmk_thirdparty.epoch of the T' it was drawn for
 */
struct dmk_envelope {
	u8 key[DMK_ENVELOPE_LEN];
	struct dmk_hmac_key hmac;
	u8 id[DMK_ENVID_LEN];
	time64_t born;
	u32 epoch;
};

/**
 * dmk_envelope_draw() - draw an envelope key and encrypt it to a responder
 * @dn: the instance
 * @c: crypto backend
 * @r: the responder
 * @pke: room for DMK_RSA_MAX bytes: Data of PKE, dmk_rsa_len(r->key) bytes
 * @e: the key; its @epoch is the caller's
 *
 * Return: DMK_OK or DMK_REASON_INTERNAL.
 */
enum dmk_reason dmk_envelope_draw(struct dmk_net *dn, struct dmk_crypto *c,
				  const struct dmk_peer *r, u8 *pke,
				  struct dmk_envelope *e);

/**
 * dmk_envelope_open() - the key of a signed message, behind its signature
 * @dn: the instance
 * @c: crypto backend
 * @l: who decrypts
 * @signer: who has to have signed
 * @m: the message
 * @e: the result. If PKE was no good it is a random key, and KEMAC will not
 *	open (implicit rejection)
 *
 * Return: DMK_OK, DMK_REASON_PKE_LENGTH, _SIGNATURE, _RATE_IDENTITY (too many for this
 * signer) or _INTERNAL; nothing is decrypted then.
 */
enum dmk_reason dmk_envelope_open(struct dmk_net *dn, struct dmk_crypto *c,
				  const struct dmk_local *l, struct dmk_peer *signer,
				  const struct dmk_message *m, struct dmk_envelope *e);

/**
 * dmk_envelope_keys() - the keys of messages 3 and 4 under an envelope key
 * @c: crypto backend
 * @e: the envelope key
 * @csb_id: CSB ID of the message
 * @rand: its RAND
 * @keys: the result; the caller wipes them
 *
 * Return: DMK_OK or DMK_REASON_INTERNAL.
 */
enum dmk_reason dmk_envelope_keys(struct dmk_crypto *c, const struct dmk_envelope *e,
				  u32 csb_id, struct dmk_span rand,
				  struct dmk_msg_keys *keys);

#endif
