/* SPDX-License-Identifier: GPL-2.0 */
/* What the tests of core/ do with values of the vectors. */
#ifndef VECTOR_H
#define VECTOR_H

#ifdef __KERNEL__
#include <linux/inet.h>
#else
#include <arpa/inet.h>
#endif

#include "crypto.h"
#include "ktap.h"
#include "wire.h"

/* a number of up to 8 bytes, as the vectors spell it */
static inline u64 vec_be(struct dmk_span s)
{
	return dmk_get_be(s.data, s.len);
}

static inline void vec_diag(const char *what, const u8 *p, size_t len)
{
	char line[3 * 32 + 1] = "";
	size_t i, at;

	for (at = 0; at < len; at += 32) {
		for (i = at; i < len && i < at + 32; i++)
			snprintf(line + 2 * (i - at), 3, "%02x", p[i]);
		ktap_diag("%s %4zu %s", what, at, line);
	}
}

/* whether bytes are those of the vector; says on the log where they are not */
static inline bool vec_is(struct dmk_span want, const u8 *got, size_t len)
{
	if (want.len == len && (!len || !memcmp(want.data, got, len)))
		return true;
	vec_diag("want", want.data, want.len);
	vec_diag("got ", got, len);
	return false;
}

static inline struct dmk_id vec_id(u8 type, struct dmk_span data)
{
	return (struct dmk_id){ .type = type, .data = data };
}

/* 16 bytes, IPv4 mapped */
static inline __attribute__((unused)) bool vec_addr(const char *text, u8 addr[16])
{
	static const u8 mapped[12] = { [10] = 0xff, [11] = 0xff };

#ifdef __KERNEL__
	if (in6_pton(text, -1, addr, -1, NULL))
		return true;
	memcpy(addr, mapped, sizeof(mapped));
	return in4_pton(text, -1, addr + 12, -1, NULL);
#else
	if (inet_pton(AF_INET6, text, addr) == 1)
		return true;
	memcpy(addr, mapped, sizeof(mapped));
	return inet_pton(AF_INET, text, addr + 12) == 1;
#endif
}

/* the backend that the tests run against */
#ifdef __KERNEL__
struct dmk_crypto *test_crypto_new(void);
void test_crypto_free(struct dmk_crypto *c);
#else
#include "crypto_openssl.h"
#define test_crypto_new		dmk_crypto_openssl_new
#define test_crypto_free	dmk_crypto_openssl_free
#endif

#endif
