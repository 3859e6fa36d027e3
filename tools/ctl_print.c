// SPDX-License-Identifier: GPL-2.0
/* Rows as text. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ctl.h"

#define EXPIRES_SOON (14 * 86400)

void ctl_print_json(struct json_object *o)
{
	puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN |
					       JSON_C_TO_STRING_NOSLASHESCAPE));
}

static bool wants_color(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no && *no) && term && strcmp(term, "dumb");
}

void ctl_print_colored(enum ctl_color color, const char *word, int width)
{
	static const char *const codes[] = { [CTL_RED] = "31", [CTL_GREEN] = "32" };

	if (color == CTL_PLAIN || !wants_color())
		printf("%-*s", width, word);
	else
		printf("\033[%sm%-*s\033[0m", codes[color], width, word);
}

const char *ctl_print_time(int64_t t, char text[CTL_TIME_TEXT])
{
	time_t when = t;
	struct tm tm;

	if (!localtime_r(&when, &tm) || !strftime(text, CTL_TIME_TEXT, "%FT%T", &tm))
		strcpy(text, "unknown");
	return text;
}

const char *ctl_print_span(int64_t seconds, char text[CTL_TIME_TEXT])
{
	long long s = seconds < 0 ? 0 : seconds;

	if (s < 120)
		snprintf(text, CTL_TIME_TEXT, "%lld s", s);
	else if (s < 2 * 3600)
		snprintf(text, CTL_TIME_TEXT, "%lld min", s / 60);
	else if (s < 2 * 86400)
		snprintf(text, CTL_TIME_TEXT, "%lld h", s / 3600);
	else
		snprintf(text, CTL_TIME_TEXT, "%lld days", s / 86400);
	return text;
}

const char *ctl_print_reason(const char *reason)
{
	static const struct { const char *name, *help; } reasons[] = {
#define X(name, text, help) { text, help },
		DMK_REASONS(X)
#undef X
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(reasons); i++)
		if (!strcmp(reasons[i].name, reason))
			return reasons[i].help;
	return reason;
}

const char *ctl_print_side(const char *side)
{
	if (!strcmp(side, "thirdparty"))
		return "third party";
	return side;
}

/* ---- rows in the command's own grammar */

static bool one_of(const char *name, const char *const *names, unsigned int n)
{
	while (n--)
		if (!strcmp(name, names[n]))
			return true;
	return false;
}

static void print_scalar(const char *name, struct json_object *v)
{
	static const char *const times[] = { "expires", "since", "started", "used_in",
					     "used_out" };
	static const char *const spis[] = { "csb_id", "spi_in", "spi_out" };
	char text[CTL_TIME_TEXT];
	uint64_t n = json_object_get_uint64(v);

	if (one_of(name, times, ARRAY_SIZE(times)) && n)
		fputs(ctl_print_time(n, text), stdout);
	else if (one_of(name, spis, ARRAY_SIZE(spis)))
		printf("0x%08llx", (unsigned long long)n);
	else
		fputs(json_object_get_string(v), stdout);
}

/* of a list: its value; of a third party: its name, and what its share was */
static void print_entry(struct json_object *v)
{
	if (!json_object_is_type(v, json_type_object)) {
		fputs(json_object_get_string(v), stdout);
		return;
	}
	fputs(ctl_json_string(v, "id"), stdout);
	if (json_object_object_get(v, "verdict"))
		printf("=%s", ctl_json_string(v, "verdict"));
}

static void print_value(const char *name, struct json_object *v)
{
	size_t i;

	if (!json_object_is_type(v, json_type_array)) {
		print_scalar(name, v);
		return;
	}
	for (i = 0; i < json_object_array_length(v); i++) {
		if (i)
			putchar(',');
		print_entry(json_object_array_get_idx(v, i));
	}
}

static void print_word(const char *name)
{
	for (; *name; name++)
		putchar(*name == '_' ? '-' : *name);
}

/* what a row is known by stands first and needs no keyword */
static void print_row(struct json_object *row)
{
	static const char *const heads[] = { "role", "id", "name" };
	const char *space = "";

	json_object_object_foreach(row, name, v) {
		fputs(space, stdout);
		space = " ";
		if (!one_of(name, heads, ARRAY_SIZE(heads))) {
			print_word(name);
			if (json_object_is_type(v, json_type_boolean))
				continue;
			putchar(' ');
		}
		print_value(name, v);
	}
	putchar('\n');
}

void ctl_print_rows(struct ctl *c, struct json_object *rows)
{
	size_t i;

	if (c->json) {
		ctl_print_json(rows);
		return;
	}
	for (i = 0; i < json_object_array_length(rows); i++)
		print_row(json_object_array_get_idx(rows, i));
}

int ctl_print_dump(struct ctl *c, enum dmk_cmd cmd)
{
	struct json_object *rows = ctl_netlink_rows(c, cmd, 0);

	ctl_print_rows(c, rows);
	json_object_put(rows);
	return CTL_OK;
}

void ctl_print_expiry(struct json_object *row)
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

static void print_way(struct json_object *s, const char *way, const char *const names[3])
{
	char age[CTL_TIME_TEXT];

	printf("%s %llu packets, %llu bytes", way,
	       (unsigned long long)ctl_json_number(s, names[0]),
	       (unsigned long long)ctl_json_number(s, names[1]));
	if (json_object_object_get(s, names[2]))
		printf(", the last one %s ago",
		       ctl_print_span(time(NULL) - ctl_json_number(s, names[2]), age));
}

void ctl_print_usage(struct json_object *s, const char *indent)
{
	static const char *const in[] = { "packets_in", "bytes_in", "used_in" };
	static const char *const out[] = { "packets_out", "bytes_out", "used_out" };

	if (!json_object_object_get(s, in[0]))
		return;
	fputs(indent, stdout);
	print_way(s, "in", in);
	print_way(s, "; out", out);
	putchar('\n');
}

void ctl_print_session(struct json_object *s, const char *indent)
{
	struct json_object *tps = json_object_object_get(s, "thirdparties"), *tp;
	size_t i;

	fputs(indent, stdout);
	/* a session with another host has no shares */
	if (ctl_json_number(s, "n"))
		printf("k %lld of n %lld, ", (long long)ctl_json_number(s, "k"),
		       (long long)ctl_json_number(s, "n"));
	printf("SPI in 0x%08llx out 0x%08llx", (long long)ctl_json_number(s, "spi_in"),
	       (long long)ctl_json_number(s, "spi_out"));
	if (json_object_object_get(s, "address"))
		printf(", address %s", ctl_json_string(s, "address"));
	if (json_object_object_get(s, "rule"))
		printf(", rule %s", ctl_json_string(s, "rule"));
	for (i = 0; tps && i < json_object_array_length(tps); i++) {
		tp = json_object_array_get_idx(tps, i);
		printf("%s%s %s", i ? ", " : "; shares: ", ctl_json_string(tp, "id"),
		       strcmp(ctl_json_string(tp, "verdict"), "wrong") ? "right" : "WRONG");
	}
	putchar('\n');
}
