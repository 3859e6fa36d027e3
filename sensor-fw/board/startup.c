// SPDX-License-Identifier: GPL-2.0
/* From reset to main(), and the vector table. */
#include "cortexm.h"
#include "layout.h"
#include "mpu.h"
#include "reset.h"
#include "stm32.h"
#include "systick.h"
#include "usart.h"

int main(void);
void startup_reset(void);

struct vectors {
	u32 *stack;
	void (*exception[15])(void);
	void (*irq[USART2_IRQ + 1])(void);
};

/*
 * An interrupt that nobody asked for finds a zero here, which is no Thumb
 * address: a usage fault, which is captured.
 */
__attribute__((section(".vectors"), used))
static const struct vectors vectors = {
	.stack = __stack_top,
	.exception = {
		startup_reset,
		reset_by_fault,		/* NMI */
		reset_by_fault,		/* HardFault */
		reset_by_fault,		/* MemManage */
		reset_by_fault,		/* BusFault */
		reset_by_fault,		/* UsageFault */
		[14] = systick_irq,
	},
	.irq = {
		[USART2_IRQ] = usart_net_irq,
	},
};

__attribute__((used, noreturn)) void startup_reset(void)
{
	const u32 *from = __data_load;

	SCB_VTOR = (u32)&vectors;
	mpu_stack_paint();
	for (u32 *to = __data_start; to < __data_end; to++)
		*to = *from++;
	for (u32 *to = __bss_start; to < __bss_end; to++)
		*to = 0;
	main();
	reset_now();
}
