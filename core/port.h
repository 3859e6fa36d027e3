/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What core/ needs from the place that it is compiled in: the kernel,
 * userspace or the firmware.
 */
#ifndef DMK_PORT_H
#define DMK_PORT_H

#ifdef __KERNEL__
#include <linux/bitops.h>
#include <linux/build_bug.h>
#include <linux/kernel.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/types.h>
#define dmk_wipe(p, n) memzero_explicit(p, n)
#else
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#endif
#ifndef BIT
#define BIT(n) (1UL << (n))
#endif

/**
 * dmk_wipe() - erase a secret; not removed by the compiler
 * @p: the memory
 * @n: its length in bytes
 */
static inline void dmk_wipe(void *p, size_t n)
{
	memset(p, 0, n);
	__asm__ __volatile__("" : : "r"(p) : "memory");
}
#endif

#endif
