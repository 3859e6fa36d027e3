// SPDX-License-Identifier: GPL-2.0
/* One payload at a time: written, read back, cut at every length; and each
 * code point or length that a payload by itself must not have.
 */
#include "messages.h"
#include "vec_rfc3830.h"

/* any payload, read; what came is compared by writing it again */
typedef enum dmk_reason copy_fn(struct dmk_cursor *c, struct dmk_writer *w);

static enum dmk_reason copy_t(struct dmk_cursor *c, struct dmk_writer *w)
{
	enum dmk_reason why;
	struct dmk_ts t;
	u8 next;

	why = dmk_parse_t(c, &next, &t);
	if (!why)
		dmk_emit_t(w, &t);
	return why;
}

static enum dmk_reason copy_id(struct dmk_cursor *c, struct dmk_writer *w)
{
	enum dmk_reason why;
	struct dmk_id id;
	u8 next;

	why = dmk_parse_id(c, &next, &id);
	if (!why)
		dmk_emit_id(w, &id);
	return why;
}

static enum dmk_reason copy_idr(struct dmk_cursor *c, struct dmk_writer *w)
{
	enum dmk_reason why;
	struct dmk_id id;
	u8 next, role;

	why = dmk_parse_idr(c, &next, &role, &id);
	if (!why)
		dmk_emit_idr(w, role, &id);
	return why;
}

static enum dmk_reason copy_cert(struct dmk_cursor *c, struct dmk_writer *w)
{
	struct dmk_cert cert;
	enum dmk_reason why;
	u8 next;

	why = dmk_parse_cert(c, &next, &cert);
	if (!why)
		dmk_emit_cert(w, &cert);
	return why;
}

static enum dmk_reason copy_chash(struct dmk_cursor *c, struct dmk_writer *w)
{
	struct dmk_chash chash;
	enum dmk_reason why;
	u8 next;

	why = dmk_parse_chash(c, &next, &chash);
	if (!why)
		dmk_emit_chash(w, &chash);
	return why;
}

static enum dmk_reason copy_pke(struct dmk_cursor *c, struct dmk_writer *w)
{
	enum dmk_reason why;
	struct dmk_pke pke;
	u8 next;

	why = dmk_parse_pke(c, &next, &pke);
	if (!why)
		dmk_emit_pke(w, &pke);
	return why;
}

static enum dmk_reason copy_sign(struct dmk_cursor *c, struct dmk_writer *w)
{
	struct dmk_sign sign, again;
	enum dmk_reason why;

	why = dmk_parse_sign(c, &sign);
	if (!why)
		dmk_emit_sign(w, sign.signature.len, &again);
	return why;
}

static enum dmk_reason copy_ver(struct dmk_cursor *c, struct dmk_writer *w)
{
	struct dmk_ver ver, again;
	enum dmk_reason why;
	u8 next;

	why = dmk_parse_ver(c, &next, &ver);
	if (!why && ver.alg == DMK_MAC_SHA256)
		dmk_emit_ver(w, DMK_MAC_SHA256, &again);
	return why;
}

static enum dmk_reason copy_sp(struct dmk_cursor *c, struct dmk_writer *w)
{
	enum dmk_reason why;
	struct dmk_sp sp;
	u8 next;

	why = dmk_parse_sp(c, &next, &sp);
	if (!why)
		dmk_emit_sp_raw(w, sp.raw);
	return why;
}

static enum dmk_reason copy_rand(struct dmk_cursor *c, struct dmk_writer *w)
{
	struct dmk_span rand;
	enum dmk_reason why;
	u8 next;

	why = dmk_parse_rand(c, &next, &rand);
	if (!why)
		dmk_emit_rand(w, rand);
	return why;
}

static enum dmk_reason copy_randr(struct dmk_cursor *c, struct dmk_writer *w)
{
	struct dmk_span rand;
	enum dmk_reason why;
	u8 next, role;

	why = dmk_parse_randr(c, &next, &role, &rand);
	if (!why)
		dmk_emit_randr(w, rand);
	return why;
}

static enum dmk_reason copy_err(struct dmk_cursor *c, struct dmk_writer *w)
{
	enum dmk_reason why;
	u8 next, error;

