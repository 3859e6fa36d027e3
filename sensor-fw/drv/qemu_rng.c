// SPDX-License-Identifier: GPL-2.0
/* The host's randomness instead of the TRNG that QEMU does not have. */
#include "rng.h"

#include "qemu.h"
#include "semihost.h"

static int file;
static bool stuck;

enum drv_status rng_start(void)
{
	char path[QEMU_OPTION_MAX];
	u32 discarded;

	if (!qemu_option("entropy", path))
		strcpy(path, "/dev/urandom");
	stuck = !strcmp(path, "stuck");
	if (stuck)
		return DRV_OK;
	if (!strcmp(path, "fail"))
		file = -1;
	else if (file <= 0)
		file = semihost_open(path, SEMIHOST_READ);
	return rng_word(&discarded);
}

enum drv_status rng_word(u32 *word)
{
	*word = 0x57c4b175;
	if (stuck)
		return DRV_OK;
	return file > 0 && semihost_read(file, word, sizeof(*word)) ? DRV_OK : DRV_FAILED;
}

const char *rng_name(void)
{
	return "QEMU ENTROPY - NOT FOR PRODUCTION";
}
