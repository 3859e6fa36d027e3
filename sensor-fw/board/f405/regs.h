/* SPDX-License-Identifier: GPL-2.0 */
/* STM32F405: registers that are used, as in RM0090, and what differs by board. */
#ifndef BOARD_REGS_H
#define BOARD_REGS_H

#define FLASH_BASE		0x40023c00

#include "stm32.h"

#define USART1			0x40011000
#define USART_RING		2048	/* bytes, a power of two: one datagram and more */
#define FLASH_UNIT		4	/* bytes programmed at once */

#define QEMU_CPU_HZ		168000000	/* of its SysTick, whatever RCC says */

#define IWDG_PRESCALER		4	/* LSI 32 kHz / 64: 500 Hz */
#define IWDG_RELOAD		4000

#define RCC_CR			REG(0x40023800)
#define RCC_CR_HSEON		BIT(16)
#define RCC_CR_HSERDY		BIT(17)
#define RCC_CR_PLLON		BIT(24)
#define RCC_CR_PLLRDY		BIT(25)
#define RCC_PLLCFGR		REG(0x40023804)
#define RCC_PLLCFGR_M(n)	(n)
#define RCC_PLLCFGR_N(n)	((n) << 6)
#define RCC_PLLCFGR_HSE		BIT(22)
#define RCC_PLLCFGR_Q(n)	((n) << 24)
#define RCC_CFGR		REG(0x40023808)
#define RCC_CFGR_SW_PLL		2
#define RCC_CFGR_SWS		(3 << 2)
#define RCC_CFGR_SWS_PLL	(2 << 2)
#define RCC_CFGR_PPRE1_4	(5 << 10)
#define RCC_CFGR_PPRE2_2	(4 << 13)
#define RCC_AHB1ENR		REG(0x40023830)
#define RCC_AHB1ENR_GPIOAEN	BIT(0)
#define RCC_AHB1ENR_GPIOBEN	BIT(1)
#define RCC_AHB2ENR		REG(0x40023834)
#define RCC_AHB2ENR_RNGEN	BIT(6)
#define RCC_APB1ENR		REG(0x40023840)
#define RCC_APB1ENR_USART2EN	BIT(17)
#define RCC_APB2ENR		REG(0x40023844)
#define RCC_APB2ENR_USART1EN	BIT(4)
#define RCC_CSR			REG(0x40023874)
#define RCC_CSR_RMVF		BIT(24)
#define RCC_CSR_PINRSTF		BIT(26)
#define RCC_CSR_POWER		(BIT(25) | BIT(27))	/* BORRSTF, PORRSTF */
#define RCC_CSR_SFTRSTF		BIT(28)
#define RCC_CSR_IWDGRSTF	BIT(29)
#define RCC_CSR_OTHER		(BIT(30) | BIT(31))	/* WWDGRSTF, LPWRRSTF */

#define FLASH_ACR		REG(FLASH_BASE + 0x00)
#define FLASH_ACR_LATENCY(n)	(n)
#define FLASH_ACR_PRFTEN	BIT(8)
#define FLASH_ACR_ICEN		BIT(9)
#define FLASH_SR_ERRORS		0x00f2	/* OPERR, WRPERR, PGAERR, PGPERR, PGSERR */
#define FLASH_SR_BSY		BIT(16)
#define FLASH_CR_PG		BIT(0)
#define FLASH_CR_SER		BIT(1)
#define FLASH_CR_SNB(n)		((n) << 3)
#define FLASH_CR_PSIZE_32	(2 << 8)
#define FLASH_CR_STRT		BIT(16)
#define FLASH_CR_LOCK		BIT(31)
#define FLASH_SECTOR_A		3	/* log A and B */
#define FLASH_SECTOR_B		4

#define GPIOA_MODER		REG(0x40020000)
#define GPIOB_MODER		REG(0x40020400)
#define GPIOB_AFRL		REG(0x40020420)
#define GPIOA_PUPDR		REG(0x4002000c)
#define GPIOA_AFRL		REG(0x40020020)
#define GPIOA_AFRH		REG(0x40020024)

#define RNG_CR			REG(0x50060800)
#define RNG_CR_RNGEN		BIT(2)
#define RNG_SR			REG(0x50060804)
#define RNG_SR_DRDY		BIT(0)
#define RNG_SR_CECS		BIT(1)
#define RNG_SR_SECS		BIT(2)
#define RNG_SR_CEIS		BIT(5)
#define RNG_SR_SEIS		BIT(6)
#define RNG_DR			REG(0x50060808)

#endif
