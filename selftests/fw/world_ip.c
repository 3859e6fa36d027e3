// SPDX-License-Identifier: GPL-2.0
/* IPv6, UDP and ICMPv6 (RFC 8200, 768, 4443), checked to the byte. */
#include <netinet/in.h>

#include "world.h"

static u32 sum_up(u32 sum, const u8 *p, u32 len)
{
	u32 i;

	for (i = 0; i < len; i++)
		sum += i & 1 ? p[i] : p[i] << 8;
	return sum;
}

/* over the pseudo header of RFC 8200 8.1 and the data; 0 if that holds the right sum */
static u16 checksum(const u8 *src, const u8 *dst, u8 next, struct dmk_span data)
{
	u32 sum = sum_up(sum_up(next + data.len, src, 16), dst, 16);

	sum = sum_up(sum, data.data, data.len);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

const char *world_ip_parse(struct dmk_span frame, struct world_packet *p)
{
	const u8 *h = frame.data;

	if (frame.len < WORLD_IP_HEAD)
		return "shorter than an IPv6 header";
	if (h[0] >> 4 != 6)
		return "not IPv6";
	if (dmk_get_be(h + 4, 2) != frame.len - WORLD_IP_HEAD)
		return "the IPv6 length is not that of the frame";
	if (!h[7])
		return "hop limit 0";
	p->src = h + 8;
	p->dst = h + 24;
	p->next = h[6];
	p->data = DMK_SPAN(h + WORLD_IP_HEAD, frame.len - WORLD_IP_HEAD);
	return NULL;
}

const char *world_udp_parse(const struct world_packet *p, struct world_udp *u)
{
	const u8 *h = p->data.data;

	if (p->data.len < WORLD_UDP_HEAD || dmk_get_be(h + 4, 2) != p->data.len)
		return "the UDP length is not that of the packet";
	if (!dmk_get_be(h + 6, 2))
		return "no UDP checksum";
	if (checksum(p->src, p->dst, IPPROTO_UDP, p->data))
		return "wrong UDP checksum";
	u->sport = dmk_get_be(h, 2);
	u->dport = dmk_get_be(h + 2, 2);
	u->data = DMK_SPAN(h + WORLD_UDP_HEAD, p->data.len - WORLD_UDP_HEAD);
	return NULL;
}

bool world_icmp_good(const struct world_packet *p)
{
	return p->data.len >= 8 && !checksum(p->src, p->dst, IPPROTO_ICMPV6, p->data);
}

u32 world_ip_put(u8 *out, const u8 src[16], const u8 dst[16], u8 next, struct dmk_span data)
{
	memmove(out + WORLD_IP_HEAD, data.data, data.len);
	memset(out, 0, 4);
	out[0] = 6 << 4;
	dmk_put_be(out + 4, data.len, 2);
	out[6] = next;
	out[7] = 64;
	memcpy(out + 8, src, 16);
	memcpy(out + 24, dst, 16);
	return WORLD_IP_HEAD + data.len;
}

u32 world_udp_put(u8 *out, const u8 src[16], const u8 dst[16], const struct world_udp *u)
{
	u32 len = WORLD_UDP_HEAD + u->data.len;
	u16 sum;

	if (u->data.len)
		memmove(out + WORLD_UDP_HEAD, u->data.data, u->data.len);
	dmk_put_be(out, u->sport, 2);
	dmk_put_be(out + 2, u->dport, 2);
	dmk_put_be(out + 4, len, 2);
	dmk_put_be(out + 6, 0, 2);
	sum = checksum(src, dst, IPPROTO_UDP, DMK_SPAN(out, len));
	dmk_put_be(out + 6, sum ? sum : 0xffff, 2);
	return len;
}

u32 world_echo_put(u8 *out, const u8 src[16], const u8 dst[16], u16 number, u32 len)
{
	u8 echo[WORLD_FRAME - WORLD_IP_HEAD] = { 128 };	/* Echo Request */
	u32 i;

	dmk_put_be(echo + 6, number, 2);
	for (i = 0; i < len; i++)
		echo[8 + i] = i;
	dmk_put_be(echo + 2, checksum(src, dst, IPPROTO_ICMPV6, DMK_SPAN(echo, 8 + len)), 2);
	return world_ip_put(out, src, dst, IPPROTO_ICMPV6, DMK_SPAN(echo, 8 + len));
}
