/* SPDX-License-Identifier: GPL-2.0 */
/* STM32F100: registers that are used, as in RM0041, and what differs by board. */
#ifndef BOARD_REGS_H
#define BOARD_REGS_H

#define FLASH_BASE		0x40022000

#include "stm32.h"

#define USART1			0x40013800
#define USART_RING		512	/* bytes, a power of two */
#define FLASH_UNIT		2	/* bytes programmed at once */

#define QEMU_CPU_HZ		24000000	/* of its SysTick, whatever RCC says */

#define IWDG_PRESCALER		5	/* LSI 40 kHz / 128: 312.5 Hz */
#define IWDG_RELOAD		2500

#define RCC_CR			REG(0x40021000)
#define RCC_CR_HSEON		BIT(16)
#define RCC_CR_HSERDY		BIT(17)
#define RCC_CR_PLLON		BIT(24)
#define RCC_CR_PLLRDY		BIT(25)
#define RCC_CFGR		REG(0x40021004)
#define RCC_CFGR_SW_PLL		2
#define RCC_CFGR_SWS		(3 << 2)
#define RCC_CFGR_SWS_PLL	(2 << 2)
#define RCC_CFGR_PLL_HSE	BIT(16)
#define RCC_CFGR_PLLMUL(n)	(((n) - 2) << 18)
#define RCC_APB2ENR		REG(0x40021018)
#define RCC_APB2ENR_IOPAEN	BIT(2)
#define RCC_APB2ENR_USART1EN	BIT(14)
#define RCC_APB1ENR		REG(0x4002101c)
#define RCC_APB1ENR_USART2EN	BIT(17)
#define RCC_CSR			REG(0x40021024)
#define RCC_CSR_RMVF		BIT(24)
#define RCC_CSR_PINRSTF		BIT(26)
#define RCC_CSR_POWER		BIT(27)			/* PORRSTF */
#define RCC_CSR_SFTRSTF		BIT(28)
#define RCC_CSR_IWDGRSTF	BIT(29)
#define RCC_CSR_OTHER		(BIT(30) | BIT(31))	/* WWDGRSTF, LPWRRSTF */

#define FLASH_SR_BSY		BIT(0)
#define FLASH_SR_ERRORS		0x0014	/* PGERR, WRPRTERR */
#define FLASH_CR_PG		BIT(0)
#define FLASH_CR_PER		BIT(1)
#define FLASH_CR_STRT		BIT(6)
#define FLASH_CR_LOCK		BIT(7)
#define FLASH_AR		REG(FLASH_BASE + 0x14)

#define GPIOA_CRL		REG(0x40010800)
#define GPIOA_CRH		REG(0x40010804)
#define GPIOA_BSRR		REG(0x40010810)

#endif
