/* SPDX-License-Identifier: GPL-2.0 */
/*
 * doctor: what it found out once, for all of its checks. A check that could
 * not look says so; it never says "ok" for want of a look.
 */
#ifndef CTL_DOCTOR_H
#define CTL_DOCTOR_H

#include "ctl.h"

#define DOCTOR_PORT 2269		/* IANA: mikey */
#define DOCTOR_NAME_MAX 128		/* bytes of a name in a cure */

enum doctor_verdict {
	DOCTOR_OK,
	DOCTOR_WARNING,		/* works, and will not or should not for long */
	DOCTOR_FAULT,
	DOCTOR_UNCHECKED,
};

/**
 * struct doctor - one examination
 * @c: the run
 * @checks: findings so far, an array of objects
 * @faults: their number
 * @loaded: the module is
 * @instance: of this namespace, or NULL if it could not be asked; so are the rest
 * @locals: roles of this host
 * @sensors: what the kernel knows
 * @thirdparties: of others
 * @responders: of others
 * @rules: of this responder
 * @hosts: with which plain RFC 3830 is spoken
 * @agent: status.json, or NULL
 * @alive: the agent is
 */
struct doctor {
	struct ctl *c;
	struct json_object *checks;
	unsigned int faults;
	bool loaded;
	struct json_object *instance;
	struct json_object *locals;
	struct json_object *sensors;
	struct json_object *thirdparties;
	struct json_object *responders;
	struct json_object *rules;
	struct json_object *hosts;
	struct json_object *agent;
	bool alive;
};

/**
 * doctor_say() - one finding
 * @d: the examination
 * @check: of which check
 * @verdict: what it is
 * @cure: a command that mends it, or NULL
 * @advice: what else to do, in words, or NULL
 * @fmt: what was found
 */
CTL_PRINTF(6, 7)
void doctor_say(struct doctor *d, const char *check, enum doctor_verdict verdict,
		const char *cure, const char *advice, const char *fmt, ...);

/* ---- checks, in the order in which one depends on another */
void doctor_module(struct doctor *d);
void doctor_algorithms(struct doctor *d);
void doctor_esp(struct doctor *d);
void doctor_port(struct doctor *d);
void doctor_agent(struct doctor *d);
void doctor_clock(struct doctor *d);
void doctor_replay(struct doctor *d);
void doctor_certificates(struct doctor *d);
void doctor_keys(struct doctor *d);
void doctor_files(struct doctor *d);
void doctor_mtu(struct doctor *d);
void doctor_routes(struct doctor *d);
void doctor_roles(struct doctor *d);
void doctor_rules(struct doctor *d);
void doctor_hosts(struct doctor *d);
void doctor_policies(struct doctor *d);

/* ---- ctl_doctor_kernel.c */

/* what is known of a module of this kernel */
enum doctor_kmod {
	DOCTOR_KMOD_THERE,	/* loaded or built in */
	DOCTOR_KMOD_COMES,	/* the kernel asks modprobe for it when it is wanted */
	DOCTOR_KMOD_WAITS,	/* it is installed, but the kernel loads nothing */
	DOCTOR_KMOD_ABSENT,
	DOCTOR_KMOD_UNKNOWN,	/* /lib/modules says nothing of this kernel */
};

enum doctor_kmod doctor_kmod(const char *name);

/* Whether a name may stand in a cure: nobody shall paste one that a shell reads otherwise. */
bool doctor_is_plain(const char *name);

/* a command in the namespace that was named, NULL if its name is not plain; good until
 * the next call
 */
const char *doctor_here(struct doctor *d, const char *command);

/* the number of rows; 0 if they are unknown, too */
size_t doctor_count(struct json_object *rows);

#endif
