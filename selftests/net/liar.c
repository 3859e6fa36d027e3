// SPDX-License-Identifier: GPL-2.0
/*
 * A third party that lies: it has the certificate and the sensor's key, says
 * to the responder that it passes the share on, and passes on another one. With
 * demo-pki.sh's DIR, in the third party's namespace in place of the module:
 *
 *	liar DIR THIRD_PARTY SENSOR RESPONDER ADDRESS_OF_RESPONDER
 *	liar pki gw2 sensor1 r1 fd00:11::2
 *
 * All names are of the domain "example". One line a lie on standard output. A sensor
 * that asks for TP_I is not answered.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "crypto_openssl.h"
#include "forge.h"
#include "lab.h"
#include "pki.h"
#include "seal.h"

#define NTP_UNIX	2208988800u
#define RSA_LEN		256	/* of demo-pki.sh's keys; forge.c finds out if it is not */

/**
 * struct liar - the third party
 * @c: crypto backend
 * @tp: its name and keys
 * @psk: PSK_i
 * @fd: UDP socket
 * @r: the responder's address
 * @csb_id: of the session that was lied to last
 * @t_i: T of its message 1
 * @out: message 3, for repetitions
 * @len: its length
 */
struct liar {
	struct dmk_crypto *c;
	struct forge_tp tp;
	u8 psk[DMK_PSK_LEN];
	int fd;
	struct sockaddr_in6 r;
	u32 csb_id;
	u64 t_i;
	u8 out[DMK_MSG_MAX];
	u32 len;
};

/* ---- files of demo-pki.sh */

static void read_psk(struct liar *l, const char *dir, const char *sensor, const char *tp)
{
	char name[128], hex[128] = "";
	unsigned int i, byte;

	snprintf(name, sizeof(name), "psk/%s.%s", sensor, tp);
	forge_file(dir, name, "", (u8 *)hex, sizeof(hex) - 1);
	for (i = 0; i < sizeof(l->psk); i++) {
		if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
			lab_die("%s is no PSK", name);
		l->psk[i] = byte;
	}
	dmk_wipe(hex, sizeof(hex));
}

/* ---- messages */

static struct dmk_ts now_ntp(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (struct dmk_ts){
		DMK_TS_NTP_UTC,
		((u64)t.tv_sec + NTP_UNIX) << 32 | ((u64)t.tv_nsec << 32) / 1000000000,
	};
}

static bool open_share(struct liar *l, const struct dmk_message *m, u8 share[DMK_SHARE_LEN])
{
	struct dmk_msg_keys keys;
	struct dmk_opened o;
	bool good;

	good = !dmk_msg_keys(l->c, DMK_PRF_SHA256, 16, 32, DMK_SPAN(l->psk, sizeof(l->psk)),
			     m->hdr.csb_id, m->rand, &keys) &&
	       !dmk_open_kemac(l->c, m, &keys, &o);
	if (good)
		memcpy(share, o.key.data, DMK_SHARE_LEN);
	dmk_wipe(&keys, sizeof(keys));
	dmk_wipe(&o, sizeof(o));
	return good;
}

/* message 3, as an honest third party would build it, around @share */
static void build_tp_r(struct liar *l, const struct dmk_message *m, const u8 *share)
{
	const struct dmk_suite suite = { DMK_PRF_SHA256, m->kemac.encr_alg, m->kemac.mac_alg };
	struct dmk_chash chash = { DMK_HASH_FUNC_SHA256, DMK_SPAN(l->tp.r_hash, DMK_HASH_LEN) };
	u8 envelope[DMK_ENVELOPE_LEN], pke[DMK_RSA_MAX];
	struct dmk_pke p = { 0, DMK_SPAN(pke, RSA_LEN) };
	struct dmk_ts t = now_ntp();
	struct dmk_msg_keys keys;
	struct dmk_writer w;
	struct dmk_sign sig;

	if (dmk_random(l->c, envelope, sizeof(envelope)) ||
	    dmk_msg_keys(l->c, DMK_PRF_SHA256, 16, 32, DMK_SPAN(envelope, sizeof(envelope)),
			 m->hdr.csb_id, m->rand, &keys))
		lab_die("no envelope key");
	forge_encrypt(l->tp.r_key, envelope, pke, p.data.len);
	dmk_writer_init(&w, l->out, sizeof(l->out));
	dmk_build_tp_r_head(&w, m, &t, &l->tp.cert, NULL);
	if (dmk_seal_kemac(l->c, &w, &suite, &keys, m->hdr.csb_id, &t, &l->tp.id, DMK_KEY_TGK_SHARE,
			   DMK_SPAN(share, DMK_SHARE_LEN), true))
		lab_die("KEMAC");
	dmk_emit_chash(&w, &chash);
	dmk_emit_pke(&w, &p);
	dmk_emit_sign(&w, RSA_LEN, &sig);
	forge_sign(l->tp.key, l->out, &sig);
	if (w.full)
		lab_die("message 3 is too long");
	l->len = w.len;
	dmk_wipe(envelope, sizeof(envelope));
	dmk_wipe(&keys, sizeof(keys));
}

static void lie(struct liar *l, const struct dmk_message *m)
{
	u8 share[DMK_SHARE_LEN];

	if (l->len && m->hdr.csb_id == l->csb_id && m->t.value == l->t_i)
		return;		/* the same bytes again */
	l->len = 0;
	if (!open_share(l, m, share)) {
		printf("a share that does not open under the sensor's key\n");
		return;
	}
	share[0] ^= 1;
	build_tp_r(l, m, share);
	dmk_wipe(share, sizeof(share));
	l->csb_id = m->hdr.csb_id;
	l->t_i = m->t.value;
	printf("changes its share of session %08x and signs it\n", l->csb_id);
}

static void take(struct liar *l, u8 *data, u32 len)
{
	static struct dmk_message m;

	if (dmk_message_parse(&m, DMK_AT_TP, data, len) || m.kind != DMK_I_TP)
		return;
	len = dmk_message_strip_cookie(data, len);
	if (dmk_message_parse(&m, DMK_AT_TP, data, len))
		return;
	lie(l, &m);
	if (l->len && sendto(l->fd, l->out, l->len, 0, (void *)&l->r, sizeof(l->r)) < 0)
		printf("cannot send: %s\n", strerror(errno));
}

static void listen_at(struct liar *l, const char *responder)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons(LAB_PORT) };

	l->r = any;
	l->fd = socket(AF_INET6, SOCK_DGRAM, 0);
	if (inet_pton(AF_INET6, responder, &l->r.sin6_addr) != 1)
		lab_die("%s is no address", responder);
	if (l->fd < 0 || bind(l->fd, (void *)&any, sizeof(any)))
		lab_die("port %u: %s", LAB_PORT, strerror(errno));
}

int main(int argc, char **argv)
{
	static u8 data[DMK_MSG_MAX];
	static struct liar l;
	ssize_t len;

	if (argc != 6)
		lab_die("liar DIR THIRD_PARTY SENSOR RESPONDER ADDRESS_OF_RESPONDER");
	setvbuf(stdout, NULL, _IOLBF, 0);
	l.c = dmk_crypto_openssl_new();
	if (!l.c)
		lab_die("OpenSSL");
	forge_tp_read(&l.tp, l.c, argv[1], argv[2], argv[4]);
	read_psk(&l, argv[1], argv[3], argv[2]);
	listen_at(&l, argv[5]);
	while ((len = recv(l.fd, data, sizeof(data), 0)) >= 0)
		take(&l, data, len);
	lab_die("recv: %s", strerror(errno));
}
