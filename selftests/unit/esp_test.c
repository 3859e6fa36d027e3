// SPDX-License-Identifier: GPL-2.0
/* ESP policies and Session Data: those of all sessions, and the bad ones. */
#include "messages.h"
#include "vec_dmikey_negative.h"

/* ---- policies */

static u64 policy_value(const struct dmk_esp_policy *p, s64 param)
{
	const u64 v[] = { p->cipher, p->key_bits, p->integ, p->tunnel, p->esn,
			  p->life_seconds, p->life_packets, p->window };

	return v[param];
}

static bool as_expected(const struct dmk_esp_policy *p, session_t *s)
{
	bool good = s->session.n_policy == 8;
	unsigned int i;

	for (i = 0; good && i < s->session.n_policy; i++)
		good = policy_value(p, s->session.policy[i].key) ==
		       (u64)s->session.policy[i].value;
	return good;
}

static bool equal_policies(const struct dmk_esp_policy *a, const struct dmk_esp_policy *b)
{
	s64 i;

	for (i = 0; i < 8; i++)
		if (policy_value(a, i) != policy_value(b, i))
			return false;
	return true;
}

/* SP's parameters stand behind Policy no, Prot type and their length */
static struct dmk_span params(session_t *s)
{
	return DMK_SPAN(s->session.sp_body.data + 4, s->session.sp_body.len - 4);
}

static void test_policy(session_t *s)
{
	struct dmk_esp_policy p, again;
	u8 out[64];
	u32 len;

	if (!ktap_ok(!dmk_esp_policy_parse(params(s), &p) && as_expected(&p, s),
		     "%s: policy", s->name))
		return;
	len = dmk_esp_policy_emit(&p, out);
	ktap_ok(len <= params(s).len &&
		!dmk_esp_policy_parse(DMK_SPAN(out, len), &again) && equal_policies(&p, &again),
		"%s: policy again, in %u of %u bytes", s->name, len, params(s).len);
}

/* every parameter stands by itself, so a cut between two is no error */
static void test_policy_cut(session_t *s)
{
	struct dmk_span all = params(s);
	struct dmk_esp_policy p;
	u32 len, whole = 0;
	bool good = true;

	for (len = 0; len < all.len; len++) {
		u8 *copy = ktap_alloc(len);
		bool between = len == whole;

		memcpy(copy, all.data, len);
		good &= (dmk_esp_policy_check(DMK_SPAN(copy, len)) == DMK_OK) == between;
		good &= (dmk_esp_policy_parse(DMK_SPAN(copy, len), &p) !=
			 DMK_REASON_TRUNCATED) == between;
		if (between)
			whole += 2 + all.data[len + 1];
		ktap_free(copy);
	}
	ktap_ok(good, "%s: policy, cut at every length", s->name);
}

static void test_policy_default(void)
{
	struct dmk_esp_policy p, q;
	u8 out[64];

	dmk_esp_policy_default(&p);
	ktap_ok(!dmk_esp_policy_parse(DMK_SPAN(NULL, 0), &q) && equal_policies(&p, &q) &&
		p.cipher == DMK_ESP_AES_CCM_8 && p.key_bits == 128 && !p.tunnel && !p.esn &&
		p.life_seconds == 86400 && p.life_packets == 0xffff0000 && p.window == 64,
		"no parameters mean the defaults");
	ktap_ok(!dmk_esp_policy_emit(&p, out), "the defaults take no bytes");
}

struct policy_case {
	const char *name;
	enum dmk_reason want;
	u8 len;
	u8 param[12];
};

