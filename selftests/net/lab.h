/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A network namespace whose only interface ends in this program: it sends any
 * datagram from any address, and sees every one that the module answers.
 *
 *	the module as a third party	192.0.2.1	2001:db8::1
 *	the module as a responder	192.0.2.100	2001:db8::100
 *	all others of these two nets	this program
 */
#ifndef LAB_H
#define LAB_H

#include <stdbool.h>

#include "crypto.h"

#define LAB_PORT	2269
#define LAB_DATAGRAM	8192
#define LAB_PACKET	9000

/* an address and port; 16 bytes, IPv4 mapped */
struct lab_addr {
	u8 ip[16];
	u16 port;
};

struct lab_datagram {
	struct lab_addr from;
	struct lab_addr to;
	u32 len;
	u8 data[LAB_DATAGRAM];
};

/* ends the program: what the tests stand on has failed */
__attribute__((format(printf, 1, 2), noreturn)) void lab_die(const char *fmt, ...);

/* text: "192.0.2.7" or "2001:db8::7" */
struct lab_addr lab_addr(const char *text, u16 port);
bool lab_addr_equal(const struct lab_addr *a, const struct lab_addr *b);

/* leaves the namespace of before, which ends with what was in it, for a new one
 * with these addresses
 */
void lab_new(const char *v4, const char *v6);

/* an IP packet with one UDP datagram; LAB_PACKET bytes of room; its length */
u32 lab_packet_put(const struct lab_addr *from, const struct lab_addr *to,
		   struct dmk_span data, u8 *p);
/* false: it is something else */
bool lab_packet_get(const u8 *p, size_t len, struct lab_datagram *d);

void lab_send_packet(const u8 *packet, u32 len);	/* IP, as it is */
void lab_send(const struct lab_addr *from, const struct lab_addr *to, struct dmk_span data);

/* the same out of a router's namespace, where all addresses are others': no lab_new() */
void lab_forge(const struct lab_addr *from, const struct lab_addr *to, struct dmk_span data);

/* false: no datagram for @ms milliseconds */
bool lab_receive(struct lab_datagram *d, int ms);

/* Unix milliseconds; lab_clock_back() sets it as if nobody had touched it */
void lab_clock(s64 ms);
void lab_clock_back(void);

/* milliseconds of a clock that nobody sets */
s64 lab_ms(void);

#endif
