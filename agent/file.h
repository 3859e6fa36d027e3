/* SPDX-License-Identifier: GPL-2.0 */
/* Files that others read while they are written. */
#ifndef DMK_AGENT_FILE_H
#define DMK_AGENT_FILE_H

#include <stdbool.h>
#include <sys/types.h>

/**
 * dmk_file_replace() - write a file anew
 * @path: the file; PATH.new beside it is used for a moment
 * @text: what is to be in it, and a newline
 * @mode: who may read it
 *
 * A reader sees the old one or the new one.
 *
 * Return: false with errno, and the old one is as it was.
 */
bool dmk_file_replace(const char *path, const char *text, mode_t mode);

#endif
