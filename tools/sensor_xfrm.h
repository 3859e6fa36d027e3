/* SPDX-License-Identifier: GPL-2.0 */
/* dmikey-sensor: its ESP states and policies in the kernel (NETLINK_XFRM). */
#ifndef SENSOR_XFRM_H
#define SENSOR_XFRM_H

#include "sensor_conf.h"

struct sensor_xfrm;

/**
 * sensor_xfrm_open() - a netlink socket
 * @conf: addresses, selector
 *
 * Return: the context, or NULL, which has been said on standard error.
 */
struct sensor_xfrm *sensor_xfrm_open(const struct sensor_conf *conf);

/**
 * sensor_xfrm_install() - the two states of a session, and the policies
 * @x: context
 * @sa: keys; not kept
 *
 * The outbound state before is removed once the new ones are there; the inbound
 * one stays until sensor_xfrm_settle() finds the new one in use, or it expires.
 *
 * Return: 0, or negative; then nothing new is left behind, and the cause has
 * been said on standard error.
 */
int sensor_xfrm_install(struct sensor_xfrm *x, const struct dmk_sa_pair *sa);

/* whether one of the states has the SPI */
bool sensor_xfrm_has_spi(const struct sensor_xfrm *x, u32 spi);

/**
 * sensor_xfrm_settle() - remove the inbound state before, if the new one is in use
 * @x: context
 *
 * Return: whether there is one to be removed yet: ask again after a while.
 */
bool sensor_xfrm_settle(struct sensor_xfrm *x);

/* removes states and policies */
void sensor_xfrm_close(struct sensor_xfrm *x);

/**
 * sensor_xfrm_bypass() - a socket that no ESP policy touches, as key exchange
 *	needs it
 * @fd: an IPv4 or IPv6 socket
 * @family: AF_INET or AF_INET6
 */
int sensor_xfrm_bypass(int fd, int family);

#endif
