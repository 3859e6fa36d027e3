// SPDX-License-Identifier: GPL-2.0
/* dmikey-registry: the sensors that dmikeyd knows; dmikey-registry(8). */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "registry_write.h"

enum {
	EXIT_USAGE = 2,
};

/**
 * struct command - what is to be done
 * @run: does it; @argv without the command's name. Return: an exit status
 * @min: words that it takes at least
 * @max: and at most
 * @changes: the agent is told if it has done something
 */
struct command {
	const char *name;
	int (*run)(struct dmk_registry_writer *w, int argc, char **argv);
	int min, max;
	bool changes;
	const char *grammar;
};

static void say(const char *text)
{
	fprintf(stderr, "dmikey-registry: %s\n", text);
}

__attribute__((format(printf, 1, 2)))
static int fail(const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	say(text);
	return EXIT_FAILURE;
}

static bool read_identity(const char *text, struct dmk_identity *id)
{
	if (dmk_identity_parse(text, id))
		return true;
	fail("\"%s\" is no identity", text);
	return false;
}

/* ---- commands */

static int find_column(const char *name)
{
	int c;

	for (c = DMK_COLUMN_PSK; c < DMK_COLUMNS; c++)
		if (!strcmp(dmk_registry_columns[c], name))
			return c;
	return -1;
}

static bool read_columns(int argc, char **argv, const char *text[DMK_COLUMNS])
{
	int i, c;

	text[DMK_COLUMN_IDENTITY] = argv[0];
	for (i = 1; i < argc; i += 2) {
		c = find_column(argv[i]);
		if (c < 0 || text[c] || i + 1 == argc) {
			fail("%s: %s", argv[i], c < 0 ? "there is no such column" :
			     text[c] ? "given twice" : "its value is missing");
			return false;
		}
		text[c] = argv[i + 1];
	}
	return true;
}

static int add(struct dmk_registry_writer *w, int argc, char **argv)
{
	const char *text[DMK_COLUMNS] = { NULL };
	enum dmk_registry_change change;
	struct dmk_registered s;
	char why[DMK_DB_WHY];

	if (!read_columns(argc, argv, text))
		return EXIT_USAGE;
	if (!dmk_registry_begin(w, why))
		return fail("%s", why);
	change = dmk_registry_put(w, text, &s, why);
	if (change < DMK_REGISTRY_SAME || !dmk_registry_commit(w, why))
		return fail("%s: %s", argv[0], why);
	printf("%s: %s\n", argv[0], change == DMK_REGISTRY_ADDED ? "added" :
	       change == DMK_REGISTRY_CHANGED ? "changed" : "is so already");
	return EXIT_SUCCESS;
}

/* all of them or none */
static int each(struct dmk_registry_writer *w, int argc, char **argv,
		int (*change)(struct dmk_registry_writer *, const struct dmk_identity *, char *),
		const char *done, const char *absent)
{
	struct dmk_identity id;
	char why[DMK_DB_WHY];
	int i, rows;

	if (!dmk_registry_begin(w, why))
		return fail("%s", why);
	for (i = 0; i < argc; i++) {
		if (!read_identity(argv[i], &id))
			return EXIT_FAILURE;
		rows = change(w, &id, why);
		if (rows <= 0)
			return fail("%s: %s; nothing was changed", argv[i],
				    rows < 0 ? why : absent);
	}
	if (!dmk_registry_commit(w, why))
		return fail("%s", why);
	printf("%d %s\n", argc, done);
	return EXIT_SUCCESS;
}

static int remove_sensors(struct dmk_registry_writer *w, int argc, char **argv)
{
	return each(w, argc, argv, dmk_registry_remove, "removed", "is not there");
}

static int allow(struct dmk_registry_writer *w, int argc, char **argv)
{
	return each(w, argc, argv, dmk_registry_allow, "no longer denied", "is not denied");
}

static int deny(struct dmk_registry_writer *w, int argc, char **argv)
{
	const char *reason = argc > 1 ? argv[1] : "";
	struct dmk_identity id;
	char why[DMK_DB_WHY];

	if (!read_identity(argv[0], &id))
		return EXIT_FAILURE;
	if (dmk_registry_deny(w, &id, reason, why) < 0)
		return fail("%s: %s", argv[0], why);
	printf("%s: denied\n", argv[0]);
	return EXIT_SUCCESS;
}

