// SPDX-License-Identifier: GPL-2.0
/* Sensors that a third party knows, and what they have said about time. */

#include <linux/jiffies.h>
#include <linux/slab.h>

#include "kdf.h"
#include "key.h"
#include "message.h"
#include "netns.h"

static u32 hash_key(const void *key, u32 len, u32 seed)
{
	return dmk_name_hash(key, seed);
}

static u32 hash_sensor(const void *obj, u32 len, u32 seed)
{
	const struct dmk_sensor *s = obj;
	struct dmk_id id = dmk_name_id(&s->name);

	return dmk_name_hash(&id, seed);
}

static int compare(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct dmk_sensor *s = obj;
	struct dmk_id id = dmk_name_id(&s->name);

	return !dmk_id_equal(&id, arg->key);
}

static const struct rhashtable_params params = {
	.head_offset = offsetof(struct dmk_sensor, node),
	.key_len = sizeof(struct dmk_id),
	.hashfn = hash_key,
	.obj_hashfn = hash_sensor,
	.obj_cmpfn = compare,
	.automatic_shrinking = true,
};

int dmk_sensor_init(struct dmk_net *dn)
{
	atomic_set(&dn->sensors.count, 0);
	return rhashtable_init(&dn->sensors.table, &params);
}

static void put_entry(void *obj, void *arg)
{
	dmk_sensor_put(obj);
}

void dmk_sensor_destroy(struct dmk_net *dn)
{
	rhashtable_free_and_destroy(&dn->sensors.table, put_entry, NULL);
}

struct dmk_sensor *dmk_sensor_get(struct dmk_net *dn, const struct dmk_id *id)
{
	struct dmk_sensor *s;

	rcu_read_lock();
	s = rhashtable_lookup(&dn->sensors.table, id, params);
	if (s && !refcount_inc_not_zero(&s->ref))
		s = NULL;
	rcu_read_unlock();
	return s;
}

/* the lists too: a dump reads them without a reference */
static void free_rcu(struct rcu_head *rcu)
{
	struct dmk_sensor *s = container_of(rcu, struct dmk_sensor, rcu);

	kfree(s->responders);
	kfree(s->prefixes);
	kfree(s);
}

void dmk_sensor_put(struct dmk_sensor *s)
{
	if (!s || !refcount_dec_and_test(&s->ref))
		return;
	key_put(s->key);
	call_rcu(&s->rcu, free_rcu);
}

/* 6.5: no two sensors have the same ID Data octets */
static bool has_namesake(struct dmk_net *dn, const struct dmk_id *id)
{
	struct dmk_id other = { id->type == DMK_ID_NAI ? DMK_ID_URI : DMK_ID_NAI, id->data };

	return rhashtable_lookup_fast(&dn->sensors.table, &other, params);
}

/* a message that is accepted meanwhile is either known to the new one or not
 * accepted by the old one
 */
static int replace(struct dmk_net *dn, struct dmk_sensor *old, struct dmk_sensor *s)
{
	int ret;

	spin_lock_bh(&old->lock);
	if (old->seen && (!s->seen || old->counter > s->counter)) {
		s->counter = old->counter;
		s->seen = true;
	}
	ret = rhashtable_replace_fast(&dn->sensors.table, &old->node, &s->node, params);
	if (!ret)
		old->gone = true;
	spin_unlock_bh(&old->lock);
	if (!ret)
		dmk_sensor_put(old);
	return ret;
}

int dmk_sensor_add(struct dmk_net *dn, struct dmk_sensor *s)
{
	struct dmk_id id = dmk_name_id(&s->name);
	struct dmk_sensor *old;
	int ret;

	if (has_namesake(dn, &id))
		return -EEXIST;
	spin_lock_init(&s->lock);
	refcount_set(&s->ref, 1);
	s->used = jiffies;
	/* dmk_net.config keeps it in the table */
	old = rhashtable_lookup_fast(&dn->sensors.table, &id, params);
	if (old)
		return replace(dn, old, s);
	if (atomic_read(&dn->sensors.count) >= DMK_SENSORS_MAX)
		return -ENOSPC;
	ret = rhashtable_insert_fast(&dn->sensors.table, &s->node, params);
	if (!ret)
		atomic_inc(&dn->sensors.count);
	return ret;
}

