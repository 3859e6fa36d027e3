/* SPDX-License-Identifier: GPL-2.0 */
/* Between accept.c and accept_states.c: a session of the vectors at the responder. */
#ifndef ACCEPT_H
#define ACCEPT_H

#include "device.h"
#include "forge.h"
#include "ktap.h"

/* @good, and why not */
#define check(good)	accept_check(good, #good, __FILE__, __LINE__)
bool accept_check(bool good, const char *what, const char *file, int line);

/**
 * struct meeting - a session at the responder
 * @c: crypto backend
 * @s: the session
 * @m: the last message 3 that was sent
 * @sd: I's Session Data
 * @policy: ESP policy
 * @collision: somebody else has the SPI of CS 1
 * @n_sent: messages 3
 * @late: one came more than 200 ms after the k-th
 * @r_i: message 5
 * @live: the session
 */
struct meeting {
	struct dmk_crypto *c;
	session_t *s;
	struct dmk_message m;
	struct dmk_session_data sd;
	struct dmk_esp_policy policy;
	bool collision;
	unsigned int n_sent;
	bool late;
	struct dmk_message r_i;
	struct device_session live;
};

/* the two xfrm states of the session, and that of somebody else if there was a
 * collision
 */
bool accept_states(struct meeting *t);

#endif
