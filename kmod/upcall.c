// SPDX-License-Identifier: GPL-2.0
/* Questions to the agent, the messages that wait for an answer, and refusals. */

#include <linux/jiffies.h>
#include <linux/slab.h>

#include "compat.h"
#include "netlink.h"
#include "netns.h"
#include "trace.h"
#include <crypto/sha2.h>

/**
 * struct question - an open question
 * @list: in dmk_upcalls.open
 * @key: what it is about: SHA-256 of the certificate, or of the identity
 * @type: enum dmk_upcall_type
 * @n_waiting: entries of @waiting
 * @id: DMK_A_UPCALL_ID
 * @until: when it ends without an answer, jiffies
 * @waiting: messages
 */
struct question {
	struct list_head list;
	u8 key[DMK_HASH_LEN];
	u8 type;
	u8 n_waiting;
	u32 id;
	unsigned long until;
	struct list_head waiting;
};

/**
 * struct refusal - the agent has said no
 * @list: in dmk_upcalls.refused
 * @key: to what
 * @type: enum dmk_upcall_type
 * @until: when it is forgotten, jiffies
 */
struct refusal {
	struct list_head list;
	u8 key[DMK_HASH_LEN];
	u8 type;
	unsigned long until;
};

/* what is asked for; one of @id and @der */
struct subject {
	u8 type;
	u8 key[DMK_HASH_LEN];
	const struct dmk_id *id;
	struct dmk_span der;
};

static void subject_of_id(struct subject *s, const struct dmk_id *id)
{
	u8 text[1 + DMK_ID_MAX];

	s->type = DMK_UPCALL_SENSOR;
	s->id = id;
	text[0] = id->type;
	memcpy(text + 1, id->data.data, id->data.len);
	sha256(text, 1 + id->data.len, s->key);
}

static void subject_of_cert(struct subject *s, const u8 hash[DMK_HASH_LEN])
{
	s->type = DMK_UPCALL_CERT;
	s->id = NULL;
	memcpy(s->key, hash, sizeof(s->key));
}

static enum dmk_reason denial(u8 type)
{
	return type == DMK_UPCALL_SENSOR ? DMK_REASON_SENSOR_DENIED : DMK_REASON_CERTIFICATE;
}

static enum dmk_side side_of(u8 type)
{
	return type == DMK_UPCALL_SENSOR ? DMK_SIDE_TP : DMK_SIDE_R;
}

/* ---- under dmk_upcalls.lock */

static struct question *find(struct dmk_upcalls *u, const struct subject *s)
{
	struct question *q;

	list_for_each_entry(q, &u->open, list)
		if (q->type == s->type && !memcmp(q->key, s->key, sizeof(q->key)))
			return q;
	return NULL;
}

static struct question *find_id(struct dmk_upcalls *u, u32 id)
{
	struct question *q;

	list_for_each_entry(q, &u->open, list)
		if (q->id == id)
			return q;
	return NULL;
}

static void drop_refusal(struct dmk_upcalls *u, struct refusal *r)
{
	list_del(&r->list);
	u->n_refused--;
	kfree(r);
}

static void prune_refusals(struct dmk_upcalls *u)
{
	struct refusal *r, *next;

	list_for_each_entry_safe(r, next, &u->refused, list) {
		if (time_before(jiffies, r->until))
			break;
		drop_refusal(u, r);
	}
}

static struct refusal *find_refusal(struct dmk_upcalls *u, const struct subject *s)
{
	struct refusal *r;

	prune_refusals(u);
	list_for_each_entry(r, &u->refused, list)
		if (r->type == s->type && !memcmp(r->key, s->key, sizeof(r->key)))
			return r;
	return NULL;
}

/* without memory the agent is asked again, no more */
static void remember_refusal(struct dmk_upcalls *u, const struct question *q)
{
	struct refusal *r = kmalloc(sizeof(*r), GFP_ATOMIC);

	if (!r)
		return;
	if (u->n_refused >= DMK_REFUSALS_MAX)
		drop_refusal(u, list_first_entry(&u->refused, struct refusal, list));
	r->type = q->type;
	memcpy(r->key, q->key, sizeof(r->key));
	r->until = jiffies + DMK_REFUSAL_LIFE * HZ;
	list_add_tail(&r->list, &u->refused);
	u->n_refused++;
}

static bool take_token(struct dmk_upcalls *u)
{
	unsigned long gained = (jiffies - u->filled) * DMK_UPCALL_RATE / HZ;

	if (gained) {
		u->tokens = min_t(unsigned long, u->tokens + gained, DMK_UPCALL_RATE);
		u->filled = jiffies;
	}
	if (!u->tokens)
		return false;
	u->tokens--;
	return true;
}

static void wait_for(struct question *q, struct dmk_datagram *d)
{
	d->asked = true;
	list_add_tail(&d->list, &q->waiting);
	q->n_waiting++;
}

