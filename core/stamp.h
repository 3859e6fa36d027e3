/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * T of the messages that I builds: strictly greater than any earlier one, also
 * over restarts (protocol.md 5). The owner keeps one number in storage, a
 * bound that no T has passed, and moves it in steps so that storage is not
 * written for every message.
 */
#ifndef DMK_STAMP_H
#define DMK_STAMP_H

#include "port.h"

/* NTP-UTC goes on by itself: a step ahead of it would add up over quick restarts
 * until T leaves the skew
 */
#define DMK_STAMP_AHEAD_NTP	0ULL
#define DMK_STAMP_AHEAD_COUNTER	16ULL

/**
 * struct dmk_stamp - the last T and the bound
 * @last: the last T given; after a restart the stored bound
 * @bound: what storage holds; no T above it may be used before storage holds
 *	a greater one
 */
struct dmk_stamp {
	u64 last;
	u64 bound;
};

/* after a start: @bound from storage, 0 at the very first one */
static inline void dmk_stamp_init(struct dmk_stamp *s, u64 bound)
{
	s->last = bound;
	s->bound = bound;
}

/**
 * dmk_stamp_next() - the next T
 * @s: state
 * @now: NTP-UTC now in units of 2^-32 s; 0 for COUNTER
 * @max: the greatest value there is: 2^32 - 1 for COUNTER, else 2^64 - 1
 * @ahead: step of the bound
 * @store: writes the new bound to storage for good, and says so with 0
 * @ctx: for @store
 * @t: the result
 *
 * Return: 0; negative if storage failed or T has come to its end: then no T
 * was given and nothing may be sent.
 */
int dmk_stamp_next(struct dmk_stamp *s, u64 now, u64 max, u64 ahead,
		   int (*store)(void *ctx, u64 bound), void *ctx, u64 *t);

#endif
