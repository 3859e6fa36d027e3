// SPDX-License-Identifier: GPL-2.0
/*
 * The functions of memory that the compiler and the libraries call. newlib's copy
 * words and are ten times this size.
 */
#include <stddef.h>
#include <string.h>

/* or the compiler would take each of these loops for a call of itself */
#define PLAIN __attribute__((optimize("no-tree-loop-distribute-patterns"), used))

/* a word wherever it stands: the core does not mind */
typedef unsigned int __attribute__((aligned(1), may_alias)) word;

PLAIN void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
	const unsigned char *s = from;
	unsigned char *d = to;

	while (n--)
		*d++ = *s++;
	return to;
}

PLAIN void *memmove(void *to, const void *from, size_t n)
{
	const unsigned char *s = from;
	unsigned char *d = to;

	if (d <= s)
		return memcpy(to, from, n);
	while (n--)
		d[n] = s[n];
	return to;
}

PLAIN void *memset(void *to, int c, size_t n)
{
	unsigned char *d = to;

	for (; n >= sizeof(word); n -= sizeof(word), d += sizeof(word))
		*(word *)d = (c & 0xff) * 0x01010101u;
	while (n--)
		*d++ = c;
	return to;
}

PLAIN int memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *x = a, *y = b;

	for (; n; n--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

PLAIN size_t strlen(const char *s)
{
	const char *end = s;

	while (*end)
		end++;
	return end - s;
}

PLAIN void *memchr(const void *in, int c, size_t n)
{
	const unsigned char *p = in;

	for (; n; n--, p++)
		if (*p == (unsigned char)c)
			return (void *)p;
	return NULL;
}
