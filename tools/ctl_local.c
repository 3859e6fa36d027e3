// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "ctl.h"

static int show(struct ctl *c, int argc, char **argv)
{
	ctl_words_end(argc, argv);
	return ctl_print_dump(c, DMK_CMD_LOCAL_GET);
}

static void put_role(struct nl_msg *msg, const char *name)
{
	uint8_t role;

	if (!strcmp(name, "thirdparty"))
		role = DMK_ROLE_TP;
	else if (!strcmp(name, "responder"))
		role = DMK_ROLE_R;
	else
		ctl_fail(CTL_USAGE, "\"%s\" is neither thirdparty nor responder", name);
	ctl_put(msg, DMK_A_ROLE, &role, sizeof(role));
}

static void put_certificate(struct nl_msg *msg, const struct ctl_word *w, const char *value)
{
	(void)w;
	ctl_certificate_put(msg, value, false);
}

static int add(struct ctl *c, int argc, char **argv)
{
	static const struct ctl_word words[] = {
		{ "certificate", DMK_A_CERT, put_certificate, .required = true },
		{ "key", DMK_A_KEY, ctl_put_key, .required = true },
	};
	struct nl_msg *msg = ctl_request(DMK_CMD_LOCAL_NEW);

	put_role(msg, ctl_words_take(&argc, &argv, "thirdparty or responder"));
	ctl_words_put(msg, words, ARRAY_SIZE(words), argc, argv);
	ctl_netlink_do(c, msg, NULL, NULL);
	return CTL_OK;
}

static int del(struct ctl *c, int argc, char **argv)
{
	static const struct ctl_word id = { "identity", DMK_A_ID, ctl_put_id };
	struct nl_msg *msg = ctl_request(DMK_CMD_LOCAL_DEL);

	put_role(msg, ctl_words_take(&argc, &argv, "thirdparty or responder"));
	id.put(msg, &id, ctl_words_take(&argc, &argv, "the identity"));
	ctl_words_end(argc, argv);
	ctl_netlink_do(c, msg, NULL, NULL);
	return CTL_OK;
}

int ctl_local(struct ctl *c, int argc, char **argv)
{
	static const struct ctl_verb verbs[] = {
		{ "show", show }, { "add", add }, { "del", del },
	};

	return ctl_words_verb(c, verbs, ARRAY_SIZE(verbs), argc, argv);
}
