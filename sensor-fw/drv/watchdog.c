// SPDX-License-Identifier: GPL-2.0
#include "watchdog.h"

#include "regs.h"

enum {
	SPINS = 100000,		/* five periods of the LSI, 17 kHz at worst */
};

/* starting it starts the LSI, which the registers need to take their values */
void watchdog_start(void)
{
	u32 spins = SPINS;

	IWDG_KR = IWDG_KR_START;
	IWDG_KR = IWDG_KR_ACCESS;
	IWDG_PR = IWDG_PRESCALER;
	IWDG_RLR = IWDG_RELOAD;
	while (IWDG_SR && --spins)
		;
	watchdog_feed();
}

void watchdog_feed(void)
{
	IWDG_KR = IWDG_KR_FEED;
}

const char *watchdog_name(void)
{
	return "watchdog 8 s";
}
