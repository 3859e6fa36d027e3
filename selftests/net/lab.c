// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/ipv6.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "lab.h"

#define DEVICE	"lab0"

static const u8 mapped[12] = { [10] = 0xff, [11] = 0xff };
static int tun = -1;

void lab_die(const char *fmt, ...)
{
	va_list ap;

	lab_clock_back();
	printf("# ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	exit(1);
}

struct lab_addr lab_addr(const char *text, u16 port)
{
	struct lab_addr a = { .port = port };

	memcpy(a.ip, mapped, sizeof(mapped));
	if (inet_pton(AF_INET, text, a.ip + 12) != 1 && inet_pton(AF_INET6, text, a.ip) != 1)
		lab_die("%s is no address", text);
	return a;
}

bool lab_addr_equal(const struct lab_addr *a, const struct lab_addr *b)
{
	return !memcmp(a->ip, b->ip, sizeof(a->ip)) && a->port == b->port;
}

/* ---- the interface */

static void set(int fd, unsigned long request, void *arg, const char *what)
{
	if (ioctl(fd, request, arg))
		lab_die("%s: %s", what, strerror(errno));
}

static void up(int fd, const char *name)
{
	struct ifreq r = { .ifr_flags = IFF_UP };

	strcpy(r.ifr_name, name);
	set(fd, SIOCSIFFLAGS, &r, name);
}

static void set_sockaddr(int fd, unsigned long request, const char *name, const char *text)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	struct ifreq r = { };

	strcpy(r.ifr_name, name);
	inet_pton(AF_INET, text, &sin.sin_addr);
	memcpy(&r.ifr_addr, &sin, sizeof(sin));
	set(fd, request, &r, text);
}

static void add4(int fd, const char *name, const char *text)
{
	set_sockaddr(fd, SIOCSIFADDR, name, text);
	set_sockaddr(fd, SIOCSIFNETMASK, name, "255.255.255.0");
}

static void add6(int fd6, const char *text)
{
	/* linux/ipv6.h */
	struct in6_ifreq r = { .ifr6_prefixlen = 64, .ifr6_ifindex = if_nametoindex(DEVICE) };

	inet_pton(AF_INET6, text, &r.ifr6_addr);
	set(fd6, SIOCSIFADDR, &r, text);
}

static void add_device(void)
{
	struct ifreq r = { .ifr_name = DEVICE, .ifr_flags = IFF_TUN | IFF_NO_PI };

	tun = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (tun < 0)
		lab_die("/dev/net/tun: %s", strerror(errno));
	set(tun, TUNSETIFF, &r, "TUNSETIFF");
}

void lab_new(const char *v4, const char *v6)
{
	struct ifreq mtu = { .ifr_name = DEVICE, .ifr_mtu = LAB_PACKET };
	int fd, fd6;

	if (tun >= 0)
		close(tun);
	if (unshare(CLONE_NEWNET))
		lab_die("unshare: %s", strerror(errno));
	add_device();
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	fd6 = socket(AF_INET6, SOCK_DGRAM, 0);
	set(fd, SIOCSIFMTU, &mtu, "mtu");
	up(fd, "lo");
	up(fd, DEVICE);
	add4(fd, DEVICE, v4);
	add6(fd6, v6);
	close(fd);
	close(fd6);
}

/* ---- datagrams */

static u32 add_up(u32 sum, const void *data, u32 len)
{
	const u8 *p = data;
	u32 i;

	for (i = 0; i < len; i++)
		sum += i & 1 ? p[i] : p[i] << 8;
	return sum;
}

static u16 checksum(u32 sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(sum == 0xffff ? sum : ~sum);
}

static bool is4(const struct lab_addr *a)
{
	return !memcmp(a->ip, mapped, sizeof(mapped));
}

static u32 put_ip4(u8 *p, const struct lab_addr *from, const struct lab_addr *to, u32 len)
{
	struct iphdr h = {
		.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP,
		.tot_len = htons(sizeof(h) + len),
	};

	memcpy(&h.saddr, from->ip + 12, 4);
	memcpy(&h.daddr, to->ip + 12, 4);
	h.check = checksum(add_up(0, &h, sizeof(h)));
	memcpy(p, &h, sizeof(h));
	return sizeof(h);
}

static u32 put_ip6(u8 *p, const struct lab_addr *from, const struct lab_addr *to, u32 len)
{
	struct ip6_hdr h = { .ip6_plen = htons(len), .ip6_nxt = IPPROTO_UDP, .ip6_hlim = 64 };

	h.ip6_vfc = 6 << 4;
	memcpy(&h.ip6_src, from->ip, 16);
	memcpy(&h.ip6_dst, to->ip, 16);
	memcpy(p, &h, sizeof(h));
	return sizeof(h);
}

