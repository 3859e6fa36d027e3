// SPDX-License-Identifier: GPL-2.0
/*
 * Run every suite once, at insmod: each a case of KUnit's where the kernel has it,
 * else from here. The KTAP output stands in /sys/kernel/debug/dmikey_selftest/results
 * until rmmod; failures and sums also go to the log.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <kunit/test.h>
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

struct suite {
	const char *name;
	int (*run)(void);
};

static const struct suite suites[] = {
#define X(name) { #name, name##_run },
	SUITES(X)
#undef X
};

static int __init begin(void)
{
	char line[80];
	int err = dmk_crypto_init();

	if (err)
		return err;
	results.data = vzalloc(ROOM);
	if (!results.data) {
		dmk_crypto_exit();
		return -ENOMEM;
	}
	append(line, scnprintf(line, sizeof(line), "KTAP version 1\n1..%zu\n",
			       ARRAY_SIZE(suites)));
	dir = debugfs_create_dir(KBUILD_MODNAME, NULL);
	debugfs_create_blob("results", 0400, dir, &results);
	return 0;
}

/* whether all of it passed */
static bool run(const struct suite *s)
{
	char line[80];
	int bad;

	pr_info("%s\n", s->name);
	bad = s->run();
	append(line, scnprintf(line, sizeof(line), "%sok %td %s\n", bad ? "not " : "",
			       s - suites + 1, s->name));
	return !bad;
}

#if IS_ENABLED(CONFIG_KUNIT)
static void describe(const struct suite *s, char *text)
{
	strscpy(text, s->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(suite, suites, describe);

static void suite_passes(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, run(test->param_value));
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(suite_passes, suite_gen_params),
	{ }
};

/* 6.1 runs suites before module_init(): what is __init is there still */
static int __ref dmikey_begin(struct kunit_suite *suite)
{
	return begin();
}

static struct kunit_suite dmikey = {
	.name = "dmikey",
	.suite_init = dmikey_begin,
	.test_cases = cases,
};

kunit_test_suite(dmikey);

static int __init selftest_init(void)
{
	return 0;
}
#else
static int __init selftest_init(void)
{
	unsigned int i;
	int err = begin();

	if (err)
		return err;
	for (i = 0; i < ARRAY_SIZE(suites); i++)
		run(&suites[i]);
	return 0;
}
#endif

static void __exit selftest_exit(void)
{
	if (!results.data)
		return;
	debugfs_remove(dir);
	vfree(results.data);
	dmk_crypto_exit();
}

module_init(selftest_init);
module_exit(selftest_exit);
MODULE_DESCRIPTION("Tests of dmikey inside the kernel");
MODULE_SOFTDEP("pre: pkcs8_key_parser ccm ctr");
MODULE_LICENSE("GPL");
