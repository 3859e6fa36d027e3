/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sensors that a third party knows: a bounded cache of what the agent knows.
 */
#ifndef DMK_SENSOR_H
#define DMK_SENSOR_H

#include <linux/key.h>
#include <linux/rhashtable.h>
#include "crypto.h"
#include "name.h"
#include "ratelimit.h"
#include "reason.h"
#include "rule.h"

#define DMK_SENSORS_MAX 65536		/* per namespace */
#define DMK_SENSOR_LIST_MAX 16		/* responders of a sensor, and prefixes */

struct dmk_message;
struct dmk_net;

/**
 * struct dmk_sensor - a sensor
 * @node: in the table, by type and data of @name
 * @rcu: freed behind readers, with both lists
 * @ref: references
 * @lock: protects @counter, @seen and @gone
 * @signatures: what its shares may cost; under the lock of dmk_ratelimit
 * @name: its identity
 * @key: logon key: the PSK, or a master key if @derived
 * @serial: its serial
 * @derived: the PSK is derived from @key with @generation (6.5)
 * @generation: of the master key
 * @ts_type: DMK_TS_NTP_UTC or DMK_TS_COUNTER
 * @suites: bits of enum dmk_suite_bits
 * @n_responders: 0: any
 * @responders: whom it may ask for
 * @n_prefixes: 0: any
 * @prefixes: addresses that it may use
 * @used: when an authentic message of it came last, jiffies
 * @counter: last COUNTER accepted (or floor from the agent)
 * @seen: a COUNTER has been accepted or a floor given
 * @gone: replaced or removed: accepts nothing more
 */
struct dmk_sensor {
	struct rhash_head node;
	struct rcu_head rcu;
	refcount_t ref;
	spinlock_t lock;
	struct dmk_bucket signatures;
	struct dmk_name name;
	struct key *key;
	s32 serial;
	bool derived;
	u32 generation;
	u8 ts_type;
	u32 suites;
	u8 n_responders;
	struct dmk_name *responders;
	u8 n_prefixes;
	struct dmk_prefix *prefixes;
	unsigned long used;
	u32 counter;
	bool seen;
	bool gone;
};

/**
 * struct dmk_sensors - the sensors of a namespace
 * @table: by identity
 * @count: entries
 */
struct dmk_sensors {
	struct rhashtable table;
	atomic_t count;
};

int dmk_sensor_init(struct dmk_net *dn);
void dmk_sensor_destroy(struct dmk_net *dn);

/**
 * dmk_sensor_add() - know a sensor, in place of the one of that identity
 * @dn: the instance; dmk_net.config is held
 * @s: kzalloc'ed with its arrays, @name, @key, @derived, @generation, @ts_type,
 *	@suites, both lists, @counter and @seen filled in; the table's on
 *	success. The COUNTER accepted before stays the floor if it is higher
 *
 * Return: 0; -EEXIST: an identity of the other type has the same octets
 * (6.5); -ENOSPC; -ENOMEM.
 */
int dmk_sensor_add(struct dmk_net *dn, struct dmk_sensor *s);

/**
 * dmk_sensor_remove() - forget a sensor
 * @dn: the instance; dmk_net.config is held
 * @id: its identity
 * @counter: the last COUNTER that the caller knows of, 0 if there was none;
 *	NULL: whatever it is
 *
 * Return: 0; -ENOENT; -ESTALE: another COUNTER was accepted since.
 */
int dmk_sensor_remove(struct dmk_net *dn, const struct dmk_id *id, const u32 *counter);

/* the sensor with that identity, with a reference, or NULL; any context */
struct dmk_sensor *dmk_sensor_get(struct dmk_net *dn, const struct dmk_id *id);
void dmk_sensor_put(struct dmk_sensor *s);

/**
 * dmk_sensor_psk() - the PSK shared with a sensor; may sleep
 * @s: the sensor
 * @c: crypto backend
 * @id_tp: identity of this third party
 * @psk: 32 bytes; the caller wipes them
 *
 * Return: 0 or -errno (the key was revoked or has expired).
 */
int dmk_sensor_psk(struct dmk_sensor *s, struct dmk_crypto *c,
		   const struct dmk_id *id_tp, u8 psk[DMK_PSK_LEN]);

/**
 * dmk_sensor_time() - check and take an authenticated T of a sensor, 7.1
 * @dn: the instance
 * @s: the sensor
 * @t: T of a message whose MAC is right
 * @take: false: only check (before the MAC was checked); true: a COUNTER is
 *	recorded and announced to the agent
 *
 * Return: DMK_OK, DMK_REASON_TS_TYPE, DMK_REASON_STALE, or
 * DMK_REASON_UNKNOWN_SENDER if it was replaced or removed meanwhile.
 */
enum dmk_reason dmk_sensor_time(struct dmk_net *dn, struct dmk_sensor *s,
				const struct dmk_ts *t, bool take);

/**
 * dmk_sensor_may() - whether a sensor may ask for this
 * @s: the sensor
 * @m: its message, authenticated
 *
 * Return: DMK_OK, DMK_REASON_AUTHORIZATION (the responder), DMK_REASON_ADDRESS.
 */
enum dmk_reason dmk_sensor_may(const struct dmk_sensor *s, const struct dmk_message *m);

#endif
