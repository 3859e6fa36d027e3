/* SPDX-License-Identifier: GPL-2.0 */
/* Rules at R: who may vouch for whom (protocol.md 7.4). */
#ifndef DMK_RULE_H
#define DMK_RULE_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include "esp.h"
#include "name.h"
#include "uapi/dmikey.h"

#define DMK_RULES_MAX 1024
#define DMK_RULE_TPS_MAX 64
#define DMK_RULE_PREFIXES_MAX 16
#define DMK_RULE_POLICIES_MAX 16

struct dmk_net;

struct dmk_prefix {
	struct in6_addr ip;	/* IPv4 mapped */
	u8 len;			/* of the mapped form: IPv4 plus 96 */
};

/**
 * struct dmk_rule - a rule; immutable, replaced as a whole
 * @list: in the list of rules
 * @rcu: freed behind readers
 * @ref: references
 * @name: its name
 * @sensor: identity of one sensor (@realm is false)
 * @realm: @sensor.data is a realm: all NAIs behind that '@'
 * @any_tp: every certified third party may vouch
 * @n_tps: entries of @tps
 * @tps: third parties that may vouch
 * @min_k: smallest k
 * @allow_k1: k = 1 is allowed (with n = 1)
 * @n_prefixes: 0: any address
 * @prefixes: addresses that the sensors may use
 * @n_policies: 0: all supported
 * @policies: ESP policies that are allowed
 * @reqid: of the xfrm states
 */
struct dmk_rule {
	struct list_head list;
	struct rcu_head rcu;
	refcount_t ref;
	char name[DMK_NAME_MAX + 1];
	struct dmk_name sensor;
	bool realm;
	bool any_tp;
	u8 n_tps;
	struct dmk_name *tps;
	u8 min_k;
	bool allow_k1;
	u8 n_prefixes;
	struct dmk_prefix *prefixes;
	u8 n_policies;
	struct dmk_esp_policy *policies;
	u32 reqid;
};

/**
 * struct dmk_rules - the rules of a namespace
 * @lock: protects changes of @list, which is read under RCU
 * @list: an exact identity is preferred to a realm
 * @count: entries
 */
struct dmk_rules {
	spinlock_t lock;
	struct list_head list;
	u32 count;
};

void dmk_rule_init(struct dmk_net *dn);
void dmk_rule_destroy(struct dmk_net *dn);

/**
 * dmk_rule_add() - add a rule, or replace the one of that name
 * @dn: the instance; dmk_net.config is held
 * @r: kzalloc'ed with its arrays, filled in but for @list and @ref; the list's
 *	on success
 *
 * Return: 0; -EEXIST: another rule names the same sensor or realm; -ENOSPC.
 */
int dmk_rule_add(struct dmk_net *dn, struct dmk_rule *r);

/* removes a rule; dmk_net.config is held. Return: 0 or -ENOENT */
int dmk_rule_remove(struct dmk_net *dn, const char *name);

/* the rule that covers a sensor, with a reference, or NULL; any context */
struct dmk_rule *dmk_rule_find(struct dmk_net *dn, const struct dmk_id *sensor);
void dmk_rule_put(struct dmk_rule *r);

/* Each returns DMK_OK or the reason: AUTHORIZATION, K_MINIMUM, ADDRESS,
 * SP_UNSUPPORTED. A policy is allowed if cipher, key length, integrity,
 * mode and ESN are those of an allowed one and its lifetimes and window are
 * no larger.
 */
enum dmk_reason dmk_rule_thirdparty(const struct dmk_rule *r, const struct dmk_id *tp);
enum dmk_reason dmk_rule_k(const struct dmk_rule *r, u8 n, u8 k);
enum dmk_reason dmk_rule_address(const struct dmk_rule *r, const struct dmk_session_data *sd);
enum dmk_reason dmk_rule_policy(const struct dmk_rule *r, const struct dmk_esp_policy *p);

/* DMK_OK if one of @n prefixes covers the address, or there are none; else ADDRESS */
enum dmk_reason dmk_rule_covers(const struct dmk_prefix *prefixes, unsigned int n,
				const struct dmk_session_data *sd);

#endif
