/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* ESP as a MIKEY security protocol, Prot type 241: protocol.md 4. */
#ifndef DMK_ESP_H
#define DMK_ESP_H

#include "wire.h"

/* IKEv2 transform IDs (IANA ikev2-parameters) of ESP ciphers */
enum dmk_esp_cipher {
	DMK_ESP_AES_CBC = 12,
	DMK_ESP_AES_CCM_8 = 14,
	DMK_ESP_AES_CCM_16 = 16,
	DMK_ESP_AES_GCM_8 = 18,
	DMK_ESP_AES_GCM_16 = 20,
	DMK_ESP_CHACHA20_POLY1305 = 28,
};

enum dmk_esp_integ {
	DMK_ESP_INTEG_NONE = 0,
	DMK_ESP_HMAC_SHA2_256_128 = 12,
};

/**
 * struct dmk_esp_policy - the policy parameters, defaults filled in
 * @cipher: enum dmk_esp_cipher
 * @key_bits: key length in bits
 * @integ: enum dmk_esp_integ
 * @tunnel: tunnel mode instead of transport mode
 * @esn: extended sequence numbers
 * @life_seconds: lifetime
 * @life_packets: lifetime
 * @window: anti-replay window in packets
 */
struct dmk_esp_policy {
	u16 cipher;
	u16 key_bits;
	u16 integ;
	bool tunnel;
	bool esn;
	u32 life_seconds;
	u32 life_packets;
	u16 window;
};

/**
 * struct dmk_session_data - Session Data of CS 1
 * @family: 4 or 6
 * @addr: I's address, 4 or 16 bytes
 * @proto: upper-layer protocol of the selector, 0 any
 * @port: I's UDP port for R_I
 * @r_port: R's port in the selector, 0 any
 * @i_port: I's port in the selector, 0 any
 * @encap_port: I's port of UDP encapsulation, 0 none
 */
struct dmk_session_data {
	u8 family;
	u8 addr[16];
	u8 proto;
	u16 port;
	u16 r_port;
	u16 i_port;
	u16 encap_port;
};

/**
 * struct dmk_esp_keys - key material of one direction
 * @cipher_key: key of the cipher, without salt
 * @cipher_len: its length in bytes
 * @salt: salt of an AEAD
 * @salt_len: 0, 3 or 4
 * @integ_key: key of the integrity algorithm
 * @integ_len: 0 or 32
 */
struct dmk_esp_keys {
	u8 cipher_key[32];
	u8 cipher_len;
	u8 salt[4];
	u8 salt_len;
	u8 integ_key[32];
	u8 integ_len;
};

/**
 * dmk_esp_policy_parse() - read SP's parameters, defaults for those absent
 * @param: the parameters
 * @p: the result
 *
 * Return: DMK_OK; DMK_REASON_TRUNCATED for a parameter longer than the payload;
 * DMK_REASON_SP_PARAM for one that is unknown, repeated or of a wrong
 * length; DMK_REASON_SP_UNSUPPORTED for a combination that does not exist.
 */
enum dmk_reason dmk_esp_policy_parse(struct dmk_span param, struct dmk_esp_policy *p);

/**
 * dmk_esp_policy_check() - structure alone, as a third party wants it
 * @param: the parameters
 *
 * Return: DMK_OK or DMK_REASON_TRUNCATED
 */
enum dmk_reason dmk_esp_policy_check(struct dmk_span param);

/**
 * dmk_esp_policy_emit() - parameters that differ from the defaults
 * @p: a policy
 * @out: room for 64 bytes
 *
 * Return: their length.
 */
u32 dmk_esp_policy_emit(const struct dmk_esp_policy *p, u8 out[64]);

/**
 * dmk_esp_policy_default() - protocol.md 4's defaults
 * @p: the result
 */
void dmk_esp_policy_default(struct dmk_esp_policy *p);

/**
 * dmk_esp_salt_len() - bytes of salt that a cipher takes from the key schedule
 * @cipher: enum dmk_esp_cipher
 */
u8 dmk_esp_salt_len(u16 cipher);

/**
 * dmk_session_data_parse() - read Session Data of CS 1
 * @data: the TLVs
 * @sd: the result
 *
 * Return: DMK_OK, DMK_REASON_TRUNCATED or DMK_REASON_SESSION_DATA.
 */
enum dmk_reason dmk_session_data_parse(struct dmk_span data, struct dmk_session_data *sd);

/**
 * dmk_session_data_emit() - the reverse
 * @sd: the fields
 * @out: room for 64 bytes
 *
 * Return: the length.
 */
u32 dmk_session_data_emit(const struct dmk_session_data *sd, u8 out[64]);

#endif
