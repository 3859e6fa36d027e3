// SPDX-License-Identifier: GPL-2.0
/* The raw operations of RSA 2048 that a signed message 3 costs R. */
#include <crypto/akcipher.h>
#include <linux/err.h>
#include <linux/random.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#include "bench.h"
#include "calls.h"

#define LEN 256		/* bytes of the modulus */
#define ROUNDS 9

struct job {
	struct crypto_akcipher *tfm;
	struct akcipher_request *req;
	struct scatterlist src, dst;
	int (*op)(struct akcipher_request *req);
	u8 in[LEN], out[LEN];
};

static int run(void *arg)
{
	struct job *j = arg;

	sg_init_one(&j->src, j->in, LEN);
	sg_init_one(&j->dst, j->out, LEN);
	akcipher_request_set_crypt(j->req, &j->src, &j->dst, LEN, LEN);
	return j->op(j->req);
}

static int time_with(struct job *j, const char *name, unsigned int batch, struct seq_file *out)
{
	u64 ns;
	int err;

	j->req = akcipher_request_alloc(j->tfm, GFP_KERNEL);
	if (!j->req)
		return -ENOMEM;
	akcipher_request_set_callback(j->req, CRYPTO_TFM_REQ_MAY_SLEEP, NULL, NULL);
	/* any number below the modulus */
	get_random_bytes(j->in + 1, LEN - 1);
	err = bench_time(run, j, ROUNDS, batch, &ns);
	akcipher_request_free(j->req);
	if (!err)
		seq_printf(out, "note %s\nresult floor.rsa2048.%s %llu instructions\n",
			   crypto_tfm_alg_driver_name(crypto_akcipher_tfm(j->tfm)), name, ns);
	return err;
}

static int time_private(struct job *j, struct seq_file *out)
{
	int err = crypto_akcipher_set_priv_key(j->tfm, call_private_key.data,
					       call_private_key.len);

	j->op = crypto_akcipher_decrypt;
	return err ? err : time_with(j, "private", 1, out);
}

static int time_public(struct job *j, struct seq_file *out)
{
	int err = crypto_akcipher_set_pub_key(j->tfm, call_public_key.data,
					      call_public_key.len);

	j->op = crypto_akcipher_encrypt;
	return err ? err : time_with(j, "public", 8, out);
}

int bench_rsa(struct seq_file *out)
{
	struct job *j = kzalloc(sizeof(*j), GFP_KERNEL);
	int err;

	if (!j)
		return -ENOMEM;
	j->tfm = crypto_alloc_akcipher("rsa", 0, CRYPTO_ALG_ASYNC);
	err = PTR_ERR_OR_ZERO(j->tfm);
	if (!err) {
		err = time_private(j, out);
		if (!err)
			err = time_public(j, out);
		crypto_free_akcipher(j->tfm);
	}
	kfree(j);
	return err;
}
