// SPDX-License-Identifier: GPL-2.0
/* Envelope keys. */

#include "backend.h"
#include "envelope.h"
#include "netns.h"
#include "rsa.h"
#include "seal.h"
#include "trace.h"

/* 6.3: ENVID is the first 8 bytes of SHA-256 over PKE's Data */
static int name_and_prepare(struct dmk_envelope *e, struct dmk_crypto *c,
			    struct dmk_span pke)
{
	u8 hash[DMK_HASH_LEN];
	int err = dmk_sha256(c, &pke, 1, hash);

	if (err)
		return err;
	memcpy(e->id, hash, sizeof(e->id));
	e->born = ktime_get_boottime_seconds();
	e->hmac.set = false;
	return dmk_hmac_prepare(&e->hmac, DMK_SPAN(e->key, sizeof(e->key)));
}

enum dmk_reason dmk_envelope_draw(struct dmk_net *dn, struct dmk_crypto *c,
				  const struct dmk_peer *r, u8 *pke,
				  struct dmk_envelope *e)
{
	unsigned int len = dmk_rsa_len(r->key);
	int err;

	err = dmk_random(c, e->key, sizeof(e->key));
	if (!err)
		err = dmk_rsa_encrypt(r->key, e->key, pke);
	trace_dmk_rsa(DMK_STAT_RSA_ENCRYPT, 8 * len, err);
	dmk_stats_inc(dn, DMK_STAT_RSA_ENCRYPT);
	if (!err)
		err = name_and_prepare(e, c, DMK_SPAN(pke, len));
	return err ? DMK_REASON_INTERNAL : DMK_OK;
}

static enum dmk_reason verify(struct dmk_net *dn, struct dmk_crypto *c,
			      const struct dmk_peer *signer, const struct dmk_message *m)
{
	struct dmk_span sig = m->sign.signature;
	u8 digest[DMK_HASH_LEN];
	int err;

	if (dmk_sign_digest(c, m, digest))
		return DMK_REASON_INTERNAL;
	dmk_stats_inc(dn, DMK_STAT_RSA_VERIFY);
	err = dmk_rsa_verify(signer->key, digest, sig.data, sig.len);
	trace_dmk_rsa(DMK_STAT_RSA_VERIFY, 8 * dmk_rsa_len(signer->key), err);
	/* which nobody is to blame for, and its repetition is looked at */
	if (err == -ENOMEM)
		return DMK_REASON_MEMORY;
	return err ? DMK_REASON_SIGNATURE : DMK_OK;
}

enum dmk_reason dmk_envelope_open(struct dmk_net *dn, struct dmk_crypto *c,
				  const struct dmk_local *l, struct dmk_peer *signer,
				  const struct dmk_message *m, struct dmk_envelope *e)
{
	enum dmk_reason reason;
	int err;

	if (m->pke.data.len != dmk_rsa_len(l->key))
		return DMK_REASON_PKE_LENGTH;
	reason = verify(dn, c, signer, m);
	if (reason)
		return reason;
	if (!dmk_ratelimit_allow_rsa(&dn->ratelimit, &signer->decryptions,
				     dmk_rsa_len(l->key)))
		return DMK_REASON_RATE_IDENTITY;
	err = dmk_rsa_decrypt(l->key, m->pke.data.data, e->key);
	trace_dmk_rsa(DMK_STAT_RSA_DECRYPT, 8 * dmk_rsa_len(l->key), err);
	dmk_stats_inc(dn, DMK_STAT_RSA_DECRYPT);
	if (!err)
		err = name_and_prepare(e, c, m->pke.data);
	return err ? DMK_REASON_INTERNAL : DMK_OK;
}

enum dmk_reason dmk_envelope_keys(struct dmk_crypto *c, const struct dmk_envelope *e,
				  u32 csb_id, struct dmk_span rand,
				  struct dmk_msg_keys *keys)
{
	int err;

	dmk_crypto_preset(c, &e->hmac);
	err = dmk_msg_keys(c, DMK_PRF_SHA256, 16, DMK_MAC_LEN,
			   DMK_SPAN(e->key, sizeof(e->key)), csb_id, rand, keys);
	return err ? DMK_REASON_INTERNAL : DMK_OK;
}
