// SPDX-License-Identifier: GPL-2.0
/* PM0063 2.3: half-words, pages of 1 KiB */
#include "flash_chip.h"

#include "layout.h"
#include "regs.h"

enum drv_status flash_chip_program(volatile u32 *to, u32 word)
{
	volatile u16 *half = (volatile u16 *)to;
	enum drv_status s;

	FLASH_CR = FLASH_CR_PG;
	half[0] = word;
	s = flash_chip_wait();
	if (s != DRV_OK)
		return s;
	half[1] = word >> 16;
	return flash_chip_wait();
}

enum drv_status flash_chip_erase(enum flash_log log)
{
	FLASH_CR = FLASH_CR_PER;
	FLASH_AR = (u32)(log == FLASH_LOG_A ? __log_a_start : __log_b_start);
	FLASH_CR |= FLASH_CR_STRT;
	return flash_chip_wait();
}
