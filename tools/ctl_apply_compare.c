// SPDX-License-Identifier: GPL-2.0
/* apply: what the file wants beside what the kernel has. */
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "ctl_apply.h"

/**
 * struct kind - of objects
 * @object: its command
 * @add: adds one, or puts another in its place
 * @get: lists them
 * @del: takes one away; 0: it stays
 * @role: of peers
 */
static const struct kind {
	const char *object;
	enum dmk_cmd add, get, del;
	int role;
} kinds[] = {
	/* in the order in which they are made: nobody is let in before he is known */
	{ "local", DMK_CMD_LOCAL_NEW, DMK_CMD_LOCAL_GET, DMK_CMD_LOCAL_DEL },
	{ "thirdparty", DMK_CMD_PEER_NEW, DMK_CMD_PEER_GET, DMK_CMD_PEER_DEL, DMK_ROLE_TP },
	{ "responder", DMK_CMD_PEER_NEW, DMK_CMD_PEER_GET, DMK_CMD_PEER_DEL, DMK_ROLE_R },
	{ "sensor", DMK_CMD_SENSOR_NEW, DMK_CMD_SENSOR_GET, DMK_CMD_SENSOR_DEL },
	{ "rule", DMK_CMD_RULE_NEW, DMK_CMD_RULE_GET, DMK_CMD_RULE_DEL },
	{ "host", DMK_CMD_HOST_NEW, DMK_CMD_HOST_GET, DMK_CMD_HOST_DEL },
	{ "instance", DMK_CMD_INSTANCE_SET, DMK_CMD_INSTANCE_GET, DMK_CMD_UNSPEC },
};

enum { LOCAL, THIRDPARTY, RESPONDER, SENSOR, RULE, HOST, INSTANCE };

/* ---- what is wanted */

static unsigned int kind_of(enum dmk_cmd cmd, struct nlattr **tb)
{
	int role = cmd == DMK_CMD_PEER_NEW ? nla_get_u8(tb[DMK_A_ROLE]) : 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i].add == cmd && kinds[i].role == role)
			return i;
	ctl_fail(CTL_USAGE, "such a line cannot stand here");
}

static void put_hash(struct json_object *row, const struct nlattr *der)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	char text[2 * DMK_HASH_LEN + 1];
	unsigned int i;

	if (!EVP_Digest(nla_data(der), nla_len(der), hash, NULL, EVP_sha256(), NULL))
		ctl_fail(CTL_REFUSED, "SHA-256 failed");
	for (i = 0; i < DMK_HASH_LEN; i++)
		sprintf(text + 2 * i, "%02x", hash[i]);
	json_object_object_add(row, "sha256", json_object_new_string(text));
}

static void put_default(struct json_object *row, const char *name, struct json_object *value)
{
	if (json_object_object_get(row, name))
		json_object_put(value);
	else
		json_object_object_add(row, name, value);
}

static struct json_object *both_suites(void)
{
	struct json_object *o = json_object_new_array();

	json_object_array_add(o, json_object_new_string("ccm"));
	json_object_array_add(o, json_object_new_string("cm"));
	return o;
}

/* what the kernel takes for a word that is not said: uapi/dmikey.h */
static void put_defaults(struct json_object *row, unsigned int kind)
{
	switch (kind) {
	case SENSOR:
		put_default(row, "timestamp", json_object_new_string("ntp"));
		put_default(row, "suites", both_suites());
		break;
	case HOST:
		put_default(row, "address_port", json_object_new_uint64(2269));
		put_default(row, "suites", both_suites());
		put_default(row, "reqid", json_object_new_uint64(2269));
		break;
	case RESPONDER:
		put_default(row, "address_port", json_object_new_uint64(2269));
		put_default(row, "suites", both_suites());
		break;
	case THIRDPARTY:
		put_default(row, "suites", both_suites());
		break;
	case RULE:
		put_default(row, "reqid", json_object_new_uint64(2269));
		break;
	case INSTANCE:
		if (!json_object_object_get(row, "port"))
			ctl_fail(CTL_USAGE, "the port has to be named here");
	}
}

