// SPDX-License-Identifier: GPL-2.0
/*
 * Keeps the readings that arrive and sends each one back:
 *
 *	mirror PORT > FILE
 *
 * What cannot be sent back is counted, and said on a signal.
 */
#include <arpa/inet.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static volatile sig_atomic_t stopped;

static void stop(int sig)
{
	stopped = sig;
}

static int open_port(const char *port)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons(atoi(port)) };
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);

	return fd < 0 || bind(fd, (void *)&any, sizeof(any)) ? -1 : fd;
}

/* false: a signal */
static bool reflect(int fd, unsigned int *unsent)
{
	struct sockaddr_in6 from;
	socklen_t len = sizeof(from);
	char data[1500];
	ssize_t n = recvfrom(fd, data, sizeof(data), 0, (void *)&from, &len);

	if (n <= 0)
		return false;
	*unsent += sendto(fd, data, n, 0, (void *)&from, len) != n;
	return write(STDOUT_FILENO, data, n) == n;
}

int main(int argc, char **argv)
{
	const struct sigaction act = { .sa_handler = stop };	/* recvfrom() ends */
	unsigned int unsent = 0;
	int fd;

	sigaction(SIGTERM, &act, NULL);
	fd = argc == 2 ? open_port(argv[1]) : -1;
	if (fd < 0) {
		perror("mirror PORT");
		return 1;
	}
	while (!stopped && reflect(fd, &unsent))
		;
	fprintf(stderr, "%u not sent back\n", unsent);
	return 0;
}
