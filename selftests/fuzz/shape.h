/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A MIKEY message as a chain of payloads that can be changed one at a time, with
 * the lengths and the chain made right behind it.
 */
#ifndef SHAPE_H
#define SHAPE_H

#include "fuzz.h"

#define SHAPE_PAYLOADS 48

struct shape_payload {
	u8 type;
	u32 at;
	u32 len;
};

/**
 * struct shape - where the payloads of a message are
 * @payload: the payloads; the first is HDR
 * @n: their number, 0 if there is no HDR
 */
struct shape {
	struct shape_payload payload[SHAPE_PAYLOADS];
	unsigned int n;
};

/* as far as it can be read */
void shape_read(struct shape *s, const u8 *data, u32 len);

/**
 * shape_edit() - one change
 * @data: a message; changed in place
 * @len: its length
 * @room: the memory's size
 * @edit: what, where, and two arguments
 *
 * A byte is set; a payload grows, shrinks, goes, comes twice, changes places, or
 * changes its type; the end is cut off. Next payload and length fields then say
 * what is there.
 *
 * Return: the new length.
 */
u32 shape_edit(u8 *data, u32 len, u32 room, const u8 edit[4]);

#endif
