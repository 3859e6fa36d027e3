// SPDX-License-Identifier: GPL-2.0
/* Established sessions at R: their tables, their life and their end. */

#include <linux/slab.h>
#include <net/xfrm.h>

#include "netns.h"
#include "sa.h"

enum {
	NEIGHBOURS = 8,			/* looked at in softirq */
	GRACE = 2,			/* seconds by a clock of whole ones: more than one */
};

/* a session that somebody has to look at, in dmk_sessions.all */
#define TEND XA_MARK_1

/* as it stands in struct dmk_session_data */
struct address {
	u8 family;
	u8 addr[16];
};

static const struct rhashtable_params spi_params = {
	.key_len = sizeof_field(struct dmk_session, spi_in),
	.key_offset = offsetof(struct dmk_session, spi_in),
	.head_offset = offsetof(struct dmk_session, by_spi),
	.automatic_shrinking = true,
};

static const struct rhashtable_params group_params = {
	.key_len = sizeof_field(struct dmk_session, group),
	.key_offset = offsetof(struct dmk_session, group),
	.head_offset = offsetof(struct dmk_session, by_group),
	.automatic_shrinking = true,
};

static const struct rhashtable_params addr_params = {
	.key_len = sizeof(struct address),
	.key_offset = offsetof(struct dmk_session, sd.family),
	.head_offset = offsetof(struct dmk_session, by_addr),
	.automatic_shrinking = true,
};

static struct kmem_cache *cache;

/* ---- memory */

struct dmk_session *dmk_session_alloc(struct dmk_net *dn)
{
	struct dmk_session *s = kmem_cache_zalloc(cache, GFP_KERNEL);

	if (!s)
		return NULL;
	s->dn = dn;
	refcount_set(&s->ref, 1);
	INIT_LIST_HEAD(&s->wait);
	return s;
}

static void free_rcu(struct rcu_head *rcu)
{
	kmem_cache_free(cache, container_of(rcu, struct dmk_session, rcu));
}

void dmk_session_put(struct dmk_session *s)
{
	if (!refcount_dec_and_test(&s->ref))
		return;
	memzero_explicit(s->k_update, sizeof(s->k_update));
	call_rcu(&s->rcu, free_rcu);
}

void dmk_session_strip(struct dmk_session *s)
{
	unsigned int i;

	dmk_party_put(s->dn, s->responder);
	s->responder = NULL;
	for (i = 0; i < s->n_verdicts; i++)
		dmk_party_put(s->dn, s->verdicts[i].tp);
	kfree(s->verdicts);
	s->verdicts = NULL;
	s->n_verdicts = 0;
	dmk_rule_put(s->rule);
	s->rule = NULL;
}

/* ---- tables */

bool dmk_session_knows(struct dmk_net *dn, const u8 group[DMK_HASH_LEN])
{
	u64 key = dmk_hash_key(group);

	return rhashtable_lookup_fast(&dn->sessions.by_group, &key, group_params);
}

struct dmk_session *dmk_session_by_spi(struct dmk_net *dn, __be32 spi_in)
{
	return rhashtable_lookup_fast(&dn->sessions.by_spi, &spi_in, spi_params);
}

static bool collides(const struct dmk_session *a, const struct dmk_session *b)
{
	u16 port_a = a->sd.encap_port, port_b = b->sd.encap_port;

	return a->sensor != b->sensor && (!port_a || !port_b || port_a == port_b);
}

bool dmk_session_address_in_use(const struct dmk_session *s)
{
	struct rhlist_head *list, *pos;
	const struct dmk_session *other;
	bool in_use = false;

	rcu_read_lock();
	list = rhltable_lookup(&s->dn->sessions.by_addr, &s->sd.family, addr_params);
	rhl_for_each_entry_rcu(other, pos, list, by_addr) {
		in_use = collides(s, other);
		if (in_use)
			break;
	}
	rcu_read_unlock();
	return in_use;
}

/* @list: in the order of the ends of their waits */
static void wait_in(struct list_head *list, struct dmk_session *s, u32 seconds)
{
	s->due = ktime_get_boottime_seconds() + seconds;
	list_move_tail(&s->wait, list);
	queue_delayed_work(dmk_wq, &s->dn->sessions.age, HZ);
}

