/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CoAP (RFC 7252), as much as a client needs that only posts: it makes confirmable
 * POSTs and empty messages, and reads whatever comes.
 */
#ifndef COAP_H
#define COAP_H

#include "out.h"

enum {
	COAP_HEAD = 4,
	COAP_TOKEN_LEN = 4,		/* of our requests */
};

/* RFC 7252 3 */
enum coap_type {
	COAP_CON,
	COAP_NON,
	COAP_ACK,
	COAP_RST,
};

/* RFC 7252 12.1: class << 5 | detail */
enum coap_code {
	COAP_EMPTY = 0,
	COAP_POST = 2,
};

/**
 * enum coap_verdict - what bytes are
 * @COAP_GOOD: a message
 * @COAP_FORMAT: one with a format error: rejected if it is confirmable (4.2), ignored
 *	if not (4.3); its type and Message ID are known
 * @COAP_NOTHING: too short, or another version: ignored (3)
 */
enum coap_verdict {
	COAP_GOOD,
	COAP_FORMAT,
	COAP_NOTHING,
};

/**
 * struct coap_message - a message that was received
 * @type: enum coap_type
 * @code: code
 * @id: Message ID
 * @token: inside the message
 * @critical: it has a critical option; we know none that a response needs (5.4.1)
 */
struct coap_message {
	u8 type;
	u8 code;
	u16 id;
	struct dmk_span token;
	bool critical;
};

/**
 * coap_class() - 2 success, 4 client error, 5 server error
 */
static inline u8 coap_class(u8 code)
{
	return code >> 5;
}

/**
 * coap_put_post() - a confirmable POST with SenML-CBOR, up to its payload
 * @o: an empty message
 * @id: Message ID
 * @token: token
 * @path: Uri-Path, segments with '/' between them
 */
void coap_put_post(struct out *o, u16 id, const u8 token[COAP_TOKEN_LEN],
		   struct dmk_span path);

/**
 * coap_empty() - an acknowledgement or a reset
 * @out: the message
 * @type: COAP_ACK or COAP_RST
 * @id: Message ID that it answers
 */
void coap_empty(u8 out[COAP_HEAD], enum coap_type type, u16 id);

/**
 * coap_parse() - read a message
 * @m: the result; @m->token is set only if the message is good
 * @data: the datagram
 * @len: its length
 */
enum coap_verdict coap_parse(struct coap_message *m, const u8 *data, u32 len);

#endif
