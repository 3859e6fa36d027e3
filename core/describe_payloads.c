// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The payloads of MIKEY, field by field: RFC 3830 6, what later RFCs added, and
 * protocol.md. describe_names.c has the names of values.
 */
#include "describe_names.h"
#include "esp.h"

#define NEXT		{ "Next payload", .size = 1, .names = dmk_names_payload }
#define U8(n, ...)	{ n, .size = 1, __VA_ARGS__ }
#define U16(n, ...)	{ n, .size = 2, __VA_ARGS__ }
#define U32(n, ...)	{ n, .size = 4, __VA_ARGS__ }
#define OCTETS(n, ...)	{ n, .show = DMK_SHOW_BYTES, __VA_ARGS__ }
#define PART(t, n, c, f) { t, n, c, f, ARRAY_SIZE(f) }
#define NAMED(t, n, c)	{ .type = t, .name = n, .clause = c }
#define INNER(n, c, f)	{ DMK_PART_INNER, n, c, f, ARRAY_SIZE(f) }

#define DEPTH_MAX 2	/* a message in RELAY, and KEMAC in it */

/* octets whose length is the number in field @i */
static bool len_v1(const u64 *v, u32 *len)
{
	*len = v[1];
	return true;
}

static bool len_v2(const u64 *v, u32 *len)
{
	*len = v[2];
	return true;
}

static bool len_v3(const u64 *v, u32 *len)
{
	*len = v[3];
	return true;
}

/* ---- TLVs: SP's parameters and ESP's Session Data */

/**
 * struct tlv - one kind of parameter
 * @type: its type
 * @show: what its value is
 * @name: its name
 * @names: names of its values, or NULL
 */
struct tlv {
	u8 type;
	u8 show;
	const char *name;
	const struct dmk_name *names;
};

#define NUMBER(t, n, ...) { .type = t, .show = DMK_SHOW_NUMBER, .name = n, __VA_ARGS__ }

/* RFC 3830 6.10.1; 13 is RFC 4771's, 20 RFC 7714's */
static const struct tlv srtp_params[] = {
	NUMBER(0, "Encryption algorithm", .names = dmk_names_srtp_encr),
	NUMBER(1, "Session Encr. key length"),
	NUMBER(2, "Authentication algorithm", .names = dmk_names_srtp_auth),
	NUMBER(3, "Session Auth. key length"),
	NUMBER(4, "Session Salt key length"),
	NUMBER(5, "SRTP Pseudo Random Function", .names = dmk_names_srtp_prf),
	NUMBER(6, "Key derivation rate"),
	NUMBER(7, "SRTP encryption off/on", .names = dmk_names_off_on),
	NUMBER(8, "SRTCP encryption off/on", .names = dmk_names_off_on),
	NUMBER(9, "sender's FEC order", .names = dmk_names_srtp_fec),
	NUMBER(10, "SRTP authentication off/on", .names = dmk_names_off_on),
	NUMBER(11, "Authentication tag length"),
	NUMBER(12, "SRTP prefix length"),
	NUMBER(13, "ROC transmission rate"),
	NUMBER(20, "AEAD authentication tag length"),
	{}
};

/* protocol.md 4 */
static const struct tlv esp_params[] = {
	NUMBER(0, "cipher", .names = dmk_names_esp_cipher),
	NUMBER(1, "key length in bits"),
	NUMBER(2, "integrity algorithm", .names = dmk_names_esp_integ),
	NUMBER(3, "mode", .names = dmk_names_esp_mode),
	NUMBER(4, "ESN", .names = dmk_names_off_on),
	NUMBER(5, "lifetime in seconds"),
	NUMBER(6, "lifetime in packets"),
	NUMBER(7, "anti-replay window"),
	{}
};

static const struct tlv session_data[] = {
	{ .type = 0, .show = DMK_SHOW_ADDRESS, .name = "I's IPv4 address" },
	{ .type = 1, .show = DMK_SHOW_ADDRESS, .name = "I's IPv6 address" },
	NUMBER(2, "I's UDP port for R_I"),
	NUMBER(3, "upper-layer protocol"),
	NUMBER(4, "R's port in the selector"),
	NUMBER(5, "I's port in the selector"),
	NUMBER(6, "I's port of UDP encapsulation"),
	{}
};

