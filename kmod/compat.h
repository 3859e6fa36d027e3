/* SPDX-License-Identifier: GPL-2.0 */
/* What differs between the kernels that are supported; nowhere else. */
#ifndef DMK_COMPAT_H
#define DMK_COMPAT_H

#include <linux/version.h>
#include <net/genetlink.h>
#include <net/xfrm.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#error "dmikey needs Linux 6.1 or later"
#endif

/* 6.8, and stable kernels since the end of 2023, ask who may join a group.
 * Before, anybody could: what is multicast holds no secret, but it names
 * sensors.
 */
#ifdef GENL_MCAST_CAP_NET_ADMIN
#define DMK_MCGRP(text) { .name = (text), .flags = GENL_MCAST_CAP_NET_ADMIN }
#else
#define DMK_MCGRP(text) { .name = (text) }
#endif

/* 6.16 wants to know whom to tell */
static inline int dmk_xfrm_init_state(struct xfrm_state *x)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 16, 0)
	return xfrm_init_state(x, NULL);
#else
	return xfrm_init_state(x);
#endif
}

#endif
