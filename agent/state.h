/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What has to survive a restart: the last COUNTER of each sensor and the highest
 * NTP-UTC T that was accepted (protocol.md 7.1), which warnings were given, and the
 * certificates that the module opens messages for.
 */
#ifndef DMK_AGENT_STATE_H
#define DMK_AGENT_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "identity.h"

struct dmk_state;

/* a certificate; free() */
struct dmk_der {
	size_t len;
	uint8_t data[];
};

struct dmk_der *dmk_der_new(const void *data, size_t len);

/**
 * dmk_state_open() - open or make state.db
 * @dir: its directory; made with mode 0700 if it is missing. One agent at a
 *	time has it: dmikeyd.pid is locked.
 *
 * Return: for dmk_state_close(); NULL with a line in the log.
 */
struct dmk_state *dmk_state_open(const char *dir);
void dmk_state_close(struct dmk_state *s);

/* a COUNTER was accepted; smaller ones than that known are ignored */
void dmk_state_counter(struct dmk_state *s, const struct dmk_identity *id, uint32_t counter);

/**
 * dmk_state_counter_of() - the last one
 * @s: the state
 * @id: whose
 * @counter: the result
 *
 * Return: 1; 0 if none was kept; -1 with a line in the log if it cannot be read,
 * which is not the same: who takes it for none lets in what was accepted before.
 */
int dmk_state_counter_of(struct dmk_state *s, const struct dmk_identity *id,
			 uint32_t *counter);

void dmk_state_highest_t(struct dmk_state *s, uint64_t t);

/* The module may have accepted a T and nobody heard of it: before the state was
 * opened, and when events were lost. By clocks that are right it was before now.
 */
void dmk_state_missed(struct dmk_state *s);

/* the later of what was heard and what may have been missed */
uint64_t dmk_state_highest_t_of(const struct dmk_state *s);

/**
 * dmk_state_warn() - whether a warning is to be given
 * @s: the state
 * @item: SHA-256 of what expires
 * @days: before it does
 * @expires: when, Unix seconds
 *
 * Return: true once for each item and number of days, over restarts, too.
 */
bool dmk_state_warn(struct dmk_state *s, const uint8_t item[DMK_HASH_LEN], int days,
		    time_t expires);

/* of responders' roles nothing is known any more */
void dmk_state_forget_roles(struct dmk_state *s);

/**
 * dmk_state_role() - the module plays a responder
 * @s: the state
 * @hash: SHA-256 of its certificate, not known yet
 * @cert: the certificate
 * @before: the one before, for which the module opens messages still; or NULL
 */
void dmk_state_role(struct dmk_state *s, const uint8_t hash[DMK_HASH_LEN],
		    const struct dmk_der *cert, const struct dmk_der *before);

/**
 * dmk_state_role_of() - what was kept of it
 * @s: the state
 * @hash: of the certificate that the module has
 * @cert, @before: the result
 *
 * Return: whether it was.
 */
bool dmk_state_role_of(struct dmk_state *s, const uint8_t hash[DMK_HASH_LEN],
		       struct dmk_der **cert, struct dmk_der **before);

/**
 * dmk_state_due() - how long what is new may still wait
 * @s: the state
 *
 * Return: milliseconds until dmk_state_flush(), at most 1000; -1: nothing waits.
 */
int dmk_state_due(const struct dmk_state *s);

/* milliseconds of CLOCK_BOOTTIME, never 0 */
long long dmk_state_now(void);

/* make everything durable; false if anything since the last time was not written,
 * with a line in the log
 */
bool dmk_state_flush(struct dmk_state *s);

#endif
