// SPDX-License-Identifier: GPL-2.0
/*
 * The agent and what comes over netlink: agent/netlink.c, and upcall.c with all that it
 * asks. The kernel is trusted; the certificates, identities and words of strangers that
 * it passes on are not. Input: messages, each of them
 *
 *	kind 1		0 event, 1 of the controller, 2 error with words, 3 entry of a list (the agent
 *			has asked)
 *	length 2	little endian
 *	contents	event, controller and list: genetlink header and attributes;
 *			error: attributes
 *
 * libnl's own functions that would talk to a kernel are replaced.
 */
#include <linux/genetlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <unistd.h>

#include "../../agent/agent.h"
#include "../../agent/apply.h"
#include "../../agent/known.h"
#include "../../agent/refusals.h"
#include "../../agent/registry.h"
#include "../../agent/seen.h"
#include "../../agent/upcall.h"
#include "fuzz.h"
#include "seeds/seeds.h"

enum { FAMILY = 0x20, EVENT = 0, CONTROLLER, ERROR, ENTRY, KINDS, MESSAGES = 64 };

static struct fuzz_script in;
static struct dmk_agent agent;
static const u8 fuzz_ca[] = { FUZZ_CA };
static char dir[] = "/tmp/dmikey-fuzz-XXXXXX";

/* ---- a kernel */

int genl_connect(struct nl_sock *sk)
{
	(void)sk;
	return 0;
}

int genl_ctrl_resolve(struct nl_sock *sk, const char *name)
{
	(void)sk, (void)name;
	return FAMILY;
}

int genl_ctrl_resolve_grp(struct nl_sock *sk, const char *family, const char *grp)
{
	(void)sk, (void)family, (void)grp;
	return 7;
}

int nl_socket_add_membership(struct nl_sock *sk, int group)
{
	(void)sk, (void)group;
	return 0;
}

int nl_socket_drop_membership(struct nl_sock *sk, int group)
{
	(void)sk, (void)group;
	return 0;
}

int nl_send_auto(struct nl_sock *sk, struct nl_msg *msg)
{
	(void)sk, (void)msg;
	return 0;
}

/* yes or no, as the script has it */
int nl_send_sync(struct nl_sock *sk, struct nl_msg *msg)
{
	(void)sk;
	nlmsg_free(msg);
	return fuzz_byte(&in) & 1 ? -NLE_NOMEM : 0;
}

/* one message of the script as the kernel would send it */
static struct nlmsghdr *build(u8 kind, struct dmk_span contents)
{
	size_t head = kind == ERROR ? sizeof(struct nlmsgerr) : 0;
	size_t len = NLMSG_HDRLEN + head + contents.len;
	struct nlmsghdr *h = calloc(1, NLMSG_ALIGN(len));

	h->nlmsg_len = len;
	h->nlmsg_type = kind == ERROR ? NLMSG_ERROR : kind == CONTROLLER ? GENL_ID_CTRL : FAMILY;
	if (kind == ERROR) {
		h->nlmsg_flags = NLM_F_ACK_TLVS | NLM_F_CAPPED;
		((struct nlmsgerr *)NLMSG_DATA(h))->error = -1 - (int)contents.len % 100;
	}
	if (contents.len)
		memcpy((u8 *)h + NLMSG_HDRLEN + head, contents.data, contents.len);
	return h;
}

static int receive(struct nl_sock *sk, struct sockaddr_nl *from, unsigned char **buf,
		   struct ucred **creds)
{
	u8 kind = fuzz_byte(&in) % KINDS;
	u32 len = fuzz_byte(&in);
	struct nlmsghdr *h;

	(void)sk, (void)creds;
	len |= fuzz_byte(&in) << 8;
	if (!in.left)
		return 0;
	memset(from, 0, sizeof(*from));
	h = build(kind, fuzz_span(&in, len));
	*buf = (unsigned char *)h;
	return h->nlmsg_len;
}

int nl_recvmsgs_default(struct nl_sock *sk)
{
	struct nl_cb *cb = nl_socket_get_cb(sk);
	int err;

	nl_socket_disable_seq_check(sk);
	nl_cb_overwrite_recv(cb, receive);
	err = in.left ? nl_recvmsgs(sk, cb) : -NLE_NOMEM;
	nl_cb_put(cb);
	return err;
}

/* ---- an agent */

static void start(void)
{
	char conf[64], why[DMK_CERT_WHY];
	FILE *f;

	if (!mkdtemp(dir))
		abort();
	snprintf(conf, sizeof(conf), "%s/dmikey.conf", dir);
	f = fopen(conf, "w");
	if (!f || fputs("deny = {\"nai:evil@example\"}\n", f) < 0 || fclose(f))
		abort();
	agent.path = conf;
	agent.dir = dir;
	agent.config = dmk_config_load(conf);
	unlink(conf);
	agent.nl = dmk_netlink_open();
	agent.told = dmk_apply_new();
	agent.seen = dmk_seen_new();
	agent.refusals = dmk_refusals_new("status.json");
	agent.state = dmk_state_open(dir);
	agent.registry = dmk_registry_open(dir);
	if (!agent.config || !agent.nl || !agent.state || !agent.refusals ||
	    !dmk_cert_trust_ca_der(agent.config->trust, fuzz_ca, sizeof(fuzz_ca), why))
		abort();
	dmk_cert_trust_time(agent.config->trust, FUZZ_NOW);
}

static void entry(uint8_t cmd, struct nlattr **attrs, void *arg)
{
	(void)cmd, (void)arg;
	if (attrs[DMK_A_ID])
		must(nla_len(attrs[DMK_A_ID]) >= 0);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	unsigned int i;

	if (!agent.nl)
		start();
	in = (struct fuzz_script){ data, len };
	for (i = 0; i < MESSAGES && in.left; i++) {
		if (!dmk_netlink_ready(agent.nl))
			dmk_netlink_resolve(agent.nl);
		if (in.at[0] % KINDS != ENTRY)
			dmk_netlink_receive(agent.nl, dmk_upcall_handle, &agent);
		else
			dmk_netlink_get(agent.nl, DMK_CMD_SENSOR_GET, true, entry, NULL);
	}
	dmk_seen_forget(agent.seen);
	return 0;
}
