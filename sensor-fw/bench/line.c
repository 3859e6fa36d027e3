// SPDX-License-Identifier: GPL-2.0
#include "lwip/netif.h"

#include "drv/usart.h"
#include "regs.h"
#include "slip.h"
#include "world.h"

/**
 * struct packet - an IPv6 packet
 * @data: it
 * @len: its length
 */
struct packet {
	u8 data[WORLD_PACKET_MAX];
	u32 len;
};

static netif_output_ip6_fn real_output;
static struct packet sent[WORLD_PACKETS];
static u32 packets, bytes;

/* in the place of link.c's: looks at the packet and passes it on */
static err_t output(struct netif *n, struct pbuf *p, const ip6_addr_t *to)
{
	struct packet *s = &sent[packets];

	count_pause();
	MUST(packets < WORLD_PACKETS && p->tot_len <= sizeof(s->data));
	s->len = pbuf_copy_partial(p, s->data, p->tot_len, 0);
	bytes += s->len;
	packets++;
	count_resume();
	return real_output(n, p, to);
}

void line_start(void)
{
	USART_SR(USART2) = USART_SR_TXE | USART_SR_RXNE;
}

void line_watch(void)
{
	real_output = netif_default->output_ip6;
	netif_default->output_ip6 = output;
}

struct dmk_span line_sent(u32 i)
{
	if (i >= packets)
		return DMK_SPAN(NULL, 0);
	return DMK_SPAN(sent[i].data, sent[i].len);
}

u32 line_forget(void)
{
	u32 n = bytes;

	packets = 0;
	bytes = 0;
	return n;
}

static void receive_bytes(struct count *c, const u8 *data, u32 len)
{
	while (len--) {
		USART_DR(USART2) = *data++;
		count_begin();
		usart_net_irq();
		count_end(c);
	}
}

void line_receive(struct count *c, struct dmk_span packet)
{
	const u8 end = DMK_SLIP_END;
	u8 out[64];
	u32 used, n;

	receive_bytes(c, &end, 1);
	while (packet.len) {
		n = dmk_slip_encode(packet.data, packet.len, &used, out, sizeof(out));
		receive_bytes(c, out, n);
		packet = DMK_SPAN(packet.data + used, packet.len - used);
	}
	receive_bytes(c, &end, 1);
}
