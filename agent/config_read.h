/* SPDX-License-Identifier: GPL-2.0 */
/* What the files that read a configuration share; nobody else needs it. */
#ifndef DMK_AGENT_CONFIG_READ_H
#define DMK_AGENT_CONFIG_READ_H

#include <confuse.h>

#include "config.h"

/* zeroed; without memory there is no agent */
void *dmk_config_allocate(size_t n, size_t size);
/* the absolute path of a file that an option names; the caller's */
char *dmk_config_path(const char *text);
/* "file:line" of a section; the caller's */
char *dmk_config_place(cfg_t *sec);
/* the policy sections of a section; the caller's */
struct dmk_policy_conf *dmk_config_policies(cfg_t *sec, size_t *n);

/* config_host.c */
void dmk_config_hosts(cfg_t *cfg, struct dmk_config *c);
void dmk_config_check_hosts(const struct dmk_config *c);
void dmk_config_free_hosts(struct dmk_config *c);

#endif
