// SPDX-License-Identifier: GPL-2.0
#include "aead.h"
#include "esp.h"
#include "wire.h"

enum {
	AT_SEQ = 4,
	AT_IV = 8,
	IV_LEN = 8,
	ALIGN = 4,		/* RFC 4303 2.4 */
	TRAILER = 2,		/* Pad Length, Next Header */
	NO_NEXT_HEADER = 59,	/* RFC 4303 2.6: a dummy packet */
	WINDOW = 64,
	NONCE_MAX = 4 + IV_LEN,
};

static u32 get32(const u8 *p)
{
	return dmk_get_be(p, 4);
}

static void put32(u8 *p, u32 v)
{
	dmk_put_be(p, v, 4);
}

static u32 icv_len(const struct esp_sa *sa)
{
	return sa->cipher == DMK_ESP_AES_CCM_8 ? 8 : 16;
}

bool esp_has(const struct dmk_esp_policy *p)
{
	switch (p->cipher) {
	case DMK_ESP_AES_CCM_8:
	case DMK_ESP_AES_CCM_16:
	case DMK_ESP_AES_GCM_16:
		return p->key_bits == 128 && !p->tunnel && !p->esn;
	}
	return false;
}

bool esp_init(struct esp_sa *sa, u32 spi, const struct dmk_esp_policy *policy,
	      const struct dmk_esp_keys *keys)
{
	if (!esp_has(policy) || keys->cipher_len != sizeof(sa->key) ||
	    keys->salt_len != dmk_esp_salt_len(policy->cipher))
		return false;
	memset(sa, 0, sizeof(*sa));
	sa->spi = spi;
	sa->cipher = policy->cipher;
	sa->limit = policy->life_packets;
	memcpy(sa->key, keys->cipher_key, sizeof(sa->key));
	memcpy(sa->salt, keys->salt, keys->salt_len);
	return true;
}

/* RFC 4309 4, RFC 4106 4: salt || IV; the additional data is SPI || sequence number */
static void describe(const struct esp_sa *sa, const u8 *packet, u8 nonce[NONCE_MAX],
		     struct aead_call *c)
{
	bool gcm = sa->cipher == DMK_ESP_AES_GCM_16;
	u32 salt_len = dmk_esp_salt_len(sa->cipher);

	memcpy(nonce, sa->salt, salt_len);
	memcpy(nonce + salt_len, packet + AT_IV, IV_LEN);
	*c = (struct aead_call){
		.mode = gcm ? AEAD_GCM : AEAD_CCM,
		.key = sa->key,
		.nonce = nonce,
		.aad = DMK_SPAN(packet, AT_IV),
		.tag_len = icv_len(sa),
	};
}

/* RFC 4303 2.4: the padding is 1, 2, 3, ... */
static u32 put_trailer(u8 *end, u32 pad, u8 next)
{
	u32 i;

	for (i = 0; i < pad; i++)
		end[i] = i + 1;
	end[pad] = pad;
	end[pad + 1] = next;
	return pad + TRAILER;
}

enum esp_result esp_seal(struct esp_sa *sa, u8 *packet, u32 len, u32 room, u8 next,
			 u32 *out)
{
	u32 pad = -(len + TRAILER) % ALIGN;
	u32 more = ESP_HEAD + pad + TRAILER + icv_len(sa);
	u8 nonce[NONCE_MAX];
	struct aead_call c;
	int err;

	if (room < more || len > room - more)
		return ESP_ROOM;
	/* limit < 2^32: the sequence number never wraps */
	if (sa->seq >= sa->limit)
		return ESP_EXHAUSTED;
	sa->seq++;
	put32(packet, sa->spi);
	put32(packet + AT_SEQ, sa->seq);
	put32(packet + AT_IV, 0);
	put32(packet + AT_IV + 4, sa->seq);
	len += put_trailer(packet + ESP_HEAD + len, pad, next);
	describe(sa, packet, nonce, &c);
	err = aead_seal(&c, packet + ESP_HEAD, len);
	dmk_wipe(nonce, sizeof(nonce));
	if (err)
		return ESP_CIPHER;
	*out = ESP_HEAD + len + icv_len(sa);
	return ESP_OK;
}

/* RFC 4303 3.4.3 */
static bool is_new(const struct esp_sa *sa, u32 seq)
{
	u32 behind = sa->seq - seq;

	if (seq > sa->seq)
		return true;
	return seq && behind < WINDOW && !(sa->window >> behind & 1);
}

static void mark(struct esp_sa *sa, u32 seq)
{
	u32 ahead = seq - sa->seq;

	if (seq > sa->seq) {
		sa->window = ahead < WINDOW ? sa->window << ahead : 0;
		sa->seq = seq;
	}
	sa->window |= (u64)1 << (sa->seq - seq);
}

/* RFC 4303 2.4: padding is checked; behind it stand its length and Next Header */
static enum esp_result strip(const u8 *plain, u32 len, struct dmk_span *payload, u8 *next)
{
	u32 pad = plain[len - 2], i;

	if (pad > len - TRAILER)
		return ESP_PADDING;
	len -= TRAILER + pad;
	for (i = 0; i < pad; i++)
		if (plain[len + i] != i + 1)
			return ESP_PADDING;
	*next = plain[len + pad + 1];
	*payload = DMK_SPAN(plain, *next == NO_NEXT_HEADER ? 0 : len);
	return ESP_OK;
}

enum esp_result esp_open(struct esp_sa *sa, u8 *packet, u32 len,
			 struct dmk_span *payload, u8 *next)
{
	u32 icv = icv_len(sa), text = len - ESP_HEAD - icv, seq;
	u8 nonce[NONCE_MAX];
	enum esp_result r;
	struct aead_call c;
	int err;

	if (len < ESP_HEAD + ALIGN + icv || text % ALIGN)
		return ESP_SHORT;
	if (get32(packet) != sa->spi)
		return ESP_SPI;
	seq = get32(packet + AT_SEQ);
	if (!is_new(sa, seq))
		return ESP_REPLAY;
	describe(sa, packet, nonce, &c);
	err = aead_open(&c, packet + ESP_HEAD, text + icv);
	dmk_wipe(nonce, sizeof(nonce));
	if (err)
		return ESP_ICV;
	/* not before the ICV: a forged number must not end the SA */
	if (seq > sa->limit)
		return ESP_EXHAUSTED;
	r = strip(packet + ESP_HEAD, text, payload, next);
	if (!r)
		mark(sa, seq);
	return r;
}

u32 esp_used(const struct esp_sa *sa)
{
	u32 percent = 0;

	/* by steps: a division of 64 bits is a library of its own */
	while (percent < 100 && (u64)sa->limit * (percent + 1) <= (u64)sa->seq * 100)
		percent++;
	return percent;
}

const char *esp_name(enum esp_result r)
{
	static const char *const names[] = {
		[ESP_OK] = "good",
		[ESP_SHORT] = "not an ESP packet",
		[ESP_SPI] = "SPI of another SA",
		[ESP_REPLAY] = "replayed",
		[ESP_ICV] = "wrong ICV",
		[ESP_PADDING] = "wrong padding",
		[ESP_EXHAUSTED] = "lifetime in packets used up",
		[ESP_ROOM] = "too long",
		[ESP_CIPHER] = "the cipher failed",
	};

	return names[r];
}
