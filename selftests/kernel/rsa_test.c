// SPDX-License-Identifier: GPL-2.0
/*
 * kmod/rsa.c: what is refused, and how. What the vectors sign and encrypt is
 * envelope_test.c's.
 */
#include <linux/completion.h>
#include <linux/workqueue.h>

#include "message.h"
#include "rsa.h"
#include "suite.h"
#include "vec_dmikey.h"
#include "vec_dmikey_negative.h"
#include "vector.h"

#define PKI vec_dmikey.pki

static struct identity {
	const char *name;
	const struct dmk_span *cert;
	const struct dmk_span *pkcs8;
	struct dmk_rsa *public;
	struct dmk_rsa *private;
} identities[] = {
#define ID(n) { #n, &PKI.n.cert, &PKI.n.key_pem, NULL, NULL }
	ID(r), ID(r4096), ID(tp1), ID(tp2), ID(tp3), ID(tp4), ID(tp5), ID(tp6),
	ID(tp7), ID(tp8), ID(tp9), ID(tp10), ID(tp11), ID(tp12), ID(tp13), ID(tp14),
	ID(tp15), ID(tp16), ID(tp1b), ID(tp1same), ID(tp3072), ID(tpmail), ID(evil),
};

static bool load(struct identity *id)
{
	id->public = test_public_key(*id->cert);
	id->private = test_private_key(*id->pkcs8);
	return !IS_ERR(id->public) && !IS_ERR(id->private);
}

static void unload(struct identity *id)
{
	if (!IS_ERR(id->public))
		dmk_rsa_put(id->public);
	if (!IS_ERR(id->private))
		dmk_rsa_put(id->private);
}

static struct identity *find(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(identities); i++)
		if (!strcmp(identities[i].name, name))
			return &identities[i];
	return NULL;
}

/* whether TP_i signs as the vector does, and R takes the signature */
static bool signs(const struct identity *id, struct dmk_span digest, struct dmk_span want)
{
	u8 *sig = kmalloc(DMK_RSA_MAX, GFP_KERNEL);
	bool good;

	good = sig && !dmk_rsa_sign(id->private, digest.data, sig) &&
	       vec_is(want, sig, dmk_rsa_len(id->private)) &&
	       !dmk_rsa_verify(id->public, digest.data, want.data, want.len);
	kfree(sig);
	return good;
}

static bool opens(const struct identity *r, struct dmk_span pke, struct dmk_span want)
{
	u8 secret[DMK_ENVELOPE_LEN];

	return pke.len == dmk_rsa_len(r->private) &&
	       !dmk_rsa_decrypt(r->private, pke.data, secret) &&
	       vec_is(want, secret, sizeof(secret));
}

/* a bad ciphertext: a secret, always the same, of this ciphertext and key only */
static void rejected(const char *name, const u8 *pke)
{
	u8 a[DMK_ENVELOPE_LEN] = {}, b[DMK_ENVELOPE_LEN] = {}, other[DMK_ENVELOPE_LEN] = {};
	const u8 zero[DMK_ENVELOPE_LEN] = {};
	int err;

	err = dmk_rsa_decrypt(find("r")->private, pke, a);
	err |= dmk_rsa_decrypt(find("r")->private, pke, b);
	err |= dmk_rsa_decrypt(find("tp1")->private, pke, other);
	ktap_ok(!err, "%s: the result is that of a good one", name);
	ktap_ok(test_is_rejection(find("r")->private, DMK_SPAN(pke, 256), a),
		"%s: the secret of a bad padding", name);
	ktap_ok(!memcmp(a, b, sizeof(a)), "%s: the same secret every time", name);
	ktap_ok(memcmp(a, zero, sizeof(a)) && memcmp(a, other, sizeof(a)),
		"%s: another secret with another key", name);
}

