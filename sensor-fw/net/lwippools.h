/* SPDX-License-Identifier: GPL-2.0 */
/* lwIP's memory: the IPv6 header of a packet of ours; two for an answer to one. */
LWIP_MALLOC_MEMPOOL_START
LWIP_MALLOC_MEMPOOL(2, 64)
LWIP_MALLOC_MEMPOOL_END
