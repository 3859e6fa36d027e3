// SPDX-License-Identifier: GPL-2.0
/* QEMU has no independent watchdog: SysTick's interrupt stands in. */
#include "watchdog.h"

#include "qemu.h"
#include "reset.h"
#include "systick.h"

enum {
	LIMIT_MS = 8000,
};

static volatile u64 fed;
static volatile bool started;

void watchdog_start(void)
{
	watchdog_feed();
	started = true;
}

void watchdog_feed(void)
{
	fed = systick_ms();
}

void qemu_tick(void)
{
	if (started && systick_ms() > fed + LIMIT_MS)
		reset_by_watchdog();
}

const char *watchdog_name(void)
{
	return "QEMU: SysTick stands in for the watchdog, 8 s";
}
