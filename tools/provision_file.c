// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "provision.h"

void provision_complain(const char *fmt, ...)
{
	va_list ap;

	fputs("dmikey-provision: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

static bool join(const char *dir, const char *name, const char *end, char path[4096])
{
	if (snprintf(path, 4096, "%s%s%s%s", dir ? dir : "", dir ? "/" : "", name, end) < 4096)
		return true;
	return provision_wrong("%s: too long a name", name);
}

static ssize_t read_all(int fd, u8 *data, size_t room)
{
	size_t len = 0;
	ssize_t n;

	while (len < room) {
		n = read(fd, data + len, room - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return n;
		if (!n)
			break;
		len += n;
	}
	return len;
}

bool provision_read(const char *dir, const char *name, u8 *data, size_t room, size_t *len)
{
	char path[4096];
	struct stat st;
	ssize_t n = -1;
	bool fits;
	int fd;

	if (!join(dir, name, "", path))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st)) {
		provision_complain("%s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return false;
	}
	fits = S_ISREG(st.st_mode) && st.st_size <= (off_t)room;
	if (fits)
		n = read_all(fd, data, room);
	close(fd);
	if (n < 0)
		return provision_wrong("%s: %s", path, fits ? strerror(errno) :
				       "too long for what it should be");
	*len = n;
	return true;
}

static bool write_all(int fd, const u8 *data, size_t len)
{
	ssize_t n;

	while (len) {
		n = write(fd, data, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		data += n;
		len -= n;
	}
	return !fsync(fd);
}

void provision_hold(sigset_t *before)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, before);
}

void provision_release(const sigset_t *before)
{
	sigprocmask(SIG_SETMASK, before, NULL);
}

static bool replace(const char *path, char *temporary, const void *data, size_t len)
{
	bool good;
	int fd;

	fd = mkostemp(temporary, O_CLOEXEC);	/* mode 0600 */
	if (fd < 0)
		return provision_wrong("%s: %s", path, strerror(errno));
	good = write_all(fd, data, len);
	good = !close(fd) && good && !rename(temporary, path);
	if (!good) {
		provision_complain("%s: %s", path, strerror(errno));
		unlink(temporary);
	}
	return good;
}

bool provision_write(const char *dir, const char *name, const void *data, size_t len)
{
	char path[4096], temporary[4096];
	sigset_t before;
	bool good;

	if (!join(dir, name, "", path) || !join(dir, name, ".XXXXXX", temporary))
		return false;
	provision_hold(&before);
	good = replace(path, temporary, data, len);
	provision_release(&before);
	return good;
}

bool provision_exists(const char *dir, const char *name)
{
	char path[4096];

	return join(dir, name, "", path) && !access(path, F_OK);
}
