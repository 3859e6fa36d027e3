/* SPDX-License-Identifier: GPL-2.0 */
/* A message that is being built in memory of a given size. */
#ifndef OUT_H
#define OUT_H

#include "crypto.h"

/**
 * struct out - what has been written
 * @data: the memory
 * @room: its size
 * @len: bytes of the message so far; more than @room: it did not fit, and nothing
 *	was written behind @room
 */
struct out {
	u8 *data;
	u32 room;
	u32 len;
};

/**
 * out_put() - a byte more
 */
void out_put(struct out *o, u8 byte);

/**
 * out_fits() - whether all of it is there
 */
bool out_fits(const struct out *o);

#endif
