// SPDX-License-Identifier: GPL-2.0
/* doctor: what is wrong on this host, and what mends it. It changes nothing. */
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "ctl_doctor.h"

static const char *const verdicts[] = {
	[DOCTOR_OK] = "ok",
	[DOCTOR_WARNING] = "warning",
	[DOCTOR_FAULT] = "fault",
	[DOCTOR_UNCHECKED] = "not checked",
};

/* names of certificates are a stranger's: nothing that could move a cursor */
static void put_tame(struct json_object *o, const char *name, const char *text)
{
	char tame[512], *p;

	if (!text)
		return;
	snprintf(tame, sizeof(tame), "%s", text);
	for (p = tame; *p; p++)
		if ((uint8_t)*p < ' ' || (uint8_t)*p >= 0x7f)
			*p = '?';
	json_object_object_add(o, name, json_object_new_string(tame));
}

void doctor_say(struct doctor *d, const char *check, enum doctor_verdict verdict,
		const char *cure, const char *advice, const char *fmt, ...)
{
	struct json_object *o = json_object_new_object();
	char found[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(found, sizeof(found), fmt, ap);
	va_end(ap);
	put_tame(o, "check", check);
	put_tame(o, "verdict", verdicts[verdict]);
	put_tame(o, "found", found);
	put_tame(o, "cure", cure);
	put_tame(o, "advice", advice);
	json_object_array_add(d->checks, o);
	if (verdict == DOCTOR_FAULT)
		d->faults++;
}

size_t doctor_count(struct json_object *rows)
{
	return rows ? json_object_array_length(rows) : 0;
}

bool doctor_is_plain(const char *name)
{
	size_t n = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			  "0123456789._@:/-");

	return n && n <= DOCTOR_NAME_MAX && !name[n];
}

const char *doctor_here(struct doctor *d, const char *command)
{
	static char text[256];
	const char *ns = d->c->netns;

	if (!ns)
		return command;
	if (!doctor_is_plain(ns))
		return NULL;
	snprintf(text, sizeof(text), strchr(ns, '/') ? "nsenter --net=%s %s" :
		 "ip netns exec %s %s", ns, command);
	return text;
}

/* Nothing is asked of a module that is not loaded: the question would load it. */
static void ask(struct doctor *d)
{
	d->loaded = !access("/sys/module/dmikey", F_OK);
	if (!d->loaded)
		return;
	d->instance = ctl_netlink_ask(d->c, DMK_CMD_INSTANCE_GET, 0);
	d->locals = ctl_netlink_ask(d->c, DMK_CMD_LOCAL_GET, 0);
	d->sensors = ctl_netlink_ask(d->c, DMK_CMD_SENSOR_GET, 0);
	d->thirdparties = ctl_netlink_ask(d->c, DMK_CMD_PEER_GET, DMK_ROLE_TP);
	d->responders = ctl_netlink_ask(d->c, DMK_CMD_PEER_GET, DMK_ROLE_R);
	d->rules = ctl_netlink_ask(d->c, DMK_CMD_RULE_GET, 0);
	d->hosts = ctl_netlink_ask(d->c, DMK_CMD_HOST_GET, 0);
}

static void examine(struct doctor *d)
{
	static void (*const checks[])(struct doctor *d) = {
		doctor_module, doctor_algorithms, doctor_esp, doctor_port, doctor_agent,
		doctor_clock, doctor_replay, doctor_certificates, doctor_keys, doctor_files,
		doctor_mtu, doctor_routes, doctor_roles, doctor_rules, doctor_hosts,
		doctor_policies,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(checks); i++)
		checks[i](d);
}

static void print_check(struct json_object *o)
{
	const char *verdict = ctl_json_string(o, "verdict");
	bool fault = !strcmp(verdict, verdicts[DOCTOR_FAULT]);
	enum ctl_color color = CTL_PLAIN;

	if (fault)
		color = CTL_RED;
	else if (!strcmp(verdict, verdicts[DOCTOR_OK]))
		color = CTL_GREEN;
	ctl_print_colored(color, fault ? "FAULT" : verdict, 11);
	printf("  %-12s  %s\n", ctl_json_string(o, "check"), ctl_json_string(o, "found"));
	if (json_object_object_get(o, "cure"))
		printf("%27scure: %s\n", "", ctl_json_string(o, "cure"));
	if (json_object_object_get(o, "advice"))
		printf("%27s%s\n", "", ctl_json_string(o, "advice"));
}

static void release(struct doctor *d)
{
	json_object_put(d->checks);
	json_object_put(d->instance);
	json_object_put(d->locals);
	json_object_put(d->sensors);
	json_object_put(d->thirdparties);
	json_object_put(d->responders);
	json_object_put(d->rules);
	json_object_put(d->hosts);
	json_object_put(d->agent);
}

int ctl_doctor(struct ctl *c, int argc, char **argv)
{
	struct doctor d = { .c = c, .checks = json_object_new_array() };
	size_t i;

	ctl_words_end(argc, argv);
	ask(&d);
	d.agent = ctl_journal_status(c, &d.alive);
	examine(&d);
	if (c->json)
		ctl_print_json(d.checks);
	for (i = 0; !c->json && i < json_object_array_length(d.checks); i++)
		print_check(json_object_array_get_idx(d.checks, i));
	release(&d);
	return d.faults ? CTL_REFUSED : CTL_OK;
}