static void padding_test(void)
{
	struct dmk_message *m = kzalloc(sizeof(*m), GFP_KERNEL);
	unsigned int i, n = 0;

	for (i = 0; m && i < vec_dmikey_negative.n_vectors; i++) {
		const struct vec_dmikey_negative_vectors *v = &vec_dmikey_negative.vectors[i];

		if (strncmp(v->name, "tp_r-pad-", 9) && strcmp(v->name, "tp_r-pke-0"))
			continue;
		n++;
		if (ktap_ok(!dmk_message_parse(m, DMK_AT_R, v->message.data, v->message.len) &&
			    m->pke.data.len == 256, "%s: has PKE", v->name))
			rejected(v->name, m->pke.data.data);
	}
	ktap_ok(n == 7, "%u bad paddings in the vectors", n);
	kfree(m);
}

static void value_test(void)
{
	u8 *pke = kzalloc(DMK_RSA_MAX, GFP_KERNEL);

	if (!pke)
		return;
	rejected("ciphertext 0", pke);
	pke[255] = 1;
	rejected("ciphertext 1", pke);
	memset(pke, 0xff, 256);
	rejected("ciphertext above n", pke);
	kfree(pke);
}

static void round_trip_test(const char *name)
{
	const struct identity *id = find(name);
	u8 *a = kmalloc(DMK_RSA_MAX, GFP_KERNEL), *b = kmalloc(DMK_RSA_MAX, GFP_KERNEL);
	struct dmk_span key = vec_dmikey.sessions[0].third_parties[0].tp_r.env_key;
	unsigned int len = dmk_rsa_len(id->public);
	u8 none[DMK_ENVELOPE_LEN];

	if (a && b) {
		ktap_ok(!dmk_rsa_encrypt(id->public, key.data, a) &&
			!dmk_rsa_encrypt(id->public, key.data, b) && memcmp(a, b, len),
			"%s (RSA %u): two envelopes differ", name, 8 * len);
		ktap_ok(opens(id, DMK_SPAN(a, len), key) && opens(id, DMK_SPAN(b, len), key),
			"%s (RSA %u): both open", name, 8 * len);
		ktap_ok(dmk_rsa_decrypt(id->public, a, none) == -EINVAL &&
			dmk_rsa_sign(id->public, key.data, a) == -EINVAL,
			"%s: a public key neither decrypts nor signs", name);
	}
	kfree(a);
	kfree(b);
}

/* one bit of a signature, one byte of its length, another key, another digest */
static void forgery_test(void)
{
	const struct vec_dmikey_sessions_third_parties *tp =
		&vec_dmikey.sessions[0].third_parties[0];
	struct dmk_span sig = tp->tp_r.signature, digest = tp->tp_r.sign_input_sha256;
	struct dmk_rsa *key = find(tp->tp)->public;
	u8 *forged = kmemdup(sig.data, sig.len, GFP_KERNEL);
	unsigned int i, bad = 0;

	if (!forged)
		return;
	for (i = 0; i < sig.len; i++) {
		forged[i] ^= 1 << i % 8;
		bad += dmk_rsa_verify(key, digest.data, forged, sig.len) != -EKEYREJECTED;
		forged[i] ^= 1 << i % 8;
	}
	ktap_ok(!bad, "forgery: a bit of every byte");
	ktap_ok(dmk_rsa_verify(key, digest.data, sig.data, sig.len - 1) == -EKEYREJECTED,
		"forgery: a byte less");
	ktap_ok(dmk_rsa_verify(find("evil")->public, digest.data, sig.data, sig.len) ==
		-EKEYREJECTED, "forgery: another key");
	ktap_ok(dmk_rsa_verify(key, sig.data, sig.data, sig.len) == -EKEYREJECTED,
		"forgery: another digest");
	memset(forged, 0xff, sig.len);
	ktap_ok(dmk_rsa_verify(key, digest.data, forged, sig.len) == -EKEYREJECTED,
		"forgery: a number above the modulus");
	kfree(forged);
}

