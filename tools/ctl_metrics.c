// SPDX-License-Identifier: GPL-2.0
/*
 * metrics: OpenMetrics 1.0. Of its types only gauge and counter: the textfile
 * collector of the node exporter reads the older text format, which knows no
 * others. What this user may not see is absent, never 0.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"

#define CERTIFICATES_MAX 64	/* time series of their own */

static void family(const char *name, const char *type, const char *unit, const char *help)
{
	printf("# TYPE %s %s\n", name, type);
	if (unit)
		printf("# UNIT %s %s\n", name, unit);
	printf("# HELP %s %s\n", name, help);
}

static void gauge(const char *name, const char *help, int64_t value)
{
	family(name, "gauge", NULL, help);
	printf("%s %lld\n", name, (long long)value);
}

/* a name of a certificate is a stranger's; only ASCII is left of it */
static void label(const char *name, const char *value)
{
	printf("%s=\"", name);
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			putchar('\\');
		putchar((uint8_t)*value < ' ' || (uint8_t)*value >= 0x7f ? '?' : *value);
	}
	putchar('"');
}

/* ---- counters: everybody may see them */

static void refusals(struct json_object *stats)
{
	struct json_object *s;
	size_t i;

	family("dmikey_refusals", "counter", NULL,
	       "Messages refused; Documentation/reasons.md explains the reasons.");
	for (i = 0; i < json_object_array_length(stats); i++) {
		s = json_object_array_get_idx(stats, i);
		if (!json_object_object_get(s, "reason"))
			continue;
		printf("dmikey_refusals_total{side=\"%s\",reason=\"%s\"} %llu\n",
		       ctl_json_string(s, "side"), ctl_json_string(s, "reason"),
		       (unsigned long long)ctl_json_number(s, "value"));
	}
}

static void happenings(struct json_object *stats)
{
	struct json_object *s;
	size_t i;

	family("dmikey_events", "counter", NULL, "What happened, by the name of its counter.");
	for (i = 0; i < json_object_array_length(stats); i++) {
		s = json_object_array_get_idx(stats, i);
		if (json_object_object_get(s, "reason"))
			continue;
		printf("dmikey_events_total{event=\"%s\"} %llu\n", ctl_json_string(s, "stat"),
		       (unsigned long long)ctl_json_number(s, "value"));
	}
}

static void counters(struct ctl *c)
{
	struct json_object *stats = ctl_stats_read(c);

	refusals(stats);
	happenings(stats);
	json_object_put(stats);
}

/* ---- the instance */

static void instance(struct ctl *c)
{
	struct json_object *rows = ctl_netlink_ask(c, DMK_CMD_INSTANCE_GET, 0);
	struct json_object *i = rows ? json_object_array_get_idx(rows, 0) : NULL;

	if (i) {
		gauge("dmikey_port", "UDP port of dmikey; 0 is none.", ctl_json_number(i, "port"));
		family("dmikey_skew_seconds", "gauge", "seconds",
		       "Clock skew that is allowed.");
		printf("dmikey_skew_seconds %lld\n", (long long)ctl_json_number(i, "skew"));
		gauge("dmikey_queue_limit", "Messages that may wait.",
		      ctl_json_number(i, "queue"));
		family("dmikey_started_timestamp_seconds", "gauge", "seconds",
		       "When dmikey began to listen; 0 is not yet.");
		printf("dmikey_started_timestamp_seconds %lld\n",
		       (long long)ctl_json_number(i, "started"));
	}
	json_object_put(rows);
}

/* ---- what the kernel knows: for administrators */

static void number_of(struct ctl *c, enum dmk_cmd cmd, const char *name, const char *help)
{
	struct json_object *rows = ctl_netlink_ask(c, cmd, 0);

	if (rows)
		gauge(name, help, json_object_array_length(rows));
	json_object_put(rows);
}

static unsigned int count(struct json_object *rows, const char *member, const char *value)
{
	unsigned int n = 0;
	size_t i;

	for (i = 0; i < json_object_array_length(rows); i++)
		n += !strcmp(ctl_json_string(json_object_array_get_idx(rows, i), member), value);
	return n;
}

/* one series a state; @states ends with NULL */
static void by_state(struct ctl *c, enum dmk_cmd cmd, const char *name, const char *help,
		     const char *const *states)
{
	struct json_object *rows = ctl_netlink_ask(c, cmd, 0);

	if (!rows)
		return;
	family(name, "gauge", NULL, help);
	for (; *states; states++)
		printf("%s{state=\"%s\"} %u\n", name, *states, count(rows, "state", *states));
	json_object_put(rows);
}

static void sessions(struct ctl *c)
{
	static const char *const states[] = { "unconfirmed", "confirmed", NULL };

	by_state(c, DMK_CMD_SESSION_GET, "dmikey_sessions",
		 "Sessions of a responder, by their state.", states);
}

static void hosts(struct ctl *c)
{
	static const char *const states[] = { "configured", "connecting", "up", NULL };

	by_state(c, DMK_CMD_HOST_GET, "dmikey_hosts",
		 "Other hosts, by plain RFC 3830, by their state.", states);
}

/* one series a role: their number has no bound */
static void first_end(struct json_object *rows, const char *role)
{
	int64_t first = 0, t;
	struct json_object *r;
	size_t i;

	for (i = 0; i < json_object_array_length(rows); i++) {
		r = json_object_array_get_idx(rows, i);
		t = ctl_json_number(r, "expires");
		if (!strcmp(ctl_json_string(r, "role"), role) && (!first || t < first))
			first = t;
	}
	if (first)
		printf("dmikey_peers_expire_timestamp_seconds{role=\"%s\"} %lld\n", role,
		       (long long)first);
}

