// SPDX-License-Identifier: GPL-2.0
/* Other hosts: their table, and what is due with each of them. */

#include <linux/random.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/wait_bit.h>

#include "backend.h"
#include "host.h"
#include "netns.h"

/* ---- memory and table */

void dmk_host_put(struct dmk_host *h)
{
	struct dmk_net *dn;

	if (!h || !refcount_dec_and_test(&h->ref))
		return;
	dn = h->dn;
	if (h->key)
		key_put(h->key);
	dmk_rule_put(h->rule);
	kfree_rcu(h, rcu);
	if (atomic_dec_and_test(&dn->hosts.alive))
		wake_up_var(&dn->hosts.alive);
}

/* under RCU or dmk_net.config */
static struct dmk_host *find(struct dmk_net *dn, const struct dmk_id *id)
{
	struct dmk_host *h;
	struct dmk_id name;

	list_for_each_entry_rcu(h, &dn->hosts.list, list, lockdep_is_held(&dn->config)) {
		name = dmk_name_id(&h->name);
		if (dmk_id_equal(&name, id))
			return h;
	}
	return NULL;
}

static bool is_towards(const struct dmk_host *h, const struct dmk_id *own)
{
	struct dmk_id name = dmk_name_id(&h->own);

	return !own || dmk_id_equal(&name, own);
}

struct dmk_host *dmk_host_find(struct dmk_net *dn, const struct dmk_id *id,
			       const struct dmk_id *own)
{
	struct dmk_host *h;

	rcu_read_lock();
	h = find(dn, id);
	if (h && (!is_towards(h, own) || !refcount_inc_not_zero(&h->ref)))
		h = NULL;
	rcu_read_unlock();
	return h;
}

bool dmk_host_any(struct dmk_net *dn)
{
	return !list_empty(&dn->hosts.list);
}

bool dmk_host_knows(struct dmk_net *dn, const struct dmk_message *m)
{
	struct dmk_host *h;
	bool known;

	rcu_read_lock();
	h = find(dn, &m->idi);
	known = h && is_towards(h, &m->idr);
	rcu_read_unlock();
	return known;
}

/* ---- the work */

void dmk_host_kick(struct dmk_host *h, unsigned long delay)
{
	refcount_inc(&h->ref);
	/* it was queued, and has its reference */
	if (mod_delayed_work(dmk_wq, &h->work, delay))
		dmk_host_put(h);
}

/* not in place of a look that is due sooner */
static void look_again(struct dmk_host *h, unsigned long delay)
{
	refcount_inc(&h->ref);
	if (!queue_delayed_work(dmk_wq, &h->work, delay))
		dmk_host_put(h);
}

enum dmk_host_state dmk_host_state(const struct dmk_host *h)
{
	if (h->since)
		return DMK_HOST_UP;
	return h->x ? DMK_HOST_CONNECTING : DMK_HOST_CONFIGURED;
}

static void drop_signer(struct dmk_host *h)
{
	dmk_cert_put(h->signer);
	h->signer = NULL;
}

/* no exchange, no session */
static void bring_down(struct dmk_host *h)
{
	struct dmk_id id = dmk_name_id(&h->name);

	dmk_host_abandon(h);
	dmk_session_host_end(h->dn, &id);
	drop_signer(h);
	h->since = 0;
}

static bool is_good(const struct dmk_host *h)
{
	return h->key ? dmk_host_psk_good(h) : dmk_host_pk_good(h);
}

void dmk_host_failed(struct dmk_host *h, enum dmk_reason reason)
{
	/* two sides that have disturbed each other do not do so again */
	u32 pause = DMK_HOST_RETRY + get_random_u32() % DMK_HOST_JITTER;

	h->last = reason;
	h->retry = ktime_get_boottime_seconds() + pause;
	h->renew = h->retry;
	if (!h->keep && !h->since)
		h->wanted = false;
}

static void note_failure(struct dmk_host *h, enum dmk_reason reason)
{
	dmk_host_failed(h, reason);
	dmk_stats_refuse(h->dn, DMK_SIDE_HOST, reason, &h->addr, NULL);
}

static void go_on(struct dmk_host *h)
{
	enum dmk_reason reason = DMK_OK;

	if (time_after_eq(jiffies, h->x->due))
		reason = dmk_host_repeat(h);
	if (reason)
		note_failure(h, reason);
}

static bool is_due(const struct dmk_host *h, const struct dmk_id *id)
{
	time64_t now = ktime_get_boottime_seconds();

	if (!h->since)
		return h->wanted && now >= h->retry;
	if (!h->renew)
		return true;
	/* who has failed tries again, whoever started the newest one */
	return (h->initiated || h->retry) && now >= h->retry &&
	       (now >= h->renew || dmk_session_host_worn(h->dn, id));
}

static void begin(struct dmk_host *h)
{
	enum dmk_reason reason = dmk_host_start(h);

	if (reason)
		note_failure(h, reason);
}

