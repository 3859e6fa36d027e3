// SPDX-License-Identifier: GPL-2.0
/*
 * What core/seal.c seals are plaintexts of its own making; here it has to seal any.
 * So this file is compiled with it, and takes the place of it in these programs.
 */
#include "../../core/seal.c"
#include "reseal.h"

const struct dmk_id reseal_idi = { DMK_ID_NAI, { (const u8 *)"sensor", 6 } };

const struct dmk_id *reseal_idr(const struct dmk_message *m)
{
	static const struct dmk_id otherwise = { DMK_ID_URI, { (const u8 *)"responder", 9 } };

	return m->idr.data.len ? &m->idr : &otherwise;
}

bool reseal_keys(const struct reseal *r, const struct dmk_message *m, struct dmk_msg_keys *keys)
{
	struct dmk_suite s = { m->hdr.prf, m->kemac.encr_alg, m->kemac.mac_alg };
	struct dmk_span rand = m->rand.data ? m->rand : DMK_SPAN(r->rand, sizeof(r->rand));

	return !dmk_msg_keys(fuzz_crypto(), s.prf, dmk_suite_encr_len(&s), dmk_suite_auth_len(&s),
			     DMK_SPAN(r->key, sizeof(r->key)), m->hdr.csb_id, rand, keys);
}

/* V and MAC are over the message without COOKIE */
static bool parse(const struct reseal *r, struct dmk_message *m, u8 *data, u32 len)
{
	return !dmk_message_parse(m, r->roles, data, len) && !m->cookie.data;
}

static bool start(const struct reseal *r, const struct dmk_message *m, struct dmk_msg_keys *keys,
		  struct kemac *k)
{
	struct dmk_suite s = { m->hdr.prf, m->kemac.encr_alg, m->kemac.mac_alg };

	if (m->kemac.data.len < tag_len(&s) || !reseal_keys(r, m, keys))
		return false;
	kemac_init(k, &s, keys, m->hdr.csb_id, m->t.value, m->raw, m->kemac.at,
		   m->kemac.data.len, is_signed(m));
	return true;
}

void reseal_open(const struct reseal *r, u8 *data, u32 len)
{
	u8 plain[DMK_MSG_MAX];
	struct dmk_msg_keys keys;
	struct dmk_message m;
	struct kemac k;

	if (parse(r, &m, data, len) && m.kemac.data.len && start(r, &m, &keys, &k) &&
	    !kemac_open(fuzz_crypto(), &k, m.kemac.data, m.kemac.mac, plain))
		memcpy((u8 *)m.kemac.data.data, plain, m.kemac.data.len - tag_len(&k.s));
}

static void close_kemac(const struct reseal *r, const struct dmk_message *m)
{
	struct dmk_msg_keys keys;
	struct kemac k;

	if (start(r, m, &keys, &k))
		kemac_seal(fuzz_crypto(), &k, (u8 *)m->kemac.data.data,
			   m->kemac.data.len - tag_len(&k.s), (u8 *)m->kemac.mac.data);
}

static void close_v(const struct reseal *r, const struct dmk_message *m)
{
	bool legacy = is_legacy_v(m);
	u8 mac[DMK_MAC_LEN];

	if (!v_mac(fuzz_crypto(), legacy ? DMK_SHA1 : DMK_SHA256,
		   DMK_SPAN(r->key, legacy ? 20 : DMK_MAC_LEN), DMK_SPAN(m->raw.data, m->ver.at),
		   &reseal_idi, reseal_idr(m), m->t.value, mac))
		memcpy((u8 *)m->ver.data.data, mac, m->ver.data.len);
}

void reseal_close(const struct reseal *r, u8 *data, u32 len)
{
	struct dmk_message m;

	if (!parse(r, &m, data, len))
		return;
	if (m.kemac.data.len)
		close_kemac(r, &m);
	if (m.ver.data.len)
		close_v(r, &m);
}
