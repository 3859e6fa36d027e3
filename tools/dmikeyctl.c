// SPDX-License-Identifier: GPL-2.0
/* dmikeyctl [-ajs] [-n NETNS] [-S FILE] [OBJECT [VERB] [WORDS]]: see and set dmikey.ko. */
#include <fcntl.h>
#include <getopt.h>
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
	{ "why", ctl_why, "[ID]\twhat is known of it, its last refusals, and what to do" },
	{ "instance", ctl_instance, "[show] | set [port P] [skew S] [queue N] [rate N] [highest-t T] [envelope-life S]" },
	{ "local", ctl_local, "[show] | add ROLE certificate FILE(*) key SERIAL | del ROLE ID" },
	{ "sensor", ctl_sensor, "[show] | add ID key SERIAL [generation N]\n"
	  "\t\t[timestamp ntp|counter] [suites ccm,cm] [counter N]\n"
	  "\t\t[responders ID,...] [addresses PREFIX,...] | del ID [counter N]" },
	{ "thirdparty", ctl_thirdparty, "[show] | add certificate FILE(*) [suites ccm,cm]\n"
	  "\t\t| del ID|sha256 HEX" },
	{ "responder", ctl_responder, "[show] | add ID certificate FILE(*) address A [port P]\n"
	  "\t\t[suites ccm,cm] [by-hash] | del ID|sha256 HEX" },
	{ "rule", ctl_rule, "[show] | add NAME sensor ID|realm REALM min-k K [allow-k1]\n"
	  "\t\t[thirdparties ID,...] [addresses PREFIX,...]\n"
	  "\t\t[policies aes-ccm-8-128,...] [reqid N] | del NAME" },
	{ "host", ctl_host, "[show] | add ID own ID address A [port P] [key SERIAL]\n"
	  "\t\t[suites ccm,cm,legacy] [policies aes-ccm-8-128,...] [reqid N] [connect]\n"
	  "\t\t| del ID | connect ID | disconnect ID" },
	{ "session", ctl_session, "[show] | del ID|spi 0xSPI" },
	{ "stats", ctl_stats, "" },
	{ "monitor", ctl_monitor, "" },
	{ "doctor", ctl_doctor, "\twhat is wrong on this host, and what mends it" },
	{ "metrics", ctl_metrics, "\tOpenMetrics, for a node exporter's textfile collector" },
	{ "apply", ctl_apply, "[--check] -f FILE\n\t\tthe kernel becomes what FILE says" },
	{ "decode", ctl_decode, "[--psk FILE] [--key FILE] [--cert FILE] [--port P] [FILE|-]\n"
	  "\t\twhat is in MIKEY messages: hex, a capture, or one as it is" },
};

static int help(FILE *out)
{
	const struct command *cmd;

	fputs("usage: dmikeyctl [-a] [-j] [-n NETNS] [-s] [-S FILE] [COMMAND]\n\n"
	      "\t-a\tcounters that are zero, too; lists to their end\n"
	      "\t-j\tJSON\n"
	      "\t-n\tin a network namespace of ip-netns(8), or a path\n"
	      "\t-s\twhat went through the SAs of sessions, and when\n"
	      "\t-S\tthe agent's status file (/run/dmikey/status.json)\n\n", out);
	for (cmd = commands; cmd < commands + ARRAY_SIZE(commands); cmd++)
		fprintf(out, "%s %s\n", cmd->name, cmd->grammar);
	fputs("help\n\n"
	      "ROLE is thirdparty or responder, ID nai:NAME@REALM or uri:URI, SERIAL a key's.\n"
	      "(*) The certificate is NOT VALIDATED here: chain, dates, role, revocation.\n"
	      "    dmikeyd does that; dmikeyctl is for tests and for those who know better.\n"
	      "Exit: 0 done, 1 refused (doctor: a fault; apply --check: a difference), 2 usage, 3 module not loaded, 4 not permitted,\n"
	      "      5 decode: malformed, 6 decode: wrong MAC or signature.\n", out);
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

int ctl_run(struct ctl *c, int argc, char **argv)
{
	const char *name = argv[0];
	const struct command *cmd;

	for (cmd = commands; cmd < commands + ARRAY_SIZE(commands); cmd++) {
		if (strcmp(cmd->name, name))
			continue;
		ctl_fail_in(name);
		if (c->decode.n && cmd->run != ctl_decode)
			ctl_fail(CTL_USAGE, "such options are decode's alone");
		if ((c->file || c->check) && cmd->run != ctl_apply)
			ctl_fail(CTL_USAGE, "-f and --check are apply's alone");
		return cmd->run(c, argc - 1, argv + 1);
	}
	if (!strcmp(name, "help"))
		return help(stdout);
	ctl_fail(CTL_USAGE, "there is no command \"%s\"; see: dmikeyctl help", name);
}

/* long options: apply's, and from DECODE_OPTION on decode's */
#define CHECK_OPTION 255
#define DECODE_OPTION 256

static const struct option long_options[] = {
	{ "check", no_argument, NULL, CHECK_OPTION },
	{ "psk", required_argument, NULL, DECODE_OPTION + CTL_DECODE_PSK },
	{ "key", required_argument, NULL, DECODE_OPTION + CTL_DECODE_KEY },
	{ "cert", required_argument, NULL, DECODE_OPTION + CTL_DECODE_CERT },
	{ "port", required_argument, NULL, DECODE_OPTION + CTL_DECODE_PORT },
	{}
};

static void take_decode(struct ctl_decode_options *o, int opt)
{
	if (o->n == ARRAY_SIZE(o->option))
		ctl_fail(CTL_USAGE, "more than %zu keys", ARRAY_SIZE(o->option));
	o->option[o->n].name = opt - DECODE_OPTION;
	o->option[o->n++].value = optarg;
}

int main(int argc, char **argv)
{
	struct ctl c = { .status = "/run/dmikey/status.json" };
	int opt, status;

	while ((opt = getopt_long(argc, argv, "ajf:n:sS:h", long_options, NULL)) != -1) {
		switch (opt) {
		case 'a':
			c.all = true;
			break;
		case 'j':
			c.json = true;
			break;
		case 'n':
			enter_netns(optarg);
			c.netns = optarg;
			break;
		case 'f':
			c.file = optarg;
			break;
		case CHECK_OPTION:
			c.check = true;
			break;
		case 's':
			c.usage = true;
			break;
		case 'S':
			c.status = optarg;
			break;
		case 'h':
			return help(stdout);
		case '?':
			return help(stderr);
		default:
			take_decode(&c.decode, opt);
		}
	}
	argc -= optind;
	argv += optind;
	status = argc ? ctl_run(&c, argc, argv) : ctl_run(&c, 1, (char *[]){ "show", NULL });
	if (fflush(stdout) || ferror(stdout))
		ctl_fail(CTL_REFUSED, "standard output: %m");
	nl_socket_free(c.sk);
	return status;
}
