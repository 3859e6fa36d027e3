/* SPDX-License-Identifier: GPL-2.0 */
/* The independent watchdog: 8 s, cannot be stopped. */
#ifndef DRV_WATCHDOG_H
#define DRV_WATCHDOG_H

/**
 * watchdog_start() - from now on it wants to be fed
 */
void watchdog_start(void);

/**
 * watchdog_feed() - called by the main loop, once a round, and while a start is held up
 */
void watchdog_feed(void);

/**
 * watchdog_name() - for the console: what watches ("watchdog 8 s", or in a QEMU
 *	build that SysTick stands in)
 */
const char *watchdog_name(void);

#endif
