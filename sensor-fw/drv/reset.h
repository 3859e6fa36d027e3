/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why the chip started, and what is remembered over a restart. The memory is
 * RAM that startup leaves alone, with a checksum: after a loss of power it is
 * empty, and says so.
 */
#ifndef DRV_RESET_H
#define DRV_RESET_H

#include "port.h"

/**
 * enum reset_cause - the reason of the last start
 */
enum reset_cause {
	RESET_POWER,		/* power on, or brown-out */
	RESET_PIN,
	RESET_WATCHDOG,
	RESET_SOFTWARE,		/* reset_now() */
	RESET_FAULT,		/* a fault was captured; reset_fault() has it */
	RESET_OTHER,
};

/**
 * struct reset_fault - what a fault left
 * @pc: where it happened; 0 if the stack was too full for the core to note it
 * @lr: return address; 0 likewise
 * @cfsr: Configurable Fault Status Register
 * @hfsr: HardFault Status Register
 * @address: BFAR or MMFAR if valid, else 0
 * @name: "hard fault", "memory fault", "bus fault", "usage fault" or "stack overflow"
 */
struct reset_fault {
	u32 pc;
	u32 lr;
	u32 cfsr;
	u32 hfsr;
	u32 address;
	const char *name;
};

/**
 * reset_init() - read and clear the reason; first thing in main()
 */
void reset_init(void);

enum reset_cause reset_cause(void);

/**
 * reset_cause_name() - in words, for the console
 */
const char *reset_cause_name(void);

/**
 * reset_fault() - the captured fault
 * @f: the result
 *
 * Return: whether there was one.
 */
bool reset_fault(struct reset_fault *f);

/**
 * reset_bad_starts() - starts in a row that came from a fault or the watchdog
 *	and were never followed by reset_all_well()
 */
u32 reset_bad_starts(void);

/**
 * reset_all_well() - the firmware has done what it is for: forget bad starts
 */
void reset_all_well(void);

/**
 * reset_now() - start again; does not return
 */
void reset_now(void) __attribute__((noreturn));

/**
 * reset_by_watchdog() - for what stands in for the watchdog in QEMU
 */
void reset_by_watchdog(void) __attribute__((noreturn));

/**
 * reset_by_fault() - the vector of all faults
 */
void reset_by_fault(void);

#endif
