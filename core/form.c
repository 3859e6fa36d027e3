// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * What each message of protocol.md 2 looks like: which one it is, the order of
 * its payloads, and its code points.
 */
#include "walk.h"

static enum dmk_kind kind_of_psk(const struct dmk_walk *w)
{
	if (dmk_walk_has(w, DMK_EXT_SHARE))
		return dmk_walk_has(w, DMK_EXT_ENVID) ? DMK_TP_R_CACHED : DMK_I_TP;
	if (dmk_walk_has(w, DMK_PL_RAND) && w->roles & DMK_AT_HOST)
		return DMK_PSK;
	return DMK_U_R;
}

static bool plain_answer(const struct dmk_walk *w)
{
	const struct dmk_hdr *hdr = &w->m->hdr;

	return w->roles & DMK_AT_HOST && (hdr->n_cs || hdr->map_type != DMK_MAP_GENERIC);
}

/* TP_I and an R_TP for the cached form differ in who reads them */
static enum dmk_kind kind_of_psk_ver(const struct dmk_walk *w)
{
	if (dmk_walk_has(w, DMK_EXT_PART))
		return DMK_R_I;
	if (dmk_walk_has(w, DMK_PL_RANDR))
		return DMK_R_U;
	if (plain_answer(w))
		return DMK_PSK_VER;
	if (dmk_walk_has(w, DMK_EXT_RELAY) || w->roles & DMK_AT_TP)
		return DMK_R_TP;
	return DMK_TP_I;
}

static enum dmk_kind kind_of(const struct dmk_walk *w)
{
	switch (w->m->hdr.data_type) {
	case DMK_DT_PSK:
		return kind_of_psk(w);
	case DMK_DT_PSK_VER:
		return kind_of_psk_ver(w);
	case DMK_DT_PK:
		if (!dmk_walk_has(w, DMK_EXT_SHARE) && w->roles & DMK_AT_HOST)
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
	OPTIONAL(DMK_EXT_COOKIE), ONE(DMK_PL_T), ONE(DMK_PL_RAND), OPTIONAL(DMK_PL_ID),
	OPTIONAL(DMK_PL_ID), SOME(DMK_PL_SP), ONE(DMK_PL_KEMAC), {}
};

/* RFC 3830 3.2; IDi and a chain of certificates may stand together */
static const struct slot pk[] = {
	OPTIONAL(DMK_EXT_COOKIE), ONE(DMK_PL_T), ONE(DMK_PL_RAND), OPTIONAL(DMK_PL_ID),
	SOME(DMK_PL_CERT), OPTIONAL(DMK_PL_ID), SOME(DMK_PL_SP), ONE(DMK_PL_KEMAC),
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

/* nothing is kept of what nobody reads in this build */
#define FORM(order, readers, v, n_cs) \
	{ (readers) & DMK_READERS ? (order) : NULL, (readers) & DMK_READERS, v, n_cs }

static const struct form forms[] = {
	[DMK_I_TP]	  = FORM(i_tp, DMK_AT_TP, V_FREE, 2),
	[DMK_TP_I]	  = FORM(tp_i, DMK_AT_I, V_CLEAR, 0),
	[DMK_TP_R]	  = FORM(tp_r, DMK_AT_R, V_SET, 2),
	[DMK_TP_R_CACHED] = FORM(tp_r_cached, DMK_AT_R, V_SET, 2),
	[DMK_R_TP]	  = FORM(r_tp, DMK_AT_TP, V_CLEAR, 0),
	[DMK_R_I]	  = FORM(r_i, DMK_AT_I, V_CLEAR, 2),
	[DMK_U_R]	  = FORM(u_r, DMK_AT_R, V_SET, 2),
	[DMK_R_U]	  = FORM(r_u, DMK_AT_I, V_CLEAR, 2),
	[DMK_ERR]	  = FORM(err, DMK_AT_I | DMK_AT_TP | DMK_AT_HOST, V_CLEAR, 0),
	[DMK_PSK]	  = FORM(psk, DMK_AT_HOST, V_FREE, 0),
	[DMK_PSK_VER]	  = FORM(plain_ver, DMK_AT_HOST, V_CLEAR, 0),
	[DMK_PK]	  = FORM(pk, DMK_AT_HOST, V_FREE, 0),
	[DMK_PK_VER]	  = FORM(plain_ver, DMK_AT_HOST, V_CLEAR, 0),
};

static enum dmk_reason check_order(const struct dmk_walk *w, const struct slot *s)
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
	*spi = dmk_get_be(cs->spi.data, 4);
	return *spi < DMK_SPI_MIN ? DMK_REASON_SPI_VALUE : DMK_OK;
}

/* Session Data: in 1 and 3, perhaps in 6, never in answers */
static enum dmk_reason check_session_data(const struct dmk_message *m)
{
	struct dmk_session_data sd;