static const struct tlv unknown_tlv = {
	.show = DMK_SHOW_BYTES, .name = "unknown parameter",
};

static const struct tlv *tlv_of(const struct tlv *t, u8 type)
{
	for (; t && t->name; t++)
		if (t->type == type)
			return t;
	return &unknown_tlv;
}

static bool tlv_value(struct dmk_walker *w, const struct dmk_spec *s, const u64 *v)
{
	u32 len = w->end - w->at;

	(void)v;
	if (s->show == DMK_SHOW_NUMBER && len && len <= 8)
		dmk_walk_number(w, s->name, DMK_SHOW_NUMBER, len, s->names);
	else
		dmk_walk_octets(w, s->name, s->show == DMK_SHOW_NUMBER ? DMK_SHOW_BYTES : s->show,
				len);
	return true;
}

static bool one_tlv(struct dmk_walker *w, const struct tlv *kinds, const char *clause)
{
	const struct tlv *t = tlv_of(kinds, w->data[w->at]);
	const struct dmk_spec fields[] = {
		U8("type"), U8("length"),
		{ "value", .show = t->show, .names = t->names, .length = len_v1,
		  .inside = tlv_value },
	};
	const struct dmk_payload_spec p = INNER(t->name, clause, fields);

	return dmk_walk_part(w, &p, NULL);
}

static bool tlvs(struct dmk_walker *w, const struct tlv *kinds, const char *clause)
{
	while (w->at < w->end)
		if (!one_tlv(w, kinds, clause))
			return false;
	return true;
}

/* ---- RFC 3830 6.1 HDR */

static const struct dmk_spec cs_srtp[] = {
	U8("Policy_no"), U32("SSRC", .show = DMK_SHOW_HEX), U32("ROC"),
};

static bool cs_session_data(struct dmk_walker *w, const struct dmk_spec *s, const u64 *v)
{
	if (v[1] == DMK_PROT_ESP)
		return tlvs(w, session_data, "protocol.md 4");
	dmk_walk_octets(w, s->name, s->show, w->end - w->at);
	return true;
}

static bool cs_spi(struct dmk_walker *w, const struct dmk_spec *s, const u64 *v)
{
	(void)v;
	dmk_walk_number(w, s->name, DMK_SHOW_HEX, w->end - w->at, NULL);
	return true;
}

static bool len_spi(const u64 *v, u32 *len)
{
	*len = v[7];
	return v[7] <= 8;
}

static bool len_session_data(const u64 *v, u32 *len)
{
	*len = v[5];
	return true;
}

static const struct dmk_spec cs_generic[] = {
	U8("CS ID"), U8("Prot type", .names = dmk_names_prot),
	{ "S", .size = 1, .shift = 7, .bits = 1, .stay = true }, { "#P", .size = 1, .bits = 7 },
	OCTETS("Policies", .length = len_v3), U16("Session Data Length"),
	OCTETS("Session Data", .length = len_session_data, .inside = cs_session_data),
	U8("SPI Length"),
	{ "SPI", .length = len_spi, .inside = cs_spi },
};

static bool map_info(struct dmk_walker *w, const struct dmk_spec *s, const u64 *v)
{
	static const struct dmk_payload_spec srtp = INNER("CS", "RFC 3830 6.1.1", cs_srtp);
	static const struct dmk_payload_spec generic = INNER("CS", "RFC 6043 6.1.1", cs_generic);
	unsigned int i;

	switch (v[7]) {
	case DMK_MAP_EMPTY:	/* RFC 4563 3 */
		return true;
	case DMK_MAP_SRTP:
	case DMK_MAP_GENERIC:
		for (i = 0; i < v[6]; i++)
			if (!dmk_walk_part(w, v[7] == DMK_MAP_SRTP ? &srtp : &generic, NULL))
				return false;
		return true;
	}
	return dmk_walk_flaw(w, DMK_FLAW_LENGTH, w->at, s->name);
}

