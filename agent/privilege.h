/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DMK_AGENT_PRIVILEGE_H
#define DMK_AGENT_PRIVILEGE_H

#include <stdbool.h>

/**
 * dmk_privilege_drop() - keep CAP_NET_ADMIN and nothing else
 * @user: become this user; NULL: stay who we are
 *
 * No core dump and no debugger will see this process's memory.
 *
 * Return: false with a line in the log.
 */
bool dmk_privilege_drop(const char *user);

#endif
