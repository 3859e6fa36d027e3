// SPDX-License-Identifier: GPL-2.0
/*
 * pki.h for the kernel. The keys come from the key service and kmod/rsa.c
 * does the work; it is part of this file, so that plain RFC 3830 messages
 * (SHA-1, envelope keys of 16 bytes), which it does not do, reach its raw
 * operations.
 */
#include <crypto/hash.h>

#include "../kmod/rsa.c"
#include "pki.h"
#include "suite.h"
#include "wire.h"

static struct dmk_rsa *rsa(struct pki_key *key)
{
	return (struct dmk_rsa *)key;
}

static struct pki_key *key_or_null(struct dmk_rsa *key)
{
	return IS_ERR(key) ? NULL : (struct pki_key *)key;
}

struct pki_key *pki_private(struct dmk_span key)
{
	return key_or_null(test_private_key(key));
}

struct pki_key *pki_public(struct dmk_span cert)
{
	return key_or_null(test_public_key(cert));
}

void pki_key_free(struct pki_key *key)
{
	dmk_rsa_put(rsa(key));
}

/* the one name of a certificate, by the octets of its extension */
static bool subject_alt_name(struct dmk_span cert, struct pki_identity *out)
{
	static const u8 oid[] = { 0x06, 0x03, 0x55, 0x1d, 0x11, 0x04 };
	u32 at;

	/* OID, OCTET STRING of a length, SEQUENCE of a length, name of a length */
	for (at = 0; at + sizeof(oid) + 5 < cert.len; at++) {
		const u8 *name = cert.data + at + sizeof(oid) + 3;

		if (memcmp(cert.data + at, oid, sizeof(oid)))
			continue;
		if (at + sizeof(oid) + 5 + name[1] > cert.len)
			return false;
		out->id_type = name[0] == 0x86 ? DMK_ID_URI : DMK_ID_NAI;
		out->id_len = name[1];
		memcpy(out->id, name + 2, name[1]);
		return true;
	}
	return false;
}

/* The module does not judge certificates: the agent's verdict stands in the
 * table, which holds the valid ones.
 */
bool pki_check(struct dmk_span cert, s64 now, struct pki_identity *out)
{
	u8 hash[DMK_HASH_LEN];
	const struct pki *p;

	dmk_sha256(NULL, &cert, 1, hash);
	p = pki_by_hash(DMK_SPAN(hash, sizeof(hash)));
	if (!p || strncmp(p->name, "tp", 2))
		return false;
	out->pubkey_len = test_public_der(cert, out->pubkey, sizeof(out->pubkey));
	return out->pubkey_len && subject_alt_name(cert, out);
}

static size_t sha1(struct dmk_span in, u8 out[DMK_HASH_LEN])
{
	struct crypto_shash *tfm = crypto_alloc_shash("sha1", 0, 0);
	int err;

	if (IS_ERR(tfm))
		return 0;
	err = crypto_shash_tfm_digest(tfm, in.data, in.len, out);
	crypto_free_shash(tfm);
	return err ? 0 : 20;
}

size_t pki_digest(enum dmk_hash hash, struct dmk_span in, u8 out[DMK_HASH_LEN])
{
	if (hash == DMK_SHA1)
		return sha1(in, out);
	return dmk_sha256(NULL, &in, 1, out) ? 0 : DMK_HASH_LEN;
}

/* RFC 8017 9.2 with SHA-1 */
static void emsa_sha1(u8 *em, unsigned int len, const u8 digest[20])
{
	static const u8 info[] = {
		0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e,
		0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14,
	};

	memset(em, 0xff, len);
	em[0] = 0;
	em[1] = 1;
	em[len - 36] = 0;
	memcpy(em + len - 35, info, sizeof(info));
	memcpy(em + len - 20, digest, 20);
}

/* one operation without padding; the length of what is in @out, or 0 */
static size_t raw(struct dmk_rsa *key, int (*fn)(struct dmk_rsa *key, struct op *o),
		  const u8 *in, u8 *out)
{
	struct op *o = op_alloc(key);
	size_t len = 0;

	if (!o)
		return 0;
	memcpy(o->in, in, key->len);
	if (!fn(key, o)) {
		memcpy(out, o->out, key->len);
		len = key->len;
	}
	op_free(o);
	return len;
}

static bool verify_sha1(struct dmk_rsa *key, const u8 *digest, struct dmk_span sig)
{
	u8 got[DMK_RSA_MAX], want[DMK_RSA_MAX];

	if (sig.len != key->len || !raw(key, op_public, sig.data, got))
		return false;
	emsa_sha1(want, key->len, digest);
	return !memcmp(got, want, key->len);
}

bool pki_verify(struct pki_key *key, enum dmk_hash hash, const u8 *digest, struct dmk_span sig)
{
	if (hash == DMK_SHA1)
		return verify_sha1(rsa(key), digest, sig);
	return !dmk_rsa_verify(rsa(key), digest, sig.data, sig.len);
}

size_t pki_sign(struct pki_key *key, enum dmk_hash hash, const u8 *digest, u8 *sig, size_t room)
{
	u8 em[DMK_RSA_MAX];

	if (room < rsa(key)->len)
		return 0;
	if (hash == DMK_SHA1) {
		emsa_sha1(em, rsa(key)->len, digest);
		return raw(rsa(key), op_private, em, sig);
	}
	return dmk_rsa_sign(rsa(key), digest, sig) ? 0 : rsa(key)->len;
}

/* M of 00 02 PS 00 M, or nothing */
static struct dmk_span message_of(const u8 *em, u32 len)
{
	u32 at;

	if (em[0] || em[1] != 2)
		return DMK_SPAN(NULL, 0);
	for (at = 2; at < len && em[at]; at++)
		;
	if (at < 10 || at == len)
		return DMK_SPAN(NULL, 0);
	return DMK_SPAN(em + at + 1, len - at - 1);
}

bool test_is_rejection(struct dmk_rsa *key, struct dmk_span pke, const u8 *secret)
{
	u8 instead[DMK_HASH_LEN];

	dmk_hmac(NULL, DMK_SHA256, DMK_SPAN(key->reject, DMK_HASH_LEN), &pke, 1, instead);
	return !memcmp(secret, instead, sizeof(instead));
}

size_t pki_decrypt(struct pki_key *key, struct dmk_span pke, u8 *out, size_t room)
{
	u8 em[DMK_RSA_MAX], secret[DMK_ENVELOPE_LEN];
	struct dmk_span msg;

	if (pke.len != rsa(key)->len || room < sizeof(secret) ||
	    dmk_rsa_decrypt(rsa(key), pke.data, secret))
		return 0;
	if (!test_is_rejection(rsa(key), pke, secret)) {
		memcpy(out, secret, sizeof(secret));
		return sizeof(secret);
	}
	/* a bad padding, or a plain peer's envelope key of another length */
	if (!raw(rsa(key), op_private, pke.data, em))
		return 0;
	msg = message_of(em, pke.len);
	if (msg.len == sizeof(secret) || msg.len > room)
		return 0;
	memcpy(out, msg.data, msg.len);
	return msg.len;
}

size_t pki_raw_encrypt(struct pki_key *key, struct dmk_span em, u8 *out, size_t room)
{
	if (em.len != rsa(key)->len || room < em.len)
		return 0;
	return raw(rsa(key), op_public, em.data, out);
}
