// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/dmk_busy: the time since boot, and how much of it all CPUs were idle,
 * in nanoseconds. A softirq or an interrupt that meets an idle CPU is work, in
 * both numbers' difference.
 *
 * /proc/stat counts in hundredths of a second, and /proc/timer_list, which has
 * the same counter, prints every timer before it: two a session.
 */
#include <linux/cpumask.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/tick.h>

static int busy_show(struct seq_file *seq, void *v)
{
	u64 idle = 0;
	int cpu;

	for_each_online_cpu(cpu)
		idle += get_cpu_idle_time_us(cpu, NULL) + get_cpu_iowait_time_us(cpu, NULL);
	seq_printf(seq, "%llu %llu\n", ktime_get_ns(), idle * NSEC_PER_USEC);
	return 0;
}

static int __init busy_init(void)
{
	return proc_create_single("dmk_busy", 0444, NULL, busy_show) ? 0 : -ENOMEM;
}

static void __exit busy_exit(void)
{
	remove_proc_entry("dmk_busy", NULL);
}

module_init(busy_init);
module_exit(busy_exit);
MODULE_DESCRIPTION("How long the CPUs were busy");
MODULE_LICENSE("GPL");
