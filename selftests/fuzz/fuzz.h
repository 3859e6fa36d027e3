/* SPDX-License-Identifier: GPL-2.0 */
/* What every target has: libFuzzer calls LLVMFuzzerTestOneInput() with bytes. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdio.h>
#include <stdlib.h>

#include "crypto_openssl.h"
#include "wire.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t len);

/* what must hold, whatever came in */
#define must(condition) \
	((condition) ? (void)0 : fuzz_broken(#condition, __FILE__, __LINE__))

static inline void fuzz_broken(const char *what, const char *file, int line)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
	abort();
}

/* a copy of exactly that size, so that a byte read behind it is found */
static inline u8 *fuzz_copy(const u8 *data, size_t len)
{
	u8 *copy = malloc(len ? len : 1);

	if (!copy)
		abort();
	if (len)
		memcpy(copy, data, len);
	return copy;
}

/* the compiler has to believe that somebody reads it */
static inline void fuzz_keep(const void *p)
{
	__asm__ __volatile__("" : : "r"(p) : "memory");
}

/* OpenSSL, made once and kept */
static inline struct dmk_crypto *fuzz_crypto(void)
{
	static struct dmk_crypto *c;

	if (!c)
		c = dmk_crypto_openssl_new();
	if (!c)
		abort();
	return c;
}

static inline bool fuzz_inside(struct dmk_span s, const u8 *data, size_t len)
{
	return !s.len || (s.data >= data && s.len <= len && s.data - data <= (long)(len - s.len));
}

/**
 * struct fuzz_script - an input that is read from front to back
 * @at: the next byte
 * @left: how many there are
 *
 * Behind its end stand zeros.
 */
struct fuzz_script {
	const u8 *at;
	size_t left;
};

static inline u8 fuzz_byte(struct fuzz_script *s)
{
	if (!s->left)
		return 0;
	s->left--;
	return *s->at++;
}

static inline u32 fuzz_number(struct fuzz_script *s, unsigned int bytes)
{
	u32 v = 0;

	while (bytes--)
		v = v << 8 | fuzz_byte(s);
	return v;
}

static inline void fuzz_bytes(struct fuzz_script *s, u8 *out, size_t len)
{
	while (len--)
		*out++ = fuzz_byte(s);
}

/* up to @len bytes where they stand */
static inline struct dmk_span fuzz_span(struct fuzz_script *s, size_t len)
{
	struct dmk_span v = DMK_SPAN(s->at, len < s->left ? len : s->left);

	s->at += v.len;
	s->left -= v.len;
	return v;
}

#endif
