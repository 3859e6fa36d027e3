// SPDX-License-Identifier: GPL-2.0
/* A chip without a random number generator. */
#include "rng.h"

enum drv_status rng_start(void)
{
	return DRV_ABSENT;
}

enum drv_status rng_word(u32 *word)
{
	*word = 0;
	return DRV_ABSENT;
}

const char *rng_name(void)
{
	return "no TRNG";
}
