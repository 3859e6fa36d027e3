/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* PRF of RFC 3830 4.1.2 and the key schedule of protocol.md 6.4. */
#ifndef DMK_KDF_H
#define DMK_KDF_H

#include "esp.h"
#include "message.h"

/* constants of labels: RFC 3830 4.1.3, 4.1.4 and protocol.md 6.4, 6.5 */
#define DMK_LABEL_TEK		0x2AD01C64
#define DMK_LABEL_AUTH		0x2D22AC75	/* auth_key of a message */
#define DMK_LABEL_ENCR		0x150533E1	/* encr_key of a message */
#define DMK_LABEL_SALT		0x29B88916	/* salt of a message */
#define DMK_LABEL_TEK_AUTH	0x1B5C7973
#define DMK_LABEL_TEK_ENCR	0x15798CEF
#define DMK_LABEL_TEK_SALT	0x39A2C14B
#define DMK_LABEL_COMMIT	0x197A9E97
#define DMK_LABEL_UPDATE	0x378D3CF3
#define DMK_LABEL_PSK		0x36F1D145

/**
 * struct dmk_msg_keys - what protects one message, RFC 3830 4.1.4
 * @encr: encr_key: 16 bytes used, 32 with AES-CM-256
 * @auth: auth_key: 32 bytes, 20 with HMAC-SHA-1
 * @salt: 14 bytes
 */
struct dmk_msg_keys {
	u8 encr[32];
	u8 auth[32];
	u8 salt[14];
};

/**
 * dmk_prf() - PRF of RFC 3830 4.1.2
 * @c: crypto backend
 * @prf: DMK_PRF_SHA256 or DMK_PRF_MIKEY_1
 * @inkey: 1 to 512 bytes; this protocol never gives more than 32, 6.1
 * @label: a list of spans
 * @n: number of spans, up to 6
 * @out: the key
 * @len: its length in bytes
 *
 * Return: 0, or negative when the backend failed.
 */
int dmk_prf(struct dmk_crypto *c, u8 prf, struct dmk_span inkey,
	    const struct dmk_span *label, unsigned int n, u8 *out, size_t len);

/**
 * dmk_derive() - constant || cs_id || CSB ID || RAND || RANDR as a label
 * @c: crypto backend
 * @prf: PRF func
 * @inkey: TGK, PSK or envelope key
 * @constant: DMK_LABEL_*
 * @cs_id: CS ID, or 0xFF
 * @csb_id: CSB ID
 * @rand: RAND
 * @randr: RANDR, empty where the label has none
 * @out: the key
 * @len: its length in bytes
 */
int dmk_derive(struct dmk_crypto *c, u8 prf, struct dmk_span inkey, u32 constant,
	       u8 cs_id, u32 csb_id, struct dmk_span rand, struct dmk_span randr,
	       u8 *out, size_t len);

/**
 * dmk_msg_keys() - encr_key, auth_key and salt from a PSK, envelope key or
 *	K_update
 * @c: crypto backend
 * @prf: PRF func
 * @encr_len: 16 or 32
 * @auth_len: 32 or 20
 * @key: the PSK
 * @csb_id: CSB ID
 * @rand: RAND (of message 1 in updates)
 * @k: the result; the caller wipes it
 */
int dmk_msg_keys(struct dmk_crypto *c, u8 prf, unsigned int encr_len,
		 unsigned int auth_len, struct dmk_span key, u32 csb_id,
		 struct dmk_span rand, struct dmk_msg_keys *k);

/* auth_key of message 5, K_commit and K_update, 32 bytes each; all with PRF 1 */
int dmk_key_auth5(struct dmk_crypto *c, struct dmk_span tgk, u32 csb_id,
		  struct dmk_span rand, u8 out[32]);
int dmk_key_commit(struct dmk_crypto *c, struct dmk_span tgk, u32 csb_id,
		   struct dmk_span rand, u8 out[32]);
int dmk_key_update(struct dmk_crypto *c, struct dmk_span tgk, u32 csb_id,
		   struct dmk_span rand, struct dmk_span randr, u8 out[32]);

/**
 * dmk_esp_keys() - ESP keys of one crypto session
 * @c: crypto backend
 * @p: the policy
 * @cs_id: 1 (I to R) or 2 (R to I)
 * @tgk: TGK
 * @csb_id: CSB ID
 * @rand: RAND of message 1
 * @randr: RANDR
 * @keys: the result; the caller wipes it
 */
int dmk_esp_keys(struct dmk_crypto *c, const struct dmk_esp_policy *p, u8 cs_id,
		 struct dmk_span tgk, u32 csb_id, struct dmk_span rand,
		 struct dmk_span randr, struct dmk_esp_keys *keys);

/* the same for a plain exchange: with the PRF of its HDR, and without RANDR */
int dmk_esp_keys_plain(struct dmk_crypto *c, u8 prf, const struct dmk_esp_policy *p, u8 cs_id,
		       struct dmk_span tgk, u32 csb_id, struct dmk_span rand,
		       struct dmk_esp_keys *keys);

/**
 * dmk_psk_diversify() - a sensor's PSK from a third party's master key, 6.5
 * @c: crypto backend
 * @master: 32 bytes
 * @generation: generation number
 * @id_tp: ID Data octets of the third party
 * @id_i: ID Data octets of the sensor
 * @psk: 32 bytes; the caller wipes it
 */
int dmk_psk_diversify(struct dmk_crypto *c, const u8 master[DMK_PSK_LEN], u32 generation,
		      struct dmk_span id_tp, struct dmk_span id_i, u8 psk[DMK_PSK_LEN]);

/**
 * dmk_key_sound() - whether a plain RFC 3830 TGK or PSK may be used, 6.1
 * @key: the key
 *
 * Return: false if two 256-bit blocks of it are equal: the PRF would cancel
 * them.
 */
bool dmk_key_sound(struct dmk_span key);

#endif
