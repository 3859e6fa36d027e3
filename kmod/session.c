// SPDX-License-Identifier: GPL-2.0
/* Established sessions at R, from their SAs to their end. */

#include <net/xfrm.h>

#include "netns.h"
#include "sa.h"

#define SPI_TRIES 16

static const struct rhashtable_params spi_params = {
	.key_len = sizeof_field(struct dmk_session, spi_in),
	.key_offset = offsetof(struct dmk_session, spi_in),
	.head_offset = offsetof(struct dmk_session, by_spi),
	.automatic_shrinking = true,
};

static const struct rhashtable_params addr_params = {
	.key_len = sizeof_field(struct dmk_session, addr),
	.key_offset = offsetof(struct dmk_session, addr),
	.head_offset = offsetof(struct dmk_session, by_addr),
	.automatic_shrinking = true,
};

static void session_put(struct dmk_session *s)
{
	if (refcount_dec_and_test(&s->ref))
		kfree_rcu(s, rcu);
}

/* ---- the end of a session; under the lock */

static void end(struct dmk_session *s, enum dmk_reason reason)
{
	struct dmk_sessions *ss = &s->dn->sessions;

	if (s->ended)
		return;
	s->ended = true;
	/* from here on dmk_session_heard() cannot find it */
	rhashtable_remove_fast(&ss->by_spi, &s->by_spi, spi_params);
	rhltable_remove(&ss->by_addr, &s->by_addr, addr_params);
	list_del(&s->all);
	list_del(&s->by_owner);
	ss->count--;
	if (cmpxchg(&s->state, DMK_SESSION_UNCONFIRMED, DMK_SESSION_ENDED) ==
	    DMK_SESSION_UNCONFIRMED)
		atomic_dec(&ss->unconfirmed);
	dmk_owner_retire(s->dn, s->group, s->owner);
	dmk_sa_remove(s->in);
	dmk_sa_remove(s->out);
	dmk_stats_inc(s->dn, DMK_STAT_SESSION_ENDED);
	dmk_event_session(s->dn, DMK_EVENT_SESSION_END, s, reason);
	if (cancel_delayed_work(&s->life))
		session_put(s);
	session_put(s);
}

/* unconfirmed for too long; the end of a confirmed one is that of its SAs */
static void life(struct work_struct *work)
{
	struct dmk_session *s = container_of(work, struct dmk_session, life.work);
	struct dmk_sessions *ss = &s->dn->sessions;

	mutex_lock(&ss->lock);
	if (s->state == DMK_SESSION_UNCONFIRMED)
		end(s, DMK_REASON_UNCONFIRMED);
	mutex_unlock(&ss->lock);
	session_put(s);
}

/* 8: the new session is in use, so the sensor's older ones are not */
static void settle(struct work_struct *work)
{
	struct dmk_session *s = container_of(work, struct dmk_session, settle);
	struct dmk_sessions *ss = &s->dn->sessions;
	struct dmk_session *old, *next;

	mutex_lock(&ss->lock);
	if (!s->ended) {
		dmk_stats_inc(s->dn, DMK_STAT_SESSION_CONFIRMED);
		dmk_event_session(s->dn, DMK_EVENT_SESSION_CONFIRMED, s, DMK_OK);
		list_for_each_entry_safe(old, next, &s->owner->sessions, by_owner) {
			if (old == s)
				break;
			end(old, DMK_OK);
		}
		if (cancel_delayed_work(&s->life))
			session_put(s);
	}
	mutex_unlock(&ss->lock);
	session_put(s);
}

void dmk_session_heard(struct dmk_net *dn, struct xfrm_state *x)
{
	struct dmk_session *s;

	rcu_read_lock();
	s = rhashtable_lookup(&dn->sessions.by_spi, &x->id.spi, spi_params);
	if (!s || s->in != x || s->state != DMK_SESSION_UNCONFIRMED ||
	    !refcount_inc_not_zero(&s->ref))
		goto out;
	if (cmpxchg(&s->state, DMK_SESSION_UNCONFIRMED, DMK_SESSION_CONFIRMED) !=
	    DMK_SESSION_UNCONFIRMED) {
		session_put(s);
		goto out;
	}
	atomic_dec(&dn->sessions.unconfirmed);
	dmk_sa_open(s->out);
	/* the reference goes to settle() */
	queue_work(dmk_wq, &s->settle);
out:
	rcu_read_unlock();
}

