// SPDX-License-Identifier: GPL-2.0
/* The overview: what this host is, whom it knows, what it refused and why. */
#include <string.h>
#include <time.h>

#include "ctl.h"

#define EXPIRES_SOON (14 * 86400)

/* everything that is shown: all of it, or nothing if one part is refused */
static struct json_object *gather(struct ctl *c)
{
	static const struct part {
		const char *name;
		enum dmk_cmd cmd;
		int role;
	} parts[] = {
		{ "instance", DMK_CMD_INSTANCE_GET },
		{ "local", DMK_CMD_LOCAL_GET },
		{ "sensors", DMK_CMD_SENSOR_GET },
		{ "thirdparties", DMK_CMD_PEER_GET, DMK_ROLE_TP },
		{ "responders", DMK_CMD_PEER_GET, DMK_ROLE_R },
		{ "rules", DMK_CMD_RULE_GET },
		{ "sessions", DMK_CMD_SESSION_GET },
	};
	struct json_object *all = json_object_new_object();
	const struct part *p;

	for (p = parts; p < parts + ARRAY_SIZE(parts); p++)
		json_object_object_add(all, p->name, ctl_netlink_rows(c, p->cmd, p->role));
	json_object_object_add(all, "stats", ctl_stats_read(c));
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

static void print_expiry(struct json_object *row)
{
	int64_t expires = ctl_json_number(row, "expires"), left = expires - time(NULL);
	char when[CTL_TIME_TEXT], span[CTL_TIME_TEXT];

	if (!expires)
		return;
	ctl_print_time(expires, when);
	if (left <= 0)
		printf("; certificate EXPIRED on %s", when);
	else
		printf("; certificate until %s, %s%s", when, ctl_print_span(left, span),
		       left < EXPIRES_SOON ? ": RENEW IT SOON" : "");
}

static void print_locals(struct json_object *locals)
{
	struct json_object *l;
	size_t i;

	if (!json_object_array_length(locals))
		puts("no role yet; dmikeyd takes it from its configuration");
	for (i = 0; i < json_object_array_length(locals); i++) {
		l = json_object_array_get_idx(locals, i);
		printf("%s %s", ctl_print_side(ctl_json_string(l, "role")),
		       ctl_json_string(l, "id"));
		print_expiry(l);
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
static void print_peers(struct json_object *peers, const char *what)
{
	struct json_object *p;
	size_t i;

	for (i = 0; i < json_object_array_length(peers); i++) {
		p = json_object_array_get_idx(peers, i);
		printf("  %s %s", what, ctl_json_string(p, "id"));
		if (json_object_object_get(p, "address"))
			printf(" at %s port %lld", ctl_json_string(p, "address"),
			       (long long)ctl_json_number(p, "address_port"));
		print_expiry(p);
		putchar('\n');
	}
}

static void print_rules(struct json_object *rules)
{
	struct json_object *r;
	size_t i;

	for (i = 0; i < json_object_array_length(rules); i++) {
		r = json_object_array_get_idx(rules, i);
		printf("  rule %s: ", ctl_json_string(r, "name"));
		if (json_object_object_get(r, "realm"))
			printf("sensors of @%s", ctl_json_string(r, "realm"));
		else
			fputs(ctl_json_string(r, "sensor"), stdout);
		printf(", at least %lld right shares\n",
		       (long long)ctl_json_number(r, "min_k"));
	}
}

static void print_sessions(struct json_object *sessions)
{
	struct json_object *s;
	char age[CTL_TIME_TEXT];
	size_t i;

	for (i = 0; i < json_object_array_length(sessions); i++) {
		s = json_object_array_get_idx(sessions, i);
		printf("\nsession of %s: %s, %s old\n", ctl_json_string(s, "sensor"),
		       ctl_json_string(s, "state"),
		       ctl_print_span(time(NULL) - ctl_json_number(s, "since"), age));
		ctl_print_session(s, "  ");
	}
}

static void print_refusals(struct json_object *stats)
{
	struct json_object *s;
	const char *reason, *head = "\nrefused since the module was loaded:\n";
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

int ctl_show(struct ctl *c, int argc, char **argv)
{
	struct json_object *all;

	ctl_words_end(argc, argv);
	all = gather(c);
	if (c->json) {
		ctl_print_json(all);
	} else {
		print_instance(all);
		print_locals(rows_of(all, "local"));
		print_counts(all);
		print_peers(rows_of(all, "responders"), "responder");
		print_peers(rows_of(all, "thirdparties"), "third party");
		print_rules(rows_of(all, "rules"));
		print_sessions(rows_of(all, "sessions"));
		print_refusals(rows_of(all, "stats"));
	}
	json_object_put(all);
	return CTL_OK;
}
