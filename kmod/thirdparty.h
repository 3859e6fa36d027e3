/* SPDX-License-Identifier: GPL-2.0 */
/* The third party: message 1 in, message 3 out, until message 4 comes back. */
#ifndef DMK_THIRDPARTY_H
#define DMK_THIRDPARTY_H

#include <linux/rhashtable.h>
#include <linux/spinlock.h>
#include "queue.h"
#include "replay.h"

struct dmk_net;

#define DMK_SHARES_MAX 65536		/* shares on their way, per namespace */

/**
 * struct dmk_thirdparty - state of the role
 * @replay: messages 1 that were accepted
 * @shares: shares on their way, by T'
 * @count: entries of @shares
 * @clock: protects @last_t
 * @last_t: T' of the last message 3, 5
 */
struct dmk_thirdparty {
	struct dmk_replay replay;
	struct rhashtable shares;
	atomic_t count;
	spinlock_t clock;
	u64 last_t;
};

int dmk_thirdparty_init(struct dmk_net *dn);
void dmk_thirdparty_destroy(struct dmk_net *dn);

/* Each handles a parsed message; process context. Return: DMK_OK, or why it
 * was refused; *d is NULL if it was kept (it waits for the agent).
 */
enum dmk_reason dmk_thirdparty_i_tp(struct dmk_worker *w, struct dmk_datagram **d);
enum dmk_reason dmk_thirdparty_r_tp(struct dmk_worker *w, struct dmk_datagram *d);
enum dmk_reason dmk_thirdparty_err(struct dmk_worker *w, struct dmk_datagram *d);

#endif
