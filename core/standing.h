/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* What I thinks of its third parties, and whom it picks: protocol.md 7.5. */
#ifndef DMK_STANDING_H
#define DMK_STANDING_H

#include "limits.h"
#include "port.h"

/**
 * struct dmk_standing - of one third party; all zero at first
 * @score: 0 is best; worth keeping over restarts
 * @absent: sessions in a row in which PART left it out
 */
struct dmk_standing {
	int8_t score;
	u8 absent;
};

enum dmk_standing_steps {
	DMK_STANDING_LOWEST = -100,
	DMK_STANDING_WRONG = 4,		/* a lie weighs as much as four absences */
	DMK_STANDING_ABSENT = 1,
	DMK_STANDING_RIGHT = 1,
};

/* PART named it right; wrong; or not at all */
void dmk_standing_right(struct dmk_standing *s);
void dmk_standing_wrong(struct dmk_standing *s);
void dmk_standing_absent(struct dmk_standing *s);

/**
 * dmk_standing_choose() - draw n of m, those of the highest standing
 * @s: m standings
 * @m: third parties known, 1 to 255
 * @n: third parties wanted, 1 to 16, not above @m
 * @random: fills memory with random bytes: decides between equals; not called
 *	when @n is @m
 * @ctx: for @random
 * @chosen: n indices into @s, ascending
 *
 * Return: 0, or what @random returned when it failed.
 */
int dmk_standing_choose(const struct dmk_standing *s, u8 m, u8 n,
			int (*random)(void *ctx, u8 *out, size_t len), void *ctx,
			u8 chosen[DMK_N_MAX]);

#endif
