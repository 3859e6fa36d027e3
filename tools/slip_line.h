/* SPDX-License-Identifier: GPL-2.0 */
/* The serial line, or what stands for one. */
#ifndef SLIP_LINE_H
#define SLIP_LINE_H

#include "slip_conf.h"

/**
 * slip_line_open() - open the line; nothing here or later blocks
 *
 * A pty's name is printed on stdout.
 *
 * Return: a descriptor, or -1 with errno.
 */
int slip_line_open(const struct slip_conf *c);

/**
 * slip_line_close() - what has not been sent is given up: waiting for it may take
 *	as long as a flow control that says stop
 */
void slip_line_close(const struct slip_conf *c, int fd);

#endif
