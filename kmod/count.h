/* SPDX-License-Identifier: GPL-2.0 */
/* How many of something each of many owners has. */
#ifndef DMK_COUNT_H
#define DMK_COUNT_H

#include <linux/rhashtable.h>
#include <linux/spinlock.h>

#include "reason.h"

/**
 * struct dmk_counts - counters by a 64-bit key; those at zero take no memory
 * @table: the counters
 * @lock: protects them; not taken from softirq
 */
struct dmk_counts {
	struct rhashtable table;
	spinlock_t lock;
};

int dmk_count_init(struct dmk_counts *cs);
void dmk_count_destroy(struct dmk_counts *cs);
/* one more of @key's; GROUP_LIMIT if there are @max, MEMORY */
enum dmk_reason dmk_count_take(struct dmk_counts *cs, u64 key, u32 max);
/* one less */
void dmk_count_give(struct dmk_counts *cs, u64 key);

#endif
