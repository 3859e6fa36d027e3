// SPDX-License-Identifier: GPL-2.0
/*
 * RM0090 3.6, one bank: while it erases (1.1 s at most) the core waits for its
 * next instruction, unless that is in the cache.
 */
#include "flash_chip.h"

#include "regs.h"

enum drv_status flash_chip_program(volatile u32 *to, u32 word)
{
	FLASH_CR = FLASH_CR_PSIZE_32 | FLASH_CR_PG;
	*to = word;
	return flash_chip_wait();
}

enum drv_status flash_chip_erase(enum flash_log log)
{
	u32 sector = log == FLASH_LOG_A ? FLASH_SECTOR_A : FLASH_SECTOR_B;

	FLASH_CR = FLASH_CR_PSIZE_32 | FLASH_CR_SER | FLASH_CR_SNB(sector);
	FLASH_CR |= FLASH_CR_STRT;
	return flash_chip_wait();
}
