// SPDX-License-Identifier: GPL-2.0
/* A decoded message as text, made of its JSON. */
#include <string.h>

#include "decode.h"

#define HEX_WIDTH 64	/* digits a line */

static const char *string(struct json_object *o, const char *name)
{
	return ctl_json_string(o, name);
}

static void indent(unsigned int depth)
{
	printf("%*s", 2 * depth, "");
}

/* long octets go on below, under where they began */
static void print_hex(const char *hex, unsigned int column)
{
	size_t len = strlen(hex);

	printf(" %.*s", HEX_WIDTH, hex);
	while (len > HEX_WIDTH) {
		hex += HEX_WIDTH;
		len -= HEX_WIDTH;
		printf("\n%*s %.*s", column, "", HEX_WIDTH, hex);
	}
}

static void print_field(struct json_object *f, unsigned int depth)
{
	const char *hex = string(f, "hex"), *meaning = string(f, "meaning");
	const char *name = string(f, "name");

	printf("%6lld  ", (long long)ctl_json_number(f, "offset"));
	indent(depth);
	fputs(name, stdout);
	if (json_object_object_get(f, "value"))
		printf(" %s%s", *hex ? "0x" : "", *hex ? hex : string(f, "value"));
	else if (*hex)
		print_hex(hex, 8 + 2 * depth + strlen(name));
	if (*meaning)
		printf(" (%s)", meaning);
	putchar('\n');
}

static int64_t offset_at(struct json_object *list, size_t i)
{
	if (!list || i >= json_object_array_length(list))
		return INT64_MAX;
	return ctl_json_number(json_object_array_get_idx(list, i), "offset");
}

static void print_part(struct json_object *p, unsigned int depth);

/* fields and parts, in the order of the message */
static void print_inside(struct json_object *p, unsigned int depth)
{
	struct json_object *fields = json_object_object_get(p, "fields");
	struct json_object *parts = json_object_object_get(p, "parts");
	size_t f = 0, n = 0;

	while (offset_at(fields, f) != INT64_MAX || offset_at(parts, n) != INT64_MAX) {
		if (offset_at(fields, f) <= offset_at(parts, n))
			print_field(json_object_array_get_idx(fields, f++), depth);
		else
			print_part(json_object_array_get_idx(parts, n++), depth);
	}
}

static void print_part(struct json_object *p, unsigned int depth)
{
	const char *clause = string(p, "clause");

	printf("%6lld  ", (long long)ctl_json_number(p, "offset"));
	indent(depth);
	printf("%s, %lld bytes%s%s\n", string(p, "name"), (long long)ctl_json_number(p, "length"),
	       *clause ? ", " : "", clause);
	print_inside(p, depth + 1);
}

static void print_parts(struct json_object *parts, const char *title)
{
	size_t i;

	if (parts && title)
		puts(title);
	for (i = 0; parts && i < json_object_array_length(parts); i++)
		print_part(json_object_array_get_idx(parts, i), 0);
}

static void print_head(struct json_object *m)
{
	const char *clause = string(m, "clause");

	printf("message %lld: %s%s%s%s, %lld bytes", (long long)ctl_json_number(m, "number"),
	       string(m, "name"), *clause ? " (" : "", clause, *clause ? ")" : "",
	       (long long)ctl_json_number(m, "length"));
	if (json_object_object_get(m, "from"))
		printf(", %s to %s, %s", string(m, "from"), string(m, "to"), string(m, "time"));
	putchar('\n');
}

static void print_checks(struct json_object *checks)
{
	struct json_object *c, *v;
	size_t i;

	for (i = 0; i < json_object_array_length(checks); i++) {
		c = json_object_array_get_idx(checks, i);
		v = json_object_object_get(c, "verified");
		printf("  %s: %s", string(c, "what"),
		       !v ? "not checked" : json_object_get_boolean(v) ? "right" : "WRONG");
		if (*string(c, "by"))
			printf(", by %s", string(c, "by"));
		if (*string(c, "why"))
			printf(", %s", string(c, "why"));
		putchar('\n');
	}
}

static void print_keys(struct json_object *keys)
{
	struct json_object *k;
	size_t i;

	for (i = 0; keys && i < json_object_array_length(keys); i++) {
		k = json_object_array_get_idx(keys, i);
		printf("  %s", string(k, "name"));
		if (json_object_object_get(k, "cs"))
			printf(" of CS %s", string(k, "cs"));
		printf(" %s (%s)\n", string(k, "hex"), string(k, "clause"));
	}
}

/* @what: in capitals: this is what one looks for */
static void print_wrong(struct json_object *o, const char *what)
{
	if (!o)
		return;
	printf("  %s at byte %s", what, string(o, "offset"));
	if (*string(o, "payload"))
		printf(", %s", string(o, "payload"));
	if (*string(o, "field"))
		printf(", %s", string(o, "field"));
	printf(": %s", string(o, "why"));
	if (*string(o, "reason"))
		printf(" (%s)", string(o, "reason"));
	putchar('\n');
}

void decode_text(struct json_object *m)
{
	print_head(m);
	print_parts(json_object_object_get(m, "payloads"), NULL);
	print_parts(json_object_object_get(m, "opened"), "  in KEMAC:");
	print_checks(json_object_object_get(m, "checks"));
	print_keys(json_object_object_get(m, "keys"));
	print_wrong(json_object_object_get(m, "error"), "MALFORMED");
	print_wrong(json_object_object_get(m, "opened_error"), "KEMAC MALFORMED");
	print_wrong(json_object_object_get(m, "refused"), "dmikey REFUSES this");
	putchar('\n');
}