static const struct policy_case policy_cases[] = {
	{ "a cipher without IKEv2 name", DMK_REASON_SP_UNSUPPORTED, 4, { 0, 2, 0, 99 } },
	{ "AES-CBC alone", DMK_REASON_SP_UNSUPPORTED, 4, { 0, 2, 0, 12 } },
	{ "AES-CBC with HMAC-SHA2-256-128", DMK_OK, 8, { 0, 2, 0, 12, 2, 2, 0, 12 } },
	{ "AES-CCM with HMAC", DMK_REASON_SP_UNSUPPORTED, 4, { 2, 2, 0, 12 } },
	{ "AES with 160 bits", DMK_REASON_SP_UNSUPPORTED, 4, { 1, 2, 0, 160 } },
	{ "ChaCha20 without key length", DMK_OK, 4, { 0, 2, 0, 28 } },
	{ "ChaCha20 with 128 bits", DMK_REASON_SP_UNSUPPORTED, 8, { 0, 2, 0, 28, 1, 2, 0, 128 } },
	{ "the cipher behind its key length", DMK_OK, 8, { 1, 2, 1, 0, 0, 2, 0, 28 } },
	{ "mode 2", DMK_REASON_SP_UNSUPPORTED, 3, { 3, 1, 2 } },
	{ "ESN 2", DMK_REASON_SP_UNSUPPORTED, 3, { 4, 1, 2 } },
	{ "no lifetime in seconds", DMK_REASON_SP_UNSUPPORTED, 6, { 5, 4 } },
	{ "no lifetime in packets", DMK_REASON_SP_UNSUPPORTED, 6, { 6, 4 } },
	{ "no window", DMK_REASON_SP_UNSUPPORTED, 4, { 7, 2 } },
	{ "parameter 8", DMK_REASON_SP_PARAM, 3, { 8, 1, 1 } },
	{ "a parameter twice", DMK_REASON_SP_PARAM, 6, { 4, 1, 1, 4, 1, 1 } },
	{ "mode in two bytes", DMK_REASON_SP_PARAM, 4, { 3, 2, 0, 1 } },
	{ "a parameter without value", DMK_REASON_SP_PARAM, 2, { 3, 0 } },
	{ "a type alone", DMK_REASON_TRUNCATED, 1, { 3 } },
	{ "a value that is too long", DMK_REASON_TRUNCATED, 3, { 3, 2, 0 } },
};

static void test_policy_case(const struct policy_case *c)
{
	struct dmk_esp_policy p;
	enum dmk_reason why = dmk_esp_policy_parse(DMK_SPAN(c->param, c->len), &p);

	ktap_ok(why == c->want, "%s: %s", c->name, reason_names[why]);
}

/* the sp-* vectors: the parser takes them, R's look into the policy does not */
static void test_policy_vector(const struct vec_dmikey_negative_vectors *v)
{
	struct dmk_esp_policy p;
	struct dmk_message m;
	enum dmk_reason why;

	if (strncmp(v->name, "tp_r-sp-", 8) || !strncmp(v->name, "tp_r-sp-rewritten", 17))
		return;
	if (dmk_message_parse(&m, DMK_AT_R, v->message.data, v->message.len)) {
		ktap_ok(false, "%s: refused too early", v->name);
		return;
	}
	why = dmk_esp_policy_parse(m.sp[0].param, &p);
	ktap_ok(!strcmp(reason_names[why], v->reason), "%s: %s", v->name, reason_names[why]);
}

