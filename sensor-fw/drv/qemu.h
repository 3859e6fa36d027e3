/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What QEMU lacks is substituted, and what never fails there can be made to,
 * by options on QEMU's command line (qemu.c has the list). A release has none of it:
 * the functions are empty, and nothing calls the host.
 */
#ifndef DRV_QEMU_H
#define DRV_QEMU_H

#include "port.h"

#ifdef DMK_QEMU

enum {
	QEMU_OPTION_MAX = 384,	/* all options together */
};

/**
 * qemu_start() - check the options; those that are unknown end QEMU with status 2
 */
void qemu_start(void);

/**
 * qemu_option() - look up key=value
 * @key: the key
 * @value: copy of the value, terminated; overwritten also without one
 *
 * Return: whether it is there.
 */
bool qemu_option(const char *key, char value[QEMU_OPTION_MAX]);

/**
 * qemu_number() - the value of an option as a number, or @otherwise
 */
u32 qemu_number(const char *key, u32 otherwise);

/**
 * qemu_cpu_hz() - what SysTick counts, instead of what the clocks say
 */
u32 qemu_cpu_hz(u32 hz);

/**
 * qemu_speed() - milliseconds that pass in one
 */
u32 qemu_speed(void);

/**
 * qemu_tick() - once a millisecond, in the interrupt: the watchdog
 */
void qemu_tick(void);

/**
 * qemu_poll() - once a round of the main loop: provoke the fault that was asked for
 */
void qemu_poll(void);

/**
 * qemu_uart_hangs() - whether the network line is to hang
 */
bool qemu_uart_hangs(void);

/**
 * qemu_flash_name() - what the log is, for the console
 */
const char *qemu_flash_name(void);

/**
 * qemu_substitute() - board_substitutes()
 */
const char *qemu_substitute(u32 i);

#else

static inline void qemu_start(void)
{
}

static inline u32 qemu_cpu_hz(u32 hz)
{
	return hz;
}

static inline u32 qemu_speed(void)
{
	return 1;
}

static inline void qemu_tick(void)
{
}

static inline void qemu_poll(void)
{
}

static inline bool qemu_uart_hangs(void)
{
	return false;
}

static inline const char *qemu_substitute(u32 i)
{
	(void)i;
	return NULL;
}

#endif
#endif
