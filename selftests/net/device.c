// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <keyutils.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "../../agent/cert.h"
#include "device.h"
#include "esp.h"
#include "pki.h"
#include "vec_dmikey.h"

#define REQUEST_ROOM	16384
#define POLL_MS		2
#define NTP_UNIX	2208988800u

static struct nl_sock *control, *upcalls;
static int family, group;
static s64 agent_now;
static u32 agent_suites;

const char *const device_reasons[DMK_REASON_COUNT] = {
	"ok",
#define X(name, text, help) text,
	DMK_REASONS(X)
#undef X
};

enum dmk_reason device_reason(const char *name)
{
	unsigned int i;

	for (i = 0; i < DMK_REASON_COUNT; i++)
		if (!strcmp(name, device_reasons[i]))
			return i;
	lab_die("no reason is called %s", name);
}

struct dmk_id device_id(const char *text)
{
	u8 type = !strncmp(text, "uri:", 4) ? DMK_ID_URI : DMK_ID_NAI;

	return (struct dmk_id){ type, DMK_SPAN(text + 4, strlen(text + 4)) };
}

/* ---- requests */

static struct nl_sock *open_socket(void)
{
	struct nl_sock *sk = nl_socket_alloc();

	if (!sk || genl_connect(sk))
		lab_die("no generic netlink");
	return sk;
}

static void resolve(void)
{
	family = genl_ctrl_resolve(control, DMK_GENL_NAME);
	group = genl_ctrl_resolve_grp(control, DMK_GENL_NAME, DMK_MCGRP_UPCALL);
	if (family < 0 || group < 0)
		lab_die("the module is not loaded");
}

static int upcall(struct nl_msg *msg, void *arg);

void device_new(enum dmk_role_type role)
{
	nl_socket_free(control);
	nl_socket_free(upcalls);
	if (role == DMK_ROLE_TP)
		lab_new("192.0.2.1", "2001:db8::1");
	else
		lab_new("192.0.2.100", "2001:db8::100");
	control = open_socket();
	upcalls = open_socket();
	if (family <= 0)
		resolve();
	nl_socket_disable_seq_check(upcalls);
	nl_socket_modify_cb(upcalls, NL_CB_VALID, NL_CB_CUSTOM, upcall, NULL);
	nl_socket_set_nonblocking(upcalls);
	if (nl_socket_add_membership(upcalls, group))
		lab_die("cannot listen to the module's questions");
}

static struct nl_msg *request(int cmd, int flags)
{
	struct nl_msg *m = nlmsg_alloc_size(REQUEST_ROOM);

	if (!m || !genlmsg_put(m, NL_AUTO_PORT, NL_AUTO_SEQ, family, 0, flags, cmd,
			       DMK_GENL_VERSION))
		lab_die("no memory");
	return m;
}

/* sends it and frees it; libnl's error, 0 is none */
static int send_request(struct nl_msg *m)
{
	return nl_send_sync(control, m);
}

static void must(struct nl_msg *m, const char *what)
{
	int err = send_request(m);

	if (err)
		lab_die("%s: %s", what, nl_geterror(err));
}

static void put(struct nl_msg *m, int attr, struct dmk_span s)
{
	nla_put(m, attr, s.len, s.data);
}

static void put_id(struct nl_msg *m, const struct dmk_id *id)
{
	nla_put_u8(m, DMK_A_ID_TYPE, id->type);
	put(m, DMK_A_ID, id->data);
}

void device_listen(void)
{
	struct nl_msg *m = request(DMK_CMD_INSTANCE_SET, NLM_F_ACK);

	nla_put_u16(m, DMK_A_PORT, LAB_PORT);
	must(m, "instance");
}

void device_highest_t(u64 t)
{
	struct nl_msg *m = request(DMK_CMD_INSTANCE_SET, NLM_F_ACK);

	nla_put_u16(m, DMK_A_PORT, 0);
	nla_put_u64(m, DMK_A_HIGHEST_T, t);
	must(m, "highest T");
}