static void close_question(struct dmk_upcalls *u, struct question *q)
{
	list_del(&q->list);
	u->n_open--;
}

static int send(struct dmk_net *dn, const struct question *q, const struct subject *s)
{
	struct sk_buff *skb = genlmsg_new(DMK_CERT_MAX + 256, GFP_ATOMIC);
	void *hdr;
	int ret;

	if (!skb)
		return -ENOMEM;
	hdr = genlmsg_put(skb, 0, 0, &dmk_netlink_family, 0, DMK_CMD_UPCALL_NTF);
	if (!hdr || nla_put_u8(skb, DMK_A_UPCALL_TYPE, q->type) ||
	    nla_put_u32(skb, DMK_A_UPCALL_ID, q->id))
		goto full;
	if (s->id)
		ret = dmk_netlink_put_id(skb, DMK_A_ID_TYPE, DMK_A_ID, s->id);
	else
		ret = nla_put(skb, DMK_A_CERT, s->der.len, s->der.data);
	if (ret)
		goto full;
	genlmsg_end(skb, hdr);
	return genlmsg_multicast_netns(&dmk_netlink_family, dn->net, skb, 0,
				       DMK_GROUP_UPCALL, GFP_ATOMIC);

full:
	nlmsg_free(skb);
	return -ENOMEM;
}

/* a new question, with the agent already */
static enum dmk_reason open_question(struct dmk_net *dn, const struct subject *s,
				     struct question **out)
{
	struct dmk_upcalls *u = &dn->upcalls;
	struct question *q;
	int ret;

	if (u->n_open >= DMK_UPCALLS_MAX)
		return DMK_REASON_QUEUE_FULL;
	if (!take_token(u))
		return DMK_REASON_RATE_IDENTITY;
	q = kzalloc(sizeof(*q), GFP_ATOMIC);
	if (!q)
		return DMK_REASON_MEMORY;
	INIT_LIST_HEAD(&q->waiting);
	q->type = s->type;
	memcpy(q->key, s->key, sizeof(q->key));
	q->id = u->next_id++ ?: u->next_id++;
	q->until = jiffies + DMK_UPCALL_WAIT * HZ;
	ret = send(dn, q, s);
	if (ret) {
		kfree(q);
		return ret == -ESRCH ? DMK_REASON_NO_AGENT : DMK_REASON_MEMORY;
	}
	list_add_tail(&q->list, &u->open);
	u->n_open++;
	*out = q;
	return DMK_OK;
}

static enum dmk_reason ask_locked(struct dmk_net *dn, const struct subject *s,
				  struct dmk_datagram *d)
{
	struct dmk_upcalls *u = &dn->upcalls;
	enum dmk_trace_upcall step = DMK_TRACE_JOINED;
	enum dmk_reason reason;
	struct question *q;

	if (find_refusal(u, s))
		return denial(s->type);
	q = find(u, s);
	if (q && q->n_waiting >= DMK_UPCALL_WAITERS)
		return DMK_REASON_QUEUE_FULL;
	if (!q) {
		reason = open_question(dn, s, &q);
		if (reason)
			return reason;
		step = DMK_TRACE_ASKED;
		dmk_stats_inc(dn, DMK_STAT_UPCALL_SENT);
	}
	wait_for(q, d);
	trace_dmk_upcall(dn, q->type, q->id, step);
	return DMK_OK;
}

/* ---- outside */

static enum dmk_reason ask(struct dmk_net *dn, const struct subject *s,
			   struct dmk_datagram *d)
{
	enum dmk_reason reason;

	if (!genl_has_listeners(&dmk_netlink_family, dn->net, DMK_GROUP_UPCALL))
		return DMK_REASON_NO_AGENT;
	spin_lock_bh(&dn->upcalls.lock);
	reason = ask_locked(dn, s, d);
	spin_unlock_bh(&dn->upcalls.lock);
	/* does nothing if it is pending already, for an older question */
	if (!reason)
		queue_delayed_work(dmk_wq, &dn->upcalls.expire, DMK_UPCALL_WAIT * HZ);
	return reason;
}

enum dmk_reason dmk_upcall_sensor(struct dmk_net *dn, const struct dmk_id *id,
				  struct dmk_datagram *d)
{
	struct subject s;

	subject_of_id(&s, id);
	return ask(dn, &s, d);
}

enum dmk_reason dmk_upcall_cert(struct dmk_net *dn, struct dmk_span der,
				const u8 hash[DMK_HASH_LEN], struct dmk_datagram *d)
{
	struct subject s;

	subject_of_cert(&s, hash);
	s.der = der;
	return ask(dn, &s, d);
}

