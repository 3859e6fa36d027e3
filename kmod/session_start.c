// SPDX-License-Identifier: GPL-2.0
/* How a session begins at R: from keys to SAs. */

#include <linux/slab.h>

#include "netns.h"

/* ---- before the lock: memory and cryptography */

static bool set_verdicts(struct dmk_session *s, const struct dmk_session_new *new)
{
	u8 i;

	s->verdicts = kcalloc(new->n_verdicts, sizeof(*s->verdicts), GFP_KERNEL);
	if (!s->verdicts)
		return false;
	s->n_verdicts = new->n_verdicts;
	for (i = 0; i < s->n_verdicts; i++) {
		s->verdicts[i].x = new->verdicts[i].x;
		s->verdicts[i].wrong = new->verdicts[i].wrong;
	}
	return true;
}

u32 dmk_session_data_hash(const struct dmk_net *dn, struct dmk_span data)
{
	return siphash(data.data, data.len, &dn->queue.secret);
}

static void describe(struct dmk_session *s, const struct dmk_session_new *new)
{
	s->sd_hash = dmk_session_data_hash(s->dn, new->session_data);
	s->group = dmk_hash_key(new->group);
	memcpy(s->rand, new->rand.data, sizeof(s->rand));
	memcpy(s->k_update, new->k_update, sizeof(s->k_update));
	s->csb_id = new->csb_id;
	s->ts_type = new->t_i.type;
	s->t = new->t_i.value;
	s->sd = *new->sd;
	s->policy = *new->policy;
	s->since = ktime_get_real_seconds();
	s->n = new->n;
	s->k = new->k;
	refcount_inc(&new->rule->ref);
	s->rule = new->rule;
}

static enum dmk_reason prepare(struct dmk_session *s, const struct dmk_session_new *new)
{
	describe(s, new);
	if (!set_verdicts(s, new))
		return DMK_REASON_MEMORY;
	return dmk_pair_make(&s->sa, s, new->policy, new->rule->reqid, new->keys);
}

/* ---- under the lock */

/* 7.1: R checks T_I when a group completes */
static enum dmk_reason check_t_i(const struct dmk_session *s)
{
	s64 slack = (s64)(READ_ONCE(s->dn->skew) + DMK_GROUP_LIFE) << 32;
	s64 off = (s64)(s->t - dmk_now_ntp());

	if (s->ts_type == DMK_TS_COUNTER)
		return s->sensor->counted && s->t <= s->sensor->counter ? DMK_REASON_STALE :
									  DMK_OK;
	return off > slack || off < -slack ? DMK_REASON_STALE : DMK_OK;
}

/* at most 2 unconfirmed and 4 in all; the oldest ends for the new one */
static void make_room(struct dmk_party *sensor)
{
	struct dmk_session *s, *oldest = NULL;
	u32 n = 0, unconfirmed = 0;

	list_for_each_entry(s, &sensor->sessions, by_sensor) {
		n++;
		if (READ_ONCE(s->state) != DMK_SESSION_UNCONFIRMED)
			continue;
		if (!unconfirmed++)
			oldest = s;
	}
	if (unconfirmed >= DMK_UNCONFIRMED_MAX)
		dmk_session_end(oldest, DMK_REASON_UNCONFIRMED);
	else if (n >= DMK_SESSIONS_MAX)
		dmk_session_end(list_first_entry(&sensor->sessions, struct dmk_session,
						 by_sensor), DMK_OK);
}

static bool take_names(struct dmk_session *s, const struct dmk_session_new *new)
{
	u8 i;

	s->responder = dmk_party_get(s->dn, &new->responder);
	if (!s->responder)
		return false;
	for (i = 0; i < s->n_verdicts; i++) {
		s->verdicts[i].tp = dmk_party_get(s->dn, &new->verdicts[i].tp);
		if (!s->verdicts[i].tp)
			return false;
	}
	return true;
}

/* all sessions under an identity are of one kind; one that is known as a host's is
 * no sensor's, whoever vouches for it
 */
static bool is_of_other_kind(const struct dmk_session *s)
{
	struct dmk_id id = dmk_party_id(s->sensor);
	struct dmk_session *other;
	struct dmk_host *h;

	other = list_first_entry_or_null(&s->sensor->sessions, struct dmk_session, by_sensor);
	if (other && dmk_session_is_host(other) != dmk_session_is_host(s))
		return true;
	if (dmk_session_is_host(s))
		return false;
	h = dmk_host_find(s->dn, &id, NULL);
	dmk_host_put(h);
	return h;
}

static enum dmk_reason check(const struct dmk_session *s, const struct dmk_session_new *new)
{
	enum dmk_reason reason = check_t_i(s);

	if (reason)
		return reason;
	if (is_of_other_kind(s))
		return DMK_REASON_AUTHORIZATION;
	if (dmk_session_address_in_use(s))
		return DMK_REASON_ADDRESS_IN_USE;
	return dmk_session_knows(s->dn, new->group) ? DMK_REASON_ESTABLISHED : DMK_OK;
}

static enum dmk_reason install(struct dmk_session *s, struct dmk_session_new *new)
{
	enum dmk_reason reason = dmk_pair_insert(&s->sa, s, new->spi);

	if (reason)
		return reason;
	s->spi_in = htonl(new->spi[0]);
	make_room(s->sensor);
	if (!dmk_session_publish(s))
		return DMK_OK;
	dmk_pair_remove(&s->sa, s->dn);
	return DMK_REASON_MEMORY;
}

static enum dmk_reason start(struct dmk_session *s, struct dmk_session_new *new)
{
	enum dmk_reason reason;

	s->sensor = dmk_party_get(s->dn, &new->sensor);
	if (!s->sensor)
		return DMK_REASON_MEMORY;
	reason = check(s, new);
	if (reason)
		return reason;
	if (!take_names(s, new))
		return DMK_REASON_MEMORY;
	reason = install(s, new);
	if (reason)
		return reason;
	if (s->ts_type == DMK_TS_COUNTER) {
		s->sensor->counter = s->t;
		s->sensor->counted = true;
	}
	dmk_stats_inc(s->dn, DMK_STAT_SESSION_ESTABLISHED);
	dmk_event_session(s->dn, DMK_EVENT_SESSION_NEW, s, DMK_OK);
	if (dmk_session_is_host(s))
		dmk_session_host_began(s, new->initiated);
	return DMK_OK;
}

/* it did not come about */
static void undo(struct dmk_session *s)
{
	dmk_pair_drop(&s->sa);
	dmk_session_strip(s);
	dmk_party_put(s->dn, s->sensor);
	dmk_session_put(s);
}

enum dmk_reason dmk_session_establish(struct dmk_net *dn, struct dmk_session_new *new)
{
	struct dmk_session *s = dmk_session_alloc(dn);
	enum dmk_reason reason;

	if (!s)
		return DMK_REASON_MEMORY;
	reason = prepare(s, new);
	mutex_lock(&dn->sessions.lock);
	if (!reason)
		reason = start(s, new);
	if (reason)
		undo(s);
	mutex_unlock(&dn->sessions.lock);
	return reason;
}
