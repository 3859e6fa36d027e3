// SPDX-License-Identifier: GPL-2.0
/* Commands: how the world misbehaves, from the command line and while it runs. */
#include <stdlib.h>

#include "world.h"

static int party_of(struct world *w, const char *name)
{
	unsigned int i;

	for (i = 0; i < w->conf.m; i++)
		if (!strcmp(w->conf.party[i].name, name))
			return i;
	return -1;
}

/* tp NAME alive|dead|lies|refuses ERROR|overloaded|wrong-psk */
static bool cmd_tp(struct world *w, const char *rest)
{
	static const char *const does[] = {
		[PARTY_ALIVE] = "alive", [PARTY_DEAD] = "dead", [PARTY_LIES] = "lies",
		[PARTY_REFUSES] = "refuses", [PARTY_OVERLOADED] = "overloaded",
		[PARTY_WRONG_PSK] = "wrong-psk",
	};
	char name[64], what[16];
	unsigned int error = DMK_ERR_NOT_AUTHORIZED, i;
	int party;

	if (sscanf(rest, "%63s %15s %u", name, what, &error) < 2)
		return false;
	party = party_of(w, name);
	for (i = 0; party >= 0 && i < ARRAY_SIZE(does); i++)
		if (!strcmp(does[i], what)) {
			w->party[party].does = i;
			w->party[party].error = error;
			return true;
		}
	return false;
}

/* r lose K | copies K | refuses ERROR | accepts | reboots | mutates 0|1 */
static bool cmd_r(struct world *w, const char *rest)
{
	unsigned int n = 0;
	char what[16];

	if (sscanf(rest, "%15s %u", what, &n) < 1)
		return false;
	if (!strcmp(what, "lose"))
		w->lose_r_i = n;
	else if (!strcmp(what, "copies"))
		w->r_i_copies = n;
	else if (!strcmp(what, "refuses"))
		w->refuse = n;
	else if (!strcmp(what, "accepts"))
		w->refuse = 0;
	else if (!strcmp(what, "mutates"))
		w->mutate = n;
	else if (!strcmp(what, "reboots"))
		world_forget(w);
	else
		return false;
	return true;
}

/* noise in|out LOSS TWICE FLIP: one byte in so many, 0 none; in is from the board */
static bool cmd_noise(struct world *w, const char *rest)
{
	struct world_noise n;
	char way[8];

	if (sscanf(rest, "%7s %u %u %u", way, &n.loss, &n.twice, &n.flip) != 4)
		return false;
	if (strcmp(way, "in") && strcmp(way, "out"))
		return false;
	*(strcmp(way, "in") ? &w->to_board : &w->from_board) = n;
	return true;
}

static bool cmd_seed(struct world *w, const char *rest)
{
	w->dice = strtoull(rest, NULL, 0) * 2 + 1;	/* xorshift is stuck at 0 */
	return true;
}

/* junk random|end|esc|no-end|huge BYTES */
static bool cmd_junk(struct world *w, const char *rest)
{
	static const char *const kinds[] = {
		[JUNK_RANDOM] = "random", [JUNK_END] = "end", [JUNK_ESC] = "esc",
		[JUNK_NO_END] = "no-end", [JUNK_HUGE] = "huge",
	};
	unsigned long long bytes;
	unsigned int i;
	char kind[16];

	if (sscanf(rest, "%15s %llu", kind, &bytes) != 2)
		return false;
	for (i = JUNK_RANDOM; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i], kind)) {
			w->junk = i;
			w->junk_left = bytes;
			return true;
		}
	return false;
}

static bool cmd_ping(struct world *w, const char *rest)
{
	world_ping(w, atoi(rest));
	return true;
}

/* esp replay|flip|old|clear */
static bool cmd_esp(struct world *w, const char *rest)
{
	if (!w->esp_len || !w->sessions)
		return false;
	world_esp_attack(w, rest);
	return true;
}

static bool cmd_vectors(struct world *w, const char *rest)
{
	(void)rest;
	world_vectors(w);
	return true;
}

static bool cmd_replay(struct world *w, const char *rest)
{
	(void)rest;
	world_replay(w);
	return true;
}

/* coap 2.04|4.04|none */
static bool cmd_coap(struct world *w, const char *rest)
{
	unsigned int class = 0, detail = 0;

	if (strcmp(rest, "none") && sscanf(rest, "%u.%u", &class, &detail) != 2)
		return false;
	w->coap_code = class << 5 | detail;
	return true;
}

static bool cmd_secrets(struct world *w, const char *rest)
{
	(void)rest;
	return world_secrets(w);
}

/* a mark in the record, for who reads it */
static bool cmd_mark(struct world *w, const char *rest)
{
	world_say(w, "mark", "\"name\":\"%s\"", rest);
	return true;
}

static const struct {
	const char *name;
	bool (*run)(struct world *w, const char *rest);
} commands[] = {
	{ "tp", cmd_tp }, { "r", cmd_r }, { "noise", cmd_noise }, { "seed", cmd_seed },
	{ "junk", cmd_junk }, { "ping", cmd_ping }, { "esp", cmd_esp },
	{ "vectors", cmd_vectors }, { "replay", cmd_replay }, { "coap", cmd_coap },
	{ "mark", cmd_mark }, { "secrets", cmd_secrets },
};

bool world_command(struct world *w, const char *text)
{
	size_t len = strcspn(text, " "), i;
	const char *rest = text + len + strspn(text + len, " ");

	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (strlen(commands[i].name) == len && !strncmp(commands[i].name, text, len))
			return commands[i].run(w, rest);
	return false;
}
