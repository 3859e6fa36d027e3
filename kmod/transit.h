/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shares on their way from this third party to a responder: from message 3
 * until message 4, repeated meanwhile (protocol.md 7.2, 7.4).
 */
#ifndef DMK_TRANSIT_H
#define DMK_TRANSIT_H

#include <linux/rhashtable.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include "cert.h"
#include "replay.h"
#include "sensor.h"

struct dmk_net;
struct dmk_worker;

#define DMK_TRANSITS_MAX 65536		/* shares on their way, a namespace */

/**
 * struct dmk_transit - a share on its way
 * @node: in the table, by @t_prime
 * @all: in the list of all
 * @rcu: freed behind readers
 * @ref: references
 * @dn: the instance
 * @t_prime: T' of message 3
 * @csb_id: CSB ID
 * @t_i: T of message 1
 * @i: where message 1 came from
 * @sensor: I
 * @r: the responder
 * @auth_r: key of V in message 4 and in errors from R
 * @auth_i: key of V in message 2 and in errors to I
 * @hash: of message 1: its answers are stored under it
 * @cached: @tp_r is of the cached form
 * @envid: under this key
 * @lock: protects what follows
 * @tp_r: message 3 and where it goes
 * @i_tp: message 1, kept only if that names our certificate by hash, or a
 *	cached envelope key
 * @repeats: how often it was sent again
 * @cookies: how often it was sent again with a cookie
 * @settled: R has answered
 * @carries: @tp_r carries @envelope, which @r's route waits for
 * @envelope: the key
 * @relayed: when R_I was last passed on, jiffies; 0 never
 * @timer: repeats message 3, and at last forgets the share
 */
struct dmk_transit {
	struct rhash_head node;
	struct list_head all;
	struct rcu_head rcu;
	refcount_t ref;
	struct dmk_net *dn;
	u64 t_prime;
	u32 csb_id;
	struct dmk_ts t_i;
	struct dmk_addr i;
	struct dmk_sensor *sensor;
	struct dmk_peer *r;
	u8 auth_r[DMK_MAC_LEN];
	u8 auth_i[DMK_MAC_LEN];
	u64 hash;
	bool cached;
	u8 envid[DMK_ENVID_LEN];
	spinlock_t lock;
	struct dmk_answer *tp_r;
	struct dmk_datagram *i_tp;
	u8 repeats;
	u8 cookies;
	bool settled;
	bool carries;
	struct dmk_envelope envelope;
	unsigned long relayed;
	struct delayed_work timer;
};

/**
 * struct dmk_transits - the shares of a namespace
 * @table: by T'
 * @lock: protects @all and @count
 * @all: all of them
 * @count: entries
 */
struct dmk_transits {
	struct rhashtable table;
	spinlock_t lock;
	struct list_head all;
	u32 count;
};

int dmk_transit_init(struct dmk_net *dn);
/* the workers have stopped */
void dmk_transit_destroy(struct dmk_net *dn);

/**
 * dmk_transit_new() - a share that is about to be sent
 * @dn: the instance
 * @s: I; a reference is taken
 * @r: the responder; a reference is taken
 *
 * Return: the share (one reference), or NULL.
 */
struct dmk_transit *dmk_transit_new(struct dmk_net *dn, struct dmk_sensor *s,
				    struct dmk_peer *r);
void dmk_transit_put(struct dmk_transit *t);

/**
 * dmk_transit_start() - send message 3 and repeat it until it is answered
 * @t: the share, all fields but @node, @all and @timer filled in
 *
 * Return: DMK_OK, DMK_REASON_SHARE_LIMIT or DMK_REASON_INTERNAL.
 */
enum dmk_reason dmk_transit_start(struct dmk_transit *t);

/* whether an answer is to a share on its way, by its CSB ID, T' and whence it came; softirq */
bool dmk_transit_awaits(struct dmk_net *dn, const struct dmk_message *m,
			const struct dmk_addr *from);

/* message 4, and an error in its place; process context */
enum dmk_reason dmk_transit_r_tp(struct dmk_worker *w);
enum dmk_reason dmk_transit_err(struct dmk_worker *w, const struct dmk_addr *from);

#endif
