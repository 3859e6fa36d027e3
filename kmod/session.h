/* SPDX-License-Identifier: GPL-2.0 */
/* Established sessions at R, from their SAs to their end: protocol.md 7.4, 8. */
#ifndef DMK_SESSION_H
#define DMK_SESSION_H

#include <linux/list.h>
#include <linux/rhashtable.h>
#include <linux/workqueue.h>
#include "esp.h"
#include "name.h"
#include "uapi/dmikey.h"

struct dmk_net;
struct xfrm_state;

/**
 * struct dmk_session_verdict - what became of a third party's share
 * @tp: the third party
 * @x: its position
 * @wrong: its share was
 */
struct dmk_session_verdict {
	struct dmk_name tp;
	u8 x;
	bool wrong;
};

/**
 * struct dmk_session - an established session
 * @by_spi: in the table of inbound SPIs
 * @by_sensor: in the list of its sensor's sessions, oldest first
 * @rcu: freed behind readers
 * @ref: references
 * @dn: the instance
 * @in: inbound xfrm state, CS 1; a reference
 * @out: outbound xfrm state, CS 2; a reference; not usable before @state is confirmed
 * @spi_in: SPI of @in
 * @spi_out: SPI of @out
 * @csb_id: CSB ID
 * @t_i: T of message 1
 * @sd: I's Session Data
 * @state: enum dmk_session_state
 * @ended: it is being taken down
 * @since: when it was established, Unix seconds
 * @n: third parties
 * @k: threshold
 * @rule: name of the rule
 * @reqid: of the xfrm states
 * @life: ends it: unconfirmed for too long, or SAs expired
 * @settle: ends older sessions after a confirmation
 * @group: SHA-256 of the group, never established again
 * @name: the sensor
 * @n_verdicts: entries of @verdicts
 * @verdicts: one a candidate
 */
struct dmk_session {
	struct rhash_head by_spi;
	struct list_head by_sensor;
	struct rcu_head rcu;
	refcount_t ref;
	struct dmk_net *dn;
	struct xfrm_state *in;
	struct xfrm_state *out;
	__be32 spi_in;
	__be32 spi_out;
	u32 csb_id;
	struct dmk_ts t_i;
	struct dmk_session_data sd;
	u8 state;
	bool ended;
	time64_t since;
	u8 n;
	u8 k;
	char rule[DMK_NAME_MAX + 1];
	u32 reqid;
	struct delayed_work life;
	struct work_struct settle;
	u8 group[DMK_HASH_LEN];
	struct dmk_name name;
	u8 n_verdicts;
	struct dmk_session_verdict verdicts[];
};

struct dmk_sessions {
	struct rhashtable by_spi;
	struct rhashtable owners;	/* sensors with sessions, and their newest T_I */
	struct mutex lock;		/* additions, ends and all lists */
	struct list_head all;
	u32 count;
};

/* for netlink: calls @fn for each session under the lock, from the @skip-th
 * on, until it returns non-zero; returns that value
 */
int dmk_session_each(struct dmk_net *dn, unsigned long skip,
		     int (*fn)(struct dmk_session *s, void *arg), void *arg);

/**
 * dmk_session_end_matching() - end sessions on an administrator's wish
 * @dn: the instance
 * @sensor: all of this sensor, or NULL
 * @spi_in: the one with this inbound SPI (host order) if not 0
 *
 * Return: how many ended.
 */
unsigned int dmk_session_end_matching(struct dmk_net *dn, const struct dmk_id *sensor,
				      u32 spi_in);

#endif
