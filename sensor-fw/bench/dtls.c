// SPDX-License-Identifier: GPL-2.0
/*
 * What a DTLS 1.2 client pays for a handshake: client and server of Mbed TLS in
 * one image, with their datagrams in memory. Only what the client executes is
 * counted, without a network below it; the bytes are those of IPv6.
 */
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_cookie.h>

#include "count.h"
#include "dtls_pki.h"
#include "peer.h"

enum {
	QUEUE = 8,			/* datagrams under way */
	DATAGRAM_MAX = PEER_MTU - PEER_IPV6 - PEER_UDP,
	ROUNDS = 32,			/* a handshake has ended long before */
};

/**
 * struct wire - datagrams in one direction
 * @data: them
 * @len: their lengths
 * @first: number of the oldest that was not received
 * @next: number of the next
 * @bytes: of IPv6, in all
 */
struct wire {
	u8 data[QUEUE][DATAGRAM_MAX];
	u32 len[QUEUE];
	u32 first;
	u32 next;
	u32 bytes;
};

/**
 * struct end - client or server
 * @ssl: its state
 * @conf: its configuration
 * @drbg: its random numbers
 * @out: what it sends
 * @in: what it receives
 */
struct end {
	mbedtls_ssl_context ssl;
	mbedtls_ssl_config conf;
	mbedtls_ctr_drbg_context drbg;
	struct wire *out;
	struct wire *in;
};

static struct wire up, down;
static struct end client, server;
static mbedtls_ssl_cookie_ctx cookies;

/* ---- the network */

static int wire_send(void *ctx, const unsigned char *data, size_t len)
{
	struct wire *w = ((struct end *)ctx)->out;
	u32 slot = w->next % QUEUE;

	MUST(len <= DATAGRAM_MAX && w->next - w->first < QUEUE);
	memcpy(w->data[slot], data, len);
	w->len[slot] = len;
	w->next++;
	w->bytes += peer_ipv6_bytes(len);
	return len;
}

static int wire_receive(void *ctx, unsigned char *data, size_t room)
{
	struct wire *w = ((struct end *)ctx)->in;
	u32 slot = w->first % QUEUE;

	if (w->first == w->next)
		return MBEDTLS_ERR_SSL_WANT_READ;
	MUST(w->len[slot] <= room);
	memcpy(data, w->data[slot], w->len[slot]);
	w->first++;
	return w->len[slot];
}

/* nothing is lost here: no time passes */
static void timer_set(void *ctx, u32 intermediate, u32 final)
{
	(void)ctx;
	(void)intermediate;
	(void)final;
}

static int timer_get(void *ctx)
{
	(void)ctx;
	return 0;
}

/* ---- ends */

static void end_start(struct end *e, int role, const char *name, int suite)
{
	static int suites[2];

	suites[0] = suite;
	peer_drbg(&e->drbg, name);
	mbedtls_ssl_config_init(&e->conf);
	MUST(!mbedtls_ssl_config_defaults(&e->conf, role, MBEDTLS_SSL_TRANSPORT_DATAGRAM,
					  MBEDTLS_SSL_PRESET_DEFAULT));
	mbedtls_ssl_conf_rng(&e->conf, mbedtls_ctr_drbg_random, &e->drbg);
	mbedtls_ssl_conf_ciphersuites(&e->conf, suites);
}

static void end_ready(struct end *e)
{
	mbedtls_ssl_init(&e->ssl);
	MUST(!mbedtls_ssl_setup(&e->ssl, &e->conf));
	mbedtls_ssl_set_timer_cb(&e->ssl, NULL, timer_set, timer_get);
	mbedtls_ssl_set_bio(&e->ssl, e, wire_send, wire_receive, NULL);
	mbedtls_ssl_set_mtu(&e->ssl, DATAGRAM_MAX);
}

static void end_free(struct end *e)
{
	mbedtls_ssl_free(&e->ssl);
	mbedtls_ssl_config_free(&e->conf);
	mbedtls_ctr_drbg_free(&e->drbg);
}

