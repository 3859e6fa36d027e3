// SPDX-License-Identifier: GPL-2.0
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"

/* Nothing that lies there already is written through, and nobody's mode is kept. */
static FILE *create(const char *path, mode_t mode)
{
	FILE *f = NULL;
	int fd;

	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	/* whatever the umask is */
	if (fd >= 0 && !fchmod(fd, mode))
		f = fdopen(fd, "w");
	if (fd >= 0 && !f)
		close(fd);
	return f;
}

bool dmk_file_replace(const char *path, const char *text, mode_t mode)
{
	char temporary[PATH_MAX];
	bool good;
	FILE *f;

	snprintf(temporary, sizeof(temporary), "%s.new", path);
	f = create(temporary, mode);
	if (!f)
		return false;
	good = fprintf(f, "%s\n", text) > 0;
	good = !fclose(f) && good && !rename(temporary, path);
	if (!good)
		unlink(temporary);
	return good;
}