int dmk_session_publish(struct dmk_session *s)
{
	struct dmk_sessions *ss = &s->dn->sessions;
	int err;

	err = xa_alloc_bh(&ss->all, &s->id, s, xa_limit_32b, GFP_KERNEL);
	if (err)
		return err;
	err = rhashtable_lookup_insert_fast(&ss->by_group, &s->by_group, group_params);
	if (err)
		goto err_group;
	err = rhltable_insert(&ss->by_addr, &s->by_addr, addr_params);
	if (err)
		goto err_addr;
	s->fresh = true;
	atomic_inc(&ss->unconfirmed);
	err = rhashtable_lookup_insert_fast(&ss->by_spi, &s->by_spi, spi_params);
	if (err)
		goto err_spi;
	list_add_tail(&s->by_sensor, &s->sensor->sessions);
	wait_in(&ss->unused, s, DMK_UNCONFIRMED_LIFE);
	return 0;

err_spi:
	atomic_dec(&ss->unconfirmed);
	rhltable_remove(&ss->by_addr, &s->by_addr, addr_params);
err_addr:
	rhashtable_remove_fast(&ss->by_group, &s->by_group, group_params);
err_group:
	xa_erase_bh(&ss->all, s->id);
	return err;
}

/* from here on dmk_session_heard() cannot find it */
static void unpublish(struct dmk_session *s)
{
	struct dmk_sessions *ss = &s->dn->sessions;

	rhashtable_remove_fast(&ss->by_spi, &s->by_spi, spi_params);
	rhltable_remove(&ss->by_addr, &s->by_addr, addr_params);
	list_del(&s->by_sensor);
	xa_erase_bh(&ss->all, s->id);
}

/* ---- under the lock: an update */

/* R_U for repetitions, protocol.md 9; T of its U_R is not above the session's any more */
static void forget_answer(struct dmk_session *s)
{
	if (s->old)
		dmk_replay_undo(&s->dn->r.replay, s->old->u_r);
}

/* what an update has replaced */
static void forget_old(struct dmk_session *s)
{
	if (!s->old)
		return;
	forget_answer(s);
	dmk_pair_remove(&s->old->sa, s->dn);
	/* out of sight of who looks without the lock, then freed */
	kfree(xchg(&s->old, NULL));
}

int dmk_session_replace(struct dmk_session *s, const struct dmk_pair *sa, const u32 spi[2],
			struct dmk_session_old *old)
{
	struct dmk_sessions *ss = &s->dn->sessions;
	int err;

	rhashtable_remove_fast(&ss->by_spi, &s->by_spi, spi_params);
	WRITE_ONCE(s->spi_in, htonl(spi[0]));
	err = rhashtable_lookup_insert_fast(&ss->by_spi, &s->by_spi, spi_params);
	if (err) {
		dmk_session_end(s, DMK_REASON_MEMORY);
		return err;
	}
	/* a second update comes within the grace of the first */
	forget_old(s);
	spin_lock_bh(&ss->fresh);
	old->sa = s->sa;
	WRITE_ONCE(s->sa.in, sa->in);
	WRITE_ONCE(s->sa.out, sa->out);
	WRITE_ONCE(s->fresh, true);
	atomic_inc(&ss->unconfirmed);
	spin_unlock_bh(&ss->fresh);
	old->retired = false;
	WRITE_ONCE(s->old, old);
	wait_in(&ss->unused, s, DMK_UNCONFIRMED_LIFE);
	return 0;
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
		WRITE_ONCE(s->fresh, false);
		WRITE_ONCE(s->state, DMK_SESSION_CONFIRMED);
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
	WRITE_ONCE(s->fresh, false);
	if (s->state == DMK_SESSION_UNCONFIRMED)
		WRITE_ONCE(s->state, DMK_SESSION_ENDED);
	spin_unlock_bh(&s->dn->sessions.fresh);
}

/* ---- under the lock: the end */

static void tell_confirmed(struct dmk_session *s)
{
	s->settled = true;
	dmk_stats_inc(s->dn, DMK_STAT_SESSION_CONFIRMED);
	dmk_event_session(s->dn, DMK_EVENT_SESSION_CONFIRMED, s, DMK_OK);
}

void dmk_session_end(struct dmk_session *s, enum dmk_reason reason)
{
	if (s->ended)
		return;
	s->ended = true;
	/* it was in use, and settle() comes too late to say so */
	if (READ_ONCE(s->state) == DMK_SESSION_CONFIRMED && !s->settled)
		tell_confirmed(s);
	unpublish(s);
	deafen(s);
	memzero_explicit(s->k_update, sizeof(s->k_update));
	forget_old(s);
	dmk_stats_inc(s->dn, DMK_STAT_SESSION_ENDED);
	dmk_event_session(s->dn, DMK_EVENT_SESSION_END, s, reason);
	if (dmk_session_is_host(s))
		dmk_session_host_ended(s);
	dmk_pair_remove(&s->sa, s->dn);
	dmk_session_strip(s);
	wait_in(&s->dn->sessions.ended, s, 2 * READ_ONCE(s->dn->skew));
}

/* the group of one that has ended */
static void forget(struct dmk_session *s)
{
	rhashtable_remove_fast(&s->dn->sessions.by_group, &s->by_group, group_params);
	list_del(&s->wait);
	dmk_party_put(s->dn, s->sensor);
	dmk_session_put(s);
}

