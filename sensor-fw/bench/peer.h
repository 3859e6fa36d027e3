/* SPDX-License-Identifier: GPL-2.0 */
/* What the images with Mbed TLS's other halves (RSA, DTLS) have in common. */
#ifndef PEER_H
#define PEER_H

#include <mbedtls/ctr_drbg.h>

#include "port.h"

enum {
	PEER_IPV6 = 40,			/* bytes of headers, a packet */
	PEER_UDP = 8,
	PEER_FRAGMENT = 8,
	PEER_MTU = 1280,		/* RFC 8200 5: what every link has */
};

/**
 * peer_start() - console, counter, memory
 */
void peer_start(void);

/**
 * peer_drbg() - a CTR_DRBG with a fixed seed: each run draws the same numbers
 * @drbg: not initialised
 * @name: personalization, so that two have different numbers
 */
void peer_drbg(mbedtls_ctr_drbg_context *drbg, const char *name);

/**
 * peer_ipv6_bytes() - bytes of IPv6 for a datagram, in fragments if it must be
 * @len: UDP payload
 */
u32 peer_ipv6_bytes(u32 len);

#endif
