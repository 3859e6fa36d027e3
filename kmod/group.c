// SPDX-License-Identifier: GPL-2.0
/* Shares that wait for each other at R. */

#include "group.h"
#include "netns.h"

static const struct rhashtable_params params = {
	.key_len = sizeof_field(struct dmk_group, hash),
	.key_offset = offsetof(struct dmk_group, hash),
	.head_offset = offsetof(struct dmk_group, node),
	.automatic_shrinking = true,
};

static void free_rcu(struct rcu_head *rcu)
{
	struct dmk_group *g = container_of(rcu, struct dmk_group, rcu);

	kfree(g->raw);
	/* c[].auth, points and coeff with the rest */
	kfree_sensitive(g);
}

void dmk_group_put(struct dmk_group *g)
{
	u8 i;

	if (!refcount_dec_and_test(&g->ref))
		return;
	for (i = 0; i < g->n; i++)
		dmk_cert_put(g->c[i].tp);
	dmk_answer_put(g->to_i);
	dmk_local_put(g->local);
	dmk_rule_put(g->rule);
	call_rcu(&g->rcu, free_rcu);
}

/* it no longer counts against its opener; once */
static void uncount(struct dmk_group *g)
{
	struct dmk_groups *gs = &g->dn->r.groups;
	bool counted;

	spin_lock_bh(&g->lock);
	counted = g->counted;
	g->counted = false;
	spin_unlock_bh(&g->lock);
	if (!counted)
		return;
	dmk_count_give(&gs->openers, g->opener);
	dmk_count_give(&gs->opener_tps, g->opener_tp);
	atomic_dec(&gs->open);
}

/* Takes it out of the table, whose reference goes; once. The timer has none: from
 * here on nobody arms it, and one that was armed while tick() was at work goes.
 */
static void forget(struct dmk_group *g)
{
	struct dmk_groups *gs = &g->dn->r.groups;
	bool there;

	uncount(g);
	spin_lock_bh(&gs->lock);
	there = !list_empty(&g->all);
	list_del_init(&g->all);
	spin_unlock_bh(&gs->lock);
	if (!there)
		return;
	cancel_delayed_work(&g->timer);
	rhashtable_remove_fast(&gs->table, &g->node, params);
	dmk_group_put(g);
}

static struct dmk_group *lookup(struct dmk_net *dn, const u8 *hash)
{
	struct dmk_group *g;

	rcu_read_lock();
	g = rhashtable_lookup(&dn->r.groups.table, hash, params);
	if (g && !refcount_inc_not_zero(&g->ref))
		g = NULL;
	rcu_read_unlock();
	return g;
}

/* Solved becomes done, for one caller. Not before the candidate that came last has its
 * verdict: whoever brought it will claim.
 */
static bool claim(struct dmk_group *g)
{
	bool mine;

	spin_lock_bh(&g->lock);
	mine = g->state == DMK_GROUP_SOLVED && !g->solving && g->tried == g->n;
	if (mine)
		WRITE_ONCE(g->state, DMK_GROUP_DONE);
	spin_unlock_bh(&g->lock);
	return mine;
}

/* Return: whether it can be forgotten: its session remembers it, and no share of
 * it is missing
 */
static bool finish(struct dmk_group *g, struct dmk_crypto *c)
{
	bool up = dmk_group_establish(g, c);

	memzero_explicit(g->coeff, sizeof(g->coeff));
	memzero_explicit(g->points, sizeof(g->points));
	uncount(g);
	return up && READ_ONCE(g->n) >= g->b.n;
}

/* Its time is over: no worker may begin with it any more. False while one is
 * at it, for that one arms the timer when a set fits.
 */
static bool retire(struct dmk_group *g, u8 *state)
{
	bool over;

	spin_lock_bh(&g->lock);
	*state = g->state;
	over = !g->solving && g->state != DMK_GROUP_SOLVED;
	if (over)
		WRITE_ONCE(g->state, DMK_GROUP_DONE);
	spin_unlock_bh(&g->lock);
	return over;
}

/* its shares were authentic, and what they say of the sensor with them */
void dmk_group_refuse(const struct dmk_group *g, enum dmk_reason reason)
{
	struct dmk_who who = { .sensor = &g->b.idi, .authentic = true };

	dmk_stats_refuse(g->dn, DMK_SIDE_R, reason, NULL, &who);
}

