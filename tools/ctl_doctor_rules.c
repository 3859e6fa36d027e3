// SPDX-License-Identifier: GPL-2.0
/* doctor: roles, rules, other hosts, and whether policies demand what they promise. */
#include <errno.h>
#include <linux/xfrm.h>
#include <netlink/msg.h>
#include <string.h>

#include "ctl_doctor.h"

static bool is(struct json_object *row, const char *member, const char *text)
{
	return !strcmp(ctl_json_string(row, member), text);
}

/* @id: under this name, or NULL */
static bool plays(struct doctor *d, const char *role, const char *id)
{
	struct json_object *l;
	size_t i;

	for (i = 0; i < doctor_count(d->locals); i++) {
		l = json_object_array_get_idx(d->locals, i);
		if (is(l, "role", role) && (!id || is(l, "id", id)))
			return true;
	}
	return false;
}

static bool is_by_certificate(struct json_object *host)
{
	return !json_object_object_get(host, "key");
}

/* ---- roles */

/* a host by certificates needs the role, which then may be without sensors */
static bool serves_host(struct doctor *d, const char *role)
{
	struct json_object *h;
	size_t i;

	for (i = 0; i < doctor_count(d->hosts); i++) {
		h = json_object_array_get_idx(d->hosts, i);
		if (is_by_certificate(h) && plays(d, role, ctl_json_string(h, "own")))
			return true;
	}
	return false;
}

static void thirdparty_alone(struct doctor *d)
{
	if (serves_host(d, "thirdparty"))
		doctor_say(d, "roles", DOCTOR_OK, NULL, NULL, "third party, for hosts by certificates");
	else if (!doctor_count(d->responders))
		doctor_say(d, "roles", DOCTOR_FAULT, NULL,
			   "name one: peer-responder in dmikey.conf, or dmikeyctl responder add",
			   "a third party that knows no responder refuses every sensor");
	else if (!d->alive && !doctor_count(d->sensors))
		doctor_say(d, "roles", DOCTOR_FAULT, "systemctl start dmikeyd", NULL,
			   "a third party without sensors, and no agent to ask for them");
	else
		doctor_say(d, "roles", DOCTOR_OK, NULL, NULL, "third party, %zu responders known",
			   doctor_count(d->responders));
}

static void responder_alone(struct doctor *d)
{
	if (doctor_count(d->rules))
		doctor_say(d, "roles", DOCTOR_OK, NULL, NULL, "responder, %zu rules",
			   doctor_count(d->rules));
	else if (serves_host(d, "responder"))
		doctor_say(d, "roles", DOCTOR_OK, NULL, NULL, "responder, for hosts by certificates");
	else
		doctor_say(d, "roles", DOCTOR_FAULT, NULL,
			   "add one: rule in dmikey.conf, or dmikeyctl rule add",
			   "a responder without rules refuses every share");
}

void doctor_roles(struct doctor *d)
{
	if (!d->locals) {
		doctor_say(d, "roles", DOCTOR_UNCHECKED, NULL, NULL,
			   d->loaded ? "only root is told" : "without the module there are none");
		return;
	}
	if (!doctor_count(d->locals) && !doctor_count(d->hosts))
		doctor_say(d, "roles", DOCTOR_FAULT, NULL,
			   "name a thirdparty, a responder or a host in dmikey.conf",
			   "this host plays no role");
	if (plays(d, "thirdparty", NULL))
		thirdparty_alone(d);
	if (plays(d, "responder", NULL))
		responder_alone(d);
	if (doctor_count(d->hosts))
		doctor_say(d, "roles", DOCTOR_OK, NULL, NULL, "peer of %zu other hosts",
			   doctor_count(d->hosts));
}

/* ---- rules */

static bool is_known(struct json_object *peers, const char *id)
{
	size_t i;

	for (i = 0; i < doctor_count(peers); i++)
		if (is(json_object_array_get_idx(peers, i), "id", id))
			return true;
	return false;
}

