/* SPDX-License-Identifier: GPL-2.0 */
/*
 * UDP to and from the responder inside ESP, and nothing else: what comes from
 * its port in clear is not for the application. The newest session's SAs
 * are used; packets of the one before are taken until one of the newest comes.
 */
#ifndef SECURE_H
#define SECURE_H

#include "initiator.h"
#include "esp.h"

enum {
	SECURE_HEAD = ESP_HEAD + 8,	/* with UDP's */
};

/**
 * struct secure_conf - between which ports; the caller's, lives on
 * @peer: the responder's IPv6 address, 16 bytes
 * @peer_port: its UDP port
 * @own_port: ours
 * @receive: called with each datagram that was in ESP
 * @refused: called for a packet that was refused, with the reason in words
 * @buf: where packets are made; may be used for other things in between
 * @room: its size: SECURE_HEAD + longest datagram + ESP_TAIL_MAX
 */
struct secure_conf {
	const u8 *peer;
	u16 peer_port;
	u16 own_port;
	void (*receive)(const u8 *data, u32 len);
	void (*refused)(const char *why);
	u8 *buf;
	u32 room;
};

/**
 * secure_start() - take ESP packets from now on; link_start() came before
 *
 * Return: false if lwIP has no room.
 */
bool secure_start(const struct secure_conf *conf);

/**
 * secure_install() - the SAs of a new session
 *
 * Return: false if the policy is none that esp.c has.
 */
bool secure_install(const struct dmk_sa_pair *sa);

/**
 * secure_forget() - the lifetime of all SAs is over
 */
void secure_forget(void);

/**
 * secure_has_spi() - whether an inbound SA has this SPI
 */
bool secure_has_spi(u32 spi);

/**
 * secure_payload() - where a datagram to be sent may be built
 */
u8 *secure_payload(void);

/**
 * secure_send() - send a datagram to the responder
 * @data: at secure_payload(), or elsewhere
 * @len: its length
 *
 * Return: false if there is no session, or the line hangs.
 */
bool secure_send(const u8 *data, u32 len);

/**
 * secure_used() - percent of the outbound SA's lifetime in packets
 */
u32 secure_used(void);

#endif
