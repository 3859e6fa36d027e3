/* SPDX-License-Identifier: GPL-2.0 */
/* One sensor, from the configuration or from the registry. */
#ifndef DMK_AGENT_SENSOR_H
#define DMK_AGENT_SENSOR_H

#include "registry.h"

struct dmk_agent;

/**
 * struct dmk_sensor - a sensor as the module is told of it
 * @row: what is said of it; psk and master have been followed to @serial
 * @serial: its key in the kernel
 * @derived: that is a master key
 */
struct dmk_sensor {
	struct dmk_registered row;
	int32_t serial;
	bool derived;
};

enum dmk_sensor_answer {
	DMK_SENSOR_NO,
	DMK_SENSOR_YES,
	DMK_SENSOR_UNSURE,		/* the registry cannot be read: no news are given */
};

/**
 * dmk_sensor_find() - what is known of a sensor
 * @a: the agent
 * @id: its identity
 * @s: the sensor, with DMK_SENSOR_YES
 * @why: why not, else
 *
 * A deny list comes first, then a section of its own, then the registry, then
 * its realm's section. A registry that cannot be read may deny anybody.
 */
enum dmk_sensor_answer dmk_sensor_find(struct dmk_agent *a, const struct dmk_identity *id,
				       struct dmk_sensor *s, const char **why);

#endif
