/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two serial lines: the console (USART1, transmitted only) and the network
 * (USART2, SLIP). 115200 baud, 8N1. Received bytes of the network line go to a
 * ring by interrupt; transmission polls, with a bound.
 */
#ifndef DRV_USART_H
#define DRV_USART_H

#include "port.h"
#include "status.h"

/**
 * usart_start() - configure both lines
 * @usart1_hz: clock of USART1: its bus, APB2
 * @usart2_hz: clock of USART2: its bus, APB1
 */
void usart_start(u32 usart1_hz, u32 usart2_hz);

/**
 * usart_console() - write to the console; characters that cannot be sent in
 *	time are given up
 * @s: characters
 * @len: their number
 */
void usart_console(const char *s, u32 len);

/**
 * usart_net_send() - send to the network line
 * @data: bytes
 * @len: their number
 *
 * Return: DRV_OK, or DRV_TIMEOUT if the transmitter hangs (nothing of the rest
 * is sent; the next call tries anew).
 */
enum drv_status usart_net_send(const u8 *data, u32 len);

/**
 * usart_net_receive() - take one byte out of the ring
 *
 * Return: the byte, or -1 if there is none.
 */
int usart_net_receive(void);

/**
 * usart_net_waiting() - whether usart_net_receive() has something; may be
 *	called with interrupts off
 */
bool usart_net_waiting(void);

/**
 * usart_net_lost() - bytes lost since the start because the ring was full or
 *	by the line (overrun, framing, noise)
 */
u32 usart_net_lost(void);

/**
 * usart_net_irq() - a byte came, or an error
 */
void usart_net_irq(void);

#endif