/* the message is read once more: who does it claim to be from */
static void refuse(struct dmk_net *dn, const struct question *q, enum dmk_reason reason,
		   const struct dmk_datagram *d)
{
	struct dmk_message *m = kmalloc(sizeof(*m), GFP_KERNEL);
	enum dmk_side side = side_of(q->type);
	struct dmk_who who = { };

	/* responders and hosts ask for the same certificates */
	if (m && !dmk_message_parse(m, dmk_queue_roles(dn), d->data, d->len)) {
		side = dmk_side_of(m->kind);
		who = dmk_event_claim(m);
	}
	dmk_stats_refuse(dn, side, reason, &d->from, &who);
	kfree(m);
}

/* @q is closed: nobody else knows it */
static void drop_question(struct dmk_net *dn, struct question *q, enum dmk_reason reason)
{
	struct dmk_datagram *d, *next;

	list_for_each_entry_safe(d, next, &q->waiting, list) {
		list_del(&d->list);
		refuse(dn, q, reason, d);
		dmk_datagram_free(d);
	}
	kfree(q);
}

static void resume_question(struct dmk_net *dn, struct question *q)
{
	struct dmk_datagram *d, *next;

	list_for_each_entry_safe(d, next, &q->waiting, list) {
		list_del(&d->list);
		dmk_queue_resume(dn, d);
	}
	kfree(q);
}

static void answer(struct dmk_net *dn, const struct subject *s)
{
	struct dmk_upcalls *u = &dn->upcalls;
	struct refusal *r;
	struct question *q;

	spin_lock_bh(&u->lock);
	r = find_refusal(u, s);
	if (r)
		drop_refusal(u, r);
	q = find(u, s);
	if (q)
		close_question(u, q);
	spin_unlock_bh(&u->lock);
	if (!q)
		return;
	trace_dmk_upcall(dn, q->type, q->id, DMK_TRACE_ANSWERED);
	resume_question(dn, q);
}

void dmk_upcall_answer_sensor(struct dmk_net *dn, const struct dmk_id *id)
{
	struct subject s;

	subject_of_id(&s, id);
	answer(dn, &s);
}

void dmk_upcall_answer_cert(struct dmk_net *dn, const u8 hash[DMK_HASH_LEN])
{
	struct subject s;

	subject_of_cert(&s, hash);
	answer(dn, &s);
}

int dmk_upcall_refuse(struct dmk_net *dn, u32 upcall_id)
{
	struct dmk_upcalls *u = &dn->upcalls;
	struct question *q;

	spin_lock_bh(&u->lock);
	q = find_id(u, upcall_id);
	if (q) {
		close_question(u, q);
		remember_refusal(u, q);
	}
	spin_unlock_bh(&u->lock);
	if (!q)
		return -ENOENT;
	trace_dmk_upcall(dn, q->type, q->id, DMK_TRACE_REFUSED);
	drop_question(dn, q, denial(q->type));
	return 0;
}

void dmk_upcall_forget(struct dmk_net *dn)
{
	struct refusal *r, *next;

	spin_lock_bh(&dn->upcalls.lock);
	list_for_each_entry_safe(r, next, &dn->upcalls.refused, list)
		drop_refusal(&dn->upcalls, r);
	spin_unlock_bh(&dn->upcalls.lock);
}

/* closes the oldest question if it is due (or any, with @all) */
static struct question *take_due(struct dmk_upcalls *u, bool all)
{
	unsigned long now = jiffies;
	struct question *q;

	spin_lock_bh(&u->lock);
	q = list_first_entry_or_null(&u->open, struct question, list);
	if (q && !all && time_before(now, q->until)) {
		queue_delayed_work(dmk_wq, &u->expire, q->until - now);
		q = NULL;
	}
	if (q)
		close_question(u, q);
	spin_unlock_bh(&u->lock);
	return q;
}

static void expire(struct work_struct *work)
{
	struct dmk_net *dn = container_of(work, struct dmk_net, upcalls.expire.work);
	struct question *q;

	while ((q = take_due(&dn->upcalls, false))) {
		trace_dmk_upcall(dn, q->type, q->id, DMK_TRACE_TIMEOUT);
		drop_question(dn, q, DMK_REASON_UPCALL_TIMEOUT);
	}
}

void dmk_upcall_init(struct dmk_net *dn)
{
	struct dmk_upcalls *u = &dn->upcalls;

	spin_lock_init(&u->lock);
	INIT_LIST_HEAD(&u->open);
	INIT_LIST_HEAD(&u->refused);
	INIT_DELAYED_WORK(&u->expire, expire);
	u->next_id = 1;
	u->tokens = DMK_UPCALL_RATE;
	u->filled = jiffies;
}

void dmk_upcall_destroy(struct dmk_net *dn)
{
	struct question *q;

	while ((q = take_due(&dn->upcalls, true)))
		drop_question(dn, q, DMK_REASON_UPCALL_TIMEOUT);
	cancel_delayed_work_sync(&dn->upcalls.expire);
	dmk_upcall_forget(dn);
}
