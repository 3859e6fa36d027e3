/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The responder: message 3 in, message 4 out; its candidates go to group.h.
 * Message 6 in, message 7 out.
 */
#ifndef DMK_RESPONDER_H
#define DMK_RESPONDER_H

#include "cache.h"
#include "group.h"
#include "queue.h"
#include "replay.h"

struct dmk_net;

/**
 * struct dmk_responder - state of the role
 * @replay: messages 3 that were accepted
 * @groups: shares that wait for each other
 * @cache: envelope keys
 */
struct dmk_responder {
	struct dmk_replay replay;
	struct dmk_groups groups;
	struct dmk_cache cache;
};

int dmk_responder_init(struct dmk_net *dn);
void dmk_responder_destroy(struct dmk_net *dn);

/* handles a parsed message 3 of either form; process context. As in thirdparty.h. */
enum dmk_reason dmk_responder_tp_r(struct dmk_worker *w, struct dmk_datagram **d);
/* handles a parsed message 6, protocol.md 9; process context */
enum dmk_reason dmk_responder_update(struct dmk_worker *w, const struct dmk_datagram *d);

#endif
