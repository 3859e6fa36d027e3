// SPDX-License-Identifier: GPL-2.0
/*
 * Sharing on secrets that valgrind takes for uninitialized memory: it reports
 * every branch and every address that depends on them. constant_test.sh builds
 * and runs this.
 *
 *	constant [leak]		leak: depend on a secret on purpose
 */
#include <stdio.h>
#include <string.h>
#include <valgrind/memcheck.h>

#include "share.h"

static volatile u8 table[256];

static void secret(void *p, size_t n)
{
	VALGRIND_MAKE_MEM_UNDEFINED(p, n);
}

static void public(void *p, size_t n)
{
	VALGRIND_MAKE_MEM_DEFINED(p, n);
}

static bool field_works(void)
{
	u8 a = 0x53, b = 0xca, product, inverse;

	secret(&a, 1);
	secret(&b, 1);
	product = dmk_gf_mul(a, b);
	inverse = dmk_gf_inv(a);
	public(&product, 1);
	public(&inverse, 1);
	return product == 1 && inverse == 0xca;
}

/* split among 16 and put together again, for one k */
static bool sharing_works(unsigned int k)
{
	u8 coeff[DMK_N_MAX][DMK_SHARE_LEN], back[DMK_N_MAX][DMK_SHARE_LEN], set[DMK_N_MAX];
	struct dmk_point points[DMK_N_MAX];
	unsigned int i;
	bool same;

	for (i = 0; i < DMK_N_MAX; i++)
		memset(coeff[i], 7 * i + k, DMK_SHARE_LEN);
	secret(coeff, sizeof(coeff));
	for (i = 0; i < DMK_N_MAX; i++) {
		points[i].x = i + 1;
		dmk_share_eval((const u8 (*)[DMK_SHARE_LEN])coeff, k, i + 1, points[i].y);
		set[i] = DMK_N_MAX - 1 - i;
	}
	dmk_share_interpolate(points, set, k, back);
	same = dmk_equal((u8 *)coeff, (u8 *)back, k * DMK_SHARE_LEN);
	public(&same, sizeof(same));
	return same;
}

static int leak(void)
{
	u8 index = 3;

	secret(&index, 1);
	return table[index];
}

int main(int argc, char **argv)
{
	unsigned int k;
	bool good = RUNNING_ON_VALGRIND && field_works();

	for (k = 1; k <= DMK_N_MAX; k++)
		good = good && sharing_works(k);
	if (argc > 1 && !strcmp(argv[1], "leak") && leak())
		puts("leak");
	return !good;
}
