// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The messages of protocol.md 2: a walk along the payloads fills in struct
 * dmk_message and notes their order; then the order says whether it is a
 * message at all, and the code points whether it is a good one.
 */
#include "message.h"

#define PAYLOADS_MAX 32		/* the longest message is ERR with 16 SP */

/**
 * struct walk - a walk along the payloads
 * @m: the message to fill in
 * @c: where we are
 * @roles: who reads it
 * @seen: the payloads so far: Next payload values, General Extensions by their
 *	own type (the two do not overlap)
 * @n: their number
 * @ids: ID payloads so far
 */
struct walk {
	struct dmk_message *m;
	struct dmk_cursor c;
	unsigned int roles;
	u8 seen[PAYLOADS_MAX];
	u8 n;
	u8 ids;
};

static bool has(const struct walk *w, u8 what)
{
	return memchr(w->seen, what, w->n);
}

/* ---- the walk: each payload by itself */

static u64 get_be(const u8 *p, int n)
{
	u64 v = 0;

	while (n--)
		v = v << 8 | *p++;
	return v;
}

/* protocol.md 6.1, 6.2: what the numbers of SHARE may be */
static enum dmk_reason check_share(const struct dmk_share_ext *s)
{
	if (s->scheme != DMK_SCHEME_RS && s->scheme != DMK_SCHEME_SHAMIR)
		return DMK_REASON_SCHEME;
	if (!s->n || s->n > DMK_N_MAX)
		return DMK_REASON_N_RANGE;
	if (!s->k || s->k > s->n || (s->k == 1 && s->n != 1))
		return DMK_REASON_K_RANGE;
	if (!s->x || s->x > s->n)
		return DMK_REASON_X_RANGE;
	if (s->flags & ~DMK_SHARE_RELAY)
		return DMK_REASON_SHARE_FLAGS;
	if (s->tgk_len != (s->scheme == DMK_SCHEME_RS ? 32 : 16))
		return DMK_REASON_TGK_LEN;
	if (s->t_i.type != DMK_TS_NTP_UTC && s->t_i.type != DMK_TS_COUNTER)
		return DMK_REASON_SHARE_TS;
	if (s->t_i.type == DMK_TS_COUNTER && s->t_i.value >> 32)
		return DMK_REASON_SHARE_TS;
	return DMK_OK;
}

/* protocol.md 6.2 SHARE */
static enum dmk_reason read_share(struct dmk_message *m, struct dmk_span data)
{
	const u8 *p = data.data;

	if (data.len != DMK_SHARE_EXT_LEN)
		return DMK_REASON_SHARE_LENGTH;
	if (p[0] != DMK_SHARE_VERSION)
		return DMK_REASON_SHARE_VERSION;
	m->share_raw = data;
	m->share = (struct dmk_share_ext){
		.scheme = p[1],
		.n = p[2],
		.k = p[3],
		.x = p[4],
		.flags = p[5],
		.tgk_len = get_be(p + 6, 2),
		.t_i = { .type = p[8], .value = get_be(p + 9, 8) },
		.commitment = p + 17,
	};
	return check_share(&m->share);
}

/* protocol.md 7.4 PART */
static enum dmk_reason read_part(struct dmk_message *m, struct dmk_span data)
{
	u32 i;

	if (!data.len || data.len % DMK_PART_ENTRY_LEN ||
	    data.len > DMK_CANDIDATES_MAX * DMK_PART_ENTRY_LEN)
		return DMK_REASON_PART_LENGTH;
	for (i = 0; i < data.len; i += DMK_PART_ENTRY_LEN)
		if (data.data[i + 9] > 1)
			return DMK_REASON_PART_VERDICT;
	m->part = data;
	return DMK_OK;
}

/* protocol.md 7.4 RELAY: the whole R_I, which only the sensor can check */
static enum dmk_reason read_relay(struct dmk_message *m, struct dmk_span data)
{
	m->relay = data;
	if (data.len > DMK_SENSOR_MSG_MAX)
		return DMK_REASON_OVERSIZED;
	return data.len ? DMK_OK : DMK_REASON_TRUNCATED;
}

static enum dmk_reason read_exact(struct dmk_span *field, struct dmk_span data,
				  u32 len, enum dmk_reason otherwise)
{
	*field = data;
	return data.len == len ? DMK_OK : otherwise;
}

