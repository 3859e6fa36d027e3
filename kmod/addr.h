/* SPDX-License-Identifier: GPL-2.0 */
/* A UDP address of either family. */
#ifndef DMK_ADDR_H
#define DMK_ADDR_H

#include <linux/in6.h>
#include <linux/types.h>
#include <net/ipv6.h>

/**
 * struct dmk_addr - the other end of a datagram, and ours
 * @ip: the other end's address, IPv4 mapped into IPv6
 * @port: its port
 * @ifindex: scope of a link-local address, else 0
 * @local: our address that it was sent to, in the same form; answers leave
 *	from it. Unspecified: the routing table decides
 */
struct dmk_addr {
	struct in6_addr ip;
	__be16 port;
	int ifindex;
	struct in6_addr local;
};

static inline bool dmk_addr_is_v4(const struct dmk_addr *a)
{
	return ipv6_addr_v4mapped(&a->ip);
}

/* @addr: 4 or 16 bytes, by @family (4 or 6) */
static inline void dmk_addr_set_ip(struct in6_addr *ip, u8 family, const u8 *addr)
{
	__be32 v4;

	if (family == 6) {
		memcpy(ip, addr, sizeof(*ip));
		return;
	}
	memcpy(&v4, addr, sizeof(v4));
	ipv6_addr_set_v4mapped(v4, ip);
}

/* whether it is that of one host */
static inline bool dmk_addr_is_unicast(const struct in6_addr *ip)
{
	__be32 v4 = ip->s6_addr32[3];

	if (!ipv6_addr_v4mapped(ip))
		return ip->s6_addr[0] != 0xff && !ipv6_addr_any(ip);
	return v4 && !ipv4_is_multicast(v4) && !ipv4_is_lbcast(v4);
}

/* whether both are the same other end */
static inline bool dmk_addr_equal(const struct dmk_addr *a, const struct dmk_addr *b)
{
	return a->port == b->port && ipv6_addr_equal(&a->ip, &b->ip);
}

#endif
