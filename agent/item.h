/* SPDX-License-Identifier: GPL-2.0 */
/* Everything that expires: what the host has, what it knows of others, and whom
 * it trusts.
 */
#ifndef DMK_AGENT_ITEM_H
#define DMK_AGENT_ITEM_H

#include "agent.h"
#include "cert_list.h"

enum dmk_item_kind {
	DMK_ITEM_OWN,
	DMK_ITEM_PEER,		/* of the configuration */
	DMK_ITEM_SEEN,		/* came in a message */
	DMK_ITEM_CA,
	DMK_ITEM_CRL,
};

/**
 * struct dmk_item - one of them
 * @kind: where it is from
 * @role: enum dmk_role_type, 0 for an authority and a list
 * @cert: name, hash and end
 * @where: "file:line", or NULL
 * @valid: it may be used now
 * @why: why not
 */
struct dmk_item {
	enum dmk_item_kind kind;
	uint8_t role;
	struct dmk_cert_item cert;
	const char *where;
	bool valid;
	const char *why;
};

extern const char *const dmk_item_kinds[];

/**
 * dmk_item_each() - all of them
 * @c: the configuration
 * @seen: certificates that came; NULL: none
 * @fn: is called with each
 * @arg: for @fn
 */
void dmk_item_each(const struct dmk_config *c, const struct dmk_seen *seen,
		   void (*fn)(const struct dmk_item *item, void *arg), void *arg);

/**
 * dmk_item_warn() - 30, 7 and 1 days before something expires, and when it has
 * @c: the configuration
 * @seen: certificates that came; NULL: none
 * @state: where it is kept what was said; NULL: everything is said
 *
 * Each is said once, the nearest one only.
 */
void dmk_item_warn(const struct dmk_config *c, const struct dmk_seen *seen,
		   struct dmk_state *state);

#endif
