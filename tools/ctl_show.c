// SPDX-License-Identifier: GPL-2.0
/* The overview: what this host is, whom it knows, what is up, and why something is not. */
#include <string.h>
#include <time.h>

#include "ctl.h"

#define SHOWN 10	/* of each list, unless all is wanted */

/* everything that is shown: all of it, or nothing if one part is refused */
static struct json_object *gather(struct ctl *c)
{
	struct json_object *all = json_object_new_object();

	json_object_object_add(all, "instance", ctl_netlink_rows(c, DMK_CMD_INSTANCE_GET, 0));
	ctl_netlink_all(c, all);
	json_object_object_add(all, "stats", ctl_stats_read(c));
	json_object_object_add(all, "agent", ctl_journal_read(c));
	return all;
}

static struct json_object *rows_of(struct json_object *all, const char *name)
{
	return json_object_object_get(all, name);
}

static size_t count(struct json_object *all, const char *name)
{
	return json_object_array_length(rows_of(all, name));
}

/* how many of a list are shown */
static size_t shown(struct ctl *c, size_t n)
{
	return c->all || n < SHOWN ? n : SHOWN;
}

static void print_rest(struct ctl *c, size_t n, const char *what)
{
	if (shown(c, n) < n)
		printf("  and %zu more %s (-a shows all)\n", n - shown(c, n), what);
}

static bool is_certain(struct json_object *refusal)
{
	return json_object_get_boolean(json_object_object_get(refusal, "authenticated"));
}

/* The newest refusal of somebody, as the agent remembers it; or NULL. What is only
 * claimed does not hide what is certain.
 */
static struct json_object *last_refusal(struct json_object *all, const char *member,
					const char *id)
{
	struct json_object *list = ctl_journal_refusals(rows_of(all, "agent")), *r;
	struct json_object *found = NULL;
	size_t i;

	for (i = 0; i < json_object_array_length(list); i++) {
		r = json_object_array_get_idx(list, i);
		if (strcmp(ctl_json_string(r, member), id))
			continue;
		if (is_certain(r))
			return r;
		if (!found)
			found = r;
	}
	return found;
}

static void print_last_refusal(struct json_object *all, const char *member, const char *id)
{
	struct json_object *r = last_refusal(all, member, id);
	char age[CTL_TIME_TEXT];

	if (!r)
		return;
	printf("; last refused %s ago: %s%s",
	       ctl_print_span(time(NULL) - ctl_json_number(r, "last"), age),
	       ctl_json_string(r, "reason"), is_certain(r) ? "" : " (only claimed)");
}

/* whether a CRL spoke for a certificate, as the agent found it */
static void print_revocation(struct json_object *all, struct json_object *row)
{
	struct json_object *status = json_object_object_get(rows_of(all, "agent"), "status");
	struct json_object *certs = json_object_object_get(status, "certificates"), *cert;
	size_t i;

	for (i = 0; certs && i < json_object_array_length(certs); i++) {
		cert = json_object_array_get_idx(certs, i);
		if (strcmp(ctl_json_string(cert, "sha256"), ctl_json_string(row, "sha256")))
			continue;
		printf(strcmp(ctl_json_string(cert, "revocation"), "crl") ?
		       ", revocation NOT CHECKED" : ", revocation checked by a CRL");
		return;
	}
}

/* what is configured and not in force: the module was never told of it */
static void print_down(struct json_object *all)
{
	struct json_object *status = json_object_object_get(rows_of(all, "agent"), "status");
	struct json_object *certs = json_object_object_get(status, "certificates"), *cert;
	size_t i;

	for (i = 0; certs && i < json_object_array_length(certs); i++) {
		cert = json_object_array_get_idx(certs, i);
		if (!json_object_object_get(cert, "where") ||
		    json_object_get_boolean(json_object_object_get(cert, "valid")))
			continue;
		printf("CONFIGURED BUT DOWN: %s %s, %s: %s; cure: a valid certificate, then reload dmikeyd\n",
		       ctl_print_side(ctl_json_string(cert, "role")),
		       ctl_json_string(cert, "name"), ctl_json_string(cert, "where"),
		       ctl_json_string(cert, "why"));
	}
}

static void print_instance(struct json_object *all)
{
	struct json_object *i = json_object_array_get_idx(rows_of(all, "instance"), 0);
	long long port = ctl_json_number(i, "port");

	if (!port)
		puts("not listening; cure: dmikeyctl instance set port 2269");
	else
		printf("listening on UDP port %lld, allowed clock skew %lld s\n", port,
		       (long long)ctl_json_number(i, "skew"));
}

