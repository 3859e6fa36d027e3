/* SPDX-License-Identifier: GPL-2.0 */
/* What the unit tests take from a hosted C library, in the kernel's words. */
#ifndef HOSTED_H
#define HOSTED_H

#include <linux/bug.h>
#include <linux/mm.h>
#include <linux/slab.h>

static inline void *hosted_alloc(size_t n, size_t size)
{
	void *p = kvcalloc(n, size, GFP_KERNEL);

	BUG_ON(!p);
	return p;
}

#define malloc(n)	hosted_alloc(1, n)
#define calloc(n, size)	hosted_alloc(n, size)
#define free(p)		kvfree(p)
#define abort()		BUG()

#endif
