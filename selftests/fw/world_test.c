// SPDX-License-Identifier: GPL-2.0
/*
 * The world against a sensor made of core/initiator.c, which can be told to do what
 * no sensor may do: a world that cannot complain is worth nothing.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "crypto_openssl.h"
#include "initiator.h"
#include "ktap.h"
#include "world.h"

enum { PARTIES = 4, CHOSEN = 3, NEEDED = 2, READING_PORT = 5683, STAY = -1 };

static struct world *w;
static char state_path[] = "/tmp/world_test.XXXXXX";
static char *record;		/* of w->record: what the world said since begin() */
static size_t record_len;

void world_die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\nBail out! the world cannot go on\n");
	exit(2);
}

/* ---- the sensor */

/**
 * struct sensor - I, and what it does wrong
 * @random_fixed: all random bytes are these, STAY for good ones
 * @t_step: T of the next session is higher by so much
 * @edit: changes a packet before it is sent
 */
struct sensor {
	struct dmk_initiator i;
	struct dmk_initiator_conf conf;
	struct dmk_party party[PARTIES];
	struct dmk_standing standing[PARTIES];
	u8 buf[DMK_SENSOR_MSG_MAX];
	u8 session_data[64];
	u64 t;
	u64 now;
	struct dmk_slip slip;
	u8 frame[WORLD_FRAME];
	struct world_sa out, in;
	unsigned int established, acknowledged, pongs, refused, cookies, wrong_parties, absent;
	u16 id;

	int random_fixed;
	s64 t_step;
	void (*edit)(u8 *packet, u32 *len);
};

static int sensor_random(void *ctx, u8 *out, size_t len)
{
	struct sensor *s = ctx;
	int err = dmk_random(s->conf.crypto, out, len);

	/* coefficients and RAND alone, so that SPIs and CSB ID still differ */
	if (s->random_fixed != STAY && len == 16)
		memset(out, s->random_fixed, len);
	return err;
}

static int sensor_next_t(void *ctx, u64 *t)
{
	struct sensor *s = ctx;

	s->t += s->t_step;
	*t = s->t;
	s->i.t.value = 0;	/* the machine itself would not take an old one */
	return 0;
}

static bool sensor_spi_used(void *ctx, u32 spi)
{
	(void)ctx;
	(void)spi;
	return false;
}

static void frame_out(struct dmk_span packet)
{
	static const u8 end = DMK_SLIP_END;
	u8 piece[64];
	u32 used, n;

	world_input(w, &end, 1);
	while (packet.len) {
		n = dmk_slip_encode(packet.data, packet.len, &used, piece, sizeof(piece));
		world_input(w, piece, n);
		packet.data += used;
		packet.len -= used;
	}
	world_input(w, &end, 1);
}

static void packet_out(struct sensor *s, u8 *packet, u32 len)
{
	if (s->edit)
		s->edit(packet, &len);
	frame_out(DMK_SPAN(packet, len));
}

static void udp_out(struct sensor *s, const u8 dst[16], const struct world_udp *u)
{
	const u8 *src = world_addr(&w->conf.local);
	u8 packet[WORLD_FRAME];
	u32 len = world_udp_put(packet + WORLD_IP_HEAD, src, dst, u);

	len = world_ip_put(packet, src, dst, IPPROTO_UDP, DMK_SPAN(packet + WORLD_IP_HEAD, len));
	packet_out(s, packet, len);
}

static void sensor_send(void *ctx, u8 party, const u8 *data, u32 len)
{
	struct sensor *s = ctx;
	u8 copy[DMK_SENSOR_MSG_MAX];
	struct world_udp u = { SENSOR_MIKEY_PORT, SENSOR_MIKEY_PORT, DMK_SPAN(copy, len) };

	memcpy(copy, data, len);
	udp_out(s, world_addr(&w->conf.party[party].addr), &u);
}

static int sensor_install(void *ctx, const struct dmk_sa_pair *sa)
{
	struct sensor *s = ctx;

	s->out = (struct world_sa){ .spi = sa->spi[0], .policy = sa->policy, .keys = sa->keys[0] };
	s->in = (struct world_sa){ .spi = sa->spi[1], .policy = sa->policy, .keys = sa->keys[1] };
	s->established++;
	return 0;
}

