/* SPDX-License-Identifier: GPL-2.0 */
/* Words for the administrator, on stderr. Never a secret. */
#ifndef DMK_AGENT_LOG_H
#define DMK_AGENT_LOG_H

#include <stdbool.h>
#include <syslog.h>

/**
 * dmk_log_init() - look where stderr goes
 *
 * Under systemd each line starts with its level as <N>; elsewhere with the
 * program's name.
 */
void dmk_log_init(void);

/* more than notices: each question of the kernel and its answer */
void dmk_log_verbose(void);

/**
 * dmk_log() - one line
 * @level: LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_INFO (shown if verbose)
 * @fmt: without a newline at its end
 */
__attribute__((format(printf, 2, 3)))
void dmk_log(int level, const char *fmt, ...);

/**
 * dmk_log_refusal() - the same for what strangers can cause
 * @name: who is refused; a minute passes between two lines with one name, and
 *	all names together get 30 lines a minute
 * @fmt: what is said
 */
__attribute__((format(printf, 2, 3)))
void dmk_log_refusal(const char *name, const char *fmt, ...);

#endif
