// SPDX-License-Identifier: GPL-2.0
/* The calls that calls.c has counted, made of the kernel's crypto API. */
#include <crypto/aead.h>
#include <crypto/hash.h>
#include <crypto/skcipher.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#include "bench.h"
#include "calls.h"
#include "limits.h"

/**
 * struct tools - one implementation of each algorithm
 * @sha: SHA-256
 * @hmac: its HMAC
 * @cm: AES in counter mode
 * @ccm: AES-CCM
 * @cm_req: request of @cm
 * @ccm_req: request of @ccm
 * @sg: over @text
 * @iv: counter block
 * @key: any key
 * @digest: a result
 * @text: any text
 */
struct tools {
	struct crypto_shash *sha;
	struct crypto_shash *hmac;
	struct crypto_skcipher *cm;
	struct crypto_aead *ccm;
	struct skcipher_request *cm_req;
	struct aead_request *ccm_req;
	struct scatterlist sg;
	u8 iv[16];
	u8 key[32];
	u8 digest[32];
	u8 text[DMK_MSG_MAX];
};

/* hash functions: the best that is loaded, and the one that dmikey's library is */
static const struct hashes {
	const char *label, *sha, *hmac;
} hashes[] = {
	{ "best", "sha256", "hmac(sha256)" },
	{ "generic", "sha256-generic", "hmac(sha256-generic)" },
};

static void tools_free(struct tools *t)
{
	aead_request_free(t->ccm_req);
	skcipher_request_free(t->cm_req);
	/* each takes NULL and ERR_PTR */
	crypto_free_aead(t->ccm);
	crypto_free_skcipher(t->cm);
	crypto_free_shash(t->hmac);
	crypto_free_shash(t->sha);
	kfree(t);
}

static int alloc_requests(struct tools *t)
{
	t->cm_req = skcipher_request_alloc(t->cm, GFP_KERNEL);
	t->ccm_req = aead_request_alloc(t->ccm, GFP_KERNEL);
	if (!t->cm_req || !t->ccm_req)
		return -ENOMEM;
	skcipher_request_set_callback(t->cm_req, 0, NULL, NULL);
	aead_request_set_callback(t->ccm_req, 0, NULL, NULL);
	return crypto_aead_setauthsize(t->ccm, DMK_CCM_TAG_LEN);
}

static struct tools *tools_new(const struct hashes *h)
{
	struct tools *t = kzalloc(sizeof(*t), GFP_KERNEL);
	int err;

	if (!t)
		return ERR_PTR(-ENOMEM);
	t->sha = crypto_alloc_shash(h->sha, 0, 0);
	t->hmac = crypto_alloc_shash(h->hmac, 0, 0);
	t->cm = crypto_alloc_skcipher("ctr(aes)", 0, CRYPTO_ALG_ASYNC);
	t->ccm = crypto_alloc_aead("ccm(aes)", 0, CRYPTO_ALG_ASYNC);
	err = PTR_ERR_OR_ZERO(t->sha) ?: PTR_ERR_OR_ZERO(t->hmac) ?:
	      PTR_ERR_OR_ZERO(t->cm) ?: PTR_ERR_OR_ZERO(t->ccm) ?: alloc_requests(t);
	if (!err)
		return t;
	tools_free(t);
	return ERR_PTR(err);
}

static int digest(struct crypto_shash *tfm, struct tools *t, unsigned int len)
{
	SHASH_DESC_ON_STACK(desc, tfm);

	desc->tfm = tfm;
	return crypto_shash_digest(desc, t->text, len, t->digest);
}

static int hmac(struct tools *t, const struct call *c)
{
	int err = c->new_key ? crypto_shash_setkey(t->hmac, t->key, 32) : 0;

	return err ? err : digest(t->hmac, t, c->len);
}

static int cm(struct tools *t, const struct call *c)
{
	int err = c->new_key ? crypto_skcipher_setkey(t->cm, t->key, 16) : 0;

	sg_init_one(&t->sg, t->text, c->len);
	skcipher_request_set_crypt(t->cm_req, &t->sg, &t->sg, c->len, t->iv);
	return err ? err : crypto_skcipher_encrypt(t->cm_req);
}

