// SPDX-License-Identifier: GPL-2.0
/* Envelope keys. */

#include "envelope.h"
#include "netns.h"
#include "rsa.h"
#include "trace.h"

static int derive(struct dmk_crypto *c, const u8 envelope[DMK_ENVELOPE_LEN],
		  u32 csb_id, struct dmk_span rand, struct dmk_msg_keys *keys)
{
	return dmk_msg_keys(c, DMK_PRF_SHA256, 16, DMK_MAC_LEN,
			    DMK_SPAN(envelope, DMK_ENVELOPE_LEN), csb_id, rand, keys);
}

enum dmk_reason dmk_envelope_draw(struct dmk_net *dn, struct dmk_crypto *c,
				  const struct dmk_peer *r, u32 csb_id,
				  struct dmk_span rand, u8 *pke,
				  struct dmk_msg_keys *keys)
{
	u8 envelope[DMK_ENVELOPE_LEN];
	int err;

	err = dmk_random(c, envelope, sizeof(envelope));
	if (!err)
		err = dmk_rsa_encrypt(r->key, envelope, pke);
	trace_dmk_rsa(DMK_STAT_RSA_ENCRYPT, 8 * dmk_rsa_len(r->key), err);
	if (!err)
		err = derive(c, envelope, csb_id, rand, keys);
	dmk_stats_inc(dn, DMK_STAT_RSA_ENCRYPT);
	memzero_explicit(envelope, sizeof(envelope));
	return err ? DMK_REASON_INTERNAL : DMK_OK;
}

enum dmk_reason dmk_envelope_open(struct dmk_net *dn, struct dmk_crypto *c,
				  const struct dmk_local *l, const struct dmk_message *m,
				  struct dmk_msg_keys *keys)
{
	u8 envelope[DMK_ENVELOPE_LEN];
	int err;

	err = dmk_rsa_decrypt(l->key, m->pke.data.data, envelope);
	trace_dmk_rsa(DMK_STAT_RSA_DECRYPT, 8 * dmk_rsa_len(l->key), err);
	if (!err)
		err = derive(c, envelope, m->hdr.csb_id, m->rand, keys);
	dmk_stats_inc(dn, DMK_STAT_RSA_DECRYPT);
	memzero_explicit(envelope, sizeof(envelope));
	return err ? DMK_REASON_INTERNAL : DMK_OK;
}
