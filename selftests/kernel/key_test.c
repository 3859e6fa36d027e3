// SPDX-License-Identifier: GPL-2.0
/* kmod/key.c: keys by serial, of the right kind and length only. */
#include <crypto/public_key.h>
#include <keys/asymmetric-type.h>
#include <linux/cred.h>
#include <linux/key.h>

#include "key.h"
#include "rsa.h"
#include "suite.h"
#include "vec_dmikey.h"
#include "vector.h"

#define PERM (KEY_POS_ALL | KEY_USR_ALL)

static struct key *ring;

static bool ring_open(void)
{
	ring = keyring_alloc("dmikey_selftest", GLOBAL_ROOT_UID, GLOBAL_ROOT_GID,
			     current_cred(), PERM, KEY_ALLOC_NOT_IN_QUOTA, NULL, NULL);
	return !IS_ERR(ring);
}

static void ring_close(void)
{
	keyring_clear(ring);
	key_put(ring);
}

static key_ref_t add(const char *type, const char *name, struct dmk_span payload)
{
	return key_create_or_update(make_key_ref(ring, true), type, name, payload.data,
				    payload.len, PERM, KEY_ALLOC_NOT_IN_QUOTA);
}

static s32 serial(key_ref_t ref)
{
	return IS_ERR(ref) ? 0 : key_ref_to_ptr(ref)->serial;
}

static void put(key_ref_t ref)
{
	if (!IS_ERR(ref))
		key_ref_put(ref);
}

struct dmk_rsa *test_private_key(struct dmk_span pkcs8)
{
	struct dmk_rsa *rsa;
	key_ref_t ref;

	if (!ring_open())
		return ERR_PTR(-ENOMEM);
	ref = add("asymmetric", "private", pkcs8);
	rsa = IS_ERR(ref) ? ERR_CAST(ref) : dmk_key_private(serial(ref));
	put(ref);
	ring_close();
	return rsa;
}

u32 test_public_der(struct dmk_span cert, u8 *der, u32 room)
{
	const struct public_key *pk;
	key_ref_t ref;
	u32 len = 0;

	if (!ring_open())
		return 0;
	ref = add("asymmetric", "certificate", cert);
	if (!IS_ERR(ref)) {
		pk = key_ref_to_ptr(ref)->payload.data[asym_crypto];
		if (pk->keylen <= room) {
			len = pk->keylen;
			memcpy(der, pk->key, len);
		}
		put(ref);
	}
	ring_close();
	return len;
}

struct dmk_rsa *test_public_key(struct dmk_span cert)
{
	u8 der[600];

	return dmk_rsa_public(der, test_public_der(cert, der, sizeof(der)));
}

static int logon_error(s32 serial)
{
	struct key *key = dmk_key_logon(serial);

	if (IS_ERR(key))
		return PTR_ERR(key);
	key_put(key);
	return 0;
}

static int private_error(s32 serial)
{
	struct dmk_rsa *rsa = dmk_key_private(serial);

	if (IS_ERR(rsa))
		return PTR_ERR(rsa);
	dmk_rsa_put(rsa);
	return 0;
}

static void logon_test(struct dmk_span psk)
{
	key_ref_t ref = add("logon", "dmikey:sensor", psk);
	struct key *key = dmk_key_logon(serial(ref));
	u8 out[DMK_PSK_LEN] = {};

	ktap_ok(!IS_ERR(key), "logon: found by its serial");
	if (IS_ERR(key))
		return;
	ktap_ok(!dmk_key_read(key, out) && vec_is(psk, out, sizeof(out)),
		"logon: its payload");
	ktap_ok(private_error(serial(ref)) == -EINVAL, "logon: no private key");

	key->expiry = 1;	/* 1970 */
	ktap_ok(dmk_key_read(key, out) == -EKEYEXPIRED, "logon: expired after it was found");
	ktap_ok(logon_error(serial(ref)) == -EKEYEXPIRED, "logon: expired");
	key->expiry = 0;
	key_revoke(key);
	ktap_ok(dmk_key_read(key, out) == -EKEYREVOKED, "logon: revoked after it was found");
	ktap_ok(logon_error(serial(ref)) == -EKEYREVOKED, "logon: revoked");
	key_put(key);
	put(ref);
}

static void wrong_test(struct dmk_span psk)
{
	u8 longer[DMK_PSK_LEN + 1] = {};
	key_ref_t ref;

	ref = add("logon", "dmikey:short", DMK_SPAN(psk.data, DMK_PSK_LEN - 1));
	ktap_ok(logon_error(serial(ref)) == -EINVAL, "logon: 31 bytes");
	put(ref);
	ref = add("logon", "dmikey:long", DMK_SPAN(longer, sizeof(longer)));
	ktap_ok(logon_error(serial(ref)) == -EINVAL, "logon: 33 bytes");
	put(ref);
	ref = add("user", "dmikey:user", psk);
	ktap_ok(logon_error(serial(ref)) == -EINVAL, "user: of another type");
	ktap_ok(private_error(serial(ref)) == -EINVAL, "user: no private key");
	put(ref);
	ktap_ok(logon_error(0x7ffffff0) == -ENOKEY, "logon: no such serial");
	ktap_ok(private_error(0x7ffffff0) == -ENOKEY, "asymmetric: no such serial");
}

static void asymmetric_test(void)
{
	key_ref_t ref = add("asymmetric", "private", vec_dmikey.pki.r.key_pem);

	ktap_ok(!private_error(serial(ref)), "asymmetric: a private key");
	ktap_ok(logon_error(serial(ref)) == -EINVAL, "asymmetric: no logon key");
	if (!IS_ERR(ref))
		key_revoke(key_ref_to_ptr(ref));
	ktap_ok(private_error(serial(ref)) == -EKEYREVOKED, "asymmetric: revoked");
	put(ref);
	ref = add("asymmetric", "certificate", vec_dmikey.pki.r.cert);
	ktap_ok(private_error(serial(ref)) == -EINVAL, "asymmetric: a certificate is no private key");
	put(ref);
	ref = add("asymmetric", "weak", vec_dmikey.pki.tp1024.key_pem);
	ktap_ok(private_error(serial(ref)) == -EINVAL, "asymmetric: RSA 1024");
	put(ref);
}

static void key_test(void)
{
	struct dmk_span psk = vec_dmikey.sessions[0].third_parties[0].psk;

	if (!ktap_ok(ring_open(), "keyring"))
		return;
	logon_test(psk);
	wrong_test(psk);
	asymmetric_test();
	ring_close();
}

KTAP_MAIN(key_test)
