// SPDX-License-Identifier: GPL-2.0
/*
 * What a session of dmikey cannot do without, measured alone and in the kernel.
 * Files of /sys/kernel/debug/dmk_bench measure when they are read; some are told
 * before, by writing, what to measure. Meant for a machine where a nanosecond is
 * an instruction (QEMU -icount shift=0): see ../floor.sh.
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sort.h>
#include <linux/uaccess.h>

#include "bench.h"

#define OUTPUT_ROOM 16384	/* seq_file would measure again if it had less than it needs */

/**
 * struct entry - a file in debugfs
 * @name: its name
 * @read: measures or tells
 * @write: takes a setting; or NULL
 */
static const struct entry {
	const char *name;
	int (*read)(struct seq_file *out);
	int (*write)(char *text);
} entries[] = {
	{ "parse", bench_parse },
	{ "crypto", bench_crypto },
	{ "rsa", bench_rsa },
	{ "pairs", bench_pairs, bench_pairs_set },
	{ "xfrm", bench_xfrm },
	{ "datagram", bench_datagram, bench_datagram_set },
	{ "echo", bench_echo, bench_echo_set },
};

static struct dentry *dir;
static DEFINE_MUTEX(lock);	/* one measurement at a time */

static int by_value(const void *a, const void *b)
{
	u64 l = *(const u64 *)a, r = *(const u64 *)b;

	return l < r ? -1 : l > r;
}

u64 bench_median(struct bench_rounds *r)
{
	sort(r->ns, r->n, sizeof(r->ns[0]), by_value, NULL);
	return r->n ? r->ns[r->n / 2] : 0;
}

static int repeat(int (*call)(void *arg), void *arg, unsigned int batch)
{
	int err = 0;

	while (batch-- && err >= 0)
		err = call(arg);
	return err;
}

int bench_time(int (*call)(void *arg), void *arg, unsigned int rounds,
	       unsigned int batch, u64 *ns)
{
	struct bench_rounds r = {};
	int err = repeat(call, arg, batch);
	u64 start;

	while (err >= 0 && r.n < rounds) {
		start = ktime_get_ns();
		err = repeat(call, arg, batch);
		r.ns[r.n++] = ktime_get_ns() - start;
	}
	*ns = bench_median(&r) / batch;
	return min(err, 0);
}

static int show(struct seq_file *out, void *unused)
{
	const struct entry *e = out->private;
	int err = mutex_lock_interruptible(&lock);

	if (err)
		return err;
	err = e->read(out);
	mutex_unlock(&lock);
	return err;
}

static int open(struct inode *inode, struct file *file)
{
	return single_open_size(file, show, inode->i_private, OUTPUT_ROOM);
}

static ssize_t write(struct file *file, const char __user *text, size_t len, loff_t *pos)
{
	const struct entry *e = file_inode(file)->i_private;
	char line[128];
	int err;

	if (len >= sizeof(line))
		return -EINVAL;
	if (copy_from_user(line, text, len))
		return -EFAULT;
	line[len] = '\0';
	err = mutex_lock_interruptible(&lock);
	if (err)
		return err;
	err = e->write ? e->write(line) : -EINVAL;
	mutex_unlock(&lock);
	return err ? err : len;
}

static const struct file_operations operations = {
	.owner = THIS_MODULE,
	.open = open,
	.read = seq_read,
	.write = write,
	.llseek = seq_lseek,
	.release = single_release,
};

static int __init bench_init(void)
{
	unsigned int i;

	dir = debugfs_create_dir(KBUILD_MODNAME, NULL);
	if (IS_ERR(dir))
		return PTR_ERR(dir);
	for (i = 0; i < ARRAY_SIZE(entries); i++)
		debugfs_create_file(entries[i].name, entries[i].write ? 0600 : 0400, dir,
				    (void *)&entries[i], &operations);
	return 0;
}

static void __exit bench_exit(void)
{
	debugfs_remove(dir);
	bench_pairs_exit();
	bench_datagram_exit();
}

module_init(bench_init);
module_exit(bench_exit);
MODULE_DESCRIPTION("What a session of dmikey cannot do without, measured");
MODULE_SOFTDEP("pre: esp6 ccm gcm ctr seqiv");
MODULE_LICENSE("GPL");
