// SPDX-License-Identifier: GPL-2.0
#include "out.h"

void out_put(struct out *o, u8 byte)
{
	if (o->len < o->room)
		o->data[o->len] = byte;
	o->len++;
}

bool out_fits(const struct out *o)
{
	return o->len <= o->room;
}