static void sensor_event(void *ctx, const struct dmk_event *e)
{
	struct sensor *s = ctx;

	s->refused += e->type == DMK_EV_PARTY_REFUSED || e->type == DMK_EV_REFUSED;
	s->cookies += e->type == DMK_EV_PARTY_COOKIE;
	s->wrong_parties += e->type == DMK_EV_PARTY_WRONG;
	s->absent += e->type == DMK_EV_PARTY_ABSENT;
}

static const struct dmk_initiator_ops sensor_ops = {
	.random = sensor_random, .next_t = sensor_next_t, .spi_used = sensor_spi_used,
	.send = sensor_send, .install = sensor_install, .event = sensor_event,
};

/* a confirmable POST to /r, SenML-CBOR, an empty array */
static void reading_out(struct sensor *s, u8 *esp, u32 *len)
{
	const u8 coap[] = { 0x40, 0x02, s->id >> 8, s->id, 0xb1, 'r', 0x11, 112, 0xff, 0x80 };
	struct world_udp u = { READING_PORT, READING_PORT, DMK_SPAN(coap, sizeof(coap)) };
	const u8 *src = world_addr(&w->conf.local), *dst = world_addr(&w->conf.responder);
	u8 udp[64];
	u32 n = world_udp_put(udp, src, dst, &u);

	n = world_esp_seal(&s->out, IPPROTO_UDP, DMK_SPAN(udp, n), esp + WORLD_IP_HEAD);
	*len = world_ip_put(esp, src, dst, IPPROTO_ESP, DMK_SPAN(esp + WORLD_IP_HEAD, n));
}

static void reading(struct sensor *s)
{
	u8 esp[WORLD_FRAME];
	u32 len;

	s->id++;
	reading_out(s, esp, &len);
	packet_out(s, esp, len);
}

static void esp_in(struct sensor *s, struct dmk_span packet)
{
	u8 plain[WORLD_FRAME], next;
	u32 len, seq = packet.len < 8 ? 0 : dmk_get_be(packet.data + 4, 4);

	if (!seq || dmk_get_be(packet.data, 4) != s->in.spi || seq <= s->in.seq ||
	    world_esp_open(&s->in, packet, plain, &len, &next))
		return;
	s->in.seq = seq;
	s->acknowledged++;
}

static int party_at(const u8 addr[16])
{
	int i;

	for (i = 0; i < PARTIES; i++)
		if (!memcmp(world_addr(&w->conf.party[i].addr), addr, 16))
			return i;
	return DMK_FROM_ELSEWHERE;
}

static void pong_out(struct sensor *s, const struct world_packet *p)
{
	u8 packet[WORLD_FRAME];

	world_echo_put(packet, p->dst, p->src, dmk_get_be(p->data.data + 6, 2), p->data.len - 8);
	packet[WORLD_IP_HEAD] = 129;
	packet[WORLD_IP_HEAD + 2]--;		/* the type is in the checksum */
	s->pongs++;
	packet_out(s, packet, WORLD_IP_HEAD + p->data.len);
}

static void sensor_frame(struct sensor *s, struct dmk_span frame)
{
	struct world_packet p;
	struct world_udp u;
	u8 copy[WORLD_FRAME];

	if (world_ip_parse(frame, &p))
		return;
	if (p.next == IPPROTO_ESP) {
		esp_in(s, p.data);
	} else if (p.next == IPPROTO_ICMPV6 && world_icmp_good(&p)) {
		pong_out(s, &p);
	} else if (p.next == IPPROTO_UDP && !world_udp_parse(&p, &u)) {
		memcpy(copy, u.data.data, u.data.len);
		dmk_initiator_receive(&s->i, party_at(p.src), copy, u.data.len, s->now);
	}
}

/* what the world has sent */
static void sensor_read(struct sensor *s)
{
	u8 *bytes;
	size_t n, i;
	u32 len;

	while (w->out_len) {
		n = w->out_len;
		bytes = malloc(n);
		memcpy(bytes, w->out, n);
		w->out_len = 0;
		for (i = 0; i < n; i++) {
			len = dmk_slip_receive(&s->slip, bytes[i]);
			if (len)
				sensor_frame(s, DMK_SPAN(s->frame, len));
		}
		free(bytes);
	}
}

