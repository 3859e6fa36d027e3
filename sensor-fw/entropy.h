/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Random bytes for keys: a CTR_DRBG (SP 800-90A) of Mbed TLS, seeded from the
 * chip's TRNG after health tests (SP 800-90B 4.4), or from the provisioned seed
 * (store.h) on chips without one. Fails closed: no seed, no bytes.
 */
#ifndef ENTROPY_H
#define ENTROPY_H

#include "port.h"

/**
 * enum entropy_status - what is wrong with the randomness
 */
enum entropy_status {
	ENTROPY_OK,
	ENTROPY_NO_ANSWER,	/* the TRNG hangs */
	ENTROPY_ERROR,		/* the TRNG reports a clock or seed error */
	ENTROPY_STUCK,		/* repetition count test failed */
	ENTROPY_BIASED,		/* adaptive proportion test failed */
	ENTROPY_NO_SEED,	/* no TRNG, and no provisioned seed */
	ENTROPY_LIBRARY,	/* the DRBG failed */
};

/**
 * entropy_start() - test the source and seed the DRBG
 * @seed: 32 bytes of the provisioned seed, already replaced in the store; NULL
 *	without one. Where there is a TRNG it is required, and a seed is mixed in.
 *
 * May be called again after it failed.
 */
enum entropy_status entropy_start(const u8 *seed);

/**
 * entropy_name() - an entropy_status in words
 */
const char *entropy_name(enum entropy_status s);

/**
 * entropy_bytes() - random bytes fit for keys
 * @out: where they go
 * @len: how many, up to 1024
 *
 * Reseeds from the TRNG, with its tests, every 1024 calls.
 *
 * Return: 0, or negative: entropy_start() has not succeeded, or the source has
 * failed since; then every further call fails until entropy_start() succeeds.
 */
int entropy_bytes(u8 *out, size_t len);

/**
 * entropy_selfcheck() - test the DRBG with a known seed; before entropy_start()
 */
bool entropy_selfcheck(void);

#endif
