/* SPDX-License-Identifier: GPL-2.0 */
/* The parts of one running agent. */
#ifndef DMK_AGENT_H
#define DMK_AGENT_H

#include "config.h"
#include "netlink.h"
#include "state.h"

struct dmk_told;
struct dmk_seen;

/**
 * struct dmk_agent - one running agent
 * @config: what is wanted
 * @state: what survives a restart
 * @nl: the way to the module
 * @told: what the module was told of the configuration (apply.c)
 * @seen: third parties whose certificates came in messages (seen.c)
 */
struct dmk_agent {
	struct dmk_config *config;
	struct dmk_state *state;
	struct dmk_netlink *nl;
	struct dmk_told *told;
	struct dmk_seen *seen;
};

#endif
