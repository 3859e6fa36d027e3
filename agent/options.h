/* SPDX-License-Identifier: GPL-2.0 */
/* The grammar of dmikey.conf(5): every option, and which values it takes. */
#ifndef DMK_AGENT_OPTIONS_H
#define DMK_AGENT_OPTIONS_H

#include <confuse.h>

#include "../core/esp.h"
#include "../core/limits.h"

/* room for a path */
#define DMK_OPTIONS_PATH 4096

/**
 * dmk_options_read() - read dmikey.conf and conf.d beside it
 * @path: the file
 *
 * Logs each error as file:line.
 *
 * Return: what they say, for cfg_free(); NULL if anything is wrong.
 */
cfg_t *dmk_options_read(const char *path);

/**
 * dmk_options_path() - a file that an option names
 * @text: absolute, or relative to the directory of dmikey.conf
 * @path: the result
 */
const char *dmk_options_path(const char *text, char path[DMK_OPTIONS_PATH]);

/**
 * dmk_options_address() - read an address, or a prefix
 * @text: "192.0.2.0/24", "2001:db8::1"
 * @addr: the address
 * @addr_len: 4 or 16
 * @prefix: its length; NULL: none is allowed
 */
bool dmk_options_address(const char *text, uint8_t addr[16], uint8_t *addr_len,
			 uint8_t *prefix);

/* enum dmk_suite_bits of a list of suites; both if it is empty */
uint32_t dmk_options_suites(cfg_t *sec);

/**
 * dmk_options_policy() - the ESP policy of a policy section
 * @sec: the section
 * @param: its parameters as they stand in SP
 * @len: their length
 *
 * Return: false if there is no such policy.
 */
bool dmk_options_policy(cfg_t *sec, uint8_t param[64], uint8_t *len);

/* log an error at a section; @sec: NULL for none */
__attribute__((format(printf, 2, 3)))
void dmk_options_complain(cfg_t *sec, const char *fmt, ...);

/* errors since dmk_options_read() began */
unsigned int dmk_options_errors(void);

#endif
