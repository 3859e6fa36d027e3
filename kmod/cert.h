/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Peers whose certificates the agent has validated: third parties (at a
 * responder, found by certificate) and responders (at a third party, found by
 * identity). A bounded cache.
 */
#ifndef DMK_CERT_H
#define DMK_CERT_H

#include <linux/rhashtable.h>
#include "addr.h"
#include "name.h"
#include "ratelimit.h"
#include "route.h"
#include "uapi/dmikey.h"

#define DMK_PEERS_MAX 4096		/* per namespace */

struct dmk_net;
struct dmk_rsa;

/**
 * struct dmk_peer - a peer with a valid certificate; immutable but for the last three
 * @by_hash: in the table of certificates
 * @by_id: in the table of responders (role DMK_ROLE_R)
 * @rcu: freed behind readers
 * @ref: references
 * @role: enum dmk_role_type
 * @name: the certified identity
 * @id_hash: first 8 bytes of SHA-256 over ID Data, as PART has them (7.4)
 * @der_hash: SHA-256 of the certificate
 * @key_hash: SHA-256 of the public key: one key is one third party (6.1)
 * @key: its RSA public key
 * @expires: end of validity, Unix seconds
 * @addr: where a responder listens
 * @suites: bits of enum dmk_suite_bits that are allowed
 * @send_hash: message 3 names our certificate by hash
 * @route: envelope keys towards a responder
 * @decryptions: what it may have a responder decrypt, dmk_net.ratelimit
 * @dead: taken out of the tables (revoked, replaced, expired)
 */
struct dmk_peer {
	struct rhash_head by_hash;
	struct rhash_head by_id;
	struct rcu_head rcu;
	refcount_t ref;
	u8 role;
	struct dmk_name name;
	u8 id_hash[8];
	u8 der_hash[DMK_HASH_LEN];
	u8 key_hash[DMK_HASH_LEN];
	struct dmk_rsa *key;
	time64_t expires;
	struct dmk_addr addr;
	u32 suites;
	bool send_hash;
	struct dmk_route route;
	struct dmk_bucket decryptions;
	bool dead;
};

struct dmk_certs {
	struct rhashtable by_hash;
	struct rhashtable by_id;
	atomic_t count;
};

int dmk_cert_init(struct dmk_net *dn);
void dmk_cert_destroy(struct dmk_net *dn);

/**
 * dmk_cert_add() - trust a peer, in place of the one with that certificate
 *	and, for a responder, of that identity
 * @dn: the instance; dmk_net.config is held
 * @p: all fields but the nodes, @ref and the last three filled in; the tables' on success
 *
 * Expired peers make room when the tables are full.
 * Return: 0, -ENOSPC or -ENOMEM.
 */
int dmk_cert_add(struct dmk_net *dn, struct dmk_peer *p);

/* Both forget peers and mark them dead; dmk_net.config is held.
 * Return: 0 or -ENOENT
 */
int dmk_cert_remove_hash(struct dmk_net *dn, const u8 der_hash[DMK_HASH_LEN]);
int dmk_cert_remove_id(struct dmk_net *dn, u8 role, const struct dmk_id *id);

/* Both return a reference, or NULL also when the certificate has expired. */
struct dmk_peer *dmk_cert_thirdparty(struct dmk_net *dn, const u8 der_hash[DMK_HASH_LEN]);
struct dmk_peer *dmk_cert_responder(struct dmk_net *dn, const struct dmk_id *id);
/* Whether a third party's certificate is trusted still. It may have been told again
 * since, and stands in the table anew: a struct dmk_peer from before does not know.
 */
bool dmk_cert_is_trusted(struct dmk_net *dn, const u8 der_hash[DMK_HASH_LEN]);
struct dmk_peer *dmk_cert_get(struct dmk_peer *p);
void dmk_cert_put(struct dmk_peer *p);	/* NULL is ignored */

#endif
