// SPDX-License-Identifier: GPL-2.0
/* What went wrong, in one place and one form. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"

static char doing[256];

void ctl_fail_in(const char *word)
{
	size_t n = strlen(doing);

	snprintf(doing + n, sizeof(doing) - n, " %s", word);
}

void ctl_fail_at(const char *file, unsigned int line)
{
	int n = snprintf(doing, sizeof(doing), " apply: %.150s", file);

	if (line)
		snprintf(doing + n, sizeof(doing) - n, ":%u:", line);
}

static void say(const char *fmt, va_list ap)
{
	size_t n = strlen(doing);

	fflush(stdout);
	fprintf(stderr, "dmikeyctl%s%s ", doing, n && doing[n - 1] == ':' ? "" : ":");
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
}

void ctl_fail_note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
}

void ctl_fail(enum ctl_status status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
	exit(status);
}
