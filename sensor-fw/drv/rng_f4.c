// SPDX-License-Identifier: GPL-2.0
/* RM0090 24 */
#include "rng.h"

#include "regs.h"

enum {
	SPINS = 10000,		/* a word takes 40 periods of 48 MHz */
};

static enum drv_status wait_word(u32 *word)
{
	for (u32 spins = SPINS; spins; spins--) {
		u32 status = RNG_SR;

		if (status & (RNG_SR_CEIS | RNG_SR_SEIS | RNG_SR_CECS | RNG_SR_SECS))
			return DRV_FAILED;
		if (status & RNG_SR_DRDY) {
			*word = RNG_DR;
			return DRV_OK;
		}
	}
	return DRV_TIMEOUT;
}

/* RM0090 24.3.2: the error flags are cleared by zeros; then off and on again */
enum drv_status rng_start(void)
{
	u32 discarded;

	RCC_AHB2ENR |= RCC_AHB2ENR_RNGEN;
	RNG_SR = 0;
	RNG_CR = 0;
	RNG_CR = RNG_CR_RNGEN;
	return wait_word(&discarded);
}

enum drv_status rng_word(u32 *word)
{
	enum drv_status s = wait_word(word);

	if (s == DRV_FAILED) {
		s = rng_start();
		if (s == DRV_OK)
			s = wait_word(word);
	}
	return s;
}

const char *rng_name(void)
{
	return "TRNG";
}
