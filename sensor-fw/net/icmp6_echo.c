// SPDX-License-Identifier: GPL-2.0
/*
 * In the place of lwIP's icmp6.c: echo requests are answered where they lie, one a
 * second, and nothing else is said. Errors about packets that a sensor cannot use would
 * cost its radio time for whoever sends them.
 */
#include "lwip/icmp6.h"
#include "lwip/inet_chksum.h"
#include "lwip/ip.h"
#include "lwip/netif.h"

#include "drv/systick.h"
#include "link.h"

enum {
	ECHO_HEAD = 8,
	ECHO_MAX = 136,		/* longer ones cost more radio time than they tell */
	ECHO_PAUSE_MS = 1000,
	CHECKSUM_AT = 2,
};

static u16 checksum(struct pbuf *p)
{
	return ip6_chksum_pseudo(p, IP6_NEXTH_ICMP6, p->tot_len, ip6_current_src_addr(),
				 ip6_current_dest_addr());
}

/* the pseudo header is the same sum in both directions */
static void make_reply(struct pbuf *p)
{
	u8 *icmp = p->payload;
	u16 sum;

	icmp[0] = ICMP6_TYPE_EREP;
	memset(icmp + CHECKSUM_AT, 0, sizeof(sum));
	sum = checksum(p);
	memcpy(icmp + CHECKSUM_AT, &sum, sizeof(sum));
}

/* the IPv6 header is lwIP's, the rest where it lies */
static void answer(struct pbuf *p, struct netif *n)
{
	struct pbuf *reply = pbuf_alloc(PBUF_IP, 0, PBUF_RAM);

	if (!reply)
		return;
	make_reply(p);
	pbuf_chain(reply, p);
	ip6_output_if(reply, link_own(), ip6_current_src_addr(), LWIP_ICMP6_HL, 0,
		      IP6_NEXTH_ICMP6, n);
	pbuf_free(reply);
}

static bool is_request(struct pbuf *p)
{
	const u8 *icmp = p->payload;

	return p->len == p->tot_len && p->len >= ECHO_HEAD && p->len <= ECHO_MAX &&
	       icmp[0] == ICMP6_TYPE_EREQ && !icmp[1] &&
	       ip6_addr_cmp(ip6_current_dest_addr(), link_own()) && !checksum(p);
}

void icmp6_input(struct pbuf *p, struct netif *n)
{
	static u64 next;

	if (systick_ms() >= next && is_request(p)) {
		next = systick_ms() + ECHO_PAUSE_MS;
		answer(p, n);
	}
	pbuf_free(p);
}

void icmp6_param_problem(struct pbuf *p, enum icmp6_pp_code code, const void *pointer)
{
	(void)p;
	(void)code;
	(void)pointer;
}
