/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's copies of our keys, in this process's own keyring: the kernel
 * finds them by serial when a netlink request of this process names them, and
 * they are unlinked when the process ends. A session keyring would be that of
 * whoever started the agent.
 */
#ifndef DMK_AGENT_KEYS_H
#define DMK_AGENT_KEYS_H

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

#endif
