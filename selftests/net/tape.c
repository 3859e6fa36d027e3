// SPDX-License-Identifier: GPL-2.0
/*
 * Every datagram that passes a router, kept, and sent again: in the router's
 * namespace.
 *
 *	tape record DIR
 *		until it is killed: DIR/KIND@ADDRESS.N is the N-th message of its kind
 *		to this address. The same bytes come once, as they do from a router
 *		that sees them come and go
 *	tape play FILE..
 *		each from where it came, to where it went
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tape.h"

#define KEPT_MAX	2048
#define KEPT_EACH	64	/* of a kind, to an address: a flood does not drown the rest */

static const char *const kinds[] = {
	[DMK_I_TP] = "i_tp", [DMK_TP_I] = "tp_i", [DMK_TP_R] = "tp_r",
	[DMK_TP_R_CACHED] = "tp_r_cached", [DMK_R_TP] = "r_tp", [DMK_R_I] = "r_i",
	[DMK_U_R] = "u_r", [DMK_R_U] = "r_u", [DMK_ERR] = "err", [DMK_PSK] = "psk",
	[DMK_PSK_VER] = "psk_ver", [DMK_PK] = "pk", [DMK_PK_VER] = "pk_ver",
};

static struct kept {
	enum dmk_kind kind;
	struct lab_datagram *d;
} kept[KEPT_MAX];

static unsigned int n_kept;

static bool same(const struct lab_datagram *a, const struct lab_datagram *b)
{
	return lab_addr_equal(&a->from, &b->from) && lab_addr_equal(&a->to, &b->to) &&
	       a->len == b->len && !memcmp(a->data, b->data, a->len);
}

/* how many of this kind went there; 0: this one is known */
static unsigned int number(enum dmk_kind kind, const struct lab_datagram *d)
{
	unsigned int i, n = 1;

	for (i = 0; i < n_kept; i++) {
		if (same(kept[i].d, d))
			return 0;
		n += kept[i].kind == kind && !memcmp(kept[i].d->to.ip, d->to.ip, 16);
	}
	return n;
}

static void address(const struct lab_addr *a, char *text)
{
	static const u8 mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (memcmp(a->ip, mapped, sizeof(mapped)))
		inet_ntop(AF_INET6, a->ip, text, INET6_ADDRSTRLEN);
	else
		inet_ntop(AF_INET, a->ip + 12, text, INET6_ADDRSTRLEN);
}

static void keep(const char *dir, enum dmk_kind kind, const struct lab_datagram *d)
{
	char path[4096], to[INET6_ADDRSTRLEN];
	unsigned int n = number(kind, d);
	struct lab_datagram *copy;
	FILE *f;

	if (!n || n > KEPT_EACH || n_kept == KEPT_MAX)
		return;
	copy = malloc(sizeof(*copy));
	if (!copy)
		lab_die("no memory");
	*copy = *d;
	kept[n_kept++] = (struct kept){ kind, copy };
	address(&d->to, to);
	snprintf(path, sizeof(path), "%s/%s@%s.%u", dir, kinds[kind], to, n);
	f = fopen(path, "w");
	if (!f || fwrite(d, offsetof(struct lab_datagram, data) + d->len, 1, f) != 1 || fclose(f))
		lab_die("%s: %s", path, strerror(errno));
}

static int record(const char *dir)
{
	const unsigned int all = DMK_AT_I | DMK_AT_TP | DMK_AT_R | DMK_AT_HOST;
	int fd = socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_ALL));
	static struct lab_datagram d;
	static struct dmk_message m;
	static u8 p[LAB_PACKET];
	ssize_t len;

	if (fd < 0)
		lab_die("packet socket: %s", strerror(errno));
	while ((len = recv(fd, p, sizeof(p), 0)) >= 0)
		if (lab_packet_get(p, len, &d) &&
		    !dmk_message_parse(&m, all, d.data, d.len))
			keep(dir, m.kind, &d);
	lab_die("recv: %s", strerror(errno));
}

static int play(char **files)
{
	static struct lab_datagram d;

	for (; *files; files++) {
		tape_read(*files, &d);
		lab_forge(&d.from, &d.to, DMK_SPAN(d.data, d.len));
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "record"))
		return record(argv[2]);
	if (argc >= 3 && !strcmp(argv[1], "play"))
		return play(argv + 2);
	fprintf(stderr, "usage: see tape.c\n");
	return 2;
}
