// SPDX-License-Identifier: GPL-2.0
/* Attributes as JSON: one table for all of them. */
#include <arpa/inet.h>
#include <string.h>

#include "ctl.h"

enum kind {
	NUMBER,		/* u8, u32, s32 or u64, by its length */
	FLAG,
	STRING,
	WORD,		/* a number that has a name */
	IDENTITY,	/* octets; their type is another attribute */
	ADDRESS,
	HASH,
	POLICY,
	SUITES,
	LIST,		/* of objects */
	PLAIN_LIST,	/* of objects with one member: of its values */
};

static const char *const roles[] = { [DMK_ROLE_TP] = "thirdparty", [DMK_ROLE_R] = "responder" };
static const char *const stamps[] = { [0] = "ntp", [2] = "counter" };
static const char *const states[] = {
	[DMK_SESSION_UNCONFIRMED] = "unconfirmed",
	[DMK_SESSION_CONFIRMED] = "confirmed",
	[DMK_SESSION_ENDED] = "ended",
};
static const char *const verdicts[] = { "right", "wrong" };
static const char *const sides[] = {
	[DMK_SIDE_SOCKET] = "socket",
	[DMK_SIDE_TP] = "thirdparty",
	[DMK_SIDE_R] = "responder",
	[DMK_SIDE_HOST] = "host",
};
static const char *const hosts[] = {
	[DMK_HOST_CONFIGURED] = "configured",
	[DMK_HOST_CONNECTING] = "connecting",
	[DMK_HOST_UP] = "up",
};
static const char *const events[] = {
	[DMK_EVENT_MESSAGE] = "message",
	[DMK_EVENT_REFUSED] = "refused",
	[DMK_EVENT_SESSION_NEW] = "session-new",
	[DMK_EVENT_SESSION_CONFIRMED] = "session-confirmed",
	[DMK_EVENT_SESSION_END] = "session-end",
	[DMK_EVENT_VERDICT] = "verdict",
	[DMK_EVENT_COUNTER] = "counter",
	[DMK_EVENT_SESSION_UPDATED] = "session-updated",
};

#define WORDS(a) .words = (a), .n_words = ARRAY_SIZE(a)

/**
 * struct field - an attribute's place in an object, in the order of printing
 * @attr: enum dmk_attr
 * @name: member
 * @kind: enum kind
 * @type: the attribute that holds an identity's type
 * @words: names of numbers
 * @n_words: how many
 */
