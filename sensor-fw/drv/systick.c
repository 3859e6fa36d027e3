// SPDX-License-Identifier: GPL-2.0
#include "systick.h"

#include "cortexm.h"
#include "qemu.h"

static volatile u64 now;

void systick_start(u32 cpu_hz)
{
	SYST_RVR = cpu_hz / 1000 - 1;
	SYST_CVR = 0;
	SYST_CSR = SYST_CSR_CLKSOURCE | SYST_CSR_TICKINT | SYST_CSR_ENABLE;
}

void systick_irq(void)
{
	now += qemu_speed();
	qemu_tick();
}

/* 64 bits are two loads, between which the interrupt may come */
u64 systick_ms(void)
{
	u64 ms;

	do {
		ms = now;
	} while (ms != now);
	return ms;
}

/* with interrupts off WFI still ends when one is pending */
void systick_sleep(bool (*busy)(void))
{
	irq_off();
	if (!busy())
		__asm__ __volatile__("dsb\n\twfi" : : : "memory");
	irq_on();
}
