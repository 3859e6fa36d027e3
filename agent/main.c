// SPDX-License-Identifier: GPL-2.0
/* dmikeyd: certificates, keys and configuration for dmikey.ko; dmikeyd(8). */
#include <argp.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "agent.h"
#include "apply.h"
#include "item.h"
#include "keys.h"
#include "known.h"
#include "log.h"
#include "notify.h"
#include "privilege.h"
#include "refusals.h"
#include "registry.h"
#include "secret.h"
#include "seen.h"
#include "status.h"
#include "upcall.h"

#define TICK_MS	60000	/* a clock that is set is noticed in that time */

/* exit status, as dmikeyd(8) says */
enum {
	EXIT_CONFIG = 1,
	EXIT_USAGE = 2,
	EXIT_RUNTIME = 3,
};

struct arguments {
	const char *config;
	const char *state;
	const char *status;
	bool check;
};

static const struct argp_option argp_options[] = {
	{ "config", 'c', "FILE", 0, "configuration (/etc/dmikey/dmikey.conf)", 0 },
	{ "state", 's', "DIR", 0, "what survives a restart (/var/lib/dmikey)", 0 },
	{ "status", 'S', "FILE", 0, "how it is (/run/dmikey/status.json)", 0 },
	{ "check", 'C', NULL, 0, "only check the configuration", 0 },
	{ "foreground", 'f', NULL, 0, "stay in the foreground (always done)", 0 },
	{ "verbose", 'v', NULL, 0, "log each question and answer", 0 },
	{ 0 }
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct arguments *args = state->input;

	switch (key) {
	case 'c':
		args->config = arg;
		return 0;
	case 's':
		args->state = arg;
		return 0;
	case 'S':
		args->status = arg;
		return 0;
	case 'C':
		args->check = true;
		return 0;
	case 'f':
		return 0;
	case 'v':
		dmk_log_verbose();
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
	.options = argp_options,
	.parser = parse_option,
	.doc = "The agent of dmikey.ko: certificates, keys and configuration.",
};

static void reopen_registry(struct dmk_agent *a)
{
	dmk_registry_close(a->registry);
	a->registry = dmk_registry_open(a->dir);
}

static void reload(struct dmk_agent *a)
{
	struct dmk_config *new = dmk_config_load(a->path), *old = a->config;

	a->refused = !new;
	a->watch = 0;
	if (!new) {
		dmk_log(LOG_ERR, "%s: not loaded, the running configuration stays", a->path);
		return;
	}
	a->loaded = time(NULL);
	a->sweep = 0;	/* by the new limits */
	reopen_registry(a);
	dmk_keys_inherit(new, old);
	a->config = new;
	dmk_seen_judge(a);
	dmk_keys_load(new);
	dmk_apply_change(a);
	dmk_keys_retire(old, new);
	dmk_config_free(old);
	dmk_log(LOG_NOTICE, "%s: loaded", a->path);
}

static void meet_module(struct dmk_agent *a)
{
	if (dmk_netlink_resolve(a->nl))
		dmk_apply_start(a);
	else
		dmk_log(LOG_WARNING, "dmikey.ko is not loaded; waiting for it");
}

static void receive(struct dmk_agent *a)
{
	unsigned int news = dmk_netlink_receive(a->nl, dmk_upcall_handle, a);

	if (news & (DMK_NETLINK_GONE | DMK_NETLINK_APPEARED))
		a->watch = 0;
	if (news & DMK_NETLINK_GONE)
		dmk_log(LOG_WARNING, "dmikey.ko was unloaded; waiting for it");
	if (news & DMK_NETLINK_APPEARED) {
		dmk_log(LOG_NOTICE, "dmikey.ko is there");
		meet_module(a);
	}
	/* A lost question is asked again with the next message. */
	if (news & DMK_NETLINK_LOST) {
		dmk_log(LOG_WARNING, "events were lost");
		dmk_refusals_lost(a->refusals);
		dmk_state_missed(a->state);
		dmk_known_compare(a);
	}
}

/* Certificates end without anybody saying so. */
static void judge_expired(struct dmk_agent *a)
{
	time_t now = time(NULL), conf = dmk_config_expiry(a->config);
	time_t seen = dmk_seen_expiry(a->seen);

	if ((seen && seen <= now) || conf <= now)
		dmk_seen_judge(a);
	if (conf <= now) {
		dmk_config_judge(a->config);
		dmk_apply_change(a);
	}
	if ((seen && seen <= now) || conf <= now)
		a->watch = 0;
}

/* once a minute, and when something has changed */
static void watch(struct dmk_agent *a)
{
	if (a->watch > dmk_state_now())
		return;
	a->watch = dmk_state_now() + TICK_MS;
	dmk_item_warn(a->config, a->seen, a->state);
	dmk_status_write(a);
}

static int until(time_t when, int ms)
{
	time_t left = when - time(NULL);

	if (!when || left * 1000 > ms)
		return ms;
	return left < 0 ? 0 : left * 1000;
}

static int next_wake(const struct dmk_agent *a)
{
	int ms = TICK_MS, due = dmk_state_due(a->state), sweep = dmk_known_due(a);
	int refusals = dmk_refusals_due(a->refusals);

	ms = until(dmk_config_expiry(a->config), ms);
	ms = until(dmk_seen_expiry(a->seen), ms);
	if (sweep >= 0 && sweep < ms)
		ms = sweep;
	if (refusals >= 0 && refusals < ms)
		ms = refusals;
	return due >= 0 && due < ms ? due : ms;
}

/* false: to end */
static bool take_signal(struct dmk_agent *a, int fd)
{
	struct signalfd_siginfo info;

	if (read(fd, &info, sizeof(info)) != sizeof(info))
		return true;
	switch (info.ssi_signo) {
	case SIGUSR1:
		reopen_registry(a);
		dmk_apply_registry(a);
		a->watch = 0;
		return true;
	case SIGHUP:
		dmk_notify("RELOADING=1");
		reload(a);
		dmk_notify("READY=1");
		return true;
	}
	return false;
}

static int loop(struct dmk_agent *a, int signals)
{
	struct pollfd fds[] = {
		{ .fd = signals, .events = POLLIN },
		{ .fd = dmk_netlink_fd(a->nl), .events = POLLIN },
	};

	for (;;) {
		if (poll(fds, 2, next_wake(a)) < 0 && errno != EINTR)
			return EXIT_RUNTIME;
		if (fds[1].revents)
			receive(a);
		if (dmk_state_due(a->state) == 0)
			dmk_state_flush(a->state);
		if (!dmk_known_due(a))
			dmk_known_sweep(a);
		if (!dmk_refusals_due(a->refusals))
			dmk_refusals_write(a->refusals);
		judge_expired(a);
		if (fds[0].revents && !take_signal(a, signals))
			return 0;
		watch(a);
	}
}

static int block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* The module comes first, for it brings the parser of private keys; keys come
 * before privileges go, for their files may be root's.
 */
static int run(struct dmk_agent *a, const struct arguments *args)
{
	int signals = block_signals(), status;

	a->nl = dmk_netlink_open();
	a->told = dmk_apply_new();
	a->seen = dmk_seen_new();
	a->refusals = dmk_refusals_new(args->status);
	if (signals < 0 || !a->nl || !a->told || !a->seen || !a->refusals)
		return EXIT_RUNTIME;
	dmk_netlink_resolve(a->nl);
	dmk_keys_load(a->config);
	if (!dmk_privilege_drop(a->config->user))
		return EXIT_RUNTIME;
	a->state = dmk_state_open(args->state);
	if (!a->state)
		return EXIT_RUNTIME;
	a->registry = dmk_registry_open(args->state);
	meet_module(a);
	dmk_log(LOG_NOTICE, "%s: loaded", args->config);
	/* whoever sees the status sees the refusals, too */
	dmk_refusals_write(a->refusals);
	watch(a);
	dmk_notify("READY=1");
	status = loop(a, signals);
	dmk_notify("STOPPING=1");
	close(signals);
	return status;
}

int main(int argc, char **argv)
{
	struct arguments args = {
		.config = "/etc/dmikey/dmikey.conf",
		.state = "/var/lib/dmikey",
		.status = "/run/dmikey/status.json",
	};
	struct dmk_agent agent = { 0 };
	int status = 0;

	argp_err_exit_status = EXIT_USAGE;
	dmk_log_init();
	if (!dmk_secret_init()) {
		dmk_log(LOG_ERR, "OpenSSL does not take other memory functions");
		return EXIT_RUNTIME;
	}
	argp_parse(&argp, argc, argv, 0, NULL, &args);
	agent.config = dmk_config_load(args.config);
	if (!agent.config)
		return EXIT_CONFIG;
	agent.path = args.config;
	agent.dir = args.state;
	agent.status = args.status;
	agent.loaded = time(NULL);
	if (args.check)
		dmk_item_warn(agent.config, NULL, NULL);
	else
		status = run(&agent, &args);
	dmk_status_remove(&agent);
	dmk_refusals_free(agent.refusals);
	dmk_registry_close(agent.registry);
	dmk_state_close(agent.state);
	dmk_seen_free(agent.seen);
	dmk_apply_free(agent.told);
	dmk_netlink_close(agent.nl);
	dmk_config_free(agent.config);
	return status;
}
