/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * One record of a sensor's log: sensor-fw/store.c appends them, dmikey-provision
 * writes the first and reads them back.
 *
 *	'L'		1
 *	version		1	1
 *	type		1	enum dmk_record_type
 *	length		1	of the data
 *	sequence	4	number of the record, growing over both sectors
 *	data		8 or 32
 *	CRC-32		4	of IEEE 802.3, over everything before it
 *
 * Numbers are in network byte order. Each record says for itself what it is; a
 * sector needs no header that could be torn. A record stands at a multiple of
 * DMK_RECORD_STEP, and takes a multiple of it.
 */
#ifndef DMK_RECORD_H
#define DMK_RECORD_H

#include "wire.h"

/**
 * enum dmk_record_type - what a record holds
 * @DMK_RECORD_BOUND: 8 bytes: no T above it was used
 * @DMK_RECORD_SEED: 32 bytes: the next start's seed
 */
enum dmk_record_type {
	DMK_RECORD_BOUND = 1,
	DMK_RECORD_SEED = 2,
};

enum dmk_record_sizes {
	DMK_RECORD_STEP = 4,
	DMK_RECORD_HEAD = 8,
	DMK_RECORD_BOUND_LEN = 8,
	DMK_RECORD_SEED_LEN = 32,
	DMK_RECORD_MAX = DMK_RECORD_HEAD + DMK_RECORD_SEED_LEN + 4,
};

/**
 * struct dmk_record - a record
 * @type: enum dmk_record_type
 * @sequence: its number
 * @data: as long as the type wants; a view into what was decoded
 */
struct dmk_record {
	u8 type;
	u32 sequence;
	const u8 *data;
};

/**
 * dmk_crc32() - CRC-32 of IEEE 802.3
 * @p: bytes
 * @len: their number
 */
u32 dmk_crc32(const u8 *p, u32 len);

/**
 * dmk_record_encode() - the bytes of a record
 * @r: the record, of a type that there is
 * @out: where they go; a SEED is a secret
 *
 * Return: their number.
 */
u32 dmk_record_encode(const struct dmk_record *r, u8 out[DMK_RECORD_MAX]);

/**
 * dmk_record_decode() - the record that begins here
 * @in: bytes
 * @len: how many there are; may be more than the record has
 * @r: the result
 *
 * Return: the bytes that it takes; 0 if no whole record begins here.
 */
u32 dmk_record_decode(const u8 *in, u32 len, struct dmk_record *r);

#endif
