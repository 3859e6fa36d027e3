// SPDX-License-Identifier: GPL-2.0
/* The only file with a call to the host. On a chip it would be a fault. */
#include "semihost.h"

enum op {
	SYS_OPEN = 0x01,
	SYS_WRITE0 = 0x04,
	SYS_WRITE = 0x05,
	SYS_READ = 0x06,
	SYS_SEEK = 0x0a,
	SYS_GET_CMDLINE = 0x15,
	SYS_EXIT_EXTENDED = 0x20,
};

#define ADP_STOPPED_APPLICATION_EXIT	0x20026

static int call(enum op op, const void *argument)
{
	register int r0 __asm__("r0") = op;
	register const void *r1 __asm__("r1") = argument;

	__asm__ __volatile__("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
	return r0;
}

int semihost_open(const char *path, enum semihost_mode mode)
{
	const u32 a[] = { (u32)path, mode, strlen(path) };

	return call(SYS_OPEN, a);
}

bool semihost_read(int file, void *to, u32 len)
{
	const u32 a[] = { file, (u32)to, len };

	return call(SYS_READ, a) == 0;
}

bool semihost_write(int file, const void *from, u32 len)
{
	const u32 a[] = { file, (u32)from, len };

	return call(SYS_WRITE, a) == 0;
}

bool semihost_seek(int file, u32 at)
{
	const u32 a[] = { file, at };

	return call(SYS_SEEK, a) == 0;
}

bool semihost_cmdline(char *to, u32 room)
{
	const u32 a[] = { (u32)to, room };

	return call(SYS_GET_CMDLINE, a) == 0;
}

void semihost_exit(const char *text, u32 status)
{
	const u32 a[] = { ADP_STOPPED_APPLICATION_EXIT, status };

	call(SYS_WRITE0, text);
	for (;;)
		call(SYS_EXIT_EXTENDED, a);
}
