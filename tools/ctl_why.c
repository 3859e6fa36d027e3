// SPDX-License-Identifier: GPL-2.0
/* Why does it not work: what is known of somebody, what was refused, what to do. */
#include <string.h>
#include <time.h>

#include "ctl.h"

#define SHOWN 20	/* refusals, unless all are wanted */

static struct json_object *get(struct json_object *o, const char *name)
{
	return json_object_object_get(o, name);
}

static bool is(struct json_object *row, const char *member, const char *text)
{
	return !strcmp(ctl_json_string(row, member), text);
}

static size_t length(struct json_object *array)
{
	return array ? json_object_array_length(array) : 0;
}

/* ---- who is meant */

/* all that the module knows; without the module nothing */
static struct json_object *gather(struct ctl *c)
{
	struct json_object *all = json_object_new_object();

	c->usage = true;
	if (ctl_netlink_there(c))
		ctl_netlink_all(c, all);
	return all;
}

/* whether the text stands anywhere in it */
static bool mentions(struct json_object *o, const char *text)
{
	size_t i;

	if (json_object_is_type(o, json_type_string))
		return !strcmp(json_object_get_string(o), text);
	if (json_object_is_type(o, json_type_array))
		for (i = 0; i < json_object_array_length(o); i++)
			if (mentions(json_object_array_get_idx(o, i), text))
				return true;
	if (json_object_is_type(o, json_type_object)) {
		json_object_object_foreach(o, name, v) {
			(void)name;
			if (mentions(v, text))
				return true;
		}
	}
	return false;
}

/* an identity with its prefix; without one that which is known, else the likely one */
static void resolve(const char *text, struct json_object *all, struct json_object *journal,
		    char id[CTL_ID_TEXT])
{
	static const char *const prefixes[] = { "nai:", "uri:" };
	uint8_t type, data[DMK_ID_MAX];
	bool known[2], bare = true;
	unsigned int i;
	size_t len;

	for (i = 0; i < 2; i++) {
		if (!strncmp(text, prefixes[i], 4))
			bare = false;
		snprintf(id, CTL_ID_TEXT, "%s%s", prefixes[i], text);
		known[i] = mentions(all, id) || mentions(journal, id);
	}
	if (bare && known[0] && known[1])
		ctl_fail(CTL_USAGE, "\"%s\" may be nai:%s or uri:%s: write which",
			 text, text, text);
	i = known[1] || (!known[0] && strchr(text, ':'));
	snprintf(id, CTL_ID_TEXT, "%s%s", bare ? prefixes[i] : "", text);
	if (!ctl_id_parse(id, &type, data, &len))
		ctl_fail(CTL_USAGE, "\"%s\" is no identity; write nai:NAME@REALM or uri:URI", text);
}

static void explain(struct json_object *row)
{
	const char *reason = ctl_json_string(row, "reason");

	json_object_object_add(row, "meaning", json_object_new_string(ctl_print_reason(reason)));
	json_object_object_add(row, "advice", json_object_new_string(ctl_advice(reason)));
}

/* ---- what is known of it */

static bool covers(struct json_object *rule, const char *id)
{
	const char *realm = ctl_json_string(rule, "realm"), *at = strrchr(id, '@');

	if (is(rule, "sensor", id) || mentions(get(rule, "thirdparties"), id))
		return true;
	return *realm && !strncmp(id, "nai:", 4) && at && !strcmp(at + 1, realm);
}

static bool is_about(struct json_object *row, const char *part, const char *id)
{
	if (!strcmp(part, "rules"))
		return covers(row, id);
	if (!strcmp(part, "sessions"))
		return is(row, "sensor", id) || mentions(get(row, "thirdparties"), id);
	if (!strcmp(part, "hosts") && is(row, "own", id))
		return true;
	return is(row, "id", id);
}

