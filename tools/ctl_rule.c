// SPDX-License-Identifier: GPL-2.0
/* Rules at a responder: who may vouch for whom. */
#include <arpa/inet.h>
#include <string.h>

#include "ctl.h"

static const struct ctl_word name = { "name", DMK_A_NAME, ctl_put_string, DMK_NAME_MAX };

static int show(struct ctl *c, int argc, char **argv)
{
	ctl_words_end(argc, argv);
	return ctl_print_dump(c, DMK_CMD_RULE_GET);
}

static void put_thirdparties(struct nl_msg *msg, const struct ctl_word *w, const char *value)
{
	ctl_put_list(msg, w, value, ctl_put_id);
}

static void put_prefix(struct nl_msg *msg, const struct ctl_word *w, const char *value)
{
	const char *slash = strchr(value, '/');
	static const struct ctl_word addr = { "addresses", DMK_A_ADDR, ctl_put_address };
	char host[INET6_ADDRSTRLEN];
	uint8_t len, max = strchr(value, ':') ? 128 : 32;
	size_t n = slash ? (size_t)(slash - value) : strlen(value);

	if (n >= sizeof(host))
		ctl_fail(CTL_USAGE, "%s: \"%s\" is no address", w->name, value);
	memcpy(host, value, n);
	host[n] = '\0';
	addr.put(msg, &addr, host);
	len = slash ? ctl_words_number(w->name, slash + 1, 0, max) : max;
	ctl_put(msg, DMK_A_PREFIX, &len, sizeof(len));
}

static void put_addresses(struct nl_msg *msg, const struct ctl_word *w, const char *value)
{
	ctl_put_list(msg, w, value, put_prefix);
}

static void put_policy(struct nl_msg *msg, const struct ctl_word *w, const char *value)
{
	struct dmk_esp_policy p;
	uint8_t param[64];

	if (!ctl_policy_parse(value, &p))
		ctl_fail(CTL_USAGE, "%s: \"%s\" is no ESP policy; dmikeyctl(8) lists them",
			 w->name, value);
	ctl_put(msg, DMK_A_SP_PARAM, param, dmk_esp_policy_emit(&p, param));
}

static void put_policies(struct nl_msg *msg, const struct ctl_word *w, const char *value)
{
	ctl_put_list(msg, w, value, put_policy);
}

static int add(struct ctl *c, int argc, char **argv)
{
	static const struct ctl_word words[] = {
		{ "sensor", DMK_A_ID, ctl_put_id },
		{ "realm", DMK_A_REALM, ctl_put_string, DMK_ID_MAX },
		{ "min-k", DMK_A_MIN_K, ctl_put_u8, .required = true },
		{ "allow-k1", DMK_A_ALLOW_K1, ctl_put_flag, .flag = true },
		{ "thirdparties", DMK_A_TPS, put_thirdparties },
		{ "addresses", DMK_A_PREFIXES, put_addresses },
		{ "policies", DMK_A_POLICIES, put_policies },
		{ "reqid", DMK_A_REQID, ctl_put_u32 },
	};
	struct nl_msg *msg = ctl_request(DMK_CMD_RULE_NEW);
	uint64_t seen;

	name.put(msg, &name, ctl_words_take(&argc, &argv, "the rule's name"));
	seen = ctl_words_put(msg, words, ARRAY_SIZE(words), argc, argv);
	if ((seen & 3) != 1 && (seen & 3) != 2)
		ctl_fail(CTL_USAGE, "a rule is for one \"sensor\" or one \"realm\"");
	ctl_netlink_do(c, msg, NULL, NULL);
	return CTL_OK;
}

static int del(struct ctl *c, int argc, char **argv)
{
	struct nl_msg *msg = ctl_request(DMK_CMD_RULE_DEL);

	name.put(msg, &name, ctl_words_take(&argc, &argv, "the rule's name"));
	ctl_words_end(argc, argv);
	ctl_netlink_do(c, msg, NULL, NULL);
	return CTL_OK;
}

int ctl_rule(struct ctl *c, int argc, char **argv)
{
	static const struct ctl_verb verbs[] = {
		{ "show", show }, { "add", add }, { "del", del },
	};

	return ctl_words_verb(c, verbs, ARRAY_SIZE(verbs), argc, argv);
}
