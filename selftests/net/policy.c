// SPDX-License-Identifier: GPL-2.0
#include <linux/genetlink.h>
#include <netlink/genl/genl.h>
#include <string.h>

#include "policy.h"

static uint64_t u64_or(struct nlattr *attr, uint64_t otherwise)
{
	return attr ? nla_get_u64(attr) : otherwise;
}

static uint32_t u32_or(struct nlattr *attr, uint32_t otherwise)
{
	return attr ? nla_get_u32(attr) : otherwise;
}

static int read_attr(struct attr_policy *a, struct nlattr *attr)
{
	struct nlattr *tb[NL_POLICY_TYPE_ATTR_MAX + 1];

	if (nla_parse_nested(tb, NL_POLICY_TYPE_ATTR_MAX, attr, NULL) ||
	    !tb[NL_POLICY_TYPE_ATTR_TYPE])
		return NL_STOP;
	a->type = nla_get_u32(tb[NL_POLICY_TYPE_ATTR_TYPE]);
	a->min = u64_or(tb[NL_POLICY_TYPE_ATTR_MIN_VALUE_U],
			u64_or(tb[NL_POLICY_TYPE_ATTR_MIN_VALUE_S], 0));
	a->max = u64_or(tb[NL_POLICY_TYPE_ATTR_MAX_VALUE_U],
			u64_or(tb[NL_POLICY_TYPE_ATTR_MAX_VALUE_S], UINT64_MAX));
	a->mask = u64_or(tb[NL_POLICY_TYPE_ATTR_MASK], 0);
	a->min_len = u32_or(tb[NL_POLICY_TYPE_ATTR_MIN_LENGTH], 0);
	a->max_len = u32_or(tb[NL_POLICY_TYPE_ATTR_MAX_LENGTH], 255);
	a->nested = (int)u32_or(tb[NL_POLICY_TYPE_ATTR_POLICY_IDX], (uint32_t)NO_POLICY);
	return NL_OK;
}

/* one attribute of one policy in a message */
static int read_policy(struct policies *p, struct nlattr *policies)
{
	struct nlattr *policy, *attr;
	int left, rest;

	nla_for_each_nested(policy, policies, left)
		nla_for_each_nested(attr, policy, rest)
			if (nla_type(policy) >= POLICIES_MAX || nla_type(attr) > DMK_A_MAX ||
			    read_attr(&p->attrs[nla_type(policy)][nla_type(attr)], attr) != NL_OK)
				return NL_STOP;
	return NL_OK;
}

static int read_commands(struct policies *p, struct nlattr *commands)
{
	struct nlattr *tb[CTRL_ATTR_POLICY_DUMP_MAX + 1], *cmd, *of;
	int left;

	nla_for_each_nested(cmd, commands, left) {
		if (nla_type(cmd) > DMK_CMD_MAX ||
		    nla_parse_nested(tb, CTRL_ATTR_POLICY_DUMP_MAX, cmd, NULL))
			return NL_STOP;
		of = tb[CTRL_ATTR_POLICY_DO] ? tb[CTRL_ATTR_POLICY_DO] : tb[CTRL_ATTR_POLICY_DUMP];
		if (of && nla_get_u32(of) < POLICIES_MAX)
			p->of_cmd[nla_type(cmd)] = (int)nla_get_u32(of);
	}
	return NL_OK;
}

static int on_message(struct nl_msg *msg, void *arg)
{
	struct nlattr *tb[CTRL_ATTR_MAX + 1];
	struct policies *p = arg;

	if (genlmsg_parse(nlmsg_hdr(msg), 0, tb, CTRL_ATTR_MAX, NULL))
		return NL_STOP;
	if (tb[CTRL_ATTR_OP_POLICY])
		return read_commands(p, tb[CTRL_ATTR_OP_POLICY]);
	return tb[CTRL_ATTR_POLICY] ? read_policy(p, tb[CTRL_ATTR_POLICY]) : NL_OK;
}

bool policies_read(struct nl_sock *sk, int family, struct policies *p)
{
	struct nl_msg *m = nlmsg_alloc();
	int i, err;

	memset(p, 0, sizeof(*p));
	for (i = 0; i <= DMK_CMD_MAX; i++)
		p->of_cmd[i] = NO_POLICY;
	if (!m || !genlmsg_put(m, NL_AUTO_PORT, NL_AUTO_SEQ, GENL_ID_CTRL, 0, NLM_F_DUMP,
			       CTRL_CMD_GETPOLICY, 1) ||
	    nla_put_u16(m, CTRL_ATTR_FAMILY_ID, (uint16_t)family))
		return false;
	nl_socket_modify_cb(sk, NL_CB_VALID, NL_CB_CUSTOM, on_message, p);
	err = nl_send_auto(sk, m);
	nlmsg_free(m);
	return err >= 0 && !nl_recvmsgs_default(sk) && p->of_cmd[DMK_CMD_INSTANCE_GET] != NO_POLICY;
}
