// SPDX-License-Identifier: GPL-2.0
/* The agent's journal of refusals: what is one entry, its bounds, its order. */
#include <string.h>

#include "../../agent/journal.h"
#include "ktap.h"

#define SIDE_TP	1
#define SIDE_R	2

static struct dmk_journal_id id(const char *text)
{
	struct dmk_journal_id i = { .type = 0, .len = strlen(text) };

	memcpy(i.data, text, i.len);
	return i;
}

static struct dmk_refusal refusal(bool authentic, const char *reason, const char *sensor)
{
	struct dmk_refusal r = { .side = SIDE_TP, .authentic = authentic };

	strcpy(r.reason, reason);
	r.sensor = id(sensor);
	return r;
}

/* what dmk_journal_each() shows */
struct shown {
	unsigned int n;
	unsigned int authentic;
	bool ordered;
	struct dmk_refusal first;
	struct dmk_refusal last;
};

static void look(const struct dmk_refusal *r, void *arg)
{
	struct shown *s = arg;

	if (!s->n++)
		s->first = *r;
	else if (r->order >= s->last.order)
		s->ordered = false;
	s->authentic += r->authentic;
	s->last = *r;
}

static struct shown show(const struct dmk_journal *j)
{
	struct shown s = { .ordered = true };

	dmk_journal_each(j, look, &s);
	return s;
}

static void test_aggregate(void)
{
	struct dmk_journal *j = dmk_journal_new();
	struct dmk_refusal r = refusal(false, "mac", "s1@example");
	struct shown s;

	s = show(j);
	ktap_ok(s.n == 0, "an empty journal");
	strcpy(r.message, "I_TP");
	dmk_journal_note(j, &r, 100);
	strcpy(r.detail, "in other words");
	/* what lies behind an identity is not part of it */
	r.sensor.data[r.sensor.len] = 'x';
	dmk_journal_note(j, &r, 107);
	s = show(j);
	ktap_ok(s.n == 1 && s.first.count == 2, "the same twice is one entry");
	ktap_ok(s.first.first == 100 && s.first.last == 107, "its first and last time");
	ktap_ok(!strcmp(s.first.detail, "in other words"), "the newest words");
	dmk_journal_free(j);
}

/* each of these is another refusal */
static void test_differ(void)
{
	struct dmk_journal *j = dmk_journal_new();
	struct dmk_refusal base = refusal(false, "mac", "s1@example"), r;
	unsigned int n = 1;

	dmk_journal_note(j, &base, 1);
#define DIFFER(what, change) do {						\
		r = base;							\
		change;								\
		dmk_journal_note(j, &r, 1);					\
		ktap_ok(show(j).n == ++n, "another " what " is another entry");	\
	} while (0)
	DIFFER("side", r.side = SIDE_R);
	DIFFER("reason", strcpy(r.reason, "stale"));
	DIFFER("sensor", r.sensor = id("s2@example"));
	DIFFER("type of identity", r.sensor.type = 1);
	DIFFER("peer", r.peer = id("gw1"));
	DIFFER("authentication", r.authentic = true);
	DIFFER("address", r.addr_len = 4);
	DIFFER("address of that length", (r.addr_len = 4, r.addr[3] = 1));
	ktap_ok(show(j).ordered, "newest first");
	dmk_journal_free(j);
}

/* strangers invent names without end */
static void test_flood(void)
{
	struct dmk_journal *j = dmk_journal_new();
	struct dmk_refusal r = refusal(true, "no-rule", "s1@example");
	char name[32];
	struct shown s;
	int i;

	dmk_journal_note(j, &r, 1);
	for (i = 0; i < 3 * DMK_JOURNAL_HALF; i++) {
		snprintf(name, sizeof(name), "stranger%d", i);
		r = refusal(false, "sensor-denied", name);
		dmk_journal_note(j, &r, 2 + i);
	}
	s = show(j);
	ktap_ok(s.n == DMK_JOURNAL_HALF + 1, "strangers have their half and no more");
	ktap_ok(s.authentic == 1 && s.last.authentic, "the authenticated one is still there");
	snprintf(name, sizeof(name), "stranger%d", 3 * DMK_JOURNAL_HALF - 1);
	ktap_ok(s.first.sensor.len == strlen(name) &&
		!memcmp(s.first.sensor.data, name, strlen(name)), "the newest one, too");
	for (i = 0; i < 2 * DMK_JOURNAL_HALF; i++) {
		snprintf(name, sizeof(name), "s%d@example", i);
		r = refusal(true, "rate-identity", name);
		dmk_journal_note(j, &r, 9999);
	}
	s = show(j);
	ktap_ok(s.n == 2 * DMK_JOURNAL_HALF && s.authentic == DMK_JOURNAL_HALF,
		"nor have the authenticated more than theirs");
	ktap_ok(s.ordered, "newest first");
	dmk_journal_free(j);
}

/* what goes is what was seen longest ago, not what came first */
static void test_oldest(void)
{
	struct dmk_journal *j = dmk_journal_new();
	struct dmk_refusal old = refusal(false, "mac", "again@example"), r;
	char name[32];
	int i;

	dmk_journal_note(j, &old, 1);
	for (i = 1; i < DMK_JOURNAL_HALF; i++) {
		snprintf(name, sizeof(name), "s%d", i);
		r = refusal(false, "mac", name);
		dmk_journal_note(j, &r, 2);
	}
	dmk_journal_note(j, &old, 3);
	r = refusal(false, "mac", "one-more");
	dmk_journal_note(j, &r, 4);
	dmk_journal_note(j, &old, 5);
	ktap_ok(show(j).first.count == 3, "who comes again is not forgotten");
	r = refusal(false, "mac", "s1");
	dmk_journal_note(j, &r, 6);
	ktap_ok(show(j).first.count == 1, "the one seen longest ago is");
	dmk_journal_free(j);
}

static void journal_test(void)
{
	test_aggregate();
	test_differ();
	test_flood();
	test_oldest();
}
KTAP_MAIN(journal_test)
