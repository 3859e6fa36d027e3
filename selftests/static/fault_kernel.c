// SPDX-License-Identifier: GPL-2.0
/* Wrong on purpose: what the tools that read the kernel's C must find. Compiled by
 * scripts/static.sh beside the module, never into it.
 */
#include <linux/compiler.h>
#include <linux/slab.h>
#include <linux/types.h>

struct fault {
	u32 value;
};

u32 fault_endian(__be32 x);
u32 fault_stack(void);
u32 fault_freed(struct fault *f);

/* sparse: a big-endian number as one of the host */
u32 fault_endian(__be32 x)
{
	return x;
}

/* gcc, W=1: no prototype */
u32 fault_prototype(void)
{
	return 1;
}

/* -fstack-usage */
u32 fault_stack(void)
{
	u8 large[2000] = { 0 };

	barrier_data(large);
	return large[0];
}

/* coccinelle, free/kfree.cocci */
u32 fault_freed(struct fault *f)
{
	kfree(f);
	return f->value;
}

/* checkpatch */
static inline u32 fault_style(u32 x)
{
	if(x)
		return 2;
	return 3;
}
