/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A third party's way to a responder: the envelope key in use, the one that is
 * being established, and the messages that wait for it (protocol.md 6.3).
 */
#ifndef DMK_ROUTE_H
#define DMK_ROUTE_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include "envelope.h"

struct dmk_datagram;
struct dmk_local;
struct dmk_net;
struct dmk_peer;

enum dmk_route_limits {
	DMK_PARKED_MAX = 1024,		/* messages that wait for one key */
	DMK_PARKED_REPEATS = 2,		/* of message 3, until they wait no more: 3.5 s */
	DMK_PARKED_TIMES = 3,		/* that a message waits: then it goes on its own */
	DMK_AGAIN_MAX = 2,		/* that a share is sent again: the last time signed */
};

/**
 * struct dmk_route - the way to one responder
 * @lock: protects all members
 * @key: the envelope key in use
 * @valid: there is one
 * @busy: a message 3 that carries the next one is on its way
 * @left: messages that it may still protect
 * @parked: messages 1 that wait for the end of that exchange
 * @n_parked: entries of @parked
 */
struct dmk_route {
	spinlock_t lock;
	struct dmk_envelope key;
	bool valid;
	bool busy;
	u32 left;
	struct list_head parked;
	u32 n_parked;
};

void dmk_route_init(struct dmk_route *rt);
/* wipes the key in use */
void dmk_route_wipe(struct dmk_route *rt);

/**
 * enum dmk_form - how a share goes to the responder
 * @DMK_FORM_NONE: that has not been chosen
 * @DMK_FORM_CACHED: under the key in use
 * @DMK_FORM_CARRIER: signed, with a key that is to be cached; whoever has it
 *	owes the route one dmk_route_won() or dmk_route_lost()
 * @DMK_FORM_SIGNED: signed, with a key of its own
 * @DMK_FORM_PARKED: not yet
 */
enum dmk_form {
	DMK_FORM_NONE,
	DMK_FORM_CACHED,
	DMK_FORM_CARRIER,
	DMK_FORM_SIGNED,
	DMK_FORM_PARKED,
};

/**
 * dmk_route_choose() - how the next share goes
 * @dn: the instance
 * @r: the responder
 * @l: this third party
 * @epoch: that of the share's T'
 * @d: message 1; NULL afterwards if it was parked: it comes back through
 *	dmk_queue_resume()
 * @unknown: ENVID of a key that R does not know, or NULL
 * @e: with DMK_FORM_CACHED a copy of the key
 */
enum dmk_form dmk_route_choose(struct dmk_net *dn, struct dmk_peer *r,
			       const struct dmk_local *l, u32 epoch,
			       struct dmk_datagram **d, const u8 *unknown,
			       struct dmk_envelope *e);

/* R_TP for the carrier has verified: its key is the one in use */
void dmk_route_won(struct dmk_net *dn, struct dmk_peer *r,
		   const struct dmk_envelope *e);
/* it has not, in time: the first of those that waited carries the next key */
void dmk_route_lost(struct dmk_net *dn, struct dmk_peer *r);

#endif
