// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "keys.h"
#include "known.h"
#include "log.h"
#include "request.h"

#define LIMITS_ROOM 16384	/* whom a sensor may ask for and its addresses */
#define SWEEP_MS 60000	/* between two looks, or sooner if they forget sooner */

/**
 * struct known - a sensor that the module knows
 * @limits: whom it may ask for and its addresses, as attributes; NULL: none
 */
struct known {
	struct dmk_identity id;
	int32_t serial;
	uint32_t generation;
	uint32_t suites;
	uint32_t counter;
	uint32_t idle;
	uint8_t ts_type;
	bool derived;
	bool has_counter;
	struct nl_msg *limits;
};

struct list {
	struct known *k;
	size_t n;
	size_t room;
};

static uint32_t get_u32(struct nlattr *attr)
{
	return attr ? nla_get_u32(attr) : 0;
}

static void copy_list(struct nl_msg *to, int attr, struct nlattr *list)
{
	if (list && nla_put(to, attr | NLA_F_NESTED, nla_len(list), nla_data(list)))
		abort();
}

static struct nl_msg *limits_of(struct nlattr **attrs)
{
	struct nl_msg *msg;

	if (!attrs[DMK_A_RESPONDERS] && !attrs[DMK_A_PREFIXES])
		return NULL;
	msg = dmk_request_attributes(LIMITS_ROOM);
	copy_list(msg, DMK_A_RESPONDERS, attrs[DMK_A_RESPONDERS]);
	copy_list(msg, DMK_A_PREFIXES, attrs[DMK_A_PREFIXES]);
	return msg;
}

static struct known *grow(struct list *l)
{
	if (l->n == l->room) {
		l->room = l->room ? 2 * l->room : 64;
		l->k = realloc(l->k, l->room * sizeof(*l->k));
		if (!l->k)
			abort();
	}
	memset(&l->k[l->n], 0, sizeof(*l->k));
	return &l->k[l->n];
}

static void found(uint8_t cmd, struct nlattr **attrs, void *arg)
{
	struct list *l = arg;
	struct known *k = grow(l);

	(void)cmd;
	if (!attrs[DMK_A_ID_TYPE] || !attrs[DMK_A_ID] ||
	    !dmk_identity_set(&k->id, nla_get_u8(attrs[DMK_A_ID_TYPE]),
			      nla_data(attrs[DMK_A_ID]), nla_len(attrs[DMK_A_ID])))
		return;
	k->serial = get_u32(attrs[DMK_A_KEY]);
	k->derived = attrs[DMK_A_GENERATION];
	k->generation = get_u32(attrs[DMK_A_GENERATION]);
	k->suites = get_u32(attrs[DMK_A_SUITES]);
	k->ts_type = attrs[DMK_A_TS_TYPE] ? nla_get_u8(attrs[DMK_A_TS_TYPE]) : 0;
	k->has_counter = attrs[DMK_A_COUNTER];
	k->counter = get_u32(attrs[DMK_A_COUNTER]);
	k->idle = get_u32(attrs[DMK_A_IDLE]);
	k->limits = limits_of(attrs);
	l->n++;
}

/* all of them, with their COUNTERs kept, as far as they are not durable yet */
static void ask(struct dmk_agent *a, struct list *l)
{
	size_t i;

	dmk_netlink_get(a->nl, DMK_CMD_SENSOR_GET, true, found, l);
	for (i = 0; i < l->n; i++)
		if (l->k[i].has_counter)
			dmk_state_counter(a->state, &l->k[i].id, l->k[i].counter);
	a->known = l->n;
}

static void free_list(struct list *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		nlmsg_free(l->k[i].limits);
	free(l->k);
}

/* ---- is it still true */

static bool same_limits(const struct known *k, const struct dmk_sensor *s)
{
	struct nl_msg *want;
	int len;
	bool same;

	if (!k->limits)
		return !s->row.n_responders && !s->row.n_prefixes;
	want = dmk_request_attributes(LIMITS_ROOM);
	dmk_request_limits(want, s);
	len = nlmsg_datalen(nlmsg_hdr(want));
	same = len == nlmsg_datalen(nlmsg_hdr(k->limits)) &&
	       !memcmp(nlmsg_data(nlmsg_hdr(want)), nlmsg_data(nlmsg_hdr(k->limits)), len);
	nlmsg_free(want);
	return same;
}

static bool is_current(const struct known *k, const struct dmk_sensor *s)
{
	return k->serial == s->serial && k->derived == s->derived &&
	       (!s->derived || k->generation == s->row.generation) &&
	       k->suites == s->row.suites && k->ts_type == s->row.ts_type && same_limits(k, s);
}