static const struct field {
	int attr;
	const char *name;
	enum kind kind;
	int type;
	const char *const *words;
	unsigned int n_words;
} fields[] = {
	{ DMK_A_EVENT, "event", WORD, WORDS(events) },
	{ DMK_A_SIDE, "side", WORD, WORDS(sides) },
	{ DMK_A_ROLE, "role", WORD, WORDS(roles) },
	{ DMK_A_NAME, "name", STRING },
	{ DMK_A_ID, "id", IDENTITY, .type = DMK_A_ID_TYPE },
	{ DMK_A_PEER, "peer", IDENTITY, .type = DMK_A_PEER_TYPE },
	{ DMK_A_CLAIMED, "claimed_sensor", IDENTITY, .type = DMK_A_CLAIMED_TYPE },
	{ DMK_A_CLAIMED_PEER, "claimed_peer", IDENTITY, .type = DMK_A_CLAIMED_PEER_TYPE },
	{ DMK_A_OWN, "own", IDENTITY, .type = DMK_A_OWN_TYPE },
	{ DMK_A_HOST_STATE, "state", WORD, WORDS(hosts) },
	{ DMK_A_INITIATED, "initiated", FLAG },
	{ DMK_A_CONNECT, "connect", FLAG },
	{ DMK_A_REALM, "realm", STRING },
	{ DMK_A_MESSAGE, "message", STRING },
	{ DMK_A_SENT, "sent", FLAG },
	{ DMK_A_LEN, "length", NUMBER },
	{ DMK_A_PORT, "port", NUMBER },
	{ DMK_A_SKEW, "skew", NUMBER },
	{ DMK_A_QUEUE_LIMIT, "queue", NUMBER },
	{ DMK_A_RATE, "rate", NUMBER },
	{ DMK_A_STARTED, "started", NUMBER },
	{ DMK_A_HIGHEST_T, "highest_t", NUMBER },
	{ DMK_A_ENVELOPE_LIFE, "envelope_life", NUMBER },
	{ DMK_A_KEY, "key", NUMBER },
	{ DMK_A_GENERATION, "generation", NUMBER },
	{ DMK_A_TS_TYPE, "timestamp", WORD, WORDS(stamps) },
	{ DMK_A_COUNTER, "counter", NUMBER },
	{ DMK_A_SESSION_STATE, "state", WORD, WORDS(states) },
	{ DMK_A_SINCE, "since", NUMBER },
	{ DMK_A_EXPIRES, "expires", NUMBER },
	{ DMK_A_CSB_ID, "csb_id", NUMBER },
	{ DMK_A_SPI_IN, "spi_in", NUMBER },
	{ DMK_A_SPI_OUT, "spi_out", NUMBER },
	{ DMK_A_N, "n", NUMBER },
	{ DMK_A_K, "k", NUMBER },
	{ DMK_A_X, "x", NUMBER },
	{ DMK_A_VERDICT, "verdict", WORD, WORDS(verdicts) },
	{ DMK_A_ADDR, "address", ADDRESS },
	{ DMK_A_ADDR_PORT, "address_port", NUMBER },
	{ DMK_A_SUITES, "suites", SUITES },
	{ DMK_A_BY_HASH, "by_hash", FLAG },
	{ DMK_A_MIN_K, "min_k", NUMBER },
	{ DMK_A_ALLOW_K1, "allow_k1", FLAG },
	{ DMK_A_TPS, "thirdparties", LIST },
	{ DMK_A_RESPONDERS, "responders", PLAIN_LIST },
	{ DMK_A_PREFIXES, "addresses", PLAIN_LIST },
	{ DMK_A_POLICIES, "policies", PLAIN_LIST },
	{ DMK_A_SP_PARAM, "policy", POLICY },
	{ DMK_A_REQID, "reqid", NUMBER },
	{ DMK_A_CERT_HASH, "sha256", HASH },
	{ DMK_A_IDLE, "idle", NUMBER },
	{ DMK_A_PACKETS_IN, "packets_in", NUMBER },
	{ DMK_A_BYTES_IN, "bytes_in", NUMBER },
	{ DMK_A_USED_IN, "used_in", NUMBER },
	{ DMK_A_PACKETS_OUT, "packets_out", NUMBER },
	{ DMK_A_BYTES_OUT, "bytes_out", NUMBER },
	{ DMK_A_USED_OUT, "used_out", NUMBER },
	{ DMK_A_STAT, "stat", STRING },
	{ DMK_A_REASON, "reason", STRING },
	{ DMK_A_VALUE, "value", NUMBER },
	{ DMK_A_STATS, "stats", LIST },
};

/* what an identity and a name are called in the rows of a command */
static const char *name_of(const struct field *f, enum dmk_cmd cmd)
{
	if (f->attr == DMK_A_ID && (cmd == DMK_CMD_RULE_GET || cmd == DMK_CMD_SESSION_GET ||
				    cmd == DMK_CMD_EVENT_NTF))
		return "sensor";
	if (f->attr == DMK_A_NAME && cmd != DMK_CMD_RULE_GET)
		return "rule";
	return f->name;
}

/* an unsigned number of whatever width; serials are s32, and positive */
static uint64_t number(const struct nlattr *a)
{
	switch (nla_len(a)) {
	case 1:
		return nla_get_u8(a);
	case 2:
		return nla_get_u16(a);
	case 4:
		return nla_get_u32(a);
	case 8:
		return nla_get_u64(a);
	}
	return 0;
}

static struct json_object *word(const struct field *f, uint64_t v)
{
	if (v < f->n_words && f->words[v])
		return json_object_new_string(f->words[v]);
	return json_object_new_uint64(v);
}

/* strings of the kernel are its own words; a stranger's bytes never come here */
static struct json_object *string(struct nlattr *a)
{
	const char *s = nla_data(a);

	return json_object_new_string_len(s, strnlen(s, nla_len(a)));
}

static struct json_object *identity(const struct field *f, struct nlattr **tb)
{
	struct nlattr *a = tb[f->attr];
	char text[CTL_ID_TEXT];

	ctl_id_text(tb[f->type] ? number(tb[f->type]) : 0, nla_data(a), nla_len(a), text);
	return json_object_new_string(text);
}

