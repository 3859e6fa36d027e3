// SPDX-License-Identifier: GPL-2.0
/* Shares on their way to a responder. */

#include "error.h"
#include "netns.h"
#include "seal.h"
#include "transit.h"

static const struct rhashtable_params params = {
	.key_len = sizeof_field(struct dmk_transit, t_prime),
	.key_offset = offsetof(struct dmk_transit, t_prime),
	.head_offset = offsetof(struct dmk_transit, node),
	.automatic_shrinking = true,
};

static void free_rcu(struct rcu_head *rcu)
{
	kfree_sensitive(container_of(rcu, struct dmk_transit, rcu));
}

void dmk_transit_put(struct dmk_transit *t)
{
	if (!t || !refcount_dec_and_test(&t->ref))
		return;
	dmk_sensor_put(t->sensor);
	dmk_cert_put(t->r);
	dmk_answer_put(t->tp_r);
	dmk_datagram_free(t->i_tp);
	memzero_explicit(t->auth_r, sizeof(t->auth_r));
	memzero_explicit(t->auth_i, sizeof(t->auth_i));
	call_rcu(&t->rcu, free_rcu);
}

/* under RCU */
static struct dmk_transit *find(struct dmk_net *dn, const struct dmk_message *m)
{
	struct dmk_transit *t;

	if (m->t.type != DMK_TS_NTP_UTC)
		return NULL;
	t = rhashtable_lookup(&dn->tp.transits.table, &m->t.value, params);
	return t && t->csb_id == m->hdr.csb_id ? t : NULL;
}

bool dmk_transit_awaits(struct dmk_net *dn, const struct dmk_message *m,
			const struct dmk_addr *from)
{
	struct dmk_transit *t;
	bool awaits;

	rcu_read_lock();
	t = find(dn, m);
	awaits = t && dmk_addr_equal(from, &t->r->addr);
	rcu_read_unlock();
	return awaits;
}

static struct dmk_transit *lookup(struct dmk_net *dn, const struct dmk_message *m)
{
	struct dmk_transit *t;

	rcu_read_lock();
	t = find(dn, m);
	if (t && !refcount_inc_not_zero(&t->ref))
		t = NULL;
	rcu_read_unlock();
	return t;
}

/* whether the route is owed an answer; once */
static bool unload(struct dmk_transit *t)
{
	bool carries;

	spin_lock_bh(&t->lock);
	carries = t->carries;
	t->carries = false;
	spin_unlock_bh(&t->lock);
	return carries;
}

static void lose(struct dmk_transit *t)
{
	if (!unload(t))
		return;
	memzero_explicit(&t->envelope, sizeof(t->envelope));
	dmk_route_lost(t->dn, t->r);
}

static void win(struct dmk_transit *t)
{
	if (!unload(t))
		return;
	dmk_route_won(t->dn, t->r, &t->envelope);
	memzero_explicit(&t->envelope, sizeof(t->envelope));
}

/* takes it out of the table, whose reference goes; once */
static void forget(struct dmk_transit *t)
{
	struct dmk_transits *ts = &t->dn->tp.transits;
	bool there;

	spin_lock_bh(&ts->lock);
	there = !list_empty(&t->all);
	list_del_init(&t->all);
	ts->count -= there;
	spin_unlock_bh(&ts->lock);
	if (!there)
		return;
	rhashtable_remove_fast(&ts->table, &t->node, params);
	lose(t);
	dmk_transit_put(t);
}

static void send(struct dmk_transit *t)
{
	struct dmk_answer *a;

	spin_lock_bh(&t->lock);
	a = dmk_answer_get(t->tp_r);
	spin_unlock_bh(&t->lock);
	dmk_socket_send(t->dn, &a->to, a->data, a->len);
	dmk_answer_put(a);
}

/* R has its share, or will not take it: nothing is sent again. Return: whether this
 * is the first that says so
 */
static bool settle(struct dmk_transit *t)
{
	struct dmk_datagram *i_tp = NULL;
	bool first;

	spin_lock_bh(&t->lock);
	first = !t->settled;
	WRITE_ONCE(t->settled, true);
	swap(i_tp, t->i_tp);
	spin_unlock_bh(&t->lock);
	dmk_datagram_free(i_tp);
	return first;
}

static void refuse_unanswered(struct dmk_transit *t)
{
	struct dmk_id idi = dmk_name_id(&t->sensor->name), idr = dmk_name_id(&t->r->name);
	struct dmk_who who = { .sensor = &idi, .peer = &idr, .authentic = true };

	dmk_stats_refuse(t->dn, DMK_SIDE_TP, DMK_REASON_NO_ANSWER, NULL, &who);
}