	if (!DMK_READS_REQUESTS || m->kind == DMK_R_I || m->kind == DMK_R_U ||
	    m->kind == DMK_PSK_VER || m->kind == DMK_PK_VER)
		return m->session_data.len ? DMK_REASON_SESSION_DATA : DMK_OK;
	if (m->kind == DMK_U_R && !m->session_data.len)
		return DMK_OK;
	return dmk_session_data_parse(m->session_data, &sd);
}

static enum dmk_reason check_map(struct dmk_message *m, u8 n_cs)
{
	struct dmk_cursor c = { .data = m->hdr.map.data, .len = m->hdr.map.len };
	enum dmk_reason why = DMK_OK;
	struct dmk_cs cs[2];
	u8 i;

	if (m->hdr.map_type != DMK_MAP_GENERIC)
		return DMK_REASON_MAP_TYPE;
	if (m->hdr.n_cs != n_cs)
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

/* payloads that I never gets */
static enum dmk_reason check_request(const struct dmk_walk *w)
{
	const struct dmk_message *m = w->m;
	enum dmk_reason why = DMK_OK;

	if (m->cert.type == DMK_CERT_X509_SIGN)
		return DMK_REASON_CERT_TYPE;
	if (w->vendor)
		return DMK_REASON_EXT_TYPE;
	if (dmk_walk_has(w, DMK_PL_KEMAC))
		why = check_kemac(&m->kemac);
	return why ?: check_time(m);
}

/* what the distributed mode wants of the payloads that came: less than plain
 * exchanges may have
 */
static enum dmk_reason check_payloads(const struct dmk_walk *w)
{
	const struct dmk_message *m = w->m;
	enum dmk_reason why;

	if (dmk_walk_has(w, DMK_PL_RAND) && m->rand.len != DMK_RAND_LEN)
		return DMK_REASON_RAND_LENGTH;
	if (dmk_walk_has(w, DMK_PL_ERR) && m->error == DMK_ERR_COOKIE && !m->cookie.data)
		return DMK_REASON_PAYLOAD_ORDER;
	if (dmk_walk_has(w, DMK_PL_V) && m->ver.alg != DMK_MAC_SHA256)
		return DMK_REASON_AUTH_ALG;
	why = check_sp(m);
	if (!why && DMK_READS_REQUESTS)
		why = check_request(w);
	return why;
}

static enum dmk_reason check_v_flag(const struct dmk_message *m)
{
	u8 v = forms[m->kind].v;

	return v == V_FREE || m->hdr.v == (v == V_SET) ? DMK_OK : DMK_REASON_V_FLAG;
}

static enum dmk_reason check_code_points(struct dmk_walk *w)
{
	struct dmk_message *m = w->m;
	enum dmk_reason why = check_v_flag(m);

	if (why || plain(m->kind))
		return why;
	if (m->hdr.prf != DMK_PRF_SHA256)
		return DMK_REASON_PRF;
	why = check_map(m, forms[m->kind].n_cs);
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

enum dmk_reason dmk_form_check(struct dmk_walk *w)
{
	struct dmk_message *m = w->m;
	enum dmk_reason why;

	m->kind = kind_of(w);
	if (!forms[m->kind].readers)
		return DMK_REASON_UNEXPECTED;
	why = check_order(w, forms[m->kind].order);
	if (!why)
		why = check_code_points(w);
	if (why)
		return why;
	name_identities(m);
	return forms[m->kind].readers & w->roles ? DMK_OK : DMK_REASON_UNEXPECTED;
}

/* ---- plain exchanges, as hosts have them: protocol.md 12 */

static enum dmk_reason check_host_request(const struct dmk_message *m)
{
	if (!m->hdr.v)
		return DMK_REASON_V_FLAG;
	if (m->rand.len != DMK_RAND_LEN)
		return DMK_REASON_RAND_LENGTH;
	if (!m->idi.data.len || !m->idr.data.len || m->n_sp != 1)
		return DMK_REASON_PAYLOAD_ORDER;
	if (m->kind == DMK_PK && m->cert.type != DMK_CERT_X509)
		return DMK_REASON_CERT_TYPE;
	if (m->kind == DMK_PK && !m->cert.data.len)
		return DMK_REASON_PAYLOAD_ORDER;
	return check_sp(m);
}

enum dmk_reason dmk_message_check_host(struct dmk_message *m)
{
	bool request = m->kind == DMK_PSK || m->kind == DMK_PK;
	enum dmk_reason why;

	if (!plain(m->kind))
		return DMK_REASON_UNEXPECTED;
	if (m->t.type != DMK_TS_NTP_UTC)
		return DMK_REASON_TS_TYPE;
	why = check_map(m, 2);
	if (!why && request)
		why = check_host_request(m);
	return why;
}
