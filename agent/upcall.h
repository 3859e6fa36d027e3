/* SPDX-License-Identifier: GPL-2.0 */
/* What the module asks and tells. */
#ifndef DMK_AGENT_UPCALL_H
#define DMK_AGENT_UPCALL_H

#include "agent.h"

/**
 * dmk_upcall_handle() - answer a question, keep what an event says
 * @cmd: DMK_CMD_UPCALL_NTF or DMK_CMD_EVENT_NTF; others are ignored
 * @attrs: its attributes
 * @agent: struct dmk_agent
 *
 * Every question that can be read is answered once, with yes or with no; why
 * it is no is logged, at most once a minute and name.
 */
void dmk_upcall_handle(uint8_t cmd, struct nlattr **attrs, void *agent);

#endif
