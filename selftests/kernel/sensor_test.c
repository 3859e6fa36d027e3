// SPDX-License-Identifier: GPL-2.0
/*
 * kmod/sensor.c: what a sensor that was replaced or removed accepts, and what a reader
 * without a reference still sees of it. The file itself is part of this one; what it
 * asks of the rest of the module is answered here.
 */
#include "../kmod/sensor.c"
#include "suite.h"
#include "vector.h"

static unsigned int announced;

enum dmk_reason dmk_ntp_check(struct dmk_net *dn, const struct dmk_replay *r, u64 t)
{
	return DMK_OK;
}

void dmk_event_counter(struct dmk_net *dn, const struct dmk_id *sensor, u32 counter)
{
	announced++;
}

enum dmk_reason dmk_rule_covers(const struct dmk_prefix *prefixes, unsigned int n,
				const struct dmk_session_data *sd)
{
	return DMK_OK;
}

static const struct dmk_id id = { DMK_ID_NAI, DMK_SPAN((const u8 *)"sensor@example", 14) };

/* known now, in place of the one before; a reference */
static struct dmk_sensor *known(struct dmk_net *dn, u8 ts_type)
{
	struct dmk_sensor *s = kzalloc(sizeof(*s), GFP_KERNEL);

	if (!s)
		return NULL;
	dmk_name_set(&s->name, &id);
	s->ts_type = ts_type;
	s->responders = kcalloc(1, sizeof(*s->responders), GFP_KERNEL);
	if (s->responders) {
		dmk_name_set(&s->responders[0], &id);
		s->n_responders = 1;
	}
	if (dmk_sensor_add(dn, s)) {
		kfree(s->responders);
		kfree(s);
		return NULL;
	}
	return dmk_sensor_get(dn, &id);
}

static bool is(struct dmk_net *dn, struct dmk_sensor *s, u64 t, enum dmk_reason reason)
{
	struct dmk_ts ts = { s->ts_type, t };

	return dmk_sensor_time(dn, s, &ts, true) == reason;
}

static void gone_test(struct dmk_net *dn, u8 ts_type, const char *what)
{
	struct dmk_sensor *old = known(dn, ts_type), *new;

	if (!old || !is(dn, old, 7, DMK_OK)) {
		ktap_ok(false, "%s: a sensor is known", what);
		dmk_sensor_put(old);
		return;
	}
	new = known(dn, ts_type);
	ktap_ok(new && is(dn, old, 8, DMK_REASON_UNKNOWN_SENDER),
		"%s: one that was replaced accepts nothing", what);
	ktap_ok(new && is(dn, new, 8, DMK_OK), "%s: the new one does", what);
	ktap_ok(!dmk_sensor_remove(dn, &id, NULL) && new &&
		is(dn, new, 9, DMK_REASON_UNKNOWN_SENDER),
		"%s: one that was removed accepts nothing", what);
	dmk_sensor_put(old);
	dmk_sensor_put(new);
}

static void counter_test(struct dmk_net *dn)
{
	struct dmk_sensor *s = known(dn, DMK_TS_COUNTER);

	announced = 0;
	ktap_ok(s && is(dn, s, 5, DMK_OK) && is(dn, s, 5, DMK_REASON_STALE) &&
		is(dn, s, 4, DMK_REASON_STALE) && is(dn, s, 1ULL << 32, DMK_REASON_STALE) &&
		is(dn, s, 6, DMK_OK), "a COUNTER rises");
	ktap_ok(announced == 2, "and is announced when it does");
	dmk_sensor_put(s);
	dmk_sensor_remove(dn, &id, NULL);
}

/* as a dump does; KASAN sees what is freed too early */
static void reader_test(struct dmk_net *dn)
{
	struct dmk_sensor *s = known(dn, DMK_TS_NTP_UTC);
	bool same;

	dmk_sensor_put(s);
	rcu_read_lock();
	same = s && !dmk_sensor_remove(dn, &id, NULL) && s->n_responders == 1 &&
	       !memcmp(s->responders[0].data, id.data.data, id.data.len);
	rcu_read_unlock();
	ktap_ok(same, "a reader without a reference still has its lists");
}

static void sensor_test(void)
{
	struct dmk_net *dn = kzalloc(sizeof(*dn), GFP_KERNEL);

	if (!dn || dmk_sensor_init(dn)) {
		ktap_ok(false, "a table");
		kfree(dn);
		return;
	}
	gone_test(dn, DMK_TS_NTP_UTC, "NTP-UTC");
	gone_test(dn, DMK_TS_COUNTER, "COUNTER");
	counter_test(dn);
	reader_test(dn);
	dmk_sensor_destroy(dn);
	kfree(dn);
	/* the last ones are freed behind RCU, by our code */
	rcu_barrier();
}

KTAP_MAIN(sensor_test)