/* 7.2: at most 4 times from 0.5 s doubling; then R has the time of a group */
static void tick(struct work_struct *work)
{
	struct dmk_transit *t = container_of(work, struct dmk_transit, timer.work);
	unsigned long delay = DMK_GROUP_LIFE * HZ;

	if (t->repeats >= DMK_PARKED_REPEATS)
		lose(t);
	if (t->repeats > DMK_TP_REPEATS) {
		if (!READ_ONCE(t->settled))
			refuse_unanswered(t);
		forget(t);
		return;
	}
	if (t->repeats++ < DMK_TP_REPEATS && !READ_ONCE(t->settled)) {
		send(t);
		dmk_stats_inc(t->dn, DMK_STAT_SHARE_REPEATED);
		delay = msecs_to_jiffies(DMK_TP_REPEAT_FIRST_MS << t->repeats);
	} else {
		t->repeats = DMK_TP_REPEATS + 1;
	}
	queue_delayed_work(dmk_wq, &t->timer, delay);
}

struct dmk_transit *dmk_transit_new(struct dmk_net *dn, struct dmk_sensor *s,
				    struct dmk_peer *r)
{
	struct dmk_transit *t = kzalloc(sizeof(*t), GFP_KERNEL);

	if (!t)
		return NULL;
	refcount_set(&t->ref, 1);
	refcount_inc(&s->ref);
	t->sensor = s;
	t->r = dmk_cert_get(r);
	t->dn = dn;
	spin_lock_init(&t->lock);
	INIT_LIST_HEAD(&t->all);
	INIT_DELAYED_WORK(&t->timer, tick);
	return t;
}

enum dmk_reason dmk_transit_start(struct dmk_transit *t)
{
	struct dmk_transits *ts = &t->dn->tp.transits;
	bool room;

	spin_lock_bh(&ts->lock);
	room = ts->count < DMK_TRANSITS_MAX;
	if (room) {
		ts->count++;
		list_add_tail(&t->all, &ts->all);
		refcount_inc(&t->ref);
	}
	spin_unlock_bh(&ts->lock);
	if (!room)
		return DMK_REASON_SHARE_LIMIT;
	if (rhashtable_lookup_insert_fast(&ts->table, &t->node, params)) {
		spin_lock_bh(&ts->lock);
		list_del_init(&t->all);
		ts->count--;
		spin_unlock_bh(&ts->lock);
		dmk_transit_put(t);
		return DMK_REASON_INTERNAL;
	}
	send(t);
	queue_delayed_work(dmk_wq, &t->timer, msecs_to_jiffies(DMK_TP_REPEAT_FIRST_MS));
	return DMK_OK;
}

/* the V of R's answers to message 3 */
static enum dmk_reason check_v(struct dmk_worker *w, const struct dmk_transit *t)
{
	struct dmk_id idi = dmk_name_id(&t->sensor->name);
	struct dmk_id idr = dmk_name_id(&t->r->name);

	return dmk_check_v(w->crypto, &w->m, t->auth_r, &idi, &idr, t->t_prime);
}

/* 7.4: R_I goes on to where message 1 came from, at most once a second */
static void relay(struct dmk_transit *t, struct dmk_span r_i)
{
	bool now;

	spin_lock_bh(&t->lock);
	now = !t->relayed || time_after_eq(jiffies, t->relayed + HZ);
	if (now)
		t->relayed = jiffies | 1;
	spin_unlock_bh(&t->lock);
	if (!now || r_i.len > DMK_SENSOR_MSG_MAX)
		return;
	dmk_socket_send(t->dn, &t->i, r_i.data, r_i.len);
	dmk_stats_inc(t->dn, DMK_STAT_R_I_RELAYED);
}

static enum dmk_reason accept_r_tp(struct dmk_worker *w, struct dmk_transit *t)
{
	struct dmk_id idi = dmk_name_id(&t->sensor->name);
	struct dmk_id idr = dmk_name_id(&t->r->name);
	enum dmk_reason reason;

	if (w->m.hdr.data_type != (t->cached ? DMK_DT_PSK_VER : DMK_DT_PK_VER))
		return DMK_REASON_UNEXPECTED;
	if (!dmk_id_equal(&w->m.idr, &idr))
		return DMK_REASON_UNKNOWN_IDR;
	reason = check_v(w, t);
	if (reason)
		return reason;
	if (settle(t))
		dmk_stats_inc(w->dn, DMK_STAT_SHARE_ACKNOWLEDGED);
	win(t);
	dmk_event_message(w->dn, DMK_SIDE_TP, DMK_R_TP, false, w->m.raw.len,
			  &t->r->addr, &idi, &idr);
	if (w->m.relay.data)
		relay(t, w->m.relay);
	return DMK_OK;
}

enum dmk_reason dmk_transit_r_tp(struct dmk_worker *w)
{
	struct dmk_transit *t = lookup(w->dn, &w->m);
	enum dmk_reason reason;

	if (!t)
		return DMK_REASON_NOT_LATEST_T;
	reason = accept_r_tp(w, t);
	dmk_transit_put(t);
	return reason;
}