	why = dmk_parse_err(c, &next, &error);
	if (!why)
		dmk_emit_err(w, error);
	return why;
}

static enum dmk_reason copy_ext(struct dmk_cursor *c, struct dmk_writer *w)
{
	enum dmk_reason why;
	struct dmk_ext ext;
	u8 next;

	why = dmk_parse_ext(c, &next, &ext);
	if (!why)
		dmk_emit_ext(w, ext.type, ext.data);
	return why;
}

static enum dmk_reason copy_kemac(struct dmk_cursor *c, struct dmk_writer *w)
{
	struct dmk_kemac k, again;
	enum dmk_reason why;
	u8 next;

	why = dmk_parse_kemac(c, &next, &k);
	if (!why)
		dmk_emit_kemac(w, k.encr_alg, k.data.len, k.mac_alg, &again);
	return why;
}

static enum dmk_reason copy_cs(struct dmk_cursor *c, struct dmk_writer *w)
{
	enum dmk_reason why;
	struct dmk_cs cs;

	why = dmk_parse_cs(c, &cs);
	if (!why)
		dmk_emit_cs(w, &cs);
	return why;
}

static enum dmk_reason copy_hdr(struct dmk_cursor *c, struct dmk_writer *w)
{
	enum dmk_reason why;
	struct dmk_hdr hdr;

	why = dmk_parse_hdr(c, &hdr);
	if (!why)
		dmk_emit_hdr(w, &hdr);
	return why;
}

/**
 * struct payload - a payload that is read
 * @name: what it is
 * @copy: reads and writes it
 * @want: what reading it must give
 * @len: its length: @head, then zeros
 * @head: how it begins; Next payload is 0
 */
struct payload {
	const char *name;
	copy_fn *copy;
	enum dmk_reason want;
	u32 len;
	u8 head[16];
};

