// SPDX-License-Identifier: GPL-2.0
/*
 * apply: the kernel becomes what a file says. Its lines are dmikeyctl's own
 * add commands; all of them are read before the first request is sent, and only
 * the difference is sent, so that what has not changed is not touched.
 */
#include <string.h>

#include "ctl_apply.h"

#define LINE_MAX_BYTES 8192
#define WORDS_MAX 64

/* the plan under way: what ctl_run() hands its requests to */
static struct apply *plan;

/* ---- reading */

static void take(struct ctl *c, struct nl_msg *msg)
{
	(void)c;
	apply_want(plan, msg);
	nlmsg_free(msg);
}

static const struct { const char *object, *verb; } lines[] = {
	{ "instance", "set" }, { "local", "add" }, { "sensor", "add" },
	{ "thirdparty", "add" }, { "responder", "add" }, { "rule", "add" }, { "host", "add" },
};

static void check_words(int argc, char **argv)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lines); i++)
		if (argc > 1 && !strcmp(argv[0], lines[i].object) &&
		    !strcmp(argv[1], lines[i].verb))
			return;
	ctl_fail(CTL_USAGE,
		 "a line is instance set, or add of local, sensor, thirdparty, responder, rule or host");
}

static void read_words(struct ctl *c, char *line)
{
	char *argv[WORDS_MAX + 1], *save, *word;
	int argc = 0;

	for (word = strtok_r(line, " \t\n", &save); word; word = strtok_r(NULL, " \t\n", &save)) {
		if (*word == '#')
			break;
		if (argc == WORDS_MAX)
			ctl_fail(CTL_USAGE, "more than %d words", WORDS_MAX);
		argv[argc++] = word;
	}
	argv[argc] = NULL;
	if (!argc)
		return;
	check_words(argc, argv);
	ctl_run(c, argc, argv);
}

/* a bad line ends the program, and nothing has been changed */
static void read_file(struct ctl *c, struct apply *a)
{
	bool is_stdin = !strcmp(c->file, "-");
	FILE *f = is_stdin ? stdin : fopen(c->file, "re");
	const char *file = c->file;
	char line[LINE_MAX_BYTES];

	if (!f)
		ctl_fail(CTL_REFUSED, "%s: %m", c->file);
	plan = a;
	c->collect = take;
	c->file = NULL;		/* the lines' own commands have no such option */
	while (fgets(line, sizeof(line), f)) {
		ctl_fail_at(file, ++a->line);
		if (!strchr(line, '\n') && !feof(f))
			ctl_fail(CTL_USAGE, "the line is too long");
		read_words(c, line);
	}
	if (ferror(f))
		ctl_fail(CTL_REFUSED, "%m");
	if (!is_stdin)
		fclose(f);
	ctl_fail_at(file, 0);
	/* a generator that died, /dev/null: nobody means that */
	if (!a->n_wants)
		ctl_fail(CTL_USAGE, "there is no line in it, and all that is there would be deleted");
	c->file = file;
	c->collect = NULL;
}

/* ---- what there is to do */

/* two who configure one kernel undo each other's work */
static void check_agent(struct ctl *c)
{
	struct json_object *agent;
	bool alive;

	agent = ctl_journal_status(c, &alive);
	if (alive)
		ctl_fail(CTL_REFUSED,
			 "dmikeyd runs here, and the configuration is its own; write it into %s",
			 ctl_json_string(agent, "configuration"));
	json_object_put(agent);
}

static void print_change(struct ctl *c, const struct apply_change *ch)
{
	struct json_object *o = json_object_new_object();

	if (c->json) {
		json_object_object_add(o, "action", json_object_new_string(ch->action));
		json_object_object_add(o, "object", json_object_new_string(ch->object));
		json_object_object_add(o, "what", json_object_new_string(ch->what));
		ctl_print_json(o);
	} else {
		printf("%s %s %s\n", ch->action, ch->object, ch->what);
	}
	json_object_put(o);
	fflush(stdout);
}

/* a change that is refused ends the program */
static void make_change(struct ctl *c, struct apply_change *ch)
{
	ctl_fail_at(c->file, ch->line);
	ctl_netlink_do(c, ch->msg, NULL, NULL);
	ch->msg = NULL;
}

int ctl_apply(struct ctl *c, int argc, char **argv)
{
	bool check = c->check;
	struct apply a = {};
	unsigned int i;

	ctl_words_end(argc, argv);
	if (!c->file)
		ctl_fail(CTL_USAGE, "-f FILE is missing");
	if (!check)
		check_agent(c);
	c->check = false;
	read_file(c, &a);
	apply_compare(&a, c);
	for (i = 0; i < a.n_changes; i++) {
		if (!check)
			make_change(c, &a.changes[i]);
		print_change(c, &a.changes[i]);
	}
	apply_free(&a);
	return check && i ? CTL_REFUSED : CTL_OK;
}