/* 7: a third party passes a verified Error no on to I, V under PSK_i */
static void pass_on(struct dmk_worker *w, struct dmk_transit *t, u8 error)
{
	struct dmk_refusal e = {
		.csb_id = t->csb_id,
		.t = t->t_i,
		.error = error,
		.auth_key = t->auth_i,
		.idi = dmk_name_id(&t->sensor->name),
		.idr = dmk_name_id(&t->r->name),
	};
	u32 len = dmk_error_build(w->crypto, &e, w->out);
	struct dmk_answer *a = NULL;

	if (len)
		a = dmk_answer_new(&t->i, w->out, len, GFP_KERNEL);
	if (!a)
		return;
	dmk_replay_answer(&w->dn->tp.replay, t->hash, 0, a, true);
	dmk_socket_send(w->dn, &a->to, a->data, a->len);
	dmk_event_message(w->dn, DMK_SIDE_TP, DMK_ERR, true, len, &t->i, &e.idi, NULL);
	dmk_answer_put(a);
}

/* 7.3: the same message with the cookie, at most 3 times a message */
static enum dmk_reason follow_cookie(struct dmk_worker *w, struct dmk_transit *t,
				     const struct dmk_addr *from)
{
	struct dmk_answer *a;
	bool go;
	u32 len;

	spin_lock_bh(&t->lock);
	a = dmk_answer_get(t->tp_r);
	go = dmk_addr_equal(from, &a->to) && !t->settled &&
	     t->cookies < DMK_COOKIES_FOLLOWED;
	t->cookies += go;
	spin_unlock_bh(&t->lock);

	if (go) {
		memcpy(w->out, a->data, a->len);
		len = dmk_message_add_cookie(w->out, a->len, sizeof(w->out), w->m.cookie.data);
		if (len)
			dmk_socket_send(w->dn, &a->to, w->out, len);
	}
	dmk_answer_put(a);
	if (!go)
		return DMK_REASON_HINT;
	dmk_stats_inc(w->dn, DMK_STAT_COOKIE_FOLLOWED);
	return DMK_OK;
}

/* 6.3: in place of a key that R does not know under the next one, and then signed;
 * with the full certificate in place of its hash
 */
static enum dmk_reason resend(struct dmk_worker *w, struct dmk_transit *t,
			      const struct dmk_addr *from)
{
	struct dmk_datagram *i_tp = NULL;

	spin_lock_bh(&t->lock);
	if (!t->settled && dmk_addr_equal(from, &t->tp_r->to))
		swap(i_tp, t->i_tp);
	spin_unlock_bh(&t->lock);
	if (!i_tp)
		return DMK_REASON_HINT;
	if (t->cached)
		dmk_stats_inc(w->dn, DMK_STAT_ENVELOPE_MISS);
	settle(t);
	return dmk_thirdparty_again(w, i_tp, unload(t) ? t->r : NULL,
				    t->cached ? t->envid : NULL);
}

static enum dmk_reason accept_err(struct dmk_worker *w, struct dmk_transit *t,
				  const struct dmk_addr *from)
{
	struct dmk_id idi = dmk_name_id(&t->sensor->name);
	struct dmk_id idr = dmk_name_id(&t->r->name);
	enum dmk_reason reason;

	if (!w->m.ver.data.data) {
		if (w->m.error == DMK_ERR_COOKIE)
			return follow_cookie(w, t, from);
		if (w->m.error == (t->cached ? DMK_ERR_ENVELOPE : DMK_ERR_CERT))
			return resend(w, t, from);
		return DMK_REASON_HINT;
	}
	reason = check_v(w, t);
	if (reason)
		return reason;
	dmk_event_message(w->dn, DMK_SIDE_TP, DMK_ERR, false, w->m.raw.len, from,
			  &idi, &idr);
	if (settle(t))
		pass_on(w, t, w->m.error);
	lose(t);
	return DMK_OK;
}

enum dmk_reason dmk_transit_err(struct dmk_worker *w, const struct dmk_addr *from)
{
	struct dmk_transit *t = lookup(w->dn, &w->m);
	enum dmk_reason reason;

	if (!t)
		return DMK_REASON_NOT_LATEST_T;
	reason = accept_err(w, t, from);
	dmk_transit_put(t);
	return reason;
}

int dmk_transit_init(struct dmk_net *dn)
{
	struct dmk_transits *ts = &dn->tp.transits;

	spin_lock_init(&ts->lock);
	INIT_LIST_HEAD(&ts->all);
	return rhashtable_init(&ts->table, &params);
}

static struct dmk_transit *first(struct dmk_transits *ts)
{
	struct dmk_transit *t;

	spin_lock_bh(&ts->lock);
	t = list_first_entry_or_null(&ts->all, struct dmk_transit, all);
	if (t)
		refcount_inc(&t->ref);
	spin_unlock_bh(&ts->lock);
	return t;
}

void dmk_transit_destroy(struct dmk_net *dn)
{
	struct dmk_transit *t;

	while ((t = first(&dn->tp.transits))) {
		cancel_delayed_work_sync(&t->timer);
		forget(t);
		dmk_transit_put(t);
	}
	/* tick() that is forgetting the last one */
	flush_workqueue(dmk_wq);
	rhashtable_destroy(&dn->tp.transits.table);
	/* the last shares are freed behind RCU, by our code */
	rcu_barrier();
}
