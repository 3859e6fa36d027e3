/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Frames on a serial line: RFC 1055. The sensor and its gateway have one codec. */
#ifndef DMK_SLIP_H
#define DMK_SLIP_H

#include "port.h"

#define DMK_SLIP_END	0xc0
#define DMK_SLIP_ESC	0xdb

/**
 * struct dmk_slip - the receiver
 * @frame: where a frame is gathered
 * @room: its size; a longer frame is dropped as a whole
 * @len: bytes so far; 0 again once the frame has been handed over
 * @escaped: after ESC
 * @bad: until the next END nothing is taken
 * @dropped: frames dropped since the start
 */
struct dmk_slip {
	u8 *frame;
	u32 room;
	u32 len;
	bool escaped;
	bool bad;
	u32 dropped;
};

/**
 * dmk_slip_init() - @room bytes at @frame are the receiver's from now on
 */
void dmk_slip_init(struct dmk_slip *s, u8 *frame, u32 room);

/**
 * dmk_slip_receive() - one byte
 *
 * A frame that is too long, or has an ESC that escapes nothing, is dropped; the
 * next one is taken again. SLIP has no checksum: a frame may still be damaged.
 *
 * Return: the length of the frame that @byte ended; 0 if it ended none. The frame
 * is valid until the next call.
 */
u32 dmk_slip_receive(struct dmk_slip *s, u8 byte);

/**
 * dmk_slip_encode() - the bytes of one frame, piece by piece
 * @in: data
 * @len: its length
 * @used: how much of @in was taken
 * @out: encoded bytes
 * @room: size of @out; with at least 2, some of @in is taken
 *
 * END before and after the frame is the caller's to send (DMK_SLIP_END).
 *
 * Return: bytes in @out.
 */
u32 dmk_slip_encode(const u8 *in, u32 len, u32 *used, u8 *out, u32 room);

#endif
