// SPDX-License-Identifier: GPL-2.0
/*
 * Which message it is, and whether dmikey would refuse it for its form: the reason
 * is core/'s own (dmk_message_parse()), the place is looked up in what was taken
 * apart.
 */
#include <string.h>

#include "decode.h"

#define ALL_ROLES (DMK_AT_I | DMK_AT_TP | DMK_AT_R | DMK_AT_HOST)

/* ---- names */

static const struct { const char *name, *clause; } types[] = {
	[0] = { "Pre-shared", "RFC 3830 3.1" },
	[1] = { "PSK ver msg", "RFC 3830 3.1" },
	[2] = { "Public key", "RFC 3830 3.2" },
	[3] = { "PK ver msg", "RFC 3830 3.2" },
	[4] = { "D-H init", "RFC 3830 3.3" },
	[5] = { "D-H resp", "RFC 3830 3.3" },
	[6] = { "Error", "RFC 3830 5.1.2" },
	[7] = { "DHHMAC init", "RFC 4650 3" },
	[8] = { "DHHMAC resp", "RFC 4650 3" },
	[9] = { "RSA-R I_MSG", "RFC 4738 3" },
	[10] = { "RSA-R R_MSG", "RFC 4738 3" },
	[11] = { "REQUEST_INIT_PSK", "RFC 6043" },
	[12] = { "REQUEST_INIT_PK", "RFC 6043" },
	[13] = { "REQUEST_RESP", "RFC 6043" },
	[14] = { "TRANSFER_INIT", "RFC 6043" },
	[15] = { "TRANSFER_RESP", "RFC 6043" },
	[16] = { "RESOLVE_INIT_PSK", "RFC 6043" },
	[17] = { "RESOLVE_INIT_PK", "RFC 6043" },
	[18] = { "RESOLVE_RESP", "RFC 6043" },
	[26] = { "SAKKE", "RFC 6509" },
};

static const char *const kinds[] = {
	[DMK_I_TP] = "I_TP",
	[DMK_TP_I] = "TP_I",
	[DMK_TP_R] = "TP_R",
	[DMK_TP_R_CACHED] = "TP_R under a cached key",
	[DMK_R_TP] = "R_TP",
	[DMK_R_I] = "R_I",
	[DMK_U_R] = "U_R",
	[DMK_R_U] = "R_U",
	[DMK_ERR] = "ERR",
};

static void add_name(struct json_object *message, const char *name, const char *clause)
{
	json_object_object_add(message, "name", json_object_new_string(name));
	if (clause)
		json_object_object_add(message, "clause", json_object_new_string(clause));
}

static void name_by_type(struct json_object *message, const struct dmk_message *m)
{
	u8 type = m->hdr.data_type;

	if (m->raw.len < 2 || type >= ARRAY_SIZE(types) || !types[type].name)
		add_name(message, "unknown", NULL);
	else
		add_name(message, types[type].name, types[type].clause);
}

/* TP_I and R_TP look the same unless R_TP has RELAY or a type of its own */
static void name_by_kind(struct json_object *message, const struct dmk_message *m)
{
	if (m->kind == DMK_R_TP && m->hdr.data_type == DMK_DT_PSK_VER && !m->relay.data)
		add_name(message, "TP_I or R_TP", "protocol.md 2");
	else
		add_name(message, kinds[m->kind], "protocol.md 2");
}

/* ---- where it is */

/**
 * struct place - where a reason has its cause
 * @why: the reason
 * @part: a part's name; NULL: any
 * @field: a field's name; NULL: the part as a whole
 * @lo: what the field may be at least
 * @hi: and at most; where none is beyond them, the first such field is meant
 */
