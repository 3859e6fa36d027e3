// SPDX-License-Identifier: GPL-2.0 OR MIT
#include "kdf.h"

enum {
	PRF_BLOCK = 32,		/* RFC 3830 4.1.2: 256 bits of inkey */
	LABEL_SPANS = 6,
};

static void xor_into(u8 *out, const u8 *in, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		out[i] ^= in[i];
}

/* out ^= P(s, label, m): HMAC(s, A_1 || label) || HMAC(s, A_2 || label) || ... */
static int xor_p(struct dmk_crypto *c, enum dmk_hash hash, struct dmk_span s,
		 const struct dmk_span *label, unsigned int n, u8 *out, size_t len)
{
	size_t hash_len = hash == DMK_SHA1 ? 20 : DMK_HASH_LEN, take;
	struct dmk_span in[1 + LABEL_SPANS];
	u8 a[DMK_HASH_LEN], p[DMK_HASH_LEN];
	int err;

	memcpy(in + 1, label, n * sizeof(*label));
	err = dmk_hmac(c, hash, s, label, n, a);		/* A_1; A_0 = label */
	in[0] = DMK_SPAN(a, hash_len);
	while (!err && len) {
		err = dmk_hmac(c, hash, s, in, 1 + n, p);
		if (err)
			break;
		take = len < hash_len ? len : hash_len;
		xor_into(out, p, take);
		out += take;
		len -= take;
		if (len)
			err = dmk_hmac(c, hash, s, in, 1, a);	/* A_(i+1) */
	}
	dmk_wipe(a, sizeof(a));
	dmk_wipe(p, sizeof(p));
	return err;
}

/* RFC 3830 4.1.2: PRF(inkey, label) = P(s_1, label, m) XOR ... XOR P(s_n, label, m) */
int dmk_prf(struct dmk_crypto *c, u8 prf, struct dmk_span inkey,
	    const struct dmk_span *label, unsigned int n, u8 *out, size_t len)
{
	enum dmk_hash hash = prf == DMK_PRF_MIKEY_1 ? DMK_SHA1 : DMK_SHA256;
	struct dmk_span s;
	u32 at;
	int err;

	if (n > LABEL_SPANS || !inkey.len)
		return -1;
	if (!len)
		return 0;
	memset(out, 0, len);
	for (at = 0; at < inkey.len; at += PRF_BLOCK) {
		s = DMK_SPAN(inkey.data + at, inkey.len - at);
		if (s.len > PRF_BLOCK)
			s.len = PRF_BLOCK;
		err = xor_p(c, hash, s, label, n, out, len);
		if (err) {
			dmk_wipe(out, len);
			return err;
		}
	}
	return 0;
}

int dmk_derive(struct dmk_crypto *c, u8 prf, struct dmk_span inkey, u32 constant,
	       u8 cs_id, u32 csb_id, struct dmk_span rand, struct dmk_span randr,
	       u8 *out, size_t len)
{
	u8 head[9];
	struct dmk_span label[] = { DMK_SPAN(head, sizeof(head)), rand, randr };

	dmk_put_be(head, constant, 4);
	head[4] = cs_id;
	dmk_put_be(head + 5, csb_id, 4);
	return dmk_prf(c, prf, inkey, label, ARRAY_SIZE(label), out, len);
}

int dmk_msg_keys(struct dmk_crypto *c, u8 prf, unsigned int encr_len,
		 unsigned int auth_len, struct dmk_span key, u32 csb_id,
		 struct dmk_span rand, struct dmk_msg_keys *k)
{
	const struct dmk_span none = { 0 };
	int err = -1;

	memset(k, 0, sizeof(*k));
	if (encr_len > sizeof(k->encr) || auth_len > sizeof(k->auth))
		return -1;
	err = dmk_derive(c, prf, key, DMK_LABEL_ENCR, 0xff, csb_id, rand, none, k->encr, encr_len);
	if (!err)
		err = dmk_derive(c, prf, key, DMK_LABEL_AUTH, 0xff, csb_id, rand, none,
				 k->auth, auth_len);
	if (!err)
		err = dmk_derive(c, prf, key, DMK_LABEL_SALT, 0xff, csb_id, rand, none,
				 k->salt, sizeof(k->salt));
	if (err)
		dmk_wipe(k, sizeof(*k));
	return err;
}

int dmk_key_auth5(struct dmk_crypto *c, struct dmk_span tgk, u32 csb_id,
		  struct dmk_span rand, u8 out[32])
{
	return dmk_derive(c, DMK_PRF_SHA256, tgk, DMK_LABEL_AUTH, 0xff, csb_id, rand,
			  DMK_SPAN(NULL, 0), out, 32);
}

