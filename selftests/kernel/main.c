// SPDX-License-Identifier: GPL-2.0
/*
 * Run every suite once, at insmod. The KTAP output stands in
 * /sys/kernel/debug/dmikey_selftest/results until rmmod; failures and sums
 * also go to the log.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/vmalloc.h>

#include "backend.h"
#include "suite.h"
#include "vector.h"

#define ROOM (4 << 20)

static struct dentry *dir;
static struct debugfs_blob_wrapper results;

static void append(const char *text, size_t len)
{
	if (len > ROOM - results.size)
		len = ROOM - results.size;
	memcpy(results.data + results.size, text, len);
	results.size += len;
}

/* what needs to be seen although nobody reads the results */
static bool notable(const char *line)
{
	return strncmp(line, "ok ", 3) && strncmp(line, "1..", 3) &&
	       strncmp(line, "KTAP", 4);
}

void ktap_kernel_print(const char *fmt, ...)
{
	char line[256];
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vscnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	append("    ", 4);
	append(line, len);
	if (notable(line))
		pr_info("%s", line);
}

struct dmk_crypto *test_crypto_new(void)
{
	struct dmk_crypto *c = dmk_crypto_alloc();

	return IS_ERR(c) ? NULL : c;
}

void test_crypto_free(struct dmk_crypto *c)
{
	dmk_crypto_free(c);
}

static const struct {
	const char *name;
	int (*run)(void);
} suites[] = {
#define X(name) { #name, name##_run },
	SUITES(X)
#undef X
};

static void run(void)
{
	char line[80];
	unsigned int i;

	append(line, scnprintf(line, sizeof(line), "KTAP version 1\n1..%zu\n",
			       ARRAY_SIZE(suites)));
	for (i = 0; i < ARRAY_SIZE(suites); i++) {
		int bad;

		pr_info("%s\n", suites[i].name);
		bad = suites[i].run();
		append(line, scnprintf(line, sizeof(line), "%sok %u %s\n",
				       bad ? "not " : "", i + 1, suites[i].name));
	}
}

static int __init selftest_init(void)
{
	results.data = vzalloc(ROOM);
	if (!results.data)
		return -ENOMEM;
	run();
	dir = debugfs_create_dir(KBUILD_MODNAME, NULL);
	debugfs_create_blob("results", 0400, dir, &results);
	return 0;
}

static void __exit selftest_exit(void)
{
	debugfs_remove(dir);
	vfree(results.data);
}

module_init(selftest_init);
module_exit(selftest_exit);
MODULE_DESCRIPTION("Tests of dmikey inside the kernel");
MODULE_SOFTDEP("pre: pkcs8_key_parser ccm ctr");
MODULE_LICENSE("GPL");
