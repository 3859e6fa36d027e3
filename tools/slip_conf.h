/* SPDX-License-Identifier: GPL-2.0 */
/* What dmikey-slip is told on its command line. */
#ifndef SLIP_CONF_H
#define SLIP_CONF_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <termios.h>

enum {
	SLIP_MTU_MIN = 1280,		/* RFC 8200 5 */
	SLIP_MTU_MAX = 1500,
};

enum slip_exit {
	SLIP_OK,			/* stopped by a signal */
	SLIP_FAILED,
	SLIP_USAGE,
	SLIP_LINE_GONE,			/* with --once */
};

enum slip_line_kind {
	SLIP_TTY,
	SLIP_PTY,
	SLIP_UNIX,
};

/**
 * struct slip_conf - the command line
 * @line: as it was given
 * @path: of the tty or socket
 * @prefix: of @address; 0 if there is no address
 * @has_peer: there is a @peer: nothing passes that is not from it or to it
 * @user: whom to become, or NULL
 */
struct slip_conf {
	const char *line;
	const char *path;
	enum slip_line_kind kind;
	speed_t speed;
	bool crtscts;
	bool once;
	bool all;
	bool verbose;
	const char *ifname;
	unsigned int mtu;
	struct in6_addr address;
	unsigned int prefix;
	struct in6_addr peer;
	bool has_peer;
	const char *user;
};

/**
 * slip_conf_parse() - fill in @c; what is wrong is said, and ends the program
 */
void slip_conf_parse(int argc, char **argv, struct slip_conf *c);

#endif
