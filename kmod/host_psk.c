// SPDX-License-Identifier: GPL-2.0
/* Hosts with a pre-shared key: RFC 3830 3.1. */

#include "host.h"
#include "key.h"
#include "netns.h"

enum dmk_reason dmk_host_psk_keys(const struct dmk_host *h, struct dmk_crypto *c, u32 csb_id,
				  struct dmk_span rand, struct dmk_host_keys *k)
{
	u8 psk[DMK_HOST_KEY_MAX];
	int len = dmk_key_read_host(h->key, psk), err = len;

	if (len > 0)
		err = dmk_msg_keys(c, k->suite.prf, dmk_suite_encr_len(&k->suite),
				   dmk_suite_auth_len(&k->suite), DMK_SPAN(psk, len),
				   csb_id, rand, &k->msg);
	memzero_explicit(psk, sizeof(psk));
	return err ? DMK_REASON_INTERNAL : DMK_OK;
}

enum dmk_reason dmk_host_psk_seal(struct dmk_host *h, struct dmk_crypto *c,
				  struct dmk_writer *w)
{
	struct dmk_host_exchange *x = h->x;
	struct dmk_ts t = { DMK_TS_NTP_UTC, x->t };
	enum dmk_reason reason;

	reason = dmk_host_psk_keys(h, c, x->csb_id, DMK_SPAN(x->rand, sizeof(x->rand)),
				   &x->keys);
	if (reason)
		return reason;
	return dmk_seal_kemac(c, w, &x->keys.suite, &x->keys.msg, x->csb_id, &t, NULL,
			      DMK_KEY_TGK, DMK_SPAN(x->tgk, sizeof(x->tgk)), false) ?
	       DMK_REASON_INTERNAL : DMK_OK;
}

bool dmk_host_psk_good(const struct dmk_host *h)
{
	return !key_validate(h->key);
}
