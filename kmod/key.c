// SPDX-License-Identifier: GPL-2.0
/* Keys of the kernel's key service, named by serial. */
#include <crypto/public_key.h>
#include <keys/asymmetric-subtype.h>
#include <keys/asymmetric-type.h>
#include <keys/user-type.h>
#include <linux/err.h>

#include "kdf.h"
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

/* Return: the payload's length, or -errno */
static int read(struct key *key, u8 *out, unsigned int least, unsigned int most)
{
	const struct user_key_payload *payload;
	int ret;

	down_read(&key->sem);
	ret = key_validate(key);
	if (ret)
		goto out;
	payload = user_key_payload_locked(key);
	ret = -EINVAL;
	if (!payload || payload->datalen < least || payload->datalen > most)
		goto out;
	memcpy(out, payload->data, payload->datalen);
	ret = payload->datalen;
out:
	up_read(&key->sem);
	return ret;
}

int dmk_key_read(struct key *key, u8 out[DMK_PSK_LEN])
{
	int len = read(key, out, DMK_PSK_LEN, DMK_PSK_LEN);

	return len < 0 ? len : 0;
}

int dmk_key_read_host(struct key *key, u8 out[DMK_HOST_KEY_MAX])
{
	int len = read(key, out, DMK_HOST_KEY_MIN, DMK_HOST_KEY_MAX);

	return len < 0 || dmk_key_sound(DMK_SPAN(out, len)) ? len : -EKEYREJECTED;
}

/* @key: one that was looked up; stays only if @err is 0 */
static struct key *keep(struct key *key, int err)
{
	if (!err)
		return key;
	key_put(key);
	return ERR_PTR(err);
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
	return keep(key, err);
}

struct key *dmk_key_logon_host(s32 serial)
{
	struct key *key = lookup(serial, &key_type_logon);
	u8 psk[DMK_HOST_KEY_MAX];
	int len;

	if (IS_ERR(key))
		return key;
	len = dmk_key_read_host(key, psk);
	memzero_explicit(psk, sizeof(psk));
	return keep(key, min(len, 0));
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
