/* SPDX-License-Identifier: GPL-2.0 */
/* One call of this task fails, the one that is told by its number: faults/faults.c. */
#ifndef FAILNTH_H
#define FAILNTH_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FAILNTH "/sys/kernel/debug/dmikey_faults/task"

/* an attribute of debugfs is read and written once an open() */
static inline void failnth_file(char *text, size_t len, int flags)
{
	int fd = open(FAILNTH, flags | O_CLOEXEC);

	if (fd < 0 || (flags == O_WRONLY ? write(fd, text, len) : read(fd, text, len)) <= 0) {
		perror(FAILNTH);
		_exit(2);
	}
	close(fd);
}

/* the @n-th from here on; 0: none */
static inline void failnth_arm(unsigned int n)
{
	char text[16];

	failnth_file(text, snprintf(text, sizeof(text), "%u", n), O_WRONLY);
}

/* whether it has failed */
static inline bool failnth_disarm(void)
{
	char text[16] = "";

	failnth_file(text, sizeof(text) - 1, O_RDONLY);
	failnth_arm(0);
	return !atoi(text);
}

#endif
