// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "journal.h"

struct half {
	size_t n;
	struct dmk_refusal r[DMK_JOURNAL_HALF];
};

/* halves[1] is that of the authenticated */
struct dmk_journal {
	struct half halves[2];
	uint64_t order;
};

struct dmk_journal *dmk_journal_new(void)
{
	return calloc(1, sizeof(struct dmk_journal));
}

void dmk_journal_free(struct dmk_journal *j)
{
	free(j);
}

static bool same_id(const struct dmk_journal_id *a, const struct dmk_journal_id *b)
{
	return a->len == b->len && (!a->len || a->type == b->type) &&
	       !memcmp(a->data, b->data, a->len);
}

static bool same(const struct dmk_refusal *a, const struct dmk_refusal *b)
{
	return a->side == b->side && !strcmp(a->reason, b->reason) &&
	       a->addr_len == b->addr_len && !memcmp(a->addr, b->addr, a->addr_len) &&
	       same_id(&a->sensor, &b->sensor) && same_id(&a->peer, &b->peer);
}

static struct dmk_refusal *find(struct half *h, const struct dmk_refusal *r)
{
	size_t i;

	for (i = 0; i < h->n; i++)
		if (same(&h->r[i], r))
			return &h->r[i];
	return NULL;
}

/* an unused one, or the oldest */
static struct dmk_refusal *room(struct half *h)
{
	struct dmk_refusal *oldest = h->r;
	size_t i;

	if (h->n < DMK_JOURNAL_HALF)
		return &h->r[h->n++];
	for (i = 1; i < h->n; i++)
		if (h->r[i].order < oldest->order)
			oldest = &h->r[i];
	return oldest;
}

void dmk_journal_note(struct dmk_journal *j, const struct dmk_refusal *r, time_t now)
{
	struct half *h = &j->halves[r->authentic];
	struct dmk_refusal *to = find(h, r);

	if (!to) {
		to = room(h);
		*to = *r;
		to->count = 0;
		to->first = now;
	}
	memcpy(to->message, r->message, sizeof(to->message));
	memcpy(to->detail, r->detail, sizeof(to->detail));
	to->count++;
	to->last = now;
	to->order = ++j->order;
}

static int newer_first(const void *a, const void *b)
{
	const struct dmk_refusal *const *x = a, *const *y = b;

	return (*x)->order < (*y)->order ? 1 : -1;
}

void dmk_journal_each(const struct dmk_journal *j,
		      void (*fn)(const struct dmk_refusal *r, void *arg), void *arg)
{
	const struct dmk_refusal *all[2 * DMK_JOURNAL_HALF];
	size_t i, h, n = 0;

	for (h = 0; h < 2; h++)
		for (i = 0; i < j->halves[h].n; i++)
			all[n++] = &j->halves[h].r[i];
	qsort(all, n, sizeof(*all), newer_first);
	for (i = 0; i < n; i++)
		fn(all[i], arg);
}
