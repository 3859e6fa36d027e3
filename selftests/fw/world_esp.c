// SPDX-License-Identifier: GPL-2.0
/* ESP (RFC 4303, 4106, 4309) by OpenSSL: shares nothing with the firmware's. */
#include <openssl/evp.h>

#include "world.h"

enum {
	HEAD = 8,		/* SPI, sequence number: the AAD */
	IV = 8,
};

static u32 icv_len(const struct world_sa *sa)
{
	return sa->policy.cipher == DMK_ESP_AES_CCM_8 ? 8 : 16;
}

static bool is_ccm(const struct world_sa *sa)
{
	return sa->policy.cipher != DMK_ESP_AES_GCM_16;
}

/* keys, nonce, AAD; @tag: NULL to seal */
static bool start(EVP_CIPHER_CTX *ctx, const struct world_sa *sa, const u8 *packet, u32 len,
		  u8 *tag)
{
	u8 nonce[4 + IV];
	int done, enc = !tag;

	memcpy(nonce, sa->keys.salt, sa->keys.salt_len);
	memcpy(nonce + sa->keys.salt_len, packet + HEAD, IV);
	return EVP_CipherInit_ex(ctx, is_ccm(sa) ? EVP_aes_128_ccm() : EVP_aes_128_gcm(), NULL,
				 NULL, NULL, enc) &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN, sa->keys.salt_len + IV, NULL) &&
	       ((enc && !is_ccm(sa)) ||
		EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, icv_len(sa), tag)) &&
	       EVP_CipherInit_ex(ctx, NULL, NULL, sa->keys.cipher_key, nonce, enc) &&
	       (!is_ccm(sa) || EVP_CipherUpdate(ctx, NULL, &done, NULL, len)) &&
	       EVP_CipherUpdate(ctx, NULL, &done, packet, HEAD);
}

u32 world_esp_seal(struct world_sa *sa, u8 next, struct dmk_span data, u8 *out)
{
	u8 *text = out + HEAD + IV;
	u32 pad = -(data.len + 2) % 4, len = data.len + pad + 2, i;
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int done;

	sa->seq++;
	dmk_put_be(out, sa->spi, 4);
	dmk_put_be(out + 4, sa->seq, 4);
	dmk_put_be(out + HEAD, sa->seq, IV);
	if (data.len)
		memcpy(text, data.data, data.len);
	for (i = 0; i < pad; i++)
		text[data.len + i] = i + 1;
	text[len - 2] = pad;
	text[len - 1] = next;
	if (!ctx || !start(ctx, sa, out, len, NULL) ||
	    !EVP_CipherUpdate(ctx, text, &done, text, len) ||
	    !EVP_CipherFinal_ex(ctx, text + len, &done) ||
	    !EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, icv_len(sa), text + len))
		world_die("ESP cannot be sealed");
	EVP_CIPHER_CTX_free(ctx);
	return HEAD + IV + len + icv_len(sa);
}

static bool decrypt(const struct world_sa *sa, const u8 *packet, u32 len, u8 *plain)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	u8 tag[16];
	int done;
	bool good;

	memcpy(tag, packet + HEAD + IV + len, icv_len(sa));
	good = ctx && start(ctx, sa, packet, len, tag) &&
	       EVP_CipherUpdate(ctx, plain, &done, packet + HEAD + IV, len) > 0 &&
	       (is_ccm(sa) || EVP_CipherFinal_ex(ctx, plain + len, &done) > 0);
	EVP_CIPHER_CTX_free(ctx);
	return good;
}

/* RFC 4303 2.4: 1, 2, 3, ... */
static const char *unpad(u8 *plain, u32 *len, u8 *next)
{
	u32 pad = plain[*len - 2], i;

	*next = plain[*len - 1];
	if (pad + 2 > *len)
		return "more padding than packet";
	for (i = 1; i <= pad; i++)
		if (plain[*len - 2 - pad + i - 1] != i)
			return "the padding is not 1, 2, 3";
	*len -= pad + 2;
	return NULL;
}

