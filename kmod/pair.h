/* SPDX-License-Identifier: GPL-2.0 */
/* The two SAs of a session, or of an update of it: protocol.md 4 and 8. */
#ifndef DMK_PAIR_H
#define DMK_PAIR_H

#include "esp.h"
#include "reason.h"

struct dmk_net;
struct dmk_session;
struct xfrm_state;

/**
 * struct dmk_pair - both SAs, each with a reference, or NULL
 * @in: inbound xfrm state, CS 1
 * @out: outbound xfrm state, CS 2; used once @in was
 */
struct dmk_pair {
	struct xfrm_state *in;
	struct xfrm_state *out;
};

/**
 * dmk_pair_make() - make both with their keys; not under the lock; may sleep
 * @p: the pair; on failure there is nothing in it
 * @s: whose they are to be; only what never changes is read
 * @policy: ESP policy
 * @reqid: reqid
 * @keys: of CS 1 and CS 2
 *
 * Return: DMK_OK or SA.
 */
enum dmk_reason dmk_pair_make(struct dmk_pair *p, const struct dmk_session *s,
			      const struct dmk_esp_policy *policy, u32 reqid,
			      const struct dmk_esp_keys keys[2]);

/**
 * dmk_pair_insert() - let packets meet both; under the lock
 * @p: the pair; on failure it is as it was, or some of it is gone
 * @s: the session
 * @spi: of CS 1 and CS 2; that of CS 1 may be replaced
 *
 * Return: DMK_OK; SPI2_IN_USE, SA.
 */
enum dmk_reason dmk_pair_insert(struct dmk_pair *p, struct dmk_session *s, u32 spi[2]);

/* forgets what was made and not inserted */
void dmk_pair_drop(struct dmk_pair *p);
/* takes away what was inserted; under the lock */
void dmk_pair_remove(struct dmk_pair *p, struct dmk_net *dn);
/* the same for those of the two that others have taken away, or whose life is over */
void dmk_pair_bury(struct dmk_pair *p, struct dmk_net *dn);
/* SPI of the outbound one, which is there */
__be32 dmk_pair_spi_out(const struct dmk_pair *p);
/* whether there are such */
bool dmk_pair_is_broken(const struct dmk_pair *p);

#endif
