// SPDX-License-Identifier: GPL-2.0
#include "lwip/ip.h"
#include "lwip/raw.h"

#include "link.h"
#include "mikey.h"
#include "udp6.h"

static const struct dmk_blob *blob;
static void (*receive)(int from, u8 *data, u32 len);
static struct raw_pcb *pcb;

static int party_at(const ip_addr_t *from, u16 port)
{
	struct dmk_blob_party p;
	ip_addr_t addr;
	u8 i;

	if (port != blob->party_port)
		return DMK_FROM_ELSEWHERE;
	for (i = 0; dmk_blob_party(blob, i, &p); i++) {
		link_address(&addr, p.addr);
		if (ip_addr_cmp(from, &addr))
			return i;
	}
	link_address(&addr, blob->r_addr);
	return ip_addr_cmp(from, &addr) ? DMK_RESPONDER : DMK_FROM_ELSEWHERE;
}

/* all of UDP ends here */
static u8_t input(void *arg, struct raw_pcb *r, struct pbuf *p, const ip_addr_t *from)
{
	u8 *payload;
	struct udp6 u;
	u32 len;

	(void)arg;
	(void)r;
	payload = link_payload(p, &len);
	if (udp6_open(payload, len, &u) && u.to == blob->port)
		receive(party_at(from, u.from), payload + UDP_HEAD, u.data.len);
	pbuf_free(p);
	return 1;
}

bool mikey_start(const struct dmk_blob *b, void (*r)(int from, u8 *data, u32 len))
{
	blob = b;
	receive = r;
	pcb = raw_new_ip_type(IPADDR_TYPE_V6, UDP_PROTO);
	if (!pcb)
		return false;
	raw_recv(pcb, input, NULL);
	return true;
}

void mikey_send(u8 party, const u8 *data, u32 len)
{
	struct udp6 u = { blob->port, blob->party_port, DMK_SPAN(data, len) };
	struct dmk_blob_party to;
	u8 head[UDP_HEAD];
	ip_addr_t addr;

	if (party == DMK_RESPONDER)
		to.addr = blob->r_addr;
	else if (!dmk_blob_party(blob, party, &to))
		return;
	link_address(&addr, to.addr);
	if (udp6_head(&u, &addr, head))
		link_send(pcb, &addr, DMK_SPAN(head, sizeof(head)), u.data);
}
