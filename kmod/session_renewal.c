// SPDX-License-Identifier: GPL-2.0
/* New keys for a session at R, protocol.md 9. */

#include <linux/slab.h>

#include "netns.h"

/* one that was asked for under another of this host's names is not this one, and
 * one with another host has no updates
 */
static struct dmk_session *find(struct dmk_net *dn, const struct dmk_message *m)
{
	struct dmk_party *sensor = dmk_party_find(dn, &m->idi);
	struct dmk_session *s;
	struct dmk_id idr;

	if (!sensor)
		return NULL;
	list_for_each_entry(s, &sensor->sessions, by_sensor) {
		idr = dmk_party_id(s->responder);
		if (s->csb_id == m->hdr.csb_id && dmk_id_equal(&idr, &m->idr) &&
		    !dmk_session_is_host(s))
			return s;
	}
	return NULL;
}

enum dmk_reason dmk_session_find(struct dmk_net *dn, const struct dmk_message *m,
				 struct dmk_renewal *r)
{
	enum dmk_reason reason = DMK_OK;
	struct dmk_session *s;

	mutex_lock(&dn->sessions.lock);
	s = find(dn, m);
	if (!s) {
		reason = DMK_REASON_UNKNOWN_SESSION;
	} else if (READ_ONCE(s->state) != DMK_SESSION_CONFIRMED) {
		reason = DMK_REASON_UNCONFIRMED;
	} else {
		refcount_inc(&s->ref);
		r->s = s;
		memcpy(r->k_update, s->k_update, sizeof(r->k_update));
		r->last_t = s->t;
		r->policy = s->policy;
		r->reqid = s->rule->reqid;
	}
	mutex_unlock(&dn->sessions.lock);
	return reason;
}

/* ---- under the lock */

static void replace_keys(struct dmk_session *s, const struct dmk_renewal *r)
{
	memcpy(s->k_update, r->next, sizeof(s->k_update));
	s->t = r->t;
	s->policy = r->policy;
}

/* The old SAs stay; the new outbound one waits for the first packet, 7.4.
 * On success, and only then, @sa and @old are the session's.
 */
static enum dmk_reason update(struct dmk_renewal *r, struct dmk_pair *sa,
			      struct dmk_session_old *old)
{
	struct dmk_session *s = r->s;
	enum dmk_reason reason;

	if (s->ended)
		return DMK_REASON_UNKNOWN_SESSION;
	/* another U_R was faster: its K_update has replaced the one of this */
	if (s->t != r->last_t)
		return DMK_REASON_STALE;
	/* this K_update comes with the newest SAs: the sensor has them */
	dmk_session_proved(s);
	reason = dmk_pair_insert(sa, s, r->spi);
	if (reason)
		return reason;
	old->u_r = r->u_r;
	if (dmk_session_replace(s, sa, r->spi, old)) {
		dmk_pair_remove(sa, s->dn);
		return DMK_REASON_MEMORY;
	}
	replace_keys(s, r);
	dmk_stats_inc(s->dn, DMK_STAT_SESSION_UPDATED);
	dmk_event_session(s->dn, DMK_EVENT_SESSION_UPDATED, s, DMK_OK);
	return DMK_OK;
}

enum dmk_reason dmk_session_update(struct dmk_renewal *r)
{
	struct dmk_session_old *old = kmalloc(sizeof(*old), GFP_KERNEL);
	struct dmk_sessions *ss = &r->s->dn->sessions;
	struct dmk_pair sa = {};
	enum dmk_reason reason;

	if (!old)
		return DMK_REASON_MEMORY;
	/* keys are prepared before the lock is taken */
	reason = dmk_pair_make(&sa, r->s, &r->policy, r->reqid, r->keys);
	if (!reason) {
		mutex_lock(&ss->lock);
		reason = update(r, &sa, old);
		mutex_unlock(&ss->lock);
	}
	if (reason) {
		dmk_pair_drop(&sa);
		kfree(old);
	}
	return reason;
}