void device_highest_time(s64 unix_s)
{
	device_highest_t((u64)(unix_s + NTP_UNIX) << 32);
}

static bool check(struct dmk_span cert, s64 now, enum dmk_role_type role,
		  struct dmk_certificate *c)
{
	const struct dmk_span *ca = &vec_dmikey.pki.ca.cert;
	struct dmk_trust *t = dmk_cert_trust_new();
	char why[DMK_CERT_WHY];
	bool good;

	if (!t || !dmk_cert_trust_ca_der(t, ca->data, ca->len, why))
		lab_die("the vectors' CA is none");
	dmk_cert_trust_time(t, now);
	good = dmk_cert_check(t, cert.data, cert.len, role, c, why);
	dmk_cert_trust_free(t);
	return good;
}

static const struct pki *pki_of(const char *name)
{
	const struct pki *p = pki_by_name(name);

	if (!p)
		lab_die("no certificate is called %s", name);
	return p;
}

static struct dmk_certificate certificate(const char *name, enum dmk_role_type role)
{
	struct dmk_certificate c;

	if (!check(*pki_of(name)->cert, agent_now, role, &c))
		lab_die("the certificate of %s is not valid", name);
	return c;
}

static void put_certified(struct nl_msg *m, enum dmk_role_type role,
			  const struct dmk_certificate *c)
{
	struct dmk_id id = { c->id_type, DMK_SPAN(c->id, c->id_len) };

	nla_put_u8(m, DMK_A_ROLE, role);
	put_id(m, &id);
	nla_put_u64(m, DMK_A_EXPIRES, c->expires);
}

static int32_t key_add(const char *type, const char *name, struct dmk_span key)
{
	int32_t serial = add_key(type, name, key.data, key.len, KEY_SPEC_PROCESS_KEYRING);

	if (serial < 0)
		lab_die("key %s: %s", name, strerror(errno));
	return serial;
}

void device_local(enum dmk_role_type role, const char *name)
{
	struct dmk_certificate c = certificate(name, role);
	struct nl_msg *m = request(DMK_CMD_LOCAL_NEW, NLM_F_ACK);

	put_certified(m, role, &c);
	put(m, DMK_A_CERT, *pki_of(name)->cert);
	nla_put_s32(m, DMK_A_KEY, key_add("asymmetric", name, *pki_of(name)->key));
	must(m, "local");
}

void device_sensor(const struct device_sensor *s)
{
	struct nl_msg *m = request(DMK_CMD_SENSOR_NEW, NLM_F_ACK);

	put_id(m, &s->id);
	nla_put_s32(m, DMK_A_KEY, key_add("logon", "dmikey:psk", s->key));
	if (s->derived)
		nla_put_u32(m, DMK_A_GENERATION, s->generation);
	nla_put_u8(m, DMK_A_TS_TYPE, s->ts_type);
	nla_put_u32(m, DMK_A_SUITES, s->suites);
	must(m, "sensor");
}

void device_responder(const char *name)
{
	struct dmk_certificate c = certificate(name, DMK_ROLE_R);
	struct nl_msg *m = request(DMK_CMD_PEER_NEW, NLM_F_ACK);
	struct lab_addr r = lab_addr("192.0.2.100", 0);

	put_certified(m, DMK_ROLE_R, &c);
	put(m, DMK_A_CERT, *pki_of(name)->cert);
	put(m, DMK_A_PUBKEY, DMK_SPAN(c.pubkey, c.pubkey_len));
	put(m, DMK_A_ADDR, DMK_SPAN(r.ip + 12, 4));
	must(m, "responder");
}

