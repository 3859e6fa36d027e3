/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Sharing over GF(2^8) with x^8+x^4+x^3+x+1: protocol.md 6.1. Runs in
 * constant time in the secrets; the x coordinates are public.
 */
#ifndef DMK_SHARE_H
#define DMK_SHARE_H

#include "crypto.h"
#include "reason.h"

/**
 * struct dmk_point - a candidate
 * @x: x coordinate, 1 to 16
 * @y: the share
 */
struct dmk_point {
	u8 x;
	u8 y[DMK_SHARE_LEN];
};

/* multiplication and inverse in the field, constant time in both arguments */
u8 dmk_gf_mul(u8 a, u8 b);
u8 dmk_gf_inv(u8 a);

/**
 * dmk_share_eval() - p(x) = c_0 + c_1 x + ... + c_(k-1) x^(k-1)
 * @coeff: k symbols of 16 bytes
 * @k: 1 to 16
 * @x: 1 to 16
 * @y: 16 bytes
 */
void dmk_share_eval(const u8 (*coeff)[DMK_SHARE_LEN], unsigned int k, u8 x,
		    u8 y[DMK_SHARE_LEN]);

/**
 * dmk_share_interpolate() - the coefficients from k points with distinct x
 * @points: the candidates
 * @set: indices of k of them
 * @k: 1 to 16
 * @coeff: k symbols
 */
void dmk_share_interpolate(const struct dmk_point *points, const u8 *set,
			   unsigned int k, u8 (*coeff)[DMK_SHARE_LEN]);

/**
 * struct dmk_sets - the sets of k candidates with distinct x that hold the
 *	newest candidate, one after the other
 * @n: number of candidates; the newest is n - 1
 * @k: size of a set
 * @started: whether @set holds one
 * @set: indices of the current set, the newest candidate among them
 */
struct dmk_sets {
	u8 n;
	u8 k;
	bool started;
	u8 set[DMK_CANDIDATES_MAX];
};

/**
 * dmk_sets_next() - the next set, protocol.md 6.1
 * @s: state; zero but for n and k at first
 * @points: the n candidates
 *
 * Return: false when there is none left. All sets are given exactly once.
 */
bool dmk_sets_next(struct dmk_sets *s, const struct dmk_point *points);

/**
 * dmk_share_tgk() - the TGK of a polynomial
 * @c: crypto backend
 * @scheme: DMK_SCHEME_RS or DMK_SCHEME_SHAMIR
 * @coeff: k symbols
 * @k: 1 to 16
 * @tgk: room for 32 bytes; 32 (Reed-Solomon) or 16 (Shamir) are written
 *
 * Return: length of the TGK, or 0 if the backend failed.
 */
unsigned int dmk_share_tgk(struct dmk_crypto *c, u8 scheme,
			   const u8 (*coeff)[DMK_SHARE_LEN], unsigned int k,
			   u8 tgk[DMK_TGK_MAX]);

#endif