/* what has become of the sessions since */
static void take_stock(struct dmk_host *h, const struct dmk_id *id)
{
	if (!h->since)
		return;
	if (!dmk_session_host_lives(h->dn, id)) {
		h->since = 0;
		drop_signer(h);
	} else if (ktime_get_boottime_seconds() >= h->since + DMK_HOST_SETTLE) {
		dmk_session_host_open(h->dn, id);
	}
}

static void look(struct dmk_host *h)
{
	struct dmk_id id = dmk_name_id(&h->name);

	if (!is_good(h)) {
		if (h->since || h->x || h->wanted)
			h->last = h->key ? DMK_REASON_INTERNAL : DMK_REASON_CERTIFICATE;
		bring_down(h);
		if (!h->keep)
			h->wanted = false;
		return;
	}
	take_stock(h, &id);
	if (h->x)
		go_on(h);
	else if (is_due(h, &id))
		begin(h);
}

/* while nothing is wanted of it, there is nothing to look at */
static unsigned long next_look(const struct dmk_host *h)
{
	time64_t now = ktime_get_boottime_seconds();
	unsigned long delay = DMK_HOST_LOOK * HZ;

	if (h->x)
		return time_after(h->x->due, jiffies) ? h->x->due - jiffies : 0;
	if (!h->since && !h->wanted)
		return MAX_JIFFY_OFFSET;
	if (h->since && h->initiated && h->renew < now + DMK_HOST_LOOK)
		delay = h->renew > now ? (h->renew - now) * HZ : HZ;
	return delay;
}

static void work(struct work_struct *work)
{
	struct dmk_host *h = container_of(work, struct dmk_host, work.work);
	unsigned long delay;

	mutex_lock(&h->lock);
	if (!h->gone) {
		look(h);
		delay = next_look(h);
		if (delay != MAX_JIFFY_OFFSET)
			look_again(h, delay);
	}
	mutex_unlock(&h->lock);
	dmk_host_put(h);
}

/* ---- from outside */

void dmk_host_connect(struct dmk_host *h)
{
	mutex_lock(&h->lock);
	if (!h->gone) {
		h->wanted = true;
		h->retry = 0;
		h->renew = 0;
		h->last = DMK_OK;
		dmk_host_kick(h, 0);
	}
	mutex_unlock(&h->lock);
}

void dmk_host_disconnect(struct dmk_host *h)
{
	mutex_lock(&h->lock);
	h->wanted = false;
	bring_down(h);
	h->last = DMK_OK;
	mutex_unlock(&h->lock);
}

void dmk_host_recheck(struct dmk_net *dn)
{
	struct dmk_host *h;

	rcu_read_lock();
	list_for_each_entry_rcu(h, &dn->hosts.list, list) {
		if (!refcount_inc_not_zero(&h->ref))
			continue;
		dmk_host_kick(h, 0);
		dmk_host_put(h);
	}
	rcu_read_unlock();
}

void dmk_host_session_ended(struct dmk_net *dn, const struct dmk_id *id)
{
	struct dmk_host *h = dmk_host_find(dn, id, NULL);

	if (!h)
		return;
	dmk_host_kick(h, 0);
	dmk_host_put(h);
}

/* It is in no list any more. A look that is under way has a reference of its own, and
 * what is queued from here on does nothing: nobody waits, for the work must not be
 * disabled while somebody may kick it.
 */
static void bury(struct dmk_host *h)
{
	mutex_lock(&h->lock);
	h->gone = true;
	bring_down(h);
	mutex_unlock(&h->lock);
	if (cancel_delayed_work(&h->work))
		dmk_host_put(h);
	dmk_host_put(h);
}

static int need_crypto(struct dmk_hosts *hs)
{
	struct dmk_crypto *c;

	if (hs->crypto)
		return 0;
	c = dmk_crypto_alloc();
	if (IS_ERR(c))
		return PTR_ERR(c);
	hs->crypto = c;
	return 0;
}

static void set_up(struct dmk_net *dn, struct dmk_host *h)
{
	refcount_set(&h->ref, 1);
	h->dn = dn;
	INIT_DELAYED_WORK(&h->work, work);
	mutex_init(&h->lock);
	h->wanted = h->keep;
	atomic_inc(&dn->hosts.alive);
}

/* what it has sent and accepted counts on, and it sends and accepts no more */
static void inherit(struct dmk_host *h, struct dmk_host *old)
{
	mutex_lock(&old->lock);
	old->gone = true;
	h->last_t = old->last_t;
	h->seen_t = old->seen_t;
	h->crossed_t = old->crossed_t;
	mutex_unlock(&old->lock);
}

int dmk_host_add(struct dmk_net *dn, struct dmk_host *h)
{
	struct dmk_hosts *hs = &dn->hosts;
	struct dmk_id id = dmk_name_id(&h->name);
	struct dmk_host *old = find(dn, &id);
	int err;

	if (!old && hs->count >= DMK_HOSTS_MAX)
		return -ENOSPC;
	err = need_crypto(hs);
	if (err)
		return err;
	set_up(dn, h);
	if (old) {
		inherit(h, old);
		list_replace_rcu(&old->list, &h->list);
		bury(old);
	} else {
		list_add_tail_rcu(&h->list, &hs->list);
		hs->count++;
	}
	if (h->keep)
		dmk_host_kick(h, 0);
	return 0;
}

