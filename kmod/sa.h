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
 * @sensor: the sensor's address, IPv4 mapped
 * @local: ours, IPv4 mapped
 * @sd: Session Data: the selector and the encapsulation
 * @policy: ESP policy
 * @keys: key material; not kept
 * @reqid: reqid
 */
struct dmk_sa {
	bool inbound;
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
 * dmk_sa_make() - make an xfrm state with its keys; may sleep
 * @dn: the instance
 * @sa: what it is to be
 * @x: the state, with a reference for the caller
 *
 * No packet meets it before dmk_sa_insert(), and an outbound one does not carry
 * data before dmk_sa_open().
 *
 * Return: 0 or -errno.
 */
int dmk_sa_make(struct dmk_net *dn, const struct dmk_sa *sa, struct xfrm_state **x);

/* Return: 0; -EEXIST when the SPI is in use for that address: it may be tried again */
int dmk_sa_insert(struct xfrm_state *x, __be32 spi);

/* drops one that was not inserted; NULL is ignored */
void dmk_sa_drop(struct xfrm_state *x);

/* an outbound state may carry data from now on; softirq safe */
void dmk_sa_open(struct xfrm_state *x);

/* removes the state, if nobody has, and drops the caller's reference; NULL is ignored */
void dmk_sa_remove(struct xfrm_state *x);

/* when its life ends, Unix seconds */
time64_t dmk_sa_expires(const struct xfrm_state *x);

/**
 * struct dmk_sa_usage - what went through an xfrm state
 * @packets: packets
 * @bytes: their bytes
 * @last: when the last one did, Unix seconds; 0: none did, or the kernel does not
 *	keep it (before 6.2)
 */
struct dmk_sa_usage {
	u64 packets;
	u64 bytes;
	time64_t last;
};

/* takes the state's own lock */
void dmk_sa_usage(struct xfrm_state *x, struct dmk_sa_usage *u);

/* whether somebody has removed it, or it has expired */
bool dmk_sa_is_gone(const struct xfrm_state *x);

/* the module's part in xfrm's notifications */
void dmk_sa_init(void);
void dmk_sa_exit(void);
int dmk_sa_netns_init(struct dmk_net *dn);
void dmk_sa_netns_exit(struct dmk_net *dn);

#endif
