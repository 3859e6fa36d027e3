// SPDX-License-Identifier: GPL-2.0
#include <mbedtls/aes.h>

#include "modes.h"

enum {
	BLOCK = 16,
	WORDS = BLOCK / 4,
};

/* the MAC of either mode: CBC-MAC, or GHASH under h */
struct mac {
	mbedtls_aes_context aes;
	bool gcm;
	u32 h[WORDS];
	u8 x[BLOCK];
	u32 fill;
	int bad;
};

static u32 get32(const u8 *p)
{
	return (u32)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

static void put32(u8 *p, u32 v)
{
	p[0] = v >> 24;
	p[1] = v >> 16;
	p[2] = v >> 8;
	p[3] = v;
}

static void encrypt(struct mac *m, const u8 *in, u8 *out)
{
	m->bad |= mbedtls_aes_crypt_ecb(&m->aes, MBEDTLS_AES_ENCRYPT, in, out);
}

/* SP 800-38D 6.3: x = x h; every bit costs the same */
static void multiply(struct mac *m)
{
	u32 v[WORDS], z[WORDS] = { 0 }, bit, w, mask, carry;

	memcpy(v, m->h, sizeof(v));
	for (bit = 0; bit < 8 * BLOCK; bit++) {
		mask = -((u32)m->x[bit / 8] >> (7 - bit % 8) & 1);
		for (w = 0; w < WORDS; w++)
			z[w] ^= v[w] & mask;
		carry = v[WORDS - 1] & 1;
		for (w = WORDS - 1; w; w--)
			v[w] = v[w] >> 1 | v[w - 1] << 31;
		v[0] = v[0] >> 1 ^ (0xe1000000 & -carry);
	}
	for (w = 0; w < WORDS; w++)
		put32(m->x + 4 * w, z[w]);
	dmk_wipe(v, sizeof(v));
	dmk_wipe(z, sizeof(z));
}

static void end_block(struct mac *m)
{
	if (!m->fill)
		return;
	m->fill = 0;
	if (m->gcm)
		multiply(m);
	else
		encrypt(m, m->x, m->x);
}

static void absorb(struct mac *m, const u8 *in, u32 len)
{
	while (len--) {
		m->x[m->fill++] ^= *in++;
		if (m->fill == BLOCK)
			end_block(m);
	}
}

/* RFC 3610 2.2: B_0, and the length of the AAD */
static void start_ccm(struct mac *mac, const struct modes_call *m, u32 aad_len, u32 len)
{
	u8 b[BLOCK + 2] = { 0 };

	b[0] = (aad_len ? 64 : 0) | (m->tag_len - 2) / 2 << 3 | (14 - m->nonce.len);
	memcpy(b + 1, m->nonce.data, m->nonce.len);
	b[14] = len >> 8;
	b[15] = len;
	b[16] = aad_len >> 8;
	b[17] = aad_len;
	absorb(mac, b, aad_len ? sizeof(b) : BLOCK);
}

static void start_gcm(struct mac *mac)
{
	u8 h[BLOCK] = { 0 };
	u32 w;

	encrypt(mac, h, h);
	for (w = 0; w < WORDS; w++)
		mac->h[w] = get32(h + 4 * w);
	dmk_wipe(h, sizeof(h));
}

/* SP 800-38D 7.1: lengths in bits */
static void end_gcm(struct mac *mac, u32 aad_len, u32 len)
{
	u8 b[BLOCK] = { 0 };

	put32(b + 4, 8 * aad_len);
	put32(b + 12, 8 * len);
	absorb(mac, b, sizeof(b));
}

/* the counter block whose key stream masks the tag; text begins at the next one */
static void first_counter(const struct modes_call *m, u8 counter[BLOCK])
{
	memset(counter, 0, BLOCK);
	if (m->gcm) {
		memcpy(counter, m->nonce.data, m->nonce.len);
		counter[BLOCK - 1] = 1;
	} else {
		counter[0] = 14 - m->nonce.len;
		memcpy(counter + 1, m->nonce.data, m->nonce.len);
	}
}

static void crypt(struct mac *mac, u8 counter[BLOCK], u8 *buf, u32 len)
{
	u8 stream[BLOCK];
	size_t offset = 0;

	counter[BLOCK - 1]++;
	mac->bad |= mbedtls_aes_crypt_ctr(&mac->aes, len, &offset, counter, stream, buf, buf);
	dmk_wipe(stream, sizeof(stream));
}

static u32 total(const struct modes_call *m)
{
	unsigned int i;
	u32 len = 0;

	for (i = 0; i < m->n; i++)
		len += m->aad[i].len;
	return len;
}

/* CCM authenticates the plaintext, GCM the ciphertext */
static void text(struct mac *mac, const struct modes_call *m, bool seal, u8 *buf, u32 len)
{
	bool absorb_first = m->gcm != seal;
	u8 counter[BLOCK], mask[BLOCK];
	u32 i;

	first_counter(m, counter);
	encrypt(mac, counter, mask);
	if (absorb_first)
		absorb(mac, buf, len);
	crypt(mac, counter, buf, len);
	if (!absorb_first)
		absorb(mac, buf, len);
	end_block(mac);
	if (m->gcm)
		end_gcm(mac, total(m), len);
	for (i = 0; i < BLOCK; i++)
		mac->x[i] ^= mask[i];
	dmk_wipe(mask, sizeof(mask));
}

int modes_run(const struct modes_call *m, bool seal, u8 *buf, u32 len, u8 *tag)
{
	struct mac mac = { .gcm = m->gcm };
	unsigned int i;
	int bad;

	mbedtls_aes_init(&mac.aes);
	mac.bad = mbedtls_aes_setkey_enc(&mac.aes, m->key, 128);
	if (m->gcm)
		start_gcm(&mac);
	else
		start_ccm(&mac, m, total(m), len);
	for (i = 0; i < m->n; i++)
		absorb(&mac, m->aad[i].data, m->aad[i].len);
	end_block(&mac);
	text(&mac, m, seal, buf, len);
	memcpy(tag, mac.x, m->tag_len);
	bad = mac.bad;
	dmk_wipe(&mac, sizeof(mac));
	return bad ? -1 : 0;
}
