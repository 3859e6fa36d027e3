/* SPDX-License-Identifier: GPL-2.0 */
/* Error messages: hints without V, and verified ones (protocol.md 7). */
#ifndef DMK_ERROR_H
#define DMK_ERROR_H

#include "addr.h"
#include "message.h"
#include "rule.h"

struct dmk_net;

/* room for an ERR with V and every SP that a rule can name */
#define DMK_ERROR_ROOM 1024

/**
 * dmk_error_hint() - send an ERR without V; softirq safe
 * @dn: the instance
 * @to: source of @m
 * @m: the message that it answers
 * @error: enum dmk_error
 */
void dmk_error_hint(struct dmk_net *dn, const struct dmk_addr *to,
		    const struct dmk_message *m, u8 error);

/**
 * struct dmk_refusal - a verified ERR to be built
 * @csb_id: CSB ID of the message that it answers
 * @t: its T
 * @error: enum dmk_error
 * @rule: names the policies to be told (error 10), or NULL
 * @auth_key: 32 bytes: key of the answer to that message
 * @idi: IDi
 * @idr: IDr
 */
struct dmk_refusal {
	u32 csb_id;
	struct dmk_ts t;
	u8 error;
	const struct dmk_rule *rule;
	const u8 *auth_key;
	struct dmk_id idi;
	struct dmk_id idr;
};

/**
 * dmk_error_build() - an ERR with V
 * @c: crypto backend
 * @e: what it says
 * @out: room for DMK_ERROR_ROOM bytes
 *
 * Return: its length, or 0 when the backend failed.
 */
u32 dmk_error_build(struct dmk_crypto *c, const struct dmk_refusal *e, u8 *out);

#endif
