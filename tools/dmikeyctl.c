// SPDX-License-Identifier: GPL-2.0
/* dmikeyctl [-aj] [-n NETNS] [OBJECT [VERB] [WORDS]]: see and set dmikey.ko. */
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"

static const struct command {
	const char *name;
	int (*run)(struct ctl *c, int argc, char **argv);
	const char *grammar;
} commands[] = {
	{ "show", ctl_show, "" },
	{ "instance", ctl_instance, "[show] | set [port P] [skew S] [queue N] [rate N] [highest-t T] [envelope-life S]" },
	{ "local", ctl_local, "[show] | add ROLE certificate FILE(*) key SERIAL | del ROLE ID" },
	{ "sensor", ctl_sensor, "[show] | add ID key SERIAL [generation N]\n"
	  "\t\t[timestamp ntp|counter] [suites ccm,cm] [counter N] | del ID" },
	{ "thirdparty", ctl_thirdparty, "[show] | add certificate FILE(*) [suites ccm,cm]\n"
	  "\t\t| del ID|sha256 HEX" },
	{ "responder", ctl_responder, "[show] | add ID certificate FILE(*) address A [port P]\n"
	  "\t\t[suites ccm,cm] [by-hash] | del ID|sha256 HEX" },
	{ "rule", ctl_rule, "[show] | add NAME sensor ID|realm REALM min-k K [allow-k1]\n"
	  "\t\t[thirdparties ID,...] [addresses PREFIX,...]\n"
	  "\t\t[policies aes-ccm-8-128,...] [reqid N] | del NAME" },
	{ "session", ctl_session, "[show] | del ID|spi 0xSPI" },
	{ "stats", ctl_stats, "" },
	{ "monitor", ctl_monitor, "" },
};

static int help(FILE *out)
{
	const struct command *cmd;

	fputs("usage: dmikeyctl [-a] [-j] [-n NETNS] [COMMAND]\n\n"
	      "\t-a\tcounters that are zero, too\n"
	      "\t-j\tJSON\n"
	      "\t-n\tin a network namespace of ip-netns(8), or a path\n\n", out);
	for (cmd = commands; cmd < commands + ARRAY_SIZE(commands); cmd++)
		fprintf(out, "%s %s\n", cmd->name, cmd->grammar);
	fputs("help\n\n"
	      "ROLE is thirdparty or responder, ID nai:NAME@REALM or uri:URI, SERIAL a key's.\n"
	      "(*) The certificate is NOT VALIDATED here: chain, dates, role, revocation.\n"
	      "    dmikeyd does that; dmikeyctl is for tests and for those who know better.\n"
	      "Exit: 0 done, 1 refused, 2 usage, 3 module not loaded, 4 not permitted.\n", out);
	return out == stdout ? CTL_OK : CTL_USAGE;
}

static void enter_netns(const char *name)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s%s", strchr(name, '/') ? "" : "/run/netns/", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		ctl_fail(CTL_REFUSED, "network namespace %s: %m", name);
	close(fd);
}

static int run(struct ctl *c, const char *name, int argc, char **argv)
{
	const struct command *cmd;

	for (cmd = commands; cmd < commands + ARRAY_SIZE(commands); cmd++) {
		if (strcmp(cmd->name, name))
			continue;
		ctl_fail_in(name);
		return cmd->run(c, argc, argv);
	}
	if (!strcmp(name, "help"))
		return help(stdout);
	ctl_fail(CTL_USAGE, "there is no command \"%s\"; see: dmikeyctl help", name);
}

int main(int argc, char **argv)
{
	struct ctl c = {};
	int opt, status;

	while ((opt = getopt(argc, argv, "ajn:h")) != -1) {
		switch (opt) {
		case 'a':
			c.all = true;
			break;
		case 'j':
			c.json = true;
			break;
		case 'n':
			enter_netns(optarg);
			break;
		case 'h':
			return help(stdout);
		default:
			return help(stderr);
		}
	}
	argc -= optind;
	argv += optind;
	status = argc ? run(&c, argv[0], argc - 1, argv + 1) : run(&c, "show", 0, argv);
	if (fflush(stdout) || ferror(stdout))
		ctl_fail(CTL_REFUSED, "standard output: %m");
	nl_socket_free(c.sk);
	return status;
}
