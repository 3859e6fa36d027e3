/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The network: lwIP on a serial line (IPv6 in SLIP, core/slip.h). One frame is
 * handled at a time and to its end, in the buffer where it was gathered.
 */
#ifndef LINK_H
#define LINK_H

#include "lwip/ip_addr.h"
#include "port.h"

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
 * link_address() - lwIP's form of 16 octets
 */
void link_address(ip_addr_t *out, const u8 *addr);

#endif
