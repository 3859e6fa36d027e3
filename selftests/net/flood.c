// SPDX-License-Identifier: GPL-2.0
/*
 * Send one message many times, never twice the same:
 *
 *	flood ADDRESS PORT FILE COUNT PER_SECOND [OFFSET]
 *
 * FILE holds a datagram; the 4 bytes at OFFSET (4: CSB ID) become a running
 * number. Prints how many were sent.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static void die(const char *what)
{
	fprintf(stderr, "flood: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int open_socket(const char *address, const char *port)
{
	struct addrinfo hints = { .ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICHOST };
	struct addrinfo *ai;
	int fd;

	if (getaddrinfo(address, port, &hints, &ai))
		die(address);
	fd = socket(ai->ai_family, SOCK_DGRAM, 0);
	if (fd < 0 || connect(fd, ai->ai_addr, ai->ai_addrlen))
		die("connect");
	freeaddrinfo(ai);
	return fd;
}

static size_t read_file(const char *name, uint8_t *buf, size_t room)
{
	FILE *f = fopen(name, "rb");
	size_t len;

	if (!f)
		die(name);
	len = fread(buf, 1, room, f);
	fclose(f);
	return len;
}

int main(int argc, char **argv)
{
	unsigned long count, rate, i, sent = 0, offset;
	struct timespec pause = { 0 };
	uint8_t msg[4096];
	size_t len;
	uint32_t n;
	int fd;

	if (argc < 6 || argc > 7) {
		fprintf(stderr, "usage: flood ADDRESS PORT FILE COUNT PER_SECOND [OFFSET]\n");
		return 2;
	}
	fd = open_socket(argv[1], argv[2]);
	len = read_file(argv[3], msg, sizeof(msg));
	count = strtoul(argv[4], NULL, 10);
	rate = strtoul(argv[5], NULL, 10);
	offset = argc == 7 ? strtoul(argv[6], NULL, 10) : 4;
	if (!rate || offset + sizeof(n) > len) {
		fprintf(stderr, "flood: no rate, or no such offset\n");
		return 2;
	}
	/* ten to a pause: a timer is coarser than the rates that are wanted */
	pause.tv_nsec = 10 * 1000000000ULL / rate % 1000000000ULL;
	pause.tv_sec = 10 / rate;
	for (i = 0; i < count; i++) {
		n = htonl(0x80000000 + i);
		memcpy(msg + offset, &n, sizeof(n));
		sent += send(fd, msg, len, 0) == (ssize_t)len;
		if (i % 10 == 9)
			nanosleep(&pause, NULL);
	}
	printf("%lu\n", sent);
	close(fd);
	return 0;
}
