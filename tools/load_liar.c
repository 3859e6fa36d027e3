// SPDX-License-Identifier: GPL-2.0
/*
 * Third parties of mode r that lie. The first ones of each session are of one mind:
 * they know each other's shares, and what they do goes by the sensor's number.
 */
#include <string.h>

#include "load.h"

/* where it stands in SHARE, protocol.md 6.2 */
enum { SHARE_X = 4, SHARE_COMMITMENT = 17 };

static u8 position(const struct load_sensor *s, u8 party)
{
	u8 x;

	for (x = 1; s->machine.attempt.chosen[x - 1] != party; x++)
		;
	return x;
}

/* a polynomial with a zero at as many honest positions as k allows: liars' and honest
 * shares then lie on another one together, if it is added to the sensor's
 */
static u8 shift(const struct load *l, const struct load_sensor *s, u8 x, bool keep_c0)
{
	unsigned int party, roots = l->conf.k - 1 - keep_c0;
	u8 v = keep_c0 ? x : 1;

	for (party = l->conf.liars; party < l->conf.n && roots; party++, roots--)
		v = dmk_gf_mul(v, x ^ position(s, party));
	return v;
}

static void add_shift(u8 share[DMK_SHARE_LEN], u8 v)
{
	unsigned int i;

	for (i = 0; i < DMK_SHARE_LEN; i++)
		share[i] ^= dmk_gf_mul(i + 1, v);
}

/* whether the sensor's polynomial has it */
static bool is_right(const struct load *l, const struct load_sensor *s, u8 x, const u8 *share)
{
	u8 y[DMK_SHARE_LEN];

	dmk_share_eval(s->machine.attempt.coeff, l->conf.k, x, y);
	return dmk_equal(y, share, sizeof(y));
}

void load_liar_change(struct load *l, struct load_sensor *s, u8 party, struct load_lie *lie)
{
	u8 x = lie->ext[SHARE_X];
	bool same_group = true;

	switch (s->number % 7) {
	case 0:			/* a bit */
		lie->share[0] ^= 1;
		break;
	case 1:			/* together with honest ones, another polynomial */
		add_shift(lie->share, shift(l, s, x, false));
		break;
	case 2:			/* one with the same c_0 */
		add_shift(lie->share, shift(l, s, x, true));
		break;
	case 3:			/* in an honest one's place */
		lie->ext[SHARE_X] = position(s, l->conf.n - 1);
		break;
	case 4:			/* all in one place; it is the first one's own */
		lie->ext[SHARE_X] = position(s, 0);
		break;
	case 5:			/* one that was for another session, or another liar */
		memcpy(lie->share, l->stale, DMK_SHARE_LEN);
		break;
	default:		/* a session of its own */
		lie->ext[SHARE_COMMITMENT] ^= party + 1;
		same_group = false;
	}
	if (same_group && !is_right(l, s, lie->ext[SHARE_X], lie->share))
		l->result.lies++;
}