static const struct place {
	enum dmk_reason why;
	const char *part;
	const char *field;
	int64_t lo;
	int64_t hi;
} places[] = {
	{ DMK_REASON_EXT_TYPE, "General Ext.", "Type", 241, 245 },
	{ DMK_REASON_RAND_LENGTH, "RAND", "RAND len", 16, 16 },
	{ DMK_REASON_RAND_LENGTH, "RANDR", "RAND length", 16, 16 },
	{ DMK_REASON_RAND_ROLE, "RANDR", "RAND Role", 2, 2 },
	{ DMK_REASON_ID_LENGTH, NULL, "ID len", 1, DMK_ID_MAX },
	{ DMK_REASON_ID_TYPE, NULL, "ID type", 0, 1 },
	{ DMK_REASON_ID_ROLE, "IDR", "ID Role", 241, 241 },
	{ DMK_REASON_COOKIE_LENGTH, "COOKIE", NULL },
	{ DMK_REASON_ENVID_LENGTH, "ENVID", NULL },
	{ DMK_REASON_SHARE_LENGTH, "SHARE", NULL },
	{ DMK_REASON_PART_LENGTH, "PART", NULL },
	{ DMK_REASON_CERT_LENGTH, "CERT", "Cert len" },
	{ DMK_REASON_CERT_TYPE, "CERT", "Cert type" },
	{ DMK_REASON_KEMAC_LENGTH, "KEMAC", "Encr data len" },
	{ DMK_REASON_ALGORITHMS, "KEMAC", "Encr alg" },
	{ DMK_REASON_SIGN_LENGTH, "SIGN", "Signature len" },
	{ DMK_REASON_S_TYPE, "SIGN", "S type" },
	{ DMK_REASON_PKE_LENGTH, "PKE", "Data len" },
	{ DMK_REASON_PKE_CACHE, "PKE", "C" },
	{ DMK_REASON_VERSION, "HDR", "version" },
	{ DMK_REASON_DATA_TYPE, "HDR", "data type" },
	{ DMK_REASON_PRF, "HDR", "PRF func" },
	{ DMK_REASON_V_FLAG, "HDR", "V" },
	{ DMK_REASON_MAP_TYPE, "HDR", "CS ID map type" },
	{ DMK_REASON_CS_COUNT, "HDR", "#CS" },
	{ DMK_REASON_CS_ID, "CS", "CS ID", 1, 2 },
	{ DMK_REASON_PROT_TYPE, NULL, "Prot type", 241, 241 },
	{ DMK_REASON_S_FLAG, "CS", "S", 0, 0 },
	{ DMK_REASON_POLICY_REF, "CS", "#P", 1, 1 },
	{ DMK_REASON_POLICY_NO, "SP", "Policy no" },
	{ DMK_REASON_SPI_LENGTH, "CS", "SPI Length", 4, 4 },
	{ DMK_REASON_SPI_VALUE, "CS", "SPI", DMK_SPI_MIN, UINT32_MAX },
	{ DMK_REASON_SESSION_DATA, "CS", "Session Data Length" },
	{ DMK_REASON_TS_TYPE, "T", "TS type" },
	{ DMK_REASON_HASH_FUNC, "CHASH", "Hash func" },
	{ DMK_REASON_AUTH_ALG, "V", "Auth alg" },
	{ DMK_REASON_SHARE_VERSION, "SHARE", "version" },
	{ DMK_REASON_SCHEME, "SHARE", "scheme" },
	{ DMK_REASON_N_RANGE, "SHARE", "n" },
	{ DMK_REASON_K_RANGE, "SHARE", "k" },
	{ DMK_REASON_X_RANGE, "SHARE", "x" },
	{ DMK_REASON_SHARE_FLAGS, "SHARE", "flags" },
	{ DMK_REASON_TGK_LEN, "SHARE", "TGK len" },
	{ DMK_REASON_SHARE_TS, "SHARE", "TS type" },
	{ DMK_REASON_SHARE_TIME, "SHARE", "T_I" },
	{ DMK_REASON_PART_VERDICT, "PART", "verdict", 0, 1 },
	{ DMK_REASON_SP_PARAM, "SP", "Policy param length" },
	{ DMK_REASON_SP_UNSUPPORTED, "SP", "Policy param length" },
};

