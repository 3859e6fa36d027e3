// SPDX-License-Identifier: GPL-2.0
#include "vitals.h"

const char *vitals_name(void)
{
	return "deterministic generator, no patient";
}

/* up and down between @low and @low + @height, once in 2 * @height * @pace steps */
static __attribute__((noinline)) u16 swing(u32 step, u16 low, u16 height, u16 pace)
{
	u32 at = step / pace % (2u * height);

	return low + (at < height ? at : 2u * height - at);
}

void vitals_read(struct vitals *v, u64 now)
{
	u32 step = now >> 10;	/* about a second */

	*v = (struct vitals){
		.at = now,
		.heart_rate = swing(step, 64, 22, 3),
		.spo2 = swing(step, 95, 4, 17),
		.systolic = swing(step, 112, 20, 7),
		.diastolic = swing(step, 70, 14, 7),
		.temperature = swing(step, 365, 9, 61),
		.glucose = swing(step, 88, 45, 29),
	};
}
