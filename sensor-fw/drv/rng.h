/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The chip's true random number generator: raw words. Whether they are good
 * enough is for ../entropy.c to say.
 */
#ifndef DRV_RNG_H
#define DRV_RNG_H

#include "port.h"
#include "status.h"

/**
 * rng_start() - switch it on; the first word is discarded, as the manual wants
 *
 * Return: DRV_OK; DRV_ABSENT on chips without one; DRV_TIMEOUT; DRV_FAILED for a
 * clock or seed error.
 */
enum drv_status rng_start(void);

/**
 * rng_word() - one word
 * @word: the result
 *
 * Return: DRV_OK, DRV_TIMEOUT, or DRV_FAILED for a clock or seed error (the driver
 * restarts the generator once before it says so).
 */
enum drv_status rng_word(u32 *word);

/**
 * rng_name() - what this is, for the console: "TRNG", "no TRNG", or in a QEMU
 *	build "QEMU ENTROPY - NOT FOR PRODUCTION"
 */
const char *rng_name(void);

#endif
