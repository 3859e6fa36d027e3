// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

#include "log.h"
#include "netlink.h"

enum {
	EVENT_BUFFER = 1 << 20,		/* bytes of events that may wait for us */
	DUMP_TRIES = 4,			/* a list that changes while it is read */
};

/* requests and what is multicast come through a socket each */
struct dmk_netlink {
	struct nl_sock *requests;
	struct nl_sock *events;
	int family;			/* 0: the module is not there */
	int upcall_group;
	int event_group;
	/* of the request that is under way */
	bool answered;
	int error;
	char *why;
	dmk_netlink_fn fn;
	void *arg;
	/* of what is being received */
	dmk_netlink_fn event_fn;
	void *event_arg;
	unsigned int news;
};

/* the sentence that the kernel sends along with an error */
static void read_extack(const struct nlmsgerr *e, char *why)
{
	const struct nlmsghdr *h = (const void *)((const char *)e - NLMSG_HDRLEN);
	struct nlattr *tb[NLMSGERR_ATTR_MAX + 1];
	size_t skip = sizeof(*e);

	if (!(h->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (!(h->nlmsg_flags & NLM_F_CAPPED))
		skip += NLMSG_ALIGN(e->msg.nlmsg_len) - NLMSG_HDRLEN;
	if (h->nlmsg_len < NLMSG_HDRLEN + skip)
		return;
	if (nla_parse(tb, NLMSGERR_ATTR_MAX, (struct nlattr *)((char *)e + skip),
		      h->nlmsg_len - NLMSG_HDRLEN - skip, NULL))
		return;
	if (tb[NLMSGERR_ATTR_MSG])
		snprintf(why, DMK_NETLINK_WHY, "%.*s", nla_len(tb[NLMSGERR_ATTR_MSG]),
			 (const char *)nla_data(tb[NLMSGERR_ATTR_MSG]));
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *e, void *arg)
{
	struct dmk_netlink *nl = arg;

	(void)from;
	nl->answered = true;
	nl->error = e->error;
	if (nl->why) {
		snprintf(nl->why, DMK_NETLINK_WHY, "%s", strerror(-e->error));
		read_extack(e, nl->why);
	}
	return NL_STOP;
}

static int on_end(struct nl_msg *msg, void *arg)
{
	struct dmk_netlink *nl = arg;

	(void)msg;
	nl->answered = true;
	return NL_STOP;
}

static int on_entry(struct nl_msg *msg, void *arg)
{
	struct genlmsghdr *g = nlmsg_data(nlmsg_hdr(msg));
	struct nlattr *attrs[DMK_A_MAX + 1];
	struct dmk_netlink *nl = arg;

	if (nl->fn && !genlmsg_parse(nlmsg_hdr(msg), 0, attrs, DMK_A_MAX, NULL))
		nl->fn(g->cmd, attrs, nl->arg);
	return NL_OK;
}

static void on_controller(struct dmk_netlink *nl, struct nl_msg *msg)
{
	struct genlmsghdr *g = nlmsg_data(nlmsg_hdr(msg));
	struct nlattr *attrs[CTRL_ATTR_MAX + 1];

	if (genlmsg_parse(nlmsg_hdr(msg), 0, attrs, CTRL_ATTR_MAX, NULL) ||
	    !attrs[CTRL_ATTR_FAMILY_NAME] ||
	    strcmp(nla_get_string(attrs[CTRL_ATTR_FAMILY_NAME]), DMK_GENL_NAME))
		return;
	if (g->cmd == CTRL_CMD_NEWFAMILY)
		nl->news |= DMK_NETLINK_APPEARED;
	if (g->cmd == CTRL_CMD_DELFAMILY) {
		nl->family = 0;
		nl->news = (nl->news & ~DMK_NETLINK_APPEARED) | DMK_NETLINK_GONE;
	}
}

static int on_event(struct nl_msg *msg, void *arg)
{
	struct genlmsghdr *g = nlmsg_data(nlmsg_hdr(msg));
	struct nlattr *attrs[DMK_A_MAX + 1];
	struct dmk_netlink *nl = arg;

	if (nlmsg_hdr(msg)->nlmsg_type == GENL_ID_CTRL)
		on_controller(nl, msg);
	else if (nlmsg_hdr(msg)->nlmsg_type == nl->family &&
		 !genlmsg_parse(nlmsg_hdr(msg), 0, attrs, DMK_A_MAX, NULL))
		nl->event_fn(g->cmd, attrs, nl->event_arg);
	return NL_OK;
}

static bool open_requests(struct dmk_netlink *nl)
{
	int one = 1;

	if (genl_connect(nl->requests))
		return false;
	setsockopt(nl_socket_get_fd(nl->requests), SOL_NETLINK, NETLINK_EXT_ACK, &one,
		   sizeof(one));
	nl_socket_modify_cb(nl->requests, NL_CB_VALID, NL_CB_CUSTOM, on_entry, nl);
	nl_socket_modify_cb(nl->requests, NL_CB_ACK, NL_CB_CUSTOM, on_end, nl);
	nl_socket_modify_cb(nl->requests, NL_CB_FINISH, NL_CB_CUSTOM, on_end, nl);
	nl_socket_modify_err_cb(nl->requests, NL_CB_CUSTOM, on_error, nl);
	return true;
}

static bool open_events(struct dmk_netlink *nl)
{
	int group;

	nl_socket_disable_seq_check(nl->events);
	if (genl_connect(nl->events))
		return false;
	nl_socket_set_buffer_size(nl->events, EVENT_BUFFER, 0);
	nl_socket_set_nonblocking(nl->events);
	nl_socket_modify_cb(nl->events, NL_CB_VALID, NL_CB_CUSTOM, on_event, nl);
	group = genl_ctrl_resolve_grp(nl->requests, "nlctrl", "notify");
	return group >= 0 && !nl_socket_add_membership(nl->events, group);
}

struct dmk_netlink *dmk_netlink_open(void)
{
	struct dmk_netlink *nl = calloc(1, sizeof(*nl));

	if (!nl)
		return NULL;
	nl->requests = nl_socket_alloc();
	nl->events = nl_socket_alloc();
	if (nl->requests && nl->events && open_requests(nl) && open_events(nl))
		return nl;
	dmk_log(LOG_ERR, "netlink: %s", strerror(errno));
	dmk_netlink_close(nl);
	return NULL;
}

void dmk_netlink_close(struct dmk_netlink *nl)
{
	if (!nl)
		return;
	nl_socket_free(nl->requests);
	nl_socket_free(nl->events);
	free(nl);
}

bool dmk_netlink_ready(const struct dmk_netlink *nl)
{
	return nl->family;
}

static bool join(struct dmk_netlink *nl, const char *name, int *group)
{
	if (*group > 0)
		nl_socket_drop_membership(nl->events, *group);
	*group = genl_ctrl_resolve_grp(nl->requests, DMK_GENL_NAME, name);
	if (*group > 0 && !nl_socket_add_membership(nl->events, *group))
		return true;
	dmk_log(LOG_ERR, "dmikey.ko: cannot listen to group %s: %s", name, strerror(errno));
	return false;
}

bool dmk_netlink_resolve(struct dmk_netlink *nl)
{
	int family = genl_ctrl_resolve(nl->requests, DMK_GENL_NAME);

	nl->family = 0;
	if (family < 0 || !join(nl, DMK_MCGRP_UPCALL, &nl->upcall_group) ||
	    !join(nl, DMK_MCGRP_EVENT, &nl->event_group))
		return false;
	nl->family = family;
	return true;
}

struct nl_msg *dmk_netlink_request(struct dmk_netlink *nl, uint8_t cmd)
{
	struct nl_msg *msg = nlmsg_alloc_size(DMK_NETLINK_ROOM);

	if (!msg || !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, nl->family, 0, 0, cmd,
				 DMK_GENL_VERSION))
		abort();
	return msg;
}

int dmk_netlink_send(struct dmk_netlink *nl, struct nl_msg *msg, char why[DMK_NETLINK_WHY])
{
	int err;

	nl->error = 0;
	nl->why = why;
	nl->fn = NULL;
	snprintf(why, DMK_NETLINK_WHY, "dmikey.ko is not loaded");
	if (!nl->family) {
		nlmsg_free(msg);
		return -ENOTCONN;
	}
	err = nl_send_sync(nl->requests, msg);
	if (err < 0 && !nl->error) {
		nl->error = -EIO;
		snprintf(why, DMK_NETLINK_WHY, "%s", nl_geterror(err));
	}
	nl->why = NULL;
	return nl->error;
}

static int get_once(struct dmk_netlink *nl, uint8_t cmd, bool dump, char *why)
{
	struct nl_msg *msg = dmk_netlink_request(nl, cmd);
	int err;

	nl->answered = false;
	nl->error = 0;
	nl->why = why;
	if (dump)
		nlmsg_hdr(msg)->nlmsg_flags |= NLM_F_DUMP;
	err = nl_send_auto(nl->requests, msg);
	nlmsg_free(msg);
	/* A single answer and the acknowledgment behind it are two datagrams. */
	while (err >= 0 && !nl->answered)
		err = nl_recvmsgs_default(nl->requests);
	if (err < 0 && !nl->error)
		snprintf(why, DMK_NETLINK_WHY, "%s", nl_geterror(err));
	nl->why = NULL;
	return err;
}

int dmk_netlink_get(struct dmk_netlink *nl, uint8_t cmd, bool dump, dmk_netlink_fn fn,
		    void *arg)
{
	char why[DMK_NETLINK_WHY] = "";
	int err, tries = 0;

	if (!nl->family)
		return -ENOTCONN;
	nl->fn = fn;
	nl->arg = arg;
	do
		err = get_once(nl, cmd, dump, why);
	while (err == -NLE_DUMP_INTR && ++tries < DUMP_TRIES);
	nl->fn = NULL;
	if (err >= 0)
		return 0;
	dmk_log(LOG_ERR, "dmikey.ko: request %u: %s", cmd, why);
	return nl->error ? nl->error : -EIO;
}

int dmk_netlink_fd(const struct dmk_netlink *nl)
{
	return nl_socket_get_fd(nl->events);
}

unsigned int dmk_netlink_receive(struct dmk_netlink *nl, dmk_netlink_fn fn, void *arg)
{
	int err;

	nl->event_fn = fn;
	nl->event_arg = arg;
	nl->news = 0;
	err = nl_recvmsgs_default(nl->events);
	/* libnl's name for ENOBUFS */
	if (err == -NLE_NOMEM)
		nl->news |= DMK_NETLINK_LOST;
	return nl->news;
}
