/* SPDX-License-Identifier: GPL-2.0 */
/*
 * STM32F405, with the network line's registers in RAM: the driver runs as it is,
 * and the bench gives it the bytes that it receives (line.c).
 */
#ifndef BENCH_REGS_H
#define BENCH_REGS_H

#include "../board/f405/regs.h"

#undef USART2
#define USART2			0x2001bfe0	/* behind RAM of memory.ld */

#endif
