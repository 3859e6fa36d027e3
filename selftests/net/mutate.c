// SPDX-License-Identifier: GPL-2.0
/*
 * Live messages, kept and sent again, whole and broken. For a router's
 * namespace, IPv6.
 *
 *	mutate capture DIR SECONDS THIRD_PARTY RESPONDER
 *		DIR/{i_tp,tp_r,r_tp}.bin: what passes next between them
 *	mutate send HOW FILE FROM PORT TO
 *		to port 2269; prints the number of datagrams
 *	HOW: once, twice (at once), truncate (to every length), flip (every byte
 *	to some other value), bits (each bit of the first 64 bytes)
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab.h"
#include "message.h"

#define BITS_OF		64
#define BURST		64	/* datagrams between two pauses */
#define PAUSE_US	20000

/* ---- capture */

struct kept {
	const char *name;
	enum dmk_kind kind;
	struct lab_addr to;
	bool done;
};

static void keep(const char *dir, struct kept *k, const struct lab_datagram *d)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s.bin", dir, k->name);
	f = fopen(path, "w");
	if (!f || fwrite(d->data, d->len, 1, f) != 1 || fclose(f))
		lab_die("%s: %s", path, strerror(errno));
	k->done = true;
}

static void look(const char *dir, struct kept *k, unsigned int n, const struct lab_datagram *d)
{
	static struct dmk_message m;
	unsigned int i;

	if (dmk_message_parse(&m, DMK_AT_TP | DMK_AT_R, d->data, d->len))
		return;
	for (i = 0; i < n; i++)
		if (!k[i].done && m.kind == k[i].kind && lab_addr_equal(&d->to, &k[i].to))
			keep(dir, &k[i], d);
}

static int packet_socket(void)
{
	int fd = socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_IPV6));

	if (fd < 0)
		lab_die("packet socket: %s", strerror(errno));
	return fd;
}

static int capture(const char *dir, int seconds, const char *tp, const char *r)
{
	struct lab_addr at_tp = lab_addr(tp, LAB_PORT), at_r = lab_addr(r, LAB_PORT);
	struct kept k[] = {
		{ "i_tp", DMK_I_TP, at_tp, false },
		{ "tp_r", DMK_TP_R, at_r, false },
		{ "r_tp", DMK_R_TP, at_tp, false },
	};
	struct pollfd fd = { .fd = packet_socket(), .events = POLLIN };
	s64 until = lab_ms() + seconds * 1000;
	static struct lab_datagram d;
	u8 p[LAB_PACKET];
	ssize_t len;

	while (!k[0].done || !k[1].done || !k[2].done) {
		if (lab_ms() > until)
			lab_die("not all messages have passed");
		if (poll(&fd, 1, 100) <= 0)
			continue;
		len = recv(fd.fd, p, sizeof(p), 0);
		if (len > 0 && lab_packet_get(p, len, &d))
			look(dir, k, ARRAY_SIZE(k), &d);
	}
	return 0;
}

/* ---- send */

struct sender {
	struct lab_addr from;
	struct lab_addr to;
	unsigned int sent;
};

static void put(struct sender *s, const u8 *data, u32 len)
{
	lab_forge(&s->from, &s->to, DMK_SPAN(data, len));
	if (++s->sent % BURST == 0)
		usleep(PAUSE_US);
}

static void truncate_all(struct sender *s, u8 *data, u32 len)
{
	u32 i;

	for (i = 0; i < len; i++)
		put(s, data, i);
}

static void flip_all(struct sender *s, u8 *data, u32 len)
{
	u8 change;
	u32 i;

	srandom(len);
	for (i = 0; i < len; i++) {
		change = 1 + random() % 255;
		data[i] ^= change;
		put(s, data, len);
		data[i] ^= change;
	}
}

static void flip_bits(struct sender *s, u8 *data, u32 len)
{
	u32 i;

	for (i = 0; i < 8 * BITS_OF && i < 8 * len; i++) {
		data[i / 8] ^= 1 << i % 8;
		put(s, data, len);
		data[i / 8] ^= 1 << i % 8;
	}
}

static u32 load(const char *path, u8 data[LAB_DATAGRAM])
{
	FILE *f = fopen(path, "r");
	u32 len = f ? fread(data, 1, LAB_DATAGRAM, f) : 0;

	if (!len)
		lab_die("%s: nothing to read", path);
	fclose(f);
	return len;
}

static int send_all(const char *how, const char *path, const char *from, const char *port,
		    const char *to)
{
	struct sender s = {
		.from = lab_addr(from, atoi(port)), .to = lab_addr(to, LAB_PORT),
	};
	static u8 data[LAB_DATAGRAM];
	u32 len = load(path, data);

	if (!strcmp(how, "truncate"))
		truncate_all(&s, data, len);
	else if (!strcmp(how, "flip"))
		flip_all(&s, data, len);
	else if (!strcmp(how, "bits"))
		flip_bits(&s, data, len);
	else
		put(&s, data, len);
	if (!strcmp(how, "twice"))
		put(&s, data, len);
	printf("%u\n", s.sent);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 6 && !strcmp(argv[1], "capture"))
		return capture(argv[2], atoi(argv[3]), argv[4], argv[5]);
	if (argc == 7 && !strcmp(argv[1], "send"))
		return send_all(argv[2], argv[3], argv[4], argv[5], argv[6]);
	fprintf(stderr, "usage: see mutate.c\n");
	return 2;
}
