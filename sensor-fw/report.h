/* SPDX-License-Identifier: GPL-2.0 */
/* What the sensor tells on its console: one line an event, in words. */
#ifndef REPORT_H
#define REPORT_H

#include "app.h"
#include "blob.h"
#include "initiator.h"

/**
 * report_keys() - the key sector is good
 */
void report_keys(const struct dmk_blob *b);

/**
 * report_event() - news of the state machine
 * @b: names of the third parties
 * @conf: n and k
 * @e: the news
 */
void report_event(const struct dmk_blob *b, const struct dmk_initiator_conf *conf,
		  const struct dmk_event *e);

/**
 * report_session() - a session's SAs are in use
 */
void report_session(const struct dmk_sa_pair *sa);

/**
 * report_app() - news of the application; readings lost make no more than a line
 *	every 10 s
 */
void report_app(enum app_event e, u32 count);

/**
 * report_refused() - something from the network was refused; a flood of it makes no
 *	more than a line every 10 s
 * @what: "message" or "ESP packet"
 * @why: the reason
 */
void report_refused(const char *what, const char *why);

/**
 * report_stack() - how deep the stack ever was, if deeper than when it was last told
 */
void report_stack(void);

#endif
