/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sensors that have sessions at R, and what is remembered of those that have
 * ended: their groups are not established again (protocol.md 7.1). All but
 * dmk_owner_knows() is under dmk_sessions.lock.
 */
#ifndef DMK_OWNER_H
#define DMK_OWNER_H

#include <linux/list.h>
#include <linux/rhashtable.h>
#include <linux/workqueue.h>
#include "limits.h"
#include "wire.h"

struct dmk_net;

/**
 * struct dmk_owner - a sensor that has, or lately had, sessions
 * @node: in the table, by @id
 * @rcu: freed behind readers
 * @id: SHA-256 of its identity
 * @sessions: its sessions, oldest first
 * @users: sessions and remembered groups
 * @counter: COUNTER of the newest session
 * @counted: there is one
 */
struct dmk_owner {
	struct rhash_head node;
	struct rcu_head rcu;
	u8 id[DMK_HASH_LEN];
	struct list_head sessions;
	u32 users;
	u64 counter;
	bool counted;
};

/**
 * struct dmk_owners - the owners of a namespace, and the groups of sessions
 * @table: owners by identity
 * @groups: groups of sessions that live, or ended lately
 * @old: those that ended, oldest first
 * @forget: removes from @old what is older than 2 x skew
 */
struct dmk_owners {
	struct rhashtable table;
	struct rhashtable groups;
	struct list_head old;
	struct delayed_work forget;
};

int dmk_owner_init(struct dmk_net *dn);
/* no session is left; not under the lock */
void dmk_owner_destroy(struct dmk_net *dn);

/* the owner that a sensor is, with a use to be given back; NULL: no memory */
struct dmk_owner *dmk_owner_get(struct dmk_net *dn, const struct dmk_id *sensor);
/* the same without a use, and without memory: NULL if it is not known */
struct dmk_owner *dmk_owner_find(struct dmk_net *dn, const struct dmk_id *sensor);
void dmk_owner_put(struct dmk_net *dn, struct dmk_owner *o);

/* whether the group belongs to a session that lives, or ended lately; any context */
bool dmk_owner_knows(struct dmk_net *dn, const u8 group[DMK_HASH_LEN]);
/* from the session's start on: false without memory, or if it was known */
bool dmk_owner_remember(struct dmk_net *dn, const u8 group[DMK_HASH_LEN]);
/* the session did not come about */
void dmk_owner_disown(struct dmk_net *dn, const u8 group[DMK_HASH_LEN]);
/* the session has ended: the use of @o passes to what remembers the group */
void dmk_owner_retire(struct dmk_net *dn, const u8 group[DMK_HASH_LEN],
		      struct dmk_owner *o);

#endif
