/* SPDX-License-Identifier: GPL-2.0 */
/* The parts of one running agent. */
#ifndef DMK_AGENT_H
#define DMK_AGENT_H

#include "config.h"
#include "netlink.h"
#include "state.h"

struct dmk_refusals;
struct dmk_registry;
struct dmk_told;
struct dmk_seen;

/**
 * struct dmk_agent - one running agent
 * @config: what is wanted
 * @path: its file
 * @loaded: when it was read, Unix seconds
 * @refused: what is there now is bad, and this is the one from before
 * @status: file that says how the agent is; NULL: none
 * @status_text: what is in it
 * @refusals: the last ones
 * @state: what survives a restart
 * @dir: the state directory
 * @registry: sensors that no file names
 * @known: sensors that the module knows, or may know by now
 * @sweep: when they are looked through next, dmk_state_now()
 * @watch: when it is looked what expires, the same; 0: at once
 * @nl: the way to the module
 * @told: what the module was told of the configuration (apply.c)
 * @seen: third parties whose certificates came in messages (seen.c)
 */
struct dmk_agent {
	struct dmk_config *config;
	const char *path;
	time_t loaded;
	bool refused;
	const char *status;
	char *status_text;
	struct dmk_refusals *refusals;
	struct dmk_state *state;
	const char *dir;
	struct dmk_registry *registry;
	size_t known;
	long long sweep;
	long long watch;
	struct dmk_netlink *nl;
	struct dmk_told *told;
	struct dmk_seen *seen;
};

#endif
