// SPDX-License-Identifier: GPL-2.0
#include "ctl.h"

static int show(struct ctl *c, int argc, char **argv)
{
	ctl_words_end(argc, argv);
	return ctl_print_dump(c, DMK_CMD_INSTANCE_GET);
}

static int set(struct ctl *c, int argc, char **argv)
{
	static const struct ctl_word words[] = {
		{ "port", DMK_A_PORT, ctl_put_u16 },
		{ "skew", DMK_A_SKEW, ctl_put_u32 },
		{ "queue", DMK_A_QUEUE_LIMIT, ctl_put_u32 },
		{ "rate", DMK_A_RATE, ctl_put_u32 },
		{ "highest-t", DMK_A_HIGHEST_T, ctl_put_u64 },
		{ "envelope-life", DMK_A_ENVELOPE_LIFE, ctl_put_u32 },
	};
	struct nl_msg *msg = ctl_request(DMK_CMD_INSTANCE_SET);

	if (!ctl_words_put(msg, words, ARRAY_SIZE(words), argc, argv))
		ctl_fail(CTL_USAGE, "what shall be set?");
	ctl_netlink_do(c, msg, NULL, NULL);
	return CTL_OK;
}

int ctl_instance(struct ctl *c, int argc, char **argv)
{
	static const struct ctl_verb verbs[] = { { "show", show }, { "set", set } };

	return ctl_words_verb(c, verbs, ARRAY_SIZE(verbs), argc, argv);
}
