// SPDX-License-Identifier: GPL-2.0
/* Requests, dumps and events of the dmikey family. */
#include <errno.h>
#include <linux/netlink.h>
#include <netlink/genl/ctrl.h>
#include <string.h>
#include <sys/socket.h>

#include "ctl.h"

#define REQUEST_MAX 65536
#define RETRIES 8		/* of a dump that a change interrupted */

/**
 * struct answer - what the kernel says to one request
 * @row: for each message
 * @arg: for @row
 * @done: the last message was there
 * @interrupted: the dump is not consistent
 * @error: 0 or a positive errno
 * @why: the kernel's sentence, or ""
 * @offset: where the attribute that it is about begins in the request, or 0
 */
struct answer {
	void (*row)(struct nlattr **tb, void *arg);
	void *arg;
	bool done;
	bool interrupted;
	int error;
	char why[256];
	uint32_t offset;
};

struct nl_msg *ctl_request(enum dmk_cmd cmd)
{
	struct nl_msg *msg = nlmsg_alloc_size(REQUEST_MAX);

	/* the family's number is not known yet */
	if (!msg || !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, 0, 0, NLM_F_ACK, cmd,
				 DMK_GENL_VERSION))
		ctl_fail(CTL_REFUSED, "out of memory");
	return msg;
}

struct nl_sock *ctl_netlink_connect(void)
{
	struct nl_sock *sk = nl_socket_alloc();
	int err;

	if (!sk)
		ctl_fail(CTL_REFUSED, "out of memory");
	err = genl_connect(sk);
	if (err)
		ctl_fail(CTL_REFUSED, "generic netlink: %s", nl_geterror(err));
	return sk;
}

bool ctl_netlink_there(struct ctl *c)
{
	int one = 1;

	if (c->sk)
		return true;
	c->sk = ctl_netlink_connect();
	setsockopt(nl_socket_get_fd(c->sk), SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	c->family = genl_ctrl_resolve(c->sk, DMK_GENL_NAME);
	if (c->family == -NLE_OBJ_NOTFOUND) {
		nl_socket_free(c->sk);
		c->sk = NULL;
		return false;
	}
	if (c->family < 0)
		ctl_fail(CTL_REFUSED, "generic netlink: %s", nl_geterror(c->family));
	return true;
}

static void open_socket(struct ctl *c)
{
	if (!ctl_netlink_there(c))
		ctl_fail(CTL_NO_MODULE, "the module is not loaded here; cure: modprobe dmikey");
}

/* what the kernel adds to an error, in @len bytes of attributes */
static void keep_sentence(struct answer *a, void *attrs, int len)
{
	struct nlattr *text = len > 0 ? nla_find(attrs, len, NLMSGERR_ATTR_MSG) : NULL;
	struct nlattr *offset = len > 0 ? nla_find(attrs, len, NLMSGERR_ATTR_OFFS) : NULL;

	if (text)
		nla_strlcpy(a->why, text, sizeof(a->why));
	if (offset && nla_len(offset) == sizeof(a->offset))
		a->offset = nla_get_u32(offset);
}

static int on_error(struct sockaddr_nl *nla, struct nlmsgerr *err, void *arg)
{
	struct nlmsghdr *hdr = (void *)((char *)err - NLMSG_HDRLEN);
	int skip = sizeof(*err);
	struct answer *a = arg;

	(void)nla;
	a->error = -err->error;
	a->done = true;
	if (!(hdr->nlmsg_flags & NLM_F_CAPPED))
		skip += NLMSG_ALIGN(err->msg.nlmsg_len) - NLMSG_HDRLEN;
	if (hdr->nlmsg_flags & NLM_F_ACK_TLVS)
		keep_sentence(a, (char *)err + skip,
			      (int)hdr->nlmsg_len - NLMSG_HDRLEN - skip);
	return NL_STOP;
}

static int on_row(struct nl_msg *msg, void *arg)
{
	struct nlattr *tb[DMK_A_MAX + 1];
	struct nlmsghdr *hdr = nlmsg_hdr(msg);
	struct answer *a = arg;

	if (hdr->nlmsg_flags & NLM_F_DUMP_INTR)
		a->interrupted = true;
	if (a->row && !genlmsg_parse(hdr, 0, tb, DMK_A_MAX, NULL))
		a->row(tb, a->arg);
	return NL_OK;
}

static int on_ack(struct nl_msg *msg, void *arg)
{
	struct answer *a = arg;

	(void)msg;
	a->done = true;
	return NL_STOP;
}

/* the end of a dump carries an error, too */
static int on_finish(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *hdr = nlmsg_hdr(msg);
	struct answer *a = arg;
	int err;

	a->done = true;
	if (nlmsg_datalen(hdr) < (int)sizeof(err))
		return NL_STOP;
	memcpy(&err, nlmsg_data(hdr), sizeof(err));
	if (err >= 0)
		return NL_STOP;
	a->error = -err;
	keep_sentence(a, (char *)nlmsg_data(hdr) + sizeof(err),
		      nlmsg_datalen(hdr) - sizeof(err));
	return NL_STOP;
}

/* the word that the sentence is about, as "skew: "; entries of lists have none */
static void about(const struct answer *a, struct nl_msg *msg, char text[64])
{
	struct nlmsghdr *hdr = nlmsg_hdr(msg);
	struct nlattr *attr;
	int rest;

	text[0] = '\0';
	nlmsg_for_each_attr(attr, hdr, GENL_HDRLEN, rest) {
		const char *name = ctl_json_name(nla_type(attr));

		if (name && (char *)attr - (char *)hdr == (long)a->offset)
			snprintf(text, 64, "%s: ", name);
	}
}

__attribute__((noreturn))
static void refused(const struct answer *a, struct nl_msg *msg)
{
	const char *why = a->why[0] ? a->why : strerror(a->error);
	char word[64];

	about(a, msg, word);
	switch (a->error) {
	case EPERM:
	case EACCES:
		ctl_fail(CTL_DENIED, "%s%s; cure: run it with CAP_NET_ADMIN (as root)", word,
			 why);
	case ENOKEY:
		ctl_fail(CTL_REFUSED,
			 "%s%s; cure: link the key to a keyring of this session (keyctl show)",
			 word, why);
	default:
		ctl_fail(CTL_REFUSED, "%s%s", word, why);
	}
}

static void talk(struct ctl *c, struct nl_msg *msg, struct answer *a)
{
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);
	int err;

	if (!cb)
		ctl_fail(CTL_REFUSED, "out of memory");
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_row, a);
	nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, on_ack, a);
	nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, on_finish, a);
	nl_cb_err(cb, NL_CB_CUSTOM, on_error, a);
	nlmsg_hdr(msg)->nlmsg_type = c->family;
	err = nl_send_auto(c->sk, msg);
	while (err >= 0 && !a->done)
		err = nl_recvmsgs(c->sk, cb);
	nl_cb_put(cb);
	if (err == -NLE_DUMP_INTR)
		a->interrupted = true;
	else if (err < 0 && !a->error)
		ctl_fail(CTL_REFUSED, "netlink: %s", nl_geterror(err));
}

