// SPDX-License-Identifier: GPL-2.0
#include "console.h"
#include "count.h"

#define TIM2_CR1	(*(volatile u32 *)0x40000000)
#define TIM2_CNT	(*(volatile u32 *)0x40000024)
#define TIM2_ARR	(*(volatile u32 *)0x4000002c)

#define SYS_EXIT	0x18
#define EXIT_GOOD	0x20026		/* ADP_Stopped_ApplicationExit */
#define EXIT_BAD	0x20023		/* ADP_Stopped_RunTimeErrorUnknown */

/* own: what an empty piece seems to take; pause_own: what an empty pause leaves */
static u32 since, paused, own, pause_own, pieces;

__attribute__((noinline)) void count_begin(void)
{
	since = TIM2_CNT;
}

__attribute__((noinline)) void count_end(struct count *c)
{
	u32 now = TIM2_CNT;

	c->total += now - since - own;
	c->to = ++pieces;
	if (!c->from)
		c->from = pieces;
}

/* a pause moves the beginning */
__attribute__((noinline)) void count_pause(void)
{
	paused = TIM2_CNT;
}

__attribute__((noinline)) void count_resume(void)
{
	since += TIM2_CNT - paused + pause_own;
}

void count_start(void)
{
	struct count empty = { 0 }, pause = { 0 };

	TIM2_ARR = 0xffffffff;
	TIM2_CR1 = 1;
	count_begin();
	count_end(&empty);
	own = empty.total;
	count_begin();
	count_pause();
	count_resume();
	count_end(&pause);
	pause_own = pause.total;
	pieces = 0;
}

void report_count(const char *key, const struct count *c)
{
	console_text("count ");
	console_text(key);
	console_text(" ");
	console_number(c->total);
	console_text(" ");
	console_number(c->from);
	console_text(" ");
	console_number(c->to);
	console_end();
}

void report_number(const char *key, u32 value, const char *unit)
{
	console_text("number ");
	console_text(key);
	console_text(" ");
	console_number(value);
	console_text(" ");
	console_text(unit);
	console_end();
}

/* semihosting; the QEMU images' own (drv/qemu.h) has no end */
static void __attribute__((noreturn)) leave(u32 why)
{
	register u32 op __asm__("r0") = SYS_EXIT;
	register u32 arg __asm__("r1") = why;

	__asm__ volatile("bkpt 0xab" : : "r"(op), "r"(arg) : "memory");
	for (;;)
		;
}

void report_end(const char *what)
{
	if (!what)
		leave(EXIT_GOOD);
	console_text("failed: ");
	console_text(what);
	console_end();
	leave(EXIT_BAD);
}