static void print_locals(struct json_object *all)
{
	struct json_object *locals = rows_of(all, "local"), *l;
	size_t i;

	if (!json_object_array_length(locals))
		puts("no role yet; dmikeyd takes it from its configuration");
	for (i = 0; i < json_object_array_length(locals); i++) {
		l = json_object_array_get_idx(locals, i);
		printf("%s %s", ctl_print_side(ctl_json_string(l, "role")),
		       ctl_json_string(l, "id"));
		ctl_print_expiry(l);
		print_revocation(all, l);
		putchar('\n');
	}
}

static void print_counts(struct json_object *all)
{
	static const struct { const char *name, *one, *many; } counts[] = {
		{ "sensors", "sensor", "sensors" },
		{ "responders", "responder", "responders" },
		{ "thirdparties", "third party", "third parties" },
		{ "rules", "rule", "rules" },
		{ "sessions", "session", "sessions" },
	};
	unsigned int i;

	fputs("knows", stdout);
	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		size_t n = count(all, counts[i].name);

		printf("%s %zu %s", i ? "," : "", n, n == 1 ? counts[i].one : counts[i].many);
	}
	putchar('\n');
}

/* a peer whose certificate ends is a failure to come */
static void print_peers(struct ctl *c, struct json_object *all, const char *name,
			const char *what)
{
	struct json_object *peers = rows_of(all, name), *p;
	size_t i, n = json_object_array_length(peers);

	for (i = 0; i < shown(c, n); i++) {
		p = json_object_array_get_idx(peers, i);
		printf("  %s %s", what, ctl_json_string(p, "id"));
		if (json_object_object_get(p, "address"))
			printf(" at %s port %lld", ctl_json_string(p, "address"),
			       (long long)ctl_json_number(p, "address_port"));
		ctl_print_expiry(p);
		print_revocation(all, p);
		print_last_refusal(all, "peer", ctl_json_string(p, "id"));
		putchar('\n');
	}
	print_rest(c, n, name);
}

/* a third party knows what it hears; sessions are between sensor and responder */
static void print_sensors(struct ctl *c, struct json_object *all)
{
	struct json_object *sensors = rows_of(all, "sensors"), *s;
	size_t i, n = json_object_array_length(sensors);
	char span[CTL_TIME_TEXT];

	for (i = 0; i < shown(c, n); i++) {
		s = json_object_array_get_idx(sensors, i);
		printf("  sensor %s", ctl_json_string(s, "id"));
		if (json_object_object_get(s, "idle"))
			printf(", heard of %s ago",
			       ctl_print_span(ctl_json_number(s, "idle"), span));
		print_last_refusal(all, "sensor", ctl_json_string(s, "id"));
		putchar('\n');
	}
	print_rest(c, n, "sensors");
}

/* how many rows have each value of a member, by that value; the caller's */
static struct json_object *count_by(struct json_object *rows, const char *member)
{
	struct json_object *counts = json_object_new_object();
	const char *value;
	size_t i;

	for (i = 0; i < json_object_array_length(rows); i++) {
		value = ctl_json_string(json_object_array_get_idx(rows, i), member);
		json_object_object_add(counts, value, json_object_new_int64(
				       ctl_json_number(counts, value) + 1));
	}
	return counts;
}

/* without third parties; why not, if it is not up */
static void print_hosts(struct ctl *c, struct json_object *all)
{
	struct json_object *hosts = rows_of(all, "hosts"), *h;
	size_t i, n = json_object_array_length(hosts);
	const char *reason;

	for (i = 0; i < shown(c, n); i++) {
		h = json_object_array_get_idx(hosts, i);
		reason = ctl_json_string(h, "reason");
		printf("  host %s at %s port %lld: %s%s%s\n", ctl_json_string(h, "id"),
		       ctl_json_string(h, "address"),
		       (long long)ctl_json_number(h, "address_port"),
		       ctl_json_string(h, "state"), *reason ? "; " : "",
		       *reason ? ctl_print_reason(reason) : "");
	}
	print_rest(c, n, "hosts");
}