static void test_salt(void)
{
	static const struct { u16 cipher; u8 len; } salts[] = {
		{ DMK_ESP_AES_CBC, 0 }, { DMK_ESP_AES_CCM_8, 3 }, { DMK_ESP_AES_CCM_16, 3 },
		{ DMK_ESP_AES_GCM_8, 4 }, { DMK_ESP_AES_GCM_16, 4 },
		{ DMK_ESP_CHACHA20_POLY1305, 4 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(salts); i++)
		ktap_ok(dmk_esp_salt_len(salts[i].cipher) == salts[i].len,
			"salt of cipher %u", salts[i].cipher);
}

/* ---- Session Data */

static void test_session_data(session_t *s)
{
	struct dmk_session_data sd, again;
	bool ignored = !strcmp(s->name, "ipv4-all-tlvs");	/* has types 128, 255 */
	u8 out[64];
	u32 len;

	if (!ktap_ok(!dmk_session_data_parse(s->session_data, &sd), "%s: Session Data", s->name))
		return;
	len = dmk_session_data_emit(&sd, out);
	if (!ignored) {
		ktap_ok(dmk_span_equal(DMK_SPAN(out, len), s->session_data),
			"%s: Session Data again", s->name);
		return;
	}
	ktap_ok(len < s->session_data.len && !memcmp(out, s->session_data.data, len) &&
		!dmk_session_data_parse(DMK_SPAN(out, len), &again) &&
		!memcmp(&sd, &again, sizeof(sd)),
		"%s: Session Data again, without unknown types", s->name);
}

struct sd_case {
	const char *name;
	enum dmk_reason want;
	u8 len;
	u8 data[20];
};

#define ADDR	0, 4, 192, 0, 2, 7
#define PORT	2, 2, 8, 0xdd
#define BAD	DMK_REASON_SESSION_DATA

static const struct sd_case sd_cases[] = {
	{ "address and port", DMK_OK, 10, { ADDR, PORT } },
	{ "nothing", BAD, 0, {} },
	{ "no port", BAD, 6, { ADDR } },
	{ "no address", BAD, 4, { PORT } },
	{ "port 0", BAD, 10, { ADDR, 2, 2, 0, 0 } },
	{ "selector port 0", BAD, 17, { ADDR, PORT, 3, 1, 17, 4, 2, 0, 0 } },
	{ "own selector port 0", BAD, 17, { ADDR, PORT, 3, 1, 17, 5, 2, 0, 0 } },
	{ "encapsulation port 0", BAD, 14, { ADDR, PORT, 6, 2, 0, 0 } },
	{ "selector port without protocol", BAD, 14, { ADDR, PORT, 4, 2, 0, 7 } },
	{ "own selector port without protocol", BAD, 14, { ADDR, PORT, 5, 2, 0, 7 } },
	{ "own selector port with protocol", DMK_OK, 17, { ADDR, PORT, 3, 1, 17, 5, 2, 0, 7 } },
	{ "types that descend", BAD, 10, { PORT, ADDR } },
	{ "a type twice", BAD, 14, { ADDR, PORT, PORT } },
	{ "unknown type 7", BAD, 12, { ADDR, PORT, 7, 0 } },
	{ "unknown type 127", BAD, 12, { ADDR, PORT, 127, 0 } },
	{ "unknown type 128", DMK_OK, 12, { ADDR, PORT, 128, 0 } },
	{ "unknown type 255", DMK_OK, 13, { ADDR, PORT, 255, 1, 9 } },
	{ "unknown type 128 twice", BAD, 14, { ADDR, PORT, 128, 0, 128, 0 } },
	{ "an IPv4 address of 5 bytes", BAD, 11, { 0, 5, 192, 0, 2, 7, 0, PORT } },
	{ "a type alone", DMK_REASON_TRUNCATED, 11, { ADDR, PORT, 6 } },
	{ "a value that is too long", DMK_REASON_TRUNCATED, 13, { ADDR, PORT, 6, 2, 7 } },
};

static void test_sd_case(const struct sd_case *c)
{
	u8 *copy = ktap_alloc(c->len);
	struct dmk_session_data sd;
	enum dmk_reason why;

	memcpy(copy, c->data, c->len);
	why = dmk_session_data_parse(DMK_SPAN(copy, c->len), &sd);
	ktap_free(copy);
	ktap_ok(why == c->want, "Session Data, %s: %s", c->name, reason_names[why]);
}

static void test_sd_fields(void)
{
	static const u8 data[] = { ADDR, PORT, 3, 1, 17, 4, 2, 0x16, 0x33, 5, 2, 0x16, 0x34,
				   6, 2, 0x11, 0x94 };
	struct dmk_session_data sd;

	ktap_ok(!dmk_session_data_parse(DMK_SPAN(data, sizeof(data)), &sd) && sd.family == 4 &&
		!memcmp(sd.addr, data + 2, 4) && sd.port == 2269 && sd.proto == 17 &&
		sd.r_port == 5683 && sd.i_port == 5684 && sd.encap_port == 4500,
		"Session Data, all fields");
}

static void esp_test(void)
{
	unsigned int i;

	for (i = 0; i < vec_dmikey.n_sessions; i++) {
		test_policy(&vec_dmikey.sessions[i]);
		test_policy_cut(&vec_dmikey.sessions[i]);
		test_session_data(&vec_dmikey.sessions[i]);
	}
	test_policy_default();
	for (i = 0; i < ARRAY_SIZE(policy_cases); i++)
		test_policy_case(&policy_cases[i]);
	for (i = 0; i < vec_dmikey_negative.n_vectors; i++)
		test_policy_vector(&vec_dmikey_negative.vectors[i]);
	test_salt();
	test_sd_fields();
	for (i = 0; i < ARRAY_SIZE(sd_cases); i++)
		test_sd_case(&sd_cases[i]);
}

KTAP_MAIN(esp_test)
