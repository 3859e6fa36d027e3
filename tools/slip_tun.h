/* SPDX-License-Identifier: GPL-2.0 */
/* The network interface of a sensor's line. */
#ifndef SLIP_TUN_H
#define SLIP_TUN_H

#include "slip_conf.h"

/**
 * slip_tun_open() - make the interface, or take the one that is there, and set it
 *	up as @c says; a failure is said
 *
 * Return: a descriptor that does not block, or -1.
 */
int slip_tun_open(const struct slip_conf *c);

/**
 * slip_tun_drop_privileges() - become @c->user, and give up all capabilities; a
 *	failure is said
 */
bool slip_tun_drop_privileges(const struct slip_conf *c);

#endif
