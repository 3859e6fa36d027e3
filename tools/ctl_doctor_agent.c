// SPDX-License-Identifier: GPL-2.0
/* doctor: the agent, what expires, and who may read the keys. */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "ctl_doctor.h"

#define SOON (30 * 86400)	/* the agent's first warning, too */
#define CONFIGURATION "/etc/dmikey"

/* ---- the agent */

static bool is_true(struct json_object *o, const char *name)
{
	return json_object_get_boolean(json_object_object_get(o, name));
}

static void agent_runs(struct doctor *d)
{
	const char *file = ctl_json_string(d->agent, "configuration");
	char cure[256];

	if (is_true(d->agent, "refused")) {
		snprintf(cure, sizeof(cure), "dmikeyd --check -c %s", file);
		doctor_say(d, "agent", DOCTOR_FAULT, doctor_is_plain(file) ? cure : NULL,
			   "mend the line that it names, then: systemctl reload dmikeyd",
			   "%s is bad; the agent goes on with an older one", file);
	} else if (!strcmp(ctl_json_string(d->agent, "registry"), "broken")) {
		doctor_say(d, "agent", DOCTOR_FAULT, "dmikey-registry check",
			   "restore the database from its last copy",
			   "the database of sensors is broken");
	} else if (d->loaded && !is_true(d->agent, "module")) {
		doctor_say(d, "agent", DOCTOR_WARNING, "systemctl restart dmikeyd", NULL,
			   "it runs, and does not see the module");
	} else {
		doctor_say(d, "agent", DOCTOR_OK, NULL, NULL, "it runs, with %s", file);
	}
}

void doctor_agent(struct doctor *d)
{
	if (d->alive)
		agent_runs(d);
	else if (d->agent)
		doctor_say(d, "agent", DOCTOR_FAULT, "systemctl restart dmikeyd", NULL,
			   "it has died (pid %lld)",
			   (long long)ctl_json_number(d->agent, "pid"));
	else if (doctor_count(d->locals))
		doctor_say(d, "agent", DOCTOR_WARNING, "systemctl start dmikeyd", NULL,
			   "it does not run: what the kernel was not told by hand is refused");
	else
		doctor_say(d, "agent", DOCTOR_FAULT, "systemctl start dmikeyd", NULL,
			   "it does not run");
}

/* ---- certificates */

/**
 * struct certificates - what was seen of them
 * @good: may be used for a good while
 * @unchecked: nobody asked whether they were revoked
 * @next: when the next of the good ones ends
 */
struct certificates {
	unsigned int good, unchecked;
	int64_t next;
};

/* what a certificate is to us: without ours and the authorities' nothing works */
static bool is_vital(const char *kind)
{
	return !strcmp(kind, "own") || !strcmp(kind, "ca") || !strcmp(kind, "crl");
}

static void one_expiry(struct doctor *d, struct certificates *all, const char *kind,
		       const char *name, int64_t expires)
{
	int64_t left = expires - time(NULL);
	char when[CTL_TIME_TEXT], span[CTL_TIME_TEXT];

	ctl_print_time(expires, when);
	if (left <= 0) {
		doctor_say(d, "certificates",
			   is_vital(kind) ? DOCTOR_FAULT : DOCTOR_WARNING, NULL,
			   "renew it, then: systemctl reload dmikeyd",
			   "%s %s has expired on %s", kind, name, when);
	} else if (left < SOON) {
		doctor_say(d, "certificates", DOCTOR_WARNING, NULL,
			   "renew it, then: systemctl reload dmikeyd",
			   "%s %s expires in %s, on %s", kind, name, ctl_print_span(left, span),
			   when);
	} else {
		all->good++;
		if (!all->next || expires < all->next)
			all->next = expires;
	}
}

/* one that the agent knows; why it is not valid is the agent's to say */
static void one_item(struct doctor *d, struct certificates *all, struct json_object *item)
{
	const char *kind = ctl_json_string(item, "kind");
	int64_t expires = ctl_json_number(item, "expires");

	if (!strcmp(ctl_json_string(item, "revocation"), "not checked"))
		all->unchecked++;
	if (!is_true(item, "valid") && (!expires || expires > time(NULL)))
		doctor_say(d, "certificates",
			   is_vital(kind) ? DOCTOR_FAULT : DOCTOR_WARNING, NULL,
			   "mend or renew it, then: systemctl reload dmikeyd",
			   "%s %s is not valid: %s", kind, ctl_json_string(item, "name"),
			   ctl_json_string(item, "why"));
	else if (expires)
		one_expiry(d, all, kind, ctl_json_string(item, "name"), expires);
}

static void of_kernel(struct doctor *d, struct certificates *all, struct json_object *rows,
		      const char *kind)
{
	struct json_object *row;
	size_t i;

	for (i = 0; i < doctor_count(rows); i++) {
		row = json_object_array_get_idx(rows, i);
		one_expiry(d, all, kind, ctl_json_string(row, "id"),
			   ctl_json_number(row, "expires"));
	}
}

