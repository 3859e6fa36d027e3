// SPDX-License-Identifier: GPL-2.0
/* Datagrams between softirq and the workers. */

#include <linux/random.h>
#include <linux/slab.h>

#include "backend.h"
#include "netns.h"

#define BATCH 8		/* messages of a worker's turn: each may cost an RSA operation */

struct dmk_datagram *dmk_datagram_new(const struct dmk_addr *from, struct dmk_span raw,
				      gfp_t gfp)
{
	struct dmk_datagram *d = kmalloc(struct_size(d, data, raw.len), gfp);

	if (!d)
		return NULL;
	memset(d, 0, sizeof(*d));
	d->from = *from;
	d->len = raw.len;
	memcpy(d->data, raw.data, raw.len);
	return d;
}

void dmk_datagram_free(struct dmk_datagram *d)
{
	kfree_sensitive(d);
}

static struct dmk_datagram *take(struct dmk_queue *q, struct dmk_worker *w)
{
	struct dmk_datagram *d;

	spin_lock_bh(&q->lock);
	d = list_first_entry_or_null(&q->list, struct dmk_datagram, list);
	if (d) {
		list_del(&d->list);
		WRITE_ONCE(q->len, q->len - 1);
	} else {
		w->running = false;
	}
	spin_unlock_bh(&q->lock);
	return d;
}

/* Whether no other worker has the same message in hand: a message that comes
 * twice at once must not cost two RSA operations (7.2).
 */
static bool claim(struct dmk_queue *q, struct dmk_worker *w, u64 hash)
{
	bool mine = true;
	u32 i;

	spin_lock_bh(&q->lock);
	for (i = 0; i < q->n_workers && mine; i++)
		mine = !q->workers[i].busy || q->workers[i].hash != hash;
	if (mine) {
		w->hash = hash;
		w->busy = true;
	}
	spin_unlock_bh(&q->lock);
	return mine;
}

static void release(struct dmk_queue *q, struct dmk_worker *w)
{
	spin_lock_bh(&q->lock);
	w->busy = false;
	spin_unlock_bh(&q->lock);
}

enum dmk_repeat dmk_queue_answer_again(struct dmk_worker *w, struct dmk_replay *r)
{
	struct dmk_answer *answers[DMK_REPLAY_ANSWERS];
	enum dmk_repeat repeat = dmk_replay_seen(r, w->hash, answers);
	unsigned int i;

	if (repeat != DMK_REPEAT_ANSWER)
		return repeat;
	for (i = 0; i < DMK_REPLAY_ANSWERS; i++) {
		if (!answers[i])
			continue;
		dmk_socket_send(w->dn, &answers[i]->to, answers[i]->data, answers[i]->len);
		dmk_answer_put(answers[i]);
	}
	dmk_stats_inc(w->dn, DMK_STAT_REPEATED_ANSWERED);
	return repeat;
}

enum dmk_reason dmk_queue_remember(struct dmk_worker *w, struct dmk_replay *r, u64 sender,
				   u32 quota, u32 seconds)
{
	u64 t = w->m.t.type == DMK_TS_NTP_UTC ? w->m.t.value : 0;
	enum dmk_reason reason = dmk_replay_add(r, w->hash, sender, quota, t,
						ktime_get_boottime_seconds() + seconds);

	if (!reason)
		w->added_to = r;
	return reason;
}

/* to whom of us it is shows in its CSB ID and T */
static enum dmk_reason dispatch_err(struct dmk_worker *w, const struct dmk_addr *from)
{
	enum dmk_reason reason = dmk_host_err(w, from);

	return reason == DMK_REASON_NOT_LATEST_T ? dmk_transit_err(w, from) : reason;
}

static enum dmk_reason dispatch(struct dmk_worker *w, struct dmk_datagram **d)
{
	switch (w->m.kind) {
	case DMK_I_TP:
		return dmk_thirdparty_i_tp(w, d);
	case DMK_R_TP:
		return dmk_transit_r_tp(w);
	case DMK_ERR:
		return dispatch_err(w, &(*d)->from);
	case DMK_TP_R:
	case DMK_TP_R_CACHED:
		return dmk_responder_tp_r(w, d);
	case DMK_U_R:
		return dmk_responder_update(w, *d);
	case DMK_PSK:
	case DMK_PK:
		return dmk_host_request(w, d);
	case DMK_PSK_VER:
	case DMK_PK_VER:
		return dmk_host_answer(w, *d);
	default:
		return DMK_REASON_UNEXPECTED;
	}
}

/* what a share on its way, or a host, is asked for under its own lock */
static bool is_answer(const struct dmk_message *m)
{
	return m->kind == DMK_R_TP || m->kind == DMK_ERR || m->kind == DMK_PSK_VER ||
	       m->kind == DMK_PK_VER;
}

unsigned int dmk_queue_roles(struct dmk_net *dn)
{
	return DMK_AT_TP | DMK_AT_R | (dmk_host_any(dn) ? DMK_AT_HOST : 0);
}

static enum dmk_reason handle(struct dmk_worker *w, struct dmk_datagram **d)
{
	unsigned int roles = dmk_queue_roles(w->dn);
	struct dmk_queue *q = &w->dn->queue;
	enum dmk_reason reason;
	u64 hash;

