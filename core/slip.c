// SPDX-License-Identifier: GPL-2.0 OR MIT
#include "slip.h"

/* what stands for END and ESC behind an ESC */
#define ESC_END	0xdc
#define ESC_ESC	0xdd

void dmk_slip_init(struct dmk_slip *s, u8 *frame, u32 room)
{
	*s = (struct dmk_slip){ .frame = frame, .room = room };
}

static u32 end(struct dmk_slip *s)
{
	bool bad = s->bad || s->escaped;
	u32 len = bad ? 0 : s->len;

	s->dropped += bad;
	s->len = 0;
	s->escaped = false;
	s->bad = false;
	return len;
}

static u8 unescape(struct dmk_slip *s, u8 byte)
{
	s->escaped = false;
	if (byte == ESC_END)
		return DMK_SLIP_END;
	if (byte == ESC_ESC)
		return DMK_SLIP_ESC;
	s->bad = true;
	return 0;
}

u32 dmk_slip_receive(struct dmk_slip *s, u8 byte)
{
	if (byte == DMK_SLIP_END)
		return end(s);
	if (s->escaped) {
		byte = unescape(s, byte);
	} else if (byte == DMK_SLIP_ESC) {
		s->escaped = true;
		return 0;
	}
	if (s->len == s->room)
		s->bad = true;
	if (!s->bad)
		s->frame[s->len++] = byte;
	return 0;
}

u32 dmk_slip_encode(const u8 *in, u32 len, u32 *used, u8 *out, u32 room)
{
	u32 i, n = 0;

	for (i = 0; i < len; i++) {
		bool escape = in[i] == DMK_SLIP_END || in[i] == DMK_SLIP_ESC;

		if (room - n < 1u + escape)
			break;
		if (escape) {
			out[n++] = DMK_SLIP_ESC;
			out[n++] = in[i] == DMK_SLIP_END ? ESC_END : ESC_ESC;
		} else {
			out[n++] = in[i];
		}
	}
	*used = i;
	return n;
}
