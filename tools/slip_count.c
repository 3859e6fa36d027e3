// SPDX-License-Identifier: GPL-2.0
#include <err.h>
#include <inttypes.h>
#include <stdio.h>

#include "slip_count.h"

static const struct {
	const char *text;
	bool drop;
} names[] = {
#define X(name, text, drop) { text, drop },
	SLIP_COUNTS(X)
#undef X
};

static u64 counters[SLIP_COUNTERS];
static bool aloud;

void slip_count_aloud(void)
{
	aloud = true;
}

void slip_count(enum slip_count which, u32 n)
{
	counters[which] += n;
	if (aloud && n && names[which].drop)
		warnx("%s", names[which].text);
}

void slip_count_print(void)
{
	unsigned int i;

	for (i = 0; i < SLIP_COUNTERS; i++)
		printf("%s %" PRIu64 "\n", names[i].text, counters[i]);
	fflush(stdout);
}
