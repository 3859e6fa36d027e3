/* SPDX-License-Identifier: GPL-2.0 */
/* Multicast events for administrators (DMK_MCGRP_EVENT); event.c. */
#ifndef DMK_EVENT_H
#define DMK_EVENT_H

#include <linux/ratelimit.h>
#include "addr.h"
#include "message.h"
#include "uapi/dmikey.h"

struct dmk_net;
struct dmk_session;

/**
 * struct dmk_events - rate limits: strangers and busy sensors must not drown
 *	what an administrator wants to see
 * @message: of DMK_EVENT_MESSAGE
 * @refused: of DMK_EVENT_REFUSED for who is authenticated
 * @claimed: of DMK_EVENT_REFUSED for all others
 */
struct dmk_events {
	struct ratelimit_state message;
	struct ratelimit_state refused;
	struct ratelimit_state claimed;
};

/**
 * struct dmk_who - whom something refused is from and for, as far as is known
 * @sensor: IDi, or NULL
 * @peer: the third party or responder at the other end, or NULL
 * @message: name of the message, or NULL
 * @authentic: it is; if not, the rest is what anybody may have written
 */
struct dmk_who {
	const struct dmk_id *sensor;
	const struct dmk_id *peer;
	const char *message;
	bool authentic;
};

void dmk_event_init(struct dmk_net *dn);

/* All of these build nothing when nobody listens, never sleep, never print. */

/* an authenticated message of ours or of a peer; rate limited.
 * @who: the sensor; @peer: the third party or responder at the other end, or NULL
 */
void dmk_event_message(struct dmk_net *dn, enum dmk_side side, enum dmk_kind kind,
		       bool sent, u32 len, const struct dmk_addr *addr,
		       const struct dmk_id *who, const struct dmk_id *peer);
/* @who: NULL: nothing of the message could be read */
void dmk_event_refused(struct dmk_net *dn, enum dmk_side side, enum dmk_reason reason,
		       const struct dmk_addr *from, const struct dmk_who *who);
/* whom a message claims to be from and for: a view into @m */
struct dmk_who dmk_event_claim(const struct dmk_message *m);
bool dmk_event_is_heard(struct dmk_net *dn);
/* @event: DMK_EVENT_SESSION_*; @reason: of an end, or DMK_OK */
void dmk_event_session(struct dmk_net *dn, enum dmk_event_type event,
		       const struct dmk_session *s, enum dmk_reason reason);
void dmk_event_verdict(struct dmk_net *dn, const struct dmk_id *sensor,
		       const struct dmk_id *tp, u8 x);
/* what the agent keeps over a restart: a sensor's COUNTER, or the highest T */
void dmk_event_counter(struct dmk_net *dn, const struct dmk_id *sensor, u32 counter);
void dmk_event_highest_t(struct dmk_net *dn, u64 t);

#endif
