// SPDX-License-Identifier: GPL-2.0
/* core/ on plain messages as hosts have them: protocol.md 12. */
#include "seal.h"
#include "vec_rfc3830.h"
#include "vector.h"

/**
 * struct shape - a request that is to be made
 * @s: its algorithms
 * @v: V flag
 * @rand_len: bytes of RAND
 * @ts_type: TS type
 * @ids: how many identities it has
 * @sps: how many SP payloads
 * @spi: SPI of CS 2
 * @tgk_len: bytes of the TGK
 */
struct shape {
	struct dmk_suite s;
	bool v;
	u32 rand_len;
	u8 ts_type;
	unsigned int ids;
	unsigned int sps;
	u32 spi;
	u32 tgk_len;
};

static const struct shape good = {
	{ DMK_PRF_SHA256, DMK_ENCR_AES_CCM_128, DMK_MAC_NULL },
	true, DMK_RAND_LEN, DMK_TS_NTP_UTC, 2, 1, 0x1001, 32,
};

static const struct dmk_id idi = { DMK_ID_URI, DMK_SPAN("dmikey:h1", 9) };
static const struct dmk_id idr = { DMK_ID_URI, DMK_SPAN("dmikey:h2", 9) };
static const u8 psk[40] = "a pre-shared key of more than one block";
static struct dmk_crypto *c;
static struct dmk_message m;
static struct dmk_msg_keys keys;
static u8 buf[DMK_MSG_MAX], rand_octets[32] = { 1, 2, 3 }, tgk[128];
static u32 len;

static bool derive(const struct shape *h)
{
	return !dmk_msg_keys(c, h->s.prf, dmk_suite_encr_len(&h->s), dmk_suite_auth_len(&h->s),
			     DMK_SPAN(psk, sizeof(psk)), 7, DMK_SPAN(rand_octets, h->rand_len),
			     &keys);
}

static struct dmk_span session_data(u8 out[64])
{
	const struct dmk_session_data sd = { .family = 4, .addr = { 10, 0, 0, 1 }, .port = 2269 };

	return DMK_SPAN(out, dmk_session_data_emit(&sd, out));
}

static bool make(const struct shape *h)
{
	const struct dmk_ts t = { h->ts_type, 99 };
	const u32 spi[2] = { 0x1000, h->spi };
	struct dmk_writer w;
	unsigned int i;
	u8 sd[64];

	dmk_writer_init(&w, buf, sizeof(buf));
	dmk_build_hdr_host(&w, DMK_DT_PSK, h->v, h->s.prf, 7, spi, session_data(sd));
	dmk_emit_t(&w, &t);
	dmk_emit_rand(&w, DMK_SPAN(rand_octets, h->rand_len));
	for (i = 0; i < h->ids; i++)
		dmk_emit_id(&w, i ? &idr : &idi);
	for (i = 0; i < h->sps; i++)
		dmk_emit_sp(&w, i, DMK_PROT_ESP, DMK_SPAN(NULL, 0));
	if (!derive(h) || dmk_seal_kemac(c, &w, &h->s, &keys, 7, &t, NULL, DMK_KEY_TGK,
					 DMK_SPAN(tgk, h->tgk_len), false) || w.full)
		return false;
	len = w.len;
	return true;
}

static enum dmk_reason read_it(void)
{
	enum dmk_reason why = dmk_message_parse(&m, DMK_AT_HOST, buf, len);

	return why ?: dmk_message_check_host(&m);
}

static void is_refused(const char *what, struct shape h, enum dmk_reason want)
{
	enum dmk_reason why = make(&h) ? read_it() : DMK_REASON_INTERNAL;

	if (!ktap_ok(why == want, "%s is refused", what))
		ktap_diag("reason %d, wanted %d", why, want);
}

static void form_test(void)
{
	struct shape h = good;

	ktap_ok(make(&h) && !read_it() && m.kind == DMK_PSK && m.spi[0] == 0x1000 &&
		m.spi[1] == 0x1001 && m.session_data.len, "a request between hosts");
	h.v = false;
	is_refused("no V flag", h, DMK_REASON_V_FLAG);
	h = good, h.rand_len = 17;
	is_refused("a RAND of 17 bytes", h, DMK_REASON_RAND_LENGTH);
	h = good, h.ts_type = DMK_TS_COUNTER;
	is_refused("a COUNTER", h, DMK_REASON_TS_TYPE);
	h = good, h.ids = 1;
	is_refused("one identity", h, DMK_REASON_PAYLOAD_ORDER);
	h = good, h.sps = 2;
	is_refused("two SP", h, DMK_REASON_PAYLOAD_ORDER);
	h = good, h.sps = 0;
	is_refused("no SP", h, DMK_REASON_PAYLOAD_ORDER);
	h = good, h.spi = 255;
	is_refused("an SPI of 255", h, DMK_REASON_SPI_VALUE);
}

/* what only a public-key message can lack; made of the good one */
static void certificate_test(void)
{
	make(&good);
	read_it();
	m.kind = DMK_PK;
	ktap_ok(dmk_message_check_host(&m) == DMK_REASON_PAYLOAD_ORDER, "no certificate");
	m.cert = (struct dmk_cert){ DMK_CERT_X509_SIGN, DMK_SPAN(tgk, 1) };
	ktap_ok(dmk_message_check_host(&m) == DMK_REASON_CERT_TYPE, "one to sign with alone");
	m.cert.type = DMK_CERT_X509;
	ktap_ok(dmk_message_check_host(&m) == DMK_OK, "a certificate");
	m.kind = DMK_U_R;
	ktap_ok(dmk_message_check_host(&m) == DMK_REASON_UNEXPECTED, "no plain message");
}

