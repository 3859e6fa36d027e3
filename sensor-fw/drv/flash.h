/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Three areas of the flash that outlive a restart: the key sector, written by
 * dmikey-provision alone and read where it lies, and the two sectors of the
 * log. Erased flash is all ones; each aligned word of 4 bytes is programmed
 * at most once after an erasure, but for flash_zero(). A file that stands for
 * them (QEMU, dmikey-provision --image) has log A, log B and the key sector, in
 * that order and in their whole length: 16, 16 and 4 KiB on the F405, 1, 1
 * and 2 KiB on the F100. The power may fail between any two
 * half-words, and in the middle of an erasure.
 */
#ifndef DRV_FLASH_H
#define DRV_FLASH_H

#include "port.h"
#include "status.h"

enum flash_log {
	FLASH_LOG_A,
	FLASH_LOG_B,
};

#define FLASH_WORD	4		/* unit of programming, bytes */

/**
 * flash_keys() - the key sector, where it lies
 * @len: its size in bytes
 */
const u8 *flash_keys(u32 *len);

/**
 * flash_log_size() - bytes of one sector of the log that are used; a multiple of 64
 */
u32 flash_log_size(void);

/**
 * flash_read() - read from the log
 * @log: which sector
 * @at: offset in bytes
 * @out: where it goes
 * @len: how many bytes
 *
 * Return: DRV_OK or DRV_FAILED.
 */
enum drv_status flash_read(enum flash_log log, u32 at, void *out, u32 len);

/**
 * flash_program() - program erased words, in ascending order
 * @log: which sector
 * @at: offset in bytes, a multiple of FLASH_WORD
 * @data: what to write
 * @len: its length in bytes, a multiple of FLASH_WORD
 *
 * Return: DRV_OK; DRV_TIMEOUT; DRV_FAILED if the controller says so or the flash
 * does not read back as written.
 */
enum drv_status flash_program(enum flash_log log, u32 at, const void *data, u32 len);

/**
 * flash_zero() - program words to all zeros, whatever they hold: erases a secret
 *	without erasing its sector
 * @log: which sector
 * @at: offset in bytes, a multiple of FLASH_WORD
 * @len: how many bytes, a multiple of FLASH_WORD
 *
 * The F1 refuses to program what is not erased, but for zeros; the F4 clears any
 * bits.
 *
 * Return: as flash_program().
 */
enum drv_status flash_zero(enum flash_log log, u32 at, u32 len);

/**
 * flash_erase() - make a sector all ones
 * @log: which sector
 *
 * Return: DRV_OK, DRV_TIMEOUT or DRV_FAILED.
 */
enum drv_status flash_erase(enum flash_log log);

#endif