static void peers(struct ctl *c)
{
	struct json_object *rows = ctl_netlink_ask(c, DMK_CMD_PEER_GET, 0);
	static const char *const roles[] = { "thirdparty", "responder" };
	unsigned int i;

	if (!rows)
		return;
	family("dmikey_peers", "gauge", NULL, "Peers that the kernel knows, by their role.");
	for (i = 0; i < ARRAY_SIZE(roles); i++)
		printf("dmikey_peers{role=\"%s\"} %u\n", roles[i], count(rows, "role", roles[i]));
	family("dmikey_peers_expire_timestamp_seconds", "gauge", "seconds",
	       "When the first of the peers' certificates ends.");
	for (i = 0; i < ARRAY_SIZE(roles); i++)
		first_end(rows, roles[i]);
	json_object_put(rows);
}

/* a host plays a handful of roles: DMK_LOCALS_MAX */
static void locals(struct ctl *c)
{
	struct json_object *rows = ctl_netlink_ask(c, DMK_CMD_LOCAL_GET, 0), *l;
	size_t i;

	if (!rows)
		return;
	family("dmikey_local_expires_timestamp_seconds", "gauge", "seconds",
	       "When the certificate of a role of this host ends.");
	for (i = 0; i < json_object_array_length(rows); i++) {
		l = json_object_array_get_idx(rows, i);
		printf("dmikey_local_expires_timestamp_seconds{role=\"%s\",",
		       ctl_json_string(l, "role"));
		label("name", ctl_json_string(l, "id"));
		printf("} %lld\n", (long long)ctl_json_number(l, "expires"));
	}
	json_object_put(rows);
}

/* ---- the agent: status.json is for everybody */

static void labels(struct json_object *item)
{
	putchar('{');
	label("kind", ctl_json_string(item, "kind"));
	putchar(',');
	label("name", ctl_json_string(item, "name"));
	putchar(',');
	label("sha256", ctl_json_string(item, "sha256"));
	putchar('}');
}

/* one that stands in two places of the configuration is one series */
static bool is_repeated(struct json_object *items, size_t n)
{
	const char *kind = ctl_json_string(json_object_array_get_idx(items, n), "kind");
	const char *hash = ctl_json_string(json_object_array_get_idx(items, n), "sha256");
	size_t i;

	for (i = 0; i < n; i++) {
		struct json_object *o = json_object_array_get_idx(items, i);

		if (!strcmp(ctl_json_string(o, "kind"), kind) &&
		    !strcmp(ctl_json_string(o, "sha256"), hash))
			return true;
	}
	return false;
}

/* what came in messages is counted by the kernel; strangers make no series here */
static bool is_shown(struct json_object *items, size_t i)
{
	const char *kind = ctl_json_string(json_object_array_get_idx(items, i), "kind");

	return strcmp(kind, "seen") && !is_repeated(items, i);
}

static void print_items(struct json_object *items, const char *name,
			int64_t (*value)(struct json_object *item))
{
	unsigned int shown = 0;
	size_t i;

	for (i = 0; i < json_object_array_length(items) && shown < CERTIFICATES_MAX; i++) {
		if (!is_shown(items, i))
			continue;
		shown++;
		fputs(name, stdout);
		labels(json_object_array_get_idx(items, i));
		printf(" %lld\n", (long long)value(json_object_array_get_idx(items, i)));
	}
}

static int64_t end_of(struct json_object *item)
{
	return ctl_json_number(item, "expires");
}

static int64_t validity_of(struct json_object *item)
{
	return json_object_get_boolean(json_object_object_get(item, "valid"));
}

static void certificates(struct json_object *items)
{
	family("dmikey_certificate_expires_timestamp_seconds", "gauge", "seconds",
	       "When a certificate or revocation list of the agent's configuration ends.");
	print_items(items, "dmikey_certificate_expires_timestamp_seconds", end_of);
	family("dmikey_certificate_valid", "gauge", NULL,
	       "A certificate or revocation list of the agent's configuration may be used now.");
	print_items(items, "dmikey_certificate_valid", validity_of);
}

static void agent(struct ctl *c)
{
	struct json_object *o, *items;
	bool alive;

	o = ctl_journal_status(c, &alive);
	/* a file that cannot be read says nothing of the agent */
	if (o || (access(c->status, F_OK) && errno == ENOENT))
		gauge("dmikey_agent_up", "The agent runs.", alive);
	items = alive ? json_object_object_get(o, "certificates") : NULL;
	if (alive)
		gauge("dmikey_agent_configuration_refused",
		      "The agent's configuration is bad; it works with an older one.",
		      json_object_get_boolean(json_object_object_get(o, "refused")));
	if (json_object_is_type(items, json_type_array))
		certificates(items);
	json_object_put(o);
}

int ctl_metrics(struct ctl *c, int argc, char **argv)
{
	/* the question would load the module */
	bool up = !access("/sys/module/dmikey", F_OK);

	ctl_words_end(argc, argv);
	gauge("dmikey_up", "The kernel module is loaded.", up);
	if (up) {
		counters(c);
		instance(c);
		sessions(c);
		hosts(c);
		number_of(c, DMK_CMD_SENSOR_GET, "dmikey_sensors", "Sensors that the kernel knows.");
		number_of(c, DMK_CMD_RULE_GET, "dmikey_rules", "Rules of a responder.");
		peers(c);
		locals(c);
	}
	agent(c);
	puts("# EOF");
	return CTL_OK;
}
