/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Envelope keys, protocol.md 6.3: what protects message 3. One is drawn for
 * every message; a cache of them has its place here.
 */
#ifndef DMK_ENVELOPE_H
#define DMK_ENVELOPE_H

#include "cert.h"
#include "kdf.h"
#include "local.h"

struct dmk_net;

/**
 * dmk_envelope_draw() - draw an envelope key and encrypt it to a responder
 * @dn: the instance
 * @c: crypto backend
 * @r: the responder
 * @csb_id: CSB ID of the message
 * @rand: its RAND
 * @pke: room for DMK_RSA_MAX bytes: Data of PKE, dmk_rsa_len(r->key) bytes
 * @keys: keys of the message; the caller wipes them
 *
 * Return: DMK_OK or DMK_REASON_INTERNAL.
 */
enum dmk_reason dmk_envelope_draw(struct dmk_net *dn, struct dmk_crypto *c,
				  const struct dmk_peer *r, u32 csb_id,
				  struct dmk_span rand, u8 *pke,
				  struct dmk_msg_keys *keys);

/**
 * dmk_envelope_open() - the keys of a message 3 whose SIGN has verified
 * @dn: the instance
 * @c: crypto backend
 * @l: the responder
 * @m: the message
 * @keys: the result; the caller wipes them. If PKE was no good they are those
 *	of a random envelope key, and KEMAC will not open (implicit rejection)
 *
 * Return: DMK_OK or DMK_REASON_INTERNAL.
 */
enum dmk_reason dmk_envelope_open(struct dmk_net *dn, struct dmk_crypto *c,
				  const struct dmk_local *l, const struct dmk_message *m,
				  struct dmk_msg_keys *keys);

#endif