void device_thirdparty(const char *name)
{
	struct dmk_certificate c = certificate(name, DMK_ROLE_TP);
	struct nl_msg *m = request(DMK_CMD_PEER_NEW, NLM_F_ACK);

	put_certified(m, DMK_ROLE_TP, &c);
	put(m, DMK_A_CERT, *pki_of(name)->cert);
	put(m, DMK_A_PUBKEY, DMK_SPAN(c.pubkey, c.pubkey_len));
	must(m, "third party");
}

/* ---- rules */

static void put_tps(struct nl_msg *m, const struct device_rule *r)
{
	struct nlattr *list, *entry;
	unsigned int i;

	if (!r->tps)
		return;
	list = nla_nest_start(m, DMK_A_TPS);
	for (i = 0; i < r->n_tps; i++) {
		struct dmk_id id = device_id(r->tps[i]);

		entry = nla_nest_start(m, i + 1);
		put_id(m, &id);
		nla_nest_end(m, entry);
	}
	nla_nest_end(m, list);
}

static void put_policy(struct nl_msg *m, u16 cipher)
{
	struct nlattr *list, *entry;
	struct dmk_esp_policy p;
	u8 param[64];

	if (!cipher)
		return;
	dmk_esp_policy_default(&p);
	p.cipher = cipher;
	list = nla_nest_start(m, DMK_A_POLICIES);
	entry = nla_nest_start(m, 1);
	put(m, DMK_A_SP_PARAM, DMK_SPAN(param, dmk_esp_policy_emit(&p, param)));
	nla_nest_end(m, entry);
	nla_nest_end(m, list);
}

void device_rule(const struct device_rule *r)
{
	struct nl_msg *m = request(DMK_CMD_RULE_NEW, NLM_F_ACK);

	nla_put_string(m, DMK_A_NAME, r->name);
	put_id(m, &r->sensor);
	nla_put_u8(m, DMK_A_MIN_K, r->min_k);
	if (r->min_k == 1)
		nla_put_flag(m, DMK_A_ALLOW_K1);
	nla_put_u32(m, DMK_A_REQID, DEVICE_REQID);
	put_tps(m, r);
	put_policy(m, r->cipher);
	must(m, "rule");
}

void device_end_sessions(const struct dmk_id *sensor)
{
	struct nl_msg *m = request(DMK_CMD_SESSION_DEL, NLM_F_ACK);

	put_id(m, sensor);
	must(m, "session");
}

/* ---- the agent */

void device_agent(s64 now, u32 suites)
{
	agent_now = now;
	agent_suites = suites;
}

static void accept_certificate(u32 question, struct dmk_span cert,
			       const struct dmk_certificate *c)
{
	struct nl_msg *m = request(DMK_CMD_PEER_NEW, NLM_F_ACK);

	put_certified(m, DMK_ROLE_TP, c);
	put(m, DMK_A_CERT, cert);
	put(m, DMK_A_PUBKEY, DMK_SPAN(c->pubkey, c->pubkey_len));
	nla_put_u32(m, DMK_A_SUITES, agent_suites);
	nla_put_u32(m, DMK_A_UPCALL_ID, question);
	must(m, "answer");
}

static void refuse(u32 question)
{
	struct nl_msg *m = request(DMK_CMD_UPCALL_REFUSE, NLM_F_ACK);

	nla_put_u32(m, DMK_A_UPCALL_ID, question);
	must(m, "refusal");
}

/* this agent knows no sensor but those that it has named before */
static int upcall(struct nl_msg *msg, void *arg)
{
	struct nlattr *tb[DMK_A_MAX + 1];
	struct dmk_certificate c;
	struct dmk_span cert;
	u32 question;

	(void)arg;
	if (genlmsg_parse(nlmsg_hdr(msg), 0, tb, DMK_A_MAX, NULL) || !tb[DMK_A_UPCALL_ID])
		return NL_SKIP;
	question = nla_get_u32(tb[DMK_A_UPCALL_ID]);
	cert = tb[DMK_A_CERT] ? DMK_SPAN(nla_data(tb[DMK_A_CERT]), nla_len(tb[DMK_A_CERT])) :
				DMK_SPAN(NULL, 0);
	if (cert.data && agent_suites && check(cert, agent_now, DMK_ROLE_TP, &c))
		accept_certificate(question, cert, &c);
	else
		refuse(question);
	return NL_OK;
}

