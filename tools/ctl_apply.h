/* SPDX-License-Identifier: GPL-2.0 */
/* apply: what is wanted, what is there, and the way from one to the other. */
#ifndef CTL_APPLY_H
#define CTL_APPLY_H

#include "ctl.h"

#define APPLY_KEY (CTL_ID_TEXT + 80)

/**
 * struct apply_want - a line of the file
 * @kind: whose command it is: index of a table in ctl_apply_compare.c
 * @line: its number
 * @msg: its request
 * @row: the same as the kernel would show it
 * @key: what the object is known by
 */
struct apply_want {
	unsigned int kind, line;
	struct nl_msg *msg;
	struct json_object *row;
	char *key;
};

/**
 * struct apply_change - a request to be sent
 * @action: "add", "change" or "delete"
 * @object: "sensor" ..
 * @what: its name
 * @line: where it is from, 0 for what no line names
 * @msg: the request
 */
struct apply_change {
	const char *action, *object;
	char what[APPLY_KEY];
	unsigned int line;
	struct nl_msg *msg;
};

/**
 * struct apply - one run
 * @line: being read
 * @wants: what the file says
 * @n_wants: their number
 * @changes: what is to be done, in this order
 * @n_changes: their number
 */
struct apply {
	unsigned int line;
	struct apply_want *wants;
	unsigned int n_wants;
	struct apply_change *changes;
	unsigned int n_changes;
};

/* take a copy of a request of the line that is being read; a second one for the same
 * object ends the program
 */
void apply_want(struct apply *a, struct nl_msg *msg);

/* ask the kernel, fill in the changes */
void apply_compare(struct apply *a, struct ctl *c);

void apply_free(struct apply *a);

#endif
