/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counts instructions. In QEMU's STM32F405, TIM2 runs at 1 GHz; under
 * -icount shift=0 an instruction takes one nanosecond: TIM2->CNT is the number
 * of instructions so far, the same in each run. Not cycles, and nothing that
 * hardware could tell.
 */
#ifndef COUNT_H
#define COUNT_H

#include "port.h"

/**
 * struct count - instructions of one thing, in one piece or several
 * @total: instructions
 * @from: number of its first piece; pieces are numbered from 1 as they are run
 * @to: number of its last piece
 */
struct count {
	u32 total;
	u32 from;
	u32 to;
};

/**
 * count_start() - start TIM2 and measure what measuring costs
 */
void count_start(void);

/**
 * count_begin() - from here
 */
void count_begin(void);

/**
 * count_end() - to here; what count_begin() and this take is not counted
 * @c: what it is added to
 */
void count_end(struct count *c);

/**
 * count_pause() - what follows, up to count_resume(), is not counted
 */
void count_pause(void);
void count_resume(void);

/* ---- results, a line each on the console, for scripts/fw-bench.sh */

/**
 * report_count() - print a count as "count KEY INSTRUCTIONS FROM TO"
 */
void report_count(const char *key, const struct count *c);

/**
 * report_number() - print "number KEY VALUE UNIT"
 */
void report_number(const char *key, u32 value, const char *unit);

/**
 * report_end() - end QEMU: with success, or, if @what is not NULL, after a line
 *	about what failed
 */
void report_end(const char *what) __attribute__((noreturn));

/* ends the run if @what was not as it must be */
#define MUST(cond) do { if (!(cond)) report_end(#cond); } while (0)

#endif
