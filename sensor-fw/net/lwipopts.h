/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the firmware takes of lwIP: IPv6 with raw sockets on one
 * point-to-point line, without fragments, neighbours, multicast or timers. Frames
 * are received and sent where they lie (PBUF_REF); lwIP's own memory holds
 * headers and the answer to an echo request.
 */
#ifndef LWIPOPTS_H
#define LWIPOPTS_H

#define NO_SYS				1
#define SYS_LIGHTWEIGHT_PROT		0
#define LWIP_NETCONN			0
#define LWIP_SOCKET			0
#define LWIP_TIMERS			0
#define LWIP_STATS			0
#define LWIP_NOASSERT

#define LWIP_IPV4			0
#define LWIP_IPV6			1
#define LWIP_RAW			1
#define LWIP_UDP			0
#define LWIP_TCP			0
#define LWIP_ICMP6			1
#define LWIP_SINGLE_NETIF		1
#define LWIP_IPV6_NUM_ADDRESSES		1

#define LWIP_IPV6_FRAG			0
#define LWIP_IPV6_REASS			0
#define LWIP_IPV6_FORWARD		0
#define LWIP_IPV6_SCOPES		0
#define LWIP_IPV6_MLD			0
#define LWIP_IPV6_AUTOCONFIG		0
#define LWIP_IPV6_DUP_DETECT_ATTEMPTS	0
#define LWIP_IPV6_SEND_ROUTER_SOLICIT	0
#define LWIP_ND6_QUEUEING		0
#define LWIP_ND6_ALLOW_RA_UPDATES	0

/* lwippools.h instead of a heap */
#define MEM_ALIGNMENT			4
#define MEM_USE_POOLS			1
#define MEMP_USE_CUSTOM_POOLS		1
/* the frame that came, an answer to it in two pieces */
#define MEMP_NUM_PBUF			3
#define PBUF_POOL_SIZE			0
#define PBUF_POOL_BUFSIZE		64
#define PBUF_LINK_HLEN			0
#define MEMP_NUM_RAW_PCB		2

#endif
