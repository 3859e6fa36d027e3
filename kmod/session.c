// SPDX-License-Identifier: GPL-2.0
/* Established sessions at R, from their SAs to their end. */

#include <net/xfrm.h>

#include "netns.h"
#include "sa.h"

#define SPI_TRIES 16

static const struct rhashtable_params spi_params = {
	.key_len = sizeof_field(struct dmk_session, sa.spi_in),
	.key_offset = offsetof(struct dmk_session, sa.spi_in),
	.head_offset = offsetof(struct dmk_session, by_spi),
	.automatic_shrinking = true,
};

static const struct rhashtable_params addr_params = {
	.key_len = sizeof_field(struct dmk_session, addr),
	.key_offset = offsetof(struct dmk_session, addr),
	.head_offset = offsetof(struct dmk_session, by_addr),
	.automatic_shrinking = true,
};

void dmk_session_put(struct dmk_session *s)
{
	if (refcount_dec_and_test(&s->ref))
		kfree_rcu(s, rcu);
}

/* ---- the first packet on the newest SAs */

/* Through @x, or (NULL) because the sensor has shown that it has them. Return:
 * whether it was the first.
 */
static bool heard(struct dmk_session *s, const struct xfrm_state *x)
{
	struct dmk_sessions *ss = &s->dn->sessions;
	bool first;

	spin_lock_bh(&ss->fresh);
	first = s->fresh && (!x || s->sa.in == x);
	if (first) {
		s->fresh = false;
		s->state = DMK_SESSION_CONFIRMED;
		atomic_dec(&ss->unconfirmed);
		dmk_sa_open(s->sa.out);
	}
	spin_unlock_bh(&ss->fresh);
	return first;
}

/* nobody hears of them any more */
static void deafen(struct dmk_session *s)
{
	spin_lock_bh(&s->dn->sessions.fresh);
	if (s->fresh)
		atomic_dec(&s->dn->sessions.unconfirmed);
	s->fresh = false;
	if (s->state == DMK_SESSION_UNCONFIRMED)
		s->state = DMK_SESSION_ENDED;
	spin_unlock_bh(&s->dn->sessions.fresh);
}

/* the SPIs stay for the news of a session's end */
static void remove_pair(struct dmk_pair *p)
{
	dmk_sa_remove(p->in);
	dmk_sa_remove(p->out);
	p->in = NULL;
	p->out = NULL;
}

/* ---- the end of a session; under the lock */

static void tell_confirmed(struct dmk_session *s)
{
	s->settled = true;
	dmk_stats_inc(s->dn, DMK_STAT_SESSION_CONFIRMED);
	dmk_event_session(s->dn, DMK_EVENT_SESSION_CONFIRMED, s, DMK_OK);
}

void dmk_session_end(struct dmk_session *s, enum dmk_reason reason)
{
	struct dmk_sessions *ss = &s->dn->sessions;

	if (s->ended)
		return;
	s->ended = true;
	/* it was in use, and settle() comes too late to say so */
	if (s->state == DMK_SESSION_CONFIRMED && !s->settled)
		tell_confirmed(s);
	/* from here on dmk_session_heard() cannot find it */
	rhashtable_remove_fast(&ss->by_spi, &s->by_spi, spi_params);
	rhltable_remove(&ss->by_addr, &s->by_addr, addr_params);
	list_del(&s->all);
	list_del(&s->by_owner);
	ss->count--;
	deafen(s);
	memzero_explicit(s->k_update, sizeof(s->k_update));
	dmk_owner_retire(s->dn, s->group, s->owner);
	remove_pair(&s->before);
	remove_pair(&s->sa);
	dmk_stats_inc(s->dn, DMK_STAT_SESSION_ENDED);
	dmk_event_session(s->dn, DMK_EVENT_SESSION_END, s, reason);
	if (cancel_delayed_work(&s->life))
		dmk_session_put(s);
	dmk_session_put(s);
}

/* R_U for repetitions, protocol.md 9 */
static void forget_answer(struct dmk_session *s)
{
	dmk_replay_forget(&s->dn->r.replay, s->u_r);
}

/* unconfirmed for too long; the end of a confirmed one is that of its SAs */
static void life(struct work_struct *work)
{
	struct dmk_session *s = container_of(work, struct dmk_session, life.work);
	struct dmk_sessions *ss = &s->dn->sessions;

	mutex_lock(&ss->lock);
	if (s->state == DMK_SESSION_UNCONFIRMED)
		dmk_session_end(s, DMK_REASON_UNCONFIRMED);
	else if (!s->ended)
		forget_answer(s);
	mutex_unlock(&ss->lock);
	dmk_session_put(s);
}

