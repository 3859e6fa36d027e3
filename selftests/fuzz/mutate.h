/* SPDX-License-Identifier: GPL-2.0 */
/* The mutator of all targets that are given MIKEY messages. */
#ifndef MUTATE_H
#define MUTATE_H

#include "shape.h"

size_t LLVMFuzzerMutate(u8 *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t max, unsigned int seed);

/* numbers out of libFuzzer's seed; the same seed gives the same mutation */
static inline u32 mutate_draw(unsigned int *seed)
{
	*seed = *seed * 1103515245 + 12345;
	return *seed >> 8;
}

/* libFuzzer's own mutation inside one payload */
static inline void mutate_payload(u8 *data, u32 len, unsigned int *seed)
{
	struct shape_payload *p;
	struct shape s;

	shape_read(&s, data, len);
	p = &s.payload[s.n ? mutate_draw(seed) % s.n : 0];
	if (s.n && p->len)
		LLVMFuzzerMutate(data + p->at, p->len, p->len);
}

/* one to three changes that leave a message a chain of payloads; the new length */
static inline u32 mutate_message(u8 *data, u32 len, u32 room, unsigned int *seed)
{
	unsigned int n = mutate_draw(seed) % 3 + 1;
	u8 edit[4];

	while (n--) {
		if (!(mutate_draw(seed) % 3)) {
			mutate_payload(data, len, seed);
			continue;
		}
		dmk_put_be(edit, mutate_draw(seed) ^ mutate_draw(seed) << 16, 4);
		len = shape_edit(data, len, room, edit);
	}
	return len;
}

/* of an input, @head bytes stand before the message; every fourth time it is bytes */
static inline size_t mutate_input(u8 *data, size_t size, size_t max, size_t head,
				  unsigned int seed)
{
	if (size <= head || !(mutate_draw(&seed) % 4))
		return LLVMFuzzerMutate(data, size, max);
	return head + mutate_message(data + head, size - head, max - head, &seed);
}

#endif
