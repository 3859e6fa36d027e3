/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DMK_AGENT_NOTIFY_H
#define DMK_AGENT_NOTIFY_H

/**
 * dmk_notify() - tell systemd, if it started us with Type=notify
 * @state: sd_notify(3)'s text, "READY=1"
 */
void dmk_notify(const char *state);

#endif
