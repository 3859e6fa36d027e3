/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's copies of our keys, in this process's own keyring: the kernel
 * finds them by serial when a netlink request of this process names them, and
 * they are unlinked when the process ends. A session keyring would be that of
 * whoever started the agent.
 */
#ifndef DMK_AGENT_KEYS_H
#define DMK_AGENT_KEYS_H

#include <stdint.h>

#include "identity.h"

struct dmk_config;

/**
 * dmk_keys_load() - give the kernel the keys that it lacks
 * @c: a configuration; the serials are filled in
 *
 * A PSK of the same sensor keeps its serial and is given the file's bytes.
 * What cannot be loaded is logged and left for the next call.
 */
void dmk_keys_load(struct dmk_config *c);

/**
 * dmk_keys_inherit() - do not load again what is the same
 * @c: a new configuration
 * @old: the one before
 */
void dmk_keys_inherit(struct dmk_config *c, const struct dmk_config *old);

/**
 * dmk_keys_retire() - revoke what the old configuration had and the new one lacks
 * @old: the old one
 * @c: the new one, with its keys loaded
 */
void dmk_keys_retire(const struct dmk_config *old, const struct dmk_config *c);

/**
 * dmk_keys_registered() - give the kernel the PSK of a sensor of the registry
 * @id: the sensor
 * @key_file: its file
 *
 * Done when the module asks for the sensor, and each time that the sensor is
 * compared: the file may have changed.
 *
 * Return: the serial, 0 with a line in the log.
 */
int32_t dmk_keys_registered(const struct dmk_identity *id, const char *key_file);

/* a key goes with the sensor that is forgotten, unless the configuration has it */
void dmk_keys_unlink(const struct dmk_config *c, int32_t serial);

#endif
