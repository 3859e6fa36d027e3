// SPDX-License-Identifier: GPL-2.0
/*
 * The log in a file of the host, with the manners of flash: a unit is programmed by
 * one write, only where it is erased; an erasure is many writes. Who kills QEMU
 * between two of them has cut the power. Without a file all is erased and nothing
 * can be written.
 */
#include "flash.h"
#include "qemu.h"
#include "regs.h"
#include "semihost.h"

enum {
	ERASE_STEP = 64,
};

static int file;		/* 0: not opened yet; -1: there is none */
static bool fails;

static bool open_file(void)
{
	char path[QEMU_OPTION_MAX];

	if (!file) {
		fails = qemu_number("flash-fail", 0);
		file = qemu_option("flash", path) ?
		       semihost_open(path, SEMIHOST_UPDATE) : -1;
	}
	return file > 0;
}

const char *qemu_flash_name(void)
{
	return open_file() ? "QEMU: the log is a file of the host" :
	       "QEMU: no file for the log, it reads as erased and cannot be written";
}

static bool seek(enum flash_log log, u32 at)
{
	return semihost_seek(file, log * flash_log_size() + at);
}

static bool inside(u32 at, u32 len)
{
	return at <= flash_log_size() && len <= flash_log_size() - at;
}

enum drv_status flash_read(enum flash_log log, u32 at, void *out, u32 len)
{
	if (!inside(at, len))
		return DRV_FAILED;
	memset(out, 0xff, len);
	if (!open_file() || !len)
		return DRV_OK;
	return seek(log, at) && semihost_read(file, out, len) ? DRV_OK : DRV_FAILED;
}

static bool is_erased(enum flash_log log, u32 at)
{
	u32 now;

	return flash_read(log, at, &now, sizeof(now)) == DRV_OK && now == 0xffffffff;
}

static bool write_word(enum flash_log log, u32 at, const u8 *data)
{
	if (!seek(log, at))
		return false;
	for (u32 i = 0; i < FLASH_WORD; i += FLASH_UNIT)
		if (!semihost_write(file, data + i, FLASH_UNIT))
			return false;
	return true;
}

enum drv_status flash_program(enum flash_log log, u32 at, const void *data, u32 len)
{
	if (!open_file() || fails || !inside(at, len) || (at | len) % FLASH_WORD)
		return DRV_FAILED;
	for (u32 i = 0; i < len; i += FLASH_WORD)
		if (!is_erased(log, at + i) || !write_word(log, at + i, (const u8 *)data + i))
			return DRV_FAILED;
	return DRV_OK;
}

enum drv_status flash_zero(enum flash_log log, u32 at, u32 len)
{
	static const u8 zeros[FLASH_WORD];

	if (!open_file() || fails || !inside(at, len) || (at | len) % FLASH_WORD)
		return DRV_FAILED;
	for (u32 i = 0; i < len; i += FLASH_WORD)
		if (!write_word(log, at + i, zeros))
			return DRV_FAILED;
	return DRV_OK;
}

enum drv_status flash_erase(enum flash_log log)
{
	u8 ones[ERASE_STEP];

	if (!open_file() || fails || !seek(log, 0))
		return DRV_FAILED;
	memset(ones, 0xff, sizeof(ones));
	for (u32 at = 0; at < flash_log_size(); at += sizeof(ones))
		if (!semihost_write(file, ones, sizeof(ones)))
			return DRV_FAILED;
	return DRV_OK;
}