static void print_rules(struct ctl *c, struct json_object *all)
{
	struct json_object *rules = rows_of(all, "rules"), *r;
	struct json_object *ups = count_by(rows_of(all, "sessions"), "rule");
	size_t i, n = json_object_array_length(rules);
	long long up;

	for (i = 0; i < shown(c, n); i++) {
		r = json_object_array_get_idx(rules, i);
		printf("  rule %s: ", ctl_json_string(r, "name"));
		if (json_object_object_get(r, "realm"))
			printf("sensors of @%s", ctl_json_string(r, "realm"));
		else
			fputs(ctl_json_string(r, "sensor"), stdout);
		up = ctl_json_number(ups, ctl_json_string(r, "name"));
		printf(", at least %lld right shares, %lld %s up\n",
		       (long long)ctl_json_number(r, "min_k"), up,
		       up == 1 ? "session" : "sessions");
	}
	print_rest(c, n, "rules");
	json_object_put(ups);
}

static void print_sessions(struct ctl *c, struct json_object *sessions)
{
	struct json_object *s;
	char age[CTL_TIME_TEXT];
	size_t i, n = json_object_array_length(sessions);

	for (i = 0; i < shown(c, n); i++) {
		s = json_object_array_get_idx(sessions, i);
		printf("\nsession of %s: %s, %s old\n", ctl_json_string(s, "sensor"),
		       ctl_json_string(s, "state"),
		       ctl_print_span(time(NULL) - ctl_json_number(s, "since"), age));
		ctl_print_session(s, "  ");
		ctl_print_usage(s, "  ");
	}
	print_rest(c, n, "sessions");
}

/* A sensor that a responder has refused and has no session with, its last refusal
 * first: each is told of once.
 */
static void print_no_sessions(struct ctl *c, struct json_object *all)
{
	struct json_object *list = ctl_journal_refusals(rows_of(all, "agent")), *r;
	struct json_object *told = count_by(rows_of(all, "sessions"), "sensor");
	size_t i, n = 0, limit = shown(c, SIZE_MAX);
	const char *sensor;

	for (i = 0; i < json_object_array_length(list); i++) {
		r = json_object_array_get_idx(list, i);
		sensor = ctl_json_string(r, "sensor");
		if (!*sensor || strcmp(ctl_json_string(r, "side"), "responder") ||
		    ctl_json_number(told, sensor))
			continue;
		json_object_object_add(told, sensor, json_object_new_int64(1));
		if (n++ >= limit)
			continue;
		printf("%sDOWN: sensor %s has no session", n == 1 ? "\n" : "", sensor);
		print_last_refusal(all, "sensor", sensor);
		putchar('\n');
	}
	print_rest(c, n, "without a session");
	json_object_put(told);
}

static void print_refusals(struct json_object *stats)
{
	struct json_object *s;
	const char *reason, *head = "\nrefused since the module was loaded (dmikeyctl why):\n";
	size_t i;

	for (i = 0; i < json_object_array_length(stats); i++) {
		s = json_object_array_get_idx(stats, i);
		reason = ctl_json_string(s, "reason");
		if (!*reason || !ctl_json_number(s, "value"))
			continue;
		printf("%s  %8lld at %s: %s (%s)\n", head,
		       (long long)ctl_json_number(s, "value"),
		       ctl_print_side(ctl_json_string(s, "side")),
		       ctl_print_reason(reason), reason);
		head = "";
	}
}

/* the other counters, with -s */
static void print_events(struct ctl *c, struct json_object *stats)
{
	const char *head = "\ncounted since the module was loaded:\n";
	struct json_object *s;
	size_t i;

	for (i = 0; c->usage && i < json_object_array_length(stats); i++) {
		s = json_object_array_get_idx(stats, i);
		if (*ctl_json_string(s, "reason") || !ctl_json_number(s, "value"))
			continue;
		printf("%s  %8lld %s\n", head, (long long)ctl_json_number(s, "value"),
		       ctl_json_string(s, "stat"));
		head = "";
	}
}

int ctl_show(struct ctl *c, int argc, char **argv)
{
	struct json_object *all;

	ctl_words_end(argc, argv);
	all = gather(c);
	if (c->json) {
		ctl_print_json(all);
	} else {
		print_instance(all);
		ctl_journal_print(rows_of(all, "agent"));
		print_locals(all);
		print_down(all);
		print_counts(all);
		print_peers(c, all, "responders", "responder");
		print_peers(c, all, "thirdparties", "third party");
		print_hosts(c, all);
		print_rules(c, all);
		print_sensors(c, all);
		print_sessions(c, rows_of(all, "sessions"));
		print_no_sessions(c, all);
		print_refusals(rows_of(all, "stats"));
		print_events(c, rows_of(all, "stats"));
	}
	json_object_put(all);
	return CTL_OK;
}
