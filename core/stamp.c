// SPDX-License-Identifier: GPL-2.0 OR MIT
#include "stamp.h"

int dmk_stamp_next(struct dmk_stamp *s, u64 now, u64 max, u64 ahead,
		   int (*store)(void *ctx, u64 bound), void *ctx, u64 *t)
{
	u64 next, bound;
	int err;

	if (s->last >= max)
		return -1;
	next = now > s->last ? now : s->last + 1;
	if (next > max)
		return -1;

	if (next > s->bound) {
		bound = max - next > ahead ? next + ahead : max;
		err = store(ctx, bound);
		if (err)
			return err;
		s->bound = bound;
	}
	s->last = next;
	*t = next;
	return 0;
}
