/* SPDX-License-Identifier: GPL-2.0 */
/* dmikey-sensor: time stamps that no restart and no power cut repeats. */
#ifndef SENSOR_STORE_H
#define SENSOR_STORE_H

#include "sensor_conf.h"
#include "stamp.h"

struct sensor_store {
	const struct sensor_conf *conf;
	struct dmk_stamp stamp;
	int lock;
};

/**
 * sensor_store_open() - read the state file; a missing one is a first start
 * @s: the result
 * @conf: names the file
 *
 * The file stays locked, so that two sensors cannot share it.
 *
 * Return: 0, or -1, which has been said on standard error.
 */
int sensor_store_open(struct sensor_store *s, const struct sensor_conf *conf);

void sensor_store_close(struct sensor_store *s);

/* the next T, for struct dmk_initiator_ops */
int sensor_store_next(struct sensor_store *s, u64 *t);

#endif
