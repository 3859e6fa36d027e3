// SPDX-License-Identifier: GPL-2.0
/* Rules at a responder: who may vouch for whom. */
#include "ctl.h"

static const struct ctl_word name = { "name", DMK_A_NAME, ctl_put_string, DMK_NAME_MAX };

static int show(struct ctl *c, int argc, char **argv)
{
	ctl_words_end(argc, argv);
	return ctl_print_dump(c, DMK_CMD_RULE_GET);
}

static int add(struct ctl *c, int argc, char **argv)
{
	static const struct ctl_word words[] = {
		{ "sensor", DMK_A_ID, ctl_put_id },
		{ "realm", DMK_A_REALM, ctl_put_string, DMK_ID_MAX },
		{ "min-k", DMK_A_MIN_K, ctl_put_u8, .required = true },
		{ "allow-k1", DMK_A_ALLOW_K1, ctl_put_flag, .flag = true },
		{ "thirdparties", DMK_A_TPS, ctl_put_ids },
		{ "addresses", DMK_A_PREFIXES, ctl_put_prefixes },
		{ "policies", DMK_A_POLICIES, ctl_put_policies },
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