/* What nobody has kept yet is not forgotten. From then on no COUNTER is accepted,
 * so that none gets lost.
 */
static bool let_go(struct dmk_sensor *s, const u32 *counter)
{
	spin_lock_bh(&s->lock);
	if (!counter || (s->seen ? s->counter : 0) == *counter)
		s->gone = true;
	spin_unlock_bh(&s->lock);
	return s->gone;
}

int dmk_sensor_remove(struct dmk_net *dn, const struct dmk_id *id, const u32 *counter)
{
	struct dmk_sensor *s = rhashtable_lookup_fast(&dn->sensors.table, id, params);

	if (!s)
		return -ENOENT;
	if (!let_go(s, counter))
		return -ESTALE;
	rhashtable_remove_fast(&dn->sensors.table, &s->node, params);
	atomic_dec(&dn->sensors.count);
	dmk_sensor_put(s);
	return 0;
}

int dmk_sensor_psk(struct dmk_sensor *s, struct dmk_crypto *c,
		   const struct dmk_id *id_tp, u8 psk[DMK_PSK_LEN])
{
	u8 master[DMK_PSK_LEN];
	int ret;

	if (!s->derived)
		return dmk_key_read(s->key, psk);
	ret = dmk_key_read(s->key, master);
	if (!ret)
		ret = dmk_psk_diversify(c, master, s->generation, id_tp->data,
					DMK_SPAN(s->name.data, s->name.len), psk);
	dmk_wipe(master, sizeof(master));
	return ret;
}

/* 7.1: strictly larger than the last one accepted from that sensor; locked */
static enum dmk_reason check_counter(struct dmk_sensor *s, u64 value, bool take)
{
	if (value > U32_MAX || (s->seen && value <= s->counter))
		return DMK_REASON_STALE;
	if (take) {
		WRITE_ONCE(s->counter, value);
		WRITE_ONCE(s->seen, true);
	}
	return DMK_OK;
}

static enum dmk_reason check(struct dmk_sensor *s, const struct dmk_ts *t, bool take)
{
	enum dmk_reason reason = DMK_OK;

	spin_lock_bh(&s->lock);
	if (s->gone)
		reason = DMK_REASON_UNKNOWN_SENDER;
	else if (t->type == DMK_TS_COUNTER)
		reason = check_counter(s, t->value, take);
	spin_unlock_bh(&s->lock);
	return reason;
}

enum dmk_reason dmk_sensor_time(struct dmk_net *dn, struct dmk_sensor *s,
				const struct dmk_ts *t, bool take)
{
	struct dmk_id id = dmk_name_id(&s->name);
	enum dmk_reason reason;

	if (t->type != s->ts_type)
		return DMK_REASON_TS_TYPE;
	if (take)
		WRITE_ONCE(s->used, jiffies);
	reason = t->type == DMK_TS_COUNTER ? DMK_OK : dmk_ntp_check(dn, &dn->tp.replay, t->value);
	if (!reason)
		reason = check(s, t, take);
	if (!reason && take && t->type == DMK_TS_COUNTER)
		dmk_event_counter(dn, &id, t->value);
	return reason;
}

static enum dmk_reason check_responder(const struct dmk_sensor *s, const struct dmk_id *idr)
{
	unsigned int i;

	for (i = 0; i < s->n_responders; i++) {
		struct dmk_id id = dmk_name_id(&s->responders[i]);

		if (dmk_id_equal(&id, idr))
			return DMK_OK;
	}
	return s->n_responders ? DMK_REASON_AUTHORIZATION : DMK_OK;
}

enum dmk_reason dmk_sensor_may(const struct dmk_sensor *s, const struct dmk_message *m)
{
	enum dmk_reason reason = check_responder(s, &m->idr);
	struct dmk_session_data sd;

	if (reason || !s->n_prefixes)
		return reason;
	reason = dmk_session_data_parse(m->session_data, &sd);
	return reason ? reason : dmk_rule_covers(s->prefixes, s->n_prefixes, &sd);
}