static const struct payload payloads[] = {
	{ "HDR without map", copy_hdr, DMK_OK, 10, { 1, 0, 0, 0x81, 1, 2, 3, 4, 0, 2 } },
	{ "HDR with SRTP-ID", copy_hdr, DMK_OK, 28, { 1, 0, 0, 0, 1, 2, 3, 4, 2, 0 } },
	{ "HDR with an empty map", copy_hdr, DMK_OK, 10, { 1, 0, 0, 0, 1, 2, 3, 4, 0, 1 } },
	{ "HDR, version 2", copy_hdr, DMK_REASON_VERSION, 10, { 2 } },
	{ "HDR, data type 4", copy_hdr, DMK_REASON_DATA_TYPE, 10, { 1, 4 } },
	{ "HDR, data type 5", copy_hdr, DMK_REASON_DATA_TYPE, 10, { 1, 5 } },
	{ "HDR, data type 7", copy_hdr, DMK_REASON_DATA_TYPE, 10, { 1, 7 } },
	{ "HDR, PRF 2", copy_hdr, DMK_REASON_PRF, 10, { 1, 0, 0, 2 } },
	{ "HDR, map type 3", copy_hdr, DMK_REASON_MAP_TYPE, 10, { 1, 0, 0, 1, 0, 0, 0, 0, 0, 3 } },
	{ "CS with Session Data", copy_cs, DMK_OK, 14, { 1, 241, 1, 0, 0, 3, 9, 9, 9, 4 } },
	{ "CS with 127 policies", copy_cs, DMK_OK, 133, { 1, 241, 0xff } },
	{ "T, NTP-UTC", copy_t, DMK_OK, 10, { 0, 0, 0xee } },
	{ "T, COUNTER", copy_t, DMK_OK, 6, { 0, 2, 0xee } },
	{ "T, NTP", copy_t, DMK_REASON_TS_TYPE, 10, { 0, 1 } },
	{ "T, type 3", copy_t, DMK_REASON_TS_TYPE, 10, { 0, 3 } },
	{ "RAND of 16", copy_rand, DMK_OK, 18, { 0, 16 } },
	{ "RAND of 255", copy_rand, DMK_OK, 257, { 0, 255 } },
	{ "RAND of 15", copy_rand, DMK_REASON_RAND_LENGTH, 17, { 0, 15 } },
	{ "RANDR", copy_randr, DMK_OK, 19, { 0, 2, 16 } },
	{ "RANDR of 17", copy_randr, DMK_REASON_RAND_LENGTH, 20, { 0, 2, 17 } },
	{ "RANDR, RAND Role 1", copy_randr, DMK_REASON_RAND_ROLE, 19, { 0, 1, 16 } },
	{ "ID of 1", copy_id, DMK_OK, 5, { 0, 1, 0, 1 } },
	{ "ID of 255", copy_id, DMK_OK, 259, { 0, 0, 0, 255 } },
	{ "ID of 256", copy_id, DMK_REASON_ID_LENGTH, 260, { 0, 0, 1, 0 } },
	{ "ID of 0", copy_id, DMK_REASON_ID_LENGTH, 4, { 0 } },
	{ "ID, type 2", copy_id, DMK_REASON_ID_TYPE, 5, { 0, 2, 0, 1 } },
	{ "IDR", copy_idr, DMK_OK, 6, { 0, 241, 0, 0, 1 } },
	{ "IDR of 0", copy_idr, DMK_REASON_ID_LENGTH, 5, { 0, 241 } },
	{ "CERT of 2048", copy_cert, DMK_OK, 2052, { 0, 0, 8, 0 } },
	{ "CERT of 2049", copy_cert, DMK_REASON_CERT_LENGTH, 2053, { 0, 0, 8, 1 } },
	{ "CERT of 0", copy_cert, DMK_REASON_CERT_LENGTH, 4, { 0 } },
	{ "CERT, hash", copy_cert, DMK_OK, 36, { 0, 241, 0, 32 } },
	{ "CERT, hash of 33", copy_cert, DMK_REASON_CERT_LENGTH, 37, { 0, 241, 0, 33 } },
	{ "CERT, URL", copy_cert, DMK_REASON_CERT_TYPE, 5, { 0, 1, 0, 1 } },
	{ "CHASH", copy_chash, DMK_OK, 34, { 0, 2 } },
	{ "CHASH, SHA-1", copy_chash, DMK_REASON_HASH_FUNC, 22, { 0, 0 } },
	{ "PKE of 256", copy_pke, DMK_OK, 259, { 0, 1, 0 } },
	{ "PKE of 384, C = 1", copy_pke, DMK_OK, 387, { 0, 0x41, 0x80 } },
	{ "PKE of 512", copy_pke, DMK_OK, 515, { 0, 2, 0 } },
	{ "PKE of 255", copy_pke, DMK_REASON_PKE_LENGTH, 258, { 0, 0, 255 } },
	{ "PKE of 128", copy_pke, DMK_REASON_PKE_LENGTH, 131, { 0, 0, 128 } },
	{ "PKE of 513", copy_pke, DMK_REASON_PKE_LENGTH, 516, { 0, 2, 1 } },
	{ "PKE, C = 2", copy_pke, DMK_REASON_PKE_CACHE, 259, { 0, 0x81, 0 } },
	{ "PKE, C = 3", copy_pke, DMK_REASON_PKE_CACHE, 259, { 0, 0xc1, 0 } },
	{ "SIGN of 256", copy_sign, DMK_OK, 258, { 1, 0 } },
	{ "SIGN of 512", copy_sign, DMK_OK, 514, { 2, 0 } },
	{ "SIGN of 128", copy_sign, DMK_REASON_SIGN_LENGTH, 130, { 0, 128 } },
	{ "SIGN of 0", copy_sign, DMK_REASON_SIGN_LENGTH, 2, { 0 } },
	{ "SIGN, S type 1", copy_sign, DMK_REASON_S_TYPE, 258, { 0x11, 0 } },
	{ "V", copy_ver, DMK_OK, 34, { 0, 2 } },
	{ "V without Auth alg", copy_ver, DMK_REASON_AUTH_ALG, 2, { 0, 0 } },
	{ "V, Auth alg 3", copy_ver, DMK_REASON_AUTH_ALG, 34, { 0, 3 } },
	{ "SP without parameters", copy_sp, DMK_OK, 5, { 0, 7, 241 } },
	{ "SP", copy_sp, DMK_OK, 8, { 0, 0, 241, 0, 3, 4, 1, 1 } },
	{ "ERR", copy_err, DMK_OK, 4, { 0, 243 } },
	{ "General Extension", copy_ext, DMK_OK, 7, { 0, 240, 0, 3, 1, 2, 3 } },
	{ "KEMAC, AES-CCM", copy_kemac, DMK_OK, 41, { 0, 241, 0, 36 } },
	{ "KEMAC, AES-CCM with HMAC", copy_kemac, DMK_REASON_ALGORITHMS, 38,
	  { 0, 241, 0, 1, 0, 2 } },
	{ "KEMAC, AES-CM-128", copy_kemac, DMK_OK, 38, { 0, 1, 0, 1, 0, 2 } },
	{ "KEMAC, AES-CM-256", copy_kemac, DMK_OK, 38, { 0, 3, 0, 1, 0, 2 } },
	{ "KEMAC, HMAC-SHA-1", copy_kemac, DMK_OK, 26, { 0, 1, 0, 1, 0, 1 } },
	{ "KEMAC, AES-CM without MAC", copy_kemac, DMK_REASON_ALGORITHMS, 6, { 0, 1, 0, 1 } },
	{ "KEMAC, NULL encryption", copy_kemac, DMK_REASON_ALGORITHMS, 38,
	  { 0, 0, 0, 1, 0, 2 } },
	{ "KEMAC, AES-KW", copy_kemac, DMK_REASON_ALGORITHMS, 38, { 0, 2, 0, 1, 0, 2 } },
};