/* until the sensor has nothing to do, or has a session, or for @ms */
static void live(struct sensor *s, u64 ms)
{
	unsigned int before = s->established;
	u64 end = s->now + ms;

	for (;;) {
		sensor_read(s);
		if (s->established != before || s->now >= end)
			return;
		s->now += 10;
		w->now = s->now;
		world_responder_tick(w);
		dmk_initiator_tick(&s->i, s->now);
	}
}

/* ---- both */

static void configure(struct sensor_conf *c)
{
	static const char *const names[PARTIES] = { "gw1", "gw2", "gw3", "gw4" };
	char text[32];
	int i;

	c->idi = (struct dmk_id){ DMK_ID_NAI, DMK_SPAN("sensor", 6) };
	c->idr = (struct dmk_id){ DMK_ID_URI, DMK_SPAN("responder", 9) };
	sensor_addr_parse("2001:db8::100", READING_PORT, &c->responder);
	sensor_addr_parse("2001:db8::7", SENSOR_MIKEY_PORT, &c->local);
	for (i = 0; i < PARTIES; i++) {
		c->party[i].name = (char *)names[i];
		c->party[i].id = (struct dmk_id){ DMK_ID_URI, DMK_SPAN(names[i], 3) };
		snprintf(text, sizeof(text), "2001:db8::%d", i + 1);
		sensor_addr_parse(text, SENSOR_MIKEY_PORT, &c->party[i].addr);
		memset(c->party[i].psk, i + 1, DMK_PSK_LEN);
	}
	c->coap_port = READING_PORT;
	c->coap_path = "r";
	c->m = PARTIES;
	c->n = CHOSEN;
	c->k = NEEDED;
	c->scheme = DMK_SCHEME_SHAMIR;
	c->suite = (struct dmk_suite){ DMK_PRF_SHA256, DMK_ENCR_AES_CCM_128, DMK_MAC_NULL };
	c->ts_type = DMK_TS_COUNTER;
}

static struct sensor *sensor_new(void)
{
	struct sensor *s = calloc(1, sizeof(*s));
	struct dmk_session_data sd = { .family = 6, .port = SENSOR_MIKEY_PORT };
	int i;

	memcpy(sd.addr, world_addr(&w->conf.local), 16);
	s->conf = (struct dmk_initiator_conf){
		.ops = &sensor_ops, .ctx = s, .crypto = w->c, .idi = w->conf.idi,
		.idr = w->conf.idr, .party = s->party, .standing = s->standing, .m = PARTIES,
		.n = CHOSEN, .k = NEEDED, .scheme = w->conf.scheme, .suite = w->conf.suite,
		.ts_type = w->conf.ts_type, .buf = s->buf, .room = sizeof(s->buf),
	};
	s->conf.session_data = DMK_SPAN(s->session_data, dmk_session_data_emit(&sd, s->session_data));
	for (i = 0; i < PARTIES; i++)
		s->party[i] = (struct dmk_party){ w->conf.party[i].id.data, w->conf.party[i].psk };
	s->t = 100;
	s->t_step = 1;
	s->random_fixed = STAY;
	s->standing[3].score = DMK_STANDING_LOWEST;	/* gw1, gw2, gw3 are chosen */
	dmk_slip_init(&s->slip, s->frame, sizeof(s->frame));
	if (dmk_initiator_init(&s->i, &s->conf))
		world_die("the sensor's configuration is refused");
	return s;
}

/* a world that knows nothing of before, and a sensor that is well */
static struct sensor *begin(void)
{
	struct dmk_crypto *c = w->c;

	if (w->state) {
		fclose(w->state);
		fclose(w->record);
	}
	free(w->out);
	free(record);
	memset(w, 0, sizeof(*w));
	w->c = c;
	w->record = open_memstream(&record, &record_len);
	w->dice = 1;
	w->coap_code = 0x44;
	configure(&w->conf);
	unlink(state_path);
	world_state_open(w, state_path);
	world_connected(w);
	return sensor_new();
}

static void command(const char *text)
{
	if (!world_command(w, text))
		world_die("command '%s'", text);
}

