// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <netinet/ip6.h>
#include <openssl/evp.h>
#include <stdio.h>

#include "device.h"
#include "live.h"
#include "seal.h"
#include "vector.h"

#define SESSION		"esp-AES-GCM-16-128"	/* n = 1; NTP-UTC; IPv6 */
#define TP		"192.0.2.10"
#define R		"192.0.2.100"
#define BEFORE_S	1000	/* the module started so long before the session */
#define WAIT_MS		30000
#define ICV		16
#define IV		8
#define TEXT		12	/* a UDP header, padding, its length, next header */

static void must(bool good, const char *what)
{
	if (!good)
		lab_die("a live session: %s", what);
}

/* ---- its start */

static void configure(session_t *s)
{
	struct device_rule rule = {
		.name = "live",
		.sensor = vec_id(s->session.idi.type, s->session.idi.data),
		.min_k = 1,
		.cipher = DMK_ESP_AES_GCM_16,
	};

	device_agent(s->time_unix, DMK_SUITE_CCM | DMK_SUITE_CM);
	lab_clock((s->time_unix - BEFORE_S) * 1000);
	device_new(DMK_ROLE_R);
	device_local(DMK_ROLE_R, s->responder_certificate);
	device_rule(&rule);
	device_listen();
	lab_clock(s->time_unix * 1000);
}

/* message 5, out of what the module sends */
static struct dmk_span take_r_i(void)
{
	static struct lab_datagram d;
	static struct dmk_message m;

	while (lab_receive(&d, WAIT_MS))
		if (!dmk_message_parse(&m, DMK_AT_I, d.data, d.len) && m.kind == DMK_R_I)
			return DMK_SPAN(d.data, d.len);
	lab_die("a live session: no R_I");
}

/* @randr, and what comes of it */
static void derive(struct live *l, struct dmk_span tgk, struct dmk_span randr)
{
	struct dmk_span rand = DMK_SPAN(l->rand, sizeof(l->rand));

	memcpy(l->randr, randr.data, sizeof(l->randr));
	memcpy(l->before, l->k_update, sizeof(l->before));
	must(!dmk_key_update(l->c, tgk, l->csb_id, rand, randr, l->k_update) &&
	     !dmk_esp_keys(l->c, &l->policy, 1, tgk, l->csb_id, rand, randr, &l->esp), "keys");
	l->seq = 0;
}

void live_establish(struct live *l, struct dmk_crypto *c)
{
	session_t *s = forge_session(SESSION);
	struct dmk_span share = s->third_parties[0].tp_r.message;
	struct lab_addr from = lab_addr(TP, LAB_PORT), to = lab_addr(R, LAB_PORT);
	static struct dmk_message tp_r, r_i;
	struct dmk_span answer;

	memset(l, 0, sizeof(*l));
	l->c = c;
	must(!dmk_message_parse(&tp_r, DMK_AT_R, share.data, share.len) &&
	     !dmk_esp_policy_parse(tp_r.sp[0].param, &l->policy), "message 3");
	l->csb_id = tp_r.hdr.csb_id;
	memcpy(l->rand, tp_r.rand.data, sizeof(l->rand));
	l->idi = tp_r.idi;
	l->idr = tp_r.idr;
	l->session_data = tp_r.session_data;
	l->share = tp_r.share_raw;
	l->t = tp_r.share.t_i.value;

	configure(s);
	lab_send(&from, &to, share);
	must(device_wait_established(1, WAIT_MS), "it is not established");
	answer = take_r_i();
	must(!dmk_message_parse(&r_i, DMK_AT_I, answer.data, answer.len), "message 5");
	memcpy(l->spi, r_i.spi, sizeof(l->spi));
	derive(l, s->session.tgk, r_i.randr);
}

u32 live_share(const struct live *l, struct dmk_span session_data, u32 seconds,
	       u8 out[DMK_MSG_MAX])
{
	return forge_tp_r(l->c, forge_session(SESSION), &l->idi, session_data, seconds, out);
}

