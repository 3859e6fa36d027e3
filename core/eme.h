/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The padding of an envelope key: RFC 8017 7.2 (PKCS#1 v1.5), for M of 32 bytes. */
#ifndef DMK_EME_H
#define DMK_EME_H

#include "limits.h"
#include "port.h"

/**
 * dmk_eme_open() - the envelope key in a decrypted PKE, in constant time
 * @em: what RSA gave: 00 02 PS 00 M if it is right
 * @len: its length, that of the modulus
 * @instead: what is given in place of M if the padding is bad in any way
 * @out: M, or @instead
 *
 * Nothing tells which of the two it was, neither a result nor time nor addresses.
 */
void dmk_eme_open(const u8 *em, size_t len, const u8 instead[DMK_ENVELOPE_LEN],
		  u8 out[DMK_ENVELOPE_LEN]);

#endif
