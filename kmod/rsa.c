// SPDX-License-Identifier: GPL-2.0
/*
 * RSA: the raw operation is the kernel's, the padding of PKCS#1 v1.5 is made here
 * and checked here and in core/eme.c. The kernel's own pkcs1pad tells, in its result
 * and in its time, why a padding was bad; nothing here does.
 */
#include <crypto/akcipher.h>
#include <linux/err.h>
#include <linux/random.h>
#include <linux/refcount.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#include "crypto.h"
#include "eme.h"
#include "rsa.h"

/* RFC 8017 9.2, DER of DigestInfo in front of a SHA-256 */
static const u8 digest_info[] = {
	0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
	0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20,
};

/**
 * struct dmk_rsa - a key; immutable, so that any number of CPUs use it at once
 * @ref: references
 * @len: bytes of the modulus
 * @secret: whether it is a private key
 * @tfm: holds the key
 * @reject: secret that a bad ciphertext's envelope key is derived from
 */
struct dmk_rsa {
	refcount_t ref;
	unsigned int len;
	bool secret;
	struct crypto_akcipher *tfm;
	u8 reject[DMK_HASH_LEN];
};

/**
 * struct op - memory of one operation; a scatterlist must not point to a stack
 * @req: request
 * @src: over @in
 * @dst: over @out
 * @in: operand
 * @out: result
 */
struct op {
	struct akcipher_request *req;
	struct scatterlist src;
	struct scatterlist dst;
	u8 in[DMK_RSA_MAX];
	u8 out[DMK_RSA_MAX];
};

static void op_free(struct op *o)
{
	akcipher_request_free(o->req);
	kfree_sensitive(o);
}

static struct op *op_alloc(struct dmk_rsa *key)
{
	struct op *o = kzalloc(sizeof(*o), GFP_KERNEL);

	if (!o)
		return NULL;
	o->req = akcipher_request_alloc(key->tfm, GFP_KERNEL);
	if (!o->req) {
		kfree(o);
		return NULL;
	}
	akcipher_request_set_callback(o->req, CRYPTO_TFM_REQ_MAY_SLEEP, NULL, NULL);
	return o;
}

static void op_prepare(struct dmk_rsa *key, struct op *o)
{
	sg_init_one(&o->src, o->in, key->len);
	sg_init_one(&o->dst, o->out, key->len);
	akcipher_request_set_crypt(o->req, &o->src, &o->dst, key->len, key->len);
}

/* @o->out = @o->in ^ e mod n; -EINVAL if @o->in is no value below n */
static int op_public(struct dmk_rsa *key, struct op *o)
{
	op_prepare(key, o);
	return crypto_akcipher_encrypt(o->req);
}

/* @o->out = @o->in ^ d mod n; -EINVAL likewise */
static int op_private(struct dmk_rsa *key, struct op *o)
{
	op_prepare(key, o);
	return crypto_akcipher_decrypt(o->req);
}

/* The transform knows the modulus in whole words only: see whether 2^(bits-1)
 * is below it.
 */
static int check_modulus(struct dmk_rsa *key)
{
	struct op *o;
	int err;

	if (key->len != 256 && key->len != 384 && key->len != 512)
		return -EINVAL;
	o = op_alloc(key);
	if (!o)
		return -ENOMEM;
	o->in[0] = 0x80;
	err = op_public(key, o);
	op_free(o);
	return err;
}

static struct dmk_rsa *alloc(void)
{
	struct dmk_rsa *key = kzalloc(sizeof(*key), GFP_KERNEL);

	if (!key)
		return ERR_PTR(-ENOMEM);
	refcount_set(&key->ref, 1);
	/* a driver of hardware would fail in ways of its own */
	key->tfm = crypto_alloc_akcipher("rsa", 0, CRYPTO_ALG_ASYNC);
	if (IS_ERR(key->tfm)) {
		int err = PTR_ERR(key->tfm);

		kfree(key);
		return ERR_PTR(err);
	}
	return key;
}

static struct dmk_rsa *finish(struct dmk_rsa *key, int err)
{
	if (!err) {
		key->len = crypto_akcipher_maxsize(key->tfm);
		err = check_modulus(key);
	}
	if (err) {
		dmk_rsa_put(key);
		return ERR_PTR(err);
	}
	return key;
}

struct dmk_rsa *dmk_rsa_public(const u8 *der, size_t len)
{
	struct dmk_rsa *key = alloc();

	if (IS_ERR(key))
		return key;
	return finish(key, crypto_akcipher_set_pub_key(key->tfm, der, len));
}

struct dmk_rsa *dmk_rsa_private(const u8 *der, size_t len)
{
	static const char label[] = "dmikey implicit rejection";
	struct dmk_span in[] = {
		DMK_SPAN(label, sizeof(label)), DMK_SPAN(der, len)
	};
	struct dmk_rsa *key = alloc();

	if (IS_ERR(key))
		return key;
	key->secret = true;
	dmk_sha256(NULL, in, ARRAY_SIZE(in), key->reject);
	return finish(key, crypto_akcipher_set_priv_key(key->tfm, der, len));
}

