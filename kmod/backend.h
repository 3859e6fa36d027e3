/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel crypto API as a backend of core/ (core/crypto.h); crypto.c. */
#ifndef DMK_BACKEND_H
#define DMK_BACKEND_H

#include "crypto.h"

/**
 * dmk_crypto_alloc() - a context: transforms and bounce buffers of one worker
 *
 * May sleep. Return: the context, freed with dmk_crypto_free(), or ERR_PTR.
 */
struct dmk_crypto *dmk_crypto_alloc(void);

/**
 * dmk_crypto_free() - wipe and free a context; NULL and ERR_PTR are ignored
 * @c: the context
 */
void dmk_crypto_free(struct dmk_crypto *c);

#endif
