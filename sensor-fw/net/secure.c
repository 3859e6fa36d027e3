// SPDX-License-Identifier: GPL-2.0
#include "lwip/inet_chksum.h"
#include "lwip/ip6.h"
#include "lwip/raw.h"

#include "link.h"
#include "secure.h"

enum {
	PROTO_UDP = 17,
	PROTO_ESP = 50,
	UDP_HEAD = 8,
};

static const struct secure_conf *conf;
static struct raw_pcb *pcb;
static ip_addr_t peer;
static struct esp_sa out, in, in_before;	/* an SPI of 0: not there */

static u16 get16(const u8 *p)
{
	return p[0] << 8 | p[1];
}

static void put16(u8 *p, u16 v)
{
	p[0] = v >> 8;
	p[1] = v;
}

/* in network byte order, over the pseudo header too; 0 for a datagram whose
 * checksum is right
 */
static u16 checksum(const u8 *udp, u32 len, const ip6_addr_t *from, const ip6_addr_t *to)
{
	struct pbuf *p = pbuf_alloc_reference((void *)udp, len, PBUF_REF);
	u16 sum = 1;

	if (p) {
		sum = ip6_chksum_pseudo(p, PROTO_UDP, len, from, to);
		pbuf_free(p);
	}
	return sum;
}

static bool right_datagram(struct dmk_span udp)
{
	return udp.len >= UDP_HEAD && get16(udp.data) == conf->peer_port &&
	       get16(udp.data + 2) == conf->own_port && get16(udp.data + 4) == udp.len &&
	       !checksum(udp.data, udp.len, ip6_current_src_addr(),
			 ip6_current_dest_addr());
}

static struct esp_sa *find(u32 spi)
{
	if (spi && spi == in.spi)
		return &in;
	if (spi && spi == in_before.spi)
		return &in_before;
	return NULL;
}

/* why it was refused, or NULL */
static const char *take(u8 *esp, u32 len)
{
	enum esp_result r = ESP_SHORT;
	struct dmk_span udp;
	struct esp_sa *sa;
	u8 next;

	if (len < ESP_HEAD)
		return esp_name(r);
	sa = find((u32)get16(esp) << 16 | get16(esp + 2));
	if (!sa)
		return "no such SPI";
	r = esp_open(sa, esp, len, &udp, &next);
	if (r)
		return esp_name(r);
	if (next == PROTO_UDP && !right_datagram(udp))
		return "no datagram for us inside";
	if (next == PROTO_UDP)
		conf->receive(udp.data + UDP_HEAD, udp.len - UDP_HEAD);
	return NULL;
}

/* lwIP leaves the IPv6 header where it is; frames are in one piece (link.c) */
static u8_t receive(void *arg, struct raw_pcb *r, struct pbuf *p, const ip_addr_t *from)
{
	u16 head = ip_current_header_tot_len();
	const char *why;

	(void)arg;
	(void)r;
	if (ip_addr_cmp(from, &peer) && p->len == p->tot_len && p->len > head) {
		why = take((u8 *)p->payload + head, p->len - head);
		if (why)
			conf->refused(why);
	}
	pbuf_free(p);
	return 1;
}

bool secure_start(const struct secure_conf *c)
{
	conf = c;
	link_address(&peer, c->peer);
	pcb = raw_new_ip_type(IPADDR_TYPE_V6, PROTO_ESP);
	if (!pcb)
		return false;
	raw_recv(pcb, receive, NULL);
	return true;
}

bool secure_install(const struct dmk_sa_pair *sa)
{
	struct esp_sa new_in, new_out;
	bool good;

	good = esp_init(&new_out, sa->spi[0], &sa->policy, &sa->keys[0]) &&
	       esp_init(&new_in, sa->spi[1], &sa->policy, &sa->keys[1]);
	if (good) {
		in_before = in;
		in = new_in;
		out = new_out;
	}
	dmk_wipe(&new_in, sizeof(new_in));
	dmk_wipe(&new_out, sizeof(new_out));
	return good;
}

bool secure_has_spi(u32 spi)
{
	return find(spi);
}

u8 *secure_payload(void)
{
	return conf->buf + SECURE_HEAD;
}

static void udp_head(u8 *udp, u32 len)
{
	u16 sum;

	put16(udp, conf->own_port);
	put16(udp + 2, conf->peer_port);
	put16(udp + 4, len);
	put16(udp + 6, 0);
	sum = checksum(udp, len, link_own(), ip_2_ip6(&peer));
	/* 0 would say that there is none */
	if (!sum)
		sum = 0xffff;
	memcpy(udp + 6, &sum, sizeof(sum));
}

static bool send_packet(u8 *packet, u32 len)
{
	struct pbuf *p = pbuf_alloc_reference(packet, len, PBUF_REF);
	bool sent = false;

	if (p) {
		sent = raw_sendto(pcb, p, &peer) == ERR_OK;
		pbuf_free(p);
	}
	return sent;
}

bool secure_send(const u8 *data, u32 len)
{
	u8 *payload = secure_payload();
	u32 sealed;

	if (!out.spi || len > conf->room - SECURE_HEAD - ESP_TAIL_MAX)
		return false;
	memmove(payload, data, len);
	udp_head(payload - UDP_HEAD, len + UDP_HEAD);
	if (esp_seal(&out, conf->buf, len + UDP_HEAD, conf->room, PROTO_UDP, &sealed))
		return false;
	return send_packet(conf->buf, sealed);
}

u32 secure_used(void)
{
	return out.spi ? esp_used(&out) : 0;
}