/* 8: the new session is in use, so the sensor's older ones are not */
static void confirm(struct dmk_session *s)
{
	struct dmk_session *old, *next;

	tell_confirmed(s);
	list_for_each_entry_safe(old, next, &s->owner->sessions, by_owner) {
		if (old == s)
			break;
		dmk_session_end(old, DMK_OK);
	}
}

/* the newest SAs are in use: what they replace is not */
static void settle_now(struct dmk_session *s)
{
	remove_pair(&s->before);
	forget_answer(s);
	if (cancel_delayed_work(&s->life))
		dmk_session_put(s);
	if (!s->settled)
		confirm(s);
}

static void settle(struct work_struct *work)
{
	struct dmk_session *s = container_of(work, struct dmk_session, settle);
	struct dmk_sessions *ss = &s->dn->sessions;

	mutex_lock(&ss->lock);
	/* an update may have come in between, and settled it */
	if (!s->ended && !s->fresh)
		settle_now(s);
	mutex_unlock(&ss->lock);
	dmk_session_put(s);
}

void dmk_session_heard(struct dmk_net *dn, struct xfrm_state *x)
{
	struct dmk_session *s;

	rcu_read_lock();
	s = rhashtable_lookup(&dn->sessions.by_spi, &x->id.spi, spi_params);
	if (s && READ_ONCE(s->fresh) && refcount_inc_not_zero(&s->ref)) {
		/* the reference goes to settle(), if that is not queued already */
		if (!heard(s, x) || !queue_work(dmk_wq, &s->settle))
			dmk_session_put(s);
	}
	rcu_read_unlock();
}

static bool pair_is_gone(const struct dmk_pair *p)
{
	return p->in && (dmk_sa_is_gone(p->in) || dmk_sa_is_gone(p->out));
}

static void sweep(struct work_struct *work)
{
	struct dmk_sessions *ss = container_of(work, struct dmk_sessions, sweep.work);
	struct dmk_session *s, *next;

	mutex_lock(&ss->lock);
	list_for_each_entry_safe(s, next, &ss->all, all) {
		if (pair_is_gone(&s->before))
			remove_pair(&s->before);
		if (pair_is_gone(&s->sa))
			dmk_session_end(s, DMK_OK);
	}
	mutex_unlock(&ss->lock);
}

void dmk_session_lost(struct dmk_net *dn)
{
	if (READ_ONCE(dn->sessions.count))
		queue_delayed_work(dmk_wq, &dn->sessions.sweep, HZ / 10);
}

/* ---- the start of a session; under the lock */

/* 7.1: R checks T_I when a group completes */
static enum dmk_reason check_t_i(struct dmk_net *dn, const struct dmk_owner *o,
				 const struct dmk_ts *t)
{
	s64 slack = (s64)(dn->skew + DMK_GROUP_LIFE) << 32;
	s64 off = (s64)(t->value - dmk_now_ntp());

	if (t->type == DMK_TS_COUNTER)
		return o->counted && t->value <= o->counter ? DMK_REASON_STALE : DMK_OK;
	return off > slack || off < -slack ? DMK_REASON_STALE : DMK_OK;
}

/* 7.4: no live session of another sensor has that address (and, behind UDP
 * encapsulation on both sides, that port)
 */
static enum dmk_reason check_address(struct dmk_net *dn, const struct dmk_session *s)
{
	struct rhlist_head *list, *pos;
	const struct dmk_session *other;
	enum dmk_reason reason = DMK_OK;

	rcu_read_lock();
	list = rhltable_lookup(&dn->sessions.by_addr, &s->addr, addr_params);
	rhl_for_each_entry_rcu(other, pos, list, by_addr)
		if (other->owner != s->owner &&
		    (!s->encap_port || !other->encap_port ||
		     s->encap_port == other->encap_port))
			reason = DMK_REASON_ADDRESS_IN_USE;
	rcu_read_unlock();
	return reason;
}

