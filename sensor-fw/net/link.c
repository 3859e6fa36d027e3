// SPDX-License-Identifier: GPL-2.0
#include "lwip/init.h"
#include "lwip/ip6.h"
#include "lwip/netif.h"
#include "lwip/pbuf.h"
#include "lwip/raw.h"

#include "drv/usart.h"
#include "link.h"
#include "slip.h"

enum {
	MTU = 1280,		/* RFC 8200 5: no link has less */
	PIECE = 64,		/* bytes that are encoded at a time */
	BYTES_A_POLL = 2048,	/* a flood does not keep the main loop from its duties */
};

static struct netif netif;
static struct dmk_slip slip;
static u8 frame[MTU + 4];	/* lwIP looks a byte behind some options */
static bool hangs;

void link_address(ip_addr_t *out, const u8 *addr)
{
	memset(out, 0, sizeof(*out));
	memcpy(ip_2_ip6(out)->addr, addr, sizeof(ip_2_ip6(out)->addr));
}

static bool send_end(void)
{
	const u8 end = DMK_SLIP_END;

	return usart_net_send(&end, 1) == DRV_OK;
}

static bool send_piece(const u8 *data, u32 len)
{
	u8 out[PIECE];
	u32 used, n;

	while (len) {
		n = dmk_slip_encode(data, len, &used, out, sizeof(out));
		if (usart_net_send(out, n) != DRV_OK)
			return false;
		data += used;
		len -= used;
	}
	return true;
}

static bool send_frame(const struct pbuf *p)
{
	if (!send_end())
		return false;
	for (; p; p = p->next)
		if (!send_piece(p->payload, p->len))
			return false;
	return send_end();
}

static err_t output(struct netif *n, struct pbuf *p, const ip6_addr_t *to)
{
	(void)n;
	(void)to;
	hangs = !send_frame(p);
	return hangs ? ERR_IF : ERR_OK;
}

static err_t interface(struct netif *n)
{
	n->name[0] = 's';
	n->name[1] = 'l';
	n->mtu = MTU;
	n->output_ip6 = output;
	return ERR_OK;
}

void link_start(const u8 *addr)
{
	ip_addr_t own;

	dmk_slip_init(&slip, frame, MTU);
	lwip_init();
	netif_add_noaddr(&netif, NULL, interface, ip6_input);
	link_address(&own, addr);
	netif_ip6_addr_set(&netif, 0, ip_2_ip6(&own));
	netif_ip6_addr_set_state(&netif, 0, IP6_ADDR_PREFERRED);
	netif_set_default(&netif);
	netif_set_link_up(&netif);
	netif_set_up(&netif);
}

/* the frame stays ours: lwIP is done with it when input() returns */
static void input(u32 len)
{
	struct pbuf *p = pbuf_alloc_reference(frame, len, PBUF_REF);

	if (p && netif.input(p, &netif) != ERR_OK)
		pbuf_free(p);
}

bool link_poll(void)
{
	u32 n, len;
	int byte;

	for (n = 0; n < BYTES_A_POLL; n++) {
		byte = usart_net_receive();
		if (byte < 0)
			return false;
		len = dmk_slip_receive(&slip, byte);
		if (len) {
			input(len);
			return true;
		}
	}
	return true;
}

u8 *link_payload(const struct pbuf *p, u32 *len)
{
	u16 head = ip_current_header_tot_len();

	*len = p->len == p->tot_len && p->len > head ? p->len - head : 0;
	return (u8 *)p->payload + head;
}

struct pbuf *link_wrap(struct dmk_span head, struct dmk_span data)
{
	struct pbuf *h = pbuf_alloc_reference((void *)head.data, head.len, PBUF_REF);
	struct pbuf *d;

	if (!h || !data.len)
		return h;
	d = pbuf_alloc_reference((void *)data.data, data.len, PBUF_REF);
	if (!d) {
		pbuf_free(h);
		return NULL;
	}
	pbuf_cat(h, d);
	return h;
}

bool link_send(struct raw_pcb *pcb, const ip_addr_t *to, struct dmk_span head,
	       struct dmk_span data)
{
	struct pbuf *p = link_wrap(head, data);
	bool sent;

	if (!p)
		return false;
	sent = raw_sendto(pcb, p, to) == ERR_OK;
	pbuf_free(p);
	return sent;
}

const ip6_addr_t *link_own(void)
{
	return netif_ip6_addr(&netif, 0);
}

bool link_hangs(void)
{
	return hangs;
}
