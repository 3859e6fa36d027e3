// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json.h>

#include "cert_list.h"
#include "file.h"
#include "journal.h"
#include "log.h"
#include "refusals.h"
#include "sensor.h"
#include "status.h"

#define VERSION	1
#define WAIT_MS	1000	/* between two writings */

/* @next: when it may be written again, dmk_state_now(); @failed: it could not be */
struct dmk_refusals {
	struct dmk_journal *journal;
	char path[PATH_MAX];
	time_t since;
	uint64_t lost;
	time_t lost_last;
	bool changed;
	bool failed;
	long long next;
};

static void place(char path[PATH_MAX], const char *status)
{
	const char *slash = strrchr(status, '/');
	int dir = slash ? slash - status + 1 : 0;

	snprintf(path, PATH_MAX, "%.*srefusals.json", dir, status);
}

struct dmk_refusals *dmk_refusals_new(const char *status)
{
	struct dmk_refusals *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->journal = dmk_journal_new();
	if (!r->journal) {
		free(r);
		return NULL;
	}
	place(r->path, status);
	r->since = time(NULL);
	r->changed = true;
	return r;
}

void dmk_refusals_free(struct dmk_refusals *r)
{
	if (!r)
		return;
	if (r->next && !r->failed)
		unlink(r->path);
	dmk_journal_free(r->journal);
	free(r);
}

/* ---- what comes */

static void note(struct dmk_refusals *r, const struct dmk_refusal *what)
{
	dmk_journal_note(r->journal, what, time(NULL));
	r->changed = true;
}

static void take_id(struct dmk_journal_id *id, struct nlattr *type, struct nlattr *data)
{
	if (!type || !data || nla_len(data) > DMK_ID_MAX)
		return;
	id->type = nla_get_u8(type);
	id->len = nla_len(data);
	memcpy(id->data, nla_data(data), id->len);
}

static void take_word(char word[DMK_JOURNAL_WORD], struct nlattr *attr)
{
	if (attr)
		nla_strlcpy(word, attr, DMK_JOURNAL_WORD);
}

static void take_who(struct dmk_refusal *r, struct nlattr **attrs)
{
	r->authentic = attrs[DMK_A_ID];
	if (r->authentic) {
		take_id(&r->sensor, attrs[DMK_A_ID_TYPE], attrs[DMK_A_ID]);
		take_id(&r->peer, attrs[DMK_A_PEER_TYPE], attrs[DMK_A_PEER]);
	} else {
		take_id(&r->sensor, attrs[DMK_A_CLAIMED_TYPE], attrs[DMK_A_CLAIMED]);
		take_id(&r->peer, attrs[DMK_A_CLAIMED_PEER_TYPE], attrs[DMK_A_CLAIMED_PEER]);
	}
}

static void take_address(struct dmk_refusal *r, struct nlattr *addr)
{
	if (!addr || (nla_len(addr) != 4 && nla_len(addr) != 16))
		return;
	r->addr_len = nla_len(addr);
	memcpy(r->addr, nla_data(addr), r->addr_len);
}

/* the module only knows that we said no */
static void explain_denial(struct dmk_agent *a, struct dmk_refusal *r)
{
	struct dmk_identity id;
	struct dmk_sensor s;
	const char *no;

	if (!dmk_identity_set(&id, r->sensor.type, r->sensor.data, r->sensor.len))
		no = "no configuration can name it";
	else if (dmk_sensor_find(a, &id, &s, &no) == DMK_SENSOR_YES)
		return;
	snprintf(r->detail, sizeof(r->detail), "%s", no);
}

void dmk_refusals_event(struct dmk_agent *a, struct nlattr **attrs)
{
	struct dmk_refusal r = { 0 };

	if (!attrs[DMK_A_SIDE] || !attrs[DMK_A_REASON])
		return;
	r.side = nla_get_u8(attrs[DMK_A_SIDE]);
	take_word(r.reason, attrs[DMK_A_REASON]);
	take_word(r.message, attrs[DMK_A_MESSAGE]);
	take_who(&r, attrs);
	take_address(&r, attrs[DMK_A_ADDR]);
	if (!strcmp(r.reason, "sensor-denied"))
		explain_denial(a, &r);
	note(a->refusals, &r);
}