/* at most 2 unconfirmed and 4 in all; the oldest ends for the new one */
static void make_room(struct dmk_owner *o)
{
	struct dmk_session *s, *oldest = NULL;
	u32 n = 0, unconfirmed = 0;

	list_for_each_entry(s, &o->sessions, by_owner) {
		n++;
		if (s->state != DMK_SESSION_UNCONFIRMED)
			continue;
		if (!unconfirmed++)
			oldest = s;
	}
	if (unconfirmed >= DMK_UNCONFIRMED_MAX)
		dmk_session_end(oldest, DMK_REASON_UNCONFIRMED);
	else if (n >= DMK_SESSIONS_MAX)
		dmk_session_end(list_first_entry(&o->sessions, struct dmk_session, by_owner),
				DMK_OK);
}

/* a sensor that draws an SPI of its own once more means to replace that session */
static bool end_own_spi(const struct dmk_session *new, __be32 spi_out)
{
	struct dmk_session *s;

	list_for_each_entry(s, &new->owner->sessions, by_owner) {
		if (s == new || s->sa.spi_out != spi_out ||
		    !ipv6_addr_equal(&s->addr, &new->addr))
			continue;
		dmk_session_end(s, DMK_OK);
		return true;
	}
	return false;
}

static enum dmk_reason add_outbound(struct dmk_session *s, struct dmk_sa *sa, struct dmk_pair *p)
{
	int err;

	sa->inbound = false;
	sa->spi = p->spi_out;
	err = dmk_sa_add(s->dn, sa, &p->out);
	if (err == -EEXIST && end_own_spi(s, p->spi_out))
		err = dmk_sa_add(s->dn, sa, &p->out);
	if (err == -EEXIST)
		return DMK_REASON_SPI2_IN_USE;
	return err ? DMK_REASON_SA : DMK_OK;
}

static bool spi_in_is_taken(struct dmk_session *s, __be32 spi_in)
{
	return rhashtable_lookup_fast(&s->dn->sessions.by_spi, &spi_in, spi_params);
}

/* 4: R may replace the SPI of CS 1 on a collision */
static enum dmk_reason add_inbound(struct dmk_session *s, struct dmk_sa *sa, struct dmk_pair *p)
{
	int i, err = -EEXIST;

	sa->inbound = true;
	for (i = 0; i < SPI_TRIES && err == -EEXIST; i++) {
		if (i)
			p->spi_in = htonl(get_random_u32() | DMK_SPI_MIN);
		sa->spi = p->spi_in;
		if (!spi_in_is_taken(s, p->spi_in) && p->spi_in != p->spi_out)
			err = dmk_sa_add(s->dn, sa, &p->in);
	}
	return err ? DMK_REASON_SA : DMK_OK;
}

/* @spi: as proposed; becomes what is in force */
static enum dmk_reason install(struct dmk_session *s, const struct dmk_esp_policy *policy,
			       const struct dmk_esp_keys keys[2], u32 spi[2], struct dmk_pair *p)
{
	struct dmk_sa sa = {
		.sensor = s->addr,
		.sd = &s->sd,
		.policy = policy,
		.reqid = s->reqid,
		.keys = &keys[1],
	};
	enum dmk_reason reason;

	p->spi_in = htonl(spi[0]);
	p->spi_out = htonl(spi[1]);
	if (dmk_sa_local(s->dn, &sa.sensor, &sa.local))
		return DMK_REASON_SA;
	reason = add_outbound(s, &sa, p);
	if (reason)
		return reason;
	sa.keys = &keys[0];
	reason = add_inbound(s, &sa, p);
	if (reason) {
		dmk_sa_remove(p->out);
		return reason;
	}
	spi[0] = ntohl(p->spi_in);
	return DMK_OK;
}

static struct dmk_session *session_new(struct dmk_net *dn, const struct dmk_session_new *new)
{
	struct dmk_session *s;

	s = kzalloc(struct_size(s, verdicts, new->n_verdicts), GFP_KERNEL);
	if (!s)
		return NULL;
	refcount_set(&s->ref, 1);
	s->dn = dn;
	s->csb_id = new->csb_id;
	memcpy(s->rand, new->rand.data, sizeof(s->rand));
	memcpy(s->k_update, new->k_update, sizeof(s->k_update));
	s->ts_type = new->t_i.type;
	s->t = new->t_i.value;
	dmk_sha256(NULL, &new->session_data, 1, s->sd_hash);
	s->sd = *new->sd;
	s->policy = *new->policy;
	s->fresh = true;
	dmk_addr_set_ip(&s->addr, new->sd->family, new->sd->addr);
	s->encap_port = new->sd->encap_port;
	s->since = ktime_get_real_seconds();
	s->expires = s->since + new->policy->life_seconds;
	s->n = new->n;
	s->k = new->k;
	strscpy(s->rule, new->rule->name, sizeof(s->rule));
	s->reqid = new->rule->reqid;
	INIT_DELAYED_WORK(&s->life, life);
	INIT_WORK(&s->settle, settle);
	memcpy(s->group, new->group, sizeof(s->group));
	dmk_name_set(&s->name, &new->sensor);
	s->n_verdicts = new->n_verdicts;
	memcpy(s->verdicts, new->verdicts, new->n_verdicts * sizeof(s->verdicts[0]));
	return s;
}

