// SPDX-License-Identifier: GPL-2.0
/* What the agent says of itself and of refusals: dmikeyd(8), STATUS and REFUSALS. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl.h"

#define START "systemctl enable --now dmikeyd; journalctl -u dmikeyd says why it ended"
#define FILE_MAX (16 << 20)	/* bytes; far more than the agent writes */

static void put(struct json_object *o, const char *name, const char *text)
{
	json_object_object_add(o, name, json_object_new_string(text));
}

static void trouble(struct json_object *journal, const char *why, const char *cure)
{
	put(journal, "why", why);
	put(journal, "cure", cure);
}

/* a number that another program got meanwhile is not the agent */
static bool is_alive(int pid)
{
	char path[64], comm[32] = "";
	FILE *f;

	if (pid <= 0 || (kill(pid, 0) && errno != EPERM))
		return false;
	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	f = fopen(path, "re");
	if (!f)
		return true;	/* there, and hidden from this user */
	if (!fgets(comm, sizeof(comm), f))
		comm[0] = '\0';
	fclose(f);
	return !strcmp(comm, "dmikeyd\n");
}

/* an agent that does not say where it is is taken for ours */
static bool is_here(struct json_object *status)
{
	int64_t netns = ctl_json_number(status, "netns");
	struct stat st;

	return !netns || stat("/proc/self/ns/net", &st) || (int64_t)st.st_ino == netns;
}

static struct json_object *read_json(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct json_object *o = NULL;
	struct stat st;

	if (fd < 0)
		return NULL;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size <= FILE_MAX)
		o = json_object_from_fd(fd);
	close(fd);
	return o;
}

static bool are_objects(struct json_object *list)
{
	size_t i;

	if (!json_object_is_type(list, json_type_array))
		return !list;
	for (i = 0; i < json_object_array_length(list); i++)
		if (!json_object_is_type(json_object_array_get_idx(list, i), json_type_object))
			return false;
	return true;
}

/* an object whose member @list, if it is there, others may index; whoever wrote it */
static struct json_object *read_object(const char *path, const char *list)
{
	struct json_object *o = read_json(path);

	if (json_object_is_type(o, json_type_object) &&
	    are_objects(json_object_object_get(o, list)))
		return o;
	json_object_put(o);
	return NULL;
}

static bool read_status(struct ctl *c, struct json_object *journal)
{
	struct json_object *status = read_object(c->status, "certificates");

	if (!status) {
		trouble(journal, access(c->status, F_OK) ? "no agent runs here" :
			"its status file cannot be read", START);
		return false;
	}
	if (!is_here(status)) {
		json_object_put(status);
		trouble(journal, "no agent runs in this network namespace",
			"start one in it, or name its status file: dmikeyctl -S FILE");
		return false;
	}
	json_object_object_add(journal, "status", status);
	if (is_alive(ctl_json_number(status, "pid")))
		return true;
	trouble(journal, "the agent has died", START);
	return false;
}

/* beside the status file; a dead agent's are the last ones still */
static void read_refusals(struct ctl *c, struct json_object *journal)
{
	const char *slash = strrchr(c->status, '/');
	struct json_object *o;
	char path[PATH_MAX];

	if (!json_object_object_get(journal, "status"))
		return;
	snprintf(path, sizeof(path), "%.*srefusals.json",
		 slash ? (int)(slash - c->status + 1) : 0, c->status);
	o = read_object(path, "refusals");
	if (o)
		json_object_object_add(journal, "refusals", o);
	else if (json_object_get_boolean(json_object_object_get(journal, "running")))
		trouble(journal, "what it has refused cannot be read",
			access(path, F_OK) ? "wait a second, or look at its log: journalctl -u dmikeyd" :
					     "run it as root");
}

struct json_object *ctl_journal_read(struct ctl *c)
{
	struct json_object *journal = json_object_new_object();

	json_object_object_add(journal, "running",
			       json_object_new_boolean(read_status(c, journal)));
	read_refusals(c, journal);
	return journal;
}

struct json_object *ctl_journal_status(struct ctl *c, bool *alive)
{
	struct json_object *journal = json_object_new_object(), *status;

	*alive = read_status(c, journal);
	status = json_object_get(json_object_object_get(journal, "status"));
	json_object_put(journal);
	return status;
}

struct json_object *ctl_journal_refusals(struct json_object *journal)
{
	struct json_object *file = json_object_object_get(journal, "refusals");
	struct json_object *all = json_object_object_get(file, "refusals");

	if (all && json_object_is_type(all, json_type_array))
		return all;
	all = json_object_new_array();
	if (!file) {
		file = json_object_new_object();
		json_object_object_add(journal, "refusals", file);
	}
	json_object_object_add(file, "refusals", all);
	return all;
}

static void print_running(struct json_object *journal, struct json_object *status)
{
	struct json_object *refusals = json_object_object_get(journal, "refusals");
	const char *registry = ctl_json_string(status, "registry");
	char when[CTL_TIME_TEXT];

	printf("agent: running, %s of %s", ctl_json_string(status, "configuration"),
	       ctl_print_time(ctl_json_number(status, "loaded"), when));
	if (json_object_object_get(status, "sensors"))
		printf(", names %lld sensors", (long long)ctl_json_number(status, "sensors"));
	if (*registry && strcmp(registry, "none"))
		printf(", registry %s", registry);
	putchar('\n');
	if (json_object_get_boolean(json_object_object_get(status, "refused")))
		printf("  what is in %s now is REFUSED; cure: dmikeyd --check says what is wrong\n",
		       ctl_json_string(status, "configuration"));
	if (!strcmp(registry, "broken"))
		puts("  the registry is BROKEN; cure: dmikey-registry(8), BACKUP");
	if (ctl_json_number(refusals, "lost"))
		printf("  refusals are missing: events came too fast %lld times, last %s\n",
		       (long long)ctl_json_number(refusals, "lost"),
		       ctl_print_time(ctl_json_number(refusals, "lost_last"), when));
}

void ctl_journal_print(struct json_object *journal)
{
	struct json_object *status = json_object_object_get(journal, "status");
	const char *why = ctl_json_string(journal, "why");

	if (json_object_get_boolean(json_object_object_get(journal, "running")))
		print_running(journal, status);
	if (*why)
		printf("agent: %s; cure: %s\n", why, ctl_json_string(journal, "cure"));
}