static const struct dmk_spec hdr[] = {
	U8("version", .names = dmk_names_version, .must = true),
	U8("data type", .names = dmk_names_data_type, .must = true),
	NEXT,
	{ "V", .size = 1, .shift = 7, .bits = 1, .stay = true },
	{ "PRF func", .size = 1, .bits = 7, .names = dmk_names_prf, .must = true },
	U32("CSB ID", .show = DMK_SHOW_HEX), U8("#CS"),
	U8("CS ID map type", .names = dmk_names_map, .must = true),
	{ "CS ID map info", .inside = map_info },
};

/* ---- RFC 3830 6.2 KEMAC to 6.5 SIGN */

static bool len_mac(u64 alg, u32 *len)
{
	*len = dmk_mac_len(alg);
	return *len || alg == DMK_MAC_NULL;
}

static bool len_kemac_mac(const u64 *v, u32 *len)
{
	return len_mac(v[4], len);
}

static bool len_ver(const u64 *v, u32 *len)
{
	return len_mac(v[1], len);
}

/* what is not encrypted can be read */
static bool encr_data(struct dmk_walker *w, const struct dmk_spec *s, const u64 *v)
{
	bool good;

	if (v[1] == DMK_ENCR_NULL && w->depth < DEPTH_MAX) {
		w->depth++;
		good = dmk_walk_keys(w);
		w->depth--;
		return good;
	}
	dmk_walk_octets(w, s->name, s->show, w->end - w->at);
	return true;
}

static const struct dmk_spec kemac[] = {
	NEXT, U8("Encr alg", .names = dmk_names_encr, .must = true), U16("Encr data len"),
	OCTETS("Encr data", .length = len_v2, .inside = encr_data),
	U8("MAC alg", .names = dmk_names_mac, .must = true),
	OCTETS("MAC", .length = len_kemac_mac),
};

static const struct dmk_spec pke[] = {
	NEXT,
	{ "C", .size = 2, .shift = 14, .bits = 2, .stay = true, .names = dmk_names_cache,
	  .must = true },
	{ "Data len", .size = 2, .bits = 14 },
	OCTETS("Data", .length = len_v2),
};

static bool len_dh(const u64 *v, u32 *len)
{
	static const u8 words[] = { 1536 / 32, 768 / 32, 1024 / 32 };	/* Oakley 5, 1, 2 */

	*len = v[1] < ARRAY_SIZE(words) ? words[v[1]] * 4 : 0;
	return *len;
}

/* RFC 3830 6.14 KV data */
static bool kv_field(struct dmk_walker *w, const char *len_name, const char *name)
{
	if (w->at == w->end)
		return dmk_walk_flaw(w, DMK_FLAW_TRUNCATED, w->at, len_name);
	dmk_walk_number(w, len_name, DMK_SHOW_NUMBER, 1, NULL);
	if (w->data[w->at - 1] > w->end - w->at)
		return dmk_walk_flaw(w, DMK_FLAW_TRUNCATED, w->at, name);
	dmk_walk_octets(w, name, DMK_SHOW_BYTES, w->data[w->at - 1]);
	return true;
}

static bool kv_data(struct dmk_walker *w, const struct dmk_spec *s, u64 kv)
{
	switch (kv) {
	case DMK_KV_NULL:
		return true;
	case DMK_KV_SPI:
		return kv_field(w, "SPI Length", "SPI");
	case DMK_KV_INTERVAL:
		return kv_field(w, "VF Length", "Valid From") &&
		       kv_field(w, "VT Length", "Valid To");
	}
	return dmk_walk_flaw(w, DMK_FLAW_LENGTH, w->at, s->name);
}

static bool dh_kv(struct dmk_walker *w, const struct dmk_spec *s, const u64 *v)
{
	return kv_data(w, s, v[4]);
}

