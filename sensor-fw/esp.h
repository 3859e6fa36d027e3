/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Minimal ESP (RFC 4303 as profiled by RFC 9333) in transport mode: AES-CCM-8,
 * AES-CCM-16 and AES-GCM-16 with 128-bit keys, anti-replay window of 64, no
 * ESN. The explicit IV of what is sent is the sequence number: a key is new for
 * each session, so that no nonce is ever used twice. That of what is received is
 * the peer's choice (Linux adds a random number to its sequence number).
 */
#ifndef ESP_FW_H
#define ESP_FW_H

#include "kdf.h"

enum {
	ESP_HEAD = 16,		/* SPI, sequence number, IV */
	ESP_TAIL_MAX = 3 + 2 + 16,	/* padding, its length and next header, ICV */
};

/**
 * enum esp_result - what became of a packet
 */
enum esp_result {
	ESP_OK,
	ESP_SHORT,		/* structure */
	ESP_SPI,		/* of another SA */
	ESP_REPLAY,
	ESP_ICV,
	ESP_PADDING,
	ESP_EXHAUSTED,		/* lifetime in packets, or sequence numbers, used up */
	ESP_ROOM,		/* does not fit */
	ESP_CIPHER,		/* the library failed */
};

/**
 * struct esp_sa - one direction
 * @spi: SPI
 * @cipher: enum dmk_esp_cipher
 * @limit: packets at most
 * @key: key
 * @salt: salt
 * @seq: last sequence number sent, or highest received
 * @window: bit i: @seq - i was received
 */
struct esp_sa {
	u32 spi;
	u16 cipher;
	u32 limit;
	u8 key[16];
	u8 salt[4];
	u32 seq;
	u64 window;
};

/**
 * esp_has() - whether a policy is one of those above
 */
bool esp_has(const struct dmk_esp_policy *policy);

/**
 * esp_init() - an SA with nothing sent or received
 * @sa: the SA; wiped by its owner with dmk_wipe()
 * @spi: SPI
 * @policy: cipher and lifetime in packets
 * @keys: key material of this direction
 *
 * The window is 64 packets whatever the policy says, since it is the receiver's own
 * (RFC 4303 3.4.3).
 *
 * Return: false if the policy is none of those above.
 */
bool esp_init(struct esp_sa *sa, u32 spi, const struct dmk_esp_policy *policy,
	      const struct dmk_esp_keys *keys);

/**
 * esp_seal() - make a packet, in place
 * @sa: outbound SA
 * @packet: ESP_HEAD bytes of room, then the payload
 * @len: length of the payload
 * @room: size of @packet, for payload + ESP_HEAD + ESP_TAIL_MAX
 * @next: Next Header of the payload (17: UDP)
 * @out: length of the packet
 *
 * A sequence number is used up also when the library failed.
 */
enum esp_result esp_seal(struct esp_sa *sa, u8 *packet, u32 len, u32 room, u8 next,
			 u32 *out);

/**
 * esp_open() - check and decrypt, in place
 * @sa: inbound SA; its window moves only if all was right
 * @packet: the packet, from SPI to ICV
 * @len: its length
 * @payload: the payload, inside @packet
 * @next: Next Header; 59 (no next header, a dummy packet) is ESP_OK with an empty payload
 */
enum esp_result esp_open(struct esp_sa *sa, u8 *packet, u32 len,
			 struct dmk_span *payload, u8 *next);

/**
 * esp_used() - percent of the lifetime in packets that is used up, rounded down
 */
u32 esp_used(const struct esp_sa *sa);

/**
 * esp_name() - an esp_result in words
 */
const char *esp_name(enum esp_result r);

#endif
