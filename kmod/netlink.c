// SPDX-License-Identifier: GPL-2.0
/* The generic netlink family: what may be said, and by whom. */

#include "compat.h"
#include "limits.h"
#include "netlink.h"
#include "netns.h"

/* not const: 6.1 wants it so */
static struct netlink_range_validation skew_range = { .min = 1, .max = 3600 };
static struct netlink_range_validation queue_range = { .min = 16, .max = 65536 };
static struct netlink_range_validation rate_range = { .min = 1, .max = 1000000 };
static struct netlink_range_validation life_range = { .max = 86400 };

#define ID_ATTRS							\
	[DMK_A_ID_TYPE] = NLA_POLICY_MAX(NLA_U8, DMK_ID_URI),		\
	[DMK_A_ID] = NLA_POLICY_RANGE(NLA_BINARY, 1, DMK_ID_MAX)
#define ROLE_ATTR							\
	[DMK_A_ROLE] = NLA_POLICY_RANGE(NLA_U8, DMK_ROLE_TP, DMK_ROLE_R)
#define SUITES_ATTR							\
	[DMK_A_SUITES] = NLA_POLICY_MASK(NLA_U32, DMK_SUITE_CCM | DMK_SUITE_CM)
#define KEY_ATTR							\
	[DMK_A_KEY] = NLA_POLICY_MIN(NLA_S32, 1)
#define CERT_ATTR							\
	[DMK_A_CERT] = NLA_POLICY_RANGE(NLA_BINARY, 1, DMK_CERT_MAX)

/* one a command, so that an attribute which it does not know is refused */

static const struct nla_policy none[DMK_A_PAD + 1] = { };

static const struct nla_policy instance_set[DMK_A_ENVELOPE_LIFE + 1] = {
	[DMK_A_PORT] = { .type = NLA_U16 },
	[DMK_A_SKEW] = NLA_POLICY_FULL_RANGE(NLA_U32, &skew_range),
	[DMK_A_QUEUE_LIMIT] = NLA_POLICY_FULL_RANGE(NLA_U32, &queue_range),
	[DMK_A_RATE] = NLA_POLICY_FULL_RANGE(NLA_U32, &rate_range),
	[DMK_A_HIGHEST_T] = { .type = NLA_U64 },
	[DMK_A_ENVELOPE_LIFE] = NLA_POLICY_FULL_RANGE(NLA_U32, &life_range),
};

static const struct nla_policy local_new[DMK_A_EXPIRES + 1] = {
	ROLE_ATTR,
	ID_ATTRS,
	KEY_ATTR,
	CERT_ATTR,
	[DMK_A_EXPIRES] = { .type = NLA_U64 },
};

static const struct nla_policy local_del[DMK_A_ID + 1] = {
	ROLE_ATTR,
	ID_ATTRS,
};

static const struct nla_policy name_entry[DMK_A_ID + 1] = {
	ID_ATTRS,
};

static const struct nla_policy prefix_entry[DMK_A_PREFIX + 1] = {
	[DMK_A_ADDR] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[DMK_A_PREFIX] = NLA_POLICY_MAX(NLA_U8, 128),
};

