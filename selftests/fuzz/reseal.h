/* SPDX-License-Identifier: GPL-2.0 */
/* Who has the key: a message is opened, changed, and protected again. */
#ifndef RESEAL_H
#define RESEAL_H

#include "fuzz.h"
#include "message.h"

/**
 * struct reseal - how an input's message is protected
 * @roles: who reads it, bits of enum dmk_role
 * @key: PSK, envelope key or K_update; of an answer, its auth_key
 * @rand: RAND of message 1, where the message has none
 */
struct reseal {
	u8 roles;
	u8 key[32];
	u8 rand[DMK_RAND_LEN];
};

/* IDi of the request, for V */
extern const struct dmk_id reseal_idi;

/* IDr of the request, for V: the answer's, if it has one */
const struct dmk_id *reseal_idr(const struct dmk_message *m);

/* its keys; false if the backend cannot */
bool reseal_keys(const struct reseal *r, const struct dmk_message *m, struct dmk_msg_keys *keys);

/* Encr data becomes plaintext where it stands, if the key fits; all else stays */
void reseal_open(const struct reseal *r, u8 *data, u32 len);

/* the reverse, with whatever stands there; MAC, tag and V are then right */
void reseal_close(const struct reseal *r, u8 *data, u32 len);

#endif