static void sweep(struct work_struct *work)
{
	struct dmk_sessions *ss = container_of(work, struct dmk_sessions, sweep.work);
	struct dmk_session *s, *next;

	mutex_lock(&ss->lock);
	list_for_each_entry_safe(s, next, &ss->all, all)
		if (dmk_sa_is_gone(s->in) || dmk_sa_is_gone(s->out))
			end(s, DMK_OK);
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
		end(oldest, DMK_REASON_UNCONFIRMED);
	else if (n >= DMK_SESSIONS_MAX)
		end(list_first_entry(&o->sessions, struct dmk_session, by_owner), DMK_OK);
}

/* a sensor that draws an SPI of its own once more means to replace that session */
static bool end_own_spi(const struct dmk_session *new)
{
	struct dmk_session *s;

	list_for_each_entry(s, &new->owner->sessions, by_owner) {
		if (s->spi_out != new->spi_out || !ipv6_addr_equal(&s->addr, &new->addr))
			continue;
		end(s, DMK_OK);
		return true;
	}
	return false;
}

static enum dmk_reason add_outbound(struct dmk_session *s, struct dmk_sa *sa)
{
	int err;

	sa->inbound = false;
	sa->spi = s->spi_out;
	err = dmk_sa_add(s->dn, sa, &s->out);
	if (err == -EEXIST && end_own_spi(s))
		err = dmk_sa_add(s->dn, sa, &s->out);
	if (err == -EEXIST)
		return DMK_REASON_SPI2_IN_USE;
	return err ? DMK_REASON_SA : DMK_OK;
}

static bool spi_in_is_taken(struct dmk_session *s)
{
	return rhashtable_lookup_fast(&s->dn->sessions.by_spi, &s->spi_in, spi_params);
}

/* 4: R may replace the SPI of CS 1 on a collision */
static enum dmk_reason add_inbound(struct dmk_session *s, struct dmk_sa *sa)
{
	int i, err = -EEXIST;

	sa->inbound = true;
	for (i = 0; i < SPI_TRIES && err == -EEXIST; i++) {
		if (i)
			s->spi_in = htonl(get_random_u32() | DMK_SPI_MIN);
		sa->spi = s->spi_in;
		if (!spi_in_is_taken(s) && s->spi_in != s->spi_out)
			err = dmk_sa_add(s->dn, sa, &s->in);
	}
	return err ? DMK_REASON_SA : DMK_OK;
}

static enum dmk_reason install(struct dmk_session *s, struct dmk_session_new *new)
{
	struct dmk_sa sa = {
		.sensor = s->addr,
		.sd = new->sd,
		.policy = new->policy,
		.reqid = s->reqid,
		.keys = &new->keys[1],
	};
	enum dmk_reason reason;

	if (dmk_sa_local(s->dn, &sa.sensor, &sa.local))
		return DMK_REASON_SA;
	reason = add_outbound(s, &sa);
	if (reason)
		return reason;
	sa.keys = &new->keys[0];
	reason = add_inbound(s, &sa);
	if (reason) {
		dmk_sa_remove(s->out);
		return reason;
	}
	new->spi[0] = ntohl(s->spi_in);
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
	s->spi_in = htonl(new->spi[0]);
	s->spi_out = htonl(new->spi[1]);
	s->csb_id = new->csb_id;
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
	reason = install(s, new);
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
	dmk_sa_remove(s->in);
	dmk_sa_remove(s->out);
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
		kfree(s);
	return reason;
}

/* ---- for netlink */

int dmk_session_each(struct dmk_net *dn, unsigned long skip,
		     int (*fn)(struct dmk_session *s, void *arg), void *arg)
{
	struct dmk_sessions *ss = &dn->sessions;
	struct dmk_session *s;
	int ret = 0;

	mutex_lock(&ss->lock);
	list_for_each_entry(s, &ss->all, all) {
		if (skip && skip--)
			continue;
		ret = fn(s, arg);
		if (ret)
			break;
	}
	mutex_unlock(&ss->lock);
	return ret;
}

unsigned int dmk_session_end_matching(struct dmk_net *dn, const struct dmk_id *sensor,
				      u32 spi_in)
{
	struct dmk_sessions *ss = &dn->sessions;
	struct dmk_session *s, *next;
	unsigned int n = 0;
	struct dmk_id id;

	mutex_lock(&ss->lock);
	list_for_each_entry_safe(s, next, &ss->all, all) {
		id = dmk_name_id(&s->name);
		if ((sensor && !dmk_id_equal(sensor, &id)) ||
		    (spi_in && ntohl(s->spi_in) != spi_in))
			continue;
		end(s, DMK_OK);
		n++;
	}
	mutex_unlock(&ss->lock);
	return n;
}

int dmk_session_init(struct dmk_net *dn)
{
	struct dmk_sessions *ss = &dn->sessions;
	int err;

	mutex_init(&ss->lock);
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
