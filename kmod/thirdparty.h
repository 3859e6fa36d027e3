/* SPDX-License-Identifier: GPL-2.0 */
/* The third party: message 1 in, message 3 out. */
#ifndef DMK_THIRDPARTY_H
#define DMK_THIRDPARTY_H

#include "queue.h"
#include "replay.h"
#include "transit.h"

struct dmk_net;

/**
 * struct dmk_thirdparty - state of the role
 * @replay: messages 1 that were accepted
 * @transits: shares on their way
 * @secret: of the keys that senders have in @replay
 * @clock: protects what follows
 * @last_t: T' of the last message 3, 5
 * @epoch: goes up when all cached envelope keys are void
 */
struct dmk_thirdparty {
	struct dmk_replay replay;
	struct dmk_transits transits;
	siphash_key_t secret;
	spinlock_t clock;
	u64 last_t;
	u32 epoch;
};

int dmk_thirdparty_init(struct dmk_net *dn);
void dmk_thirdparty_destroy(struct dmk_net *dn);

/* no envelope key that was drawn before is used again; any context */
void dmk_thirdparty_drop_keys(struct dmk_net *dn);

/**
 * dmk_thirdparty_i_tp() - handle a message 1; process context
 * @w: the worker, with the message parsed
 * @d: the message; NULL afterwards if it was kept (it waits for the agent)
 *
 * Return: DMK_OK, or why it was refused.
 */
enum dmk_reason dmk_thirdparty_i_tp(struct dmk_worker *w, struct dmk_datagram **d);

/**
 * dmk_thirdparty_again() - a new message 3 for an accepted message 1: under a key
 *	that R has confirmed, or signed, with the full certificate
 * @w: the worker; its message is overwritten
 * @i_tp: the message 1; freed
 * @owed: the responder whose route waits for a key from the message that this
 *	one takes the place of, or NULL
 * @unknown: ENVID of a key that R does not know, or NULL
 */
enum dmk_reason dmk_thirdparty_again(struct dmk_worker *w, struct dmk_datagram *i_tp,
				     struct dmk_peer *owed, const u8 *unknown);

#endif