static void sum_up(struct doctor *d, const struct certificates *all)
{
	char when[CTL_TIME_TEXT];

	if (all->good)
		doctor_say(d, "certificates", DOCTOR_OK, NULL, NULL,
			   "%u are good, the next one ends on %s", all->good,
			   ctl_print_time(all->next, when));
	if (all->unchecked)
		doctor_say(d, "revocation", DOCTOR_UNCHECKED, NULL,
			   "name a revocation list in dmikey.conf: crl = {\"FILE\"}",
			   "nobody asked whether %u certificates were revoked", all->unchecked);
}

void doctor_certificates(struct doctor *d)
{
	struct json_object *items = d->alive ?
		json_object_object_get(d->agent, "certificates") : NULL;
	struct certificates all = {};
	size_t i;

	for (i = 0; items && i < json_object_array_length(items); i++)
		one_item(d, &all, json_object_array_get_idx(items, i));
	if (!items) {
		of_kernel(d, &all, d->locals, "own");
		of_kernel(d, &all, d->thirdparties, "third party");
		of_kernel(d, &all, d->responders, "responder");
	}
	sum_up(d, &all);
	if (!items && (!d->locals || !doctor_count(d->locals)))
		doctor_say(d, "certificates", DOCTOR_UNCHECKED, NULL, NULL,
			   "neither the agent nor the kernel tells of any");
}

/* ---- keys */

/* 'I' alone is good; R, D and N are revoked, dead and negative: proc_keys(5) */
static bool is_dead(const char *flags)
{
	return strpbrk(flags, "RDN");
}

/*
 * 1 it is there, 0 it is dead, -1 this user does not see it. A dead one may lie
 * there for a while beside its successor.
 */
static int state_of(const char *description)
{
	FILE *f = fopen("/proc/keys", "re");
	char line[1024], flags[16];
	int state = -1;

	while (f && state < 1 && fgets(line, sizeof(line), f))
		if (strstr(line, description) && sscanf(line, "%*x %15s", flags) == 1)
			state = !is_dead(flags);
	if (f)
		fclose(f);
	return state;
}

static void one_key(struct doctor *d, struct json_object *local)
{
	const char *id = ctl_json_string(local, "id");
	char name[96];

	snprintf(name, sizeof(name), "dmikey:private:%.64s", ctl_json_string(local, "sha256"));
	switch (state_of(name)) {
	case 1:
		doctor_say(d, "keys", DOCTOR_OK, NULL, NULL, "the private key of %s is there", id);
		break;
	case 0:
		doctor_say(d, "keys", DOCTOR_FAULT, "systemctl restart dmikeyd", NULL,
			   "the private key of %s was revoked", id);
		break;
	default:
		doctor_say(d, "keys", DOCTOR_UNCHECKED, NULL, NULL,
			   "the private key of %s is in a keyring that is not ours to see", id);
	}
}

void doctor_keys(struct doctor *d)
{
	size_t i;

	for (i = 0; i < doctor_count(d->locals); i++)
		one_key(d, json_object_array_get_idx(d->locals, i));
	if (!d->locals)
		doctor_say(d, "keys", DOCTOR_UNCHECKED, NULL, NULL, "the kernel does not tell us");
}

/* ---- /etc/dmikey */

static unsigned int one_file(struct doctor *d, DIR *dir, const char *name)
{
	char cure[sizeof("chmod 600 " CONFIGURATION "/") + NAME_MAX];
	struct stat st;
	size_t len = strlen(name);

	if (len < 4 || strcmp(name + len - 4, ".key") || fstatat(dirfd(dir), name, &st, 0) ||
	    !(st.st_mode & 077))
		return 0;
	snprintf(cure, sizeof(cure), "chmod 600 " CONFIGURATION "/%s", name);
	doctor_say(d, "files", DOCTOR_FAULT, doctor_is_plain(name) ? cure : NULL, NULL,
		   "others may read " CONFIGURATION "/%s", name);
	return 1;
}

static unsigned int each_file(struct doctor *d)
{
	DIR *dir = opendir(CONFIGURATION);
	unsigned int bad = 0;
	struct dirent *e;

	if (!dir) {
		doctor_say(d, "files", DOCTOR_UNCHECKED, NULL, NULL, CONFIGURATION ": %m");
		return 1;
	}
	while ((e = readdir(dir)))
		bad += one_file(d, dir, e->d_name);
	closedir(dir);
	return bad;
}

void doctor_files(struct doctor *d)
{
	struct stat st;

	if (stat(CONFIGURATION, &st))
		doctor_say(d, "files", DOCTOR_UNCHECKED, NULL, NULL, CONFIGURATION ": %m");
	else if (st.st_mode & 077)
		doctor_say(d, "files", DOCTOR_FAULT, "chmod 700 " CONFIGURATION, NULL,
			   CONFIGURATION " is open to others: mode %o", st.st_mode & 07777);
	else if (!each_file(d))
		doctor_say(d, "files", DOCTOR_OK, NULL, NULL, CONFIGURATION " is its owner's alone");
}