/* ---- RFC 4106 */

static void seal_gcm(const struct live *l, const u8 *aad, const u8 *iv, u8 *text, int len)
{
	EVP_CIPHER_CTX *g = EVP_CIPHER_CTX_new();
	u8 nonce[4 + IV];
	int n;

	memcpy(nonce, l->esp.salt, 4);
	memcpy(nonce + 4, iv, IV);
	must(g && EVP_EncryptInit_ex(g, EVP_aes_128_gcm(), NULL, l->esp.cipher_key, nonce) &&
	     EVP_EncryptUpdate(g, NULL, &n, aad, 8) &&
	     EVP_EncryptUpdate(g, text, &n, text, len) && EVP_EncryptFinal_ex(g, NULL, &n) &&
	     EVP_CIPHER_CTX_ctrl(g, EVP_CTRL_AEAD_GET_TAG, ICV, text + len), "GCM");
	EVP_CIPHER_CTX_free(g);
}

void live_packet(struct live *l)
{
	struct {
		struct ip6_hdr ip;
		u8 esp[8], iv[IV], text[TEXT + ICV];
	} p = {
		.ip = { .ip6_plen = htons(sizeof(p) - sizeof(p.ip)), .ip6_nxt = IPPROTO_ESP,
			.ip6_hlim = 64 },
		.text = { 0x1e, 0x61, 0x1e, 0x61, 0, 8, 0, 0, 1, 2, 2, IPPROTO_UDP },
	};

	p.ip.ip6_vfc = 6 << 4;
	inet_pton(AF_INET6, "2001:db8::7", &p.ip.ip6_src);
	inet_pton(AF_INET6, "2001:db8::100", &p.ip.ip6_dst);
	dmk_put_be(p.esp, l->spi[0], 4);
	dmk_put_be(p.esp + 4, ++l->seq, 4);
	dmk_put_be(p.iv, l->seq, IV);
	seal_gcm(l, p.esp, p.iv, p.text, TEXT);
	lab_send_packet((u8 *)&p, sizeof(p));
}

/* ---- message 6 */

void live_right(struct live *l, struct live_u_r *u)
{
	static u8 tgk[DMK_SHARE_LEN];

	must(!dmk_random(l->c, tgk, sizeof(tgk)), "random bytes");
	*u = (struct live_u_r){
		.v = true,
		.csb_id = l->csb_id,
		.spi = { l->spi[0] + 1, l->spi[1] + 1 },
		.t = { DMK_TS_NTP_UTC, l->t + (1ULL << 32) },
		.idi = l->idi,
		.idr = l->idr,
		.key_type = DMK_KEY_TGK,
		.key = DMK_SPAN(tgk, sizeof(tgk)),
		.n_keys = 1,
		.k_update = l->k_update,
		.label = l->rand,
	};
}

static void put_hdr(struct dmk_writer *w, const struct live_u_r *u)
{
	static const u8 policy;
	struct dmk_hdr hdr = {
		.data_type = DMK_DT_PSK, .v = u->v, .prf = DMK_PRF_SHA256, .csb_id = u->csb_id,
		.n_cs = u->no_map ? 0 : 2, .map_type = DMK_MAP_GENERIC,
	};
	unsigned int i;
	u8 spi[4];

	dmk_emit_hdr(w, &hdr);
	for (i = 0; i < hdr.n_cs; i++) {
		struct dmk_cs cs = {
			.id = i + 1, .prot_type = DMK_PROT_ESP, .policies = DMK_SPAN(&policy, 1),
			.session_data = u->session_data[i], .spi = DMK_SPAN(spi, sizeof(spi)),
		};

		dmk_put_be(spi, u->spi[i], sizeof(spi));
		dmk_emit_cs(w, &cs);
	}
}