static void ends_start(int suite)
{
	memset(&up, 0, sizeof(up));
	memset(&down, 0, sizeof(down));
	client.out = server.in = &up;
	server.out = client.in = &down;
	end_start(&client, MBEDTLS_SSL_IS_CLIENT, "client", suite);
	end_start(&server, MBEDTLS_SSL_IS_SERVER, "server", suite);
	mbedtls_ssl_cookie_init(&cookies);
	MUST(!mbedtls_ssl_cookie_setup(&cookies, mbedtls_ctr_drbg_random, &server.drbg));
	mbedtls_ssl_conf_dtls_cookies(&server.conf, mbedtls_ssl_cookie_write,
				      mbedtls_ssl_cookie_check, &cookies);
}

static void with_psk(struct end *e)
{
	static const u8 psk[32] = "a pre-shared key of 32 bytes ...";
	static const char name[] = "sensor07@net.example";

	MUST(!mbedtls_ssl_conf_psk(&e->conf, psk, sizeof(psk), (const u8 *)name, strlen(name)));
}

static void with_certificates(bool client_too)
{
	mbedtls_ssl_conf_ca_chain(&client.conf, dtls_pki_ca(), NULL);
	mbedtls_ssl_conf_authmode(&client.conf, MBEDTLS_SSL_VERIFY_REQUIRED);
	MUST(!mbedtls_ssl_conf_own_cert(&server.conf, dtls_pki_server(), dtls_pki_server_key()));
	if (!client_too)
		return;
	mbedtls_ssl_conf_ca_chain(&server.conf, dtls_pki_ca(), NULL);
	mbedtls_ssl_conf_authmode(&server.conf, MBEDTLS_SSL_VERIFY_REQUIRED);
	MUST(!mbedtls_ssl_conf_own_cert(&client.conf, dtls_pki_client(), dtls_pki_client_key()));
}

/* ---- the handshake */

static int server_step(void)
{
	static const u8 address[16] = { 0xfd };
	int ret = mbedtls_ssl_handshake(&server.ssl);

	if (ret == MBEDTLS_ERR_SSL_HELLO_VERIFY_REQUIRED) {
		MUST(!mbedtls_ssl_session_reset(&server.ssl));
		MUST(!mbedtls_ssl_set_client_transport_id(&server.ssl, address, sizeof(address)));
		ret = MBEDTLS_ERR_SSL_WANT_READ;
	}
	return ret;
}

static int client_step(struct count *c)
{
	int ret;

	count_begin();
	ret = mbedtls_ssl_handshake(&client.ssl);
	count_end(c);
	return ret;
}

static void handshake(struct count *c)
{
	static const u8 address[16] = { 0xfd };
	int ours = 1, theirs = 1, round;

	MUST(!mbedtls_ssl_set_client_transport_id(&server.ssl, address, sizeof(address)));
	for (round = 0; round < ROUNDS && (ours || theirs); round++) {
		if (ours)
			ours = client_step(c);
		if (theirs)
			theirs = server_step();
		MUST(!ours || ours == MBEDTLS_ERR_SSL_WANT_READ);
		MUST(!theirs || theirs == MBEDTLS_ERR_SSL_WANT_READ);
	}
	MUST(!ours && !theirs);
}

static void measure(const char *key)
{
	struct count c = { 0 };
	char name[48];

	count_begin();
	end_ready(&client);
	MUST(!mbedtls_ssl_set_hostname(&client.ssl, DTLS_PKI_SERVER));
	count_end(&c);
	end_ready(&server);
	handshake(&c);
	report_count(key, &c);
	strcpy(name, key);
	strcat(name, "-sent-bytes");
	report_number(name, up.bytes, "bytes");
	strcpy(name, key);
	strcat(name, "-received-bytes");
	report_number(name, down.bytes, "bytes");
	mbedtls_ssl_cookie_free(&cookies);
	end_free(&client);
	end_free(&server);
}

int main(void)
{
	peer_start();
	dtls_pki_make();

	ends_start(MBEDTLS_TLS_PSK_WITH_AES_128_CCM_8);
	with_psk(&client);
	with_psk(&server);
	measure("dtls-psk");

	ends_start(MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8);
	with_certificates(false);
	measure("dtls-ecdhe");

	ends_start(MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8);
	with_certificates(true);
	measure("dtls-ecdhe-client");

	report_end(NULL);
}
