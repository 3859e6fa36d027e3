/* SPDX-License-Identifier: GPL-2.0 */
/*
 * UDP over IPv6: one header for datagrams in clear (mikey.c) and in ESP
 * (secure.c), on lwIP's raw sockets and its checksum.
 */
#ifndef UDP6_H
#define UDP6_H

#include "crypto.h"
#include "lwip/ip_addr.h"

enum {
	UDP_PROTO = 17,
	UDP_HEAD = 8,
};

/**
 * struct udp6 - a datagram
 * @from: source port
 * @to: destination port
 * @data: payload
 */
struct udp6 {
	u16 from;
	u16 to;
	struct dmk_span data;
};

/**
 * udp6_head() - write the header of a datagram that is sent
 * @u: ports and payload
 * @peer: whom it is for
 * @head: the header
 *
 * Return: false if lwIP has no room.
 */
bool udp6_head(const struct udp6 *u, const ip_addr_t *peer, u8 head[UDP_HEAD]);

/**
 * udp6_open() - read a datagram that came in the packet that lwIP handles now
 * @data: header and payload
 * @len: their length
 * @u: the result
 *
 * Return: false if its length or its checksum is wrong.
 */
bool udp6_open(const u8 *data, u32 len, struct udp6 *u);

#endif
