/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The life of a sensor: who it is (key sector), that it never repeats itself
 * (store), its sessions (core/initiator.h) and what it reports in them
 * (app.h). What happens is told on the console.
 */
#ifndef SENSOR_H
#define SENSOR_H

#include "port.h"

/**
 * enum sensor_state - whether it can work
 */
enum sensor_state {
	SENSOR_RUNS,
	SENSOR_LATER,	/* what failed may pass: sensor_start() again after a pause */
	SENSOR_NEVER,	/* it wants to be provisioned, or repaired */
};

/**
 * sensor_is_dev() - whether the key sector holds development keys
 */
bool sensor_is_dev(void);

/**
 * sensor_start() - read the key sector and the store, start network and session
 * @now: monotonic clock, ms
 *
 * What is wrong stands on the console.
 */
enum sensor_state sensor_start(u64 now);

/**
 * sensor_poll() - handle what has come and what is due
 * @now: monotonic clock, ms
 *
 * Return: whether there is more to do at once.
 */
bool sensor_poll(u64 now);

#endif
