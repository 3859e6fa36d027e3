// SPDX-License-Identifier: GPL-2.0
/* What a sensor thinks of its third parties: protocol.md 7.5. */
#include <stdlib.h>

#include "ktap.h"
#include "standing.h"

enum {
	M = 6,
	DRAWS = 6000,
};

static int random_bytes(void *ctx, u8 *out, size_t len)
{
	(void)ctx;
	while (len--)
		*out++ = rand() >> 8;
	return 0;
}

static int no_random(void *ctx, u8 *out, size_t len)
{
	(void)ctx;
	(void)out;
	(void)len;
	return -7;
}

static int zeros(void *ctx, u8 *out, size_t len)
{
	++*(unsigned int *)ctx;
	memset(out, 0, len);
	return 0;
}

static bool has(const u8 *chosen, u8 n, u8 party)
{
	while (n--)
		if (chosen[n] == party)
			return true;
	return false;
}

static bool ascending(const u8 *chosen, u8 n)
{
	u8 i;

	for (i = 1; i < n; i++)
		if (chosen[i] <= chosen[i - 1])
			return false;
	return true;
}

static void steps_test(void)
{
	struct dmk_standing s = { 0 };
	int i;

	dmk_standing_absent(&s);
	dmk_standing_absent(&s);
	ktap_ok(!s.score, "absent twice: nothing yet");
	dmk_standing_right(&s);
	dmk_standing_absent(&s);
	dmk_standing_absent(&s);
	ktap_ok(!s.score, "a right share in between begins the count anew");
	dmk_standing_absent(&s);
	ktap_ok(s.score == -DMK_STANDING_ABSENT, "absent three times in a row: lower");
	dmk_standing_wrong(&s);
	ktap_ok(s.score == -DMK_STANDING_ABSENT - DMK_STANDING_WRONG, "a lie: lower at once");
	for (i = 0; i < 5; i++)
		dmk_standing_right(&s);
	ktap_ok(!s.score, "right shares make it good again");
	dmk_standing_right(&s);
	ktap_ok(!s.score, "and not better than good");
	for (i = 0; i < 1000; i++)
		dmk_standing_wrong(&s);
	ktap_ok(s.score == DMK_STANDING_LOWEST, "there is a lowest standing");
}

/* among equals each is drawn alike; 6 sigma of the binomial distribution */
static void draw_test(void)
{
	struct dmk_standing s[M] = { 0 };
	unsigned int drawn[M] = { 0 }, i, bad = 0;
	u8 chosen[DMK_N_MAX], party;

	for (i = 0; i < DRAWS; i++) {
		if (dmk_standing_choose(s, M, 3, random_bytes, NULL, chosen) ||
		    !ascending(chosen, 3) || chosen[2] >= M)
			bad++;
		for (party = 0; party < M; party++)
			drawn[party] += has(chosen, 3, party);
	}
	ktap_ok(!bad, "three of six, ascending, each once");
	for (party = 0, bad = 0; party < M; party++)
		bad += abs((int)drawn[party] - DRAWS / 2) > 240;
	ktap_ok(!bad, "equals are drawn alike");
}

static void order_test(void)
{
	struct dmk_standing s[M] = { 0 };
	unsigned int i, liar = 0, silent = 0;
	u8 chosen[DMK_N_MAX];

	dmk_standing_wrong(&s[1]);
	for (i = 0; i < 3; i++)
		dmk_standing_absent(&s[4]);
	for (i = 0; i < 200; i++) {
		dmk_standing_choose(s, M, 4, random_bytes, NULL, chosen);
		liar += has(chosen, 4, 1);
		silent += has(chosen, 4, 4);
	}
	ktap_ok(!liar && !silent, "those of low standing are left out");
	for (i = 0; i < 200; i++) {
		dmk_standing_choose(s, M, 5, random_bytes, NULL, chosen);
		liar += has(chosen, 5, 1);
		silent += has(chosen, 5, 4);
	}
	ktap_ok(!liar && silent == 200, "the better one of two that are low comes first");
}

static void edge_test(void)
{
	struct dmk_standing s[M] = { 0 };
	u8 chosen[DMK_N_MAX];
	unsigned int asked = 0;

	ktap_ok(dmk_standing_choose(s, M, 3, no_random, NULL, chosen) == -7,
		"without random numbers nobody is drawn");
	ktap_ok(!dmk_standing_choose(s, 3, 3, zeros, &asked, chosen) && !asked &&
		chosen[0] == 0 && chosen[1] == 1 && chosen[2] == 2,
		"all of them need no random number");
}

static void standing_test(void)
{
	srand(1);
	steps_test();
	draw_test();
	order_test();
	edge_test();
}

KTAP_MAIN(standing_test)