/* ---- counters */

static void count(struct device_counters *c, const char *stat, u64 value)
{
	static const struct {
		const char *name;
		size_t at;
	} known[] = {
		{ "received", offsetof(struct device_counters, received) },
		{ "sent", offsetof(struct device_counters, sent) },
		{ "repeated-answered", offsetof(struct device_counters, repeated_answered) },
		{ "rsa-sign", offsetof(struct device_counters, rsa_private) },
		{ "rsa-decrypt", offsetof(struct device_counters, rsa_private) },
		{ "share-forwarded", offsetof(struct device_counters, forwarded) },
		{ "share-acknowledged", offsetof(struct device_counters, acknowledged) },
		{ "share-accepted", offsetof(struct device_counters, accepted) },
		{ "share-late", offsetof(struct device_counters, late) },
		{ "session-established", offsetof(struct device_counters, established) },
		{ "session-updated", offsetof(struct device_counters, updated) },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(known); i++)
		if (!strcmp(known[i].name, stat))
			*(u64 *)((u8 *)c + known[i].at) += value;
}

static void count_entry(struct device_counters *c, struct nlattr *entry)
{
	struct nlattr *tb[DMK_A_MAX + 1];
	u64 value;

	if (nla_parse_nested(tb, DMK_A_MAX, entry, NULL))
		lab_die("a counter without values");
	value = nla_get_u64(tb[DMK_A_VALUE]);
	if (!value)
		return;
	if (tb[DMK_A_REASON])
		c->refused[nla_get_u8(tb[DMK_A_SIDE])]
			  [device_reason(nla_get_string(tb[DMK_A_REASON]))] = value;
	else
		count(c, nla_get_string(tb[DMK_A_STAT]), value);
}

static int count_message(struct nl_msg *msg, void *arg)
{
	struct nlattr *tb[DMK_A_MAX + 1], *entry;
	int rem;

	if (genlmsg_parse(nlmsg_hdr(msg), 0, tb, DMK_A_MAX, NULL) || !tb[DMK_A_STATS])
		return NL_SKIP;
	nla_for_each_nested(entry, tb[DMK_A_STATS], rem)
		count_entry(arg, entry);
	return NL_OK;
}

/* a dump, message by message */
static void dump(int cmd, nl_recvmsg_msg_cb_t fn, void *arg)
{
	struct nl_msg *m = request(cmd, NLM_F_DUMP);
	int err;

	nl_socket_modify_cb(control, NL_CB_VALID, NL_CB_CUSTOM, fn, arg);
	err = nl_send_auto(control, m);
	nlmsg_free(m);
	if (err >= 0)
		err = nl_recvmsgs_default(control);
	nl_socket_modify_cb(control, NL_CB_VALID, NL_CB_DEFAULT, NULL, NULL);
	if (err < 0)
		lab_die("dump: %s", nl_geterror(err));
}

void device_counters(struct device_counters *c)
{
	memset(c, 0, sizeof(*c));
	dump(DMK_CMD_STATS_GET, count_message, c);
}

/* a socket keeps its namespace */
struct device_parked *device_park(void)
{
	struct nl_sock *sk = control;

	control = NULL;
	return (struct device_parked *)sk;
}

void device_parked_counters(struct device_parked *p, struct device_counters *c)
{
	struct nl_sock *sk = control;

	control = (struct nl_sock *)p;
	device_counters(c);
	control = sk;
}

void device_forget(struct device_parked *p)
{
	nl_socket_free((struct nl_sock *)p);
}