void dmk_refusals_certificate(struct dmk_agent *a, const uint8_t *der, size_t len,
			      const char *why)
{
	struct dmk_refusal r = { .side = DMK_SIDE_R, .reason = "certificate" };
	struct dmk_cert_item item;
	size_t n;

	if (dmk_cert_list_describe(der, len, &item)) {
		n = strnlen(item.name, DMK_ID_MAX);
		/* a URI has a colon, an email name has none */
		r.peer.type = memchr(item.name, ':', n) != NULL;
		r.peer.len = n;
		memcpy(r.peer.data, item.name, n);
	}
	snprintf(r.detail, sizeof(r.detail), "%s", why);
	note(a->refusals, &r);
}

void dmk_refusals_lost(struct dmk_refusals *r)
{
	r->lost++;
	r->lost_last = time(NULL);
	r->changed = true;
}

/* ---- what is written */

static void put_text(struct json_object *o, const char *name, const char *text)
{
	if (*text)
		json_object_object_add(o, name, json_object_new_string(text));
}

static void put_number(struct json_object *o, const char *name, int64_t value)
{
	json_object_object_add(o, name, json_object_new_int64(value));
}

static void put_id(struct json_object *o, const char *name, const struct dmk_journal_id *id)
{
	char text[DMK_IDENTITY_ESCAPED];

	if (id->len)
		put_text(o, name, dmk_identity_escape(id->type, id->data, id->len, text));
}

static void put_address(struct json_object *o, const struct dmk_refusal *r)
{
	char text[INET6_ADDRSTRLEN];

	if (r->addr_len && inet_ntop(r->addr_len == 4 ? AF_INET : AF_INET6, r->addr, text,
				     sizeof(text)))
		put_text(o, "address", text);
}

static void put_refusal(const struct dmk_refusal *r, void *arg)
{
	static const char *const sides[] = {
		[DMK_SIDE_SOCKET] = "socket",
		[DMK_SIDE_TP] = "thirdparty",
		[DMK_SIDE_R] = "responder",
		[DMK_SIDE_HOST] = "host",
	};
	struct json_object *o = json_object_new_object();

	put_text(o, "side", r->side < sizeof(sides) / sizeof(*sides) ? sides[r->side] : "unknown");
	put_text(o, "reason", r->reason);
	put_id(o, "sensor", &r->sensor);
	put_id(o, "peer", &r->peer);
	json_object_object_add(o, "authenticated", json_object_new_boolean(r->authentic));
	put_address(o, r);
	put_text(o, "message", r->message);
	put_text(o, "detail", r->detail);
	put_number(o, "count", r->count);
	put_number(o, "first", r->first);
	put_number(o, "last", r->last);
	json_object_array_add(arg, o);
}

static struct json_object *build(const struct dmk_refusals *r)
{
	struct json_object *o = json_object_new_object(), *all = json_object_new_array();

	put_number(o, "version", VERSION);
	put_number(o, "pid", getpid());
	put_number(o, "netns", dmk_status_netns());
	put_number(o, "since", r->since);
	put_number(o, "lost", r->lost);
	if (r->lost)
		put_number(o, "lost_last", r->lost_last);
	dmk_journal_each(r->journal, put_refusal, all);
	json_object_object_add(o, "refusals", all);
	return o;
}

int dmk_refusals_due(const struct dmk_refusals *r)
{
	long long left = r->next - dmk_state_now();

	if (!r->changed)
		return -1;
	return left < 0 ? 0 : left > WAIT_MS ? WAIT_MS : left;
}

/* names of sensors are for the administrator alone */
void dmk_refusals_write(struct dmk_refusals *r)
{
	struct json_object *o = build(r);
	const char *text = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN |
							     JSON_C_TO_STRING_NOSLASHESCAPE);
	bool failed = !dmk_file_replace(r->path, text, 0600);

	if (failed && !r->failed)
		dmk_log(LOG_WARNING, "%s: %s: dmikeyctl why will not see it", r->path,
			strerror(errno));
	r->failed = failed;
	r->changed = false;
	r->next = dmk_state_now() + WAIT_MS;
	json_object_put(o);
}