static const struct nla_policy sensor_new[DMK_A_RESPONDERS + 1] = {
	ID_ATTRS,
	KEY_ATTR,
	[DMK_A_GENERATION] = { .type = NLA_U32 },
	[DMK_A_TS_TYPE] = NLA_POLICY_MAX(NLA_U8, DMK_TS_COUNTER),
	[DMK_A_COUNTER] = { .type = NLA_U32 },
	SUITES_ATTR,
	[DMK_A_PREFIXES] = NLA_POLICY_NESTED_ARRAY(prefix_entry),
	[DMK_A_UPCALL_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[DMK_A_RESPONDERS] = NLA_POLICY_NESTED_ARRAY(name_entry),
};

static const struct nla_policy sensor_del[DMK_A_COUNTER + 1] = {
	ID_ATTRS,
	[DMK_A_COUNTER] = { .type = NLA_U32 },
};

static const struct nla_policy peer_new[DMK_A_UPCALL_ID + 1] = {
	ROLE_ATTR,
	ID_ATTRS,
	CERT_ATTR,
	[DMK_A_CERT_HASH] = NLA_POLICY_EXACT_LEN(DMK_HASH_LEN),
	[DMK_A_PUBKEY] = NLA_POLICY_RANGE(NLA_BINARY, 1, 600),
	[DMK_A_EXPIRES] = { .type = NLA_U64 },
	[DMK_A_ADDR] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[DMK_A_ADDR_PORT] = NLA_POLICY_MIN(NLA_U16, 1),
	SUITES_ATTR,
	[DMK_A_BY_HASH] = { .type = NLA_FLAG },
	[DMK_A_UPCALL_ID] = NLA_POLICY_MIN(NLA_U32, 1),
};

static const struct nla_policy peer_del[DMK_A_CERT_HASH + 1] = {
	ROLE_ATTR,
	ID_ATTRS,
	[DMK_A_CERT_HASH] = NLA_POLICY_EXACT_LEN(DMK_HASH_LEN),
};

static const struct nla_policy policy_entry[DMK_A_SP_PARAM + 1] = {
	[DMK_A_SP_PARAM] = { .type = NLA_BINARY, .len = 255 },
};

static const struct nla_policy rule_new[DMK_A_REQID + 1] = {
	ID_ATTRS,
	[DMK_A_NAME] = { .type = NLA_NUL_STRING, .len = DMK_NAME_MAX },
	[DMK_A_REALM] = { .type = NLA_NUL_STRING, .len = DMK_ID_MAX },
	[DMK_A_TPS] = NLA_POLICY_NESTED_ARRAY(name_entry),
	[DMK_A_MIN_K] = NLA_POLICY_RANGE(NLA_U8, 1, DMK_N_MAX),
	[DMK_A_ALLOW_K1] = { .type = NLA_FLAG },
	[DMK_A_PREFIXES] = NLA_POLICY_NESTED_ARRAY(prefix_entry),
	[DMK_A_POLICIES] = NLA_POLICY_NESTED_ARRAY(policy_entry),
	[DMK_A_REQID] = NLA_POLICY_MIN(NLA_U32, 1),
};

static const struct nla_policy rule_del[DMK_A_NAME + 1] = {
	[DMK_A_NAME] = { .type = NLA_NUL_STRING, .len = DMK_NAME_MAX },
};

static const struct nla_policy session_get[DMK_A_USAGE + 1] = {
	[DMK_A_USAGE] = { .type = NLA_FLAG },
};

static const struct nla_policy session_del[DMK_A_SPI_IN + 1] = {
	ID_ATTRS,
	[DMK_A_SPI_IN] = NLA_POLICY_MIN(NLA_U32, DMK_SPI_MIN),
};

static const struct nla_policy upcall_refuse[DMK_A_UPCALL_ID + 1] = {
	[DMK_A_UPCALL_ID] = NLA_POLICY_MIN(NLA_U32, 1),
};

static const struct nla_policy host_new[DMK_A_CONNECT + 1] = {
	ID_ATTRS,
	KEY_ATTR,
	[DMK_A_ADDR] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[DMK_A_ADDR_PORT] = NLA_POLICY_MIN(NLA_U16, 1),
	[DMK_A_SUITES] = NLA_POLICY_MASK(NLA_U32, DMK_SUITE_CCM | DMK_SUITE_CM |
					 DMK_SUITE_LEGACY),
	[DMK_A_POLICIES] = NLA_POLICY_NESTED_ARRAY(policy_entry),
	[DMK_A_REQID] = NLA_POLICY_MIN(NLA_U32, 1),
	[DMK_A_OWN_TYPE] = NLA_POLICY_MAX(NLA_U8, DMK_ID_URI),
	[DMK_A_OWN] = NLA_POLICY_RANGE(NLA_BINARY, 1, DMK_ID_MAX),
	[DMK_A_CONNECT] = { .type = NLA_FLAG },
};

#define OP(name, pol)	.cmd = DMK_CMD_##name, .policy = pol, .maxattr = ARRAY_SIZE(pol) - 1
#define ADMIN		.flags = GENL_UNS_ADMIN_PERM

static const struct genl_ops ops[] = {
	{ OP(INSTANCE_GET, none), .doit = dmk_netlink_instance_get },
	{ OP(INSTANCE_SET, instance_set), ADMIN, .doit = dmk_netlink_instance_set },
	{ OP(LOCAL_NEW, local_new), ADMIN, .doit = dmk_netlink_local_new },
	{ OP(LOCAL_DEL, local_del), ADMIN, .doit = dmk_netlink_local_del },
	{ OP(LOCAL_GET, none), ADMIN, .dumpit = dmk_netlink_local_dump },
	{ OP(SENSOR_NEW, sensor_new), ADMIN, .doit = dmk_netlink_sensor_new },
	{ OP(SENSOR_DEL, sensor_del), ADMIN, .doit = dmk_netlink_sensor_del },
	{ OP(SENSOR_GET, none), ADMIN, .start = dmk_netlink_sensor_start,
	  .dumpit = dmk_netlink_sensor_dump, .done = dmk_netlink_walk_done },
	{ OP(PEER_NEW, peer_new), ADMIN, .doit = dmk_netlink_peer_new },
	{ OP(PEER_DEL, peer_del), ADMIN, .doit = dmk_netlink_peer_del },
	{ OP(PEER_GET, none), ADMIN, .start = dmk_netlink_peer_start,
	  .dumpit = dmk_netlink_peer_dump, .done = dmk_netlink_walk_done },
	{ OP(RULE_NEW, rule_new), ADMIN, .doit = dmk_netlink_rule_new },
	{ OP(RULE_DEL, rule_del), ADMIN, .doit = dmk_netlink_rule_del },
	{ OP(RULE_GET, none), ADMIN, .start = dmk_netlink_rule_start,
	  .dumpit = dmk_netlink_rule_dump },
	{ OP(SESSION_GET, session_get), ADMIN, .start = dmk_netlink_session_start,
	  .dumpit = dmk_netlink_session_dump },
	{ OP(SESSION_DEL, session_del), ADMIN, .doit = dmk_netlink_session_del },
	{ OP(STATS_GET, none), .dumpit = dmk_netlink_stats_dump },
	{ OP(UPCALL_REFUSE, upcall_refuse), ADMIN, .doit = dmk_netlink_upcall_refuse },
	{ OP(HOST_NEW, host_new), ADMIN, .doit = dmk_netlink_host_new },
	{ OP(HOST_DEL, name_entry), ADMIN, .doit = dmk_netlink_host_del },
	{ OP(HOST_GET, none), ADMIN, .start = dmk_netlink_host_start,
	  .dumpit = dmk_netlink_host_dump },
	{ OP(HOST_CONNECT, name_entry), ADMIN, .doit = dmk_netlink_host_connect },
	{ OP(HOST_DISCONNECT, name_entry), ADMIN, .doit = dmk_netlink_host_disconnect },
};

static const struct genl_multicast_group groups[] = {
	[DMK_GROUP_UPCALL] = DMK_MCGRP(DMK_MCGRP_UPCALL),
	[DMK_GROUP_EVENT] = DMK_MCGRP(DMK_MCGRP_EVENT),
};

struct genl_family dmk_netlink_family __ro_after_init = {
	.name = DMK_GENL_NAME,
	.version = DMK_GENL_VERSION,
	.maxattr = DMK_A_MAX,
	.netnsok = true,
	.parallel_ops = true,
	.module = THIS_MODULE,
	.ops = ops,
	.n_ops = ARRAY_SIZE(ops),
	.resv_start_op = DMK_CMD_INSTANCE_GET,
	.mcgrps = groups,
	.n_mcgrps = ARRAY_SIZE(groups),
};

int __init dmk_netlink_init(void)
{
	return genl_register_family(&dmk_netlink_family);
}

void dmk_netlink_exit(void)
{
	genl_unregister_family(&dmk_netlink_family);
}
