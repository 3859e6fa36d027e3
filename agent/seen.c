// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "request.h"
#include "seen.h"

struct entry {
	struct entry *next;
	struct dmk_certificate cert;
	size_t len;
	uint8_t der[];
};

/* newest first */
struct dmk_seen {
	struct entry *first;
	size_t count;
};

struct dmk_seen *dmk_seen_new(void)
{
	return calloc(1, sizeof(struct dmk_seen));
}

void dmk_seen_forget(struct dmk_seen *s)
{
	struct entry *e;

	while ((e = s->first)) {
		s->first = e->next;
		free(e);
	}
	s->count = 0;
}

void dmk_seen_free(struct dmk_seen *s)
{
	if (s)
		dmk_seen_forget(s);
	free(s);
}

static void take_back(struct dmk_agent *a, const struct entry *e)
{
	struct nl_msg *msg = dmk_netlink_request(a->nl, DMK_CMD_PEER_DEL);
	char why[DMK_NETLINK_WHY];
	int err;

	dmk_request_peer_key(msg, e->cert.hash);
	err = dmk_netlink_send(a->nl, msg, why);
	if (err && err != -ENOENT)
		dmk_log(LOG_ERR, "third party %s: %s", e->cert.id, why);
}

static struct entry **find(struct dmk_seen *s, const uint8_t hash[DMK_HASH_LEN])
{
	struct entry **at = &s->first;

	while (*at && memcmp((*at)->cert.hash, hash, DMK_HASH_LEN))
		at = &(*at)->next;
	return at;
}

static void drop(struct dmk_seen *s, struct entry **at)
{
	struct entry *e = *at;

	*at = e->next;
	free(e);
	s->count--;
}

static void drop_oldest(struct dmk_agent *a)
{
	struct entry **at = &a->seen->first;

	while ((*at)->next)
		at = &(*at)->next;
	take_back(a, *at);
	drop(a->seen, at);
}

void dmk_seen_add(struct dmk_agent *a, const uint8_t *der, size_t len,
		  const struct dmk_certificate *cert)
{
	struct entry **at = find(a->seen, cert->hash);
	struct entry *e = malloc(sizeof(*e) + len);

	if (!e)
		abort();
	if (*at)
		drop(a->seen, at);
	if (a->seen->count == DMK_SEEN_MAX)
		drop_oldest(a);
	e->cert = *cert;
	e->len = len;
	memcpy(e->der, der, len);
	e->next = a->seen->first;
	a->seen->first = e;
	a->seen->count++;
	a->watch = 0;
}

void dmk_seen_judge(struct dmk_agent *a)
{
	struct entry **at = &a->seen->first;
	struct dmk_certificate now;
	char why[DMK_CERT_WHY];

	while (*at) {
		if (dmk_cert_check(a->config->trust, (*at)->der, (*at)->len, DMK_ROLE_TP, &now,
				   why)) {
			(*at)->cert = now;
			at = &(*at)->next;
			continue;
		}
		dmk_log(LOG_NOTICE, "third party %s: its certificate is no longer valid: %s",
			(*at)->cert.id, why);
		take_back(a, *at);
		drop(a->seen, at);
	}
}

void dmk_seen_each(const struct dmk_seen *s,
		   void (*fn)(const uint8_t *der, size_t len,
			      const struct dmk_certificate *cert, void *arg), void *arg)
{
	const struct entry *e;

	for (e = s->first; e; e = e->next)
		fn(e->der, e->len, &e->cert, arg);
}

time_t dmk_seen_expiry(const struct dmk_seen *s)
{
	const struct entry *e;
	time_t first = 0;

	for (e = s->first; e; e = e->next)
		if (!first || e->cert.expires < first)
			first = e->cert.expires;
	return first;
}
