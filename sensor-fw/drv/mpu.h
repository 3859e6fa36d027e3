/* SPDX-License-Identifier: GPL-2.0 */
/* Memory protection. */
#ifndef DRV_MPU_H
#define DRV_MPU_H

#include "port.h"

/**
 * struct mpu_region - what may be done where; a board has a table of them
 * @base: address, a multiple of the size
 * @attributes: MPU_RASR_..., without MPU_RASR_ENABLE
 */
struct mpu_region {
	const void *base;
	u32 attributes;
};

/* the board's; ends with zeros; where two overlap, the later one holds */
extern const struct mpu_region board_regions[];

/**
 * mpu_start() - code can be read and executed, RAM read and written but not
 *	executed, peripherals and the log not executed, the key sector only read;
 *	nothing else can be touched at all, and that includes the addresses below
 *	the stack
 *
 * Return: false on chips without a memory protection unit.
 */
bool mpu_start(void);

/**
 * mpu_stack_paint() - for startup: fill what is free of the stack with a pattern
 */
void mpu_stack_paint(void);

/**
 * mpu_stack_deepest() - bytes of stack used at most since the start
 * @size: the stack's size in bytes
 */
u32 mpu_stack_deepest(u32 *size);

#endif
