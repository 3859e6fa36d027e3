// SPDX-License-Identifier: GPL-2.0 OR MIT
#include "standing.h"

static void lower(struct dmk_standing *s, int by)
{
	int score = s->score - by;

	s->score = score < DMK_STANDING_LOWEST ? DMK_STANDING_LOWEST : score;
}

void dmk_standing_right(struct dmk_standing *s)
{
	s->absent = 0;
	if (s->score < 0)
		s->score += DMK_STANDING_RIGHT;
}

void dmk_standing_wrong(struct dmk_standing *s)
{
	s->absent = 0;
	lower(s, DMK_STANDING_WRONG);
}

void dmk_standing_absent(struct dmk_standing *s)
{
	if (++s->absent < DMK_ABSENT_BEFORE_LOWER)
		return;
	s->absent = 0;
	lower(s, DMK_STANDING_ABSENT);
}

static bool holds(const u8 *chosen, u8 n, u8 party)
{
	while (n--)
		if (chosen[n] == party)
			return true;
	return false;
}

/* the best that is not chosen yet; among c equals each with 1/c */
static int best(const struct dmk_standing *s, u8 m, const u8 *chosen, u8 n,
		int (*random)(void *ctx, u8 *out, size_t len), void *ctx, u8 *found)
{
	u32 equals = 0, r;
	int err;
	u8 i;

	for (i = 0; i < m; i++) {
		if (holds(chosen, n, i) || (equals && s[i].score < s[*found].score))
			continue;
		equals = equals && s[i].score == s[*found].score ? equals + 1 : 1;
		r = 0;
		if (equals > 1) {
			err = random(ctx, (u8 *)&r, sizeof(r));
			if (err)
				return err;
		}
		if (r % equals == 0)
			*found = i;
	}
	return 0;
}

static void insert(u8 *chosen, u8 n, u8 party)
{
	for (; n && chosen[n - 1] > party; n--)
		chosen[n] = chosen[n - 1];
	chosen[n] = party;
}

int dmk_standing_choose(const struct dmk_standing *s, u8 m, u8 n,
			int (*random)(void *ctx, u8 *out, size_t len), void *ctx,
			u8 chosen[DMK_N_MAX])
{
	u8 i, party = 0;
	int err;

	for (i = 0; i < n; i++) {
		err = 0;
		if (n == m)
			party = i;
		else
			err = best(s, m, chosen, i, random, ctx, &party);
		if (err)
			return err;
		insert(chosen, i, party);
	}
	return 0;
}
