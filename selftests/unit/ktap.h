/* SPDX-License-Identifier: GPL-2.0 */
/*
 * KTAP for tests in C that run in userspace and, the same file, in a module.
 *
 *	static void share_test(void)
 *	{
 *		ktap_ok(1 + 1 == 2, "sum of %d and %d", 1, 1);
 *	}
 *	KTAP_MAIN(share_test)
 *
 * In userspace KTAP_MAIN() is main(), with exit status 0 only if something ran
 * and nothing failed. In the kernel it is int share_test_run(void), which
 * returns 0 under the same condition. The plan stands at the end.
 */
#ifndef KTAP_H
#define KTAP_H

#ifdef __KERNEL__
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/slab.h>
__attribute__((format(printf, 1, 2))) void ktap_kernel_print(const char *fmt, ...);
#define ktap_print(...)	ktap_kernel_print(__VA_ARGS__)
#define ktap_breathe()	cond_resched()
#else
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#define ktap_print(...)	printf(__VA_ARGS__)
#define ktap_breathe()	((void)0)
#endif

static struct {
	unsigned int run;
	unsigned int failed;
} ktap;

/**
 * ktap_ok() - one result
 * @good: whether the test passed
 * @fmt: its name
 *
 * Return: @good.
 */
static inline __attribute__((format(printf, 2, 3)))
bool ktap_ok(bool good, const char *fmt, ...)
{
	char name[160];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	ktap.run++;
	ktap.failed += !good;
	ktap_print("%sok %u %s\n", good ? "" : "not ", ktap.run, name);
	ktap_breathe();
	return good;
}

/**
 * ktap_skip() - one test that cannot run here
 * @name: its name
 * @why: the reason
 */
static inline __attribute__((unused))
void ktap_skip(const char *name, const char *why)
{
	ktap.run++;
	ktap_print("ok %u %s # SKIP %s\n", ktap.run, name, why);
}

/* a line for the human reader: what was expected, what came */
#define ktap_diag(fmt, ...) ktap_print("# " fmt "\n", ##__VA_ARGS__)

/* memory of exactly @n bytes, so that the sanitizers see an over-read */
static inline __attribute__((unused)) void *ktap_alloc(size_t n)
{
#ifdef __KERNEL__
	return kmalloc(n, GFP_KERNEL);
#else
	void *p = malloc(n);

	if (!p)
		abort();
	return p;
#endif
}

static inline __attribute__((unused)) void ktap_free(void *p)
{
#ifdef __KERNEL__
	kfree(p);
#else
	free(p);
#endif
}

static inline int ktap_end(const char *name)
{
	ktap_print("1..%u\n", ktap.run);
	ktap_print("# %s: %u passed, %u failed\n", name, ktap.run - ktap.failed,
		   ktap.failed);
	return !ktap.run || ktap.failed;
}

#ifdef __KERNEL__
#define KTAP_MAIN(name)					\
	int name##_run(void);				\
	int name##_run(void)				\
	{						\
		ktap_print("KTAP version 1\n");		\
		ktap.run = 0;				\
		ktap.failed = 0;			\
		name();					\
		return ktap_end(#name);			\
	}
#else
#define KTAP_MAIN(name)					\
	int main(void)					\
	{						\
		ktap_print("KTAP version 1\n");		\
		name();					\
		return ktap_end(#name);			\
	}
#endif

#endif
