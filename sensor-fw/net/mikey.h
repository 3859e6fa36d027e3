/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MIKEY datagrams: UDP to and from third parties and the responder, whose MIKEY
 * port is theirs.
 */
#ifndef MIKEY_H
#define MIKEY_H

#include "blob.h"
#include "initiator.h"

/**
 * mikey_start() - take datagrams from now on; link_start() came before
 * @blob: ports and addresses; stays
 * @receive: called with each datagram: who sent it (index of the third party
 *	whose address and port it came from, DMK_RESPONDER or DMK_FROM_ELSEWHERE), its
 *	bytes, which may be changed in place, and their number
 *
 * Return: false if lwIP has no room.
 */
bool mikey_start(const struct dmk_blob *blob,
		 void (*receive)(int from, u8 *data, u32 len));

/**
 * mikey_send() - send a datagram to a third party or the responder
 * @party: its index, or DMK_RESPONDER
 * @data: the datagram
 * @len: its length
 */
void mikey_send(u8 party, const u8 *data, u32 len);

#endif
