/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Between message.c, which reads payloads, and form.c, which judges the whole. */
#ifndef DMK_WALK_H
#define DMK_WALK_H

#include "message.h"

#define DMK_PAYLOADS_MAX 32		/* the longest message is ERR with 16 SP */

/* Who reads messages in this build: bits of enum dmk_role. A build for a sensor
 * alone sets DMK_AT_I and has no code for payloads and messages that only others
 * read: they are refused as of an unknown type, or as unexpected.
 */
#ifndef DMK_READERS
#define DMK_READERS (DMK_AT_I | DMK_AT_TP | DMK_AT_R | DMK_AT_HOST)
#endif

/* whether anybody here reads requests, and what goes between TP and R */
#define DMK_READS_REQUESTS ((DMK_READERS & ~DMK_AT_I) != 0)

/**
 * struct dmk_walk - a walk along the payloads
 * @m: the message to fill in
 * @c: where we are
 * @roles: who reads it
 * @seen: the payloads so far: Next payload values, General Extensions by their
 *	own type (the two do not overlap)
 * @n: their number
 * @has: which ones they are, by dmk_walk_bit()
 * @ids: ID payloads so far
 * @vendor: a Vendor ID was skipped
 */
struct dmk_walk {
	struct dmk_message *m;
	struct dmk_cursor c;
	unsigned int roles;
	u8 seen[DMK_PAYLOADS_MAX];
	u8 n;
	u32 has;
	u8 ids;
	bool vendor;
};

/* messages have payloads 1 to 15 and the General Extensions 241 to 245, which are
 * 17 to 21 here: no two have one bit
 */
static inline u32 dmk_walk_bit(u8 what)
{
	return (u32)1 << (what & 31);
}

static inline bool dmk_walk_has(const struct dmk_walk *w, u8 what)
{
	return w->has & dmk_walk_bit(what);
}

/**
 * dmk_form_check() - which message it is, and whether it is a good one
 * @w: a walk that has reached the end of the message
 *
 * Sets @w->m->kind and the fields that come out of HDR's CS ID map.
 *
 * Return: DMK_OK or why the message is refused.
 */
enum dmk_reason dmk_form_check(struct dmk_walk *w);

#endif