static const struct dmk_spec dh[] = {
	NEXT, U8("DH-Group", .names = dmk_names_dh), OCTETS("DH-value", .length = len_dh),
	{ "Reserv", .size = 1, .shift = 4, .bits = 4, .stay = true },
	{ "KV", .size = 1, .bits = 4, .names = dmk_names_kv },
	{ "KV data", .inside = dh_kv },
};

static const struct dmk_spec sign[] = {
	{ "S type", .size = 2, .shift = 12, .bits = 4, .stay = true, .names = dmk_names_s_type,
	  .must = true },
	{ "Signature len", .size = 2, .bits = 12 },
	OCTETS("Signature", .length = len_v1),
};

/* ---- RFC 3830 6.6 T to 6.9 V, and their like of RFC 6043 */

/* NTP-UTC-32 is RFC 6043's */
static bool stamp(struct dmk_walker *w, const char *name, u64 type)
{
	u32 len = type <= DMK_TS_NTP ? 8 : 4;

	if (type > 3)
		return dmk_walk_flaw(w, DMK_FLAW_LENGTH, w->at, name);
	if (len > w->end - w->at)
		return dmk_walk_flaw(w, DMK_FLAW_TRUNCATED, w->at, name);
	dmk_walk_number(w, name, type == DMK_TS_COUNTER ? DMK_SHOW_NUMBER : DMK_SHOW_TIME,
			len, NULL);
	return true;
}

static bool ts_value(struct dmk_walker *w, const struct dmk_spec *s, const u64 *v)
{
	return stamp(w, s->name, v[1]);
}

static bool tr_value(struct dmk_walker *w, const struct dmk_spec *s, const u64 *v)
{
	return stamp(w, s->name, v[2]);
}

static const struct dmk_spec t[] = {
	NEXT, U8("TS type", .names = dmk_names_ts, .must = true),
	{ "TS value", .inside = ts_value },
};

static const struct dmk_spec tr[] = {
	NEXT, U8("TS Role", .names = dmk_names_ts_role), U8("TS type", .names = dmk_names_ts),
	{ "TS value", .inside = tr_value },
};

static const struct dmk_spec id[] = {
	NEXT, U8("ID type", .names = dmk_names_id, .must = true), U16("ID len"),
	{ "ID Data", .show = DMK_SHOW_TEXT, .length = len_v2 },
};

static const struct dmk_spec idr[] = {
	NEXT, U8("ID Role", .names = dmk_names_id_role),
	U8("ID type", .names = dmk_names_id, .must = true), U16("ID len"),
	{ "ID Data", .show = DMK_SHOW_TEXT, .length = len_v3 },
};

static const struct dmk_spec cert[] = {
	NEXT, U8("Cert type", .names = dmk_names_cert, .must = true), U16("Cert len"),
	OCTETS("Certificate", .length = len_v2),
};

static bool len_hash(const u64 *v, u32 *len)
{
	static const u8 lens[] = { 20, 16, DMK_HASH_LEN };	/* SHA-1, MD5, SHA-256 */

	*len = v[1] < ARRAY_SIZE(lens) ? lens[v[1]] : 0;
	return *len;
}

static const struct dmk_spec chash[] = {
	NEXT, U8("Hash func", .names = dmk_names_hash), OCTETS("Hash", .length = len_hash),
};

static const struct dmk_spec ver[] = {
	NEXT, U8("Auth alg", .names = dmk_names_mac), OCTETS("Ver data", .length = len_ver),
};

/* ---- RFC 3830 6.10 SP to 6.15 General Extension */

static bool sp_param(struct dmk_walker *w, const struct dmk_spec *s, const u64 *v)
{
	(void)s;
	switch (v[2]) {
	case DMK_PROT_SRTP:
		return tlvs(w, srtp_params, "RFC 3830 6.10.1");
	case DMK_PROT_ESP:
		return tlvs(w, esp_params, "protocol.md 4");
	}
	return tlvs(w, NULL, "RFC 3830 6.10");
}

static const struct dmk_spec sp[] = {
	NEXT, U8("Policy no"), U8("Prot type", .names = dmk_names_prot),
	U16("Policy param length"),
	OCTETS("Policy param", .length = len_v3, .inside = sp_param),
};

