// SPDX-License-Identifier: GPL-2.0
/* Bounds and mixtures that no vector has: messages made for the occasion. */
#include "messages.h"
#include "rebuild.h"

static u8 text[DMK_MSG_MAX];
static const u8 zeros[DMK_MSG_MAX];
static struct dmk_message m;

/* what a reader thinks of the message in @w */
static void expect(const struct dmk_writer *w, unsigned int roles, enum dmk_reason want,
		   const char *name)
{
	enum dmk_reason why;
	u8 *copy;

	if (w->full) {
		ktap_ok(false, "%s: no room", name);
		return;
	}
	copy = ktap_alloc(w->len);
	memcpy(copy, w->data, w->len);
	why = dmk_message_parse(&m, roles, copy, w->len);
	ktap_ok(why == want, "%s: %s", name, reason_names[why]);
	ktap_free(copy);
}

static const struct dmk_ts now = { .type = DMK_TS_NTP_UTC, .value = 1ULL << 40 };
static const struct dmk_id some_id = { .data = { .data = (const u8 *)"r", .len = 1 } };

static void begin_answer(struct dmk_writer *w, u8 data_type)
{
	dmk_writer_init(w, text, sizeof(text));
	dmk_build_hdr_0cs(w, data_type, DMK_PRF_SHA256, 7);
	dmk_emit_t(w, &now);
}

/* ---- RELAY holds at least something and at most what a sensor receives */

static void test_relay(u32 len, enum dmk_reason want)
{
	char name[32];
	struct dmk_writer w;
	struct dmk_ver ver;

	snprintf(name, sizeof(name), "RELAY of %u", len);
	begin_answer(&w, DMK_DT_PK_VER);
	dmk_emit_id(&w, &some_id);
	dmk_emit_ext(&w, DMK_EXT_RELAY, DMK_SPAN(zeros, len));
	dmk_emit_ver(&w, DMK_MAC_SHA256, &ver);
	expect(&w, DMK_AT_TP, want, name);
}

/* ---- numbers of payloads */

static void test_err(unsigned int n_sp, enum dmk_reason want)
{
	char name[32];
	struct dmk_writer w;
	unsigned int i;

	snprintf(name, sizeof(name), "ERR with %u SP", n_sp);
	begin_answer(&w, DMK_DT_ERR);
	dmk_emit_err(&w, DMK_ERR_SPPAR);
	for (i = 0; i < n_sp; i++)
		dmk_emit_sp(&w, i, DMK_PROT_ESP, DMK_SPAN(NULL, 0));
	expect(&w, DMK_AT_I, want, name);
}

static void test_many(void)
{
	struct dmk_writer w;
	unsigned int i;

	begin_answer(&w, DMK_DT_PSK);
	for (i = 0; i < 400; i++)
		dmk_emit_t(&w, &now);
	expect(&w, DMK_AT_TP, DMK_REASON_PAYLOAD_ORDER, "401 T");
	begin_answer(&w, DMK_DT_PSK);
	for (i = 0; i < 400; i++)
		dmk_emit_ext(&w, DMK_EXT_VENDOR, DMK_SPAN(zeros, 1));
	expect(&w, DMK_AT_TP | DMK_AT_HOST, DMK_REASON_PAYLOAD_ORDER, "400 Vendor IDs");
}

static void test_part(unsigned int n, enum dmk_reason want)
{
	static const u32 spi[2] = { 256, 256 };
	char name[32];
	struct dmk_writer w;
	struct dmk_ver ver;

	snprintf(name, sizeof(name), "PART with %u entries", n);
	dmk_writer_init(&w, text, sizeof(text));
	dmk_build_hdr_2cs(&w, DMK_DT_PSK_VER, false, 7, spi, DMK_SPAN(NULL, 0));
	dmk_emit_t(&w, &now);
	dmk_emit_id(&w, &some_id);
	dmk_emit_randr(&w, DMK_SPAN(zeros, DMK_RANDR_LEN));
	dmk_emit_ext(&w, DMK_EXT_PART, DMK_SPAN(zeros, n * DMK_PART_ENTRY_LEN));
	dmk_emit_ver(&w, DMK_MAC_SHA256, &ver);
	expect(&w, DMK_AT_I, want, name);
}

static void test_size(void)
{
	struct dmk_writer w = { .data = text, .len = DMK_MSG_MAX };

	memset(text, 0, sizeof(text));
	expect(&w, DMK_AT_TP, DMK_REASON_VERSION, "4096 bytes are read");
}

/* ---- who reads plain messages too takes no more for a message of ours */

static third_party_t *first_tp(void)
{
	return vec_dmikey.sessions[0].third_parties;
}

