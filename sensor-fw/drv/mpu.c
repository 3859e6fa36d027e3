// SPDX-License-Identifier: GPL-2.0
#include "mpu.h"

#include "cortexm.h"
#include "layout.h"

#define PAINT	0x5afe57ac	/* no address, and no byte repeated */

bool mpu_start(void)
{
	if (!(MPU_TYPE & MPU_TYPE_DREGION))
		return false;
	for (u32 i = 0; board_regions[i].attributes; i++) {
		MPU_RBAR = (u32)board_regions[i].base | MPU_RBAR_VALID | i;
		MPU_RASR = board_regions[i].attributes | MPU_RASR_ENABLE;
	}
	MPU_CTRL = MPU_CTRL_ENABLE;
	barrier_sync();
	return true;
}

void mpu_stack_paint(void)
{
	u32 *free;

	__asm__ __volatile__("mov %0, sp" : "=r"(free));
	while (free > __stack_bottom)
		*--free = PAINT;
}

u32 mpu_stack_deepest(u32 *size)
{
	const u32 *p = __stack_bottom;

	while (p < __stack_top && *p == PAINT)
		p++;
	*size = (u32)__stack_size;
	return (u32)__stack_top - (u32)p;
}