static void tick(struct work_struct *work)
{
	struct dmk_group *g = container_of(work, struct dmk_group, timer.work);
	unsigned long end = g->born + DMK_GROUP_LIFE * HZ;
	u8 state;

	if (claim(g) && finish(g, NULL)) {
		forget(g);
		return;
	}
	if (READ_ONCE(g->state) == DMK_GROUP_SOLVED) {
		/* a worker is judging one more candidate */
		queue_delayed_work(dmk_wq, &g->timer, 1);
		return;
	}
	if (time_before(jiffies, end)) {
		queue_delayed_work(dmk_wq, &g->timer, end - jiffies);
		return;
	}
	if (!retire(g, &state)) {
		queue_delayed_work(dmk_wq, &g->timer, 1);
		return;
	}
	if (state != DMK_GROUP_DONE)
		dmk_group_refuse(g, READ_ONCE(g->n) < g->b.k ? DMK_REASON_GROUP_EXPIRED :
						    DMK_REASON_NO_SESSION);
	forget(g);
}

/* limits of 7.4: for a (third party, sensor), a third party, and in all */
static enum dmk_reason count(struct dmk_group *g)
{
	struct dmk_groups *gs = &g->dn->r.groups;
	enum dmk_reason reason = DMK_REASON_GROUP_LIMIT;

	if (atomic_inc_return(&gs->open) > DMK_GROUPS_MAX)
		goto err_open;
	reason = dmk_count_take(&gs->opener_tps, g->opener_tp, DMK_GROUPS_PER_TP);
	if (reason)
		goto err_open;
	reason = dmk_count_take(&gs->openers, g->opener, DMK_GROUPS_PER_OPENER);
	if (reason)
		goto err_tps;
	g->counted = true;
	return DMK_OK;

err_tps:
	dmk_count_give(&gs->opener_tps, g->opener_tp);
err_open:
	atomic_dec(&gs->open);
	return reason;
}

/* the binding must outlive the message: a copy is parsed */
static enum dmk_reason copy_binding(struct dmk_group *g, const struct dmk_message *m)
{
	struct dmk_message *copy = kmalloc(sizeof(*copy), GFP_KERNEL);
	enum dmk_reason reason = DMK_REASON_MEMORY;

	g->raw = kmemdup(m->raw.data, m->raw.len, GFP_KERNEL);
	if (copy && g->raw)
		reason = dmk_message_parse(copy, DMK_AT_R, g->raw, m->raw.len);
	if (!reason)
		dmk_binding_of(copy, &g->b);
	kfree(copy);
	return reason;
}

static struct dmk_group *group_new(struct dmk_net *dn, const struct dmk_share_in *in,
				   const u8 *hash, enum dmk_reason *reason)
{
	const siphash_key_t *secret = &dn->r.groups.secret;
	struct dmk_id id_tp = dmk_name_id(&in->tp->name);
	struct dmk_group *g = kzalloc(sizeof(*g), GFP_KERNEL);

	*reason = DMK_REASON_MEMORY;
	if (!g)
		return NULL;
	refcount_set(&g->ref, 1);
	refcount_inc(&in->local->ref);
	g->local = in->local;
	refcount_inc(&in->rule->ref);
	g->rule = in->rule;
	g->dn = dn;
	memcpy(g->hash, hash, sizeof(g->hash));
	memcpy(g->commitment, in->m->share.commitment, sizeof(g->commitment));
	memcpy(g->spi, in->m->spi, sizeof(g->spi));
	g->sd = *in->sd;
	g->policy = *in->policy;
	g->opener_tp = dmk_name_key(&id_tp, secret);
	g->opener = siphash_2u64(g->opener_tp, dmk_name_key(&in->m->idi, secret), secret);
	g->born = jiffies;
	spin_lock_init(&g->lock);
	INIT_LIST_HEAD(&g->all);
	INIT_DELAYED_WORK(&g->timer, tick);
	*reason = copy_binding(g, in->m);
	if (!*reason)
		*reason = count(g);
	if (!*reason)
		return g;
	dmk_group_put(g);
	return NULL;
}

/* unless others have found it, completed it and forgotten it meanwhile */
static void arm(struct dmk_group *g)
{
	struct dmk_groups *gs = &g->dn->r.groups;

	spin_lock_bh(&gs->lock);
	if (!list_empty(&g->all))
		queue_delayed_work(dmk_wq, &g->timer, DMK_GROUP_LIFE * HZ);
	spin_unlock_bh(&gs->lock);
}

/* into the table; another worker may have been faster: then its group */
static struct dmk_group *publish(struct dmk_group *g)
{
	struct dmk_groups *gs = &g->dn->r.groups;
	struct dmk_group *other;

