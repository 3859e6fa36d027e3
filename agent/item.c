// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "item.h"
#include "log.h"
#include "seen.h"

#define DAY 86400

const char *const dmk_item_kinds[] = {
	[DMK_ITEM_OWN] = "own",
	[DMK_ITEM_PEER] = "peer",
	[DMK_ITEM_SEEN] = "seen",
	[DMK_ITEM_CA] = "ca",
	[DMK_ITEM_CRL] = "crl",
};

/* where each_* hand their items to */
struct walk {
	void (*fn)(const struct dmk_item *item, void *arg);
	void *arg;
	time_t now;
};

static void take_certified(const struct walk *w, const struct dmk_certified *c,
			   enum dmk_item_kind kind)
{
	struct dmk_item item = {
		.kind = kind,
		.role = c->role,
		.where = c->where,
		.valid = c->valid,
		.why = c->why,
	};

	dmk_cert_list_describe(c->der, c->der_len, &item.cert);
	item.cert.checked = c->valid && c->cert.revocation_checked;
	w->fn(&item, w->arg);
}

static void take_seen(const uint8_t *der, size_t len, const struct dmk_certificate *cert,
		      void *arg)
{
	const struct walk *w = arg;
	struct dmk_item item = { .kind = DMK_ITEM_SEEN, .role = DMK_ROLE_TP, .valid = true };

	dmk_cert_list_describe(der, len, &item.cert);
	item.cert.checked = cert->revocation_checked;
	w->fn(&item, w->arg);
}

static void take_trusted(const struct dmk_cert_item *cert, void *arg)
{
	const struct walk *w = arg;
	struct dmk_item item = {
		.kind = cert->crl ? DMK_ITEM_CRL : DMK_ITEM_CA,
		.cert = *cert,
		.valid = !cert->expires || cert->expires > w->now,
		.why = "it has expired",
	};

	w->fn(&item, w->arg);
}

void dmk_item_each(const struct dmk_config *c, const struct dmk_seen *seen,
		   void (*fn)(const struct dmk_item *item, void *arg), void *arg)
{
	struct walk w = { fn, arg, time(NULL) };
	size_t i;

	for (i = 0; i < c->n_locals; i++)
		take_certified(&w, &c->locals[i].c, DMK_ITEM_OWN);
	for (i = 0; i < c->n_peers; i++)
		take_certified(&w, &c->peers[i].c, DMK_ITEM_PEER);
	if (seen)
		dmk_seen_each(seen, take_seen, &w);
	dmk_cert_list_trusted(c->trust, take_trusted, &w);
}

/* ---- warnings */

static const char *what(const struct dmk_item *item)
{
	switch (item->kind) {
	case DMK_ITEM_OWN:
		return "our certificate";
	case DMK_ITEM_PEER:
	case DMK_ITEM_SEEN:
		return "the certificate";
	case DMK_ITEM_CA:
		return "the authority's certificate";
	case DMK_ITEM_CRL:
		break;
	}
	return "the revocation list";
}

/* the nearest limit that has been passed; -1: none */
static int limit(time_t left)
{
	static const int days[] = { 0, 1, 7, 30 };
	size_t i;

	for (i = 0; i < sizeof(days) / sizeof(*days); i++)
		if (left <= (time_t)days[i] * DAY)
			return days[i];
	return -1;
}

static void say(const struct dmk_item *item, int days, time_t left)
{
	char date[32] = "";
	struct tm tm;

	gmtime_r(&item->cert.expires, &tm);
	strftime(date, sizeof(date), "%Y-%m-%d %H:%M UTC", &tm);
	if (days)
		dmk_log(LOG_WARNING, "%s%s%s of %s expires in %ld days, %s",
			item->where ? item->where : "", item->where ? ": " : "", what(item),
			item->cert.name, (long)(left / DAY), date);
	else
		dmk_log(LOG_WARNING, "%s%s%s of %s has expired, %s",
			item->where ? item->where : "", item->where ? ": " : "", what(item),
			item->cert.name, date);
}

static void warn(const struct dmk_item *item, void *arg)
{
	struct dmk_state *state = arg;
	time_t left = item->cert.expires - time(NULL);
	int days = limit(left);

	if (!item->cert.expires || days < 0)
		return;
	if (!state || dmk_state_warn(state, item->cert.hash, days, item->cert.expires))
		say(item, days, left);
}

void dmk_item_warn(const struct dmk_config *c, const struct dmk_seen *seen,
		   struct dmk_state *state)
{
	dmk_item_each(c, seen, warn, state);
}
