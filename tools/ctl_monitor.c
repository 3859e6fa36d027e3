// SPDX-License-Identifier: GPL-2.0
/* Events in words, one a line, as they happen. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ctl.h"

static const char *text(struct json_object *e, const char *name)
{
	return ctl_json_string(e, name);
}

static bool has(struct json_object *e, const char *name)
{
	return json_object_object_get(e, name);
}

/* "uri:... (192.0.2.1 port 2269)", or what is known of it */
static void print_other_end(struct json_object *e, const char *word)
{
	if (!has(e, "peer") && !has(e, "address"))
		return;
	printf(" %s", word);
	if (has(e, "peer"))
		printf(" %s", text(e, "peer"));
	if (!has(e, "address"))
		return;
	printf(has(e, "peer") ? " (%s port %lld)" : " %s port %lld", text(e, "address"),
	       (long long)ctl_json_number(e, "address_port"));
}

static void print_message(struct json_object *e)
{
	bool sent = has(e, "sent");

	printf("%s %s, %lld bytes,", sent ? "sent" : "received", text(e, "message"),
	       (long long)ctl_json_number(e, "length"));
	print_other_end(e, sent ? "to" : "from");
	if (has(e, "sensor"))
		printf(", for sensor %s", text(e, "sensor"));
	putchar('\n');
}

static void print_refused(struct json_object *e)
{
	printf("refused a message");
	print_other_end(e, "from");
	if (has(e, "sensor"))
		printf(", authenticated as %s", text(e, "sensor"));
	else if (has(e, "claimed_sensor"))
		printf(", claims to be %s", text(e, "claimed_sensor"));
	printf(": %s (%s)\n", ctl_print_reason(text(e, "reason")), text(e, "reason"));
}

static void print_new(struct json_object *e)
{
	printf("session of %s established, not confirmed yet:", text(e, "sensor"));
	ctl_print_session(e, " ");
}

static void print_confirmed(struct json_object *e)
{
	printf("session of %s confirmed by an ESP packet:", text(e, "sensor"));
	ctl_print_session(e, " ");
}

static void print_updated(struct json_object *e)
{
	printf("session of %s updated, new keys:", text(e, "sensor"));
	ctl_print_session(e, " ");
}

static void print_end(struct json_object *e)
{
	const char *reason = text(e, "reason");

	printf("session of %s ended%s%s:", text(e, "sensor"), *reason ? ", " : "",
	       *reason ? ctl_print_reason(reason) : "");
	ctl_print_session(e, " ");
}

static void print_verdict(struct json_object *e)
{
	printf("WRONG share from third party %s (x = %lld) for sensor %s\n", text(e, "peer"),
	       (long long)ctl_json_number(e, "x"), text(e, "sensor"));
}

/* NTP-UTC counts from 1900, in units of 2^-32 s */
static int64_t from_ntp(struct json_object *t)
{
	return (int64_t)(json_object_get_uint64(t) >> 32) - 2208988800LL;
}

static void print_counter(struct json_object *e)
{
	char when[CTL_TIME_TEXT];

	if (has(e, "sensor"))
		printf("counter of sensor %s is now %lld\n", text(e, "sensor"),
		       (long long)ctl_json_number(e, "counter"));
	else
		printf("newest message accepted is of %s\n",
		       ctl_print_time(from_ntp(json_object_object_get(e, "highest_t")), when));
}

static void print_event(struct json_object *e)
{
	static const struct {
		const char *name;
		void (*print)(struct json_object *e);
	} events[] = {
		{ "message", print_message },
		{ "refused", print_refused },
		{ "session-new", print_new },
		{ "session-confirmed", print_confirmed },
		{ "session-updated", print_updated },
		{ "session-end", print_end },
		{ "verdict", print_verdict },
		{ "counter", print_counter },
	};
	unsigned int i;

	if (has(e, "side"))
		printf("%s: ", ctl_print_side(text(e, "side")));
	for (i = 0; i < ARRAY_SIZE(events); i++) {
		if (!strcmp(events[i].name, text(e, "event"))) {
			events[i].print(e);
			return;
		}
	}
	printf("event %s\n", text(e, "event"));
}

/* a line that nobody can read any more ends the program */
static void flush(void)
{
	if (fflush(stdout) || ferror(stdout))
		ctl_fail(CTL_REFUSED, "standard output: %m");
}

static void say(struct ctl *c, struct json_object *e)
{
	char when[CTL_TIME_TEXT];
	int64_t now = time(NULL);

	if (c->json) {
		json_object_object_add(e, "time", json_object_new_int64(now));
		ctl_print_json(e);
	} else {
		printf("%s ", ctl_print_time(now, when));
		print_event(e);
	}
	flush();
}

static void on_event(struct ctl *c, struct nlattr **tb)
{
	struct json_object *e = ctl_json_row(tb, DMK_CMD_EVENT_NTF);

	say(c, e);
	json_object_put(e);
}

/* what is not the module's event but ours */
static void tell(struct ctl *c, const char *event, const char *words)
{
	struct json_object *e = json_object_new_object();
	char when[CTL_TIME_TEXT];

	if (c->json) {
		json_object_object_add(e, "event", json_object_new_string(event));
		say(c, e);
	} else {
		printf("%s %s\n", ctl_print_time(time(NULL), when), words);
		flush();
	}
	json_object_put(e);
}

static void on_loss(struct ctl *c)
{
	tell(c, "lost", "events lost: they came faster than they could be written");
}

static void on_gone(struct ctl *c)
{
	tell(c, "module-gone", "module gone: it is not loaded; waiting for it");
}

static void on_again(struct ctl *c)
{
	tell(c, "resubscribed", "resubscribed: events come again");
}

int ctl_monitor(struct ctl *c, int argc, char **argv)
{
	static const struct ctl_listen ops = {
		.event = on_event,
		.lost = on_loss,
		.gone = on_gone,
		.again = on_again,
	};

	ctl_words_end(argc, argv);
	ctl_listen(c, &ops);
	return CTL_OK;
}
