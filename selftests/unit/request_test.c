// SPDX-License-Identifier: GPL-2.0
/* The longest rule that a configuration may have: a request has room for it. */
#include <string.h>

#include "../../agent/netlink.h"
#include "../../agent/request.h"
#include "ktap.h"

static struct dmk_identity tps[DMK_CONFIG_TPS];
static struct dmk_prefix_conf prefixes[DMK_CONFIG_PREFIXES];
static struct dmk_policy_conf policies[DMK_CONFIG_POLICIES];

static void longest(struct dmk_identity *id)
{
	memset(id->data, 'a', DMK_ID_MAX);
	id->len = DMK_ID_MAX;
}

static void make(struct dmk_rule_conf *r)
{
	static char name[DMK_NAME_MAX + 1];
	size_t i;

	memset(name, 'n', DMK_NAME_MAX);
	r->name = name;
	longest(&r->sensor);
	r->tps = tps;
	r->prefixes = prefixes;
	r->policies = policies;
	r->n_tps = DMK_CONFIG_TPS;
	r->n_prefixes = DMK_CONFIG_PREFIXES;
	r->n_policies = DMK_CONFIG_POLICIES;
	for (i = 0; i < DMK_CONFIG_TPS; i++)
		longest(&tps[i]);
	for (i = 0; i < DMK_CONFIG_PREFIXES; i++)
		prefixes[i].addr_len = sizeof(prefixes[i].addr);
	for (i = 0; i < DMK_CONFIG_POLICIES; i++)
		policies[i].len = sizeof(policies[i].param);
}

/* what does not fit ends the agent */
static void request_test(void)
{
	struct nl_msg *msg = dmk_request_attributes(DMK_NETLINK_ROOM - GENL_HDRLEN);
	struct dmk_rule_conf r = { .min_k = 2, .allow_k1 = true, .reqid = 7 };
	int len;

	make(&r);
	dmk_request_rule(msg, &r);
	len = nlmsg_datalen(nlmsg_hdr(msg));
	ktap_ok(len > DMK_CONFIG_TPS * DMK_ID_MAX, "the longest rule fits: %d bytes", len);
	nlmsg_free(msg);
}
KTAP_MAIN(request_test)
