/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What outlives a restart: the bound of T and, on chips without a TRNG, the
 * seed. A log in two sectors of flash (drv/flash.h) of records with a checksum
 * (core/record.h); a sector that is full is succeeded by the other one. A power
 * cut at any instant loses at most the record that was being written: T
 * never repeats, a seed is never used twice. The same holds if one record is
 * damaged later.
 */
#ifndef STORE_H
#define STORE_H

#include "crypto.h"

/**
 * enum store_status - what became of it
 */
enum store_status {
	STORE_OK,
	STORE_EMPTY,		/* erased: dmikey-provision was never here */
	STORE_DAMAGED,		/* no bound in flash that is not erased: to be
				 * provisioned anew, since T might repeat
				 */
	STORE_FLASH,		/* the flash cannot be read or written */
	STORE_NO_SEED,
	STORE_CRYPTO,
};

/**
 * struct store - the log; all of it rebuilt by store_open()
 * @bound: the bound of T
 * @sequence: of the newest record
 * @at: where the next record goes
 * @seed_sequence: the newest seed's
 * @seed_at: where it is
 * @log: enum flash_log: the sector in use, which has the newest bound
 * @seed_log: the sector that has the newest seed
 * @has_seed: there is one
 */
struct store {
	u64 bound;
	u32 sequence;
	u32 at;
	u32 seed_sequence;
	u32 seed_at;
	u8 log;
	u8 seed_log;
	bool has_seed;
};

/**
 * store_open() - find the newest records
 * @s: the result, of use only after STORE_OK
 */
enum store_status store_open(struct store *s);

/**
 * store_put_bound() - T will not pass @bound before the next call; for
 *	dmk_stamp_next()
 * @store: struct store
 * @bound: the new bound, greater than the one before
 *
 * May be called again after it failed; it then tries another place.
 *
 * Return: 0 when it is in flash for good, or negative.
 */
int store_put_bound(void *store, u64 bound);

/**
 * store_seed() - this start's seed
 * @s: the store
 * @c: for SHA-256
 * @seed: 32 bytes, to be used now and never again
 *
 * The next start's seed is in flash, and the one from which both came erased,
 * before this returns STORE_OK; @seed is of use only then.
 */
enum store_status store_seed(struct store *s, struct dmk_crypto *c, u8 seed[32]);

/**
 * store_name() - a store_status in words, with what to do
 */
const char *store_name(enum store_status s);

#endif
