// SPDX-License-Identifier: GPL-2.0
/* Counters. They need no privilege. */
#include "ctl.h"

static void print_counter(struct json_object *s)
{
	const char *reason = ctl_json_string(s, "reason");
	const char *side = ctl_json_string(s, "side");

	printf("%-11s %-22s %llu\n", *side ? side : "-",
	       *reason ? reason : ctl_json_string(s, "stat"),
	       (unsigned long long)ctl_json_number(s, "value"));
}

/* only refusals are counted by side */
static struct json_object *take(struct json_object *counter)
{
	if (!json_object_object_get(counter, "reason"))
		json_object_object_del(counter, "side");
	return json_object_get(counter);
}

struct json_object *ctl_stats_read(struct ctl *c)
{
	struct json_object *rows = ctl_netlink_rows(c, DMK_CMD_STATS_GET, 0);
	struct json_object *stats = json_object_new_array(), *part;
	size_t i, j;

	for (i = 0; i < json_object_array_length(rows); i++) {
		part = json_object_object_get(json_object_array_get_idx(rows, i), "stats");
		for (j = 0; part && j < json_object_array_length(part); j++)
			json_object_array_add(stats,
					      take(json_object_array_get_idx(part, j)));
	}
	json_object_put(rows);
	return stats;
}

int ctl_stats(struct ctl *c, int argc, char **argv)
{
	struct json_object *stats, *s;
	size_t i;

	ctl_words_end(argc, argv);
	stats = ctl_stats_read(c);
	if (c->json)
		ctl_print_json(stats);
	for (i = 0; !c->json && i < json_object_array_length(stats); i++) {
		s = json_object_array_get_idx(stats, i);
		if (c->all || ctl_json_number(s, "value"))
			print_counter(s);
	}
	json_object_put(stats);
	return CTL_OK;
}
