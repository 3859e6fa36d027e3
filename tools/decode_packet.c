// SPDX-License-Identifier: GPL-2.0
/*
 * From a captured packet to the datagram in it: Ethernet, Linux cooked and raw
 * captures of IPv4 and IPv6. TP_R is longer than most links' MTU, so fragments
 * are put together again, a bounded number of datagrams at a time.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pcap/pcap.h>
#include <string.h>

#include "decode.h"

#define WAITING_MAX	16	/* datagrams in fragments */
#define DATAGRAM_MAX	65535
#define HEADERS_MAX	16	/* IPv6 extension headers */
#define MIKEY_PORT	2269

/**
 * struct waiting - a datagram of which fragments are missing
 * @used: it is one
 * @age: when it came; the oldest gives way
 * @family: AF_INET or AF_INET6
 * @src: source address
 * @dst: destination address
 * @id: identification
 * @total: its length; 0: the last fragment is missing
 * @have: bytes that are there; fragments must not overlap
 * @data: its bytes
 * @seen: which units of 8 bytes are there
 */
struct waiting {
	bool used;
	u64 age;
	int family;
	u8 src[16];
	u8 dst[16];
	u32 id;
	u32 total;
	u32 have;
	u8 data[DATAGRAM_MAX + 1];
	u8 seen[DATAGRAM_MAX / 64 + 1];
};

struct decode_packets {
	uint16_t port;
	decode_give *give;
	void *arg;
	u64 clock;
	struct waiting waiting[WAITING_MAX];
};

/**
 * struct packet - an IP packet that is being read
 * @family: AF_INET or AF_INET6
 * @src: source address, 4 or 16 bytes
 * @dst: destination address
 * @data: what is behind the header
 * @len: its length
 * @proto: what that is
 * @fragment: it is a part only
 * @more: others follow
 * @offset: where it stands
 * @id: identification
 */
struct packet {
	int family;
	const u8 *src;
	const u8 *dst;
	const u8 *data;
	u32 len;
	u8 proto;
	bool fragment;
	bool more;
	u32 offset;
	u32 id;
};

struct decode_packets *decode_packets_new(uint16_t port, decode_give *give, void *arg)
{
	struct decode_packets *p = calloc(1, sizeof(*p));

	if (!p)
		ctl_fail(CTL_REFUSED, "out of memory");
	p->port = port;
	p->give = give;
	p->arg = arg;
	return p;
}

void decode_packets_free(struct decode_packets *p)
{
	free(p);
}

bool decode_packets_link(int link)
{
	switch (link) {
	case DLT_EN10MB:
	case DLT_RAW:
	case DLT_IPV4:
	case DLT_IPV6:
	case DLT_LINUX_SLL:
	case DLT_LINUX_SLL2:
		return true;
	}
	return false;
}

/* ---- UDP */

static void endpoint(char out[64], int family, const u8 *addr, uint16_t port)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(family, addr, text, sizeof(text));
	snprintf(out, 64, family == AF_INET ? "%s:%u" : "[%s]:%u", text, port);
}

static void read_udp(struct decode_packets *p, const struct packet *k, struct decode_input *in)
{
	uint16_t sport, dport;
	char from[64], to[64];
	u32 len;

	if (k->len < 8)
		return;
	sport = dmk_get_be(k->data, 2);
	dport = dmk_get_be(k->data + 2, 2);
	len = dmk_get_be(k->data + 4, 2);
	if (sport != MIKEY_PORT && dport != MIKEY_PORT && sport != p->port && dport != p->port)
		return;
	if (len < 8 || len > k->len)
		len = k->len;		/* cut by the capture: seen as truncated */
	endpoint(from, k->family, k->src, sport);
	endpoint(to, k->family, k->dst, dport);
	in->from = from;
	in->to = to;
	in->data = k->data + 8;
	in->len = len - 8;
	p->give(p->arg, in);
}

/* ---- fragments */

static bool same(const struct waiting *w, const struct packet *k)
{
	size_t len = k->family == AF_INET ? 4 : 16;

	return w->used && w->family == k->family && w->id == k->id &&
	       !memcmp(w->src, k->src, len) && !memcmp(w->dst, k->dst, len);
}

static struct waiting *place_of(struct decode_packets *p, const struct packet *k)
{
	struct waiting *w, *oldest = p->waiting;
	size_t len = k->family == AF_INET ? 4 : 16;

	for (w = p->waiting; w < p->waiting + WAITING_MAX; w++) {
		if (same(w, k))
			return w;
		if (!w->used || (oldest->used && w->age < oldest->age))
			oldest = w;
	}
	memset(oldest, 0, sizeof(*oldest));
	oldest->used = true;
	oldest->age = p->clock++;
	oldest->family = k->family;
	oldest->id = k->id;
	memcpy(oldest->src, k->src, len);
	memcpy(oldest->dst, k->dst, len);
	return oldest;
}

