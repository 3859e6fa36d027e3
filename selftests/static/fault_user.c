// SPDX-License-Identifier: GPL-2.0
/* Wrong on purpose: what the tools that read userspace's C must find. */

int fault_logical(int x);
int fault_bounds(void);

/* clang: && for &; gcc says nothing */
int fault_logical(int x)
{
	return x && 4;
}

/* cppcheck */
int fault_bounds(void)
{
	int four[4] = { 0 };

	four[4] = 1;
	return four[4];
}
