// SPDX-License-Identifier: GPL-2.0
/* Keys of the kernel's key service, named by serial. */
#include <crypto/public_key.h>
#include <keys/asymmetric-subtype.h>
#include <keys/asymmetric-type.h>
#include <keys/user-type.h>
#include <linux/err.h>

#include "key.h"
#include "rsa.h"

/* a key of @type that the caller may search for, with a reference */
static struct key *lookup(s32 serial, const struct key_type *type)
{
	key_ref_t ref = lookup_user_key(serial, 0, KEY_NEED_SEARCH);
	struct key *key;

	if (IS_ERR(ref))
		return ERR_CAST(ref);
	key = key_ref_to_ptr(ref);
	if (key->type != type) {
		key_put(key);
		return ERR_PTR(-EINVAL);
	}
	return key;
}

int dmk_key_read(struct key *key, u8 out[DMK_PSK_LEN])
{
	const struct user_key_payload *payload;
	int err;

	down_read(&key->sem);
	err = key_validate(key);
	if (err)
		goto out;
	payload = user_key_payload_locked(key);
	err = -EINVAL;
	if (!payload || payload->datalen != DMK_PSK_LEN)
		goto out;
	memcpy(out, payload->data, DMK_PSK_LEN);
	err = 0;
out:
	up_read(&key->sem);
	return err;
}

struct key *dmk_key_logon(s32 serial)
{
	struct key *key = lookup(serial, &key_type_logon);
	u8 psk[DMK_PSK_LEN];
	int err;

	if (IS_ERR(key))
		return key;
	err = dmk_key_read(key, psk);
	memzero_explicit(psk, sizeof(psk));
	if (err) {
		key_put(key);
		return ERR_PTR(err);
	}
	return key;
}

/* what the transform takes is what stands in the key: RSAPrivateKey */
static struct dmk_rsa *private_of(struct key *key)
{
	const struct asymmetric_key_subtype *subtype = asymmetric_key_subtype(key);
	const struct public_key *pk = key->payload.data[asym_crypto];

	if (subtype != &public_key_subtype || !pk)
		return ERR_PTR(-EINVAL);
	if (!pk->key_is_private || strcmp(pk->pkey_algo, "rsa"))
		return ERR_PTR(-EINVAL);
	return dmk_rsa_private(pk->key, pk->keylen);
}

struct dmk_rsa *dmk_key_private(s32 serial)
{
	struct key *key = lookup(serial, &key_type_asymmetric);
	struct dmk_rsa *rsa;
	int err;

	if (IS_ERR(key))
		return ERR_CAST(key);
	down_read(&key->sem);
	err = key_validate(key);
	rsa = err ? ERR_PTR(err) : private_of(key);
	up_read(&key->sem);
	key_put(key);
	return rsa;
}
