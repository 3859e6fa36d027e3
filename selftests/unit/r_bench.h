/* SPDX-License-Identifier: GPL-2.0 */
/*
 * R on the host: kmod's responder.c, group.c, establish.c, rule.c and count.c as they
 * are, between a cache of envelope keys, a memory of messages and of groups, and
 * a session that is only noted. Third parties are numbered; each has an envelope
 * key with R, so that every message 3 is of the cached form.
 */
#ifndef R_BENCH_H
#define R_BENCH_H

#include "esp.h"
#include "reason.h"

#define R_BENCH_TPS	17	/* 16 of a session, and one that no rule names */

/**
 * struct r_verdict - what R says of a candidate
 * @tp: the third party's number
 * @x: position
 * @wrong: verdict
 */
struct r_verdict {
	int tp;
	u8 x;
	bool wrong;
};

/**
 * struct r_bench - what came of it
 * @sessions: established
 * @keys: of the newest one
 * @verdicts: of the newest one
 * @n_verdicts: their number
 * @r_i: message 5
 * @r_i_len: its length
 */
struct r_bench {
	unsigned int sessions;
	struct dmk_esp_keys keys[2];
	struct r_verdict verdicts[DMK_CANDIDATES_MAX];
	unsigned int n_verdicts;
	u8 r_i[DMK_SENSOR_MSG_MAX];
	u32 r_i_len;
};

/* one R at a time. Its rule: @sensor, vouched for by third parties 0 to @n - 1, @min_k */
struct r_bench *r_bench_new(struct dmk_crypto *c, const struct dmk_id *sensor,
			    const struct dmk_id *responder, u8 n, u8 min_k);
/* R ends. A reference, a group or a timer that is left ends the program */
void r_bench_free(struct r_bench *r);

/* third party @i: its name, and the envelope key that it shares with R */
struct dmk_id r_bench_tp_id(u8 i);
void r_bench_envelope(u8 i, u8 key[DMK_ENVELOPE_LEN], u8 envid[DMK_ENVID_LEN]);

/* NTP-UTC of R's clock */
u64 r_bench_now(void);

/* a datagram; what R has to say of it */
enum dmk_reason r_bench_receive(const u8 *data, u32 len);

#endif
