/* SPDX-License-Identifier: GPL-2.0 */
/* What tape.c keeps. */
#ifndef TAPE_H
#define TAPE_H

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "lab.h"
#include "message.h"

/* a file of "tape record": struct lab_datagram up to the last byte of its message */
static inline void tape_read(const char *path, struct lab_datagram *d)
{
	FILE *f = fopen(path, "r");
	size_t len;

	if (!f)
		lab_die("%s: %s", path, strerror(errno));
	len = fread(d, 1, sizeof(*d), f);
	fclose(f);
	if (len != offsetof(struct lab_datagram, data) + d->len)
		lab_die("%s is no tape", path);
}

#endif
