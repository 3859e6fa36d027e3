// SPDX-License-Identifier: GPL-2.0
/* dmikey-load's readings: UDP in ESP (RFC 4303, 4309), AES-CCM-8, by OpenSSL. */
#include <openssl/evp.h>
#include <string.h>

#include "load.h"

enum {
	HEAD = 8,		/* SPI, sequence number: the AAD */
	IV = 8,
	ICV = 8,
	UDP = 8,
	ALIGN = 4,
	ROOM = 128,
};

static const char text[] = "hr=68 spo2=97 temp=36.5\n";

void load_esp_init(struct load_esp *esp, const struct dmk_sa_pair *sa, unsigned int cs)
{
	esp->spi = sa->spi[cs];
	esp->seq = 0;
	memcpy(esp->key, sa->keys[cs].cipher_key, sizeof(esp->key));
	memcpy(esp->salt, sa->keys[cs].salt, sizeof(esp->salt));
}

static u32 sum_up(u32 sum, const u8 *p, u32 len)
{
	for (; len > 1; len -= 2, p += 2)
		sum += p[0] << 8 | p[1];
	return len ? sum + (p[0] << 8) : sum;
}

/* RFC 768, RFC 8200 8.1 */
static u16 checksum(const struct in6_addr *from, const struct in6_addr *to, const u8 *udp,
		    u32 len)
{
	u32 sum = sum_up(IPPROTO_UDP + len, from->s6_addr, 16);

	sum = sum_up(sum_up(sum, to->s6_addr, 16), udp, len);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff ? sum : ~sum;
}

static u32 put_udp(const struct load *l, const struct load_sensor *s, u8 *p)
{
	struct in6_addr from = load_conf_addr(&l->conf, s->number);
	u32 len = UDP + sizeof(text) - 1;

	dmk_put_be(p, l->conf.r_port, 2);
	dmk_put_be(p + 2, l->conf.r_port, 2);
	dmk_put_be(p + 4, len, 2);
	dmk_put_be(p + 6, 0, 2);
	memcpy(p + UDP, text, sizeof(text) - 1);
	dmk_put_be(p + 6, checksum(&from, &l->conf.r.sin6_addr, p, len), 2);
	return len;
}

/* RFC 4309: salt || IV is the nonce; in place, the ICV behind @len bytes */
static bool seal(const struct load_esp *esp, u8 *packet, u32 len)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	u8 nonce[sizeof(esp->salt) + IV], *p = packet + HEAD + IV;
	int done;
	bool good;

	memcpy(nonce, esp->salt, sizeof(esp->salt));
	memcpy(nonce + sizeof(esp->salt), packet + HEAD, IV);
	good = ctx && EVP_EncryptInit_ex(ctx, EVP_aes_128_ccm(), NULL, NULL, NULL) &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN, sizeof(nonce), NULL) &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, ICV, NULL) &&
	       EVP_EncryptInit_ex(ctx, NULL, NULL, esp->key, nonce) &&
	       EVP_EncryptUpdate(ctx, NULL, &done, NULL, len) &&
	       EVP_EncryptUpdate(ctx, NULL, &done, packet, HEAD) &&
	       EVP_EncryptUpdate(ctx, p, &done, p, len) &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, ICV, p + len);
	EVP_CIPHER_CTX_free(ctx);
	dmk_wipe(nonce, sizeof(nonce));
	return good;
}

/* the reverse, of a whole packet */
static bool open_packet(const struct load_esp *esp, u8 *packet, u32 len)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	u8 nonce[sizeof(esp->salt) + IV], *p = packet + HEAD + IV;
	u32 text_len = len - HEAD - IV - ICV;
	int done;
	bool good;

	memcpy(nonce, esp->salt, sizeof(esp->salt));
	memcpy(nonce + sizeof(esp->salt), packet + HEAD, IV);
	good = ctx && EVP_DecryptInit_ex(ctx, EVP_aes_128_ccm(), NULL, NULL, NULL) &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN, sizeof(nonce), NULL) &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, ICV, p + text_len) &&
	       EVP_DecryptInit_ex(ctx, NULL, NULL, esp->key, nonce) &&
	       EVP_DecryptUpdate(ctx, NULL, &done, NULL, text_len) &&
	       EVP_DecryptUpdate(ctx, NULL, &done, packet, HEAD) &&
	       EVP_DecryptUpdate(ctx, p, &done, p, text_len) > 0;
	EVP_CIPHER_CTX_free(ctx);
	dmk_wipe(nonce, sizeof(nonce));
	return good;
}

bool load_esp_is_reading(const struct load_esp *esp, u8 *packet, u32 len)
{
	const u8 *reading = packet + HEAD + IV + UDP;

	return len >= HEAD + IV + UDP + sizeof(text) - 1 + ICV &&
	       dmk_get_be(packet, 4) == esp->spi && open_packet(esp, packet, len) &&
	       !memcmp(reading, text, sizeof(text) - 1);
}

void load_esp_send(struct load *l, struct load_sensor *s)
{
	struct load_esp *esp = &s->esp;
	u8 packet[ROOM], *p = packet + HEAD + IV;
	u32 len = put_udp(l, s, p), pad = -(len + 2) % ALIGN, i;

	esp->seq++;
	dmk_put_be(packet, esp->spi, 4);
	dmk_put_be(packet + 4, esp->seq, 4);
	dmk_put_be(packet + HEAD, esp->seq, IV);
	for (i = 0; i < pad; i++)
		p[len + i] = i + 1;
	len += pad;
	p[len++] = pad;
	p[len++] = IPPROTO_UDP;
	if (!seal(esp, packet, len))
		load_die("ESP cannot be sealed");
	load_net_send_esp(l, s, packet, HEAD + IV + len + ICV);
	l->result.readings++;
}
