/* SPDX-License-Identifier: GPL-2.0 */
/* Files with secrets: PSKs, master keys and private keys. */
#ifndef DMK_AGENT_SECRET_H
#define DMK_AGENT_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "../core/limits.h"

#define DMK_SECRET_WHY	192
#define DMK_PKCS8_MAX	4096	/* bytes of a private key, PKCS#8 DER */

/**
 * dmk_secret_init() - from now on OpenSSL wipes what it frees
 *
 * Return: false if it has memory already: this comes first.
 */
bool dmk_secret_init(void);

/**
 * dmk_secret_owner() - whose files are taken besides root's and our own
 * @uid: the user that the agent will become
 */
void dmk_secret_owner(uid_t uid);

/**
 * dmk_secret_symmetric() - read a PSK or a master key
 * @path: 64 hexadecimal digits and perhaps a newline, or exactly 32 bytes;
 *	owned by root or by the agent's user, for nobody else to read
 * @key: the secret; the caller wipes it
 * @why: if it fails, what is wrong
 */
bool dmk_secret_symmetric(const char *path, uint8_t key[DMK_PSK_LEN],
			  char why[DMK_SECRET_WHY]);

/**
 * dmk_secret_host() - read a PSK of a plain RFC 3830 exchange
 * @path: 32 to 128 hexadecimal digits and perhaps a newline; owner and mode as above
 * @key: the secret; the caller wipes it
 * @why: if it fails, what is wrong
 *
 * Return: its length in bytes, 0 on failure.
 */
size_t dmk_secret_host(const char *path, uint8_t key[DMK_HOST_KEY_MAX],
		       char why[DMK_SECRET_WHY]);

/**
 * dmk_secret_private() - read the private key of a certificate
 * @path: PEM, not encrypted; owner and mode as above
 * @pubkey: RSAPublicKey of the certificate that it must fit
 * @pubkey_len: its length
 * @pkcs8: room for PKCS#8 DER; the caller wipes it
 * @why: if it fails, what is wrong
 *
 * Return: the length, 0 on failure.
 */
size_t dmk_secret_private(const char *path, const uint8_t *pubkey, size_t pubkey_len,
			  uint8_t pkcs8[DMK_PKCS8_MAX], char why[DMK_SECRET_WHY]);

#endif
