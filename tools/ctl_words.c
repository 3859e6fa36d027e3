// SPDX-License-Identifier: GPL-2.0
/* Words of the command line: verbs and keywords. */
#include <string.h>

#include "ctl.h"

int ctl_words_verb(struct ctl *c, const struct ctl_verb *verbs, unsigned int n,
		   int argc, char **argv)
{
	unsigned int i;

	if (!argc)
		return verbs[0].run(c, 0, argv);
	for (i = 0; i < n; i++) {
		if (strcmp(argv[0], verbs[i].name))
			continue;
		ctl_fail_in(verbs[i].name);
		return verbs[i].run(c, argc - 1, argv + 1);
	}
	ctl_fail(CTL_USAGE, "there is no \"%s\" here; see: dmikeyctl help", argv[0]);
}

const char *ctl_words_take(int *argc, char ***argv, const char *what)
{
	if (!*argc)
		ctl_fail(CTL_USAGE, "%s is missing", what);
	(*argc)--;
	return *(*argv)++;
}

void ctl_words_end(int argc, char **argv)
{
	if (argc)
		ctl_fail(CTL_USAGE, "\"%s\" is too much here", argv[0]);
}

static unsigned int find(const struct ctl_word *words, unsigned int n, const char *name)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (!strcmp(words[i].name, name))
			return i;
	ctl_fail(CTL_USAGE, "\"%s\" is not known here; see: dmikeyctl help", name);
}

uint64_t ctl_words_put(struct nl_msg *msg, const struct ctl_word *words, unsigned int n,
		       int argc, char **argv)
{
	uint64_t seen = 0;
	unsigned int i;

	while (argc) {
		const char *value = NULL;

		i = find(words, n, ctl_words_take(&argc, &argv, "a keyword"));
		if (seen & BIT(i))
			ctl_fail(CTL_USAGE, "\"%s\" stands here twice", words[i].name);
		seen |= BIT(i);
		if (!words[i].flag)
			value = ctl_words_take(&argc, &argv, words[i].name);
		words[i].put(msg, &words[i], value);
	}
	for (i = 0; i < n; i++)
		if (words[i].required && !(seen & BIT(i)))
			ctl_fail(CTL_USAGE, "\"%s\" is missing", words[i].name);
	return seen;
}
