/* SPDX-License-Identifier: GPL-2.0 */
/* What the two flash controllers do differently; flash.c does the rest. */
#ifndef DRV_FLASH_CHIP_H
#define DRV_FLASH_CHIP_H

#include "flash.h"

/**
 * flash_chip_wait() - until the controller has finished; 3 s at most
 */
enum drv_status flash_chip_wait(void);

/**
 * flash_chip_program() - one word, the controller being unlocked
 * @to: where
 * @word: what
 */
enum drv_status flash_chip_program(volatile u32 *to, u32 word);

/**
 * flash_chip_erase() - one sector of the log, the controller being unlocked
 */
enum drv_status flash_chip_erase(enum flash_log log);

#endif