const char *world_esp_open(const struct world_sa *sa, struct dmk_span packet, u8 *plain,
			   u32 *len, u8 *next)
{
	u32 over = HEAD + IV + icv_len(sa);

	if (packet.len < over + 4 || (packet.len - over) % 4)
		return "the length of an ESP packet is none";
	*len = packet.len - over;
	if (!decrypt(sa, packet.data, *len, plain))
		return "the ICV of an ESP packet is wrong";
	return unpad(plain, len, next);
}

/* ---- who it belongs to */

static struct world_session *find(struct world *w, u32 spi)
{
	u32 i;

	for (i = 0; i < WORLD_SESSIONS && i < w->sessions; i++) {
		struct world_session *s = &w->session[(w->sessions - 1 - i) % WORLD_SESSIONS];

		if (s->in.spi == spi)
			return s;
	}
	return NULL;
}

static void stray(struct world *w, struct dmk_span packet, bool touched)
{
	if (packet.len >= 4 && world_known("spi", DMK_SPAN(packet.data, 4)))
		world_say(w, "esp-stray", "\"spi\":\"%s\"", world_hex(packet.data, 4));
	else
		world_suspect(w, touched, "ESP with an SPI that never was: %s",
			      world_hex(packet.data, packet.len));
}

/* protocol.md 7.4: the first packet confirms, 8: and ends the session before */
static void confirm(struct world *w, struct world_session *s)
{
	u32 i;

	if (s->confirmed)
		return;
	s->confirmed = true;
	for (i = 0; i < WORLD_SESSIONS; i++)
		if (&w->session[i] != s && w->session[i].confirmed)
			w->session[i].forgotten = true;
	world_say(w, "session", "\"csb\":\"%08x\",\"spi\":\"%08x\",\"bytes\":%u,\"shares\":%u,\"repeated\":%u",
		  s->csb_id, s->in.spi, s->attempt ? s->attempt->bytes : 0,
		  s->attempt ? s->attempt->n_points : 0, s->attempt ? s->attempt->repeated : 0);
}

static const char *open_udp(struct world *w, struct world_session *s, struct dmk_span packet,
			    u8 *plain, struct world_udp *u)
{
	struct world_packet p = {
		.src = world_addr(&w->conf.local), .dst = world_addr(&w->conf.responder),
	};
	const char *why;
	u32 len;

	why = world_esp_open(&s->in, packet, plain, &len, &p.next);
	if (why)
		return why;
	if (p.next != IPPROTO_UDP)
		return "ESP with something else than UDP";
	p.data = DMK_SPAN(plain, len);
	return world_udp_parse(&p, u);
}

void world_esp_receive(struct world *w, struct dmk_span packet, bool touched)
{
	struct world_session *s = packet.len < 8 ? NULL : find(w, dmk_get_be(packet.data, 4));
	u8 plain[WORLD_FRAME];
	struct world_udp u;
	const char *why;

	if (!s) {
		stray(w, packet, touched);
		return;
	}
	why = open_udp(w, s, packet, plain, &u);
	if (why) {
		world_suspect(w, touched, "%s: %s", why, world_hex(packet.data, packet.len));
		return;
	}
	world_watch_esp(w, s, packet);
	world_say(w, "esp", "\"spi\":\"%08x\",\"seq\":%u,\"iv\":\"%s\"", s->in.spi, s->in.seq,
		  world_hex(packet.data + HEAD, IV));
	if (s->forgotten) {
		stray(w, packet, touched);
		return;
	}
	confirm(w, s);
	world_app_receive(w, s, &u);
}

bool world_esp_send(struct world *w, struct world_session *s, struct dmk_span udp)
{
	u8 packet[WORLD_FRAME];

	if (!s)
		return false;
	w->esp_len = world_esp_seal(&s->out, IPPROTO_UDP, udp, packet + WORLD_IP_HEAD);
	w->esp_len = world_ip_put(w->esp, world_addr(&w->conf.responder), world_addr(&w->conf.local),
				  IPPROTO_ESP, DMK_SPAN(packet + WORLD_IP_HEAD, w->esp_len));
	world_send(w, DMK_SPAN(w->esp, w->esp_len));
	return true;
}
