/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who appears in the sessions at R: their sensors, third parties and
 * responders. Each name is kept once, however many sessions have it, and what
 * R knows of a sensor stands beside it. All of this is under dmk_sessions.lock.
 */
#ifndef DMK_PARTY_H
#define DMK_PARTY_H

#include <linux/list.h>
#include <linux/rhashtable.h>
#include "wire.h"

struct dmk_net;

/**
 * struct dmk_party - somebody who has, or lately had, a part in sessions
 * @node: in the table, by identity
 * @sessions: its live sessions as their sensor, oldest first
 * @rcu: freed behind readers; nothing is left of @sessions then
 * @counter: COUNTER of the newest of them
 * @users: sessions that name it; a session that has ended counts for its
 *	sensor until its group is forgotten
 * @counted: there is a @counter
 * @type: ID type
 * @len: bytes of @data
 * @data: ID Data
 */
struct dmk_party {
	struct rhash_head node;
	union {
		struct list_head sessions;
		struct rcu_head rcu;
	};
	u64 counter;
	u32 users;
	bool counted;
	u8 type;
	u8 len;
	u8 data[];
};

static inline struct dmk_id dmk_party_id(const struct dmk_party *p)
{
	return (struct dmk_id){ p->type, { p->data, p->len } };
}

int dmk_party_init(struct dmk_net *dn);
/* no session is left */
void dmk_party_destroy(struct dmk_net *dn);

/* with a use to be given back; NULL: no memory */
struct dmk_party *dmk_party_get(struct dmk_net *dn, const struct dmk_id *id);
/* without a use, and without memory: NULL if no session names it */
struct dmk_party *dmk_party_find(struct dmk_net *dn, const struct dmk_id *id);
void dmk_party_put(struct dmk_net *dn, struct dmk_party *p);	/* NULL is ignored */

#endif
