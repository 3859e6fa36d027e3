/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lwIP's compiler and platform: GCC, and no place to print to. There is no
 * LWIP_RAND(): lwIP wants it for port numbers alone, and ours are configured.
 */
#ifndef ARCH_CC_H
#define ARCH_CC_H

#define LWIP_NO_CTYPE_H			1
#define LWIP_NO_INTTYPES_H		1
#define LWIP_NO_UNISTD_H		1
#define LWIP_PLATFORM_DIAG(x)		do { } while (0)
#define LWIP_PLATFORM_ASSERT(x)		do { } while (0)

#endif
