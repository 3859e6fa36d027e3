/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The sensor's surroundings, in its own image: flash, time, the line, its third
 * parties and its responder. Nothing of what they do is counted, but for the
 * interrupt of each byte that the sensor receives.
 */
#ifndef WORLD_H
#define WORLD_H

#include "count.h"
#include "crypto.h"

enum {
	WORLD_PARTIES = 3,
	WORLD_K = 2,
	WORLD_PERIOD_MS = 86400000,	/* between readings */
	WORLD_PACKET_MAX = 512,
	WORLD_PACKETS = 4,		/* sent and not yet looked at */
	WORLD_IPV6 = 40,
	WORLD_UDP = 8,
};

/* ---- flash.c */

/**
 * world_flash() - erase all of the flash and begin the log, as dmikey-provision does
 * @len: size of the key sector
 *
 * Return: the key sector, to be written.
 */
u8 *world_flash(u32 *len);

/* ---- systick.c */

/**
 * world_pass() - let time pass
 */
void world_pass(u32 ms);

/* ---- line.c */

/**
 * line_start() - a line that is always ready; nobody looks at what is sent yet
 */
void line_start(void);

/**
 * line_watch() - see what the sensor sends; once, after sensor_start()
 */
void line_watch(void);

/**
 * line_sent() - an IPv6 packet that the sensor sent, the oldest first
 * @i: 0, 1, …
 *
 * Return: the packet; empty if there was none.
 */
struct dmk_span line_sent(u32 i);

/**
 * line_forget() - the next packet is the first again
 *
 * Return: bytes of the packets since the last time.
 */
u32 line_forget(void);

/**
 * line_receive() - an IPv6 packet arrives, byte for byte, in SLIP
 * @c: the interrupts are counted here
 * @packet: the packet
 */
void line_receive(struct count *c, struct dmk_span packet);

/* ---- responder.c */

/**
 * responder_provision() - write the sensor's key sector
 */
void responder_provision(void);

/**
 * responder_establish() - what the third parties and R do with the messages 1 that
 *	the sensor sent, last of all
 *
 * Return: the packet with R_I.
 */
struct dmk_span responder_establish(void);

/**
 * responder_acknowledge() - what R does with the reading that the sensor sent
 *
 * Return: the packet with the acknowledgement, in ESP.
 */
struct dmk_span responder_acknowledge(void);

#endif