/* third parties that may vouch under a rule, as far as the kernel knows them */
static size_t vouchers(struct doctor *d, struct json_object *rule)
{
	struct json_object *list = json_object_object_get(rule, "thirdparties");
	size_t i, n = 0;

	if (!list)
		return doctor_count(d->thirdparties);
	for (i = 0; i < json_object_array_length(list); i++)
		n += is_known(d->thirdparties,
			      ctl_json_string(json_object_array_get_idx(list, i), "id"));
	return n;
}

static void one_rule(struct doctor *d, struct json_object *rule)
{
	struct json_object *list = json_object_object_get(rule, "thirdparties");
	size_t k = ctl_json_number(rule, "min_k"), n = vouchers(d, rule);
	const char *name = ctl_json_string(rule, "name");

	if (list && json_object_array_length(list) < k)
		doctor_say(d, "rules", DOCTOR_FAULT, NULL,
			   "name more third parties, or a smaller min-k",
			   "rule %s wants %zu right shares and names %zu third parties", name, k,
			   json_object_array_length(list));
	else if (n < k && d->alive)
		doctor_say(d, "rules", DOCTOR_OK, NULL, NULL,
			   "rule %s wants %zu third parties; %zu are known, the agent is asked for others",
			   name, k, n);
	else if (n < k)
		doctor_say(d, "rules", DOCTOR_FAULT, "systemctl start dmikeyd", NULL,
			   "rule %s wants %zu third parties, %zu are known, and no agent can be asked",
			   name, k, n);
	else
		doctor_say(d, "rules", DOCTOR_OK, NULL, NULL,
			   "rule %s wants %zu third parties, %zu are known", name, k, n);
}

void doctor_rules(struct doctor *d)
{
	size_t i;

	for (i = 0; i < doctor_count(d->rules); i++)
		one_rule(d, json_object_array_get_idx(d->rules, i));
	if (!d->rules && d->loaded)
		doctor_say(d, "rules", DOCTOR_UNCHECKED, NULL, NULL, "only root is told");
}

/* ---- hosts */

/* by certificates we sign as a third party does, and decrypt as a responder does */
static void host_roles(struct doctor *d, struct json_object *h)
{
	static const char *const roles[] = { "thirdparty", "responder" };
	const char *id = ctl_json_string(h, "id"), *own = ctl_json_string(h, "own");
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(roles); i++)
		if (!plays(d, roles[i], own))
			doctor_say(d, "hosts", DOCTOR_FAULT, NULL,
				   "name a thirdparty and a responder so in dmikey.conf, or use a pre-shared key",
				   "host %s is by certificates, and there is no role %s named %s",
				   id, roles[i], own);
	if (!is_known(d->responders, id))
		doctor_say(d, "hosts", DOCTOR_FAULT, NULL,
			   "name its certificate: host in dmikey.conf, or dmikeyctl responder add",
			   "host %s is by certificates, and there is none to encrypt to", id);
}

static void host_state(struct doctor *d, struct json_object *h)
{
	const char *id = ctl_json_string(h, "id"), *state = ctl_json_string(h, "state");
	const char *reason = ctl_json_string(h, "reason");

	if (*reason)
		doctor_say(d, "hosts", DOCTOR_WARNING, NULL, ctl_advice(reason),
			   "host %s is %s; the last try failed: %s (%s)", id, state,
			   ctl_print_reason(reason), reason);
	else if (is(h, "state", "up"))
		doctor_say(d, "hosts", DOCTOR_OK, NULL, NULL, "host %s is up", id);
	else if (json_object_object_get(h, "connect"))
		doctor_say(d, "hosts", DOCTOR_WARNING, NULL, NULL,
			   "host %s is %s, and not up yet", id, state);
	else
		doctor_say(d, "hosts", DOCTOR_OK, NULL, NULL,
			   "host %s is %s; nothing keeps it connected", id, state);
}