void ctl_netlink_do(struct ctl *c, struct nl_msg *msg,
		    void (*row)(struct nlattr **tb, void *arg), void *arg)
{
	struct answer a = { .row = row, .arg = arg };

	if (c->collect) {
		c->collect(c, msg);
		return;
	}
	open_socket(c);
	talk(c, msg, &a);
	if (a.error)
		refused(&a, msg);
	nlmsg_free(msg);
}

/**
 * struct rows - a dump under way
 * @cmd: its command
 * @role: enum dmk_role_type to keep, or 0
 * @usage: of sensors, too, when they were heard of
 * @out: the rows
 */
struct rows {
	enum dmk_cmd cmd;
	int role;
	bool usage;
	struct json_object *out;
};

static void keep_row(struct nlattr **tb, void *arg)
{
	struct rows *r = arg;

	if (r->role && (!tb[DMK_A_ROLE] || nla_get_u8(tb[DMK_A_ROLE]) != r->role))
		return;
	if (!r->usage)
		tb[DMK_A_IDLE] = NULL;
	json_object_array_add(r->out, ctl_json_row(tb, r->cmd));
}

static bool may_not(const struct answer *a)
{
	return a->error == EPERM || a->error == EACCES;
}

/* @quiet: NULL instead of the end if this user may not */
static struct json_object *rows(struct ctl *c, enum dmk_cmd cmd, int role, bool quiet)
{
	struct rows r = { .cmd = cmd, .role = role, .usage = c->usage };
	int i;

	for (i = 0; i < RETRIES; i++) {
		struct answer a = { .row = keep_row, .arg = &r };
		struct nl_msg *msg = ctl_request(cmd);

		if (cmd != DMK_CMD_INSTANCE_GET)
			nlmsg_hdr(msg)->nlmsg_flags |= NLM_F_DUMP;
		if (cmd == DMK_CMD_SESSION_GET && c->usage)
			ctl_put(msg, DMK_A_USAGE, NULL, 0);
		r.out = json_object_new_array();
		talk(c, msg, &a);
		/* a module that is older than this program has none */
		if (cmd == DMK_CMD_HOST_GET && a.error == EOPNOTSUPP)
			a.error = 0;
		if (a.error && !(quiet && may_not(&a)))
			refused(&a, msg);
		nlmsg_free(msg);
		if (a.error) {
			json_object_put(r.out);
			return NULL;
		}
		if (!a.interrupted)
			return r.out;
		json_object_put(r.out);
	}
	ctl_fail(CTL_REFUSED, "it changes faster than it can be read");
}

struct json_object *ctl_netlink_rows(struct ctl *c, enum dmk_cmd cmd, int role)
{
	open_socket(c);
	return rows(c, cmd, role, false);
}

const struct ctl_part ctl_netlink_parts[] = {
	{ "local", DMK_CMD_LOCAL_GET },
	{ "sensors", DMK_CMD_SENSOR_GET },
	{ "thirdparties", DMK_CMD_PEER_GET, DMK_ROLE_TP },
	{ "responders", DMK_CMD_PEER_GET, DMK_ROLE_R },
	{ "rules", DMK_CMD_RULE_GET },
	{ "sessions", DMK_CMD_SESSION_GET },
	{ "hosts", DMK_CMD_HOST_GET },
	{ NULL }
};

void ctl_netlink_all(struct ctl *c, struct json_object *all)
{
	const struct ctl_part *p;

	for (p = ctl_netlink_parts; p->name; p++)
		json_object_object_add(all, p->name, ctl_netlink_rows(c, p->cmd, p->role));
}

struct json_object *ctl_netlink_ask(struct ctl *c, enum dmk_cmd cmd, int role)
{
	return ctl_netlink_there(c) ? rows(c, cmd, role, true) : NULL;
}