static struct json_object *address(struct nlattr **tb)
{
	struct nlattr *a = tb[DMK_A_ADDR];
	char text[INET6_ADDRSTRLEN + 8] = "unknown";
	const uint8_t *p = nla_data(a);
	int family = nla_len(a) == 4 ? AF_INET : AF_INET6;

	if (nla_len(a) != 4 && nla_len(a) != 16)
		return json_object_new_string(text);
	inet_ntop(family, p, text, sizeof(text));
	if (tb[DMK_A_PREFIX])
		sprintf(text + strlen(text), "/%u", (uint8_t)number(tb[DMK_A_PREFIX]));
	return json_object_new_string(text);
}

static struct json_object *hash(struct nlattr *a)
{
	const uint8_t *p = nla_data(a);
	char text[2 * DMK_HASH_LEN + 1] = "";
	int i;

	for (i = 0; i < nla_len(a) && i < DMK_HASH_LEN; i++)
		sprintf(text + 2 * i, "%02x", p[i]);
	return json_object_new_string(text);
}

static struct json_object *policy(struct nlattr *a)
{
	char text[CTL_POLICY_TEXT];

	ctl_policy_text(DMK_SPAN(nla_data(a), nla_len(a)), text);
	return json_object_new_string(text);
}

static struct json_object *suites(uint64_t bits)
{
	struct json_object *o = json_object_new_array();

	if (bits & DMK_SUITE_CCM)
		json_object_array_add(o, json_object_new_string("ccm"));
	if (bits & DMK_SUITE_CM)
		json_object_array_add(o, json_object_new_string("cm"));
	if (bits & DMK_SUITE_LEGACY)
		json_object_array_add(o, json_object_new_string("legacy"));
	return o;
}

/* an object's only member, instead of the object */
static struct json_object *unwrap(struct json_object *o)
{
	struct json_object_iterator it = json_object_iter_begin(o);
	struct json_object_iterator end = json_object_iter_end(o);
	struct json_object *member = NULL;

	if (!json_object_iter_equal(&it, &end))
		member = json_object_get(json_object_iter_peek_value(&it));
	json_object_put(o);
	return member;
}

static struct json_object *list(struct nlattr *a, bool plain)
{
	struct json_object *o = json_object_new_array(), *entry;
	struct nlattr *tb[DMK_A_MAX + 1], *item;
	int rest;

	nla_for_each_nested(item, a, rest) {
		if (nla_parse_nested(tb, DMK_A_MAX, item, NULL))
			continue;
		entry = ctl_json_row(tb, DMK_CMD_UNSPEC);
		json_object_array_add(o, plain ? unwrap(entry) : entry);
	}
	return o;
}

static struct json_object *value(const struct field *f, struct nlattr **tb)
{
	struct nlattr *a = tb[f->attr];

	switch (f->kind) {
	case NUMBER:
		return json_object_new_uint64(number(a));
	case FLAG:
		return json_object_new_boolean(true);
	case STRING:
		return string(a);
	case WORD:
		return word(f, number(a));
	case IDENTITY:
		return identity(f, tb);
	case ADDRESS:
		return address(tb);
	case HASH:
		return hash(a);
	case POLICY:
		return policy(a);
	case SUITES:
		return suites(number(a));
	case LIST:
		return list(a, false);
	case PLAIN_LIST:
		return list(a, true);
	}
	return NULL;
}

struct json_object *ctl_json_row(struct nlattr **tb, enum dmk_cmd cmd)
{
	struct json_object *row = json_object_new_object();
	const struct field *f;

	for (f = fields; f < fields + ARRAY_SIZE(fields); f++)
		if (tb[f->attr])
			json_object_object_add(row, name_of(f, cmd), value(f, tb));
	return row;
}

const char *ctl_json_name(int attr)
{
	const struct field *f;

	for (f = fields; f < fields + ARRAY_SIZE(fields); f++)
		if (f->attr == attr)
			return f->name;
	return NULL;
}

const char *ctl_json_string(struct json_object *row, const char *name)
{
	struct json_object *o = json_object_object_get(row, name);

	return o ? json_object_get_string(o) : "";
}

int64_t ctl_json_number(struct json_object *row, const char *name)
{
	return json_object_get_int64(json_object_object_get(row, name));
}
