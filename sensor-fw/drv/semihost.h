/* SPDX-License-Identifier: GPL-2.0 */
/* Files and options of the host that runs QEMU (ARM IHI 0100). QEMU builds only. */
#ifndef DRV_SEMIHOST_H
#define DRV_SEMIHOST_H

#include "port.h"

enum semihost_mode {
	SEMIHOST_READ = 1,	/* "rb" */
	SEMIHOST_UPDATE = 3,	/* "r+b" */
};

/**
 * semihost_open() - a file that exists
 *
 * Return: its handle, greater than 0, or -1.
 */
int semihost_open(const char *path, enum semihost_mode mode);

/**
 * semihost_read() - all of @len bytes from where the file stands, or false
 */
bool semihost_read(int file, void *to, u32 len);

/**
 * semihost_write() - all of @len bytes, in one write of the host's, or false
 */
bool semihost_write(int file, const void *from, u32 len);

/**
 * semihost_seek() - to @at bytes from the start, or false
 */
bool semihost_seek(int file, u32 at);

/**
 * semihost_cmdline() - the options, separated by spaces, terminated
 *
 * Return: false if they do not fit.
 */
bool semihost_cmdline(char *to, u32 room);

/**
 * semihost_exit() - end QEMU
 * @text: said on its standard error
 * @status: exit status
 */
void semihost_exit(const char *text, u32 status) __attribute__((noreturn));

#endif