static struct json_object *select_rows(struct json_object *rows, const char *part,
				       const char *id)
{
	struct json_object *out = json_object_new_array(), *row;
	size_t i;

	for (i = 0; i < length(rows); i++) {
		row = json_object_array_get_idx(rows, i);
		if (!is_about(row, part, id))
			continue;
		if (get(row, "reason"))
			explain(row);
		json_object_array_add(out, json_object_get(row));
	}
	return out;
}

/* the agent's certificates of that name; they are named without a prefix */
static struct json_object *certificates(struct json_object *journal, const char *id)
{
	struct json_object *all = get(get(journal, "status"), "certificates");
	struct json_object *out = json_object_new_array(), *cert;
	size_t i;

	for (i = 0; i < length(all); i++) {
		cert = json_object_array_get_idx(all, i);
		if (is(cert, "name", id + 4))
			json_object_array_add(out, json_object_get(cert));
	}
	return out;
}

static struct json_object *known(struct json_object *all, struct json_object *journal,
				 const char *id)
{
	struct json_object *o = json_object_new_object();
	const struct ctl_part *p;

	for (p = ctl_netlink_parts; p->name; p++)
		json_object_object_add(o, p->name, select_rows(get(all, p->name), p->name, id));
	json_object_object_add(o, "certificates", certificates(journal, id));
	return o;
}

/* ---- what was refused */

/* @id: NULL: of all */
static struct json_object *refusals(struct json_object *journal, const char *id)
{
	struct json_object *all = ctl_journal_refusals(journal), *r;
	struct json_object *out = json_object_new_array();
	size_t i;

	for (i = 0; i < length(all); i++) {
		r = json_object_array_get_idx(all, i);
		if (id && !is(r, "sensor", id) && !is(r, "peer", id))
			continue;
		explain(r);
		json_object_object_add(r, "age", json_object_new_int64(time(NULL) -
				       ctl_json_number(r, "last")));
		json_object_array_add(out, json_object_get(r));
	}
	return out;
}

/* the module's counters of refusals that are not zero */
static struct json_object *counters(struct ctl *c)
{
	struct json_object *stats = ctl_stats_read(c), *out = json_object_new_array(), *s;
	size_t i;

	for (i = 0; i < length(stats); i++) {
		s = json_object_array_get_idx(stats, i);
		if (!get(s, "reason") || !ctl_json_number(s, "value"))
			continue;
		explain(s);
		json_object_array_add(out, json_object_get(s));
	}
	json_object_put(stats);
	return out;
}

/* the agent without the list, which stands by itself */
static struct json_object *agent_of(struct json_object *journal)
{
	static const char *const members[] = { "running", "why", "cure" };
	struct json_object *o = json_object_new_object(), *v;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(members); i++) {
		v = get(journal, members[i]);
		if (v)
			json_object_object_add(o, members[i], json_object_get(v));
	}
	v = get(get(journal, "refusals"), "lost");
	if (v)
		json_object_object_add(o, "lost", json_object_get(v));
	return o;
}

/* ---- in words */

static void print_sensor(struct json_object *s)
{
	char span[CTL_TIME_TEXT];

	printf("  known to this third party, last authentic message %s ago",
	       ctl_print_span(ctl_json_number(s, "idle"), span));
	if (is(s, "timestamp", "counter"))
		printf(", last COUNTER %lld", (long long)ctl_json_number(s, "counter"));
	putchar('\n');
}

static void print_peer(struct json_object *p, const char *what)
{
	printf("  %s whose certificate the module has", what);
	ctl_print_expiry(p);
	putchar('\n');
}

static void print_certificate(struct json_object *cert)
{
	printf("  certificate (%s%s%s): ", ctl_json_string(cert, "kind"),
	       get(cert, "where") ? ", " : "", ctl_json_string(cert, "where"));
	if (json_object_get_boolean(get(cert, "valid")))
		printf("valid, %lld days left, revocation %s\n",
		       (long long)ctl_json_number(cert, "days"),
		       is(cert, "revocation", "crl") ? "checked by a CRL" : "NOT CHECKED");
	else
		printf("NOT VALID: %s\n", ctl_json_string(cert, "why"));
}

