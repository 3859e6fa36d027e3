/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The last refusals, in memory. What strangers cause has its own half: however
 * many names they invent, what was refused to the authenticated stays.
 */
#ifndef DMK_AGENT_JOURNAL_H
#define DMK_AGENT_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "../core/limits.h"

#define DMK_JOURNAL_HALF	512	/* entries of each half */
#define DMK_JOURNAL_WORD	32	/* a reason, or a message's name, with NUL */
#define DMK_JOURNAL_DETAIL	160

/* an identity as it came: any octets; len 0: none */
struct dmk_journal_id {
	uint8_t type;
	uint8_t len;
	uint8_t data[DMK_ID_MAX];
};

/**
 * struct dmk_refusal - refusals that differ in nothing but time
 * @side: enum dmk_side
 * @authentic: @sensor and @peer are; else it is what a message claims
 * @reason: name of a reason, core/reason.h
 * @sensor: the sensor
 * @peer: the third party or responder at the other end
 * @addr: where it came from, 4 or 16 bytes
 * @addr_len: bytes of @addr; 0: it came from nowhere
 * @message: name of the last such message, or ""
 * @detail: the agent's own words, or ""
 * @count: how many
 * @first: the first of them, Unix seconds
 * @last: the last of them
 * @order: the journal's: larger is newer
 */
struct dmk_refusal {
	uint8_t side;
	bool authentic;
	char reason[DMK_JOURNAL_WORD];
	struct dmk_journal_id sensor;
	struct dmk_journal_id peer;
	uint8_t addr[16];
	uint8_t addr_len;
	char message[DMK_JOURNAL_WORD];
	char detail[DMK_JOURNAL_DETAIL];
	uint64_t count;
	time_t first;
	time_t last;
	uint64_t order;
};

struct dmk_journal;

/* NULL without memory; it takes no more later */
struct dmk_journal *dmk_journal_new(void);
void dmk_journal_free(struct dmk_journal *j);

/**
 * dmk_journal_note() - something was refused
 * @j: the journal
 * @r: its @side to @addr_len say what it is, and it has @message and @detail;
 *	what is unused of its arrays does not matter
 * @now: Unix seconds
 *
 * A full half forgets what was refused longest ago.
 */
void dmk_journal_note(struct dmk_journal *j, const struct dmk_refusal *r, time_t now);

/* each of them, newest first */
void dmk_journal_each(const struct dmk_journal *j,
		      void (*fn)(const struct dmk_refusal *r, void *arg), void *arg);

#endif