static int import(struct dmk_registry_writer *w, int argc, char **argv)
{
	bool in = !strcmp(argv[0], "-"), good;
	struct dmk_registry_import n;
	char why[DMK_DB_WHY];
	FILE *f = in ? stdin : fopen(argv[0], "re");

	(void)argc;
	if (!f)
		return fail("%s: %s", argv[0], strerror(errno));
	if (!dmk_registry_begin(w, why))
		return fail("%s", why);
	good = dmk_registry_import(w, f, in ? "standard input" : argv[0], &n, say);
	if (!in)
		fclose(f);
	if (!good) {
		dmk_registry_rollback(w);
		return fail("%lu rows are wrong; nothing was imported", n.bad);
	}
	if (!dmk_registry_commit(w, why))
		return fail("%s; nothing was imported", why);
	printf("%lu added, %lu changed, %lu as they were\n", n.added, n.changed, n.same);
	return EXIT_SUCCESS;
}

static int list(struct dmk_registry_writer *w, int argc, char **argv)
{
	struct dmk_identity id;
	char why[DMK_DB_WHY];
	long rows;

	if (argc && !read_identity(argv[0], &id))
		return EXIT_FAILURE;
	rows = dmk_registry_export(w, argc ? &id : NULL, stdout, why);
	if (rows < 0)
		return fail("%s", why);
	return argc && !rows ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int denied(struct dmk_registry_writer *w, int argc, char **argv)
{
	char why[DMK_DB_WHY];

	(void)argc;
	(void)argv;
	return dmk_registry_export_denied(w, stdout, why) < 0 ? fail("%s", why) : EXIT_SUCCESS;
}

static int check(struct dmk_registry_writer *w, int argc, char **argv)
{
	char why[DMK_DB_WHY];

	(void)argc;
	(void)argv;
	if (!dmk_db_check(w->db, why))
		return fail("%s", why);
	puts("sound");
	return EXIT_SUCCESS;
}

static const struct command commands[] = {
	{ "add", add, 1, INT_MAX, true, "ID (psk FILE | master NAME generation N) "
	  "[timestamp ntp|counter]\n\t\t[suites 'ccm cm'] [responders 'ID ..'] "
	  "[addresses 'PREFIX ..']" },
	{ "remove", remove_sensors, 1, INT_MAX, true, "ID.." },
	{ "deny", deny, 1, 2, true, "ID [REASON]" },
	{ "allow", allow, 1, INT_MAX, true, "ID.." },
	{ "import", import, 1, 1, true, "FILE.csv | -" },
	{ "list", list, 0, 1, false, "[ID]" },
	{ "denied", denied, 0, 0, false, "" },
	{ "check", check, 0, 0, false, "" },
	{ NULL, NULL, 0, 0, false, NULL }
};

static int usage(FILE *out)
{
	const struct command *c;

	fputs("usage: dmikey-registry [-s DIR] COMMAND\n\n"
	      "\t-s\tdmikeyd's state directory (/var/lib/dmikey)\n\n", out);
	for (c = commands; c->name; c++)
		fprintf(out, "%s %s\n", c->name, c->grammar);
	fputs("\nExit: 0 done, 1 refused, and then nothing was changed, 2 usage.\n", out);
	return out == stdout ? EXIT_SUCCESS : EXIT_USAGE;
}

/* ---- the agent, if one runs: it holds the lock of its pid file */

static void tell_agent(const char *dir)
{
	char path[PATH_MAX], text[16] = "";
	int fd;

	snprintf(path, sizeof(path), "%s/dmikeyd.pid", dir);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (flock(fd, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK &&
	    read(fd, text, sizeof(text) - 1) > 0 && atoi(text) > 1 && kill(atoi(text), SIGUSR1))
		fail("dmikeyd cannot be told (%s): systemctl reload dmikeyd", strerror(errno));
	close(fd);
}

static int run(const char *dir, const struct command *c, int argc, char **argv)
{
	struct dmk_registry_writer w;
	char why[DMK_DB_WHY];
	int status;

	if (argc < c->min || argc > c->max)
		return usage(stderr);
	if (!dmk_registry_writer_open(&w, dir, why))
		return fail("%s/" DMK_REGISTRY_FILE ": %s", dir, why);
	status = c->run(&w, argc, argv);
	dmk_registry_writer_close(&w);
	if (!status && c->changes)
		tell_agent(dir);
	if (fflush(stdout) || ferror(stdout))
		return fail("standard output: %s", strerror(errno));
	return status;
}

int main(int argc, char **argv)
{
	const char *dir = "/var/lib/dmikey";
	const struct command *c;
	int opt;

	umask(077);
	/* a file that may not grow is an error, not the end */
	signal(SIGXFSZ, SIG_IGN);
	while ((opt = getopt(argc, argv, "+hs:")) != -1) {
		if (opt == 'h')
			return usage(stdout);
		if (opt != 's')
			return usage(stderr);
		dir = optarg;
	}
	for (c = commands; optind < argc && c->name; c++)
		if (!strcmp(c->name, argv[optind]))
			return run(dir, c, argc - optind - 1, argv + optind + 1);
	return usage(stderr);
}
