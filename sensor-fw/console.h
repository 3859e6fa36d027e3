/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Status lines, one an event, in words:
 *
 *	[12.345] third party gw2: no answer
 *
 * There is no printf() here: a line is put together from pieces.
 */
#ifndef CONSOLE_H
#define CONSOLE_H

#include "crypto.h"

/**
 * console_begin() - a line begins: the time, then @what
 * @what: what the line is about, with its colon and space
 */
void console_begin(const char *what);

/**
 * console_text() - go on with @s
 */
void console_text(const char *s);

/**
 * console_bytes() - go on with characters from outside; what is not printable
 *	becomes '?'
 */
void console_bytes(struct dmk_span s);

/**
 * console_number() - go on with a number in decimal
 */
void console_number(u32 n);

/**
 * console_hex() - go on with 8 hexadecimal digits
 */
void console_hex(u32 n);

/**
 * console_end() - end the line
 */
void console_end(void);

/**
 * console_line() - a whole line: @what, then @s
 */
void console_line(const char *what, const char *s);

#endif
