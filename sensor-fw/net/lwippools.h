/* SPDX-License-Identifier: GPL-2.0 */
/* lwIP's memory: an echo of 64 bytes fits, or the header of a packet of ours. */
LWIP_MALLOC_MEMPOOL_START
LWIP_MALLOC_MEMPOOL(2, 136)
LWIP_MALLOC_MEMPOOL_END