static struct nl_msg *tell_anew(struct dmk_agent *a, const struct known *k,
				const struct dmk_sensor *s)
{
	struct nl_msg *msg = dmk_netlink_request(a->nl, DMK_CMD_SENSOR_NEW);
	uint32_t counter;
	/* one that cannot be read is no loss: the module goes on with its own */
	bool kept = s->row.ts_type && dmk_state_counter_of(a->state, &k->id, &counter) > 0;

	dmk_request_sensor(msg, s, &k->id, kept ? &counter : NULL);
	return msg;
}

static struct nl_msg *take_back(struct dmk_agent *a, const struct known *k,
				const uint32_t *counter)
{
	struct nl_msg *msg = dmk_netlink_request(a->nl, DMK_CMD_SENSOR_DEL);

	dmk_request_sensor_key(msg, &k->id, counter);
	return msg;
}

static void compare(struct dmk_agent *a, const struct known *k)
{
	char text[DMK_IDENTITY_TEXT], why[DMK_NETLINK_WHY];
	enum dmk_sensor_answer answer;
	struct dmk_sensor s;
	const char *no;
	int err;

	answer = dmk_sensor_find(a, &k->id, &s, &no);
	if (answer == DMK_SENSOR_UNSURE || (answer == DMK_SENSOR_YES && is_current(k, &s)))
		return;
	err = dmk_netlink_send(a->nl, answer == DMK_SENSOR_YES ? tell_anew(a, k, &s) :
			       take_back(a, k, NULL), why);
	dmk_identity_text(&k->id, text);
	if (err && err != -ENOENT)
		dmk_log(LOG_ERR, "sensor %s: %s", text, why);
	else if (answer == DMK_SENSOR_YES)
		dmk_log(LOG_INFO, "sensor %s: told anew", text);
	else
		dmk_log(LOG_INFO, "sensor %s: removed: %s", text, no);
	if (!err && !k->derived && (answer == DMK_SENSOR_NO || k->serial != s.serial))
		dmk_keys_unlink(a->config, k->serial);
}

void dmk_known_compare(struct dmk_agent *a)
{
	struct list l = { NULL, 0, 0 };
	size_t i;

	ask(a, &l);
	for (i = 0; i < l.n; i++)
		compare(a, &l.k[i]);
	free_list(&l);
}

/* ---- is it in use */

bool dmk_known_count(struct dmk_agent *a)
{
	return ++a->known <= a->config->known;
}

static int longest_idle_first(const void *a, const void *b)
{
	const struct known *k = a, *l = b;

	return (l->idle > k->idle) - (l->idle < k->idle);
}

/* before its first COUNTER, that of a sensor is 0 */
static bool forget(struct dmk_agent *a, const struct known *k)
{
	char text[DMK_IDENTITY_TEXT], why[DMK_NETLINK_WHY];
	int err = dmk_netlink_send(a->nl, take_back(a, k, k->ts_type ? &k->counter : NULL), why);

	if (err && err != -ENOENT && err != -ESTALE)
		dmk_log(LOG_ERR, "sensor %s: %s", dmk_identity_text(&k->id, text), why);
	if (!err && !k->derived)
		dmk_keys_unlink(a->config, k->serial);
	return !err || err == -ENOENT;
}

/* Beyond the limit as many go as leave room for a while: a look costs the more
 * the more there are.
 */
static size_t have_forgotten(struct dmk_agent *a, const struct list *l)
{
	size_t i, gone = 0, keep = l->n;

	if (l->n >= a->config->known)
		keep = a->config->known - a->config->known / 4;
	for (i = 0; i < l->n; i++)
		if (l->n - i > keep || l->k[i].idle >= a->config->forget_after)
			gone += forget(a, &l->k[i]);
	return gone;
}

void dmk_known_sweep(struct dmk_agent *a)
{
	struct list l = { NULL, 0, 0 };
	size_t gone;
	long long ms = 1000LL * a->config->forget_after;

	a->sweep = dmk_state_now() + (ms < SWEEP_MS ? ms : SWEEP_MS);
	if (!dmk_netlink_ready(a->nl))
		return;
	ask(a, &l);
	if (dmk_state_flush(a->state)) {
		qsort(l.k, l.n, sizeof(*l.k), longest_idle_first);
		gone = have_forgotten(a, &l);
		a->known -= gone;
		if (gone)
			dmk_log(LOG_INFO, "sensors: %zu forgotten, %zu known", gone, a->known);
	}
	free_list(&l);
}

int dmk_known_due(const struct dmk_agent *a)
{
	long long left = a->sweep - dmk_state_now();

	if (!a->known)
		return -1;
	return left < 0 ? 0 : left > SWEEP_MS ? SWEEP_MS : left;
}
