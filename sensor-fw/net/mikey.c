// SPDX-License-Identifier: GPL-2.0
#include "lwip/udp.h"

#include "link.h"
#include "mikey.h"

static const struct dmk_blob *blob;
static void (*receive)(int from, u8 *data, u32 len);
static struct udp_pcb *pcb;

static int party_at(const ip_addr_t *from, u16 port)
{
	struct dmk_blob_party p;
	ip_addr_t addr;
	u8 i;

	if (port != blob->party_port)
		return -1;
	for (i = 0; dmk_blob_party(blob, i, &p); i++) {
		link_address(&addr, p.addr);
		if (ip_addr_cmp(from, &addr))
			return i;
	}
	return -1;
}

/* frames are in one piece (link.c) */
static void input(void *arg, struct udp_pcb *u, struct pbuf *p, const ip_addr_t *from,
		  u16_t port)
{
	(void)arg;
	(void)u;
	if (p->len == p->tot_len)
		receive(party_at(from, port), p->payload, p->len);
	pbuf_free(p);
}

bool mikey_start(const struct dmk_blob *b, void (*r)(int from, u8 *data, u32 len))
{
	blob = b;
	receive = r;
	pcb = udp_new_ip_type(IPADDR_TYPE_V6);
	if (!pcb || udp_bind(pcb, IP6_ADDR_ANY, blob->port) != ERR_OK)
		return false;
	udp_recv(pcb, input, NULL);
	return true;
}

void mikey_send(u8 party, const u8 *data, u32 len)
{
	struct dmk_blob_party to;
	struct pbuf *p;
	ip_addr_t addr;

	if (!dmk_blob_party(blob, party, &to))
		return;
	p = pbuf_alloc_reference((void *)data, len, PBUF_REF);
	if (!p)
		return;
	link_address(&addr, to.addr);
	udp_sendto(pcb, p, &addr, blob->party_port);
	pbuf_free(p);
}
