// SPDX-License-Identifier: GPL-2.0
/*
 * STM32F100 with a crystal of 8 MHz: 24 MHz, and no wait states. PA9 is the console,
 * PA2 and PA3 are the network line.
 */
#include "board.h"

#include "layout.h"
#include "mpu.h"
#include "qemu.h"
#include "regs.h"

enum {
	HSI_HZ = 8000000,
	SPINS = 100000,		/* about 100 ms at 8 MHz: a crystal takes 2 */
};

const struct mpu_region board_regions[] = {
	{ (void *)0x08000000, MPU_RASR_SIZE(17) | MPU_RASR_MEMORY | MPU_RASR_READ },
	/* both sectors of the log */
	{ __log_a_start, MPU_RASR_SIZE(11) | MPU_RASR_MEMORY | MPU_RASR_READ_WRITE |
			 MPU_RASR_XN },
	{ __keys_start, MPU_RASR_SIZE(11) | MPU_RASR_MEMORY | MPU_RASR_READ | MPU_RASR_XN },
	{ __stack_bottom, MPU_RASR_SIZE(13) | MPU_RASR_MEMORY | MPU_RASR_READ_WRITE |
			  MPU_RASR_XN },
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

/* 8 MHz * 3, or the half of HSI's 8 MHz * 6 */
static bool start_pll(bool crystal)
{
	RCC_CFGR = crystal ? RCC_CFGR_PLL_HSE | RCC_CFGR_PLLMUL(3) : RCC_CFGR_PLLMUL(6);
	RCC_CR |= RCC_CR_PLLON;
	return wait(&RCC_CR, RCC_CR_PLLRDY, RCC_CR_PLLRDY);
}

static bool switch_to_pll(void)
{
	RCC_CFGR |= RCC_CFGR_SW_PLL;
	return wait(&RCC_CFGR, RCC_CFGR_SWS, RCC_CFGR_SWS_PLL);
}

static void start_clocks(struct board_clocks *c)
{
	c->crystal = start_crystal();
	if (start_pll(c->crystal) && switch_to_pll()) {
		c->cpu = 24000000;
	} else {
		RCC_CFGR = 0;
		c->cpu = HSI_HZ;
		c->crystal = false;
	}
	c->bus1 = c->cpu;
	c->bus2 = c->cpu;
	c->cpu = qemu_cpu_hz(c->cpu);
}

static void start_pins(void)
{
	RCC_APB2ENR |= RCC_APB2ENR_IOPAEN | RCC_APB2ENR_USART1EN;
	RCC_APB1ENR |= RCC_APB1ENR_USART2EN;
	(void)RCC_APB1ENR;

	/* 10: the USART drives it, push-pull, 2 MHz; 8: input, pulled up by BSRR */
	GPIOA_CRL = (GPIOA_CRL & ~0xff00UL) | 0x8a00;
	GPIOA_CRH = (GPIOA_CRH & ~0x00f0UL) | 0x00a0;
	GPIOA_BSRR = BIT(3);
}

void board_start(struct board_clocks *clocks)
{
	qemu_start();
	start_clocks(clocks);
	start_pins();
}

const char *board_name(void)
{
	return "STM32F100";
}

const char *board_substitutes(u32 i)
{
	return qemu_substitute(i);
}