static int ccm(struct tools *t, const struct call *c, bool open)
{
	int err = c->new_key ? crypto_aead_setkey(t->ccm, t->key, 16) : 0;

	memset(t->iv, 0, sizeof(t->iv));
	t->iv[0] = 1;	/* L - 1 */
	sg_init_one(&t->sg, t->text, c->aad + c->len + (open ? 0 : DMK_CCM_TAG_LEN));
	aead_request_set_ad(t->ccm_req, c->aad);
	aead_request_set_crypt(t->ccm_req, &t->sg, &t->sg, c->len, t->iv);
	if (err)
		return err;
	if (!open)
		return crypto_aead_encrypt(t->ccm_req);
	/* the text is any: its tag is wrong, which costs the same */
	err = crypto_aead_decrypt(t->ccm_req);
	return err == -EBADMSG ? 0 : err;
}

static int run_call(struct tools *t, const struct call *c)
{
	switch (c->op) {
	case CALL_SHA256:
		return digest(t->sha, t, c->len);
	case CALL_HMAC:
		return hmac(t, c);
	case CALL_CM:
		return cm(t, c);
	case CALL_CCM_SEAL:
		return ccm(t, c, false);
	case CALL_CCM_OPEN:
		return ccm(t, c, true);
	}
	return -EINVAL;
}

struct job {
	struct tools *t;
	const struct call_list *list;
};

static int run_list(void *arg)
{
	const struct job *j = arg;
	unsigned int i;
	int err = 0;

	for (i = 0; i < j->list->n && !err; i++)
		err = run_call(j->t, &j->list->call[i]);
	return err;
}

static void print_drivers(struct seq_file *out, struct tools *t, const char *label)
{
	seq_printf(out, "note %s: %s, %s, %s, %s\n", label, crypto_shash_driver_name(t->sha),
		   crypto_shash_driver_name(t->hmac),
		   crypto_skcipher_driver_name(t->cm),
		   crypto_tfm_alg_driver_name(crypto_aead_tfm(t->ccm)));
}

static int print_list(struct seq_file *out, struct job *j, const char *label)
{
	u64 ns;
	int err = bench_time(run_list, j, BENCH_ROUNDS, 1, &ns);

	if (!err)
		seq_printf(out, "result floor.crypto.%s.%s %llu instructions\n",
			   j->list->name, label, ns);
	return err;
}

/* one call of each kind by itself */
static int print_each(struct seq_file *out, struct tools *t, const char *label)
{
	static const char * const names[] = { "sha256", "hmac", "cm", "ccm_seal", "ccm_open" };
	struct call c = { .new_key = true, .aad = 213, .len = 60 };
	struct call_list one = { "call", 1, &c };
	struct job j = { t, &one };
	u64 ns;
	int err = 0;

	for (c.op = CALL_SHA256; c.op <= CALL_CCM_OPEN && !err; c.op++) {
		err = bench_time(run_list, &j, BENCH_ROUNDS, 16, &ns);
		seq_printf(out, "note %s: one %s of 60 bytes, with its key: %llu\n", label,
			   names[c.op], ns);
	}
	return err;
}

static int print_lists(struct seq_file *out, const struct hashes *h)
{
	struct tools *t = tools_new(h);
	struct job j = { t };
	unsigned int i;
	int err;

	if (IS_ERR(t))
		return PTR_ERR(t);
	print_drivers(out, t, h->label);
	err = print_each(out, t, h->label);
	for (i = 0; i < n_call_lists && !err; i++) {
		j.list = &call_lists[i];
		err = print_list(out, &j, h->label);
	}
	tools_free(t);
	return err;
}

int bench_crypto(struct seq_file *out)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < n_call_lists; i++)
		seq_printf(out, "result floor.calls.%s %u calls\n", call_lists[i].name,
			   call_lists[i].n);
	for (i = 0; i < ARRAY_SIZE(hashes) && !err; i++)
		err = print_lists(out, &hashes[i]);
	return err;
}