static void expect_everywhere(const struct dmk_writer *w, unsigned int role,
			      enum dmk_reason want, const char *what)
{
	char name[64];

	expect(w, role, want, what);
	snprintf(name, sizeof(name), "%s, read by a plain peer too", what);
	expect(w, role | DMK_AT_HOST, want, name);
}

/* message 1, again, with an empty map (RFC 4563) or a Vendor ID */
static void put_i_tp(struct dmk_writer *w, u8 map_type, bool vendor)
{
	static struct dmk_message i_tp;
	struct dmk_span msg = first_tp()->i_tp.message;
	struct dmk_hdr hdr;

	dmk_writer_init(w, text, sizeof(text));
	if (dmk_message_parse(&i_tp, DMK_AT_TP, msg.data, msg.len)) {
		w->full = true;
		return;
	}
	hdr = i_tp.hdr;
	hdr.map_type = map_type;
	if (map_type == DMK_MAP_EMPTY)
		hdr.map.len = 0;
	dmk_emit_hdr(w, &hdr);
	dmk_emit_t(w, &i_tp.t);
	if (vendor)
		dmk_emit_ext(w, DMK_EXT_VENDOR, DMK_SPAN(zeros, 3));
	put_share_message(w, &i_tp);
}

static void test_i_tp(void)
{
	struct dmk_writer w;

	put_i_tp(&w, DMK_MAP_GENERIC, false);
	expect_everywhere(&w, DMK_AT_TP, DMK_OK, "message 1");
	put_i_tp(&w, DMK_MAP_EMPTY, false);
	expect_everywhere(&w, DMK_AT_TP, DMK_REASON_MAP_TYPE, "message 1 with an empty map");
	put_i_tp(&w, DMK_MAP_GENERIC, true);
	expect_everywhere(&w, DMK_AT_TP, DMK_REASON_EXT_TYPE, "message 1 with Vendor ID");
}

/* message 3 with a signature-only certificate, R_I with HMAC-SHA-1 */
static void test_changed_type(const char *name, struct dmk_span msg, unsigned int role,
			      u32 at, u8 type, u32 cut, enum dmk_reason want)
{
	struct dmk_writer w = { .data = text, .len = msg.len - cut };

	memcpy(text, msg.data, msg.len);
	text[at] = type;
	expect_everywhere(&w, role, want, name);
}

static void test_cert_type(void)
{
	struct dmk_span msg = first_tp()->tp_r.message;
	u32 at;

	if (!ktap_ok(!dmk_message_parse(&m, DMK_AT_R, msg.data, msg.len), "message 3"))
		return;
	at = m.cert.data.data - msg.data - 3;
	test_changed_type("message 3, X.509", msg, DMK_AT_R, at, DMK_CERT_X509, 0, DMK_OK);
	test_changed_type("message 3, X.509 for signatures", msg, DMK_AT_R, at,
			  DMK_CERT_X509_SIGN, 0, DMK_REASON_CERT_TYPE);
}

static void test_auth_alg(void)
{
	struct dmk_span msg = vec_dmikey.sessions[0].r_i.message;
	u32 at;

	if (!ktap_ok(!dmk_message_parse(&m, DMK_AT_I, msg.data, msg.len), "R_I"))
		return;
	at = m.ver.at - 1;
	test_changed_type("R_I, HMAC-SHA-256", msg, DMK_AT_I, at, DMK_MAC_SHA256, 0, DMK_OK);
	test_changed_type("R_I, HMAC-SHA-1", msg, DMK_AT_I, at, DMK_MAC_SHA1, 12,
			  DMK_REASON_AUTH_ALG);
}

static void edge_test(void)
{
	test_relay(0, DMK_REASON_TRUNCATED);
	test_relay(1, DMK_OK);
	test_relay(DMK_SENSOR_MSG_MAX, DMK_OK);
	test_relay(DMK_SENSOR_MSG_MAX + 1, DMK_REASON_OVERSIZED);
	test_err(0, DMK_OK);
	test_err(DMK_SP_MAX, DMK_OK);
	test_err(DMK_SP_MAX + 1, DMK_REASON_PAYLOAD_ORDER);
	test_part(0, DMK_REASON_PART_LENGTH);
	test_part(1, DMK_OK);
	test_part(DMK_CANDIDATES_MAX, DMK_OK);
	test_part(DMK_CANDIDATES_MAX + 1, DMK_REASON_PART_LENGTH);
	test_many();
	test_size();
	test_i_tp();
	test_cert_type();
	test_auth_alg();
}

KTAP_MAIN(edge_test)
