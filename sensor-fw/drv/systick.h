/* SPDX-License-Identifier: GPL-2.0 */
/* The millisecond clock, and sleeping until something happens. */
#ifndef DRV_SYSTICK_H
#define DRV_SYSTICK_H

#include "port.h"

/**
 * systick_start() - 1000 interrupts a second
 * @cpu_hz: the core's clock
 */
void systick_start(u32 cpu_hz);

/**
 * systick_ms() - milliseconds since systick_start(); monotonic
 */
u64 systick_ms(void);

/**
 * systick_sleep() - wait for an interrupt
 * @busy: called with interrupts off: whether there is something to do already
 *
 * Returns after any interrupt, at the latest after 1 ms. No wake-up is lost
 * between @busy and sleeping.
 */
void systick_sleep(bool (*busy)(void));

/**
 * systick_irq() - its interrupt
 */
void systick_irq(void);

#endif
