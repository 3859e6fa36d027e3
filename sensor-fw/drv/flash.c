// SPDX-License-Identifier: GPL-2.0
/* The log in the chip's flash. The controller is unlocked only while it works. */
#include "flash.h"

#include "flash_chip.h"
#include "layout.h"
#include "regs.h"
#include "systick.h"

enum {
	WAIT_MS = 3000,		/* more than any erasure takes, less than the watchdog */
};

static u8 *log_start(enum flash_log log)
{
	return log == FLASH_LOG_A ? __log_a_start : __log_b_start;
}

static bool inside(u32 at, u32 len)
{
	return at <= flash_log_size() && len <= flash_log_size() - at;
}

static void unlock(void)
{
	FLASH_KEYR = FLASH_KEYR_1;
	FLASH_KEYR = FLASH_KEYR_2;
	FLASH_SR = FLASH_SR_ERRORS;
}

enum drv_status flash_chip_wait(void)
{
	u64 end = systick_ms() + WAIT_MS;

	while (FLASH_SR & FLASH_SR_BSY)
		if (systick_ms() > end)
			return DRV_TIMEOUT;
	return FLASH_SR & FLASH_SR_ERRORS ? DRV_FAILED : DRV_OK;
}

static void lock(void)
{
	FLASH_CR = FLASH_CR_LOCK;
}

enum drv_status flash_read(enum flash_log log, u32 at, void *out, u32 len)
{
	if (!inside(at, len))
		return DRV_FAILED;
	memcpy(out, log_start(log) + at, len);
	return DRV_OK;
}

/* zeros where @data is NULL */
static enum drv_status program(enum flash_log log, u32 at, const u8 *data, u32 len)
{
	volatile u32 *to = (volatile u32 *)(log_start(log) + at);
	enum drv_status s = DRV_OK;
	u32 word = 0;

	if (!inside(at, len) || (at | len) % FLASH_WORD)
		return DRV_FAILED;
	unlock();
	for (u32 done = 0; done < len && s == DRV_OK; done += FLASH_WORD, to++) {
		if (data)
			memcpy(&word, data + done, sizeof(word));
		s = flash_chip_program(to, word);
		if (s == DRV_OK && *to != word)
			s = DRV_FAILED;
	}
	lock();
	return s;
}

enum drv_status flash_program(enum flash_log log, u32 at, const void *data, u32 len)
{
	return program(log, at, data, len);
}

enum drv_status flash_zero(enum flash_log log, u32 at, u32 len)
{
	return program(log, at, NULL, len);
}

enum drv_status flash_erase(enum flash_log log)
{
	const volatile u32 *p = (const volatile u32 *)log_start(log);
	enum drv_status s;

	unlock();
	s = flash_chip_erase(log);
	lock();
	for (u32 n = flash_log_size() / FLASH_WORD; s == DRV_OK && n; n--)
		if (*p++ != 0xffffffff)
			s = DRV_FAILED;
	return s;
}
