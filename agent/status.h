/* SPDX-License-Identifier: GPL-2.0 */
/* How the agent is, for everybody to read: status.json, dmikeyd(8). */
#ifndef DMK_AGENT_STATUS_H
#define DMK_AGENT_STATUS_H

#include "agent.h"

/**
 * dmk_status_write() - write the file anew
 * @a: the agent
 *
 * A reader sees the old one or the new one. Nothing is written if nothing has
 * changed but the time. It holds no secret.
 */
void dmk_status_write(struct dmk_agent *a);

/* the inode of our network namespace, so that nobody takes us for another's agent */
int64_t dmk_status_netns(void);

/* the agent ends */
void dmk_status_remove(struct dmk_agent *a);

#endif
