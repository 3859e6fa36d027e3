// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Reading a message: a walk along the payloads fills in struct dmk_message and
 * notes their order. form.c says what to think of the whole.
 */
#include "walk.h"

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
		.tgk_len = dmk_get_be(p + 6, 2),
		.t_i = { .type = p[8], .value = dmk_get_be(p + 9, 8) },
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

/* what I never gets; @what is what to note about it */
static enum dmk_reason read_other_ext(struct dmk_walk *w, const struct dmk_ext *ext, u8 *what)
{
	struct dmk_message *m = w->m;

	switch (ext->type) {
	case DMK_EXT_SHARE:
		return read_share(m, ext->data);
	case DMK_EXT_ENVID:
		return read_exact(&m->envid, ext->data, DMK_ENVID_LEN,
				  DMK_REASON_ENVID_LENGTH);
	case DMK_EXT_RELAY:
		return read_relay(m, ext->data);
	case DMK_EXT_VENDOR:
		w->vendor = true;
		*what = DMK_PL_LAST;	/* plain exchanges skip it wherever it is */
		return DMK_OK;
	}
	return DMK_REASON_EXT_TYPE;
}

static enum dmk_reason step_ext(struct dmk_walk *w, u8 *next, u8 *what)
{
	struct dmk_message *m = w->m;
	enum dmk_reason why;
	struct dmk_ext ext;

	why = dmk_parse_ext(&w->c, next, &ext);
	if (why)
		return why;
	*what = ext.type;
	switch (ext.type) {
	case DMK_EXT_PART:
		return read_part(m, ext.data);
	case DMK_EXT_COOKIE:
		return read_exact(&m->cookie, ext.data, DMK_COOKIE_LEN,
				  DMK_REASON_COOKIE_LENGTH);
	}
	return DMK_READS_REQUESTS ? read_other_ext(w, &ext, what) : DMK_REASON_EXT_TYPE;
}

/* IDi comes first; what follows it or CERT is IDr */
static enum dmk_reason step_id(struct dmk_walk *w, u8 *next)
{
	bool idr = w->ids++ || dmk_walk_has(w, DMK_PL_CERT);

	return dmk_parse_id(&w->c, next, idr ? &w->m->idr : &w->m->idi);
}

static enum dmk_reason step_idr(struct dmk_walk *w, u8 *next)
{
	enum dmk_reason why;
	u8 role;

	why = dmk_parse_idr(&w->c, next, &role, &w->m->idtp);
	if (why)
		return why;
	return role == DMK_ROLE_THIRD_PARTY ? DMK_OK : DMK_REASON_ID_ROLE;
}

/* of a chain, the first certificate is the sender's */
static enum dmk_reason step_cert(struct dmk_walk *w, u8 *next)
{
	struct dmk_cert cert;
	enum dmk_reason why;

	why = dmk_parse_cert(&w->c, next, &cert);
	if (why)
		return why;
	if (!dmk_walk_has(w, DMK_PL_CERT))
		w->m->cert = cert;
	return DMK_OK;
}

static enum dmk_reason step_sp(struct dmk_walk *w, u8 *next)
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

static enum dmk_reason step_sign(struct dmk_walk *w, u8 *next)
{
	*next = DMK_PL_LAST;
	return dmk_parse_sign(&w->c, &w->m->sign);
}

static enum dmk_reason step_randr(struct dmk_walk *w, u8 *next)
{
	u8 role;

	return dmk_parse_randr(&w->c, next, &role, &w->m->randr);
}

/* what I never gets */
static enum dmk_reason step_other(struct dmk_walk *w, u8 type, u8 *next)
{
	struct dmk_message *m = w->m;
	struct dmk_cursor *c = &w->c;

	switch (type) {
	case DMK_PL_KEMAC:
		return dmk_parse_kemac(c, next, &m->kemac);
	case DMK_PL_PKE:
		return dmk_parse_pke(c, next, &m->pke);
	case DMK_PL_SIGN:
		return step_sign(w, next);
	case DMK_PL_CERT:
		return step_cert(w, next);
	case DMK_PL_CHASH:
		return dmk_parse_chash(c, next, &m->chash);
	case DMK_PL_RAND:
		return dmk_parse_rand(c, next, &m->rand);
	case DMK_PL_IDR:
		return step_idr(w, next);
	}
	return DMK_REASON_PAYLOAD_TYPE;
}

/* reads the payload of type @type; @what is what to note about it */
static enum dmk_reason step(struct dmk_walk *w, u8 type, u8 *next, u8 *what)
{
	struct dmk_message *m = w->m;
	struct dmk_cursor *c = &w->c;

	*what = type;
	switch (type) {
	case DMK_PL_T:
		return dmk_parse_t(c, next, &m->t);
	case DMK_PL_ID:
		return step_id(w, next);
	case DMK_PL_V:
		return dmk_parse_ver(c, next, &m->ver);
	case DMK_PL_SP:
		return step_sp(w, next);
	case DMK_PL_ERR:
		return dmk_parse_err(c, next, &m->error);
	case DMK_PL_RANDR:
		return step_randr(w, next);
	case DMK_PL_EXT:
		return step_ext(w, next, what);
	}
	return DMK_READS_REQUESTS ? step_other(w, type, next) : DMK_REASON_PAYLOAD_TYPE;
}

static enum dmk_reason walk(struct dmk_walk *w)
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
		if (w->n == DMK_PAYLOADS_MAX)
			return DMK_REASON_PAYLOAD_ORDER;
		w->seen[w->n++] = what;
		w->has |= dmk_walk_bit(what);
	}
	return w->c.at == w->c.len ? DMK_OK : DMK_REASON_TRAILING;
}

static enum dmk_reason read_hdr(struct dmk_walk *w)
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
	struct dmk_walk w = { .m = m, .c = { .data = data, .len = len }, .roles = roles };
	enum dmk_reason why;

	memset(m, 0, sizeof(*m));
	m->raw = DMK_SPAN(data, len);
	if (len > DMK_MSG_MAX)
		return DMK_REASON_OVERSIZED;
	why = read_hdr(&w);
	if (!why)
		why = walk(&w);
	return why ?: dmk_form_check(&w);
}

void dmk_part_entry(const struct dmk_message *m, unsigned int i,
		    struct dmk_part_entry *e)
{
	const u8 *p = m->part.data + i * DMK_PART_ENTRY_LEN;

	memcpy(e->hash, p, sizeof(e->hash));
	e->x = p[8];
	e->verdict = p[9];
}