static void cookie_test(void)
{
	static const u8 cookie[DMK_COOKIE_LEN] = { 9 };
	u32 bare;

	make(&good);
	bare = len;
	len = dmk_message_add_cookie(buf, len, sizeof(buf), cookie);
	ktap_ok(len > bare && !read_it() && m.cookie.len == DMK_COOKIE_LEN &&
		dmk_message_strip_cookie(buf, len) == bare, "a COOKIE before it");
}

static enum dmk_reason open_it(void)
{
	static struct dmk_opened o;
	enum dmk_reason why = read_it();

	if (!why)
		why = dmk_open_kemac(c, &m, &keys, &o);
	if (!why && !vec_is(DMK_SPAN(tgk, o.key.len), o.key.data, o.key.len))
		why = DMK_REASON_INTERNAL;
	return why;
}

static void tgk_is(const char *what, u32 tgk_len, enum dmk_reason want)
{
	struct shape h = good;

	h.tgk_len = tgk_len;
	ktap_ok(make(&h) && open_it() == want, "%s", what);
}

static void tgk_test(void)
{
	unsigned int i;

	for (i = 0; i < sizeof(tgk); i++)
		tgk[i] = i;
	tgk_is("a TGK of 16 bytes", 16, DMK_OK);
	tgk_is("a TGK of 64 bytes", 64, DMK_OK);
	tgk_is("a TGK of 15 bytes is refused", 15, DMK_REASON_KEY_LENGTH);
	tgk_is("a TGK of 65 bytes is refused", 65, DMK_REASON_KEY_LENGTH);
	memcpy(tgk + 32, tgk, 32);
	tgk_is("a TGK with two equal blocks is refused", 64, DMK_REASON_KEY_BLOCKS);
	make(&good);
	keys.auth[0] ^= 1;
	keys.encr[0] ^= 1;
	ktap_ok(open_it() == DMK_REASON_MAC, "another key");
}

static void suite_test(const char *name, struct dmk_suite s, u8 auth_alg)
{
	const u32 spi[2] = { 0x1000, 0x1001 };
	const struct dmk_ts t = { DMK_TS_NTP_UTC, 99 };
	struct shape h = good;
	struct dmk_writer w;

	h.s = s;
	ktap_ok(make(&h) && !open_it(), "%s: made and opened", name);
	dmk_writer_init(&w, buf, sizeof(buf));
	dmk_build_hdr_host(&w, DMK_DT_PSK_VER, false, s.prf, 7, spi, DMK_SPAN(NULL, 0));
	dmk_emit_t(&w, &t);
	dmk_emit_id(&w, &idr);
	ktap_ok(!dmk_seal_v_host(c, &w, auth_alg, keys.auth, &idi, &idr, 99), "%s: V", name);
	len = w.len;
	ktap_ok(!read_it() && m.kind == DMK_PSK_VER && m.ver.alg == auth_alg &&
		m.ver.data.len == dmk_mac_len(auth_alg) && dmk_id_equal(&m.idr, &idr) &&
		!dmk_check_v(c, &m, keys.auth, &idi, &idr, 99) &&
		dmk_check_v(c, &m, keys.auth, &idr, &idi, 99) == DMK_REASON_MAC,
		"%s: V is checked", name);
	buf[len - 1] ^= 1;
	ktap_ok(!read_it() && dmk_check_v(c, &m, keys.auth, &idi, &idr, 99) == DMK_REASON_MAC,
		"%s: a wrong V is refused", name);
}

/* RFC 3830 4.1.3: a TEK is PRF(TGK, 0x2AD01C64 || CS ID || CSB ID || RAND) */
static void esp_test(u8 prf, const char *name)
{
	const struct dmk_span rand = DMK_SPAN(rand_octets, DMK_RAND_LEN);
	struct dmk_esp_policy p;
	struct dmk_esp_keys k;
	u8 tek[16];

	dmk_esp_policy_default(&p);
	ktap_ok(!dmk_esp_keys_plain(c, prf, &p, 2, DMK_SPAN(tgk, 32), 7, rand, &k) &&
		!dmk_derive(c, prf, DMK_SPAN(tgk, 32), DMK_LABEL_TEK, 2, 7, rand,
			    DMK_SPAN(NULL, 0), tek, sizeof(tek)) &&
		k.cipher_len == sizeof(tek) && vec_is(DMK_SPAN(tek, 16), k.cipher_key, 16),
		"%s: keys of ESP", name);
}

static void host_test(void)
{
	c = test_crypto_new();
	if (!ktap_ok(c, "crypto backend"))
		return;
	form_test();
	certificate_test();
	cookie_test();
	tgk_test();
	suite_test("AES-CCM", good.s, DMK_MAC_SHA256);
	suite_test("AES-CM, HMAC-SHA-256",
		   (struct dmk_suite){ DMK_PRF_SHA256, DMK_ENCR_AES_CM_128, DMK_MAC_SHA256 },
		   DMK_MAC_SHA256);
	suite_test("legacy",
		   (struct dmk_suite){ DMK_PRF_MIKEY_1, DMK_ENCR_AES_CM_128, DMK_MAC_SHA1 },
		   DMK_MAC_SHA1);
	esp_test(DMK_PRF_SHA256, "PRF-HMAC-SHA-256");
	esp_test(DMK_PRF_MIKEY_1, "MIKEY-1");
	test_crypto_free(c);
}

KTAP_MAIN(host_test)
