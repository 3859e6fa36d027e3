// SPDX-License-Identifier: GPL-2.0
#include "lwip/ip.h"
#include "lwip/raw.h"

#include "link.h"
#include "secure.h"
#include "udp6.h"

enum {
	PROTO_ESP = 50,
	NO_NEXT_HEADER = 59,	/* a dummy packet, RFC 4303 2.6 */
};

static const struct secure_conf *conf;
static struct raw_pcb *pcb;
static ip_addr_t peer;
static struct esp_sa out, in, in_before;	/* an SPI of 0: not there */

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
	struct dmk_span inside;
	struct esp_sa *sa;
	struct udp6 u;
	u8 next;

	if (len < ESP_HEAD)
		return esp_name(r);
	sa = find((u32)esp[0] << 24 | esp[1] << 16 | esp[2] << 8 | esp[3]);
	if (!sa)
		return "no such SPI";
	r = esp_open(sa, esp, len, &inside, &next);
	if (r)
		return esp_name(r);
	/* the responder has dropped the ones before, too: protocol.md 8 */
	if (sa == &in)
		dmk_wipe(&in_before, sizeof(in_before));
	if (next == NO_NEXT_HEADER)
		return NULL;
	if (next != UDP_PROTO || !udp6_open(inside.data, inside.len, &u) ||
	    u.from != conf->peer_port || u.to != conf->own_port)
		return "no datagram for us inside";
	conf->receive(u.data.data, u.data.len);
	return NULL;
}

static u8_t receive(void *arg, struct raw_pcb *r, struct pbuf *p, const ip_addr_t *from)
{
	const char *why;
	u8 *esp;
	u32 len;

	(void)arg;
	(void)r;
	esp = link_payload(p, &len);
	if (ip_addr_cmp(from, &peer)) {
		why = take(esp, len);
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
	struct esp_sa new;
	bool good;

	good = esp_init(&new, sa->spi[1], &sa->policy, &sa->keys[1]);
	if (good) {
		in_before = in;
		in = new;
		esp_init(&out, sa->spi[0], &sa->policy, &sa->keys[0]);
	}
	dmk_wipe(&new, sizeof(new));
	return good;
}

void secure_forget(void)
{
	dmk_wipe(&in_before, sizeof(in_before));
	dmk_wipe(&in, sizeof(in));
	dmk_wipe(&out, sizeof(out));
}

bool secure_has_spi(u32 spi)
{
	return find(spi);
}

u8 *secure_payload(void)
{
	return conf->buf + SECURE_HEAD;
}

bool secure_send(const u8 *data, u32 len)
{
	struct udp6 u = { conf->own_port, conf->peer_port, { secure_payload(), len } };
	u32 sealed;

	if (!out.spi || len > conf->room - SECURE_HEAD - ESP_TAIL_MAX)
		return false;
	memmove(secure_payload(), data, len);
	if (!udp6_head(&u, &peer, conf->buf + ESP_HEAD) ||
	    esp_seal(&out, conf->buf, len + UDP_HEAD, conf->room, UDP_PROTO, &sealed))
		return false;
	return link_send(pcb, &peer, DMK_SPAN(conf->buf, sealed), DMK_SPAN(NULL, 0));
}

u32 secure_used(void)
{
	return out.spi ? esp_used(&out) : 0;
}
