// SPDX-License-Identifier: GPL-2.0
/* loop N: two instructions, N times */
#include <stdlib.h>

int main(int argc, char **argv)
{
	unsigned long n = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;

	if (!n)
		return 2;
	__asm__ volatile("1: dec %0; jnz 1b" : "+r" (n) : : "cc");
	return 0;
}
