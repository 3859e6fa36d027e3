/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What has to survive a restart (protocol.md 7.1): the last COUNTER of each
 * sensor and the highest NTP-UTC T that was accepted.
 */
#ifndef DMK_AGENT_STATE_H
#define DMK_AGENT_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "identity.h"

struct dmk_state;

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

/* the last one; false if none is known */
bool dmk_state_counter_of(struct dmk_state *s, const struct dmk_identity *id,
			  uint32_t *counter);

void dmk_state_highest_t(struct dmk_state *s, uint64_t t);
uint64_t dmk_state_highest_t_of(const struct dmk_state *s);

/**
 * dmk_state_due() - how long what is new may still wait
 * @s: the state
 *
 * Return: milliseconds until dmk_state_flush(), at most 1000; -1: nothing waits.
 */
int dmk_state_due(const struct dmk_state *s);

/* make everything durable; false with a line in the log */
bool dmk_state_flush(struct dmk_state *s);

#endif