/* a fragment that fits nowhere, or comes twice, changes nothing */
static bool put(struct waiting *w, const struct packet *k)
{
	u32 unit;

	if (k->offset + k->len > DATAGRAM_MAX || (k->more && k->len % 8) || !k->len)
		return false;
	for (unit = k->offset / 8; unit < (k->offset + k->len + 7) / 8; unit++)
		if (w->seen[unit / 8] & 1 << unit % 8)
			return false;
	for (unit = k->offset / 8; unit < (k->offset + k->len + 7) / 8; unit++)
		w->seen[unit / 8] |= 1 << unit % 8;
	memcpy(w->data + k->offset, k->data, k->len);
	w->have += k->len;
	if (!k->more)
		w->total = k->offset + k->len;
	return w->total && w->have == w->total;
}

static void read_fragment(struct decode_packets *p, const struct packet *k,
			  struct decode_input *in)
{
	struct waiting *w = place_of(p, k);
	struct packet whole = *k;

	if (!put(w, k))
		return;
	whole.data = w->data;
	whole.len = w->total;
	read_udp(p, &whole, in);
	w->used = false;
}

static void read_payload(struct decode_packets *p, const struct packet *k,
			 struct decode_input *in)
{
	if (k->proto != IPPROTO_UDP)
		return;
	if (k->fragment)
		read_fragment(p, k, in);
	else
		read_udp(p, k, in);
}

/* ---- IP */

static void read_ipv4(struct decode_packets *p, const u8 *data, u32 len, struct decode_input *in)
{
	struct packet k = { .family = AF_INET, .src = data + 12, .dst = data + 16 };
	u32 head, total, flags;

	if (len < 20)
		return;
	head = (data[0] & 0xf) * 4;
	total = dmk_get_be(data + 2, 2);
	if (total > len || !total)	/* 0: left to the network card */
		total = len;
	if (head < 20 || head > total)
		return;
	flags = dmk_get_be(data + 6, 2);
	k.id = dmk_get_be(data + 4, 2);
	k.more = flags & 0x2000;
	k.offset = (flags & 0x1fff) * 8;
	k.fragment = k.more || k.offset;
	k.proto = data[9];
	k.data = data + head;
	k.len = total - head;
	read_payload(p, &k, in);
}

/* one extension header; false at one that ends it or is broken */
static bool skip_header(struct packet *k)
{
	u32 len;

	switch (k->proto) {
	case IPPROTO_HOPOPTS:
	case IPPROTO_ROUTING:
	case IPPROTO_DSTOPTS:
		if (k->len < 8)
			return false;
		len = (k->data[1] + 1) * 8;
		break;
	case IPPROTO_FRAGMENT:
		if (k->len < 8 || k->fragment)
			return false;
		len = 8;
		k->offset = dmk_get_be(k->data + 2, 2) & 0xfff8;
		k->more = k->data[3] & 1;
		k->fragment = k->more || k->offset;
		k->id = dmk_get_be(k->data + 4, 4);
		break;
	default:
		return false;
	}
	if (len > k->len)
		return false;
	k->proto = k->data[0];
	k->data += len;
	k->len -= len;
	return !k->offset;	/* what follows is not at its beginning */
}

static void read_ipv6(struct decode_packets *p, const u8 *data, u32 len, struct decode_input *in)
{
	struct packet k = { .family = AF_INET6, .src = data + 8, .dst = data + 24 };
	unsigned int i;

	if (len < 40)
		return;
	k.proto = data[6];
	k.data = data + 40;
	k.len = dmk_get_be(data + 4, 2);
	if (k.len > len - 40)
		k.len = len - 40;
	for (i = 0; i < HEADERS_MAX && skip_header(&k); i++)
		;
	read_payload(p, &k, in);
}

static void read_ip(struct decode_packets *p, const u8 *data, u32 len, struct decode_input *in)
{
	if (!len)
		return;
	if (data[0] >> 4 == 4)
		read_ipv4(p, data, len, in);
	else if (data[0] >> 4 == 6)
		read_ipv6(p, data, len, in);
}

/* ---- link layers */

/* bytes before IP; 0: it is not IP */
static u32 ethernet(const u8 *data, u32 len)
{
	u32 at = 12;
	u16 type;

	for (; at + 2 <= len; at += 4) {
		type = dmk_get_be(data + at, 2);
		if (type == 0x0800 || type == 0x86dd)
			return at + 2;
		if (type != 0x8100 && type != 0x88a8)	/* VLAN tags */
			break;
	}
	return 0;
}

static u32 cooked(const u8 *data, u32 len, u32 type_at, u32 head)
{
	u16 type = len >= head ? dmk_get_be(data + type_at, 2) : 0;

	return type == 0x0800 || type == 0x86dd ? head : 0;
}

void decode_packet(struct decode_packets *p, int link, const u8 *data, u32 len,
		   struct decode_input *in)
{
	u32 at = 0;

	switch (link) {
	case DLT_EN10MB:
		at = ethernet(data, len);
		break;
	case DLT_LINUX_SLL:
		at = cooked(data, len, 14, 16);
		break;
	case DLT_LINUX_SLL2:
		at = cooked(data, len, 0, 20);
		break;
	default:
		read_ip(p, data, len, in);
		return;
	}
	if (at)
		read_ip(p, data + at, len - at, in);
}
