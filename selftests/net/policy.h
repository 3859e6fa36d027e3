/* SPDX-License-Identifier: GPL-2.0 */
/* What the module's netlink family takes, as the kernel tells it (CTRL_CMD_GETPOLICY). */
#ifndef DMKTEST_POLICY_H
#define DMKTEST_POLICY_H

#include <netlink/netlink.h>
#include <stdbool.h>
#include <stdint.h>

#include "../../kmod/uapi/dmikey.h"

#define POLICIES_MAX	32
#define NO_POLICY	(-1)

/**
 * struct attr_policy - of an attribute
 * @type: enum netlink_attribute_type; 0: it is refused
 * @min, @max: of a number, both as they are in two's complement
 * @mask: bits of a number that may be set; 0: all
 * @min_len, @max_len: of octets and strings
 * @nested: policy of a list's entries; or NO_POLICY
 */
struct attr_policy {
	uint32_t type;
	uint64_t min, max;
	uint64_t mask;
	uint32_t min_len, max_len;
	int nested;
};

/**
 * struct policies - of the family
 * @of_cmd: index into @attrs; or NO_POLICY where there is no such command
 * @attrs: by policy and attribute
 */
struct policies {
	int of_cmd[DMK_CMD_MAX + 1];
	struct attr_policy attrs[POLICIES_MAX][DMK_A_MAX + 1];
};

/* false: the kernel does not tell, or more than there is room for */
bool policies_read(struct nl_sock *sk, int family, struct policies *p);

#endif