/* what an object is known by */
static void key_of(unsigned int kind, struct json_object *row, char key[APPLY_KEY])
{
	const char *id = ctl_json_string(row, "id");

	switch (kind) {
	case LOCAL:
		snprintf(key, APPLY_KEY, "%s %s", ctl_json_string(row, "role"), id);
		break;
	case THIRDPARTY:
	case RESPONDER:
		snprintf(key, APPLY_KEY, "%s sha256 %s", id,
			 ctl_json_string(row, "sha256"));
		break;
	case RULE:
		snprintf(key, APPLY_KEY, "%s", ctl_json_string(row, "name"));
		break;
	default:
		snprintf(key, APPLY_KEY, "%s", id);
	}
}

static void *grow(void *all, unsigned int n, size_t size)
{
	all = reallocarray(all, n + 1, size);
	if (!all)
		ctl_fail(CTL_REFUSED, "out of memory");
	return all;
}

static void check_twice(struct apply *a, const struct apply_want *w)
{
	const struct apply_want *o;

	for (o = a->wants; o < a->wants + a->n_wants; o++)
		if (o->kind == w->kind && !strcmp(o->key, w->key))
			ctl_fail(CTL_USAGE, "line %u is about the same one", o->line);
}

void apply_want(struct apply *a, struct nl_msg *msg)
{
	struct genlmsghdr *hdr = nlmsg_data(nlmsg_hdr(msg));
	struct apply_want w = { .line = a->line };
	struct nlattr *tb[DMK_A_MAX + 1];
	char key[APPLY_KEY];

	if (genlmsg_parse(nlmsg_hdr(msg), 0, tb, DMK_A_MAX, NULL))
		ctl_fail(CTL_USAGE, "such a line cannot stand here");
	w.kind = kind_of(hdr->cmd, tb);
	w.row = ctl_json_row(tb, kinds[w.kind].get);
	if (w.kind == LOCAL)
		put_hash(w.row, tb[DMK_A_CERT]);
	put_defaults(w.row, w.kind);
	key_of(w.kind, w.row, key);
	w.key = strdup(key);
	w.msg = nlmsg_convert(nlmsg_hdr(msg));
	if (!w.key || !w.msg)
		ctl_fail(CTL_REFUSED, "out of memory");
	check_twice(a, &w);
	a->wants = grow(a->wants, a->n_wants, sizeof(w));
	a->wants[a->n_wants++] = w;
}

/* ---- what is there */

/*
 * What the kernel counts by itself, or what follows from another member. A
 * local's key follows from its certificate.
 */