static enum dmk_reason step_ext(struct walk *w, u8 *next, u8 *what)
{
	struct dmk_message *m = w->m;
	enum dmk_reason why;
	struct dmk_ext ext;

	why = dmk_parse_ext(&w->c, next, &ext);
	if (why)
		return why;
	*what = ext.type;
	switch (ext.type) {
	case DMK_EXT_SHARE:
		return read_share(m, ext.data);
	case DMK_EXT_PART:
		return read_part(m, ext.data);
	case DMK_EXT_COOKIE:
		return read_exact(&m->cookie, ext.data, DMK_COOKIE_LEN,
				  DMK_REASON_COOKIE_LENGTH);
	case DMK_EXT_ENVID:
		return read_exact(&m->envid, ext.data, DMK_ENVID_LEN,
				  DMK_REASON_ENVID_LENGTH);
	case DMK_EXT_RELAY:
		return read_relay(m, ext.data);
	case DMK_EXT_VENDOR:
		*what = DMK_PL_LAST;	/* plain exchanges skip it wherever it is */
		return w->roles & DMK_AT_HOST ? DMK_OK : DMK_REASON_EXT_TYPE;
	}
	return DMK_REASON_EXT_TYPE;
}

/* IDi comes first; what follows it or CERT is IDr */
static enum dmk_reason step_id(struct walk *w, u8 *next)
{
	bool idr = w->ids++ || has(w, DMK_PL_CERT);

	return dmk_parse_id(&w->c, next, idr ? &w->m->idr : &w->m->idi);
}

static enum dmk_reason step_idr(struct walk *w, u8 *next)
{
	enum dmk_reason why;
	u8 role;

	why = dmk_parse_idr(&w->c, next, &role, &w->m->idtp);
	if (why)
		return why;
	return role == DMK_ROLE_THIRD_PARTY ? DMK_OK : DMK_REASON_ID_ROLE;
}

/* of a chain, the first certificate is the sender's */
static enum dmk_reason step_cert(struct walk *w, u8 *next)
{
	struct dmk_cert cert;
	enum dmk_reason why;

	why = dmk_parse_cert(&w->c, next, &cert);
	if (!has(w, DMK_PL_CERT))
		w->m->cert = cert;
	return why;
}

static enum dmk_reason step_sp(struct walk *w, u8 *next)
{
	struct dmk_message *m = w->m;
	enum dmk_reason why;

	if (m->n_sp == DMK_SP_MAX)
		return DMK_REASON_PAYLOAD_ORDER;
	why = dmk_parse_sp(&w->c, next, &m->sp[m->n_sp]);
	if (why)
		return why;
	return dmk_esp_policy_check(m->sp[m->n_sp++].param);
}

static enum dmk_reason step_ver(struct walk *w, u8 *next)
{
	enum dmk_reason why = dmk_parse_ver(&w->c, next, &w->m->ver);

	if (w->m->ver.alg != DMK_MAC_SHA256 && !(w->roles & DMK_AT_HOST))
		return DMK_REASON_AUTH_ALG;
	return why;
}

static enum dmk_reason step_sign(struct walk *w, u8 *next)
{
	*next = DMK_PL_LAST;
	return dmk_parse_sign(&w->c, &w->m->sign);
}

static enum dmk_reason step_randr(struct walk *w, u8 *next)
{
	u8 role;

	return dmk_parse_randr(&w->c, next, &role, &w->m->randr);
}

/* reads the payload of type @type; @what is what to note about it */
static enum dmk_reason step(struct walk *w, u8 type, u8 *next, u8 *what)
{
	struct dmk_message *m = w->m;
	struct dmk_cursor *c = &w->c;