static void establish(struct sensor *s)
{
	dmk_initiator_start(&s->i, s->now);
	live(s, 200000);
}

/* one session and one reading, under @what, which leaves @trace in
 * the record
 */
static void well(const char *what, const char *trace)
{
	struct sensor *s = begin();

	if (what)
		command(what);
	establish(s);
	reading(s);
	sensor_read(s);
	ktap_ok(s->established == 1 && s->acknowledged == 1 && !w->wrong && strstr(record, trace),
		"a good sensor: %s", what ? what : "nothing in its way");
	free(s);
}

/* of @what, in these @words */
static void complains(struct sensor *s, const char *what, const char *words)
{
	const char *said = strstr(record, "\"what\"");
	bool good = w->wrong && strstr(record, words);

	ktap_ok(good, "the world complains of %s", what);
	if (!good)
		ktap_diag("it says %.200s", said ? said : "nothing");
	free(s);
}

/* ---- what a sensor may do */

static void good_tests(void)
{
	struct sensor *s;

	well(NULL, "\"shares\":3,\"repeated\":0");
	well("tp gw1 dead", "\"shares\":2,\"repeated\":0");
	well("tp gw2 lies", "\"party\":\"gw2\",\"wrong\":true");
	well("tp gw3 refuses 243", "\"shares\":2");
	well("tp gw3 overloaded", "\"event\":\"cookie\"");
	well("tp gw1 wrong-psk", "\"event\":\"mac\"");
	well("r lose 2", "\"repeated\":6");
	well("r copies 3", "\"session\"");
	well("r mutates 1", "\"mutated\"");

	s = begin();
	command("r refuses 243");
	dmk_initiator_start(&s->i, 0);
	live(s, 1000);
	ktap_ok(!s->established && s->refused == 1 && !w->wrong, "R refuses");
	free(s);

	s = begin();
	establish(s);
	command("r reboots");
	reading(s);
	live(s, 100);
	ktap_ok(!s->acknowledged && !w->wrong, "R that rebooted acknowledges nothing");
	establish(s);
	reading(s);
	sensor_read(s);
	ktap_ok(s->established == 2 && s->acknowledged == 1 && !w->wrong, "but takes a new session");
	free(s);
}

static void attack_tests(void)
{
	static const char *const attacks[] = {
		"ping 100", "vectors", "replay", "esp replay", "esp flip", "esp old", "esp clear",
	};
	struct sensor *s = begin();
	unsigned int i;

	establish(s);
	reading(s);
	sensor_read(s);
	for (i = 0; i < ARRAY_SIZE(attacks); i++) {
		command(attacks[i]);
		sensor_read(s);
	}
	ktap_ok(s->established == 1 && s->acknowledged == 1 && s->pongs == 1 && w->pong == 1 && !w->wrong,
		"a good sensor minds no attack");
	command("coap none");
	reading(s);
	sensor_read(s);
	ktap_ok(s->acknowledged == 1, "a responder that answers no CoAP");
	free(s);
}

/* a good sensor gets through all noise, and the world blames it for none of it */
static void noise_test(void)
{
	struct sensor *s = begin();
	int i;

	command("seed 7");
	command("noise in 1000 1000 1000");
	command("noise out 1000 1000 1000");
	for (i = 0; i < 20; i++) {
		establish(s);
		reading(s);
		sensor_read(s);
	}
	ktap_ok(s->established == 20 && s->acknowledged > 5 && !w->wrong, "noise in both directions");
	ktap_diag("%u of 20 readings acknowledged", s->acknowledged);
	free(s);
}

/* ---- what it may not */

static void two_sessions(struct sensor *s)
{
	establish(s);
	establish(s);
}

static void edit_next_header(u8 *packet, u32 *len)
{
	(void)len;
	packet[6] = 6;
}

static void edit_longer(u8 *packet, u32 *len)
{
	packet[(*len)++] = 0;
}

static void edit_source(u8 *packet, u32 *len)
{
	(void)len;
	packet[8 + 15] ^= 1;
}

static void edit_bit(u8 *packet, u32 *len)
{
	packet[*len - 1] ^= 1;
}

