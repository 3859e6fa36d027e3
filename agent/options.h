/* SPDX-License-Identifier: GPL-2.0 */
/* The grammar of dmikey.conf(5): every option, and which values it takes. */
#ifndef DMK_AGENT_OPTIONS_H
#define DMK_AGENT_OPTIONS_H

#include <confuse.h>

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

/* log an error at a section; @sec: NULL for none */
__attribute__((format(printf, 2, 3)))
void dmk_options_complain(cfg_t *sec, const char *fmt, ...);

/* errors since dmk_options_read() began */
unsigned int dmk_options_errors(void);

#endif
