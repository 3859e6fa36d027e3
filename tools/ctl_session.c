// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "ctl.h"

static int show(struct ctl *c, int argc, char **argv)
{
	ctl_words_end(argc, argv);
	return ctl_print_dump(c, DMK_CMD_SESSION_GET);
}

/* spi HEX, or a sensor: all of its sessions */
static int del(struct ctl *c, int argc, char **argv)
{
	static const struct ctl_word id = { "identity", DMK_A_ID, ctl_put_id };
	struct nl_msg *msg = ctl_request(DMK_CMD_SESSION_DEL);
	const char *which = ctl_words_take(&argc, &argv, "a sensor's identity, or spi");
	uint32_t spi;

	if (strcmp(which, "spi")) {
		id.put(msg, &id, which);
	} else {
		spi = ctl_words_number("spi", ctl_words_take(&argc, &argv, "the SPI"),
				       DMK_SPI_MIN, UINT32_MAX);
		ctl_put(msg, DMK_A_SPI_IN, &spi, sizeof(spi));
	}
	ctl_words_end(argc, argv);
	ctl_netlink_do(c, msg, NULL, NULL);
	return CTL_OK;
}

int ctl_session(struct ctl *c, int argc, char **argv)
{
	static const struct ctl_verb verbs[] = { { "show", show }, { "del", del } };

	return ctl_words_verb(c, verbs, ARRAY_SIZE(verbs), argc, argv);
}