	refcount_inc(&g->ref);
	spin_lock_bh(&gs->lock);
	list_add_tail(&g->all, &gs->all);
	spin_unlock_bh(&gs->lock);
	if (!rhashtable_lookup_insert_fast(&gs->table, &g->node, params)) {
		arm(g);
		return g;
	}
	other = lookup(g->dn, g->hash);
	spin_lock_bh(&gs->lock);
	list_del_init(&g->all);
	spin_unlock_bh(&gs->lock);
	uncount(g);
	dmk_group_put(g);
	dmk_group_put(g);
	return other;
}

/* 6.1: one identity, and one public key, is one third party */
static bool is_duplicate(const struct dmk_group *g, const struct dmk_peer *tp)
{
	struct dmk_id id = dmk_name_id(&tp->name), other;
	u8 i;

	for (i = 0; i < g->n; i++) {
		other = dmk_name_id(&g->c[i].tp->name);
		if (dmk_id_equal(&id, &other) ||
		    !memcmp(tp->key_hash, g->c[i].tp->key_hash, DMK_HASH_LEN))
			return true;
	}
	return false;
}

static enum dmk_reason append(struct dmk_group *g, const struct dmk_share_in *in)
{
	struct dmk_candidate *c = &g->c[g->n];

	if (is_duplicate(g, in->tp))
		return DMK_REASON_DUPLICATE_TP;
	if (g->n == DMK_CANDIDATES_MAX)
		return DMK_REASON_GROUP_LIMIT;
	c->tp = dmk_cert_get(in->tp);
	c->to = *in->from;
	c->t = in->m->t;
	c->answer_type = in->answer_type;
	c->hash = in->hash;
	if (g->state == DMK_GROUP_DONE) {
		dmk_stats_inc(g->dn, DMK_STAT_SHARE_LATE);
	} else {
		memcpy(c->auth, in->auth, sizeof(c->auth));
		memcpy(g->points[g->n].y, in->share, DMK_SHARE_LEN);
		g->points[g->n].x = in->m->share.x;
	}
	WRITE_ONCE(g->n, g->n + 1);
	return DMK_OK;
}

enum dmk_reason dmk_group_add(struct dmk_net *dn, struct dmk_crypto *c,
			      const struct dmk_share_in *in, struct dmk_group **group)
{
	struct dmk_binding b;
	enum dmk_reason reason;
	u8 hash[DMK_HASH_LEN];
	struct dmk_answer *to_i;
	struct dmk_group *g;

	dmk_binding_of(in->m, &b);
	if (dmk_group_hash(c, &b, in->m->share.commitment, hash))
		return DMK_REASON_INTERNAL;
	g = lookup(dn, hash);
	if (!g) {
		if (dmk_session_knows(dn, hash))
			return DMK_REASON_ESTABLISHED;
		g = group_new(dn, in, hash, &reason);
		if (!g)
			return reason;
		g = publish(g);
		if (!g)
			return DMK_REASON_INTERNAL;
	}
	spin_lock_bh(&g->lock);
	reason = append(g, in);
	to_i = g->to_i ? dmk_answer_get(g->to_i) : NULL;
	spin_unlock_bh(&g->lock);
	if (!reason && to_i)
		dmk_replay_answer(&dn->r.replay, in->hash, 1, to_i, true);
	dmk_answer_put(to_i);
	if (reason)
		dmk_group_put(g);
	else
		*group = g;
	return reason;
}

/* a certificate that was revoked, or has expired, while its share waited */
static bool is_void(const struct dmk_group *g, const u8 *set)
{
	u8 i;

	for (i = 0; i < g->b.k; i++)
		if (!dmk_cert_is_trusted(g->dn, g->c[set[i]].tp->der_hash))
			return true;
	return false;
}

/* 6.1, 6.2: whether a set of k candidates fits the commitment */
static bool fits(struct dmk_group *g, struct dmk_crypto *c, const u8 *set)
{
	u8 coeff[DMK_N_MAX][DMK_SHARE_LEN], tgk[DMK_TGK_MAX], k_commit[32];
	u8 commitment[DMK_COMMITMENT_LEN];
	unsigned int tgk_len;
	bool good = false;

	dmk_share_interpolate(g->points, set, g->b.k, coeff);
	tgk_len = dmk_share_tgk(c, g->b.scheme, coeff, g->b.k, tgk);
	if (!tgk_len)
		goto out;
	if (dmk_key_commit(c, DMK_SPAN(tgk, tgk_len), g->b.csb_id, g->b.rand, k_commit))
		goto out;
	if (dmk_commitment(c, &g->b, k_commit, coeff, commitment))
		goto out;
	good = dmk_equal(commitment, g->commitment, sizeof(commitment));
	if (good)
		memcpy(g->coeff, coeff, sizeof(coeff));
out:
	memzero_explicit(coeff, sizeof(coeff));
	memzero_explicit(tgk, sizeof(tgk));
	memzero_explicit(k_commit, sizeof(k_commit));
	return good;
}