/* ---- under the lock: the life */

/* 8: the new session is in use, so the sensor's older ones are not */
static void confirm(struct dmk_session *s)
{
	struct dmk_session *older, *next;

	tell_confirmed(s);
	list_for_each_entry_safe(older, next, &s->sensor->sessions, by_sensor) {
		if (older == s)
			break;
		dmk_session_end(older, DMK_OK);
	}
}

/* What an update has replaced stays for packets that are on their way, or that a
 * CPU is about to send: xfrm takes the newer SA for all others. R_U stays as long,
 * for a U_R that was sent again.
 */
static void retire_old(struct dmk_session *s)
{
	if (s->old->retired)
		return;
	s->old->retired = true;
	wait_in(&s->dn->sessions.retired, s, GRACE);
}

/* the newest SAs are in use */
static void settle(struct dmk_session *s)
{
	if (s->old)
		retire_old(s);
	else
		list_del_init(&s->wait);
	if (!s->settled)
		confirm(s);
}

void dmk_session_proved(struct dmk_session *s)
{
	heard(s, NULL);
	settle(s);
}

static void tend(struct dmk_session *s)
{
	if (s->ended)
		return;
	if (dmk_pair_is_broken(&s->sa)) {
		dmk_session_end(s, DMK_OK);
		return;
	}
	/* each for itself: until the new ones are in use, what is left of them is */
	if (s->old)
		dmk_pair_bury(&s->old->sa, s->dn);
	/* an update may have come in between, and settled it */
	if (!READ_ONCE(s->fresh))
		settle(s);
}

/* nobody has used the newest SAs */
static void give_up(struct dmk_session *s)
{
	/* hosts may have nothing to say to each other for a long time */
	if (READ_ONCE(s->state) == DMK_SESSION_UNCONFIRMED && !dmk_session_is_host(s)) {
		dmk_session_end(s, DMK_REASON_UNCONFIRMED);
		return;
	}
	/* those of an update have their own end */
	forget_answer(s);
	list_del_init(&s->wait);
}

static void end_grace(struct dmk_session *s)
{
	forget_old(s);
	list_del_init(&s->wait);
}

/* ---- who calls whom */

static void age_list(struct list_head *list, void (*fn)(struct dmk_session *s))
{
	u32 now = ktime_get_boottime_seconds();
	struct dmk_session *s, *next;

	list_for_each_entry_safe(s, next, list, wait) {
		if ((s32)(s->due - now) > 0)
			break;
		fn(s);
		cond_resched();
	}
}

static void age(struct work_struct *work)
{
	struct dmk_sessions *ss = container_of(work, struct dmk_sessions, age.work);

	mutex_lock(&ss->lock);
	age_list(&ss->unused, give_up);
	age_list(&ss->retired, end_grace);
	age_list(&ss->ended, forget);
	if (!list_empty(&ss->unused) || !list_empty(&ss->retired) || !list_empty(&ss->ended))
		queue_delayed_work(dmk_wq, &ss->age, HZ);
	mutex_unlock(&ss->lock);
}

/* Return: whether there was one, from the place @id on */
static bool tend_next(struct dmk_sessions *ss, unsigned long *id)
{
	struct dmk_session *s;

	mutex_lock(&ss->lock);
	s = xa_find(&ss->all, id, ULONG_MAX, TEND);
	if (s) {
		/* what comes from here on is a reason to look again */
		xa_lock_bh(&ss->all);
		__xa_clear_mark(&ss->all, *id, TEND);
		xa_unlock_bh(&ss->all);
		tend(s);
	}
	mutex_unlock(&ss->lock);
	return s;
}

static void tend_marked(struct work_struct *work)
{
	struct dmk_sessions *ss = container_of(work, struct dmk_sessions, tend);
	unsigned long id = 0;

	while (tend_next(ss, &id))
		cond_resched();
}

/* Under RCU. If @s has ended, another in its place is looked at, or none. */
static void tend_later(struct dmk_session *s)
{
	struct dmk_sessions *ss = &s->dn->sessions;

	xa_lock_bh(&ss->all);
	__xa_set_mark(&ss->all, s->id, TEND);
	xa_unlock_bh(&ss->all);
	queue_work(dmk_wq, &ss->tend);
}

static void sweep(struct work_struct *work)
{
	struct dmk_sessions *ss = container_of(work, struct dmk_sessions, sweep.work);
	struct dmk_session *s;
	unsigned long i;

	mutex_lock(&ss->lock);
	xa_for_each(&ss->all, i, s) {
		tend(s);
		cond_resched();
	}
	mutex_unlock(&ss->lock);
}

void dmk_session_heard(struct dmk_net *dn, struct xfrm_state *x)
{
	struct dmk_session *s;

	rcu_read_lock();
	s = rhashtable_lookup(&dn->sessions.by_spi, &x->id.spi, spi_params);
	if (s && READ_ONCE(s->fresh) && heard(s, x))
		tend_later(s);
	rcu_read_unlock();
}

