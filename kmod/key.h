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
 * dmk_key_logon_host() - a logon key that is a PSK of a plain exchange
 * @serial: its serial; for netlink handlers only
 *
 * Return: as dmk_key_logon(); -EINVAL for a length that is not 16 to 64 bytes;
 * -EKEYREJECTED if two 256-bit blocks of it are equal (protocol.md 6.1).
 */
struct key *dmk_key_logon_host(s32 serial);

/* copy its payload, which the caller wipes; may sleep. Return: its length, or -errno */
int dmk_key_read_host(struct key *key, u8 out[DMK_HOST_KEY_MAX]);

/**
 * dmk_key_private() - the RSA private key inside an asymmetric key
 * @serial: its serial; for netlink handlers only
 *
 * Return: a key for rsa.h, or ERR_PTR.
 */
struct dmk_rsa *dmk_key_private(s32 serial);

#endif
