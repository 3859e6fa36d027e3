/* SPDX-License-Identifier: GPL-2.0 */
/* The roles that this host plays: at most one third party, some responders. */
#ifndef DMK_LOCAL_H
#define DMK_LOCAL_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include "name.h"
#include "uapi/dmikey.h"

#define DMK_LOCALS_MAX 17		/* one third party, 16 responders */

struct dmk_net;
struct dmk_rsa;

/**
 * struct dmk_local - a role; immutable
 * @list: in the list of roles
 * @rcu: freed behind readers
 * @ref: references
 * @role: enum dmk_role_type
 * @name: identity, that of the certificate
 * @key: RSA private key: signs (third party) or decrypts (responder)
 * @expires: end of the certificate's validity, Unix seconds
 * @before: of a responder: what it was under the certificate before, or NULL
 * @der_hash: SHA-256 of @der
 * @der_len: its length
 * @der: the certificate
 */
struct dmk_local {
	struct list_head list;
	struct rcu_head rcu;
	refcount_t ref;
	u8 role;
	struct dmk_name name;
	struct dmk_rsa *key;
	time64_t expires;
	struct dmk_local *before;
	u8 der_hash[DMK_HASH_LEN];
	u16 der_len;
	u8 der[DMK_CERT_MAX];
};

/**
 * struct dmk_locals - the roles of a namespace
 * @lock: protects changes of @list, which is read under RCU
 * @list: the roles
 */
struct dmk_locals {
	spinlock_t lock;
	struct list_head list;
};

void dmk_local_init(struct dmk_net *dn);
void dmk_local_destroy(struct dmk_net *dn);

/**
 * dmk_local_add() - take a role, in place of the same role and identity
 * @dn: the instance; dmk_net.config is held
 * @l: all fields but @list, @ref and @before filled in; the list's on success
 *
 * Third parties learn of a responder's new certificate one by one. Until the old
 * one expires, or a third one comes, messages for it are opened, too. Who does
 * not want that gives the role up first.
 *
 * Return: 0; -EEXIST: this host is a third party of another name; -ENOSPC;
 * -ENOMEM.
 */
int dmk_local_add(struct dmk_net *dn, struct dmk_local *l);

/* gives a role up; dmk_net.config is held. Return: 0 or -ENOENT */
int dmk_local_remove(struct dmk_net *dn, u8 role, const struct dmk_id *id);

/* Each returns a reference, or NULL. Any context. Expired certificates count:
 * it is for the other side to refuse them.
 */
struct dmk_local *dmk_local_thirdparty(struct dmk_net *dn);
struct dmk_local *dmk_local_responder(struct dmk_net *dn, const struct dmk_id *idr);
void dmk_local_put(struct dmk_local *l);
/* @l, or what it was before, if that has this certificate and it has not expired;
 * else NULL. No reference: @l holds it.
 */
struct dmk_local *dmk_local_as(struct dmk_local *l, const u8 der_hash[DMK_HASH_LEN]);
/* whether any such role is there; any context, no reference */
bool dmk_local_plays(struct dmk_net *dn, enum dmk_role_type role);

#endif
