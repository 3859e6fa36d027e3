/* SPDX-License-Identifier: GPL-2.0 */
/* Memory protection. */
#ifndef DRV_MPU_H
#define DRV_MPU_H

#include "port.h"

/**
 * mpu_start() - flash can be read and executed, RAM read and written but not
 *	executed, peripherals not executed, the key sector only read, and the
 *	guard below the stack not touched at all
 *
 * Return: false on chips without a memory protection unit.
 */
bool mpu_start(void);

/**
 * mpu_stack_deepest() - bytes of stack used at most since the start
 * @size: the stack's size in bytes
 */
u32 mpu_stack_deepest(u32 *size);

#endif