	*what = type;
	switch (type) {
	case DMK_PL_KEMAC:
		return dmk_parse_kemac(c, next, &m->kemac);
	case DMK_PL_PKE:
		return dmk_parse_pke(c, next, &m->pke);
	case DMK_PL_SIGN:
		return step_sign(w, next);
	case DMK_PL_T:
		return dmk_parse_t(c, next, &m->t);
	case DMK_PL_ID:
		return step_id(w, next);
	case DMK_PL_CERT:
		return step_cert(w, next);
	case DMK_PL_CHASH:
		return dmk_parse_chash(c, next, &m->chash);
	case DMK_PL_V:
		return step_ver(w, next);
	case DMK_PL_SP:
		return step_sp(w, next);
	case DMK_PL_RAND:
		return dmk_parse_rand(c, next, &m->rand);
	case DMK_PL_ERR:
		return dmk_parse_err(c, next, &m->error);
	case DMK_PL_IDR:
		return step_idr(w, next);
	case DMK_PL_RANDR:
		return step_randr(w, next);
	case DMK_PL_EXT:
		return step_ext(w, next, what);
	}
	return DMK_REASON_PAYLOAD_TYPE;
}

static enum dmk_reason walk(struct walk *w)
{
	u8 type = w->m->hdr.next;
	enum dmk_reason why;
	u8 what;

	while (type != DMK_PL_LAST) {
		why = step(w, type, &type, &what);
		if (why)
			return why;
		if (what == DMK_PL_LAST)
			continue;
		if (w->n == PAYLOADS_MAX)
			return DMK_REASON_PAYLOAD_ORDER;
		w->seen[w->n++] = what;
	}
	return w->c.at == w->c.len ? DMK_OK : DMK_REASON_TRAILING;
}

/* ---- which message: protocol.md 2 */

static enum dmk_kind kind_of_psk(const struct walk *w)
{
	if (has(w, DMK_EXT_SHARE))
		return has(w, DMK_EXT_ENVID) ? DMK_TP_R_CACHED : DMK_I_TP;
	if (has(w, DMK_PL_RAND) && w->roles & DMK_AT_HOST)
		return DMK_PSK;
	return DMK_U_R;
}

static bool plain_answer(const struct walk *w)
{
	return w->roles & DMK_AT_HOST && w->m->hdr.n_cs;
}

/* TP_I and an R_TP for the cached form differ in who reads them */
static enum dmk_kind kind_of_psk_ver(const struct walk *w)
{
	if (has(w, DMK_EXT_PART))
		return DMK_R_I;
	if (has(w, DMK_PL_RANDR))
		return DMK_R_U;
	if (plain_answer(w))
		return DMK_PSK_VER;
	if (has(w, DMK_EXT_RELAY) || w->roles & DMK_AT_TP)
		return DMK_R_TP;
	return DMK_TP_I;
}

static enum dmk_kind kind_of(const struct walk *w)
{
	switch (w->m->hdr.data_type) {
	case DMK_DT_PSK:
		return kind_of_psk(w);
	case DMK_DT_PSK_VER:
		return kind_of_psk_ver(w);
	case DMK_DT_PK:
		if (!has(w, DMK_EXT_SHARE) && w->roles & DMK_AT_HOST)
			return DMK_PK;
		return DMK_TP_R;
	case DMK_DT_PK_VER:
		return plain_answer(w) ? DMK_PK_VER : DMK_R_TP;
	}
	return DMK_ERR;
}

/* ---- the order of payloads */

struct slot {
	u8 what;
	u8 min;
	u8 max;
};

#define ONE(what)	{ what, 1, 1 }
#define OPTIONAL(what)	{ what, 0, 1 }
#define SOME(what)	{ what, 0, DMK_SP_MAX }

static const struct slot i_tp[] = {
	OPTIONAL(DMK_EXT_COOKIE), ONE(DMK_PL_T), ONE(DMK_PL_RAND), ONE(DMK_PL_ID),
	ONE(DMK_PL_ID), ONE(DMK_PL_SP), ONE(DMK_EXT_SHARE), ONE(DMK_PL_KEMAC), {}
};

static const struct slot tp_i[] = {
	ONE(DMK_PL_T), ONE(DMK_PL_ID), ONE(DMK_PL_V), {}
};

static const struct slot tp_r[] = {
	OPTIONAL(DMK_EXT_COOKIE), ONE(DMK_PL_T), ONE(DMK_PL_RAND), ONE(DMK_PL_ID),
	ONE(DMK_PL_CERT), ONE(DMK_PL_ID), ONE(DMK_PL_SP), ONE(DMK_EXT_SHARE),
	ONE(DMK_PL_KEMAC), ONE(DMK_PL_CHASH), ONE(DMK_PL_PKE), ONE(DMK_PL_SIGN), {}
};