static u8 text[0x4000];
static u8 out[DMK_MSG_MAX];

/* reads from a copy of exactly @len bytes */
static enum dmk_reason read_cut(const struct payload *p, u32 len, struct dmk_writer *w, u32 *used)
{
	u8 *copy = ktap_alloc(len);
	struct dmk_cursor c = { .data = copy, .len = len };
	enum dmk_reason why;

	memcpy(copy, text, len);
	dmk_writer_init(w, out, sizeof(out));
	why = p->copy(&c, w);
	*used = c.at;
	ktap_free(copy);
	return why;
}

static void test_payload(const struct payload *p)
{
	struct dmk_writer w;
	enum dmk_reason why;
	bool good = true;
	u32 len, used;

	memset(text, 0, sizeof(text));
	memcpy(text, p->head, sizeof(p->head) < p->len ? sizeof(p->head) : p->len);
	why = read_cut(p, p->len, &w, &used);
	ktap_ok(why == p->want && (why || used == p->len), "%s: %s", p->name, reason_names[why]);
	if (p->want)
		return;
	ktap_ok(!w.full && w.len == p->len && !memcmp(out, text, w.len), "%s: write", p->name);
	for (len = 0; len < p->len; len++)
		good &= read_cut(p, len, &w, &used) == DMK_REASON_TRUNCATED;
	ktap_ok(good, "%s: cut at every length", p->name);
}

/* ---- what does not fit */

static void write_rand(struct dmk_writer *w)
{
	dmk_emit_rand(w, DMK_SPAN(text, 256));
}

static void write_pke(struct dmk_writer *w)
{
	dmk_emit_pke(w, &(struct dmk_pke){ .data = DMK_SPAN(text, 0x4000) });
}

static void write_sign(struct dmk_writer *w)
{
	struct dmk_sign sign;

	dmk_emit_sign(w, 0x1000, &sign);
}

static void write_kemac(struct dmk_writer *w)
{
	struct dmk_kemac kemac;

	dmk_emit_kemac(w, DMK_ENCR_AES_CM_128, 0x10000, DMK_MAC_SHA256, &kemac);
}

static void test_too_long(const char *name, void (*write)(struct dmk_writer *w))
{
	u8 *mem = ktap_alloc(0x20000);
	struct dmk_writer w;

	dmk_writer_init(&w, mem, 0x20000);
	write(&w);
	ktap_ok(w.full, "%s longer than its length field", name);
	ktap_free(mem);
}

/* ---- KEMAC's plaintexts */