static void negative_test(void)
{
	static u8 garbage[64] = { 0x30, 0x3e };
	u8 *der = kmemdup(PKI.r.key_pem.data, PKI.r.key_pem.len, GFP_KERNEL);
	/* of PKCS#8: the RSAPrivateKey inside */
	unsigned int at = 26;
	struct dmk_rsa *key;

	if (!der)
		return;
	ktap_ok(PTR_ERR(test_private_key(PKI.tp1024.key_pem)) == -EINVAL, "RSA 1024, private");
	ktap_ok(PTR_ERR(test_public_key(PKI.tp1024.cert)) == -EINVAL, "RSA 1024, public");
	ktap_ok(IS_ERR(dmk_rsa_public(garbage, sizeof(garbage))), "garbage is no public key");
	ktap_ok(IS_ERR(dmk_rsa_private(garbage, sizeof(garbage))), "garbage is no private key");
	ktap_ok(IS_ERR(dmk_rsa_private(der + at, PKI.r.key_pem.len - at - 1)),
		"a private key cut short");
	key = dmk_rsa_private(der + at, PKI.r.key_pem.len - at);
	if (ktap_ok(!IS_ERR(key), "a private key"))
		dmk_rsa_put(key);
	/* version 3, SEQUENCE 4, INTEGER n 4: the first byte of n is 0, the next not */
	der[at + 4 + 3 + 4 + 1] = 0x7f;
	key = dmk_rsa_private(der + at, PKI.r.key_pem.len - at);
	ktap_ok(PTR_ERR(key) == -EINVAL, "a modulus of 2047 bits in 256 bytes");
	/* the last byte of the key is qInv's: CRT goes wrong, and nothing comes out */
	memcpy(der, PKI.r.key_pem.data, PKI.r.key_pem.len);
	der[PKI.r.key_pem.len - 1] ^= 1;
	key = dmk_rsa_private(der + at, PKI.r.key_pem.len - at);
	if (!IS_ERR(key)) {
		memset(der, 0, 256);
		ktap_ok(dmk_rsa_sign(key, garbage, der) && !memchr_inv(der, 0, 256),
			"a fault in CRT: no signature");
		dmk_rsa_put(key);
	}
	kfree(der);
}

/* one key on several CPUs at once */
#define WORKERS 4
#define ROUNDS 8

static struct worker {
	struct work_struct work;
	unsigned int good;
} workers[WORKERS];

static void work(struct work_struct *w)
{
	struct worker *me = container_of(w, struct worker, work);
	const struct vec_dmikey_sessions_third_parties *tp =
		&vec_dmikey.sessions[0].third_parties[me - workers ? 1 : 0];
	unsigned int i;

	for (i = 0; i < ROUNDS; i++)
		me->good += signs(find(tp->tp), tp->tp_r.sign_input_sha256, tp->tp_r.signature) &&
			    opens(find("r"), tp->tp_r.pke, tp->tp_r.env_key);
}

static void parallel_test(void)
{
	unsigned int i, good = 0;

	for (i = 0; i < WORKERS; i++) {
		workers[i].good = 0;
		INIT_WORK(&workers[i].work, work);
		queue_work(system_unbound_wq, &workers[i].work);
	}
	for (i = 0; i < WORKERS; i++) {
		flush_work(&workers[i].work);
		good += workers[i].good;
	}
	ktap_ok(good == WORKERS * ROUNDS, "one key in %d workers: %u of %d right", WORKERS,
		good, WORKERS * ROUNDS);
}

static void rsa_test(void)
{
	unsigned int i, bad = 0;

	for (i = 0; i < ARRAY_SIZE(identities); i++)
		bad += !load(&identities[i]);
	if (ktap_ok(!bad, "%zu keys of the vectors", ARRAY_SIZE(identities))) {
		padding_test();
		value_test();
		round_trip_test("r");
		round_trip_test("tp3072");
		round_trip_test("r4096");
		forgery_test();
		negative_test();
		parallel_test();
	}
	for (i = 0; i < ARRAY_SIZE(identities); i++)
		unload(&identities[i]);
}

KTAP_MAIN(rsa_test)