static const struct slot tp_r_cached[] = {
	OPTIONAL(DMK_EXT_COOKIE), ONE(DMK_PL_T), ONE(DMK_PL_RAND), ONE(DMK_PL_ID),
	ONE(DMK_PL_IDR), ONE(DMK_PL_ID), ONE(DMK_PL_SP), ONE(DMK_EXT_SHARE),
	ONE(DMK_EXT_ENVID), ONE(DMK_PL_KEMAC), {}
};

static const struct slot r_tp[] = {
	ONE(DMK_PL_T), ONE(DMK_PL_ID), OPTIONAL(DMK_EXT_RELAY), ONE(DMK_PL_V), {}
};

static const struct slot r_i[] = {
	ONE(DMK_PL_T), ONE(DMK_PL_ID), ONE(DMK_PL_RANDR), ONE(DMK_EXT_PART),
	ONE(DMK_PL_V), {}
};

static const struct slot u_r[] = {
	OPTIONAL(DMK_EXT_COOKIE), ONE(DMK_PL_T), ONE(DMK_PL_ID), ONE(DMK_PL_ID),
	OPTIONAL(DMK_PL_SP), ONE(DMK_PL_KEMAC), {}
};

static const struct slot r_u[] = {
	ONE(DMK_PL_T), ONE(DMK_PL_ID), ONE(DMK_PL_RANDR), ONE(DMK_PL_V), {}
};

static const struct slot err[] = {
	OPTIONAL(DMK_EXT_COOKIE), ONE(DMK_PL_T), ONE(DMK_PL_ERR), SOME(DMK_PL_SP),
	OPTIONAL(DMK_PL_V), {}
};

/* RFC 3830 3.1 */
static const struct slot psk[] = {
	ONE(DMK_PL_T), ONE(DMK_PL_RAND), OPTIONAL(DMK_PL_ID), OPTIONAL(DMK_PL_ID),
	SOME(DMK_PL_SP), ONE(DMK_PL_KEMAC), {}
};

/* RFC 3830 3.2; IDi and a chain of certificates may stand together */
static const struct slot pk[] = {
	ONE(DMK_PL_T), ONE(DMK_PL_RAND), OPTIONAL(DMK_PL_ID), SOME(DMK_PL_CERT),
	OPTIONAL(DMK_PL_ID), SOME(DMK_PL_SP), ONE(DMK_PL_KEMAC),
	OPTIONAL(DMK_PL_CHASH), ONE(DMK_PL_PKE), ONE(DMK_PL_SIGN), {}
};

/* RFC 3830 3.1, 3.2: the answers */
static const struct slot plain_ver[] = {
	ONE(DMK_PL_T), OPTIONAL(DMK_PL_ID), ONE(DMK_PL_V), {}
};

enum v_flag {
	V_CLEAR,	/* answers ask for nothing */
	V_SET,
	V_FREE,
};

/**
 * struct form - what a message looks like
 * @order: its payloads
 * @readers: bits of enum dmk_role
 * @v: V flag
 * @n_cs: number of crypto sessions
 */
struct form {
	const struct slot *order;
	u8 readers;
	u8 v;
	u8 n_cs;
};

static const struct form forms[] = {
	[DMK_I_TP]	  = { i_tp,	   DMK_AT_TP,		  V_FREE,  2 },
	[DMK_TP_I]	  = { tp_i,	   DMK_AT_I,		  V_CLEAR, 0 },
	[DMK_TP_R]	  = { tp_r,	   DMK_AT_R,		  V_SET,   2 },
	[DMK_TP_R_CACHED] = { tp_r_cached, DMK_AT_R,		  V_SET,   2 },
	[DMK_R_TP]	  = { r_tp,	   DMK_AT_TP,		  V_CLEAR, 0 },
	[DMK_R_I]	  = { r_i,	   DMK_AT_I,		  V_CLEAR, 2 },
	[DMK_U_R]	  = { u_r,	   DMK_AT_R,		  V_SET,   2 },
	[DMK_R_U]	  = { r_u,	   DMK_AT_I,		  V_CLEAR, 2 },
	[DMK_ERR]	  = { err, DMK_AT_I | DMK_AT_TP | DMK_AT_HOST, V_CLEAR, 0 },
	[DMK_PSK]	  = { psk,	   DMK_AT_HOST,		  V_FREE },
	[DMK_PSK_VER]	  = { plain_ver,   DMK_AT_HOST,		  V_CLEAR },
	[DMK_PK]	  = { pk,	   DMK_AT_HOST,		  V_FREE },
	[DMK_PK_VER]	  = { plain_ver,   DMK_AT_HOST,		  V_CLEAR },
};

