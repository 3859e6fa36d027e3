// SPDX-License-Identifier: GPL-2.0
/*
 * What core/ does with secrets, on secrets that valgrind takes for uninitialized
 * memory: it reports every branch and every address that depends on them.
 * constant_test.sh builds and runs this. The ciphers are constant_crypto.c's, so
 * that nothing is seen but what core/ does itself.
 *
 *	constant [table|branch|compare]		depend on a secret on purpose
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/memcheck.h>

#include "eme.h"
#include "kdf.h"
#include "seal.h"
#include "share.h"

static volatile u8 table[256];

static void secret(void *p, size_t n)
{
	VALGRIND_MAKE_MEM_UNDEFINED(p, n);
}

static void public(void *p, size_t n)
{
	VALGRIND_MAKE_MEM_DEFINED(p, n);
}

static void draw(u8 *p, size_t n, unsigned int from)
{
	size_t i;

	for (i = 0; i < n; i++)
		p[i] = 7 * i + from;
	secret(p, n);
}

/* the outcome is for everybody to see; the way to it is not */
static bool same(const u8 *a, const u8 *b, size_t n)
{
	bool equal = dmk_equal(a, b, n);

	public(&equal, sizeof(equal));
	return equal;
}

/* ---- sharing */

static bool field_works(void)
{
	u8 a = 0x53, b = 0xca, product, inverse;

	secret(&a, 1);
	secret(&b, 1);
	product = dmk_gf_mul(a, b);
	inverse = dmk_gf_inv(a);
	public(&product, 1);
	public(&inverse, 1);
	return product == 1 && inverse == 0xca;
}

/* split among 16 and put together again, for one k */
static bool sharing_works(unsigned int k)
{
	u8 coeff[DMK_N_MAX][DMK_SHARE_LEN], back[DMK_N_MAX][DMK_SHARE_LEN], set[DMK_N_MAX];
	const u8 (*known)[DMK_SHARE_LEN] = (const u8 (*)[DMK_SHARE_LEN])coeff;
	struct dmk_point points[DMK_N_MAX];
	u8 tgk[DMK_TGK_MAX];
	unsigned int i;

	draw((u8 *)coeff, sizeof(coeff), k);
	for (i = 0; i < DMK_N_MAX; i++) {
		points[i].x = i + 1;
		dmk_share_eval(known, k, i + 1, points[i].y);
		set[i] = DMK_N_MAX - 1 - i;
	}
	dmk_share_interpolate(points, set, k, back);
	return same((u8 *)coeff, (u8 *)back, k * DMK_SHARE_LEN) &&
	       dmk_share_tgk(NULL, DMK_SCHEME_RS, known, k, tgk) == 32 &&
	       dmk_share_tgk(NULL, DMK_SCHEME_SHAMIR, known, k, tgk) == 16;
}

static bool shares_work(void)
{
	unsigned int k;

	for (k = 1; k <= DMK_N_MAX; k++)
		if (!sharing_works(k))
			return false;
	return true;
}

/* ---- keys and messages */

static bool keys_work(void)
{
	static const u8 text[DMK_RAND_LEN] = "sixteen, public";
	struct dmk_span rand = DMK_SPAN(text, sizeof(text)), tgk;
	struct dmk_esp_policy policy;
	struct dmk_esp_keys esp;
	u8 key[32], out[32];

	draw(key, sizeof(key), 1);
	tgk = DMK_SPAN(key, 16);
	dmk_esp_policy_default(&policy);
	return !dmk_key_auth5(NULL, tgk, 1, rand, out) &&
	       !dmk_key_commit(NULL, tgk, 1, rand, out) &&
	       !dmk_key_update(NULL, tgk, 1, rand, rand, out) &&
	       !dmk_esp_keys(NULL, &policy, 1, tgk, 1, rand, rand, &esp) &&
	       !dmk_psk_diversify(NULL, key, 1, rand, rand, out);
}

/* all of it up to KEMAC: message 1, or a host's to a host */
static void put_message(struct dmk_writer *w, u8 *buf, u32 room, const struct dmk_ts *t,
			bool host)
{
	static const u8 session_data[] = { 0, 4, 192, 0, 2, 7, 2, 2, 0x08, 0xdd };
	static const u8 rand[DMK_RAND_LEN], commitment[DMK_COMMITMENT_LEN];
	static const u32 spi[2] = { 0x100, 0x101 };
	struct dmk_id i = { DMK_ID_NAI, DMK_SPAN("i@example", 9) };
	struct dmk_id r = { DMK_ID_URI, DMK_SPAN("r.example", 9) };
	struct dmk_share_ext share = {
		.scheme = DMK_SCHEME_SHAMIR, .n = 3, .k = 2, .x = 1, .tgk_len = 16,
		.t_i = *t, .commitment = commitment,
	};

	dmk_writer_init(w, buf, room);
	dmk_build_hdr_2cs(w, DMK_DT_PSK, 0, 1, spi, DMK_SPAN(session_data, sizeof(session_data)));
	dmk_emit_t(w, t);
	dmk_emit_rand(w, DMK_SPAN(rand, sizeof(rand)));
	dmk_emit_id(w, &i);
	dmk_emit_id(w, &r);
	dmk_emit_sp(w, 0, DMK_PROT_ESP, DMK_SPAN(NULL, 0));
	if (!host)
		dmk_build_share(w, &share);
}