/* all sets that hold the candidate @newest and none behind it */
static bool try_sets(struct dmk_group *g, struct dmk_crypto *c, u8 newest)
{
	struct dmk_sets sets = { .n = newest + 1, .k = g->b.k };

	while (g->trials < DMK_TRIALS_MAX && dmk_sets_next(&sets, g->points)) {
		g->trials++;
		if (!is_void(g, sets.set) && fits(g, c, sets.set))
			return true;
		cond_resched();
	}
	return false;
}

static void judge(struct dmk_group *g, u8 i)
{
	u8 y[DMK_SHARE_LEN];

	dmk_share_eval(g->coeff, g->b.k, g->points[i].x, y);
	g->c[i].wrong = !dmk_equal(y, g->points[i].y, sizeof(y));
	memzero_explicit(y, sizeof(y));
}

/* takes the next candidate to try; false when there is none: not solving then */
static bool next(struct dmk_group *g, u8 *i)
{
	bool more;

	spin_lock_bh(&g->lock);
	more = g->tried < g->n && g->state != DMK_GROUP_DONE;
	if (more)
		*i = g->tried++;
	else
		g->solving = false;
	spin_unlock_bh(&g->lock);
	return more;
}

/* Only one worker at a time is here: @solving. Candidates below @n stay. */
static void solve(struct dmk_group *g, struct dmk_crypto *c)
{
	u8 i, j;

	while (next(g, &i)) {
		if (g->state == DMK_GROUP_SOLVED) {
			judge(g, i);
			continue;
		}
		if (!try_sets(g, c, i))
			continue;
		for (j = 0; j <= i; j++)
			judge(g, j);
		spin_lock_bh(&g->lock);
		WRITE_ONCE(g->state, DMK_GROUP_SOLVED);
		spin_unlock_bh(&g->lock);
		mod_delayed_work(dmk_wq, &g->timer, msecs_to_jiffies(DMK_GROUP_WAIT_MS));
	}
}

static bool begin(struct dmk_group *g)
{
	bool mine;

	spin_lock_bh(&g->lock);
	mine = !g->solving && g->state != DMK_GROUP_DONE;
	if (mine)
		g->solving = true;
	spin_unlock_bh(&g->lock);
	return mine;
}

void dmk_group_solve(struct dmk_group *g, struct dmk_crypto *c)
{
	if (!begin(g))
		return;
	solve(g, c);
	/* the timer is armed already; it finds the group done */
	if (READ_ONCE(g->n) < g->b.n || !claim(g) || !finish(g, c))
		return;
	forget(g);
	/* tick() may be at work: it has the reference of our caller */
	cancel_delayed_work_sync(&g->timer);
}

int dmk_group_init(struct dmk_net *dn)
{
	struct dmk_groups *gs = &dn->r.groups;
	int err;

	spin_lock_init(&gs->lock);
	INIT_LIST_HEAD(&gs->all);
	get_random_bytes(&gs->secret, sizeof(gs->secret));
	err = rhashtable_init(&gs->table, &params);
	if (err)
		return err;
	err = dmk_count_init(&gs->openers);
	if (err)
		goto err_openers;
	err = dmk_count_init(&gs->opener_tps);
	if (err)
		goto err_tps;
	return 0;

err_tps:
	dmk_count_destroy(&gs->openers);
err_openers:
	rhashtable_destroy(&gs->table);
	return err;
}

static struct dmk_group *first(struct dmk_groups *gs)
{
	struct dmk_group *g;

	spin_lock_bh(&gs->lock);
	g = list_first_entry_or_null(&gs->all, struct dmk_group, all);
	if (g)
		refcount_inc(&g->ref);
	spin_unlock_bh(&gs->lock);
	return g;
}

void dmk_group_destroy(struct dmk_net *dn)
{
	struct dmk_groups *gs = &dn->r.groups;
	struct dmk_group *g;

	while ((g = first(gs))) {
		cancel_delayed_work_sync(&g->timer);
		forget(g);
		dmk_group_put(g);
	}
	/* tick() that is forgetting the last one */
	flush_workqueue(dmk_wq);
	dmk_count_destroy(&gs->opener_tps);
	dmk_count_destroy(&gs->openers);
	rhashtable_destroy(&gs->table);
	/* the last groups are freed behind RCU, by our code */
	rcu_barrier();
}
