/* SPDX-License-Identifier: GPL-2.0 */
/* Peripherals that the F1 and the F4 have alike: RM0041 23 and 18, RM0090 30 and 21. */
#ifndef BOARD_STM32_H
#define BOARD_STM32_H

#include "cortexm.h"

#define USART2			0x40004400	/* USART1 is not in the same place */
#define USART2_IRQ		38

#define USART_SR(base)		REG((base) + 0x00)
#define USART_SR_PE		BIT(0)
#define USART_SR_FE		BIT(1)
#define USART_SR_NE		BIT(2)
#define USART_SR_ORE		BIT(3)
#define USART_SR_RXNE		BIT(5)
#define USART_SR_TXE		BIT(7)
#define USART_DR(base)		REG((base) + 0x04)
#define USART_BRR(base)		REG((base) + 0x08)
#define USART_CR1(base)		REG((base) + 0x0c)
#define USART_CR1_RE		BIT(2)
#define USART_CR1_TE		BIT(3)
#define USART_CR1_RXNEIE	BIT(5)
#define USART_CR1_UE		BIT(13)

#define IWDG_KR			REG(0x40003000)
#define IWDG_KR_FEED		0xaaaa
#define IWDG_KR_ACCESS		0x5555
#define IWDG_KR_START		0xcccc
#define IWDG_PR			REG(0x40003004)
#define IWDG_RLR		REG(0x40003008)
#define IWDG_SR			REG(0x4000300c)

#define FLASH_KEYR		REG(FLASH_BASE + 0x04)
#define FLASH_KEYR_1		0x45670123
#define FLASH_KEYR_2		0xcdef89ab
#define FLASH_SR		REG(FLASH_BASE + 0x0c)
#define FLASH_CR		REG(FLASH_BASE + 0x10)

#endif
