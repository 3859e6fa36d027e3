// SPDX-License-Identifier: GPL-2.0
/* What came of a run: words are made from the same JSON object that -j prints. */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

#include "load.h"

static const char *const sent_names[] = {
#define X(name, text) text,
	LOAD_SENT(X)
#undef X
};

static const char *const received_names[] = {
#define X(name, text) text,
	LOAD_RECEIVED(X)
#undef X
};

static const char *const failure_names[] = {
#define X(name, text) text,
	LOAD_FAILURES(X)
#undef X
};

static const char *const reason_names[] = {
	"ok",
#define X(name, text, help) text,
	DMK_REASONS(X)
#undef X
};

static const char *const kind_names[] = {
	[LOAD_ESTABLISH] = "establish",
	[LOAD_UPDATE] = "update",
};

static void add(struct json_object *o, const char *name, s64 v)
{
	json_object_object_add(o, name, json_object_new_int64(v));
}

/* those that are not 0 */
static struct json_object *counts(const u32 *v, const char *const *names, unsigned int n)
{
	struct json_object *o = json_object_new_object();
	char text[8];
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (!v[i])
			continue;
		snprintf(text, sizeof(text), "%u", i);
		add(o, names ? names[i] : text, v[i]);
	}
	return o;
}

static int by_size(const void *a, const void *b)
{
	u32 x = *(const u32 *)a, y = *(const u32 *)b;

	return (x > y) - (x < y);
}

/* of those that have one */
static struct json_object *latency(const struct load *l, enum load_kind kind)
{
	struct json_object *o = json_object_new_object();
	u32 *v = l->result.latency[kind], n = l->conf.sensors;

	qsort(v, n, sizeof(*v), by_size);
	for (; n && !*v; n--)
		v++;
	if (!n)
		return o;
	add(o, "min", v[0]);
	add(o, "median", v[n / 2]);
	add(o, "max", v[n - 1]);
	return o;
}

static struct json_object *exchange(const struct load *l, enum load_kind kind)
{
	struct json_object *o = json_object_new_object();
	const struct load_result *r = &l->result;
	char text[32];

	add(o, "done", r->done[kind]);
	snprintf(text, sizeof(text), "%.6f", r->seconds[kind]);
	json_object_object_add(o, "seconds", json_object_new_double_s(r->seconds[kind], text));
	json_object_object_add(o, "latency_us", latency(l, kind));
	return o;
}

static struct json_object *object(const struct load *l)
{
	struct json_object *o = json_object_new_object();
	const struct load_result *r = &l->result;
	unsigned int i;

	add(o, "sensors", l->conf.sensors);
	for (i = 0; i < LOAD_KINDS; i++)
		json_object_object_add(o, kind_names[i], exchange(l, i));
	json_object_object_add(o, "failed", counts(r->failed, failure_names, LOAD_FAIL_COUNT));
	json_object_object_add(o, "errors", counts(r->errors, NULL, ARRAY_SIZE(r->errors)));
	add(o, "readings", r->readings);
	add(o, "mirrored", r->mirrored);
	add(o, "anew", r->anew);
	add(o, "repeated", r->repeated);
	add(o, "lies", r->lies);
	add(o, "wrong_shares", r->wrong);
	add(o, "blamed_shares", r->blamed);
	add(o, "absent_shares", r->absent);
	json_object_object_add(o, "sent", counts(r->sent, sent_names, LOAD_OUT_COUNT));
	json_object_object_add(o, "received",
			       counts(r->received, received_names, LOAD_IN_COUNT));
	json_object_object_add(o, "dropped",
			       counts(r->dropped, reason_names, DMK_REASON_COUNT));
	return o;
}

/* one line a number, its path in front */
static void print(struct json_object *o, const char *path)
{
	char deeper[128];

	if (!json_object_is_type(o, json_type_object)) {
		printf("%-28s %s\n", path, json_object_to_json_string(o));
		return;
	}
	json_object_object_foreach(o, name, v) {
		snprintf(deeper, sizeof(deeper), "%s%s%s", path, *path ? " " : "", name);
		print(v, deeper);
	}
}

void load_report(const struct load *l)
{
	struct json_object *o = object(l);

	if (l->conf.json)
		puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
	else
		print(o, "");
	json_object_put(o);
}