static bool rand_value(struct dmk_walker *w, const struct dmk_spec *s, const u64 *v)
{
	u32 len = w->end - w->at;

	(void)v;
	if (len < DMK_RAND_LEN)
		dmk_walk_flaw(w, DMK_FLAW_SHORT, w->at, s->name);
	dmk_walk_octets(w, s->name, s->show, len);
	return true;
}

static const struct dmk_spec rand_[] = {
	NEXT, U8("RAND len"), OCTETS("RAND", .length = len_v1, .inside = rand_value),
};

static const struct dmk_spec randr[] = {
	NEXT, U8("RAND Role", .names = dmk_names_rand_role), U8("RAND length"),
	OCTETS("RAND", .length = len_v2),
};

static const struct dmk_spec err[] = {
	NEXT, U8("Error no", .names = dmk_names_error), U16("Reserved"),
};

/* types 1 and 3 have a salt; 15, odd too, is protocol.md 5's and has none */
static bool key_tail(struct dmk_walker *w, const struct dmk_spec *s, const u64 *v)
{
	u32 len;

	if (v[1] == DMK_KEY_TGK_SALT || v[1] == DMK_KEY_TEK_SALT || v[1] == 5) {
		if (w->end - w->at < 2)
			return dmk_walk_flaw(w, DMK_FLAW_TRUNCATED, w->at, "Salt len");
		len = dmk_get_be(w->data + w->at, 2);
		dmk_walk_number(w, "Salt len", DMK_SHOW_NUMBER, 2, NULL);
		if (len > w->end - w->at)
			return dmk_walk_flaw(w, DMK_FLAW_TRUNCATED, w->at, "Salt data");
		dmk_walk_octets(w, "Salt data", DMK_SHOW_BYTES, len);
	}
	return kv_data(w, s, v[2]);
}

static const struct dmk_spec key_data[] = {
	NEXT,
	{ "Type", .size = 1, .shift = 4, .bits = 4, .stay = true, .names = dmk_names_key,
	  .must = true },
	{ "KV", .size = 1, .bits = 4, .names = dmk_names_kv },
	U16("Key data len"),
	OCTETS("Key data", .length = len_v3),
	{ "KV data", .inside = key_tail },
};

/* ---- RFC 3830 6.15 General Extension, and protocol.md's */

static bool share_ti(struct dmk_walker *w, const struct dmk_spec *s, const u64 *v)
{
	if (w->end - w->at < 8)
		return dmk_walk_flaw(w, DMK_FLAW_TRUNCATED, w->at, s->name);
	dmk_walk_number(w, s->name,
			v[7] == DMK_TS_COUNTER ? DMK_SHOW_NUMBER : DMK_SHOW_TIME, 8, NULL);
	return true;
}

static const struct dmk_spec share[] = {
	U8("version"), U8("scheme", .names = dmk_names_scheme), U8("n"), U8("k"), U8("x"),
	U8("flags", .names = dmk_names_share_flags), U16("TGK len"),
	U8("TS type", .names = dmk_names_ts), { "T_I", .inside = share_ti },
	OCTETS("commitment"),
};

static const struct dmk_spec part_entry[] = {
	{ "third party's hash", .show = DMK_SHOW_HEX, .size = 8 }, U8("x"),
	U8("verdict", .names = dmk_names_verdict),
};

static const struct dmk_spec cookie[] = { OCTETS("cookie") };
static const struct dmk_spec envid[] = { OCTETS("ENVID") };
static const struct dmk_spec key_id[] = { OCTETS("Key ID Information") };
static const struct dmk_spec csb_id[] = { OCTETS("CSB ID") };

static bool part_entries(struct dmk_walker *w)
{
	static const struct dmk_payload_spec entry = INNER("PART", "protocol.md 7.4", part_entry);

	while (w->at < w->end)
		if (!dmk_walk_part(w, &entry, NULL))
			return false;
	return true;
}