static void packet_tests(void)
{
	static const struct {
		const char *name;
		void (*edit)(u8 *packet, u32 *len);
		const char *words;
	} edits[] = {
		{ "another protocol", edit_next_header, "next header 6" },
		{ "a byte behind the packet", edit_longer, "length is not that of the frame" },
		{ "another source", edit_source, "not the sensor's address" },
		{ "a wrong checksum", edit_bit, "wrong UDP checksum" },
	};
	struct sensor *s;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(edits); i++) {
		s = begin();
		s->edit = edits[i].edit;
		dmk_initiator_start(&s->i, 0);
		complains(s, edits[i].name, edits[i].words);
	}
}

static void t_tests(void)
{
	struct sensor *s = begin();

	s->t_step = 0;
	two_sessions(s);
	complains(s, "a T that comes again", "t 0000000000000064 again");

	s = begin();
	s->t_step = -1;
	two_sessions(s);
	complains(s, "a T that goes back", "T 98 after 99");

	/* the world is told of what was before it */
	s = begin();
	establish(s);
	ktap_ok(!w->wrong, "nothing is wrong with the first session");
	fclose(w->state);
	world_state_open(w, state_path);
	memset(w->attempt, 0, sizeof(w->attempt));
	s->t_step = 0;
	establish(s);
	complains(s, "a T that comes again after a restart of both", "t 0000000000000065 again");

	s = begin();
	s->random_fixed = 5;
	two_sessions(s);
	complains(s, "RAND and coefficients that come again", "rand 0505");

	s = begin();
	command("r lose 1");
	dmk_initiator_start(&s->i, 0);
	live(s, 500);
	s->i.attempt.coeff[0][0] ^= 1;
	live(s, 5000);
	complains(s, "a repetition with another share", "under one key and nonce");

	s = begin();
	w->conf.n = 4;
	establish(s);
	complains(s, "another n than the configured one", "n, k or scheme");

	s = begin();
	s->party[0].psk = s->party[1].psk;
	establish(s);
	complains(s, "a share under another key", "cannot be opened");
}

static void esp_tests(void)
{
	static const u8 coap[] = { 0x40, 0x02, 0, 1, 0xb1, 'r', 0x11, 112, 0xff, 0x80 };
	struct world_udp clear = { READING_PORT, READING_PORT, DMK_SPAN(coap, sizeof(coap)) };
	struct sensor *s = begin();
	u8 esp[WORLD_FRAME];
	u32 len;

	establish(s);
	reading_out(s, esp, &len);
	frame_out(DMK_SPAN(esp, len));
	ktap_ok(!w->wrong, "nothing is wrong with the first reading");
	frame_out(DMK_SPAN(esp, len));
	complains(s, "an ESP packet that comes again", "number 1 after 1");

	s = begin();
	establish(s);
	reading(s);
	s->out.seq = 0;
	reading(s);
	complains(s, "a sequence number and IV that come again", "esp-iv");

	s = begin();
	establish(s);
	udp_out(s, world_addr(&w->conf.responder), &clear);
	complains(s, "a reading in clear", "UDP in clear");

	s = begin();
	establish(s);
	s->edit = edit_bit;
	reading(s);
	complains(s, "a wrong ICV", "the ICV");

	s = begin();
	establish(s);
	s->out.spi++;
	reading(s);
	complains(s, "an SPI that never was", "SPI that never was");

	s = begin();
	establish(s);
	reading(s);
	s->id--;
	s->out.seq = 0x80000000;
	w->coap[w->coap_len - 1] ^= 1;	/* as if the first one had been another */
	reading(s);
	complains(s, "one Message ID with two readings", "one Message ID");

	s = begin();
	command("ping 8");
	w->pong = 1;
	sensor_read(s);
	complains(s, "a pong without a ping", "nobody asked for");
}

static void world_test(void)
{
	w = calloc(1, sizeof(*w));
	w->c = dmk_crypto_openssl_new();
	close(mkstemp(state_path));
	freopen("/dev/null", "w", stderr);	/* complaints are what is wanted */
	good_tests();
	attack_tests();
	noise_test();
	packet_tests();
	t_tests();
	esp_tests();
	unlink(state_path);
}

KTAP_MAIN(world_test)
