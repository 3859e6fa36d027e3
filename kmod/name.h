/* SPDX-License-Identifier: GPL-2.0 */
/* An identity that outlives the message it came in. */
#ifndef DMK_NAME_H
#define DMK_NAME_H

#include <linux/jhash.h>
#include <linux/siphash.h>
#include "wire.h"

/**
 * struct dmk_name - a stored identity
 * @type: ID type
 * @len: bytes of @data
 * @data: ID Data
 */
struct dmk_name {
	u8 type;
	u8 len;
	u8 data[DMK_ID_MAX];
};

static inline struct dmk_id dmk_name_id(const struct dmk_name *n)
{
	return (struct dmk_id){ n->type, { n->data, n->len } };
}

/* for tables by identity */
static inline u32 dmk_name_hash(const struct dmk_id *id, u32 seed)
{
	return jhash(id->data.data, id->data.len, seed ^ id->type);
}

/* @id: at most DMK_ID_MAX bytes, as core/ has checked */
static inline void dmk_name_set(struct dmk_name *n, const struct dmk_id *id)
{
	n->type = id->type;
	n->len = id->data.len;
	memcpy(n->data, id->data.data, id->data.len);
}

/* for counts and quotas: strangers cannot find two identities with one key */
static inline u64 dmk_name_key(const struct dmk_id *id, const siphash_key_t *secret)
{
	return siphash(id->data.data, id->data.len, secret) ^ id->type;
}

/* the first 8 bytes of a hash, as a key of tables */
static inline u64 dmk_hash_key(const u8 hash[DMK_HASH_LEN])
{
	u64 key;

	memcpy(&key, hash, sizeof(key));
	return key;
}

#endif