void doctor_hosts(struct doctor *d)
{
	struct json_object *h;
	size_t i;

	for (i = 0; i < doctor_count(d->hosts); i++) {
		h = json_object_array_get_idx(d->hosts, i);
		if (is_by_certificate(h))
			host_roles(d, h);
		host_state(d, h);
	}
	if (!d->hosts && d->loaded)
		doctor_say(d, "hosts", DOCTOR_UNCHECKED, NULL, NULL, "only root is told");
}

/* ---- policies */

/**
 * struct search - for an inbound policy that demands the SAs of a rule or host
 * @reqid: of it
 * @found: it is there
 * @optional: one is, but lets clear packets pass as well
 */
struct search {
	uint32_t reqid;
	bool found, optional;
};

static int on_policy(struct nl_msg *msg, void *arg)
{
	const struct xfrm_userpolicy_info *p = nlmsg_data(nlmsg_hdr(msg));
	struct nlattr *tmpl = nlmsg_find_attr(nlmsg_hdr(msg), sizeof(*p), XFRMA_TMPL);
	struct search *s = arg;
	const struct xfrm_user_tmpl *t;

	if (!tmpl || nla_len(tmpl) < (int)sizeof(*t) || p->dir != XFRM_POLICY_IN ||
	    p->action != XFRM_POLICY_ALLOW)
		return NL_OK;
	t = nla_data(tmpl);
	if (t->id.proto != IPPROTO_ESP || (t->reqid && t->reqid != s->reqid))
		return NL_OK;
	if (t->optional)
		s->optional = true;
	else
		s->found = true;
	return NL_OK;
}

/* a positive errno */
static int search(struct search *s)
{
	struct xfrm_userpolicy_id id = {};
	struct nl_sock *sk = nl_socket_alloc();
	int err;

	if (!sk)
		return ENOMEM;
	nl_socket_modify_cb(sk, NL_CB_VALID, NL_CB_CUSTOM, on_policy, s);
	err = nl_connect(sk, NETLINK_XFRM);
	if (!err)
		err = nl_send_simple(sk, XFRM_MSG_GETPOLICY, NLM_F_DUMP, &id, sizeof(id));
	if (err >= 0)
		err = nl_recvmsgs_default(sk);
	nl_socket_free(sk);
	return err < 0 ? EPERM : 0;
}

/* @row: a rule or host, @what it is, called @name; @from: who sends to us */
static void one_policy(struct doctor *d, struct json_object *row, const char *what,
		       const char *name, const char *from)
{
	struct search s = { .reqid = ctl_json_number(row, "reqid") };
	char advice[256];

	if (search(&s)) {
		doctor_say(d, "policies", DOCTOR_UNCHECKED, NULL, NULL,
			   "the kernel does not list its xfrm policies");
		return;
	}
	if (s.found) {
		doctor_say(d, "policies", DOCTOR_OK, NULL, NULL,
			   "%s %s: an inbound policy demands reqid %u", what, name, s.reqid);
		return;
	}
	snprintf(advice, sizeof(advice),
		 "demand ESP: ip xfrm policy add dir in src %s dst HOST proto udp dport PORT "
		 "tmpl proto esp mode transport reqid %u", from, s.reqid);
	doctor_say(d, "policies", DOCTOR_FAULT, NULL, advice, s.optional ?
		   "%s %s: clear packets are accepted: the inbound policy of reqid %u is optional" :
		   "%s %s: clear packets are accepted: no inbound policy demands reqid %u", what,
		   name, s.reqid);
}

void doctor_policies(struct doctor *d)
{
	struct json_object *row;
	size_t i;

	for (i = 0; i < doctor_count(d->rules); i++) {
		row = json_object_array_get_idx(d->rules, i);
		one_policy(d, row, "rule", ctl_json_string(row, "name"), "SENSORS");
	}
	for (i = 0; i < doctor_count(d->hosts); i++) {
		row = json_object_array_get_idx(d->hosts, i);
		one_policy(d, row, "host", ctl_json_string(row, "id"),
			   ctl_json_string(row, "address"));
	}
	if (!d->rules && d->loaded)
		doctor_say(d, "policies", DOCTOR_UNCHECKED, NULL, NULL, "only root is told");
}
