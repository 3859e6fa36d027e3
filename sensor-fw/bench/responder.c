// SPDX-License-Identifier: GPL-2.0
/*
 * Third parties and responder. They know what they must: the PSKs. The TGK they
 * have as R has it, from k shares.
 */
#include "blob.h"
#include "crypto_mbedtls.h"
#include "esp.h"
#include "seal.h"
#include "share.h"
#include "world.h"

enum {
	PROTO_UDP = 17,
	PROTO_ESP = 50,
	PORT_MIKEY = 2269,
	PORT_COAP = 5683,
	COAP_ACK = 0x60,
	COAP_CHANGED = 0x44,	/* 2.04 */
};

static const u8 sensor_addr[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 0x07 };
static const u8 own_addr[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 0x10 };
static const u8 party_addr[WORLD_PARTIES][16] = {
	{ 0x20, 0x01, 0x0d, 0xb8, 0, 7, [15] = 1 },
	{ 0x20, 0x01, 0x0d, 0xb8, 0, 7, [15] = 2 },
	{ 0x20, 0x01, 0x0d, 0xb8, 0, 7, [15] = 3 },
};
static const u8 psk[WORLD_PARTIES][DMK_PSK_LEN] = {
	"pre-shared key of third party 1", "pre-shared key of third party 2",
	"pre-shared key of third party 3",
};

/* 20 bytes each, as the aim in protocol.md 2 has them */
static const struct dmk_id idi = { DMK_ID_NAI, { (const u8 *)"sensor07@net.example", 20 } };
static const struct dmk_id idr = { DMK_ID_URI, { (const u8 *)"dmikey:r.example.net", 20 } };
static const struct dmk_id idtp[WORLD_PARTIES] = {
	{ DMK_ID_URI, { (const u8 *)"dmikey:t01.gw.ex.net", 20 } },
	{ DMK_ID_URI, { (const u8 *)"dmikey:t02.gw.ex.net", 20 } },
	{ DMK_ID_URI, { (const u8 *)"dmikey:t03.gw.ex.net", 20 } },
};

static struct esp_sa in, out;
static u8 packet[WORLD_PACKET_MAX];

/* ---- provisioning */

void responder_provision(void)
{
	static const char *const name[] = { "gw1", "gw2", "gw3" };
	struct dmk_blob_party party[WORLD_PARTIES];
	const struct dmk_blob blob = {
		.idi = idi,
		.idr = idr,
		.addr = sensor_addr,
		.r_addr = own_addr,
		.party_port = PORT_MIKEY,
		.port = PORT_MIKEY,
		.coap_port = PORT_COAP,
		.m = WORLD_PARTIES,
		.n = WORLD_PARTIES,
		.k = WORLD_K,
		.scheme = DMK_SCHEME_SHAMIR,
		.encr_alg = DMK_ENCR_AES_CCM_128,
		.mac_alg = DMK_MAC_NULL,
		.path = DMK_SPAN("vitals", 6),
		.period = WORLD_PERIOD_MS,
		.generation = 1,
	};
	u32 room, i;
	u8 *keys = world_flash(&room);

	for (i = 0; i < WORLD_PARTIES; i++)
		party[i] = (struct dmk_blob_party){
			DMK_SPAN(name[i], 3), idtp[i], party_addr[i], psk[i]
		};
	MUST(dmk_blob_emit(crypto_context(), &blob, party, keys, room));
}

/* ---- packets */

static u32 add(u32 sum, const u8 *p, u32 len)
{
	u32 i;

	for (i = 0; i < len; i++)
		sum += (u32)p[i] << (i % 2 ? 0 : 8);
	return sum;
}

/* UDP's head before @len bytes of payload; RFC 8200 8.1 */
static void put_udp(u8 *udp, u16 from, u16 to, u32 len)
{
	u32 sum;

	len += WORLD_UDP;
	dmk_put_be(udp, from, 2);
	dmk_put_be(udp + 2, to, 2);
	dmk_put_be(udp + 4, len, 2);
	dmk_put_be(udp + 6, 0, 2);
	sum = add(add(len + PROTO_UDP, own_addr, 16), sensor_addr, 16);
	sum = add(sum, udp, len);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	dmk_put_be(udp + 6, sum == 0xffff ? sum : ~sum, 2);
}

/* IPv6's head before @len bytes in @packet */
static struct dmk_span put_ipv6(u8 next, u32 len)
{
	memset(packet, 0, WORLD_IPV6);
	packet[0] = 6 << 4;
	dmk_put_be(packet + 4, len, 2);
	packet[6] = next;
	packet[7] = 64;
	memcpy(packet + 8, own_addr, 16);
	memcpy(packet + 24, sensor_addr, 16);
	return DMK_SPAN(packet, WORLD_IPV6 + len);
}

/* ---- message 1 and R_I */

/* whose address a packet went to */
static u32 party_of(const u8 *ipv6)
{
	u32 i;

	for (i = 0; i < WORLD_PARTIES; i++)
		if (!memcmp(ipv6 + 24, party_addr[i], 16))
			return i;
	report_end("a packet to a third party");
}

