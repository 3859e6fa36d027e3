/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A session that the module has established and whose keys are known here, for
 * messages 6 that the vectors cannot hold: K_update has R's own RANDR in it.
 */
#ifndef LIVE_H
#define LIVE_H

#include "esp.h"
#include "forge.h"
#include "lab.h"
#include "kdf.h"

/**
 * struct live - the session
 * @c: crypto backend
 * @csb_id: CSB ID
 * @rand: RAND of message 1
 * @randr: RANDR of message 5 or the newest message 7
 * @idi: the sensor
 * @idr: the responder
 * @session_data: Session Data of message 1
 * @share: SHARE of message 1
 * @policy: ESP policy, with AES-GCM-16
 * @t: T of the newest message that was accepted
 * @k_update: K_update
 * @before: the one before
 * @spi: SPIs in force of CS 1 and CS 2
 * @esp: keys of CS 1
 * @seq: packets through it
 */
struct live {
	struct dmk_crypto *c;
	u32 csb_id;
	u8 rand[DMK_RAND_LEN];
	u8 randr[DMK_RANDR_LEN];
	struct dmk_id idi;
	struct dmk_id idr;
	struct dmk_span session_data;
	struct dmk_span share;
	struct dmk_esp_policy policy;
	u64 t;
	u8 k_update[32];
	u8 before[32];
	u32 spi[2];
	struct dmk_esp_keys esp;
	u32 seq;
};

/**
 * struct live_u_r - a message 6; every field may be wrong
 * @v: V flag
 * @csb_id: CSB ID
 * @no_map: #CS is 0
 * @spi: SPIs
 * @session_data: of CS 1 and of CS 2
 * @t: T
 * @rand: RAND payload, if not empty
 * @idi: IDi
 * @idr: IDr
 * @sp: parameters of SP; data is NULL without SP
 * @share: SHARE's bytes, if not empty
 * @late_cookie: COOKIE behind IDr
 * @key_type: of Key data
 * @key: the new TGK
 * @n_keys: how often it is there
 * @k_update: what the message is protected with
 * @label: stands for RAND in the labels of its keys
 */
struct live_u_r {
	bool v;
	u32 csb_id;
	bool no_map;
	u32 spi[2];
	struct dmk_span session_data[2];
	struct dmk_ts t;
	struct dmk_span rand;
	struct dmk_id idi;
	struct dmk_id idr;
	struct dmk_span sp;
	struct dmk_span share;
	bool late_cookie;
	u8 key_type;
	struct dmk_span key;
	unsigned int n_keys;
	const u8 *k_update;
	const u8 *label;
};

/* the module as responder, with one session that is not confirmed yet */
void live_establish(struct live *l, struct dmk_crypto *c);

/* its share in another message 3, with other Session Data unless NULL, with a T' so many
 * @seconds later; the length
 */
u32 live_share(const struct live *l, struct dmk_span session_data, u32 seconds,
	       u8 out[DMK_MSG_MAX]);

/* an ESP packet through the SA of CS 1 */
void live_packet(struct live *l);

/* a right message 6, with the next T and new SPIs */
void live_right(struct live *l, struct live_u_r *u);
/* the length */
u32 live_emit(const struct live *l, const struct live_u_r *u, u8 out[DMK_MSG_MAX]);

/* whether @r_u answers @u; if so, the session has its keys */
bool live_updated(struct live *l, const struct live_u_r *u, struct dmk_span r_u);
/* whether @err refuses @u with this Error no, and is authentic */
bool live_refused(struct live *l, const struct live_u_r *u, u8 error, struct dmk_span err);

#endif
