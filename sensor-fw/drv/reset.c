// SPDX-License-Identifier: GPL-2.0
#include "reset.h"

#include "layout.h"
#include "regs.h"

#define MAGIC		0x444d4b52	/* "DMKR" */
#define NEAR		256		/* bytes below the stack that count as its overflow */

enum kind {
	KIND_NONE,
	KIND_SOFTWARE,
	KIND_WATCHDOG,
	KIND_HARD,			/* from here on faults, in the order of their vectors */
	KIND_MEMORY,
	KIND_BUS,
	KIND_USAGE,
	KIND_STACK,
};

/* what the core stacks when it enters an exception */
struct frame {
	u32 r0, r1, r2, r3, r12, lr, pc, psr;
};

struct record {
	u32 magic;
	u32 kind;
	u32 pc, lr, cfsr, hfsr, address;
	u32 bad_starts;
	u32 check;
};

static struct record record __attribute__((section(".noinit")));
static u8 cause;
static u8 last;			/* enum kind that led to this start */

void reset_capture(const struct frame *frame);

static u32 checksum(void)
{
	u32 sum = 1;

	for (const u32 *p = &record.magic; p < &record.check; p++)
		sum = sum * 31 + *p;
	return sum;
}

static void make_valid(void)
{
	if (record.magic == MAGIC && record.check == checksum())
		return;
	memset(&record, 0, sizeof(record));
	record.magic = MAGIC;
}

static void __attribute__((noreturn)) restart(enum kind kind)
{
	record.kind = kind;
	record.check = checksum();
	barrier_sync();
	SCB_AIRCR = SCB_AIRCR_RESET;
	for (;;)
		;
}

void reset_now(void)
{
	make_valid();
	restart(KIND_SOFTWARE);
}

void reset_by_watchdog(void)
{
	make_valid();
	restart(KIND_WATCHDOG);
}

static bool stack_overflow(const struct frame *frame, u32 cfsr, u32 address)
{
	u32 bottom = (u32)__stack_bottom;

	return (u32)frame < bottom || cfsr & (SCB_CFSR_MSTKERR | SCB_CFSR_STKERR) ||
	       bottom - address - 1 < NEAR;
}

/* on a stack of its own, see reset_by_fault() */
__attribute__((used)) void reset_capture(const struct frame *frame)
{
	u32 cfsr = SCB_CFSR, exception;

	make_valid();
	record.address = cfsr & SCB_CFSR_MMARVALID ? SCB_MMFAR :
			 cfsr & SCB_CFSR_BFARVALID ? SCB_BFAR : 0;
	record.cfsr = cfsr;
	record.hfsr = SCB_HFSR;
	record.pc = 0;
	record.lr = 0;
	if (stack_overflow(frame, cfsr, record.address))
		restart(KIND_STACK);
	record.pc = frame->pc;
	record.lr = frame->lr;
	__asm__ __volatile__("mrs %0, ipsr" : "=r"(exception));
	restart(exception > 3 ? KIND_HARD + exception - 3 : KIND_HARD);
}

/*
 * The stack may be what is broken. Nothing returns from here, so that the half
 * of it which does not hold the frame is free.
 */
__attribute__((naked)) void reset_by_fault(void)
{
	__asm__ __volatile__("mov	r0, sp\n\t"
			     "movw	r1, #:lower16:__stack_top\n\t"
			     "movt	r1, #:upper16:__stack_top\n\t"
			     "movw	r2, #:lower16:__stack_size\n\t"
			     "sub	r2, r1, r2, lsr #1\n\t"
			     "bic	r2, r2, #7\n\t"
			     "cmp	r0, r2\n\t"
			     "ite	hi\n\t"
			     "movhi	sp, r2\n\t"
			     "movls	sp, r1\n\t"
			     "b	reset_capture");
}

/* the pin last: the chip pulls it itself at every reset */
static enum reset_cause cause_of(u32 csr)
{
	if (csr & RCC_CSR_POWER)
		return RESET_POWER;
	if (csr & RCC_CSR_IWDGRSTF || last == KIND_WATCHDOG)
		return RESET_WATCHDOG;
	if (csr & RCC_CSR_OTHER)
		return RESET_OTHER;
	if (last >= KIND_HARD)
		return RESET_FAULT;
	if (csr & RCC_CSR_SFTRSTF || last == KIND_SOFTWARE)
		return RESET_SOFTWARE;
	return csr & RCC_CSR_PINRSTF ? RESET_PIN : RESET_POWER;
}

void reset_init(void)
{
	make_valid();
	last = record.kind;
	cause = cause_of(RCC_CSR);
	RCC_CSR |= RCC_CSR_RMVF;
	if (cause == RESET_FAULT || cause == RESET_WATCHDOG)
		record.bad_starts++;
	else if (cause == RESET_POWER || cause == RESET_PIN)
		record.bad_starts = 0;
	record.kind = KIND_NONE;
	record.check = checksum();

	/*
	 * Not UNALIGN_TRP: the compiler reads the wire's integers by words, aligned or
	 * not; without that the firmware would be 1 KiB larger.
	 */
	SCB_CCR |= SCB_CCR_DIV_0_TRP;
	SCB_SHCSR |= SCB_SHCSR_MEMFAULTENA | SCB_SHCSR_BUSFAULTENA | SCB_SHCSR_USGFAULTENA;
}

enum reset_cause reset_cause(void)
{
	return cause;
}

const char *reset_cause_name(void)
{
	static const char * const names[] = {
		[RESET_POWER] = "power on",
		[RESET_PIN] = "reset pin",
		[RESET_WATCHDOG] = "watchdog",
		[RESET_SOFTWARE] = "restart",
		[RESET_FAULT] = "fault",
		[RESET_OTHER] = "unknown",
	};

	return names[cause];
}

bool reset_fault(struct reset_fault *f)
{
	static const char * const names[] = {
		"hard fault", "memory fault", "bus fault", "usage fault", "stack overflow",
	};

	if (cause != RESET_FAULT)
		return false;
	*f = (struct reset_fault){
		.pc = record.pc,
		.lr = record.lr,
		.cfsr = record.cfsr,
		.hfsr = record.hfsr,
		.address = record.address,
		.name = names[last - KIND_HARD],
	};
	return true;
}

u32 reset_bad_starts(void)
{
	return record.bad_starts;
}

void reset_all_well(void)
{
	record.bad_starts = 0;
	record.check = checksum();
}