/* what third party i does with its message 1 */
static void open_share(u32 i, struct dmk_message *m, struct dmk_point *p)
{
	struct dmk_span sent = line_sent(i);
	struct dmk_msg_keys keys;
	struct dmk_opened o;
	u32 party;

	MUST(sent.len > WORLD_IPV6 + WORLD_UDP);
	party = party_of(sent.data);
	MUST(!dmk_message_parse(m, DMK_AT_TP, sent.data + WORLD_IPV6 + WORLD_UDP,
				sent.len - WORLD_IPV6 - WORLD_UDP));
	MUST(!dmk_msg_keys(crypto_context(), DMK_PRF_SHA256, 16, 0,
			   DMK_SPAN(psk[party], DMK_PSK_LEN), m->hdr.csb_id, m->rand, &keys));
	MUST(!dmk_open_kemac(crypto_context(), m, &keys, &o));
	p->x = m->share.x;
	memcpy(p->y, o.key.data, sizeof(p->y));
}

static void put_part(struct dmk_writer *w)
{
	struct dmk_part_entry e[WORLD_PARTIES] = { 0 };
	u8 hash[DMK_HASH_LEN];
	struct dmk_span sent;
	u32 i;

	for (i = 0; i < WORLD_PARTIES; i++) {
		sent = line_sent(i);
		MUST(!dmk_sha256(crypto_context(), &idtp[party_of(sent.data)].data, 1, hash));
		memcpy(e[i].hash, hash, sizeof(e[i].hash));
		e[i].x = i + 1;
	}
	dmk_build_part(w, e, WORLD_PARTIES);
}

static void install(const struct dmk_message *m, struct dmk_span tgk, struct dmk_span randr)
{
	struct dmk_esp_policy policy;
	struct dmk_esp_keys keys;

	MUST(!dmk_esp_policy_parse(m->sp[0].param, &policy));
	MUST(!dmk_esp_keys(crypto_context(), &policy, 1, tgk, m->hdr.csb_id, m->rand, randr,
			   &keys));
	MUST(esp_init(&in, m->spi[0], &policy, &keys));
	MUST(!dmk_esp_keys(crypto_context(), &policy, 2, tgk, m->hdr.csb_id, m->rand, randr,
			   &keys));
	MUST(esp_init(&out, m->spi[1], &policy, &keys));
}

static struct dmk_span build_r_i(const struct dmk_message *m, struct dmk_span tgk)
{
	static const u8 randr[DMK_RANDR_LEN] = "RANDR, 16 bytes";
	u8 *message = packet + WORLD_IPV6 + WORLD_UDP;
	struct dmk_writer w;
	u8 auth[32];

	dmk_writer_init(&w, message, sizeof(packet) - WORLD_IPV6 - WORLD_UDP);
	dmk_build_hdr_2cs(&w, DMK_DT_PSK_VER, false, m->hdr.csb_id, m->spi, DMK_SPAN(NULL, 0));
	dmk_emit_t(&w, &m->t);
	dmk_emit_id(&w, &idr);
	dmk_emit_randr(&w, DMK_SPAN(randr, sizeof(randr)));
	put_part(&w);
	MUST(!dmk_key_auth5(crypto_context(), tgk, m->hdr.csb_id, m->rand, auth));
	MUST(!dmk_seal_v(crypto_context(), &w, auth, &idi, &idr, m->t.value));
	install(m, tgk, DMK_SPAN(randr, sizeof(randr)));
	put_udp(packet + WORLD_IPV6, PORT_MIKEY, PORT_MIKEY, w.len);
	return put_ipv6(PROTO_UDP, WORLD_UDP + w.len);
}

struct dmk_span responder_establish(void)
{
	static const u8 set[WORLD_K] = { 0, 1 };
	struct dmk_point points[WORLD_PARTIES];
	u8 coeff[WORLD_K][DMK_SHARE_LEN];
	struct dmk_message m;
	u32 i;

	for (i = 0; i < WORLD_PARTIES; i++)
		open_share(i, &m, &points[i]);
	dmk_share_interpolate(points, set, WORLD_K, coeff);
	return build_r_i(&m, DMK_SPAN(coeff[0], DMK_SHARE_LEN));
}

/* ---- a reading and its acknowledgement */

/* piggybacked, RFC 7252 5.2.1: the request's Message ID and token */
static u32 put_ack(u8 *ack, struct dmk_span request)
{
	u8 token = request.data[0] & 0x0f;

	MUST(request.len > 4u + token);
	ack[0] = COAP_ACK | token;
	ack[1] = COAP_CHANGED;
	memcpy(ack + 2, request.data + 2, 2 + token);
	return 4 + token;
}

struct dmk_span responder_acknowledge(void)
{
	struct dmk_span sent = line_sent(0), udp;
	u8 *esp = packet + WORLD_IPV6, *inner = esp + ESP_HEAD;
	u8 opened[WORLD_PACKET_MAX], next;
	u32 len;

	MUST(sent.len > WORLD_IPV6 && !line_sent(1).len);
	memcpy(opened, sent.data, sent.len);
	MUST(esp_open(&in, opened + WORLD_IPV6, sent.len - WORLD_IPV6, &udp, &next) == ESP_OK);
	MUST(next == PROTO_UDP && udp.len > WORLD_UDP);

	len = put_ack(inner + WORLD_UDP, DMK_SPAN(udp.data + WORLD_UDP, udp.len - WORLD_UDP));
	put_udp(inner, PORT_COAP, PORT_COAP, len);
	MUST(esp_seal(&out, esp, WORLD_UDP + len, sizeof(packet) - WORLD_IPV6, PROTO_UDP,
		      &len) == ESP_OK);
	return put_ipv6(PROTO_ESP, len);
}