/* an ID payload, and Key data behind it */
static void test_tp_r_plain(session_t *s, third_party_t *tp)
{
	struct dmk_span plain = tp->tp_r.kemac_plain;
	struct dmk_cursor c = { .data = plain.data, .len = plain.len };
	struct dmk_key_data key;
	struct dmk_writer w;
	struct dmk_id id;
	u8 next, last;
	bool good;

	if (!plain.data)
		return;
	good = !dmk_parse_id(&c, &next, &id) && next == DMK_PL_KEY_DATA &&
	       !dmk_parse_key_data(&c, &last, &key) && last == DMK_PL_LAST &&
	       c.at == c.len && key.type == DMK_KEY_TGK_SHARE && key.kv == DMK_KV_NULL &&
	       !key.salt.len && key.key.len == DMK_SHARE_LEN;
	dmk_writer_init(&w, out, sizeof(out));
	if (good) {
		dmk_emit_id(&w, &id);
		dmk_emit_key_data(&w, key.type, key.key);
	}
	ktap_ok(good && dmk_span_equal(DMK_SPAN(out, w.len), plain),
		"%s %s: ID and Key data", s->name, tp->tp);
}

static bool is_whole(struct dmk_span want, const u8 *from, const u8 *to)
{
	/* the vector's Next payload is that of the sub-payload alone */
	return want.len == to - from && !memcmp(from + 1, want.data + 1, want.len - 1);
}

static void test_key_data(const struct vec_rfc3830_psk_messages *v)
{
	struct dmk_cursor c = { .data = v->kemac_plain.data, .len = v->kemac_plain.len };
	struct dmk_key_data key;
	u8 next = DMK_PL_KEY_DATA;
	unsigned int i, at;
	bool good = true;

	if (!v->encr_alg)
		return;
	for (i = 0; good && i < v->n_keydatas_plain_in_order; i++) {
		at = c.at;
		good = next == DMK_PL_KEY_DATA && !dmk_parse_key_data(&c, &next, &key) &&
		       is_whole(v->keydatas_plain_in_order[i], c.data + at, c.data + c.at);
	}
	ktap_ok(good && c.at == c.len, "%s: %u Key data", v->name, i);
}

static void test_key_data_cut(const struct vec_rfc3830_psk_messages *v)
{
	struct dmk_key_data key;
	struct dmk_span whole;
	bool good = true;
	u32 len;
	u8 next;

	if (!v->n_keydatas_plain_in_order)
		return;
	whole = v->keydatas_plain_in_order[0];
	for (len = 0; len < whole.len; len++) {
		u8 *copy = ktap_alloc(len);
		struct dmk_cursor c = { .data = copy, .len = len };

		memcpy(copy, whole.data, len);
		good &= dmk_parse_key_data(&c, &next, &key) == DMK_REASON_TRUNCATED;
		ktap_free(copy);
	}
	ktap_ok(good, "%s: Key data, cut at every length", v->name);
}

static void test_key_validity(void)
{
	static const u8 kv3[] = { 0, DMK_KEY_TGK << 4 | 3, 0, 1, 9, 0, 0, 0 };
	struct dmk_cursor c = { .data = kv3, .len = sizeof(kv3) };
	struct dmk_key_data key;
	u8 next;

	ktap_ok(dmk_parse_key_data(&c, &next, &key) == DMK_REASON_KEY_VALIDITY,
		"Key data, KV 3");
}

static void wire_test(void)
{
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(payloads); i++)
		test_payload(&payloads[i]);
	test_too_long("RAND", write_rand);
	test_too_long("PKE", write_pke);
	test_too_long("SIGN", write_sign);
	test_too_long("KEMAC", write_kemac);
	test_key_validity();
	for (i = 0; i < vec_dmikey.n_sessions; i++)
		for (j = 0; j < vec_dmikey.sessions[i].n_third_parties; j++)
			test_tp_r_plain(&vec_dmikey.sessions[i],
					&vec_dmikey.sessions[i].third_parties[j]);
	for (i = 0; i < vec_rfc3830.n_psk_messages; i++) {
		test_key_data(&vec_rfc3830.psk_messages[i]);
		test_key_data_cut(&vec_rfc3830.psk_messages[i]);
	}
}

KTAP_MAIN(wire_test)
