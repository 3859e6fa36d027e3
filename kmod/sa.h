/* SPDX-License-Identifier: GPL-2.0 */
/* xfrm states of a session, and the hooks that tell of their use and end. */
#ifndef DMK_SA_H
#define DMK_SA_H

#include "esp.h"
#include <linux/in6.h>

struct dmk_net;
struct xfrm_state;

/**
 * struct dmk_sa - one direction of a session
 * @inbound: from the sensor to us
 * @spi: SPI
 * @sensor: the sensor's address, IPv4 mapped
 * @local: ours, IPv4 mapped
 * @sd: Session Data: the selector and the encapsulation
 * @policy: ESP policy
 * @keys: key material; not kept
 * @reqid: reqid
 */
struct dmk_sa {
	bool inbound;
	__be32 spi;
	struct in6_addr sensor;
	struct in6_addr local;
	const struct dmk_session_data *sd;
	const struct dmk_esp_policy *policy;
	const struct dmk_esp_keys *keys;
	u32 reqid;
};

/**
 * dmk_sa_local() - our address towards a sensor
 * @dn: the instance
 * @sensor: the sensor's address, IPv4 mapped
 * @local: the address that routing picks, IPv4 mapped
 *
 * Return: 0, or -errno when there is no route.
 */
int dmk_sa_local(struct dmk_net *dn, const struct in6_addr *sensor, struct in6_addr *local);

/**
 * dmk_sa_add() - make an xfrm state and add it; may sleep
 * @dn: the instance
 * @sa: what it is to be
 * @x: the state, with a reference for the caller
 *
 * An outbound state does not carry data before dmk_sa_open().
 *
 * Return: 0; -EEXIST when the SPI is in use for that address; -errno.
 */
int dmk_sa_add(struct dmk_net *dn, const struct dmk_sa *sa, struct xfrm_state **x);

/* an outbound state may carry data from now on; softirq safe */
void dmk_sa_open(struct xfrm_state *x);

/* removes the state, if nobody has, and drops the caller's reference */
void dmk_sa_remove(struct xfrm_state *x);

/* whether somebody has removed it, or it has expired */
bool dmk_sa_is_gone(const struct xfrm_state *x);

/* the module's part in xfrm's notifications */
void dmk_sa_init(void);
void dmk_sa_exit(void);
int dmk_sa_netns_init(struct dmk_net *dn);
void dmk_sa_netns_exit(struct dmk_net *dn);

#endif
