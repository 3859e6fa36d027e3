/* SPDX-License-Identifier: GPL-2.0 */
/* Frames on a serial line: RFC 1055. */
#ifndef SLIP_H
#define SLIP_H

#include "port.h"

/**
 * struct slip - the receiver
 * @frame: where a frame is gathered
 * @room: its size; a longer frame is dropped as a whole
 * @len: bytes so far
 * @escaped: after ESC
 * @bad: until the next END nothing is taken
 * @dropped: frames dropped since the start
 */
struct slip {
	u8 *frame;
	u32 room;
	u32 len;
	bool escaped;
	bool bad;
	u32 dropped;
};

/**
 * slip_init() - @room bytes at @frame are the receiver's from now on
 */
void slip_init(struct slip *s, u8 *frame, u32 room);

/**
 * slip_receive() - one byte
 *
 * Return: the length of the frame that it ended; 0 if it ended none. The frame is
 * valid until the next call.
 */
u32 slip_receive(struct slip *s, u8 byte);

/**
 * slip_encode() - the bytes of one frame, piece by piece
 * @in: data
 * @len: its length
 * @used: how much of @in was taken
 * @out: encoded bytes
 * @room: size of @out, at least 2
 *
 * END before and after the frame is the caller's to send (SLIP_END).
 *
 * Return: bytes in @out.
 */
u32 slip_encode(const u8 *in, u32 len, u32 *used, u8 *out, u32 room);

#define SLIP_END 0xc0

#endif
