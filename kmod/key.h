/* SPDX-License-Identifier: GPL-2.0 */
/* Keys of the kernel's key service, named by serial. */
#ifndef DMK_KEY_H
#define DMK_KEY_H

#include <linux/key.h>
#include "limits.h"

struct dmk_rsa;

/**
 * dmk_key_logon() - a logon key of exactly 32 bytes
 * @serial: its serial; looked up with the caller's credentials, so this is
 *	for netlink handlers only
 *
 * Return: the key (one reference, key_put()), or ERR_PTR: -ENOKEY,
 * -EKEYEXPIRED, -EKEYREVOKED, -EINVAL for another type or length.
 */
struct key *dmk_key_logon(s32 serial);

/**
 * dmk_key_read() - copy a logon key's payload; may sleep
 * @key: from dmk_key_logon()
 * @out: 32 bytes; the caller wipes them
 *
 * Return: 0, or -EKEYREVOKED, -EKEYEXPIRED ... if it went since.
 */
int dmk_key_read(struct key *key, u8 out[DMK_PSK_LEN]);

/**
 * dmk_key_private() - the RSA private key inside an asymmetric key
 * @serial: its serial; for netlink handlers only
 *
 * Return: a key for rsa.h, or ERR_PTR.
 */
struct dmk_rsa *dmk_key_private(s32 serial);

#endif