static void take_out(struct dmk_net *dn, struct dmk_host *h)
{
	list_del_rcu(&h->list);
	dn->hosts.count--;
	bury(h);
}

int dmk_host_remove(struct dmk_net *dn, const struct dmk_id *id)
{
	struct dmk_host *h = find(dn, id);

	if (!h)
		return -ENOENT;
	take_out(dn, h);
	return 0;
}

/* ---- SAs */

/* the other end is what a sensor is to a responder */
static void see_from_here(struct dmk_session_data *sd, const struct dmk_host *h)
{
	u16 own = sd->i_port;

	sd->i_port = sd->r_port;
	sd->r_port = own;
	sd->port = ntohs(h->addr.port);
	sd->family = dmk_addr_is_v4(&h->addr) ? 4 : 6;
	memset(sd->addr, 0, sizeof(sd->addr));
	if (sd->family == 4)
		memcpy(sd->addr, &h->addr.ip.s6_addr32[3], 4);
	else
		memcpy(sd->addr, &h->addr.ip, 16);
}

/* CS 1 carries what the initiator sends */
static int derive(struct dmk_crypto *c, const struct dmk_host_session *s,
		  struct dmk_session_new *new)
{
	unsigned int in = s->initiated;
	int i, err = 0;

	for (i = 0; i < 2 && !err; i++) {
		new->spi[i] = s->spi[in ^ i];
		err = dmk_esp_keys_plain(c, s->prf, s->policy, (in ^ i) + 1, s->tgk,
					 s->csb_id, s->rand, &new->keys[i]);
	}
	/* nobody knows it: there are no updates between hosts */
	return err ? err : dmk_random(c, new->k_update, sizeof(new->k_update));
}

static enum dmk_reason establish(struct dmk_host *h, struct dmk_crypto *c,
				 struct dmk_host_session *s, struct dmk_session_new *new)
{
	enum dmk_reason reason;

	if (derive(c, s, new))
		return DMK_REASON_INTERNAL;
	if (s->initiated)
		see_from_here(&s->sd, h);
	new->sensor = dmk_name_id(&h->name);
	new->responder = dmk_name_id(&h->own);
	new->csb_id = s->csb_id;
	new->t_i = (struct dmk_ts){ DMK_TS_NTP_UTC, s->t };
	new->rand = s->rand;
	new->sd = &s->sd;
	new->policy = s->policy;
	new->rule = h->rule;
	new->group = s->hash;
	new->initiated = s->initiated;
	reason = dmk_session_establish(h->dn, new);
	if (reason)
		return reason;
	/* the other side knows nothing of another SPI */
	if (s->initiated && new->spi[0] != s->spi[1]) {
		dmk_session_end_matching(h->dn, &new->sensor, new->spi[0]);
		return DMK_REASON_SA;
	}
	s->spi[s->initiated] = new->spi[0];
	return DMK_OK;
}

enum dmk_reason dmk_host_establish(struct dmk_host *h, struct dmk_crypto *c,
				   struct dmk_host_session *s)
{
	struct dmk_session_new *new = kzalloc(sizeof(*new), GFP_KERNEL);
	u32 life = s->policy->life_seconds;
	enum dmk_reason reason;

	if (!new)
		return DMK_REASON_MEMORY;
	reason = establish(h, c, s, new);
	/* keys with the rest */
	kfree_sensitive(new);
	if (reason)
		return reason;
	drop_signer(h);
	h->initiated = s->initiated;
	h->since = ktime_get_boottime_seconds();
	h->renew = h->since + max_t(u32, life - life / 5, 1);
	h->retry = 0;
	h->last = DMK_OK;
	dmk_host_kick(h, HZ);
	return DMK_OK;
}

/* ---- start and end of a namespace */

int dmk_host_init(struct dmk_net *dn)
{
	int err;

	INIT_LIST_HEAD(&dn->hosts.list);
	mutex_init(&dn->hosts.crypto_lock);
	err = dmk_host_start_init(dn);
	if (err)
		return err;
	err = dmk_replay_init(&dn->hosts.replay);
	if (err)
		dmk_host_start_destroy(dn);
	return err;
}

void dmk_host_stop(struct dmk_net *dn)
{
	struct dmk_host *h, *next;

	mutex_lock(&dn->config);
	list_for_each_entry_safe(h, next, &dn->hosts.list, list)
		take_out(dn, h);
	mutex_unlock(&dn->config);
}

void dmk_host_destroy(struct dmk_net *dn)
{
	/* who looked at one when it was taken out */
	wait_var_event(&dn->hosts.alive, !atomic_read(&dn->hosts.alive));
	dmk_replay_destroy(&dn->hosts.replay);
	dmk_host_start_destroy(dn);
	dmk_crypto_free(dn->hosts.crypto);
}