static void print_own_session(struct json_object *s)
{
	char span[CTL_TIME_TEXT];

	printf("  session: %s, %s old\n",
	       is(s, "state", "confirmed") ? "up, confirmed by ESP" :
					     "NOT CONFIRMED yet: no ESP packet has come",
	       ctl_print_span(time(NULL) - ctl_json_number(s, "since"), span));
	ctl_print_session(s, "    ");
	ctl_print_usage(s, "    ");
}

/* shares of a third party in the sessions that live */
static void print_shares(struct json_object *sessions, const char *id)
{
	struct json_object *tps, *tp;
	size_t i, j, n = 0, wrong = 0;

	for (i = 0; i < length(sessions); i++) {
		tps = get(json_object_array_get_idx(sessions, i), "thirdparties");
		for (j = 0; j < length(tps); j++) {
			tp = json_object_array_get_idx(tps, j);
			n += is(tp, "id", id);
			wrong += is(tp, "id", id) && is(tp, "verdict", "wrong");
		}
	}
	if (n)
		printf("  shares in %zu sessions that live, %zu of them WRONG\n", n, wrong);
}

static void each(struct json_object *rows, void (*print)(struct json_object *row))
{
	size_t i;

	for (i = 0; i < length(rows); i++)
		print(json_object_array_get_idx(rows, i));
}

static void print_local(struct json_object *l)
{
	printf("  this host itself, as %s", ctl_print_side(ctl_json_string(l, "role")));
	ctl_print_expiry(l);
	putchar('\n');
}

static void print_thirdparty(struct json_object *p)
{
	print_peer(p, "third party");
}

static void print_responder(struct json_object *p)
{
	print_peer(p, "responder");
}

static void print_rule(struct json_object *r)
{
	printf("  covered by rule %s, at least %lld right shares\n", ctl_json_string(r, "name"),
	       (long long)ctl_json_number(r, "min_k"));
}

static void print_host(struct json_object *h)
{
	printf("  host %s at %s port %lld, to which this one is %s: %s\n",
	       ctl_json_string(h, "id"), ctl_json_string(h, "address"),
	       (long long)ctl_json_number(h, "address_port"), ctl_json_string(h, "own"),
	       ctl_json_string(h, "state"));
	if (get(h, "reason"))
		printf("    the last try failed: %s (%s)\n    what to do: %s\n",
		       ctl_json_string(h, "meaning"), ctl_json_string(h, "reason"),
		       ctl_json_string(h, "advice"));
}

static void print_session(struct json_object *s, const char *id)
{
	if (is(s, "sensor", id))
		print_own_session(s);
}

static void print_known(struct json_object *k, const char *id)
{
	struct json_object *sessions = get(k, "sessions");
	bool nothing = true;
	size_t i;

	puts(id);
	json_object_object_foreach(k, name, rows) {
		(void)name;
		if (length(rows))
			nothing = false;
	}
	if (nothing)
		puts("  not known here: the module asks the agent when it sends its first message");
	each(get(k, "local"), print_local);
	each(get(k, "sensors"), print_sensor);
	each(get(k, "thirdparties"), print_thirdparty);
	each(get(k, "responders"), print_responder);
	each(get(k, "certificates"), print_certificate);
	each(get(k, "rules"), print_rule);
	each(get(k, "hosts"), print_host);
	for (i = 0; i < length(sessions); i++)
		print_session(json_object_array_get_idx(sessions, i), id);
	print_shares(sessions, id);
	if (length(get(k, "rules")) && !length(sessions))
		puts("  no session");
}

static void print_from(struct json_object *r)
{
	const char *message = ctl_json_string(r, "message"), *peer = ctl_json_string(r, "peer");
	bool certain = json_object_get_boolean(get(r, "authenticated"));

	printf("    %s", *message ? message : "message");
	if (get(r, "sensor"))
		printf(" of %s", ctl_json_string(r, "sensor"));
	if (*peer)
		printf(", other end %s", peer);
	if (get(r, "address"))
		printf(", from %s", ctl_json_string(r, "address"));
	puts(certain ? ": authenticated" : ": only claimed, anybody can have written it");
}