u32 lab_packet_put(const struct lab_addr *from, const struct lab_addr *to,
		   struct dmk_span data, u8 *p)
{
	u32 len = sizeof(struct udphdr) + data.len, at, sum;
	struct udphdr h = {
		.source = htons(from->port), .dest = htons(to->port), .len = htons(len),
	};

	at = is4(to) ? put_ip4(p, from, to, len) : put_ip6(p, from, to, len);
	/* mapped addresses add the same to the sum on both sides: leave them out */
	sum = add_up(IPPROTO_UDP + len, from->ip + (is4(to) ? 12 : 0), is4(to) ? 4 : 16);
	sum = add_up(sum, to->ip + (is4(to) ? 12 : 0), is4(to) ? 4 : 16);
	sum = add_up(sum, &h, sizeof(h));
	h.check = checksum(add_up(sum, data.data, data.len));
	memcpy(p + at, &h, sizeof(h));
	if (data.len)
		memcpy(p + at + sizeof(h), data.data, data.len);
	return at + len;
}

void lab_send_packet(const u8 *packet, u32 len)
{
	if (write(tun, packet, len) != len)
		lab_die("tun: %s", strerror(errno));
}

void lab_send(const struct lab_addr *from, const struct lab_addr *to, struct dmk_span data)
{
	u8 p[LAB_PACKET];

	lab_send_packet(p, lab_packet_put(from, to, data, p));
}

static int raw_socket(int family)
{
	int fd = socket(family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);

	if (fd < 0)
		lab_die("raw socket: %s", strerror(errno));
	return fd;
}

/* IPPROTO_RAW: the IP header is ours, source address and all */
void lab_forge(const struct lab_addr *from, const struct lab_addr *to, struct dmk_span data)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6 };
	static int fd4 = -1, fd6 = -1;
	bool v4 = is4(to);
	u8 p[LAB_PACKET];
	u32 len = lab_packet_put(from, to, data, p);

	if (v4 && fd4 < 0)
		fd4 = raw_socket(AF_INET);
	if (!v4 && fd6 < 0)
		fd6 = raw_socket(AF_INET6);
	memcpy(&sin.sin_addr, to->ip + 12, 4);
	memcpy(&sin6.sin6_addr, to->ip, 16);
	if (sendto(v4 ? fd4 : fd6, p, len, 0, v4 ? (void *)&sin : (void *)&sin6,
		   v4 ? sizeof(sin) : sizeof(sin6)) != len)
		lab_die("send: %s", strerror(errno));
}

/* the UDP header's place, or 0 */
static u32 get_ip(const u8 *p, size_t len, struct lab_datagram *d)
{
	if (len >= 28 && p[0] == 0x45 && p[9] == IPPROTO_UDP) {
		memcpy(d->from.ip, mapped, sizeof(mapped));
		memcpy(d->to.ip, mapped, sizeof(mapped));
		memcpy(d->from.ip + 12, p + 12, 4);
		memcpy(d->to.ip + 12, p + 16, 4);
		return 20;
	}
	if (len >= 48 && p[0] >> 4 == 6 && p[6] == IPPROTO_UDP) {
		memcpy(d->from.ip, p + 8, 16);
		memcpy(d->to.ip, p + 24, 16);
		return 40;
	}
	return 0;
}

bool lab_packet_get(const u8 *p, size_t len, struct lab_datagram *d)
{
	u32 at = get_ip(p, len, d);
	struct udphdr h;

	if (!at)
		return false;
	memcpy(&h, p + at, sizeof(h));
	d->from.port = ntohs(h.source);
	d->to.port = ntohs(h.dest);
	d->len = len - at - sizeof(h);
	if (ntohs(h.len) != len - at || d->len > sizeof(d->data))
		lab_die("a datagram of %zu bytes", len);
	memcpy(d->data, p + at + sizeof(h), d->len);
	return true;
}

bool lab_receive(struct lab_datagram *d, int ms)
{
	struct pollfd fd = { .fd = tun, .events = POLLIN };
	u8 p[LAB_PACKET];
	ssize_t len;

	do {
		while ((len = read(tun, p, sizeof(p))) > 0)
			if (lab_packet_get(p, len, d))
				return true;
	} while (poll(&fd, 1, ms) > 0);
	return false;
}

/* ---- time */

static s64 in_ms(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (s64)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

s64 lab_ms(void)
{
	return in_ms(CLOCK_MONOTONIC);
}

static bool moved;
static s64 offset;	/* of the wall clock, before anybody touched it */

static void set_clock(s64 ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	if (clock_settime(CLOCK_REALTIME, &t))
		lab_die("clock_settime: %s", strerror(errno));
}

void lab_clock(s64 ms)
{
	if (!moved)
		offset = in_ms(CLOCK_REALTIME) - lab_ms();
	moved = true;
	set_clock(ms);
}

void lab_clock_back(void)
{
	if (!moved)
		return;
	moved = false;
	set_clock(lab_ms() + offset);
}