u64 device_refused(const struct device_counters *c)
{
	unsigned int side, reason;
	u64 n = 0;

	for (side = 0; side < __DMK_SIDE_COUNT; side++)
		for (reason = 0; reason < DMK_REASON_COUNT; reason++)
			n += c->refused[side][reason];
	return n;
}

u64 device_handled(const struct device_counters *c)
{
	return device_refused(c) + c->repeated_answered + c->forwarded + c->acknowledged +
	       c->accepted + c->updated;
}

static void serve(void)
{
	struct pollfd fd = { .fd = nl_socket_get_fd(upcalls), .events = POLLIN };

	while (poll(&fd, 1, POLL_MS) > 0)
		nl_recvmsgs_default(upcalls);
}

/* until @of counts @want */
static bool wait_for(u64 (*of)(const struct device_counters *c), u64 want, int ms,
		     struct device_counters *c)
{
	s64 until = lab_ms() + ms;

	for (;;) {
		device_counters(c);
		if (of(c) >= want)
			return true;
		if (lab_ms() > until)
			return false;
		serve();
	}
}

bool device_wait(u64 handled, int ms, struct device_counters *c)
{
	return wait_for(device_handled, handled, ms, c);
}

static u64 accepted(const struct device_counters *c)
{
	return c->accepted;
}

bool device_wait_accepted(u64 n, int ms)
{
	struct device_counters c;

	return wait_for(accepted, n, ms, &c);
}

static u64 established(const struct device_counters *c)
{
	return c->established;
}

bool device_wait_established(u64 n, int ms)
{
	struct device_counters c;

	return wait_for(established, n, ms, &c);
}

/* ---- sessions */

struct sessions {
	struct device_session *s;
	unsigned int n;
};

static void read_verdict(struct nlattr *entry, struct device_verdict *v)
{
	struct nlattr *tb[DMK_A_MAX + 1];

	if (nla_parse_nested(tb, DMK_A_MAX, entry, NULL))
		lab_die("a verdict without values");
	memcpy(v->id, nla_data(tb[DMK_A_ID]), nla_len(tb[DMK_A_ID]));
	v->tp = (struct dmk_id){ nla_get_u8(tb[DMK_A_ID_TYPE]),
				 DMK_SPAN(v->id, nla_len(tb[DMK_A_ID])) };
	v->x = nla_get_u8(tb[DMK_A_X]);
	v->verdict = nla_get_u8(tb[DMK_A_VERDICT]);
}

static int read_session(struct nl_msg *msg, void *arg)
{
	struct nlattr *tb[DMK_A_MAX + 1], *entry;
	struct sessions *all = arg;
	struct device_session *s = &all->s[all->n];
	int rem;

	if (genlmsg_parse(nlmsg_hdr(msg), 0, tb, DMK_A_MAX, NULL) ||
	    all->n == DEVICE_SESSIONS)
		lab_die("too many sessions");
	all->n++;
	s->csb_id = nla_get_u32(tb[DMK_A_CSB_ID]);
	s->spi_in = nla_get_u32(tb[DMK_A_SPI_IN]);
	s->spi_out = nla_get_u32(tb[DMK_A_SPI_OUT]);
	s->n = nla_get_u8(tb[DMK_A_N]);
	s->k = nla_get_u8(tb[DMK_A_K]);
	s->state = nla_get_u8(tb[DMK_A_SESSION_STATE]);
	s->n_verdicts = 0;
	nla_for_each_nested(entry, tb[DMK_A_TPS], rem)
		if (s->n_verdicts < DMK_CANDIDATES_MAX)
			read_verdict(entry, &s->verdicts[s->n_verdicts++]);
	return NL_OK;
}

unsigned int device_sessions(struct device_session s[DEVICE_SESSIONS])
{
	struct sessions all = { .s = s };

	dump(DMK_CMD_SESSION_GET, read_session, &all);
	return all.n;
}
