// SPDX-License-Identifier: GPL-2.0
#include <mbedtls/memory_buffer_alloc.h>

#include "count.h"
#include "peer.h"
#include "board.h"
#include "usart.h"

enum {
	HEAP = 48 * 1024,
};

static u8 heap[HEAP] __attribute__((aligned(8)));

void peer_start(void)
{
	struct board_clocks clocks;

	board_start(&clocks);
	usart_start(clocks.bus2, clocks.bus1);
	mbedtls_memory_buffer_alloc_init(heap, sizeof(heap));
	count_start();
}

static int fixed(void *ctx, unsigned char *out, size_t len)
{
	(void)ctx;
	memset(out, 0x5a, len);
	return 0;
}

void peer_drbg(mbedtls_ctr_drbg_context *drbg, const char *name)
{
	mbedtls_ctr_drbg_init(drbg);
	MUST(!mbedtls_ctr_drbg_seed(drbg, fixed, NULL, (const u8 *)name, strlen(name)));
}

/* RFC 8200 4.5: all fragments but the last hold a multiple of 8 bytes */
u32 peer_ipv6_bytes(u32 len)
{
	u32 piece = (PEER_MTU - PEER_IPV6 - PEER_FRAGMENT) / 8 * 8;
	u32 pieces;

	len += PEER_UDP;
	if (len <= PEER_MTU - PEER_IPV6)
		return len + PEER_IPV6;
	pieces = (len + piece - 1) / piece;
	return len + pieces * (PEER_IPV6 + PEER_FRAGMENT);
}
