// SPDX-License-Identifier: GPL-2.0
/* Counters. */

#include "netns.h"
#include "trace.h"

const char *const dmk_stat_names[DMK_STAT_COUNT] = {
#define X(name, text) text,
	DMK_STATS(X)
#undef X
};

const char *const dmk_reason_names[DMK_REASON_COUNT] = {
	"ok",
#define X(name, text, help) text,
	DMK_REASONS(X)
#undef X
};

void dmk_stats_inc(struct dmk_net *dn, enum dmk_stat stat)
{
	this_cpu_inc(dn->stats->count[stat]);
}

void dmk_stats_refuse(struct dmk_net *dn, enum dmk_side side, enum dmk_reason reason,
		      const struct dmk_addr *from, const struct dmk_who *who)
{
	this_cpu_inc(dn->stats->refused[side][reason]);
	trace_dmk_refused(dn, side, reason, from);
	dmk_event_refused(dn, side, reason, from, who);
}

u64 dmk_stats_sum(struct dmk_net *dn, enum dmk_stat stat)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(dn->stats, cpu)->count[stat]);
	return sum;
}

u64 dmk_stats_sum_refused(struct dmk_net *dn, enum dmk_side side, enum dmk_reason reason)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(dn->stats, cpu)->refused[side][reason]);
	return sum;
}
