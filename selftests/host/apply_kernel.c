// SPDX-License-Identifier: GPL-2.0
/*
 * A made-up kernel for dmikeyctl apply: $ROWS is a JSON object of what it has,
 * arrays by object; it refuses the request after $GOOD ones.
 */
#include <stdlib.h>

#include "ctl.h"

void __real_ctl_netlink_do(struct ctl *c, struct nl_msg *msg,
			   void (*row)(struct nlattr **tb, void *arg), void *arg);

static const char *name_of(enum dmk_cmd cmd)
{
	switch (cmd) {
	case DMK_CMD_SENSOR_GET:
		return "sensor";
	case DMK_CMD_RULE_GET:
		return "rule";
	default:
		return "";
	}
}

struct json_object *__wrap_ctl_netlink_rows(struct ctl *c, enum dmk_cmd cmd, int role)
{
	struct json_object *all = json_tokener_parse(getenv("ROWS")), *rows;

	(void)c, (void)role;
	rows = json_object_get(json_object_object_get(all, name_of(cmd)));
	json_object_put(all);
	return rows ?: json_object_new_array();
}

void __wrap_ctl_netlink_do(struct ctl *c, struct nl_msg *msg,
			   void (*row)(struct nlattr **tb, void *arg), void *arg)
{
	static int sent;

	if (c->collect) {
		__real_ctl_netlink_do(c, msg, row, arg);
		return;
	}
	if (sent++ == atoi(getenv("GOOD")))
		ctl_fail(CTL_REFUSED, "no");
	nlmsg_free(msg);
}
