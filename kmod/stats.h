/* SPDX-License-Identifier: GPL-2.0 */
/* Counters: one a reason and side, and some that are no refusals. */
#ifndef DMK_STATS_H
#define DMK_STATS_H

#include <linux/percpu.h>
#include "reason.h"
#include "uapi/dmikey.h"

/* X(NAME, "name") */
#define DMK_STATS(X) \
	X(RECEIVED, "received") \
	X(SENT, "sent") \
	X(SEND_FAILED, "send-failed") \
	X(REPEATED_ANSWERED, "repeated-answered") \
	X(COOKIE_SENT, "cookie-sent") \
	X(COOKIE_FOLLOWED, "cookie-followed") \
	X(UPCALL_SENT, "upcall-sent") \
	X(RSA_SIGN, "rsa-sign") \
	X(RSA_VERIFY, "rsa-verify") \
	X(RSA_ENCRYPT, "rsa-encrypt") \
	X(RSA_DECRYPT, "rsa-decrypt") \
	X(ENVELOPE_HIT, "envelope-hit") \
	X(ENVELOPE_MISS, "envelope-miss") \
	X(SHARE_FORWARDED, "share-forwarded") \
	X(SHARE_ACKNOWLEDGED, "share-acknowledged") \
	X(SHARE_REPEATED, "share-repeated") \
	X(SHARE_ACCEPTED, "share-accepted") \
	X(SHARE_PARKED, "share-parked") \
	X(SHARE_LATE, "share-late") \
	X(SHARE_WRONG, "share-wrong") \
	X(R_I_RELAYED, "r-i-relayed") \
	X(SESSION_ESTABLISHED, "session-established") \
	X(SESSION_CONFIRMED, "session-confirmed") \
	X(SESSION_UPDATED, "session-updated") \
	X(SESSION_ENDED, "session-ended")

enum dmk_stat {
#define X(name, text) DMK_STAT_##name,
	DMK_STATS(X)
#undef X
	DMK_STAT_COUNT
};

struct dmk_net;

/**
 * struct dmk_stats - of one CPU
 * @count: what happened
 * @refused: refusals by side and reason
 */
struct dmk_stats {
	u64 count[DMK_STAT_COUNT];
	u64 refused[__DMK_SIDE_COUNT][DMK_REASON_COUNT];
};

extern const char *const dmk_stat_names[DMK_STAT_COUNT];
extern const char *const dmk_reason_names[DMK_REASON_COUNT];	/* [0] is "ok" */

void dmk_stats_inc(struct dmk_net *dn, enum dmk_stat stat);

struct dmk_addr;
struct dmk_who;

/**
 * dmk_stats_refuse() - count, trace and (rate limited) announce a refusal
 * @dn: the instance
 * @side: where
 * @reason: why
 * @from: source of the message, or NULL
 * @who: whom it is from, and whether that is certain; or NULL
 *
 * Softirq safe. Never prints.
 */
void dmk_stats_refuse(struct dmk_net *dn, enum dmk_side side, enum dmk_reason reason,
		      const struct dmk_addr *from, const struct dmk_who *who);

/* sums over the CPUs */
u64 dmk_stats_sum(struct dmk_net *dn, enum dmk_stat stat);
u64 dmk_stats_sum_refused(struct dmk_net *dn, enum dmk_side side, enum dmk_reason reason);

#endif
