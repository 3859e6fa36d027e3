// SPDX-License-Identifier: GPL-2.0
#include "lwip/inet_chksum.h"
#include "lwip/ip.h"

#include "link.h"
#include "udp6.h"

static u16 get16(const u8 *p)
{
	return p[0] << 8 | p[1];
}

static void put16(u8 *p, u16 v)
{
	p[0] = v >> 8;
	p[1] = v;
}

/* in network byte order, over the pseudo header too; false without memory */
static bool checksum(const u8 *head, struct dmk_span data, const ip6_addr_t *from,
		     const ip6_addr_t *to, u16 *sum)
{
	struct pbuf *p = link_wrap(DMK_SPAN(head, UDP_HEAD), data);

	if (!p)
		return false;
	*sum = ip6_chksum_pseudo(p, UDP_PROTO, p->tot_len, from, to);
	pbuf_free(p);
	return true;
}

bool udp6_head(const struct udp6 *u, const ip_addr_t *peer, u8 head[UDP_HEAD])
{
	u16 sum;

	put16(head, u->from);
	put16(head + 2, u->to);
	put16(head + 4, u->data.len + UDP_HEAD);
	put16(head + 6, 0);
	if (!checksum(head, u->data, link_own(), ip_2_ip6(peer), &sum))
		return false;
	/* 0 would say that there is none */
	if (!sum)
		sum = 0xffff;
	memcpy(head + 6, &sum, sizeof(sum));
	return true;
}

bool udp6_open(const u8 *data, u32 len, struct udp6 *u)
{
	u16 sum;

	if (len < UDP_HEAD || get16(data + 4) != len || !get16(data + 6))
		return false;
	u->from = get16(data);
	u->to = get16(data + 2);
	u->data = DMK_SPAN(data + UDP_HEAD, len - UDP_HEAD);
	return checksum(data, u->data, ip6_current_src_addr(), ip6_current_dest_addr(),
			&sum) && !sum;
}
