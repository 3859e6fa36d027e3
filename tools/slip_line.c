// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "slip_line.h"

static int fail(int fd)
{
	int err = errno;

	close(fd);
	errno = err;
	return -1;
}

static bool make_raw(int fd, const struct slip_conf *c)
{
	struct termios t;

	if (tcgetattr(fd, &t))
		return false;
	cfmakeraw(&t);
	cfsetspeed(&t, c->speed);
	t.c_cflag |= CLOCAL | CREAD;
	t.c_cflag &= ~(CSTOPB | CRTSCTS);
	if (c->crtscts)
		t.c_cflag |= CRTSCTS;
	return !tcsetattr(fd, TCSANOW, &t);
}

static int open_tty(const struct slip_conf *c)
{
	int fd = open(c->path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return -1;
	/* two readers would tear frames apart */
	if (!make_raw(fd, c) || ioctl(fd, TIOCEXCL) || tcflush(fd, TCIOFLUSH))
		return fail(fd);
	return fd;
}

/* The end that the peer opens is kept open here too, so that the line outlives
 * the peer.
 */
static int open_pty(const struct slip_conf *c)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC), peer;
	const char *name;

	if (fd < 0)
		return -1;
	if (grantpt(fd) || unlockpt(fd))
		return fail(fd);
	name = ptsname(fd);
	peer = name ? open(name, O_RDWR | O_NOCTTY | O_CLOEXEC) : -1;
	if (peer < 0)
		return fail(fd);
	if (!make_raw(peer, c)) {
		fail(peer);
		return fail(fd);
	}
	printf("%s\n", name);
	fflush(stdout);
	return fd;
}

static int open_unix(const struct slip_conf *c)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(c->path) >= sizeof(a.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(a.sun_path, c->path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&a, sizeof(a)))
		return fail(fd);
	return fd;
}

int slip_line_open(const struct slip_conf *c)
{
	switch (c->kind) {
	case SLIP_PTY:	return open_pty(c);
	case SLIP_UNIX:	return open_unix(c);
	default:	return open_tty(c);
	}
}

void slip_line_close(const struct slip_conf *c, int fd)
{
	if (fd < 0)
		return;
	if (c->kind != SLIP_UNIX)
		tcflush(fd, TCOFLUSH);
	close(fd);
}