/* all that can fail has been done, but for the tables themselves */
static int publish(struct dmk_sessions *ss, struct dmk_session *s)
{
	int err;

	err = rhltable_insert(&ss->by_addr, &s->by_addr, addr_params);
	if (err)
		return err;
	atomic_inc(&ss->unconfirmed);
	err = rhashtable_lookup_insert_fast(&ss->by_spi, &s->by_spi, spi_params);
	if (err) {
		atomic_dec(&ss->unconfirmed);
		rhltable_remove(&ss->by_addr, &s->by_addr, addr_params);
		return err;
	}
	list_add_tail(&s->all, &ss->all);
	list_add_tail(&s->by_owner, &s->owner->sessions);
	ss->count++;
	refcount_inc(&s->ref);
	queue_delayed_work(dmk_wq, &s->life, DMK_UNCONFIRMED_LIFE * HZ);
	return 0;
}

static enum dmk_reason start(struct dmk_session *s, struct dmk_session_new *new)
{
	struct dmk_sessions *ss = &s->dn->sessions;
	enum dmk_reason reason;

	reason = check_t_i(s->dn, s->owner, &new->t_i);
	if (!reason)
		reason = check_address(s->dn, s);
	if (reason)
		return reason;
	if (dmk_owner_knows(s->dn, new->group))
		return DMK_REASON_ESTABLISHED;
	if (!dmk_owner_remember(s->dn, new->group))
		return DMK_REASON_MEMORY;
	reason = install(s, new->policy, new->keys, new->spi, &s->sa);
	if (reason)
		goto err_known;
	make_room(s->owner);
	if (publish(ss, s)) {
		reason = DMK_REASON_MEMORY;
		goto err_sa;
	}
	if (new->t_i.type == DMK_TS_COUNTER) {
		s->owner->counter = new->t_i.value;
		s->owner->counted = true;
	}
	return DMK_OK;

err_sa:
	remove_pair(&s->sa);
err_known:
	dmk_owner_disown(s->dn, new->group);
	return reason;
}

enum dmk_reason dmk_session_establish(struct dmk_net *dn, struct dmk_session_new *new)
{
	struct dmk_sessions *ss = &dn->sessions;
	struct dmk_session *s = session_new(dn, new);
	enum dmk_reason reason = DMK_REASON_MEMORY;

	if (!s)
		return DMK_REASON_MEMORY;
	mutex_lock(&ss->lock);
	s->owner = dmk_owner_get(dn, &new->sensor);
	if (s->owner) {
		reason = start(s, new);
		if (reason)
			dmk_owner_put(dn, s->owner);
	}
	if (!reason) {
		dmk_stats_inc(dn, DMK_STAT_SESSION_ESTABLISHED);
		dmk_event_session(dn, DMK_EVENT_SESSION_NEW, s, DMK_OK);
	}
	mutex_unlock(&ss->lock);
	if (reason)
		kfree_sensitive(s);	/* K_update */
	return reason;
}

/* ---- an update, protocol.md 9 */

static struct dmk_session *find(struct dmk_net *dn, const struct dmk_id *sensor, u32 csb_id)
{
	struct dmk_owner *o = dmk_owner_find(dn, sensor);
	struct dmk_session *s;

	if (!o)
		return NULL;
	list_for_each_entry(s, &o->sessions, by_owner)
		if (s->csb_id == csb_id)
			return s;
	return NULL;
}

