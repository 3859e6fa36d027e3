// SPDX-License-Identifier: GPL-2.0
#include "ctl.h"

static const struct ctl_word id = { "identity", DMK_A_ID, ctl_put_id };

static int show(struct ctl *c, int argc, char **argv)
{
	ctl_words_end(argc, argv);
	return ctl_print_dump(c, DMK_CMD_SENSOR_GET);
}

static int add(struct ctl *c, int argc, char **argv)
{
	static const struct ctl_word words[] = {
		{ "key", DMK_A_KEY, ctl_put_key, .required = true },
		{ "generation", DMK_A_GENERATION, ctl_put_u32 },
		{ "timestamp", DMK_A_TS_TYPE, ctl_put_timestamp },
		{ "suites", DMK_A_SUITES, ctl_put_suites },
		{ "counter", DMK_A_COUNTER, ctl_put_u32 },
		{ "responders", DMK_A_RESPONDERS, ctl_put_ids },
		{ "addresses", DMK_A_PREFIXES, ctl_put_prefixes },
	};
	struct nl_msg *msg = ctl_request(DMK_CMD_SENSOR_NEW);

	id.put(msg, &id, ctl_words_take(&argc, &argv, "the sensor's identity"));
	ctl_words_put(msg, words, ARRAY_SIZE(words), argc, argv);
	ctl_netlink_do(c, msg, NULL, NULL);
	return CTL_OK;
}

static int del(struct ctl *c, int argc, char **argv)
{
	static const struct ctl_word words[] = {
		{ "counter", DMK_A_COUNTER, ctl_put_u32 },
	};
	struct nl_msg *msg = ctl_request(DMK_CMD_SENSOR_DEL);

	id.put(msg, &id, ctl_words_take(&argc, &argv, "the sensor's identity"));
	ctl_words_put(msg, words, ARRAY_SIZE(words), argc, argv);
	ctl_netlink_do(c, msg, NULL, NULL);
	return CTL_OK;
}

int ctl_sensor(struct ctl *c, int argc, char **argv)
{
	static const struct ctl_verb verbs[] = {
		{ "show", show }, { "add", add }, { "del", del },
	};

	return ctl_words_verb(c, verbs, ARRAY_SIZE(verbs), argc, argv);
}
