// SPDX-License-Identifier: GPL-2.0
#include "usart.h"

#include "qemu.h"
#include "regs.h"

enum {
	BAUD = 115200,
	SPINS = 100000,		/* over 2 ms at 168 MHz; a byte takes 87 us */
};

#define LINE_ERRORS	(USART_SR_PE | USART_SR_FE | USART_SR_NE)

/* head is the interrupt's, tail the main loop's; they run on, modulo 2^16 */
static struct {
	volatile u16 head, tail;
	volatile u32 lost;
	u8 bytes[USART_RING];
} ring;

void usart_start(u32 usart1_hz, u32 usart2_hz)
{
	USART_BRR(USART1) = (usart1_hz + BAUD / 2) / BAUD;
	USART_CR1(USART1) = USART_CR1_UE | USART_CR1_TE;

	USART_BRR(USART2) = (usart2_hz + BAUD / 2) / BAUD;
	USART_CR1(USART2) = USART_CR1_UE | USART_CR1_TE | USART_CR1_RE | USART_CR1_RXNEIE;
	NVIC_ISER(USART2_IRQ) = BIT(USART2_IRQ % 32);
}

static bool send(u32 usart, u8 byte)
{
	u32 spins = SPINS;

	while (!(USART_SR(usart) & USART_SR_TXE))
		if (!--spins)
			return false;
	USART_DR(usart) = byte;
	return true;
}

void usart_console(const char *s, u32 len)
{
	while (len-- && send(USART1, *s))
		s++;
}

enum drv_status usart_net_send(const u8 *data, u32 len)
{
	while (len--)
		if (qemu_uart_hangs() || !send(USART2, *data++))
			return DRV_TIMEOUT;
	return DRV_OK;
}

/*
 * Reading SR, then DR, clears the errors. After an overrun the byte in DR is
 * good and the one behind it is gone; after the others it is this one.
 */
void usart_net_irq(void)
{
	u32 status = USART_SR(USART2);
	u8 byte = USART_DR(USART2);

	if (status & USART_SR_ORE)
		ring.lost++;
	if (!(status & USART_SR_RXNE))
		return;
	if (status & LINE_ERRORS || (u16)(ring.head - ring.tail) == USART_RING) {
		ring.lost++;
		return;
	}
	ring.bytes[ring.head % USART_RING] = byte;
	ring.head++;
}

int usart_net_receive(void)
{
	u8 byte;

	if (!usart_net_waiting())
		return -1;
	byte = ring.bytes[ring.tail % USART_RING];
	ring.tail++;
	return byte;
}

bool usart_net_waiting(void)
{
	return ring.head != ring.tail;
}

u32 usart_net_lost(void)
{
	return ring.lost;
}
