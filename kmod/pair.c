// SPDX-License-Identifier: GPL-2.0
/* The two SAs of a session. */

#include <linux/random.h>
#include <net/xfrm.h>

#include "netns.h"
#include "sa.h"

#define SPI_TRIES 16

/* what xfrm and the routing table say to an SA; a route for which there is no memory is
 * ENOBUFS
 */
static enum dmk_reason reason_of(int err)
{
	if (!err)
		return DMK_OK;
	return err == -ENOMEM || err == -ENOBUFS ? DMK_REASON_MEMORY : DMK_REASON_SA;
}

static int make(struct dmk_net *dn, struct dmk_sa *sa, bool inbound,
		const struct dmk_esp_keys *keys, struct xfrm_state **x)
{
	sa->inbound = inbound;
	sa->keys = keys;
	return dmk_sa_make(dn, sa, x);
}

enum dmk_reason dmk_pair_make(struct dmk_pair *p, const struct dmk_session *s,
			      const struct dmk_esp_policy *policy, u32 reqid,
			      const struct dmk_esp_keys keys[2])
{
	struct dmk_sa sa = { .sd = &s->sd, .policy = policy, .reqid = reqid };
	int err;

	dmk_addr_set_ip(&sa.sensor, s->sd.family, s->sd.addr);
	err = dmk_sa_local(s->dn, &sa.sensor, &sa.local);
	if (!err)
		err = make(s->dn, &sa, true, &keys[0], &p->in);
	if (!err)
		err = make(s->dn, &sa, false, &keys[1], &p->out);
	if (err)
		dmk_pair_drop(p);
	return reason_of(err);
}

void dmk_pair_drop(struct dmk_pair *p)
{
	dmk_sa_drop(p->in);
	dmk_sa_drop(p->out);
	p->in = NULL;
	p->out = NULL;
}

/* xfrm tells of every removal: of this one nobody needs to know */
static void remove(struct xfrm_state **x, struct dmk_net *dn)
{
	WRITE_ONCE(dn->sessions.removing, *x);
	dmk_sa_remove(*x);
	WRITE_ONCE(dn->sessions.removing, NULL);
	/* dmk_session_lost() compares it in softirq */
	WRITE_ONCE(*x, NULL);
}

void dmk_pair_remove(struct dmk_pair *p, struct dmk_net *dn)
{
	remove(&p->in, dn);
	remove(&p->out, dn);
}

void dmk_pair_bury(struct dmk_pair *p, struct dmk_net *dn)
{
	if (p->in && dmk_sa_is_gone(p->in))
		remove(&p->in, dn);
	if (p->out && dmk_sa_is_gone(p->out))
		remove(&p->out, dn);
}

bool dmk_pair_is_broken(const struct dmk_pair *p)
{
	return dmk_sa_is_gone(p->in) || dmk_sa_is_gone(p->out);
}

__be32 dmk_pair_spi_out(const struct dmk_pair *p)
{
	return p->out->id.spi;
}

static bool same_address(const struct dmk_session *a, const struct dmk_session *b)
{
	return a->sd.family == b->sd.family &&
	       !memcmp(a->sd.addr, b->sd.addr, sizeof(a->sd.addr));
}

/* a sensor that draws an SPI of its own once more means to replace that session */
static bool end_own_spi(const struct dmk_session *new, __be32 spi_out)
{
	struct dmk_session *s;

	list_for_each_entry(s, &new->sensor->sessions, by_sensor) {
		if (s == new || dmk_pair_spi_out(&s->sa) != spi_out ||
		    !same_address(s, new))
			continue;
		dmk_session_end(s, DMK_OK);
		return true;
	}
	return false;
}

static enum dmk_reason insert_out(struct dmk_pair *p, struct dmk_session *s, __be32 spi)
{
	int err = dmk_sa_insert(p->out, spi);

	if (err == -EEXIST && end_own_spi(s, spi))
		err = dmk_sa_insert(p->out, spi);
	if (err == -EEXIST)
		return DMK_REASON_SPI2_IN_USE;
	return reason_of(err);
}

/* 4: R may replace the SPI of CS 1 on a collision */
static enum dmk_reason insert_in(struct dmk_pair *p, struct dmk_session *s, u32 spi[2])
{
	int i, err = -EEXIST;

	for (i = 0; i < SPI_TRIES && err == -EEXIST; i++) {
		if (i)
			spi[0] = get_random_u32() | DMK_SPI_MIN;
		if (spi[0] != spi[1] && !dmk_session_by_spi(s->dn, htonl(spi[0])))
			err = dmk_sa_insert(p->in, htonl(spi[0]));
	}
	return reason_of(err);
}

enum dmk_reason dmk_pair_insert(struct dmk_pair *p, struct dmk_session *s, u32 spi[2])
{
	enum dmk_reason reason = insert_out(p, s, htonl(spi[1]));

	if (reason)
		return reason;
	reason = insert_in(p, s, spi);
	if (reason)
		remove(&p->out, s->dn);
	return reason;
}
