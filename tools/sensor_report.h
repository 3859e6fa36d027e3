/* SPDX-License-Identifier: GPL-2.0 */
/* dmikey-sensor: one line an event, in words or as JSON. */
#ifndef SENSOR_REPORT_H
#define SENSOR_REPORT_H

#include "sensor_conf.h"

/**
 * sensor_report_event() - news from the machine
 * @conf: names of third parties; JSON or words
 * @e: the event
 */
void sensor_report_event(const struct sensor_conf *conf, const struct dmk_event *e);

/* keys were installed; a reading was sent; a datagram was refused */
void sensor_report_install(const struct sensor_conf *conf, const struct dmk_sa_pair *sa);
void sensor_report_reading(const struct sensor_conf *conf, unsigned int seq, const char *text);
void sensor_report_refusal(const struct sensor_conf *conf, int party, enum dmk_reason reason,
			   u32 len);

/* a datagram went out to a third party */
void sensor_report_sent(const struct sensor_conf *conf, int party, u32 len);

/* the last line: what was reached */
void sensor_report_end(const struct sensor_conf *conf, unsigned int sessions,
		       unsigned int readings, const char *why);

#endif