static enum dmk_reason check_order(const struct walk *w, const struct slot *s)
{
	unsigned int at = 0;
	u8 count;

	for (; s->what; s++) {
		for (count = 0; count < s->max && at < w->n && w->seen[at] == s->what; count++)
			at++;
		if (count < s->min)
			return DMK_REASON_PAYLOAD_ORDER;
	}
	return at == w->n ? DMK_OK : DMK_REASON_PAYLOAD_ORDER;
}

/* ---- code points: protocol.md 3 and 4 */

static bool plain(enum dmk_kind kind)
{
	return kind >= DMK_PSK;
}

/* protocol.md 4: CS 1 and 2, ESP, policy 0, an SPI of 4 bytes */
static enum dmk_reason check_cs(const struct dmk_cs *cs, u8 id, u32 *spi)
{
	if (cs->id != id)
		return DMK_REASON_CS_ID;
	if (cs->prot_type != DMK_PROT_ESP)
		return DMK_REASON_PROT_TYPE;
	if (cs->s)
		return DMK_REASON_S_FLAG;
	if (cs->policies.len != 1 || cs->policies.data[0])
		return DMK_REASON_POLICY_REF;
	if (cs->spi.len != 4)
		return DMK_REASON_SPI_LENGTH;
	*spi = get_be(cs->spi.data, 4);
	return *spi < DMK_SPI_MIN ? DMK_REASON_SPI_VALUE : DMK_OK;
}

/* Session Data: in 1 and 3, perhaps in 6, never in answers */
static enum dmk_reason check_session_data(const struct dmk_message *m)
{
	struct dmk_session_data sd;

	if (m->kind == DMK_R_I || m->kind == DMK_R_U)
		return m->session_data.len ? DMK_REASON_SESSION_DATA : DMK_OK;
	if (m->kind == DMK_U_R && !m->session_data.len)
		return DMK_OK;
	return dmk_session_data_parse(m->session_data, &sd);
}

static enum dmk_reason check_map(struct dmk_message *m)
{
	struct dmk_cursor c = { .data = m->hdr.map.data, .len = m->hdr.map.len };
	enum dmk_reason why = DMK_OK;
	struct dmk_cs cs[2];
	u8 i;

	if (m->hdr.map_type != DMK_MAP_GENERIC)
		return DMK_REASON_MAP_TYPE;
	if (m->hdr.n_cs != forms[m->kind].n_cs)
		return DMK_REASON_CS_COUNT;
	if (!m->hdr.n_cs)
		return DMK_OK;
	for (i = 0; i < 2 && !why; i++) {
		why = dmk_parse_cs(&c, &cs[i]);
		if (!why)
			why = check_cs(&cs[i], i + 1, &m->spi[i]);
	}
	if (why)
		return why;
	if (cs[1].session_data.len)
		return DMK_REASON_SESSION_DATA;
	m->session_data = cs[0].session_data;
	return check_session_data(m);
}

/* protocol.md 2 and 4: ESP, numbered 0, 1, 2 ... */
static enum dmk_reason check_sp(const struct dmk_message *m)
{
	u8 i;

	for (i = 0; i < m->n_sp; i++) {
		if (m->sp[i].prot_type != DMK_PROT_ESP)
			return DMK_REASON_PROT_TYPE;
		if (m->sp[i].policy_no != i)
			return DMK_REASON_POLICY_NO;
	}
	return DMK_OK;
}

/* protocol.md 5: AES-CCM, or AES-CM with HMAC-SHA-256, and at least a key */
static enum dmk_reason check_kemac(const struct dmk_kemac *k)
{
	if (k->encr_alg == DMK_ENCR_AES_CCM_128)
		return k->data.len > DMK_CCM_TAG_LEN ? DMK_OK : DMK_REASON_KEMAC_LENGTH;
	if (k->encr_alg != DMK_ENCR_AES_CM_128 || k->mac_alg != DMK_MAC_SHA256)
		return DMK_REASON_ALGORITHMS;
	return k->data.len ? DMK_OK : DMK_REASON_KEMAC_LENGTH;
}

