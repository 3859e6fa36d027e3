/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The sensors that the module knows: those that it has asked for, and not all
 * of a million. It forgets none by itself, for what it knows of a COUNTER has
 * to be kept first.
 */
#ifndef DMK_AGENT_KNOWN_H
#define DMK_AGENT_KNOWN_H

#include "agent.h"

/**
 * dmk_known_compare() - compare them with what is wanted
 * @a: the agent
 *
 * Their COUNTERs are kept; whoever is not wanted is removed, whose entry has
 * changed is told anew.
 */
void dmk_known_compare(struct dmk_agent *a);

/* one more was told; false: it is time to have some forgotten */
bool dmk_known_count(struct dmk_agent *a);

/**
 * dmk_known_sweep() - have the module forget those that are not in use
 * @a: the agent
 *
 * First their COUNTERs are made durable. A sensor that has used another one
 * since stays.
 */
void dmk_known_sweep(struct dmk_agent *a);

/* milliseconds until the next dmk_known_sweep(), -1: there is nobody to forget */
int dmk_known_due(const struct dmk_agent *a);

#endif
