/* SPDX-License-Identifier: GPL-2.0 */
/* From what the module knows to what the configuration wants. */
#ifndef DMK_AGENT_APPLY_H
#define DMK_AGENT_APPLY_H

#include "agent.h"

struct dmk_told *dmk_apply_new(void);
void dmk_apply_free(struct dmk_told *told);

/**
 * dmk_apply_start() - meet a module, new or left behind by another agent
 * @a: the agent
 *
 * What the module knows and nobody wants is removed; all that is wanted is
 * told. It begins to listen when it knows the rest.
 */
void dmk_apply_start(struct dmk_agent *a);

/**
 * dmk_apply_change() - tell the difference
 * @a: the agent; its configuration, or the validity of a certificate, has changed
 *
 * What did not change is not touched.
 */
void dmk_apply_change(struct dmk_agent *a);

/* the registry has changed */
void dmk_apply_registry(struct dmk_agent *a);

#endif
