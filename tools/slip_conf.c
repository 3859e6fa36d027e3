// SPDX-License-Identifier: GPL-2.0
#include <argp.h>
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "port.h"
#include "slip_conf.h"

const char *argp_program_version = "dmikey-slip (dmikey protocol 1)";

static const char doc[] =
	"The gateway's end of a sensor's serial line: IPv6 packets between a network "
	"interface and SLIP (RFC 1055).\v"
	"LINE is a tty, for instance /dev/ttyUSB0; pty, which makes a pseudo terminal "
	"and prints its name; or unix:PATH, a stream socket to connect to.\n"
	"\n"
	"SIGUSR1 prints statistics.";

enum { OPT_MTU = 256, OPT_CRTSCTS, OPT_ONCE, OPT_ALL };

static const struct argp_option options[] = {
	{ "baud", 'b', "BAUD", 0, "speed of a tty (default 115200)", 1 },
	{ "crtscts", OPT_CRTSCTS, NULL, 0, "flow control of a tty by RTS and CTS", 1 },
	{ "once", OPT_ONCE, NULL, 0, "end when the line cannot be opened, or goes", 1 },
	{ "interface", 'i', "NAME", 0, "network interface (default sensor0)", 2 },
	{ "mtu", OPT_MTU, "BYTES", 0, "1280 (default) to 1500", 2 },
	{ "address", 'a', "ADDR/PREFIX", 0, "address of the interface", 2 },
	{ "peer", 'p', "ADDR", 0, "address of the sensor: a route to it, and no other passes", 2 },
	{ "user", 'u', "NAME", 0, "become this user before the line is opened", 3 },
	{ "all", OPT_ALL, NULL, 0, "pass multicast packets to the sensor too", 3 },
	{ "verbose", 'v', NULL, 0, "say of each dropped packet why; statistics at the end", 3 },
	{ 0 }
};

static const struct {
	long baud;
	speed_t speed;
} speeds[] = {
	{ 9600, B9600 }, { 19200, B19200 }, { 38400, B38400 }, { 57600, B57600 },
	{ 115200, B115200 }, { 230400, B230400 }, { 460800, B460800 }, { 921600, B921600 },
};

static long number(struct argp_state *state, const char *text, long min, long max)
{
	char *end;
	long v;

	errno = 0;
	v = strtol(text, &end, 10);
	if (errno || end == text || *end || v < min || v > max)
		argp_error(state, "'%s' is not a number from %ld to %ld", text, min, max);
	return v;
}

static speed_t speed(struct argp_state *state, const char *text)
{
	long baud = number(state, text, 1, 10000000);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(speeds); i++)
		if (speeds[i].baud == baud)
			return speeds[i].speed;
	argp_error(state, "%ld baud is no speed of a tty that this program knows", baud);
	return B0;
}

static const char *interface(struct argp_state *state, const char *name)
{
	if (!*name || strlen(name) >= IFNAMSIZ || strpbrk(name, "/%: \t\n"))
		argp_error(state, "'%s' is no name of an interface", name);
	return name;
}

static void address(struct argp_state *state, const char *text, struct slip_conf *c)
{
	const char *slash = strchr(text, '/');
	char addr[INET6_ADDRSTRLEN] = "";

	if (slash && (size_t)(slash - text) < sizeof(addr))
		memcpy(addr, text, slash - text);
	if (inet_pton(AF_INET6, addr, &c->address) != 1)
		argp_error(state, "'%s' is not IPV6-ADDRESS/PREFIX", text);
	else
		c->prefix = number(state, slash + 1, 1, 128);
}

static void peer(struct argp_state *state, const char *text, struct slip_conf *c)
{
	c->has_peer = inet_pton(AF_INET6, text, &c->peer) == 1;
	if (!c->has_peer)
		argp_error(state, "'%s' is not an IPv6 address", text);
}

static void line(struct argp_state *state, char *arg, struct slip_conf *c)
{
	if (c->line)
		argp_error(state, "'%s' is too much", arg);
	c->line = c->path = arg;
	if (!strcmp(arg, "pty")) {
		c->kind = SLIP_PTY;
	} else if (!strncmp(arg, "unix:", 5)) {
		c->kind = SLIP_UNIX;
		c->path = arg + 5;
	}
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct slip_conf *c = state->input;

	switch (key) {
	case 'b': c->speed = speed(state, arg); break;
	case OPT_CRTSCTS: c->crtscts = true; break;
	case OPT_ONCE: c->once = true; break;
	case 'i': c->ifname = interface(state, arg); break;
	case OPT_MTU: c->mtu = number(state, arg, SLIP_MTU_MIN, SLIP_MTU_MAX); break;
	case 'a': address(state, arg, c); break;
	case 'p': peer(state, arg, c); break;
	case 'u': c->user = arg; break;
	case OPT_ALL: c->all = true; break;
	case 'v': c->verbose = true; break;
	case ARGP_KEY_ARG: line(state, arg, c); break;
	case ARGP_KEY_NO_ARGS: argp_error(state, "which LINE?"); break;
	default: return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

void slip_conf_parse(int argc, char **argv, struct slip_conf *c)
{
	static const struct argp argp = { options, parse_option, "LINE", doc, 0, 0, 0 };

	*c = (struct slip_conf){ .speed = B115200, .ifname = "sensor0", .mtu = SLIP_MTU_MIN };
	argp_err_exit_status = SLIP_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, c);
}