/* @x may be a part of it: what an update replaces cannot be looked at from here */
static bool may_have(const struct dmk_session *s, const struct xfrm_state *x)
{
	return READ_ONCE(s->sa.in) == x || READ_ONCE(s->sa.out) == x || READ_ONCE(s->old);
}

/* Return: whether all sessions with that address were seen */
static bool tend_neighbours(struct dmk_net *dn, const struct xfrm_state *x,
			    const xfrm_address_t *addr)
{
	struct address key = { .family = x->props.family == AF_INET ? 4 : 6 };
	struct rhlist_head *list, *pos;
	struct dmk_session *s;
	unsigned int n = 0;

	memcpy(key.addr, addr, key.family == 4 ? 4 : 16);
	rcu_read_lock();
	list = rhltable_lookup(&dn->sessions.by_addr, &key, addr_params);
	rhl_for_each_entry_rcu(s, pos, list, by_addr) {
		if (n++ == NEIGHBOURS)
			break;
		if (may_have(s, x))
			tend_later(s);
	}
	rcu_read_unlock();
	return n <= NEIGHBOURS;
}

void dmk_session_lost(struct dmk_net *dn, const struct xfrm_state *x)
{
	struct dmk_sessions *ss = &dn->sessions;

	if (xa_empty(&ss->all) || (x && x == READ_ONCE(ss->removing)))
		return;
	/* many sensors behind one translator share its address */
	if (!x || !tend_neighbours(dn, x, &x->props.saddr) ||
	    !tend_neighbours(dn, x, &x->id.daddr))
		queue_delayed_work(dmk_wq, &ss->sweep, HZ / 10);
}

/* ---- start and end of a namespace, and of the module */

static int init_tables(struct dmk_net *dn)
{
	struct dmk_sessions *ss = &dn->sessions;
	int err;

	err = rhashtable_init(&ss->by_spi, &spi_params);
	if (err)
		return err;
	err = rhashtable_init(&ss->by_group, &group_params);
	if (err)
		goto err_group;
	err = rhltable_init(&ss->by_addr, &addr_params);
	if (err)
		goto err_addr;
	err = dmk_party_init(dn);
	if (err)
		goto err_party;
	return 0;

err_party:
	rhltable_destroy(&ss->by_addr);
err_addr:
	rhashtable_destroy(&ss->by_group);
err_group:
	rhashtable_destroy(&ss->by_spi);
	return err;
}

static void destroy_tables(struct dmk_net *dn)
{
	dmk_party_destroy(dn);
	rhltable_destroy(&dn->sessions.by_addr);
	rhashtable_destroy(&dn->sessions.by_group);
	rhashtable_destroy(&dn->sessions.by_spi);
}

int dmk_session_init(struct dmk_net *dn)
{
	struct dmk_sessions *ss = &dn->sessions;
	int err;

	mutex_init(&ss->lock);
	spin_lock_init(&ss->fresh);
	xa_init_flags(&ss->all, XA_FLAGS_ALLOC | XA_FLAGS_LOCK_BH);
	INIT_LIST_HEAD(&ss->unused);
	INIT_LIST_HEAD(&ss->retired);
	INIT_LIST_HEAD(&ss->ended);
	INIT_WORK(&ss->tend, tend_marked);
	INIT_DELAYED_WORK(&ss->age, age);
	INIT_DELAYED_WORK(&ss->sweep, sweep);
	err = init_tables(dn);
	if (err)
		return err;
	err = dmk_sa_netns_init(dn);
	if (err)
		destroy_tables(dn);
	return err;
}

void dmk_session_destroy(struct dmk_net *dn)
{
	struct dmk_sessions *ss = &dn->sessions;
	struct dmk_session *s, *next;

	dmk_session_end_matching(dn, NULL, 0);
	/* and waits for whoever is in dmk_session_heard() or dmk_session_lost() */
	dmk_sa_netns_exit(dn);
	cancel_delayed_work_sync(&ss->sweep);
	cancel_work_sync(&ss->tend);
	cancel_delayed_work_sync(&ss->age);
	list_for_each_entry_safe(s, next, &ss->ended, wait)
		forget(s);
	destroy_tables(dn);
}

int __init dmk_session_module_init(void)
{
	BUILD_BUG_ON(offsetof(struct dmk_session_data, addr) -
		     offsetof(struct dmk_session_data, family) !=
		     offsetof(struct address, addr));
	cache = kmem_cache_create("dmikey_session", sizeof(struct dmk_session), 0, 0, NULL);
	return cache ? 0 : -ENOMEM;
}

/* after rcu_barrier() */
void dmk_session_module_exit(void)
{
	kmem_cache_destroy(cache);
}