static void put_head(struct dmk_writer *w, const struct live_u_r *u)
{
	static const u8 cookie[DMK_COOKIE_LEN];

	put_hdr(w, u);
	dmk_emit_t(w, &u->t);
	if (u->rand.len)
		dmk_emit_rand(w, u->rand);
	dmk_emit_id(w, &u->idi);
	dmk_emit_id(w, &u->idr);
	if (u->sp.data)
		dmk_emit_sp(w, 0, DMK_PROT_ESP, u->sp);
	if (u->share.len)
		dmk_emit_ext(w, DMK_EXT_SHARE, u->share);
	if (u->late_cookie)
		dmk_emit_ext(w, DMK_EXT_COOKIE, DMK_SPAN(cookie, sizeof(cookie)));
}

static void keys_of(const struct live *l, const struct live_u_r *u, struct dmk_msg_keys *k)
{
	must(!dmk_msg_keys(l->c, DMK_PRF_SHA256, 16, 32, DMK_SPAN(u->k_update, 32), u->csb_id,
			   DMK_SPAN(u->label, DMK_RAND_LEN), k), "keys of message 6");
}

/* protocol.md 5, as it stands there */
static void seal(const struct live *l, const struct live_u_r *u, struct dmk_writer *w,
		 struct dmk_span plain)
{
	struct dmk_msg_keys k;
	struct dmk_kemac kemac;
	struct dmk_span aad;
	u8 *encr, nonce[14] = { };
	unsigned int i;

	keys_of(l, u, &k);
	dmk_put_be(nonce + 2, u->csb_id, 4);
	dmk_put_be(nonce + 6, u->t.value, 8);
	for (i = 0; i < sizeof(nonce); i++)
		nonce[i] ^= k.salt[i];
	dmk_emit_kemac(w, DMK_ENCR_AES_CCM_128, plain.len + DMK_CCM_TAG_LEN, DMK_MAC_NULL,
		       &kemac);
	must(!w->full, "room");
	encr = (u8 *)kemac.data.data;
	memcpy(encr, plain.data, plain.len);
	aad = DMK_SPAN(w->data, encr - w->data);
	must(!dmk_aes_ccm_seal(l->c, k.encr, nonce + 1, &aad, 1, encr, plain.len), "KEMAC");
}

u32 live_emit(const struct live *l, const struct live_u_r *u, u8 out[DMK_MSG_MAX])
{
	struct dmk_writer w, p;
	unsigned int i;
	u8 plain[256];

	dmk_writer_init(&p, plain, sizeof(plain));
	for (i = 0; i < u->n_keys; i++)
		dmk_emit_key_data(&p, u->key_type, u->key);
	dmk_writer_init(&w, out, DMK_MSG_MAX);
	put_head(&w, u);
	seal(l, u, &w, DMK_SPAN(plain, p.len));
	return w.len;
}

/* ---- its answers */

static bool answers(const struct live *l, const struct live_u_r *u, struct dmk_span data,
		    struct dmk_message *m)
{
	struct dmk_msg_keys k;

	keys_of(l, u, &k);
	return !dmk_message_parse(m, DMK_AT_I, data.data, data.len) &&
	       m->hdr.csb_id == u->csb_id && m->t.type == u->t.type &&
	       m->t.value == u->t.value && m->ver.data.data &&
	       !dmk_check_v(l->c, m, k.auth, &u->idi, &u->idr, u->t.value);
}

bool live_updated(struct live *l, const struct live_u_r *u, struct dmk_span r_u)
{
	static struct dmk_message m;

	if (!answers(l, u, r_u, &m) || m.kind != DMK_R_U || m.spi[1] != u->spi[1] ||
	    !memcmp(m.randr.data, l->randr, DMK_RANDR_LEN))
		return false;
	memcpy(l->spi, m.spi, sizeof(l->spi));
	l->t = u->t.value;
	derive(l, u->key, m.randr);
	return true;
}

bool live_refused(struct live *l, const struct live_u_r *u, u8 error, struct dmk_span err)
{
	static struct dmk_message m;

	return answers(l, u, err, &m) && m.kind == DMK_ERR && m.error == error;
}
