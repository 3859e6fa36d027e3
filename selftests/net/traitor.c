// SPDX-License-Identifier: GPL-2.0
/*
 * A third party with a good certificate that drowns its responder: every message 3
 * is right in itself, signed or under an envelope key that the responder has from
 * it. With demo-pki.sh's DIR, in the third party's namespace:
 *
 *	traitor DIR THIRD_PARTY RESPONDER ADDRESS COUNT HOW I_TP [TP_R]
 *
 * I_TP, TP_R: files of tape.c, whose sensor and whose envelope are abused.
 *
 *	groups		one sensor, and each share of another session
 *	sensors		each share of another sensor of the realm
 *	nobody		the same of a realm that has no rule
 *	shares		one session: each message another share of it
 *	late		T' of yesterday
 *	same		one message, again and again
 *	signed		as groups, each in an envelope of its own that asks to be kept
 *	envelope	as groups, signed anew around one envelope
 *	stolen		the same around the envelope of TP_R, which is another's
 *
 * All but the last three go under one cached key. It follows cookies. Prints how
 * many were sent.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "crypto_openssl.h"
#include "forge.h"
#include "pki.h"
#include "seal.h"
#include "tape.h"

#define NTP_UNIX	2208988800u
#define RSA_LEN		256	/* of demo-pki.sh's keys */
#define RING		512	/* messages that a cookie may come for */
#define CSB_ID		4

/**
 * struct traitor - the third party
 * @c: crypto backend
 * @tp: its name and keys
 * @fd: UDP socket, connected to the responder
 * @i_tp: message 1, changed from share to share
 * @m: the same, parsed
 * @envelope: the envelope key in use
 * @pke: Data of PKE that carries it
 * @t: T' of the message before
 * @out: message 3
 * @len: its length
 * @ring: those that were sent
 * @sent: their number
 */
struct traitor {
	struct dmk_crypto *c;
	struct forge_tp tp;
	int fd;
	struct lab_datagram i_tp;
	struct dmk_message m;
	u8 envelope[DMK_ENVELOPE_LEN];
	u8 pke[DMK_RSA_MAX];
	u64 t;
	u8 out[DMK_MSG_MAX];
	u32 len;
	struct { u32 len; u8 data[DMK_MSG_MAX]; } ring[RING];
	unsigned long sent;
};

static struct traitor t;

static void open_socket(const char *address)
{
	struct sockaddr_in6 r = { .sin6_family = AF_INET6, .sin6_port = htons(LAB_PORT) };

	t.fd = socket(AF_INET6, SOCK_DGRAM, 0);
	if (inet_pton(AF_INET6, address, &r.sin6_addr) != 1)
		lab_die("%s is no address", address);
	if (t.fd < 0 || connect(t.fd, (void *)&r, sizeof(r)))
		lab_die("socket: %s", strerror(errno));
}

/* ---- message 3 */

/* NTP-UTC, and never the same twice */
static u64 next_t(void)
{
	struct timespec now;
	u64 ntp;

	clock_gettime(CLOCK_REALTIME, &now);
	ntp = ((u64)now.tv_sec + NTP_UNIX) << 32 | ((u64)now.tv_nsec << 32) / 1000000000;
	t.t = ntp > t.t ? ntp : t.t + 1;
	return t.t;
}

static void draw_envelope(void)
{
	if (dmk_random(t.c, t.envelope, sizeof(t.envelope)))
		lab_die("no envelope key");
	forge_encrypt(t.tp.r_key, t.envelope, t.pke, RSA_LEN);
}

static void envid(u8 id[DMK_ENVID_LEN])
{
	struct dmk_span pke = DMK_SPAN(t.pke, RSA_LEN);
	u8 hash[DMK_HASH_LEN];

	if (dmk_sha256(t.c, &pke, 1, hash))
		lab_die("SHA-256");
	memcpy(id, hash, DMK_ENVID_LEN);
}

static void build(bool is_signed, s64 seconds)
{
	const struct dmk_suite suite = {
		DMK_PRF_SHA256, t.m.kemac.encr_alg, t.m.kemac.mac_alg
	};
	struct dmk_ts ts = { DMK_TS_NTP_UTC, next_t() + ((u64)seconds << 32) };
	struct dmk_chash chash = { DMK_HASH_FUNC_SHA256, DMK_SPAN(t.tp.r_hash, DMK_HASH_LEN) };
	struct dmk_pke pke = { DMK_PKE_CACHE, DMK_SPAN(t.pke, RSA_LEN) };
	u8 share[DMK_SHARE_LEN], id[DMK_ENVID_LEN];
	struct dmk_msg_keys keys;
	struct dmk_writer w;
	struct dmk_sign sig;

	envid(id);
	if (dmk_random(t.c, share, sizeof(share)) ||
	    dmk_msg_keys(t.c, DMK_PRF_SHA256, 16, 32, DMK_SPAN(t.envelope, DMK_ENVELOPE_LEN),
			 t.m.hdr.csb_id, t.m.rand, &keys))
		lab_die("no keys");
	dmk_writer_init(&w, t.out, sizeof(t.out));
	dmk_build_tp_r_head(&w, &t.m, &ts, is_signed ? &t.tp.cert : NULL, is_signed ? NULL : &t.tp.id);
	if (!is_signed)
		dmk_emit_ext(&w, DMK_EXT_ENVID, DMK_SPAN(id, sizeof(id)));
	if (dmk_seal_kemac(t.c, &w, &suite, &keys, t.m.hdr.csb_id, &ts, &t.tp.id, DMK_KEY_TGK_SHARE,
			   DMK_SPAN(share, sizeof(share)), is_signed))
		lab_die("KEMAC");
	if (is_signed) {
		dmk_emit_chash(&w, &chash);
		dmk_emit_pke(&w, &pke);
		dmk_emit_sign(&w, RSA_LEN, &sig);
		forge_sign(t.tp.key, t.out, &sig);
	}
	if (w.full)
		lab_die("message 3 is too long");
	t.len = w.len;
}

