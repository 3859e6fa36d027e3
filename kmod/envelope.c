// SPDX-License-Identifier: GPL-2.0
/* Envelope keys. */

#include "envelope.h"
#include "netns.h"
#include "rsa.h"
#include "trace.h"

/* 6.3: ENVID is the first 8 bytes of SHA-256 over PKE's Data */
static void label(struct dmk_envelope *e, struct dmk_span pke)
{
	u8 hash[DMK_HASH_LEN];

	dmk_sha256(NULL, &pke, 1, hash);
	memcpy(e->id, hash, sizeof(e->id));
	e->born = ktime_get_boottime_seconds();
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
	if (err)
		return DMK_REASON_INTERNAL;
	label(e, DMK_SPAN(pke, len));
	return DMK_OK;
}

enum dmk_reason dmk_envelope_open(struct dmk_net *dn, struct dmk_crypto *c,
				  const struct dmk_local *l, const struct dmk_message *m,
				  struct dmk_envelope *e)
{
	int err;

	err = dmk_rsa_decrypt(l->key, m->pke.data.data, e->key);
	trace_dmk_rsa(DMK_STAT_RSA_DECRYPT, 8 * dmk_rsa_len(l->key), err);
	dmk_stats_inc(dn, DMK_STAT_RSA_DECRYPT);
	if (err)
		return DMK_REASON_INTERNAL;
	label(e, m->pke.data);
	return DMK_OK;
}

enum dmk_reason dmk_envelope_keys(struct dmk_crypto *c, const struct dmk_envelope *e,
				  u32 csb_id, struct dmk_span rand,
				  struct dmk_msg_keys *keys)
{
	int err;

	err = dmk_msg_keys(c, DMK_PRF_SHA256, 16, DMK_MAC_LEN,
			   DMK_SPAN(e->key, sizeof(e->key)), csb_id, rand, keys);
	return err ? DMK_REASON_INTERNAL : DMK_OK;
}
