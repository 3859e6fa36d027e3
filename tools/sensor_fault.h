/* SPDX-License-Identifier: GPL-2.0 */
/* dmikey-sensor: misbehaviour on request, outside of core. */
#ifndef SENSOR_FAULT_H
#define SENSOR_FAULT_H

#include "sensor_conf.h"

/* message 1 with COOKIE */
#define SENSOR_TX_ROOM (DMK_SENSOR_MSG_MAX + 32)

struct sensor_fault {
	const struct sensor_conf *conf;
	struct dmk_crypto *crypto;
	unsigned int dumped;
	u8 share[DMK_SHARE_LEN];	/* of position 1, for same-x */
};

/**
 * sensor_fault_send() - what message 1 becomes on its way out
 * @f: context
 * @party: third party that it is for
 * @data: the message, SENSOR_TX_ROOM bytes of room; changed in place
 * @len: its length
 *
 * Return: the new length, 0 if it is not to be sent.
 */
u32 sensor_fault_send(struct sensor_fault *f, u8 party, u8 *data, u32 len);

/* writes a datagram to the dump directory, if one was asked for; @dir: tx or rx */
void sensor_fault_dump(struct sensor_fault *f, const char *dir, int party, const u8 *data,
		       u32 len);

/**
 * sensor_fault_spi() - the SPI that a test asks for, in place of a random draw
 * @f: context
 * @i: the machine: it draws its SPIs first, that of CS 1 before that of CS 2
 * @out: 4 random bytes, replaced where a fault wants it
 */
void sensor_fault_spi(const struct sensor_fault *f, const struct dmk_initiator *i, u8 out[4]);

#endif
