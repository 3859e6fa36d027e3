/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The network: lwIP on a serial line (IPv6 in SLIP, core/slip.h). One frame is
 * handled at a time and to its end, in the buffer where it was gathered.
 */
#ifndef LINK_H
#define LINK_H

#include "crypto.h"
#include "lwip/ip_addr.h"

struct pbuf;
struct raw_pcb;

/**
 * link_start() - lwIP, and the interface with one address
 * @addr: the sensor's IPv6 address, 16 bytes
 */
void link_start(const u8 *addr);

/**
 * link_poll() - take what has come over the line, up to one frame
 *
 * Return: whether there may be more.
 */
bool link_poll(void);

/**
 * link_hangs() - whether the last frame could not be sent because the
 *	transmitter hangs
 */
bool link_hangs(void);

/**
 * link_own() - the sensor's own address
 */
const ip6_addr_t *link_own(void);

/**
 * link_payload() - what is behind the IPv6 header of the packet that lwIP handles
 *	now; frames are in one piece
 * @p: the packet, as a raw socket gets it
 * @len: length of the payload
 */
u8 *link_payload(const struct pbuf *p, u32 *len);

/**
 * link_wrap() - lwIP's view of two pieces of the caller's memory
 * @head: the first bytes
 * @data: the rest; may be empty
 *
 * Return: to be freed with pbuf_free(); NULL without room.
 */
struct pbuf *link_wrap(struct dmk_span head, struct dmk_span data);

/**
 * link_send() - send a packet
 * @pcb: lwIP's raw socket
 * @to: destination
 * @head: its first bytes
 * @data: the rest; may be empty
 *
 * Return: false if lwIP has no room, or the line hangs.
 */
bool link_send(struct raw_pcb *pcb, const ip_addr_t *to, struct dmk_span head,
	       struct dmk_span data);

/**
 * link_address() - lwIP's form of 16 octets
 */
void link_address(ip_addr_t *out, const u8 *addr);

#endif