static void emit(const u8 *data, u32 len)
{
	/* a queue of the kernel that is full for a moment */
	while (send(t.fd, data, len, 0) != (ssize_t)len) {
		if (errno != ECONNREFUSED && errno != ENOBUFS && errno != EAGAIN)
			lab_die("send: %s", strerror(errno));
		usleep(1000);
	}
}

/* as an honest one does: the same message, with the cookie; whether message 4 has come */
static bool follow_cookies(void)
{
	static u8 in[DMK_MSG_MAX], out[DMK_MSG_MAX];
	static struct dmk_message err, was;
	bool acknowledged = false;
	unsigned int i;
	ssize_t len;

	while ((len = recv(t.fd, in, sizeof(in), MSG_DONTWAIT)) > 0) {
		if (dmk_message_parse(&err, DMK_AT_TP, in, len))
			continue;
		acknowledged |= err.kind == DMK_R_TP;
		if (err.kind != DMK_ERR || err.error != DMK_ERR_COOKIE)
			continue;
		for (i = 0; i < RING; i++) {
			len = t.ring[i].len;
			memcpy(out, t.ring[i].data, len);
			if (dmk_message_parse(&was, DMK_AT_R, out, len) ||
			    was.t.value != err.t.value)
				continue;
			len = dmk_message_add_cookie(out, len, sizeof(out), err.cookie.data);
			emit(out, len);
			break;
		}
	}
	return acknowledged;
}

static void send_it(void)
{
	unsigned int i = t.sent++ % RING;

	memcpy(t.ring[i].data, t.out, t.len);
	t.ring[i].len = t.len;
	emit(t.out, t.len);
}

/* the key of those that follow */
static void bring_key(void)
{
	int i;

	build(true, 0);
	send_it();
	for (i = 0; !follow_cookies(); i++) {
		if (i == 300)
			lab_die("the responder has not taken the key");
		usleep(100000);
	}
}

/* ---- how */

static void parse(void)
{
	if (dmk_message_parse(&t.m, DMK_AT_TP, t.i_tp.data, t.i_tp.len) || t.m.kind != DMK_I_TP)
		lab_die("the tape holds no message 1");
}

/* another session, with a commitment of its own, for nobody can tell */
static void new_session(void)
{
	u8 *share = (u8 *)t.m.share_raw.data;

	if (dmk_random(t.c, t.i_tp.data + CSB_ID, 4) ||
	    dmk_random(t.c, share + DMK_SHARE_EXT_LEN - DMK_COMMITMENT_LEN, DMK_COMMITMENT_LEN))
		lab_die("no random bytes");
	parse();
}

/* the first letters of the name */
static void new_sensor(unsigned long i)
{
	char name[8];

	snprintf(name, sizeof(name), "%07lu", i % 10000000);
	memcpy((u8 *)t.m.idi.data.data, name, 7);
	new_session();
}

/* the last letter of the realm */
static void leave_realm(void)
{
	((u8 *)t.m.idi.data.data)[t.m.idi.data.len - 1] = 'x';
}

static void steal(const char *path)
{
	static struct lab_datagram tape;
	static struct dmk_message m;

	tape_read(path, &tape);
	if (dmk_message_parse(&m, DMK_AT_R, tape.data, tape.len) || m.pke.data.len != RSA_LEN)
		lab_die("%s: no message 3 with an envelope", path);
	memcpy(t.pke, m.pke.data.data, RSA_LEN);
}

static void one(const char *how, unsigned long i)
{
	bool is_signed = !strcmp(how, "signed") || !strcmp(how, "envelope") ||
			 !strcmp(how, "stolen");

	if (!strcmp(how, "same") && i)
		return;
	if (!strcmp(how, "sensors") || !strcmp(how, "nobody"))
		new_sensor(i);
	else if (strcmp(how, "shares"))
		new_session();
	if (!strcmp(how, "signed"))
		draw_envelope();
	build(is_signed, strcmp(how, "late") ? 0 : -86400);
}

static void betray(const char *how, unsigned long count, const char *tp_r)
{
	unsigned long i;

	draw_envelope();
	if (tp_r)
		steal(tp_r);
	else
		bring_key();
	if (!strcmp(how, "nobody"))
		leave_realm();
	for (i = 0; i < count; i++) {
		one(how, i);
		send_it();
		follow_cookies();
	}
	sleep(1);
	follow_cookies();
	printf("%lu\n", count);
}

int main(int argc, char **argv)
{
	if (argc < 8 || argc > 9)
		lab_die("traitor DIR THIRD_PARTY RESPONDER ADDRESS COUNT HOW I_TP [TP_R]");
	t.c = dmk_crypto_openssl_new();
	if (!t.c)
		lab_die("OpenSSL");
	forge_tp_read(&t.tp, t.c, argv[1], argv[2], argv[3]);
	open_socket(argv[4]);
	tape_read(argv[7], &t.i_tp);
	parse();
	betray(argv[6], strtoul(argv[5], NULL, 10), argv[8]);
	return 0;
}