/* A key is sealed and opened. The ciphertext is public, and so is a MAC of it: how
 * MACs are compared is compare_works().
 */
static bool kemac_works(const struct dmk_suite *s, bool host)
{
	const struct dmk_ts t = { DMK_TS_NTP_UTC, 0x0123456789abcdef };
	u8 psk[DMK_PSK_LEN], share[DMK_SHARE_LEN], buf[1024];
	struct dmk_msg_keys keys;
	static struct dmk_message m;
	struct dmk_opened o;
	struct dmk_writer w;

	draw(psk, sizeof(psk), 3);
	draw(share, sizeof(share), 5);
	put_message(&w, buf, sizeof(buf), &t, host);
	if (dmk_msg_keys(NULL, s->prf, dmk_suite_encr_len(s), dmk_suite_auth_len(s),
			 DMK_SPAN(psk, sizeof(psk)), 1, DMK_SPAN(psk, 0), &keys))
		return false;
	public(keys.auth, sizeof(keys.auth));
	if (dmk_seal_kemac(NULL, &w, s, &keys, 1, &t, NULL,
			   host ? DMK_KEY_TGK : DMK_KEY_TGK_SHARE,
			   DMK_SPAN(share, sizeof(share)), false) || w.full)
		return false;
	public(buf, w.len);
	return !dmk_message_parse(&m, host ? DMK_AT_HOST : DMK_AT_TP, buf, w.len) &&
	       !dmk_open_kemac(NULL, &m, &keys, &o) && same(o.key.data, share, sizeof(share));
}

static bool messages_work(void)
{
	static const struct dmk_suite ccm = { DMK_PRF_SHA256, DMK_ENCR_AES_CCM_128, 0 };
	static const struct dmk_suite cm = {
		DMK_PRF_SHA256, DMK_ENCR_AES_CM_128, DMK_MAC_SHA256,
	};

	return kemac_works(&ccm, false) && kemac_works(&cm, false) && kemac_works(&cm, true);
}

static bool compare_works(void)
{
	u8 a[DMK_MAC_LEN], b[DMK_MAC_LEN];

	draw(a, sizeof(a), 1);
	draw(b, sizeof(b), 1);
	if (!same(a, b, sizeof(a)))
		return false;
	b[0] ^= 1;
	return !same(a, b, sizeof(a));
}

/* ---- the padding of an envelope */

/* @at: a byte of the block to spoil, or 0 */
static bool envelope_opens(u32 len, unsigned int at, u8 byte)
{
	u8 em[512], key[DMK_ENVELOPE_LEN], instead[DMK_ENVELOPE_LEN], out[DMK_ENVELOPE_LEN];
	bool got_key, got_instead;

	memset(em, 0x5a, len);
	em[0] = 0;
	em[1] = 2;
	em[len - DMK_ENVELOPE_LEN - 1] = 0;
	if (at != len)
		em[at] = byte;
	memset(key, 0x5a, sizeof(key));
	draw(instead, sizeof(instead), 11);
	secret(em, len);
	dmk_eme_open(em, len, instead, out);
	got_key = same(out, key, sizeof(key));
	got_instead = same(out, instead, sizeof(instead));
	return got_key != got_instead && got_key == (at == len);
}

static bool envelopes_work(void)
{
	static const u32 lens[] = { 256, 384, 512 };
	unsigned int i;
	u32 at;

	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		for (at = 2; at < lens[i] - DMK_ENVELOPE_LEN - 1; at++)
			if (!envelope_opens(lens[i], at, 0))
				return false;
		if (!envelope_opens(lens[i], lens[i], 0) || !envelope_opens(lens[i], 0, 1) ||
		    !envelope_opens(lens[i], 1, 1) ||
		    !envelope_opens(lens[i], lens[i] - DMK_ENVELOPE_LEN - 1, 1))
			return false;
	}
	return true;
}

/* ---- what must be found */

static int leak(const char *how)
{
	u8 key[2] = { 3, 4 };

	secret(key, sizeof(key));
	if (!strcmp(how, "table"))
		return table[key[0]];
	if (!strcmp(how, "branch"))
		return key[0] & 1 ? puts("odd") : 0;
	return memcmp(key, "\3\5", sizeof(key)) ? puts("differs") : 0;
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return leak(argv[1]);
	if (!RUNNING_ON_VALGRIND)
		return 2;
	return !(field_works() && shares_work() && keys_work() && messages_work() &&
		 compare_works() && envelopes_work());
}
