/* SPDX-License-Identifier: GPL-2.0 */
/* Frames on their way to the line; few, since a serial line is slow. */
#ifndef SLIP_QUEUE_H
#define SLIP_QUEUE_H

#include <stdbool.h>

#include "port.h"
#include "slip_conf.h"

/* 1.8 s of full packets at 115200 baud: enough for a burst, and a packet that
 * waits longer is better sent anew
 */
#define SLIP_QUEUE_FRAMES	16

/**
 * struct slip_frame - a packet as it goes over the line
 * @packet_len: before it was encoded
 */
struct slip_frame {
	u8 byte[2 * SLIP_MTU_MAX + 2];
	u32 len;
	u32 packet_len;
};

/**
 * struct slip_queue - all zero at first
 * @first: the oldest
 * @count: how many
 * @done: bytes of the oldest that the line has taken
 */
struct slip_queue {
	struct slip_frame frame[SLIP_QUEUE_FRAMES];
	u32 first;
	u32 count;
	u32 done;
};

/**
 * slip_queue_put() - a packet of at most SLIP_MTU_MAX bytes
 *
 * Return: false if there is no place.
 */
bool slip_queue_put(struct slip_queue *q, const u8 *packet, u32 len);

/**
 * slip_queue_bytes() - what the line gets next
 *
 * Return: the bytes; NULL if there are none.
 */
const u8 *slip_queue_bytes(const struct slip_queue *q, u32 *len);

/**
 * slip_queue_took() - the line took @n of these bytes
 *
 * Return: the length of the packet that went out whole with them; else 0.
 */
u32 slip_queue_took(struct slip_queue *q, u32 n);

/**
 * slip_queue_clear() - forget all
 *
 * Return: how many packets these were.
 */
u32 slip_queue_clear(struct slip_queue *q);

#endif