int dmk_key_commit(struct dmk_crypto *c, struct dmk_span tgk, u32 csb_id,
		   struct dmk_span rand, u8 out[32])
{
	return dmk_derive(c, DMK_PRF_SHA256, tgk, DMK_LABEL_COMMIT, 0xff, csb_id, rand,
			  DMK_SPAN(NULL, 0), out, 32);
}

int dmk_key_update(struct dmk_crypto *c, struct dmk_span tgk, u32 csb_id,
		   struct dmk_span rand, struct dmk_span randr, u8 out[32])
{
	return dmk_derive(c, DMK_PRF_SHA256, tgk, DMK_LABEL_UPDATE, 0xff, csb_id, rand,
			  randr, out, 32);
}

static int esp_keys(struct dmk_crypto *c, u8 prf, const struct dmk_esp_policy *p, u8 cs_id,
		    struct dmk_span tgk, u32 csb_id, struct dmk_span rand,
		    struct dmk_span randr, struct dmk_esp_keys *keys)
{
	bool aead = p->integ == DMK_ESP_INTEG_NONE;
	int err;

	memset(keys, 0, sizeof(*keys));
	if (p->key_bits / 8 > sizeof(keys->cipher_key))
		return -1;
	keys->cipher_len = p->key_bits / 8;
	keys->salt_len = dmk_esp_salt_len(p->cipher);
	keys->integ_len = aead ? 0 : sizeof(keys->integ_key);

	err = dmk_derive(c, prf, tgk, aead ? DMK_LABEL_TEK : DMK_LABEL_TEK_ENCR,
			 cs_id, csb_id, rand, randr, keys->cipher_key, keys->cipher_len);
	if (!err && keys->salt_len)
		err = dmk_derive(c, prf, tgk, DMK_LABEL_TEK_SALT, cs_id, csb_id,
				 rand, randr, keys->salt, keys->salt_len);
	if (!err && keys->integ_len)
		err = dmk_derive(c, prf, tgk, DMK_LABEL_TEK_AUTH, cs_id, csb_id,
				 rand, randr, keys->integ_key, keys->integ_len);
	if (err)
		dmk_wipe(keys, sizeof(*keys));
	return err;
}

int dmk_esp_keys(struct dmk_crypto *c, const struct dmk_esp_policy *p, u8 cs_id,
		 struct dmk_span tgk, u32 csb_id, struct dmk_span rand,
		 struct dmk_span randr, struct dmk_esp_keys *keys)
{
	return esp_keys(c, DMK_PRF_SHA256, p, cs_id, tgk, csb_id, rand, randr, keys);
}

int dmk_esp_keys_plain(struct dmk_crypto *c, u8 prf, const struct dmk_esp_policy *p, u8 cs_id,
		       struct dmk_span tgk, u32 csb_id, struct dmk_span rand,
		       struct dmk_esp_keys *keys)
{
	return esp_keys(c, prf, p, cs_id, tgk, csb_id, rand, DMK_SPAN(NULL, 0), keys);
}

int dmk_psk_diversify(struct dmk_crypto *c, const u8 master[DMK_PSK_LEN], u32 generation,
		      struct dmk_span id_tp, struct dmk_span id_i, u8 psk[DMK_PSK_LEN])
{
	u8 head[11];
	struct dmk_span label[] = { DMK_SPAN(head, sizeof(head)), id_tp, id_i };

	dmk_put_be(head, DMK_LABEL_PSK, 4);
	head[4] = 0xff;
	dmk_put_be(head + 5, generation, 4);
	dmk_put_be(head + 9, id_tp.len, 2);
	return dmk_prf(c, DMK_PRF_SHA256, DMK_SPAN(master, DMK_PSK_LEN),
		       label, ARRAY_SIZE(label), psk, DMK_PSK_LEN);
}

/* whether two blocks are one HMAC key: a short last block counts as padded
 * with zeros
 */
static bool same_block(struct dmk_span key, u32 a, u32 b)
{
	u8 diff = 0;
	u32 i;

	for (i = 0; i < PRF_BLOCK; i++)
		diff |= key.data[a + i] ^ (b + i < key.len ? key.data[b + i] : 0);
	return !diff;
}

bool dmk_key_sound(struct dmk_span key)
{
	u32 a, b;

	for (b = PRF_BLOCK; b < key.len; b += PRF_BLOCK)
		for (a = 0; a < b; a += PRF_BLOCK)
			if (same_block(key, a, b))
				return false;
	return true;
}
