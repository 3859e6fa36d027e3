// SPDX-License-Identifier: GPL-2.0
/* Other hosts: plain RFC 3830 by pre-shared key or by certificates. */
#include <string.h>
#include <time.h>

#include "ctl.h"

#define CONNECT_TRIES	100	/* looks, 200 ms each: longer than the module tries */

static const struct ctl_word id = { "identity", DMK_A_ID, ctl_put_id };

static int show(struct ctl *c, int argc, char **argv)
{
	ctl_words_end(argc, argv);
	return ctl_print_dump(c, DMK_CMD_HOST_GET);
}

static void put_suite(uint32_t *suites, const struct ctl_word *w, const char *value)
{
	if (!strcmp(value, "ccm"))
		*suites |= DMK_SUITE_CCM;
	else if (!strcmp(value, "cm"))
		*suites |= DMK_SUITE_CM;
	else if (!strcmp(value, "legacy"))
		*suites |= DMK_SUITE_LEGACY;
	else
		ctl_fail(CTL_USAGE, "%s: \"%s\" is not ccm, cm or legacy", w->name, value);
}

static void put_suites(struct nl_msg *msg, const struct ctl_word *w, const char *value)
{
	char *copy = strdup(value), *rest = copy, *item;
	uint32_t suites = 0;

	if (!copy)
		ctl_fail(CTL_REFUSED, "out of memory");
	while ((item = strsep(&rest, ",")))
		put_suite(&suites, w, item);
	free(copy);
	ctl_put(msg, w->attr, &suites, sizeof(suites));
}

static void put_own(struct nl_msg *msg, const struct ctl_word *w, const char *value)
{
	uint8_t type, data[DMK_ID_MAX];
	size_t len;

	if (!ctl_id_parse(value, &type, data, &len))
		ctl_fail(CTL_USAGE, "%s: \"%s\" is no identity; write nai:NAME@REALM or uri:URI",
			 w->name, value);
	ctl_put(msg, DMK_A_OWN_TYPE, &type, sizeof(type));
	ctl_put(msg, DMK_A_OWN, data, len);
}

static int add(struct ctl *c, int argc, char **argv)
{
	static const struct ctl_word words[] = {
		{ "own", DMK_A_OWN, put_own, .required = true },
		{ "address", DMK_A_ADDR, ctl_put_address, .required = true },
		{ "port", DMK_A_ADDR_PORT, ctl_put_u16 },
		{ "key", DMK_A_KEY, ctl_put_key },
		{ "suites", DMK_A_SUITES, put_suites },
		{ "policies", DMK_A_POLICIES, ctl_put_policies },
		{ "reqid", DMK_A_REQID, ctl_put_u32 },
		{ "connect", DMK_A_CONNECT, ctl_put_flag, .flag = true },
	};
	struct nl_msg *msg = ctl_request(DMK_CMD_HOST_NEW);

	id.put(msg, &id, ctl_words_take(&argc, &argv, "the host's identity"));
	ctl_words_put(msg, words, ARRAY_SIZE(words), argc, argv);
	ctl_netlink_do(c, msg, NULL, NULL);
	return CTL_OK;
}

/* a command that names a host and no more */
static const char *tell(struct ctl *c, enum dmk_cmd cmd, int argc, char **argv)
{
	struct nl_msg *msg = ctl_request(cmd);
	const char *name = ctl_words_take(&argc, &argv, "the host's identity");

	id.put(msg, &id, name);
	ctl_words_end(argc, argv);
	ctl_netlink_do(c, msg, NULL, NULL);
	return name;
}

static int del(struct ctl *c, int argc, char **argv)
{
	tell(c, DMK_CMD_HOST_DEL, argc, argv);
	return CTL_OK;
}

static int disconnect(struct ctl *c, int argc, char **argv)
{
	tell(c, DMK_CMD_HOST_DISCONNECT, argc, argv);
	return CTL_OK;
}

/* ---- connect */

/* the host's row, or NULL; the caller's */
static struct json_object *row_of(struct ctl *c, const char *name)
{
	struct json_object *rows = ctl_netlink_rows(c, DMK_CMD_HOST_GET, 0), *row = NULL;
	uint8_t type, data[DMK_ID_MAX];
	char text[CTL_ID_TEXT];
	size_t i, len;

	if (!ctl_id_parse(name, &type, data, &len))
		ctl_fail(CTL_USAGE, "\"%s\" is no identity", name);
	ctl_id_text(type, data, len, text);
	for (i = 0; i < json_object_array_length(rows) && !row; i++) {
		row = json_object_array_get_idx(rows, i);
		if (strcmp(ctl_json_string(row, "id"), text))
			row = NULL;
	}
	json_object_get(row);
	json_object_put(rows);
	return row;
}

static int64_t spi_of(struct ctl *c, const char *name)
{
	struct json_object *row = row_of(c, name);
	int64_t spi = row ? ctl_json_number(row, "spi_in") : 0;

	json_object_put(row);
	return spi;
}

static void print_up(struct ctl *c, struct json_object *row)
{
	if (c->json)
		ctl_print_json(row);
	else
		printf("%s is connected: SPI in 0x%08llx out 0x%08llx\n",
		       ctl_json_string(row, "id"), (long long)ctl_json_number(row, "spi_in"),
		       (long long)ctl_json_number(row, "spi_out"));
}

/* whether it is decided; SAs that were there before do not count */
static bool is_up(struct ctl *c, const char *name, int64_t before)
{
	struct json_object *row = row_of(c, name);
	const char *reason = row ? ctl_json_string(row, "reason") : "unexpected";
	bool up = row && ctl_json_number(row, "spi_in") &&
		  ctl_json_number(row, "spi_in") != before;

	if (up)
		print_up(c, row);
	else if (*reason)
		ctl_fail(CTL_REFUSED, "%s: %s (%s)", name, ctl_print_reason(reason), reason);
	json_object_put(row);
	return up;
}

static int connect_to(struct ctl *c, int argc, char **argv)
{
	const struct timespec pause = { .tv_nsec = 200000000 };
	int64_t before = argc ? spi_of(c, argv[0]) : 0;
	const char *name = tell(c, DMK_CMD_HOST_CONNECT, argc, argv);
	int i;

	for (i = 0; i < CONNECT_TRIES; i++) {
		if (is_up(c, name, before))
			return CTL_OK;
		nanosleep(&pause, NULL);
	}
	ctl_fail(CTL_REFUSED, "%s: nothing has come of it yet; see: dmikeyctl host", name);
}

int ctl_host(struct ctl *c, int argc, char **argv)
{
	static const struct ctl_verb verbs[] = {
		{ "show", show }, { "add", add }, { "del", del },
		{ "connect", connect_to }, { "disconnect", disconnect },
	};

	return ctl_words_verb(c, verbs, ARRAY_SIZE(verbs), argc, argv);
}
