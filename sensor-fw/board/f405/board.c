// SPDX-License-Identifier: GPL-2.0
/*
 * STM32F405 with a crystal of 8 MHz: 168 MHz. PA9 is the console, PA2 and PA3
 * are the network line.
 */
#include "board.h"

#include "layout.h"
#include "mpu.h"
#include "qemu.h"
#include "regs.h"

enum {
	HSI_HZ = 16000000,
	HSE_MHZ = 8,
	SPINS = 200000,		/* about 100 ms at 16 MHz: a crystal takes 2 */
};

const struct mpu_region board_regions[] = {
	/* code: 48 of 64 KiB */
	{ (void *)0x08000000, MPU_RASR_SIZE(16) | MPU_RASR_SRD(0xc0) | MPU_RASR_MEMORY |
			      MPU_RASR_READ },
	{ __log_a_start, MPU_RASR_SIZE(14) | MPU_RASR_MEMORY | MPU_RASR_READ_WRITE |
			 MPU_RASR_XN },
	{ __log_b_start, MPU_RASR_SIZE(14) | MPU_RASR_MEMORY | MPU_RASR_READ_WRITE |
			 MPU_RASR_XN },
	{ __keys_start, MPU_RASR_SIZE(12) | MPU_RASR_MEMORY | MPU_RASR_READ | MPU_RASR_XN },
	/* RAM: 112 of 128 KiB */
	{ __stack_bottom, MPU_RASR_SIZE(17) | MPU_RASR_SRD(0x80) | MPU_RASR_MEMORY |
			  MPU_RASR_READ_WRITE | MPU_RASR_XN },
	{ (void *)0x40000000, MPU_RASR_SIZE(29) | MPU_RASR_DEVICE | MPU_RASR_READ_WRITE |
			      MPU_RASR_XN },
	{ 0 },
};

static bool wait(volatile u32 *reg, u32 mask, u32 value)
{
	u32 spins = SPINS;

	while ((*reg & mask) != value)
		if (!--spins)
			return false;
	return true;
}

static bool start_crystal(void)
{
	RCC_CR |= RCC_CR_HSEON;
	return wait(&RCC_CR, RCC_CR_HSERDY, RCC_CR_HSERDY);
}

/* input / M = 1 MHz; * 336 / 2 = 168 MHz for the core; / 7 = 48 MHz for the RNG */
static bool start_pll(bool crystal)
{
	RCC_PLLCFGR = RCC_PLLCFGR_N(336) | RCC_PLLCFGR_Q(7) |
		      (crystal ? RCC_PLLCFGR_HSE | RCC_PLLCFGR_M(HSE_MHZ) :
				 RCC_PLLCFGR_M(HSI_HZ / 1000000));
	RCC_CR |= RCC_CR_PLLON;
	return wait(&RCC_CR, RCC_CR_PLLRDY, RCC_CR_PLLRDY);
}

/*
 * The data cache stays off: it would have to be flushed at each erasure, and with
 * it a look-up in a table of AES takes longer or shorter with the key.
 */
static bool switch_to_pll(void)
{
	FLASH_ACR = FLASH_ACR_LATENCY(5) | FLASH_ACR_PRFTEN | FLASH_ACR_ICEN;
	RCC_CFGR = RCC_CFGR_PPRE1_4 | RCC_CFGR_PPRE2_2;
	RCC_CFGR |= RCC_CFGR_SW_PLL;
	return wait(&RCC_CFGR, RCC_CFGR_SWS, RCC_CFGR_SWS_PLL);
}

static void start_clocks(struct board_clocks *c)
{
	c->crystal = start_crystal();
	if (start_pll(c->crystal) && switch_to_pll()) {
		c->cpu = 168000000;
		c->bus1 = c->cpu / 4;
		c->bus2 = c->cpu / 2;
	} else {
		RCC_CFGR = 0;
		c->cpu = HSI_HZ;
		c->bus1 = HSI_HZ;
		c->bus2 = HSI_HZ;
		c->crystal = false;
	}
	c->cpu = qemu_cpu_hz(c->cpu);
}

static void start_pins(void)
{
	RCC_AHB1ENR |= RCC_AHB1ENR_GPIOAEN | RCC_AHB1ENR_GPIOBEN;
	RCC_APB1ENR |= RCC_APB1ENR_USART2EN;
	RCC_APB2ENR |= RCC_APB2ENR_USART1EN;
	(void)RCC_APB2ENR;	/* two cycles until a clock runs */

	/* alternate function 7 is the USART */
	GPIOA_AFRL |= 7 << 8 | 7 << 12;
	GPIOA_AFRH |= 7 << 4;
	GPIOA_MODER |= 2 << 4 | 2 << 6 | 2 << 18;
	GPIOA_PUPDR |= 1 << 6;	/* a line that is not connected is idle */
	/* the console on PB6 too: where there is USB, PA9 may have a capacitor */
	GPIOB_AFRL |= 7 << 24;
	GPIOB_MODER |= 2 << 12;
}

void board_start(struct board_clocks *clocks)
{
	qemu_start();
	start_clocks(clocks);
	start_pins();
}

const char *board_name(void)
{
	return "STM32F405";
}

const char *board_substitutes(u32 i)
{
	return qemu_substitute(i);
}