/* protocol.md 6.2: T_I equals T in message 1; message 3 has a clock's T' */
static enum dmk_reason check_time(const struct dmk_message *m)
{
	switch (m->kind) {
	case DMK_I_TP:
		if (m->share.t_i.type != m->t.type || m->share.t_i.value != m->t.value)
			return DMK_REASON_SHARE_TIME;
		return DMK_OK;
	case DMK_TP_R:
	case DMK_TP_R_CACHED:
		return m->t.type == DMK_TS_NTP_UTC ? DMK_OK : DMK_REASON_TS_TYPE;
	default:
		return DMK_OK;
	}
}

/* what the distributed mode wants of the payloads that came */
static enum dmk_reason check_payloads(const struct walk *w)
{
	const struct dmk_message *m = w->m;
	enum dmk_reason why;

	if (has(w, DMK_PL_RAND) && m->rand.len != DMK_RAND_LEN)
		return DMK_REASON_RAND_LENGTH;
	if (has(w, DMK_PL_ERR) && m->error == DMK_ERR_COOKIE && !m->cookie.data)
		return DMK_REASON_PAYLOAD_ORDER;
	if (has(w, DMK_PL_V) && m->ver.alg != DMK_MAC_SHA256)
		return DMK_REASON_AUTH_ALG;
	why = check_sp(m);
	if (!why && has(w, DMK_PL_KEMAC))
		why = check_kemac(&m->kemac);
	return why ?: check_time(m);
}

static enum dmk_reason check_v_flag(const struct dmk_message *m)
{
	u8 v = forms[m->kind].v;

	return v == V_FREE || m->hdr.v == (v == V_SET) ? DMK_OK : DMK_REASON_V_FLAG;
}

static enum dmk_reason check_code_points(struct walk *w)
{
	struct dmk_message *m = w->m;
	enum dmk_reason why = check_v_flag(m);

	if (why || plain(m->kind))
		return why;
	if (m->hdr.prf != DMK_PRF_SHA256)
		return DMK_REASON_PRF;
	why = check_map(m);
	return why ?: check_payloads(w);
}

/* one ID payload alone in an answer is IDr */
static void name_identities(struct dmk_message *m)
{
	switch (m->kind) {
	case DMK_TP_I:
	case DMK_R_TP:
	case DMK_R_I:
	case DMK_R_U:
	case DMK_PSK_VER:
	case DMK_PK_VER:
		m->idr = m->idi;
		m->idi = (struct dmk_id){};
		break;
	default:
		break;
	}
}

static enum dmk_reason read_hdr(struct walk *w)
{
	struct dmk_hdr *hdr = &w->m->hdr;
	enum dmk_reason why = dmk_parse_hdr(&w->c, hdr);

	if (!why && hdr->map_type != DMK_MAP_GENERIC && !(w->roles & DMK_AT_HOST))
		return DMK_REASON_MAP_TYPE;
	return why;
}

enum dmk_reason dmk_message_parse(struct dmk_message *m, unsigned int roles,
				  const u8 *data, u32 len)
{
	struct walk w = { .m = m, .c = { .data = data, .len = len }, .roles = roles };
	enum dmk_reason why;

	memset(m, 0, sizeof(*m));
	m->raw = DMK_SPAN(data, len);
	if (len > DMK_MSG_MAX)
		return DMK_REASON_OVERSIZED;
	why = read_hdr(&w);
	if (!why)
		why = walk(&w);
	if (why)
		return why;
	m->kind = kind_of(&w);
	why = check_order(&w, forms[m->kind].order);
	if (!why)
		why = check_code_points(&w);
	if (why)
		return why;
	name_identities(m);
	return forms[m->kind].readers & roles ? DMK_OK : DMK_REASON_UNEXPECTED;
}

void dmk_part_entry(const struct dmk_message *m, unsigned int i,
		    struct dmk_part_entry *e)
{
	const u8 *p = m->part.data + i * DMK_PART_ENTRY_LEN;

	memcpy(e->hash, p, sizeof(e->hash));
	e->x = p[8];
	e->verdict = p[9];
}
