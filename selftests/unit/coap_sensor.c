// SPDX-License-Identifier: GPL-2.0
/*
 * sensor-fw/app.c over plain UDP on the loopback interface, for host/coap.sh:
 *
 *	coap_sensor PORT PATH READINGS [lose|double]
 *
 * Sends READINGS readings to [::1]:PORT/PATH, prints what happens, and in the last
 * line the payload of the last message. Time passes SPEED times faster. "lose" drops
 * the first transmission of each message, "double" sends each one twice. Exit status
 * 0: all readings were answered.
 */
#include <arpa/inet.h>
#include <openssl/rand.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "sensor-fw/app.h"

enum { SPEED = 20, PERIOD = 30000, PATIENCE = 400000 };

static int fd;
static bool lose, twice;
static u32 answered;
static u8 last[APP_PAYLOAD_MAX];
static u32 last_len;

static u64 clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return ((u64)t.tv_sec * 1000 + t.tv_nsec / 1000000) * SPEED;
}

/* whether these bytes went out for the first time */
static bool is_first(const u8 *data, u32 len)
{
	bool first = len != last_len || memcmp(data, last, len);

	memcpy(last, data, len);
	last_len = len;
	return first;
}

/* what a server that is not there refuses counts as sent, like on a radio */
static bool transmit(void *ctx, u8 *data, u32 len)
{
	bool first = is_first(data, len);

	(void)ctx;
	if (lose && first)
		return true;
	if (send(fd, data, len, 0) < 0)
		return true;
	if (twice)
		send(fd, data, len, 0);
	return true;
}

static int draw(void *ctx, u8 *out, size_t len)
{
	(void)ctx;
	return RAND_bytes(out, len) == 1 ? 0 : -1;
}

static void say(void *ctx, enum app_event e, u32 count)
{
	static const char *const words[] = {
		[APP_SENT] = "sent", [APP_REPEATED] = "repeated",
		[APP_ACKNOWLEDGED] = "acknowledged", [APP_REFUSED] = "refused",
		[APP_SILENT] = "silent", [APP_LOST] = "lost",
	};

	(void)ctx;
	answered += e == APP_ACKNOWLEDGED || e == APP_REFUSED;
	printf("%s %u\n", words[e], count);
	fflush(stdout);
}

static const struct app_ops ops = { transmit, draw, say };

static bool start(struct app *a, char *const argv[])
{
	static const char name[] = "nai:sensor1@example";
	struct sockaddr_in6 to = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };

	to.sin6_port = htons(atoi(argv[1]));
	fd = socket(AF_INET6, SOCK_DGRAM, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)))
		return false;
	a->ops = &ops;
	a->path.data = (const u8 *)argv[2];
	a->path.len = strlen(argv[2]);
	a->name.data = (const u8 *)name;
	a->name.len = strlen(name);
	a->period = PERIOD;
	app_init(a, clock_ms());
	app_up(a, clock_ms());
	return true;
}

static void step(struct app *a)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	u8 buf[1500];
	u64 now = clock_ms(), next;
	ssize_t len;

	app_tick(a, buf, now);
	next = app_deadline(a);
	if (poll(&p, 1, next > now ? (next - now) / SPEED + 1 : 0) < 1)
		return;
	len = recv(fd, buf, sizeof(buf), 0);
	if (len >= 0)
		app_receive(a, buf, len, clock_ms());
}

/* behind the token, which may hold a marker's byte, and the options, which do not */
static void show_payload(void)
{
	u32 i = 8;

	while (i < last_len && last[i++] != 0xff)
		;
	for (; i < last_len; i++)
		printf("%02x", last[i]);
	printf("\n");
}

int main(int argc, char *argv[])
{
	static struct app a;
	u64 end = clock_ms() + PATIENCE;
	u32 wanted;

	if (argc < 4 || argc > 5 || !start(&a, argv))
		return 2;
	wanted = atoi(argv[3]);
	lose = argc == 5 && !strcmp(argv[4], "lose");
	twice = argc == 5 && !strcmp(argv[4], "double");
	while (answered < wanted && clock_ms() < end)
		step(&a);
	show_payload();
	close(fd);
	return answered < wanted;
}
