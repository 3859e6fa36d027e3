// SPDX-License-Identifier: GPL-2.0
/* A third party's way to a responder. */

#include "envelope.h"
#include "netns.h"
#include "route.h"

void dmk_route_init(struct dmk_route *rt)
{
	spin_lock_init(&rt->lock);
	INIT_LIST_HEAD(&rt->parked);
}

/* locked */
static void wipe(struct dmk_route *rt)
{
	memzero_explicit(&rt->key, sizeof(rt->key));
	rt->valid = false;
}

void dmk_route_wipe(struct dmk_route *rt)
{
	spin_lock_bh(&rt->lock);
	wipe(rt);
	spin_unlock_bh(&rt->lock);
}

/* R's certificate was looked at when @r was found. Locked. */
static bool is_usable(struct dmk_net *dn, const struct dmk_route *rt,
		      const struct dmk_local *l, u32 epoch)
{
	return rt->valid && rt->key.epoch == epoch && rt->left &&
	       ktime_get_boottime_seconds() < rt->key.born + READ_ONCE(dn->envelope_life) &&
	       ktime_get_real_seconds() <= l->expires;
}

/* 6.3: what R does not know is given up when R has confirmed another one */
static bool may_use(const struct dmk_route *rt, const struct dmk_datagram *d,
		    const u8 *unknown)
{
	return rt->valid && d->again < DMK_AGAIN_MAX &&
	       !(unknown && !memcmp(rt->key.id, unknown, sizeof(rt->key.id)));
}

static bool park(struct dmk_route *rt, struct dmk_datagram *d)
{
	if (d->again >= DMK_AGAIN_MAX || d->waited >= DMK_PARKED_TIMES ||
	    rt->n_parked >= DMK_PARKED_MAX)
		return false;
	d->waited++;
	list_add_tail(&d->list, &rt->parked);
	rt->n_parked++;
	return true;
}

/* locked */
static enum dmk_form choose(struct dmk_net *dn, struct dmk_peer *r,
			    const struct dmk_local *l, u32 epoch,
			    struct dmk_datagram **d, const u8 *unknown,
			    struct dmk_envelope *e)
{
	struct dmk_route *rt = &r->route;

	if (!is_usable(dn, rt, l, epoch))
		wipe(rt);
	if (!READ_ONCE(dn->envelope_life) || READ_ONCE(r->dead))
		return DMK_FORM_SIGNED;
	if (may_use(rt, *d, unknown)) {
		*e = rt->key;
		rt->left--;
		return DMK_FORM_CACHED;
	}
	if (!rt->busy) {
		rt->busy = true;
		return DMK_FORM_CARRIER;
	}
	if (!park(rt, *d))
		return DMK_FORM_SIGNED;
	*d = NULL;
	return DMK_FORM_PARKED;
}

enum dmk_form dmk_route_choose(struct dmk_net *dn, struct dmk_peer *r,
			       const struct dmk_local *l, u32 epoch,
			       struct dmk_datagram **d, const u8 *unknown,
			       struct dmk_envelope *e)
{
	enum dmk_form form;

	spin_lock_bh(&r->route.lock);
	form = choose(dn, r, l, epoch, d, unknown, e);
	spin_unlock_bh(&r->route.lock);
	if (form == DMK_FORM_CACHED)
		dmk_stats_inc(dn, DMK_STAT_ENVELOPE_HIT);
	if (form == DMK_FORM_PARKED)
		dmk_stats_inc(dn, DMK_STAT_SHARE_PARKED);
	return form;
}

/* the exchange is over; locked */
static void end(struct dmk_route *rt, struct list_head *parked)
{
	rt->busy = false;
	list_splice_init(&rt->parked, parked);
	rt->n_parked = 0;
}

static void resume(struct dmk_net *dn, struct list_head *parked)
{
	struct dmk_datagram *d, *next;

	list_for_each_entry_safe(d, next, parked, list)
		dmk_queue_resume(dn, d);
}

void dmk_route_won(struct dmk_net *dn, struct dmk_peer *r,
		   const struct dmk_envelope *e)
{
	struct dmk_route *rt = &r->route;
	LIST_HEAD(parked);

	spin_lock_bh(&rt->lock);
	if (!READ_ONCE(r->dead)) {
		rt->key = *e;
		rt->valid = true;
		/* R has used it once */
		rt->left = DMK_ENVELOPE_MESSAGES - 1;
	}
	end(rt, &parked);
	spin_unlock_bh(&rt->lock);
	resume(dn, &parked);
}

void dmk_route_lost(struct dmk_net *dn, struct dmk_peer *r)
{
	LIST_HEAD(parked);

	spin_lock_bh(&r->route.lock);
	end(&r->route, &parked);
	spin_unlock_bh(&r->route.lock);
	resume(dn, &parked);
}
