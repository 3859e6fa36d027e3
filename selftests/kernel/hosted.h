/* SPDX-License-Identifier: GPL-2.0 */
/* What the unit tests take from a hosted C library, in the kernel's words. */
#ifndef HOSTED_H
#define HOSTED_H

#include <linux/bug.h>
#include <linux/slab.h>

#define malloc(n)	kmalloc(n, GFP_KERNEL | __GFP_NOFAIL)
#define calloc(n, size)	kcalloc(n, size, GFP_KERNEL | __GFP_NOFAIL)
#define free(p)		kfree(p)
#define abort()		BUG()

#endif
