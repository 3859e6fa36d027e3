// SPDX-License-Identifier: GPL-2.0
/* Sensors that a third party knows, and what they have said about time. */

#include <linux/slab.h>

#include "kdf.h"
#include "key.h"
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

void dmk_sensor_put(struct dmk_sensor *s)
{
	if (!s || !refcount_dec_and_test(&s->ref))
		return;
	key_put(s->key);
	kfree_rcu(s, rcu);
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

int dmk_sensor_remove(struct dmk_net *dn, const struct dmk_id *id)
{
	struct dmk_sensor *s = rhashtable_lookup_fast(&dn->sensors.table, id, params);

	if (!s)
		return -ENOENT;
	spin_lock_bh(&s->lock);
	s->gone = true;
	spin_unlock_bh(&s->lock);
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

/* 7.1: strictly larger than the last one accepted from that sensor */
static enum dmk_reason check_counter(struct dmk_sensor *s, u64 value, bool take)
{
	enum dmk_reason reason = DMK_OK;

	spin_lock_bh(&s->lock);
	if (s->gone)
		reason = DMK_REASON_UNKNOWN_SENDER;
	else if (value > U32_MAX || (s->seen && value <= s->counter))
		reason = DMK_REASON_STALE;
	else if (take) {
		s->counter = value;
		s->seen = true;
	}
	spin_unlock_bh(&s->lock);
	return reason;
}

/* 7.1: differences are signed, so that the era change of 2036 is no event */
static enum dmk_reason check_ntp(struct dmk_net *dn, u64 t)
{
	u64 skew = (u64)READ_ONCE(dn->skew) << 32;
	u64 highest = READ_ONCE(dn->highest_t);
	s64 off = t - dmk_now_ntp();

	if (off > (s64)skew || off < -(s64)skew)
		return DMK_REASON_STALE;
	/* after a start the replay cache is empty */
	if ((s64)(t - (READ_ONCE(dn->started) + skew)) >= 0)
		return DMK_OK;
	if (highest && (s64)(t - highest) > 0)
		return DMK_OK;
	return DMK_REASON_STALE;
}

enum dmk_reason dmk_sensor_time(struct dmk_net *dn, struct dmk_sensor *s,
				const struct dmk_ts *t, bool take)
{
	struct dmk_id id = dmk_name_id(&s->name);
	enum dmk_reason reason;

	if (t->type != s->ts_type)
		return DMK_REASON_TS_TYPE;
	if (t->type != DMK_TS_COUNTER)
		return check_ntp(dn, t->value);
	reason = check_counter(s, t->value, take);
	if (!reason && take)
		dmk_event_counter(dn, &id, t->value);
	return reason;
}
