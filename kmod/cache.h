/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Envelope keys that a responder has cached (protocol.md 6.3). Each lives for
 * dmk_net.envelope_life, and no longer than the certificate that signed it and
 * the one that it was encrypted to.
 */
#ifndef DMK_CACHE_H
#define DMK_CACHE_H

#include <linux/rhashtable.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include "envelope.h"
#include "limits.h"

enum dmk_cache_limits {
	DMK_CACHE_MAX = 16384,		/* keys of a namespace */
	DMK_CACHE_PER_TP = 4,		/* of one third party; what it used last stays */
};

/**
 * struct dmk_cache - the keys of a namespace
 * @table: by third party and ENVID
 * @lock: protects changes
 * @all: all of them, oldest first
 * @count: entries
 * @expire: removes those whose time has passed
 */
struct dmk_cache {
	struct rhashtable table;
	spinlock_t lock;
	struct list_head all;
	u32 count;
	struct delayed_work expire;
};

int dmk_cache_init(struct dmk_net *dn);
/* the workers have stopped */
void dmk_cache_destroy(struct dmk_net *dn);

/**
 * dmk_cache_add() - keep the key of a message 3 that was authorized
 * @dn: the instance
 * @tp: who signed it
 * @l: whom it was encrypted to
 * @e: the key; copied
 *
 * Does nothing when there is no room or the certificate has gone meanwhile:
 * then the third party will be told that the key is unknown.
 */
void dmk_cache_add(struct dmk_net *dn, const struct dmk_peer *tp,
		   const struct dmk_local *l, const struct dmk_envelope *e);

/**
 * dmk_cache_find() - the key that a cached message 3 names
 * @dn: the instance
 * @m: the message
 * @l: whom it is for
 * @e: a copy of the key
 *
 * Return: the third party that signed the key, with a reference; or NULL.
 */
struct dmk_peer *dmk_cache_find(struct dmk_net *dn, const struct dmk_message *m,
				struct dmk_local *l, struct dmk_envelope *e);

/* an authentic message has come under the key that @m names */
void dmk_cache_spend(struct dmk_net *dn, const struct dmk_message *m);

/* envelope_life has changed: forgets what has expired by it */
void dmk_cache_review(struct dmk_net *dn);

/* forgets all keys that were signed by, or encrypted to, a certificate; any context */
void dmk_cache_drop(struct dmk_net *dn, const u8 der_hash[DMK_HASH_LEN]);

#endif
