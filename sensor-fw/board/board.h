/* SPDX-License-Identifier: GPL-2.0 */
/* What a board supplies besides its registers and linker script. */
#ifndef BOARD_H
#define BOARD_H

#include "port.h"

/**
 * struct board_clocks - clocks after board_start(), in Hz
 * @cpu: core
 * @bus1: APB1
 * @bus2: APB2
 * @crystal: false if the crystal or the PLL did not start and the internal
 *	oscillator is used
 */
struct board_clocks {
	u32 cpu;
	u32 bus1;
	u32 bus2;
	bool crystal;
};

/**
 * board_start() - clocks, pins, flash wait states; every wait is bounded
 * @clocks: what came of it
 */
void board_start(struct board_clocks *clocks);

/**
 * board_name() - "STM32F405" or "STM32F100"
 */
const char *board_name(void);

/**
 * board_substitutes() - in a QEMU build a line for each thing that is not the
 *	chip's own (flash, watchdog, speed of the clock), else NULL at once
 * @i: 0, 1, …
 */
const char *board_substitutes(u32 i);

#endif
