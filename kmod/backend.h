/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel crypto API as a backend of core/ (core/crypto.h): crypto.c, hash.c. */
#ifndef DMK_BACKEND_H
#define DMK_BACKEND_H

#include "hash.h"

/* hash.c: at the module's start and end; 0, or why there is no SHA-256 */
int dmk_crypto_init(void);
void dmk_crypto_exit(void);

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

/**
 * dmk_crypto_preset() - the key of the next HMACs has been hashed before
 * @c: the context
 * @k: that key; copied
 */
void dmk_crypto_preset(struct dmk_crypto *c, const struct dmk_hmac_key *k);

/**
 * dmk_crypto_forget() - wipe the keys of what a context did last
 * @c: the context
 *
 * To be called when a message is done with.
 */
void dmk_crypto_forget(struct dmk_crypto *c);

#endif
