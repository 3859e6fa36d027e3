// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "log.h"

#define REFUSAL_SECONDS	60
#define REFUSALS	30	/* names, and lines, in that time */

static bool journal, verbose;

static struct refusal {
	char name[256];
	time_t said;
} refusals[REFUSALS];

void dmk_log_init(void)
{
	journal = getenv("JOURNAL_STREAM");
	setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
}

void dmk_log_verbose(void)
{
	verbose = true;
}

static void vlog(int level, const char *fmt, va_list ap)
{
	char line[1024];

	if (level > LOG_NOTICE && !verbose)
		return;
	vsnprintf(line, sizeof(line), fmt, ap);
	if (journal)
		fprintf(stderr, "<%d>%s\n", level, line);
	else
		fprintf(stderr, "dmikeyd: %s%s\n",
			level == LOG_ERR ? "error: " :
			level == LOG_WARNING ? "warning: " : "", line);
}

void dmk_log(int level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vlog(level, fmt, ap);
	va_end(ap);
}

/* a place to remember that @name was named; NULL: it was, or there is none */
static struct refusal *place(const char *name, time_t now)
{
	struct refusal *r, *free_one = NULL;

	for (r = refusals; r < refusals + REFUSALS; r++) {
		if (!r->said || now - r->said >= REFUSAL_SECONDS)
			free_one = r;
		else if (!strcmp(r->name, name))
			return NULL;
	}
	return free_one;
}

void dmk_log_refusal(const char *name, const char *fmt, ...)
{
	struct timespec now;
	struct refusal *r;
	va_list ap;

	clock_gettime(CLOCK_BOOTTIME, &now);
	r = place(name, now.tv_sec + 1);
	if (!r)
		return;
	snprintf(r->name, sizeof(r->name), "%s", name);
	r->said = now.tv_sec + 1;
	va_start(ap, fmt);
	vlog(LOG_WARNING, fmt, ap);
	va_end(ap);
}
