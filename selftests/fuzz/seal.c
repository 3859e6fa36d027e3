// SPDX-License-Identifier: GPL-2.0
/*
 * core/seal.c, and what a third party and a responder do with a message behind it.
 * Input: who reads it, the key, RAND of message 1, then the datagram. The mutator has
 * that key: what it changes is authentic.
 */
#include "kdf.h"
#include "mutate.h"
#include "reseal.h"
#include "seal.h"
#include "share.h"

enum { HEAD = sizeof(struct reseal) };

/* what R groups shares by, and the commitment that it tries them against */
static void group(const struct dmk_message *m, const struct dmk_opened *o)
{
	const u8 (*coeff)[DMK_SHARE_LEN] = (const void *)o->key.data;
	u8 hash[DMK_HASH_LEN], commitment[DMK_COMMITMENT_LEN];
	struct dmk_binding b;

	dmk_binding_of(m, &b);
	must(!dmk_group_hash(fuzz_crypto(), &b, m->share.commitment, hash));
	b.k = 1;
	must(!dmk_commitment(fuzz_crypto(), &b, hash, coeff, commitment));
}

static void derive(const struct dmk_message *m, const struct dmk_opened *o, struct dmk_span rand)
{
	struct dmk_esp_policy policy;
	struct dmk_esp_keys keys;

	if (m->n_sp && !dmk_esp_policy_parse(m->sp[0].param, &policy))
		must(!dmk_esp_keys(fuzz_crypto(), &policy, 1, o->key, m->hdr.csb_id, rand, rand,
				   &keys) && keys.cipher_len * 8 == policy.key_bits);
}

/* one bit of what is authenticated, and it is not opened any more */
static void change_one_bit(const struct dmk_message *m, const struct dmk_msg_keys *keys)
{
	u8 *copy = fuzz_copy(m->raw.data, m->raw.len);
	u32 bit = m->hdr.csb_id % (8 * m->kemac.data.len);
	struct dmk_message n = *m;
	struct dmk_opened o;

	n.raw.data = copy;
	n.kemac.data.data = copy + (m->kemac.data.data - m->raw.data);
	copy[n.kemac.data.data - copy + bit / 8] ^= 1 << bit % 8;
	must(dmk_open_kemac(fuzz_crypto(), &n, keys, &o) == DMK_REASON_MAC);
	free(copy);
}

#ifdef FUZZ_PROVE
/* a share as one who believes an authentic length would keep it */
static void keep_share(const struct dmk_message *m, const struct dmk_msg_keys *keys)
{
	u8 plain[DMK_MSG_MAX], share[DMK_SHARE_LEN];
	u32 len;

	if (m->kind == DMK_I_TP && !dmk_open_plain(fuzz_crypto(), m, keys, plain, sizeof(plain),
						   &len) && len > 4)
		memcpy(share, plain + 4, len - 4);
	fuzz_keep(share);
}
#else
static void keep_share(const struct dmk_message *m, const struct dmk_msg_keys *keys)
{
	(void)m;
	(void)keys;
}
#endif

static void open_kemac(const struct reseal *r, const struct dmk_message *m)
{
	struct dmk_span rand = m->rand.data ? m->rand : DMK_SPAN(r->rand, sizeof(r->rand));
	struct dmk_msg_keys keys;
	struct dmk_opened o;

	if (!reseal_keys(r, m, &keys))
		return;
	keep_share(m, &keys);
	if (dmk_open_kemac(fuzz_crypto(), m, &keys, &o))
		return;
	must(fuzz_inside(o.key, o.plain, sizeof(o.plain)) && o.key.len >= 16);
	must(fuzz_inside(o.id.data, o.plain, sizeof(o.plain)));
	change_one_bit(m, &keys);
	if (m->share_raw.data)
		group(m, &o);
	derive(m, &o, rand);
}

static void check_v(const struct reseal *r, const struct dmk_message *m)
{
	u8 wrong[32];

	memcpy(wrong, r->key, sizeof(wrong));
	wrong[m->hdr.csb_id % 20] ^= 1;
	must(dmk_check_v(fuzz_crypto(), m, wrong, &reseal_idi, reseal_idr(m), m->t.value));
	dmk_check_v(fuzz_crypto(), m, r->key, &reseal_idi, reseal_idr(m), m->t.value);
}

static void take(const struct reseal *r, const struct dmk_message *m)
{
	u8 digest[DMK_HASH_LEN], cookie[DMK_COOKIE_LEN];

	if (m->kemac.data.data)
		open_kemac(r, m);
	if (m->ver.data.data)
		check_v(r, m);
	if (m->sign.signature.data)
		must(!dmk_sign_digest(fuzz_crypto(), m, digest));
	must(!dmk_cookie(fuzz_crypto(), r->key, r->rand, 2269, m->hdr.csb_id, &m->t, cookie));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	struct dmk_message m;
	struct reseal r;
	u8 *copy;

	if (len < HEAD)
		return 0;
	memcpy(&r, data, HEAD);
	r.roles &= 15;
	len -= HEAD;
	copy = fuzz_copy(data + HEAD, len);
	if (!dmk_message_parse(&m, r.roles, copy, len)) {
		len = dmk_message_strip_cookie(copy, len);
		if (!dmk_message_parse(&m, r.roles, copy, len))
			take(&r, &m);
	}
	free(copy);
	return 0;
}

size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t max, unsigned int seed)
{
	struct reseal r;
	u32 len;

	if (size <= HEAD || !(mutate_draw(&seed) % 8))
		return LLVMFuzzerMutate(data, size, max);
	memcpy(&r, data, HEAD);
	r.roles &= 15;
	reseal_open(&r, data + HEAD, size - HEAD);
	len = mutate_message(data + HEAD, size - HEAD, max - HEAD, &seed);
	reseal_close(&r, data + HEAD, len);
	return HEAD + len;
}
