// SPDX-License-Identifier: GPL-2.0
/* drv/flash.h with RAM: what programming and erasing cost is not counted. */
#include "drv/flash.h"
#include "record.h"
#include "world.h"

enum {
	KEYS_SIZE = 1024,
	LOG_SIZE = 16384,	/* a sector of the F405's log */
};

static u8 keys[KEYS_SIZE];
static u8 logs[2][LOG_SIZE];

u8 *world_flash(u32 *len)
{
	static const u8 bound[DMK_RECORD_BOUND_LEN];
	const struct dmk_record first = { DMK_RECORD_BOUND, 1, bound };
	u8 record[DMK_RECORD_MAX];
	u32 n;

	memset(keys, 0xff, sizeof(keys));
	memset(logs, 0xff, sizeof(logs));
	n = dmk_record_encode(&first, record);
	memcpy(logs[FLASH_LOG_A], record, n);
	*len = sizeof(keys);
	return keys;
}

const u8 *flash_keys(u32 *len)
{
	*len = sizeof(keys);
	return keys;
}

u32 flash_log_size(void)
{
	return LOG_SIZE;
}

enum drv_status flash_read(enum flash_log log, u32 at, void *out, u32 len)
{
	memcpy(out, logs[log] + at, len);
	return DRV_OK;
}

enum drv_status flash_program(enum flash_log log, u32 at, const void *data, u32 len)
{
	memcpy(logs[log] + at, data, len);
	return DRV_OK;
}

enum drv_status flash_zero(enum flash_log log, u32 at, u32 len)
{
	memset(logs[log] + at, 0, len);
	return DRV_OK;
}

enum drv_status flash_erase(enum flash_log log)
{
	memset(logs[log], 0xff, LOG_SIZE);
	return DRV_OK;
}
