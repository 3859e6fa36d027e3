// SPDX-License-Identifier: GPL-2.0
/*
 * Events of the dmikey family, whatever becomes of the module meanwhile. The
 * kernel tells when a family comes and goes, so nothing is ever polled.
 */
#include <linux/genetlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/family.h>
#include <string.h>

#include "ctl.h"

#define EVENT_BUFFER (1 << 20)	/* bytes of the socket */

/**
 * struct listener - one subscription
 * @c: the run
 * @ops: whom to tell
 * @sk: what it is heard on
 * @family: number of the dmikey family, 0 while it is not there
 * @came: it is there again
 */
struct listener {
	struct ctl *c;
	const struct ctl_listen *ops;
	struct nl_sock *sk;
	int family;
	bool came;
};

static bool is_ours(struct nlattr **tb)
{
	struct nlattr *name = tb[CTRL_ATTR_FAMILY_NAME];

	return name && !strncmp(nla_data(name), DMK_GENL_NAME, nla_len(name));
}

/* the kernel's word on some family */
static void on_family(struct listener *l, struct nl_msg *msg)
{
	struct genlmsghdr *hdr = nlmsg_data(nlmsg_hdr(msg));
	struct nlattr *tb[CTRL_ATTR_MAX + 1];

	if (genlmsg_parse(nlmsg_hdr(msg), 0, tb, CTRL_ATTR_MAX, NULL) || !is_ours(tb))
		return;
	if (hdr->cmd == CTRL_CMD_NEWFAMILY && !l->family)
		l->came = true;
	if (hdr->cmd == CTRL_CMD_DELFAMILY && l->family) {
		l->family = 0;
		l->ops->gone(l->c);
	}
}

static int on_message(struct nl_msg *msg, void *arg)
{
	struct genlmsghdr *hdr = nlmsg_data(nlmsg_hdr(msg));
	int type = nlmsg_hdr(msg)->nlmsg_type;
	struct nlattr *tb[DMK_A_MAX + 1];
	struct listener *l = arg;

	if (type == GENL_ID_CTRL)
		on_family(l, msg);
	else if (type == l->family && hdr->cmd == DMK_CMD_EVENT_NTF &&
		 !genlmsg_parse(nlmsg_hdr(msg), 0, tb, DMK_A_MAX, NULL))
		l->ops->event(l->c, tb);
	return NL_OK;
}

static void join(struct listener *l, int group)
{
	int err = group < 0 ? group : nl_socket_add_membership(l->sk, group);

	if (err == -NLE_PERM)
		ctl_fail(CTL_DENIED, "events are for administrators; cure: run it as root");
	if (err < 0)
		ctl_fail(CTL_REFUSED, "events: %s", nl_geterror(err));
}

/* The number of ours, or 0. Asked for by its name, the kernel would load the module. */
static int find_family(struct nl_sock *ask)
{
	struct genl_family *family;
	struct nl_cache *all;
	int err, id = 0;

	err = genl_ctrl_alloc_cache(ask, &all);
	if (err < 0)
		ctl_fail(CTL_REFUSED, "generic netlink: %s", nl_geterror(err));
	family = genl_ctrl_search_by_name(all, DMK_GENL_NAME);
	if (family) {
		id = genl_family_get_id(family);
		genl_family_put(family);
	}
	nl_cache_free(all);
	return id;
}

/*
 * First the news of families, then the question whether ours is there: it
 * cannot come or go unnoticed in between. Never the group of upcalls: the
 * kernel would take us for the agent.
 */
static void subscribe(struct listener *l)
{
	struct nl_sock *ask = ctl_netlink_connect();
	int group;

	l->sk = ctl_netlink_connect();
	nl_socket_set_buffer_size(l->sk, EVENT_BUFFER, 0);
	nl_socket_disable_seq_check(l->sk);
	nl_socket_modify_cb(l->sk, NL_CB_VALID, NL_CB_CUSTOM, on_message, l);
	join(l, genl_ctrl_resolve_grp(ask, "nlctrl", "notify"));
	l->came = false;
	l->family = find_family(ask);
	group = l->family ? genl_ctrl_resolve_grp(ask, DMK_GENL_NAME, DMK_MCGRP_EVENT) :
			    -NLE_OBJ_NOTFOUND;
	if (group == -NLE_OBJ_NOTFOUND)
		l->family = 0;
	else
		join(l, group);
	nl_socket_free(ask);
}

/* until the subscription is worth nothing: events were lost, or the module is new */
static void hear(struct listener *l)
{
	int err = 0;

	while (err >= 0 && !l->came)
		err = nl_recvmsgs_default(l->sk);
	/* libnl's word for ENOBUFS; what the socket still holds is old */
	if (err == -NLE_NOMEM)
		l->ops->lost(l->c);
	else if (err < 0)
		ctl_fail(CTL_REFUSED, "events: %s", nl_geterror(err));
	nl_socket_free(l->sk);
}

void ctl_listen(struct ctl *c, const struct ctl_listen *ops)
{
	struct listener l = { .c = c, .ops = ops };

	subscribe(&l);
	if (!l.family)
		ops->gone(c);
	for (;;) {
		hear(&l);
		subscribe(&l);
		if (l.family)
			ops->again(c);
		else
			ops->gone(c);
	}
}