struct dmk_rsa *dmk_rsa_get(struct dmk_rsa *key)
{
	refcount_inc(&key->ref);
	return key;
}

void dmk_rsa_put(struct dmk_rsa *key)
{
	if (!key || !refcount_dec_and_test(&key->ref))
		return;
	/* wipes the key, and sleeps nowhere */
	crypto_free_akcipher(key->tfm);
	kfree_sensitive(key);
}

unsigned int dmk_rsa_len(const struct dmk_rsa *key)
{
	return key->len;
}

/* RFC 8017 9.2: 00 01 FF .. FF 00 DigestInfo */
static void emsa(u8 *em, unsigned int len, const u8 digest[DMK_HASH_LEN])
{
	unsigned int at = len - DMK_HASH_LEN - sizeof(digest_info);

	em[0] = 0;
	em[1] = 1;
	memset(em + 2, 0xff, at - 3);
	em[at - 1] = 0;
	memcpy(em + at, digest_info, sizeof(digest_info));
	memcpy(em + len - DMK_HASH_LEN, digest, DMK_HASH_LEN);
}

/* @o->in = @o->out ^ e, to be compared with what was signed */
static int undo_signature(struct dmk_rsa *key, struct op *o, const u8 digest[DMK_HASH_LEN])
{
	u8 *expected = o->in;
	int err;

	memcpy(o->in, o->out, key->len);
	err = op_public(key, o);
	if (err)
		return err;
	emsa(expected, key->len, digest);
	return dmk_equal(o->out, expected, key->len) ? 0 : -EKEYREJECTED;
}

int dmk_rsa_sign(struct dmk_rsa *key, const u8 digest[DMK_HASH_LEN], u8 *sig)
{
	struct op *o;
	u8 *s;
	int err;

	if (!key->secret)
		return -EINVAL;
	o = op_alloc(key);
	s = kmalloc(key->len, GFP_KERNEL);
	err = -ENOMEM;
	if (!o || !s)
		goto out;
	emsa(o->in, key->len, digest);
	err = op_private(key, o);
	if (err)
		goto out;
	memcpy(s, o->out, key->len);
	err = undo_signature(key, o, digest);
	if (!err)
		memcpy(sig, s, key->len);
out:
	kfree_sensitive(s);
	if (o)
		op_free(o);
	return err;
}

int dmk_rsa_verify(struct dmk_rsa *key, const u8 digest[DMK_HASH_LEN],
		   const u8 *sig, size_t len)
{
	struct op *o;
	int err;

	if (len != key->len)
		return -EKEYREJECTED;
	o = op_alloc(key);
	if (!o)
		return -ENOMEM;
	memcpy(o->out, sig, len);
	err = undo_signature(key, o, digest);
	op_free(o);
	return err == -EINVAL ? -EKEYREJECTED : err;
}

/* random bytes, none of them zero */
static void random_nonzero(u8 *out, unsigned int len)
{
	unsigned int i;

	get_random_bytes(out, len);
	for (i = 0; i < len; i++)
		while (!out[i])
			get_random_bytes(&out[i], 1);
}

/* RFC 8017 7.2.1: 00 02 PS 00 M */
static void eme(u8 *em, unsigned int len, const u8 secret[DMK_ENVELOPE_LEN])
{
	unsigned int at = len - DMK_ENVELOPE_LEN;

	em[0] = 0;
	em[1] = 2;
	random_nonzero(em + 2, at - 3);
	em[at - 1] = 0;
	memcpy(em + at, secret, DMK_ENVELOPE_LEN);
}

int dmk_rsa_encrypt(struct dmk_rsa *key, const u8 secret[DMK_ENVELOPE_LEN], u8 *out)
{
	struct op *o;
	int err;

	err = wait_for_random_bytes();
	if (err)
		return err;
	o = op_alloc(key);
	if (!o)
		return -ENOMEM;
	eme(o->in, key->len, secret);
	err = op_public(key, o);
	if (!err)
		memcpy(out, o->out, key->len);
	op_free(o);
	return err;
}

int dmk_rsa_decrypt(struct dmk_rsa *key, const u8 *in, u8 secret[DMK_ENVELOPE_LEN])
{
	struct dmk_span text = DMK_SPAN(in, key->len);
	u8 instead[DMK_HASH_LEN];
	struct op *o;
	int err;

	if (!key->secret)
		return -EINVAL;
	o = op_alloc(key);
	if (!o)
		return -ENOMEM;
	/* the same for the same ciphertext, and nobody else's to compute */
	dmk_hmac(NULL, DMK_SHA256, DMK_SPAN(key->reject, DMK_HASH_LEN), &text, 1, instead);
	memcpy(o->in, in, key->len);
	err = op_private(key, o);
	if (err == -EINVAL) {	/* no value below n: a bad padding like any other */
		memset(o->out, 0, key->len);
		err = 0;
	}
	if (!err)
		dmk_eme_open(o->out, key->len, instead, secret);
	memzero_explicit(instead, sizeof(instead));
	op_free(o);
	return err;
}