	reason = dmk_message_parse(&w->m, roles, (*d)->data, (*d)->len);
	if (reason)
		return reason;
	if (is_answer(&w->m))
		return dispatch(w, d);
	hash = dmk_queue_hash(q, &w->m);
	/* of those that have waited there is one; who parked it may be busy still */
	if ((*d)->waited)
		w->hash = hash;
	else if (!claim(q, w, hash))
		return DMK_REASON_REPEATED;
	reason = dispatch(w, d);
	if (w->added_to && dmk_queue_our_fault(reason))
		dmk_replay_undo(w->added_to, hash);
	release(q, w);
	return reason;
}

/* @from: where the message in hand came from */
static void refuse(struct dmk_worker *w, enum dmk_reason reason, const struct dmk_addr *from)
{
	struct dmk_who who = dmk_event_claim(&w->m);
	struct dmk_id peer = dmk_name_id(&w->peer);

	who.authentic = w->authentic;
	if (w->peer.len)
		who.peer = &peer;
	dmk_stats_refuse(w->dn, dmk_side_of(w->m.kind), reason, from, &who);
}

/* Return: false if there was nothing to do */
static bool work_on_next(struct dmk_worker *w)
{
	struct dmk_datagram *d = take(&w->dn->queue, w);
	enum dmk_reason reason;
	struct dmk_addr from;

	if (!d)
		return false;
	from = d->from;
	w->authentic = false;
	w->added_to = NULL;
	w->peer.len = 0;
	reason = handle(w, &d);
	dmk_crypto_forget(w->crypto);
	if (reason)
		refuse(w, reason, &from);
	if (d)
		dmk_datagram_free(d);
	return true;
}

/* Some, and then the others' turn: while there is no end of messages, whoever waits
 * for the work that was queued before (the end of another namespace) still gets it.
 */
static void work(struct work_struct *work)
{
	struct dmk_worker *w = container_of(work, struct dmk_worker, work);
	unsigned int i;

	for (i = 0; i < BATCH; i++) {
		if (!work_on_next(w))
			return;
		cond_resched();
	}
	queue_work(dmk_wq, &w->work);
}

/* an idle worker, or NULL: those at work look at the queue again; locked */
static struct dmk_worker *idle(struct dmk_queue *q)
{
	u32 i;

	for (i = 0; i < q->n_workers; i++)
		if (!q->workers[i].running)
			return &q->workers[i];
	return NULL;
}

static bool add(struct dmk_queue *q, struct dmk_datagram *d, bool resumed)
{
	struct dmk_worker *w = NULL;
	bool ok;

	spin_lock_bh(&q->lock);
	ok = q->open && (resumed || q->len < READ_ONCE(q->limit));
	if (ok) {
		list_add_tail(&d->list, &q->list);
		WRITE_ONCE(q->len, q->len + 1);
		w = idle(q);
		if (w) {
			w->running = true;
			queue_work(dmk_wq, &w->work);
		}
	}
	spin_unlock_bh(&q->lock);
	return ok;
}

bool dmk_queue_add(struct dmk_net *dn, struct dmk_datagram *d)
{
	return add(&dn->queue, d, false);
}

void dmk_queue_resume(struct dmk_net *dn, struct dmk_datagram *d)
{
	d->asked = true;
	if (!add(&dn->queue, d, true))
		dmk_datagram_free(d);
}

bool dmk_queue_loaded(struct dmk_net *dn)
{
	return READ_ONCE(dn->queue.len) > READ_ONCE(dn->queue.limit) / 8;
}

static void free_workers(struct dmk_queue *q)
{
	u32 i;

	for (i = 0; i < q->n_workers; i++)
		dmk_crypto_free(q->workers[i].crypto);
	kvfree_sensitive(q->workers, q->n_workers * sizeof(*q->workers));
	q->workers = NULL;
	q->n_workers = 0;
}

int dmk_queue_init(struct dmk_net *dn)
{
	struct dmk_queue *q = &dn->queue;
	u32 n = num_online_cpus();
	struct dmk_crypto *c;

	spin_lock_init(&q->lock);
	INIT_LIST_HEAD(&q->list);
	q->limit = DMK_QUEUE_LIMIT;
	get_random_bytes(&q->secret, sizeof(q->secret));
	q->workers = kvcalloc(n, sizeof(*q->workers), GFP_KERNEL);
	if (!q->workers)
		return -ENOMEM;
	for (; q->n_workers < n; q->n_workers++) {
		c = dmk_crypto_alloc();
		if (IS_ERR(c)) {
			free_workers(q);
			return PTR_ERR(c);
		}
		q->workers[q->n_workers].crypto = c;
		q->workers[q->n_workers].dn = dn;
		INIT_WORK(&q->workers[q->n_workers].work, work);
	}
	q->open = true;
	return 0;
}

void dmk_queue_destroy(struct dmk_net *dn)
{
	struct dmk_queue *q = &dn->queue;
	struct dmk_datagram *d, *next;
	LIST_HEAD(left);
	u32 i;

	spin_lock_bh(&q->lock);
	q->open = false;
	list_splice_init(&q->list, &left);
	WRITE_ONCE(q->len, 0);
	spin_unlock_bh(&q->lock);
	for (i = 0; i < q->n_workers; i++)
		cancel_work_sync(&q->workers[i].work);
	list_for_each_entry_safe(d, next, &left, list)
		dmk_datagram_free(d);
	free_workers(q);
}