static void print_times(struct json_object *row, const char *member)
{
	long long n = ctl_json_number(row, member);

	if (n == 1)
		fputs("once", stdout);
	else
		printf("%lld times", n);
	printf(" at %s: %s (%s)\n", ctl_print_side(ctl_json_string(row, "side")),
	       ctl_json_string(row, "meaning"), ctl_json_string(row, "reason"));
}

static void print_refusal(struct json_object *r)
{
	char age[CTL_TIME_TEXT];

	printf("  %s ago, ", ctl_print_span(ctl_json_number(r, "age"), age));
	print_times(r, "count");
	print_from(r);
	if (get(r, "detail"))
		printf("    the agent says: %s\n", ctl_json_string(r, "detail"));
	printf("    what to do: %s\n", ctl_json_string(r, "advice"));
}

static void print_refusals(struct ctl *c, struct json_object *all)
{
	size_t i, n = length(all), shown = c->all || n < SHOWN ? n : SHOWN;

	if (n)
		puts("refused, newest first:");
	for (i = 0; i < shown; i++)
		print_refusal(json_object_array_get_idx(all, i));
	if (shown < n)
		printf("  and %zu more: dmikeyctl -a why\n", n - shown);
}

static void print_counter(struct json_object *s)
{
	fputs("  ", stdout);
	print_times(s, "value");
	printf("    what to do: %s\n", ctl_json_string(s, "advice"));
}

static void print(struct ctl *c, struct json_object *answer, struct json_object *journal)
{
	struct json_object *stats = get(answer, "stats");

	ctl_journal_print(journal);
	if (!json_object_get_boolean(get(answer, "module")))
		puts("module: not loaded; cure: modprobe dmikey");
	if (get(answer, "id"))
		print_known(get(answer, "known"), ctl_json_string(answer, "id"));
	print_refusals(c, get(answer, "refusals"));
	if (!length(get(answer, "refusals")))
		puts("no refusal is remembered");
	if (length(stats))
		puts("counted by the module, of all that sent anything:");
	each(stats, print_counter);
}

/* ---- */

static struct json_object *build(struct ctl *c, struct json_object *all,
				 struct json_object *journal, const char *id)
{
	struct json_object *o = json_object_new_object(), *list = refusals(journal, id);
	bool module = get(all, "sessions");

	if (id)
		json_object_object_add(o, "id", json_object_new_string(id));
	json_object_object_add(o, "module", json_object_new_boolean(module));
	json_object_object_add(o, "agent", agent_of(journal));
	if (id)
		json_object_object_add(o, "known", known(all, journal, id));
	json_object_object_add(o, "refusals", list);
	/* names are the agent's knowledge; without it the counters are all there is */
	if (module && !json_object_get_boolean(get(journal, "running")))
		json_object_object_add(o, "stats", counters(c));
	return o;
}

int ctl_why(struct ctl *c, int argc, char **argv)
{
	const char *who = argc ? ctl_words_take(&argc, &argv, "the identity") : NULL;
	struct json_object *all, *journal, *answer;
	char id[CTL_ID_TEXT];
	bool module;

	ctl_words_end(argc, argv);
	if (who && strlen(who) >= CTL_ID_TEXT - 4)
		ctl_fail(CTL_USAGE, "\"%s\" is no identity; write nai:NAME@REALM or uri:URI", who);
	all = gather(c);
	journal = ctl_journal_read(c);
	if (who)
		resolve(who, all, journal, id);
	answer = build(c, all, journal, who ? id : NULL);
	module = json_object_get_boolean(get(answer, "module"));
	if (c->json)
		ctl_print_json(answer);
	else
		print(c, answer, journal);
	json_object_put(answer);
	json_object_put(journal);
	json_object_put(all);
	return module ? CTL_OK : CTL_NO_MODULE;
}
