// SPDX-License-Identifier: GPL-2.0 OR MIT
#include "eme.h"

/* the compiler must not find out what a mask can be, and branch on it */
static u8 hide(u8 b)
{
	__asm__ __volatile__("" : "+r"(b));
	return b;
}

/* 0xff for a zero byte, else 0 */
static u8 is_zero(u8 b)
{
	return ((u32)b - 1) >> 8;
}

/* RFC 8017 7.2.2 step 3: 0xff if right, else 0 */
static u8 right(const u8 *em, size_t len)
{
	size_t at = len - DMK_ENVELOPE_LEN, i;
	u8 bad = em[0] | (em[1] ^ 2) | em[at - 1];

	for (i = 2; i < at - 1; i++)
		bad |= is_zero(em[i]);
	return hide(is_zero(hide(bad)));
}

void dmk_eme_open(const u8 *em, size_t len, const u8 instead[DMK_ENVELOPE_LEN],
		  u8 out[DMK_ENVELOPE_LEN])
{
	const u8 *m = em + len - DMK_ENVELOPE_LEN;
	u8 mask = right(em, len);
	unsigned int i;

	for (i = 0; i < DMK_ENVELOPE_LEN; i++)
		out[i] = (m[i] & mask) | (instead[i] & ~mask);
}
