/* SPDX-License-Identifier: GPL-2.0 */
/* The OpenSSL backend of core/crypto.h. */
#ifndef DMK_CRYPTO_OPENSSL_H
#define DMK_CRYPTO_OPENSSL_H

#include "crypto.h"

/**
 * dmk_crypto_openssl_new() - a context for one thread
 *
 * Return: the context, which the caller ends with dmk_crypto_openssl_free();
 * NULL if OpenSSL has no memory or lacks an algorithm.
 */
struct dmk_crypto *dmk_crypto_openssl_new(void);

/**
 * dmk_crypto_openssl_free() - wipe and free a context
 * @c: the context, or NULL
 */
void dmk_crypto_openssl_free(struct dmk_crypto *c);

#endif