static bool is_aside(unsigned int kind, const char *name)
{
	static const char *const names[] = {
		"counter", "expires", "started", "highest_t", "idle",
		"state", "reason", "since", "spi_in", "spi_out", "initiated",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return kind == LOCAL && !strcmp(name, "key");
}

/* of @one, something is otherwise in @other */
static bool differs(unsigned int kind, struct json_object *one, struct json_object *other)
{
	json_object_object_foreach(one, name, value) {
		if (!is_aside(kind, name) &&
		    !json_object_equal(value, json_object_object_get(other, name)))
			return true;
	}
	return false;
}

static struct json_object *find_row(struct json_object *rows, unsigned int kind,
				    const char *wanted)
{
	struct json_object *row;
	char key[APPLY_KEY];
	size_t i;

	for (i = 0; i < json_object_array_length(rows); i++) {
		row = json_object_array_get_idx(rows, i);
		key_of(kind, row, key);
		if (!strcmp(key, wanted))
			return row;
	}
	return NULL;
}

static struct apply_change *new_change(struct apply *a, const char *action, unsigned int kind)
{
	struct apply_change *ch;

	a->changes = grow(a->changes, a->n_changes, sizeof(*ch));
	ch = &a->changes[a->n_changes++];
	*ch = (struct apply_change){ .action = action, .object = kinds[kind].object };
	return ch;
}

static void compare_want(struct apply *a, struct apply_want *w, struct json_object *rows)
{
	struct json_object *have = find_row(rows, w->kind, w->key);
	struct apply_change *ch;

	/* what the instance's line does not say stays as it is */
	if (have && !differs(w->kind, w->row, have) &&
	    (w->kind == INSTANCE || !differs(w->kind, have, w->row)))
		return;
	ch = new_change(a, have ? "change" : "add", w->kind);
	strcpy(ch->what, w->key);
	ch->line = w->line;
	ch->msg = w->msg;
	w->msg = NULL;
}

/* ---- what is too much */

static struct nl_msg *deletion(unsigned int kind, struct json_object *row)
{
	static const struct ctl_word id = { "identity", DMK_A_ID };
	static const struct ctl_word name = { "name", DMK_A_NAME, .max = DMK_NAME_MAX };
	static const struct ctl_word hash = { "sha256", DMK_A_CERT_HASH };
	struct nl_msg *msg = ctl_request(kinds[kind].del);
	uint8_t role = kinds[kind].role;

	if (kind == LOCAL)
		role = strcmp(ctl_json_string(row, "role"), "thirdparty") ? DMK_ROLE_R :
									    DMK_ROLE_TP;
	if (role)
		ctl_put(msg, DMK_A_ROLE, &role, sizeof(role));
	if (kind == RULE)
		ctl_put_string(msg, &name, ctl_json_string(row, "name"));
	else if (kinds[kind].role)
		ctl_put_hash(msg, &hash, ctl_json_string(row, "sha256"));
	else
		ctl_put_id(msg, &id, ctl_json_string(row, "id"));
	return msg;
}

/* no other rule may be for the same sensors: one that changes them is another one */
static bool is_moved(const struct apply_want *w, struct json_object *row)
{
	return w->kind == RULE &&
	       (strcmp(ctl_json_string(w->row, "realm"), ctl_json_string(row, "realm")) ||
		strcmp(ctl_json_string(w->row, "sensor"), ctl_json_string(row, "sensor")));
}

static bool is_wanted(const struct apply *a, unsigned int kind, struct json_object *row,
		      const char *key)
{
	unsigned int i;

	for (i = 0; i < a->n_wants; i++)
		if (a->wants[i].kind == kind && !strcmp(a->wants[i].key, key))
			return !is_moved(&a->wants[i], row);
	return false;
}

/* what is not wanted leaves @rows, too */
static void compare_rows(struct apply *a, unsigned int kind, struct json_object *rows)
{
	size_t i = json_object_array_length(rows);
	struct apply_change *ch;
	struct json_object *row;
	char key[APPLY_KEY];

	while (i--) {
		row = json_object_array_get_idx(rows, i);
		key_of(kind, row, key);
		if (is_wanted(a, kind, row, key))
			continue;
		ch = new_change(a, "delete", kind);
		strcpy(ch->what, key);
		ch->msg = deletion(kind, row);
		json_object_array_del_idx(rows, i, 1);
	}
}

static bool is_peer(unsigned int kind)
{
	return kinds[kind].role;
}

/*
 * What the kernel allows once only is given up before it is taken anew: a role,
 * a rule's realm, a sensor's octets, a place in a full table. Otherwise a renamed
 * rule would be refused each time. Peers are made before others are taken away:
 * one that changes its certificate is known all the time.
 */
void apply_compare(struct apply *a, struct ctl *c)
{
	struct json_object *rows[ARRAY_SIZE(kinds)];
	unsigned int kind, i;

	for (kind = 0; kind < ARRAY_SIZE(kinds); kind++)
		rows[kind] = ctl_netlink_rows(c, kinds[kind].get, kinds[kind].role);
	for (kind = 0; kind < ARRAY_SIZE(kinds); kind++)
		if (kinds[kind].del && !is_peer(kind))
			compare_rows(a, kind, rows[kind]);
	for (kind = 0; kind < ARRAY_SIZE(kinds); kind++)
		for (i = 0; i < a->n_wants; i++)
			if (a->wants[i].kind == kind)
				compare_want(a, &a->wants[i], rows[kind]);
	for (kind = 0; kind < ARRAY_SIZE(kinds); kind++)
		if (is_peer(kind))
			compare_rows(a, kind, rows[kind]);
	for (kind = 0; kind < ARRAY_SIZE(kinds); kind++)
		json_object_put(rows[kind]);
}

void apply_free(struct apply *a)
{
	unsigned int i;

	for (i = 0; i < a->n_wants; i++) {
		nlmsg_free(a->wants[i].msg);
		json_object_put(a->wants[i].row);
		free(a->wants[i].key);
	}
	for (i = 0; i < a->n_changes; i++)
		nlmsg_free(a->changes[i].msg);
	free(a->wants);
	free(a->changes);
}