enum dmk_reason dmk_session_find(struct dmk_net *dn, const struct dmk_id *sensor,
				 u32 csb_id, struct dmk_renewal *r)
{
	enum dmk_reason reason = DMK_OK;
	struct dmk_session *s;

	mutex_lock(&dn->sessions.lock);
	s = find(dn, sensor, csb_id);
	if (!s) {
		reason = DMK_REASON_UNKNOWN_SESSION;
	} else if (s->state != DMK_SESSION_CONFIRMED) {
		reason = DMK_REASON_UNCONFIRMED;
	} else {
		refcount_inc(&s->ref);
		r->s = s;
		memcpy(r->k_update, s->k_update, sizeof(r->k_update));
		r->last_t = s->t;
		r->policy = s->policy;
	}
	mutex_unlock(&dn->sessions.lock);
	return reason;
}

/* the old SAs stay; the new outbound one waits for the first packet, 7.4 */
static int replace_pair(struct dmk_session *s, const struct dmk_pair *new)
{
	struct dmk_sessions *ss = &s->dn->sessions;

	rhashtable_remove_fast(&ss->by_spi, &s->by_spi, spi_params);
	spin_lock_bh(&ss->fresh);
	s->before = s->sa;
	s->sa = *new;
	s->fresh = true;
	atomic_inc(&ss->unconfirmed);
	spin_unlock_bh(&ss->fresh);
	return rhashtable_insert_fast(&ss->by_spi, &s->by_spi, spi_params);
}

static void replace_keys(struct dmk_session *s, const struct dmk_renewal *r)
{
	memcpy(s->k_update, r->next, sizeof(s->k_update));
	memcpy(s->u_r, r->u_r, sizeof(s->u_r));
	s->t = r->t;
	s->policy = r->policy;
	s->expires = ktime_get_real_seconds() + r->policy.life_seconds;
	refcount_inc(&s->ref);
	if (mod_delayed_work(dmk_wq, &s->life, DMK_UNCONFIRMED_LIFE * HZ))
		dmk_session_put(s);
}

static enum dmk_reason update(struct dmk_session *s, struct dmk_renewal *r)
{
	struct dmk_pair new = {};
	enum dmk_reason reason;

	if (s->ended)
		return DMK_REASON_UNKNOWN_SESSION;
	/* another U_R was faster: its K_update has replaced the one of this */
	if (s->t != r->last_t)
		return DMK_REASON_STALE;
	/* this K_update comes with the newest SAs: the sensor has them */
	heard(s, NULL);
	settle_now(s);
	reason = install(s, &r->policy, r->keys, r->spi, &new);
	if (reason)
		return reason;
	if (replace_pair(s, &new)) {
		dmk_session_end(s, DMK_REASON_MEMORY);
		return DMK_REASON_MEMORY;
	}
	replace_keys(s, r);
	dmk_stats_inc(s->dn, DMK_STAT_SESSION_UPDATED);
	return DMK_OK;
}

enum dmk_reason dmk_session_update(struct dmk_renewal *r)
{
	struct dmk_sessions *ss = &r->s->dn->sessions;
	enum dmk_reason reason;

	mutex_lock(&ss->lock);
	reason = update(r->s, r);
	mutex_unlock(&ss->lock);
	return reason;
}

int dmk_session_init(struct dmk_net *dn)
{
	struct dmk_sessions *ss = &dn->sessions;
	int err;

	mutex_init(&ss->lock);
	spin_lock_init(&ss->fresh);
	INIT_LIST_HEAD(&ss->all);
	INIT_DELAYED_WORK(&ss->sweep, sweep);
	err = rhashtable_init(&ss->by_spi, &spi_params);
	if (err)
		return err;
	err = rhltable_init(&ss->by_addr, &addr_params);
	if (err)
		goto err_addr;
	err = dmk_owner_init(dn);
	if (err)
		goto err_owners;
	err = dmk_sa_netns_init(dn);
	if (err)
		goto err_hooks;
	return 0;

err_hooks:
	dmk_owner_destroy(dn);
err_owners:
	rhltable_destroy(&ss->by_addr);
err_addr:
	rhashtable_destroy(&ss->by_spi);
	return err;
}

void dmk_session_destroy(struct dmk_net *dn)
{
	struct dmk_sessions *ss = &dn->sessions;

	dmk_session_end_matching(dn, NULL, 0);
	/* and waits for whoever is in dmk_session_heard() or dmk_session_lost() */
	dmk_sa_netns_exit(dn);
	/* life() and settle() that had begun already */
	flush_workqueue(dmk_wq);
	cancel_delayed_work_sync(&ss->sweep);
	dmk_owner_destroy(dn);
	rhltable_destroy(&ss->by_addr);
	rhashtable_destroy(&ss->by_spi);
}
