/* SPDX-License-Identifier: GPL-2.0 */
/*
 * AES-128 in CCM (RFC 3610) and GCM (SP 800-38D), in place.
 *
 * Mbed TLS has both, for streams of any length and in 4 KiB of flash, and its GHASH
 * looks up tables at secret indices. Messages here lie in memory as a whole; one
 * pass serves both modes, and GHASH multiplies in constant time. AES itself
 * is the library's.
 */
#ifndef MODES_H
#define MODES_H

#include "crypto.h"

enum modes_limits {
	MODES_TAG_MAX = 16,
	MODES_AAD_MAX = 0xfeff,		/* RFC 3610 2.2: length in two bytes */
};

/**
 * struct modes_call - one message
 * @gcm: GCM, else CCM
 * @key: 16 bytes
 * @nonce: 12 bytes with GCM, 11 to 13 with CCM
 * @aad: additional authenticated data, spans in order, up to MODES_AAD_MAX bytes
 * @n: their number
 * @tag_len: 8 or 16; GCM: 16
 */
struct modes_call {
	bool gcm;
	const u8 *key;
	struct dmk_span nonce;
	const struct dmk_span *aad;
	unsigned int n;
	u32 tag_len;
};

/**
 * modes_run() - encrypt or decrypt, and compute the tag
 * @m: how
 * @seal: encrypt
 * @buf: text, replaced
 * @len: its length, up to 65535
 * @tag: @m->tag_len bytes; when decrypting, the caller compares it, and wipes @buf
 *	if it is not the right one
 *
 * Return: 0, or negative if the library failed.
 */
int modes_run(const struct modes_call *m, bool seal, u8 *buf, u32 len, u8 *tag);

#endif