/* the field of @part that @p means; with @bad, only one that is out of range */
static struct json_object *field_of(struct json_object *part, const struct place *p, bool bad)
{
	struct json_object *fields = json_object_object_get(part, "fields"), *f;
	int64_t v;
	size_t i;

	if (p->part && strcmp(p->part, ctl_json_string(part, "name")))
		return NULL;
	if (!p->field)
		return part;
	for (i = 0; fields && i < json_object_array_length(fields); i++) {
		f = json_object_array_get_idx(fields, i);
		v = ctl_json_number(f, "value");
		if (!strcmp(ctl_json_string(f, "name"), p->field) &&
		    (!bad || v < p->lo || v > p->hi))
			return f;
	}
	return NULL;
}

/* @in: gets the part that holds it */
static struct json_object *find(struct json_object *parts, const struct place *p, bool bad,
				struct json_object **in)
{
	struct json_object *part, *found;
	size_t i;

	for (i = 0; parts && i < json_object_array_length(parts); i++) {
		part = json_object_array_get_idx(parts, i);
		*in = part;
		found = field_of(part, p, bad);
		if (!found)
			found = find(json_object_object_get(part, "parts"), p, bad, in);
		if (found)
			return found;
	}
	return NULL;
}

static void add_place(struct json_object *o, struct json_object *payloads, enum dmk_reason why)
{
	struct json_object *in, *at = NULL;
	const struct place *p;
	int bad;

	for (bad = 1; !at && bad >= 0; bad--)
		for (p = places; !at && p < places + ARRAY_SIZE(places); p++)
			if (p->why == why)
				at = find(payloads, p, bad, &in);
	if (!at) {		/* the message as a whole */
		json_object_object_add(o, "offset", json_object_new_int(0));
		return;
	}
	json_object_object_add(o, "offset", json_object_new_int64(ctl_json_number(at, "offset")));
	json_object_object_add(o, "payload", json_object_new_string(ctl_json_string(in, "name")));
	if (at != in)
		json_object_object_add(o, "field",
				       json_object_new_string(ctl_json_string(at, "name")));
}

static void add_refused(struct json_object *message, enum dmk_reason why)
{
	static const struct { const char *name, *help; } reasons[] = {
		{ "ok", "" },
#define X(name, text, help) { text, help },
		DMK_REASONS(X)
#undef X
	};
	struct json_object *o = json_object_new_object();

	add_place(o, json_object_object_get(message, "payloads"), why);
	json_object_object_add(o, "reason", json_object_new_string(reasons[why].name));
	json_object_object_add(o, "why", json_object_new_string(reasons[why].help));
	json_object_object_add(message, "refused", o);
}

/* ---- whether dmikey is meant at all */

static bool esp_map(const struct dmk_message *m)
{
	struct dmk_span map = m->hdr.map;

	if (m->hdr.map_type != DMK_MAP_GENERIC || m->hdr.data_type > DMK_DT_ERR)
		return false;
	return !m->hdr.n_cs || (map.len > 1 && map.data[1] == DMK_PROT_ESP);
}

static bool is_ours(const struct decode_facts *f)
{
	const struct dmk_message *m = &f->m;

	return esp_map(m) || f->part || m->share_raw.data || m->cookie.data || m->envid.data ||
	       m->kemac.encr_alg == DMK_ENCR_AES_CCM_128 || m->error >= DMK_ERR_COOKIE ||
	       (m->n_sp && m->sp[0].prot_type == DMK_PROT_ESP);
}

bool decode_refuse(struct json_object *message, const struct decode_facts *f,
		   const u8 *data, u32 len)
{
	struct dmk_message m;
	enum dmk_reason why = DMK_OK;

	if (is_ours(f))
		why = dmk_message_parse(&m, ALL_ROLES, data, len);
	if (why || !is_ours(f) || m.kind >= ARRAY_SIZE(kinds))
		name_by_type(message, &f->m);
	else
		name_by_kind(message, &m);
	if (why)
		add_refused(message, why);
	return !why;
}
