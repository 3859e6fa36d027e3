// SPDX-License-Identifier: GPL-2.0
/*
 * One who sees the messages of a third party and forges its responder: each
 * message 3 under a cached key is answered, from the responder's address, with
 * the hint that it does not know the key (Error no 242). In the router, which has
 * the third party behind DEVICE:
 *
 *	hinter DEVICE
 *
 * One line a hint on standard output.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "lab.h"
#include "message.h"

static int open_device(const char *device)
{
	struct sockaddr_ll at = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IPV6),
		.sll_ifindex = if_nametoindex(device),
	};
	int fd = socket(AF_PACKET, SOCK_DGRAM, at.sll_protocol);

	if (fd < 0 || bind(fd, (void *)&at, sizeof(at)))
		lab_die("%s: %s", device, strerror(errno));
	return fd;
}

static void hint(const struct lab_datagram *d, const struct dmk_message *m)
{
	u8 out[DMK_MSG_MAX];
	struct dmk_writer w;

	dmk_writer_init(&w, out, sizeof(out));
	dmk_build_hdr_0cs(&w, DMK_DT_ERR, m->hdr.prf, m->hdr.csb_id);
	dmk_emit_t(&w, &m->t);
	dmk_emit_err(&w, DMK_ERR_ENVELOPE);
	lab_forge(&d->to, &d->from, DMK_SPAN(out, w.len));
	printf("hint about session %08x\n", m->hdr.csb_id);
}

int main(int argc, char **argv)
{
	static struct lab_datagram d;
	static struct dmk_message m;
	static u8 p[LAB_PACKET];
	int in;
	ssize_t len;

	if (argc != 2)
		lab_die("hinter DEVICE");
	setvbuf(stdout, NULL, _IOLBF, 0);
	in = open_device(argv[1]);
	while ((len = recv(in, p, sizeof(p), 0)) >= 0)
		if (lab_packet_get(p, len, &d) &&
		    !dmk_message_parse(&m, DMK_AT_R, d.data, d.len) &&
		    m.kind == DMK_TP_R_CACHED)
			hint(&d, &m);
	lab_die("recv: %s", strerror(errno));
}