static bool relayed(struct dmk_walker *w)
{
	bool good;

	w->depth++;
	good = dmk_walk_message(w);
	w->depth--;
	return good;
}

static bool ext_data(struct dmk_walker *w, const struct dmk_spec *s, const u64 *v)
{
	static const struct dmk_payload_spec inner[] = {
		INNER("SHARE", "protocol.md 6.2", share),
		INNER("COOKIE", "protocol.md 7.3", cookie),
		INNER("ENVID", "protocol.md 6.3", envid),
		INNER("Key ID", "RFC 4563", key_id),
		INNER("CSB_ID", "RFC 4738", csb_id),
	};

	switch (v[1]) {
	case DMK_EXT_SHARE:
		return dmk_walk_part(w, &inner[0], NULL);
	case DMK_EXT_COOKIE:
		return dmk_walk_part(w, &inner[1], NULL);
	case DMK_EXT_ENVID:
		return dmk_walk_part(w, &inner[2], NULL);
	case 3:
		return dmk_walk_part(w, &inner[3], NULL);
	case 4:
		return dmk_walk_part(w, &inner[4], NULL);
	case DMK_EXT_PART:
		return part_entries(w);
	case DMK_EXT_RELAY:
		if (w->depth < DEPTH_MAX)
			return relayed(w);
		break;
	case DMK_EXT_VENDOR:
	case 1:			/* SDP IDs */
		dmk_walk_octets(w, s->name, DMK_SHOW_TEXT, w->end - w->at);
		return true;
	}
	dmk_walk_octets(w, s->name, DMK_SHOW_BYTES, w->end - w->at);
	return true;
}

static const struct dmk_spec ext[] = {
	NEXT, U8("Type", .names = dmk_names_ext), U16("Length"),
	OCTETS("Data", .length = len_v2, .inside = ext_data),
};

/* ---- all of them */

static const struct dmk_payload_spec payloads[] = {
	PART(DMK_PART_HDR, "HDR", "RFC 3830 6.1", hdr),
	PART(DMK_PL_KEMAC, "KEMAC", "RFC 3830 6.2", kemac),
	PART(DMK_PL_PKE, "PKE", "RFC 3830 6.3", pke),
	PART(DMK_PL_DH, "DH", "RFC 3830 6.4", dh),
	PART(DMK_PL_SIGN, "SIGN", "RFC 3830 6.5", sign),
	PART(DMK_PL_T, "T", "RFC 3830 6.6", t),
	PART(DMK_PL_ID, "ID", "RFC 3830 6.7", id),
	PART(DMK_PL_CERT, "CERT", "RFC 3830 6.7", cert),
	PART(DMK_PL_CHASH, "CHASH", "RFC 3830 6.8", chash),
	PART(DMK_PL_V, "V", "RFC 3830 6.9", ver),
	PART(DMK_PL_SP, "SP", "RFC 3830 6.10", sp),
	PART(DMK_PL_RAND, "RAND", "RFC 3830 6.11", rand_),
	PART(DMK_PL_ERR, "ERR", "RFC 3830 6.12", err),
	PART(DMK_PL_TR, "TR", "RFC 6043 6.4", tr),
	PART(DMK_PL_IDR, "IDR", "RFC 6043 6.6", idr),
	PART(DMK_PL_RANDR, "RANDR", "RFC 6043 6.8", randr),
	/* known by name, but not taken apart here */
	NAMED(16, "TP", "RFC 6043"),
	NAMED(17, "TICKET", "RFC 6043"),
	PART(DMK_PL_KEY_DATA, "Key data", "RFC 3830 6.13", key_data),
	PART(DMK_PL_EXT, "General Ext.", "RFC 3830 6.15", ext),
	NAMED(26, "SAKKE", "RFC 6509 4"),
};

const struct dmk_payload_spec *dmk_payload_spec(int type)
{
	static const struct dmk_payload_spec unknown =
		NAMED(DMK_PART_UNKNOWN, "unknown payload", "");
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(payloads); i++)
		if (payloads[i].type == type)
			return &payloads[i];
	return &unknown;
}
