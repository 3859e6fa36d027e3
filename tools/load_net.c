// SPDX-License-Identifier: GPL-2.0
/*
 * dmikey-load's sockets: one for all sensors, whose addresses are no addresses of
 * this host but a prefix that is routed to it.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"

enum {
	BUFFER = 8 << 20,	/* of a socket, bytes: the answers to a full window */
	BATCH = 64,		/* datagrams taken before time is looked at again */
};

/* sends from addresses that are not its own, and tells which one a datagram came to */
static int open_socket(int type, int proto)
{
	int fd = socket(AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, proto), one = 1;

	if (fd < 0)
		load_die("socket: %s", strerror(errno));
	if (setsockopt(fd, IPPROTO_IPV6, IPV6_FREEBIND, &one, sizeof(one)) ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &one, sizeof(one)))
		load_die("options of a socket: %s", strerror(errno));
	return fd;
}

static int open_udp(u16 port)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	int fd = open_socket(SOCK_DGRAM, 0), one = 1, size = BUFFER;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one)) ||
	    bind(fd, (void *)&any, sizeof(any)))
		load_die("port %u: %s", port, strerror(errno));
	return fd;
}

void load_net_open(struct load *l)
{
	int none = 0;

	l->fd = open_udp(l->conf.port);
	if (l->conf.mode == LOAD_R)
		l->tp_fd = open_udp(0);
	if (!l->conf.readings)
		return;
	l->esp_fd = open_socket(SOCK_RAW, IPPROTO_ESP);
	if (!l->conf.endure)	/* what R sends in ESP is nothing to us */
		setsockopt(l->esp_fd, SOL_SOCKET, SO_RCVBUF, &none, sizeof(none));
}

void load_net_close(struct load *l)
{
	if (l->fd >= 0)
		close(l->fd);
	if (l->tp_fd >= 0)
		close(l->tp_fd);
	if (l->esp_fd >= 0)
		close(l->esp_fd);
}

/* @from: NULL: the address that the route gives */
static void transmit(struct load *l, int fd, const struct in6_addr *from,
		     const struct sockaddr_in6 *to, const u8 *data, u32 len,
		     enum load_sent kind)
{
	union {
		struct cmsghdr head;
		u8 room[CMSG_SPACE(sizeof(struct in6_pktinfo))];
	} control = { .head.cmsg_level = IPPROTO_IPV6, .head.cmsg_type = IPV6_PKTINFO };
	struct in6_pktinfo info = { .ipi6_ifindex = 0 };
	struct iovec iov = { (void *)data, len };
	struct msghdr m = {
		.msg_name = (void *)to, .msg_namelen = sizeof(*to),
		.msg_iov = &iov, .msg_iovlen = 1,
	};

	if (from) {
		info.ipi6_addr = *from;
		control.head.cmsg_len = CMSG_LEN(sizeof(info));
		memcpy(CMSG_DATA(&control.head), &info, sizeof(info));
		m.msg_control = &control;
		m.msg_controllen = sizeof(control);
	}
	/* a loss is made good by repetition */
	l->result.sent[sendmsg(fd, &m, 0) == (ssize_t)len ? kind : LOAD_OUT_FAILED]++;
}

void load_net_send(struct load *l, const struct load_sensor *s, const struct sockaddr_in6 *to,
		   const u8 *data, u32 len, enum load_sent kind)
{
	struct in6_addr from = load_conf_addr(&l->conf, s->number);

	transmit(l, l->fd, &from, to, data, len, kind);
}

void load_net_send_r(struct load *l, const u8 *data, u32 len, enum load_sent kind)
{
	transmit(l, l->tp_fd, NULL, &l->conf.r, data, len, kind);
}

void load_net_send_esp(struct load *l, const struct load_sensor *s, const u8 *data, u32 len)
{
	struct in6_addr from = load_conf_addr(&l->conf, s->number);
	struct sockaddr_in6 to = l->conf.r;

	to.sin6_port = 0;	/* a raw socket wants none */
	transmit(l, l->esp_fd, &from, &to, data, len, LOAD_OUT_ESP);
}

/* ---- */

/* the index of the sensor whose address @a is; false if it is nobody's */
static bool sensor_at(const struct load *l, const struct in6_addr *a, u32 *i)
{
	u32 number = dmk_get_be(a->s6_addr + 12, 4);

	*i = number - l->conf.first;
	return !memcmp(a, &l->conf.prefix, 12) && *i < l->conf.sensors;
}

/* where a datagram was sent to */
static const struct in6_addr *target(struct msghdr *m)
{
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c))
		if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO)
			return &((struct in6_pktinfo *)CMSG_DATA(c))->ipi6_addr;
	return NULL;
}

/* its length, or -1 */
static ssize_t take(int fd, u8 data[DMK_MSG_MAX + 1], struct sockaddr_in6 *from,
		    struct in6_addr *to)
{
	u8 control[CMSG_SPACE(sizeof(struct in6_pktinfo))]
		__attribute__((aligned(__alignof__(struct cmsghdr))));
	struct iovec iov = { data, DMK_MSG_MAX + 1 };
	struct msghdr m = {
		.msg_name = from, .msg_namelen = sizeof(*from),
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	ssize_t len = recvmsg(fd, &m, 0);
	const struct in6_addr *a = len < 0 ? NULL : target(&m);

	*to = a ? *a : in6addr_any;
	return len;
}

void load_net_wait(struct load *l, int ms,
		   void (*sensor)(struct load *l, u32 i, const struct sockaddr_in6 *from,
				  u8 *data, u32 len),
		   void (*tp)(struct load *l, u8 *data, u32 len), load_net_esp *esp)
{
	struct pollfd fds[] = {
		{ l->fd, POLLIN, 0 }, { l->tp_fd, POLLIN, 0 },
		{ l->conf.endure ? l->esp_fd : -1, POLLIN, 0 },
	};
	static u8 data[DMK_MSG_MAX + 1];
	struct sockaddr_in6 from;
	struct in6_addr to;
	ssize_t len;
	int n;
	u32 i;

	if (poll(fds, ARRAY_SIZE(fds), ms) <= 0)
		return;
	for (n = 0; n < BATCH && (len = take(l->fd, data, &from, &to)) >= 0; n++) {
		if (sensor_at(l, &to, &i))
			sensor(l, i, &from, data, len);
		else
			l->result.received[LOAD_IN_OTHER]++;
	}
	for (n = 0; n < BATCH && l->tp_fd >= 0 &&
	     (len = take(l->tp_fd, data, &from, &to)) >= 0; n++)
		tp(l, data, len);
	for (n = 0; n < BATCH && l->conf.endure &&
	     (len = take(l->esp_fd, data, &from, &to)) >= 0; n++)
		if (sensor_at(l, &to, &i))
			esp(l, i, data, len);
}
