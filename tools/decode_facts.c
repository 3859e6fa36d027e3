// SPDX-License-Identifier: GPL-2.0
/*
 * The fields that checking needs, as struct dmk_message, of messages that
 * dmk_message_parse() refuses too: others' suites, Diffie-Hellman, RSA-R.
 */
#include <string.h>

#include "decode.h"

/**
 * struct gather - where we are
 * @f: the result
 * @data: the message
 * @name: names of the parts around
 * @at: their offsets
 * @depth: their number
 * @ids: ID payloads so far
 * @certs: CERT payloads so far
 */
struct gather {
	struct decode_facts *f;
	const u8 *data;
	const char *name[16];
	u32 at[16];
	unsigned int depth;
	unsigned int ids;
	unsigned int certs;
};

#define NUMBER(d, part, field, member) \
	{ d, part, field, offsetof(struct dmk_message, member), \
	  sizeof(((struct dmk_message *)0)->member) }
#define OCTETS(d, part, field, member) \
	{ d, part, field, offsetof(struct dmk_message, member), 0 }

/**
 * struct place - where a field goes
 * @depth: of the part
 * @part: its name
 * @field: the field's
 * @offset: of the member
 * @size: of the number; 0: a span
 */
static const struct place {
	unsigned int depth;
	const char *part;
	const char *field;
	size_t offset;
	size_t size;
} places[] = {
	NUMBER(1, "HDR", "data type", hdr.data_type),
	NUMBER(1, "HDR", "V", hdr.v),
	NUMBER(1, "HDR", "PRF func", hdr.prf),
	NUMBER(1, "HDR", "CSB ID", hdr.csb_id),
	NUMBER(1, "HDR", "#CS", hdr.n_cs),
	NUMBER(1, "HDR", "CS ID map type", hdr.map_type),
	NUMBER(1, "T", "TS type", t.type),
	NUMBER(1, "T", "TS value", t.value),
	OCTETS(1, "RAND", "RAND", rand),
	OCTETS(1, "RANDR", "RAND", randr),
	NUMBER(1, "IDR", "ID type", idtp.type),
	OCTETS(1, "IDR", "ID Data", idtp.data),
	NUMBER(1, "KEMAC", "Encr alg", kemac.encr_alg),
	NUMBER(1, "KEMAC", "Encr data len", kemac.data.len),
	NUMBER(1, "KEMAC", "MAC alg", kemac.mac_alg),
	OCTETS(1, "KEMAC", "MAC", kemac.mac),
	NUMBER(1, "PKE", "C", pke.cache),
	OCTETS(1, "PKE", "Data", pke.data),
	NUMBER(1, "SIGN", "S type", sign.s_type),
	OCTETS(1, "SIGN", "Signature", sign.signature),
	NUMBER(1, "V", "Auth alg", ver.alg),
	OCTETS(1, "V", "Ver data", ver.data),
	NUMBER(1, "ERR", "Error no", error),
	NUMBER(2, "SHARE", "scheme", share.scheme),
	NUMBER(2, "SHARE", "n", share.n),
	NUMBER(2, "SHARE", "k", share.k),
	NUMBER(2, "SHARE", "x", share.x),
	NUMBER(2, "SHARE", "flags", share.flags),
	NUMBER(2, "SHARE", "TGK len", share.tgk_len),
	NUMBER(2, "SHARE", "TS type", share.t_i.type),
	NUMBER(2, "SHARE", "T_I", share.t_i.value),
	OCTETS(2, "SHARE", "commitment", share_raw),
	OCTETS(2, "COOKIE", "cookie", cookie),
	OCTETS(2, "ENVID", "ENVID", envid),
};

static void put_number(void *to, size_t size, u64 value)
{
	u8 one = value;
	u16 two = value;
	u32 four = value;

	switch (size) {
	case 1:
		memcpy(to, &one, size);
		break;
	case 2:
		memcpy(to, &two, size);
		break;
	case 4:
		memcpy(to, &four, size);
		break;
	default:
		memcpy(to, &value, sizeof(value));
	}
}

/* IDi comes first; what follows it or CERT is IDr */
static void put_id(struct gather *g, const struct dmk_field *f)
{
	struct dmk_message *m = &g->f->m;
	struct dmk_id *id = g->ids > 1 || g->certs ? &m->idr : &m->idi;

	if (!strcmp(f->name, "ID type"))
		id->type = f->number;
	else if (!strcmp(f->name, "ID Data"))
		id->data = DMK_SPAN(g->data + f->at, f->len);
}

static void on_field(void *arg, const struct dmk_field *f)
{
	struct gather *g = arg;
	const struct place *p;
	u8 *to;

	if (g->depth == 1 && !strcmp(g->name[0], "ID"))
		put_id(g, f);
	for (p = places; p < places + ARRAY_SIZE(places); p++) {
		if (p->depth != g->depth || strcmp(p->part, g->name[g->depth - 1]) ||
		    strcmp(p->field, f->name))
			continue;
		to = (u8 *)&g->f->m + p->offset;
		if (p->size)
			put_number(to, p->size, f->number);
		else
			*(struct dmk_span *)to = DMK_SPAN(g->data + f->at, f->len);
		return;
	}
}

static void on_open(void *arg, const struct dmk_part *part)
{
	struct gather *g = arg;

	if (g->depth == ARRAY_SIZE(g->name))
		abort();
	g->name[g->depth] = part->name;
	g->at[g->depth++] = part->at;
	if (g->depth == 1) {
		g->ids += part->type == DMK_PL_ID;
		g->certs += part->type == DMK_PL_CERT;
	}
	if (g->depth == 2 && !strcmp(part->name, "PART"))
		g->f->part = true;
}

/* its length may have come without it: of a payload that is cut nothing stays */
static void put_kemac(struct gather *g, u32 at, u32 end)
{
	struct dmk_kemac *kemac = &g->f->m.kemac;

	if (end >= at + 4 + kemac->data.len) {
		kemac->at = at;
		kemac->data.data = g->data + at + 4;
	} else {
		kemac->data = DMK_SPAN(NULL, 0);
	}
}

/* what is a payload's as a whole */
static void on_close(void *arg, u32 end)
{
	struct gather *g = arg;
	struct dmk_message *m = &g->f->m;
	const char *name = g->name[--g->depth];
	u32 at = g->at[g->depth];

	if (g->depth)
		return;
	if (!strcmp(name, "HDR") && end >= at + 10) {
		m->hdr.map = DMK_SPAN(g->data + at + 10, end - at - 10);
	} else if (!strcmp(name, "KEMAC")) {
		put_kemac(g, at, end);
	} else if (!strcmp(name, "V") && end >= at + 2) {
		m->ver.at = at + 2;
	} else if (!strcmp(name, "SP") && end >= at + 5 && m->n_sp < DMK_SP_MAX) {
		m->sp[m->n_sp++] = (struct dmk_sp){
			.policy_no = g->data[at + 1],
			.prot_type = g->data[at + 2],
			.param = DMK_SPAN(g->data + at + 5, end - at - 5),
			.raw = DMK_SPAN(g->data + at + 1, end - at - 1),
		};
	}
}

/* what core/ tells apart: how KEMAC and V are made */
static enum dmk_kind kind_of(const struct decode_facts *f)
{
	const struct dmk_message *m = &f->m;

	switch (m->hdr.data_type) {
	case DMK_DT_PSK:
		if (m->share_raw.data)
			return m->envid.data ? DMK_TP_R_CACHED : DMK_I_TP;
		return m->rand.data ? DMK_PSK : DMK_U_R;
	case DMK_DT_PSK_VER:
		if (f->part)
			return DMK_R_I;
		return m->randr.data ? DMK_R_U : DMK_PSK_VER;
	case DMK_DT_PK_VER:
		return DMK_PK_VER;
	case DMK_DT_ERR:
		return DMK_ERR;
	}
	if (m->share_raw.data)
		return DMK_TP_R;
	return m->sign.signature.data ? DMK_PK : DMK_PSK;
}

void decode_facts(struct decode_facts *f, const u8 *data, u32 len)
{
	struct gather g = { .f = f, .data = data };
	struct dmk_describe d = {
		.open = on_open, .field = on_field, .close = on_close, .arg = &g,
	};
	struct dmk_message *m = &f->m;

	memset(f, 0, sizeof(*f));
	m->raw = DMK_SPAN(data, len);
	dmk_describe_message(&d, data, len);
	m->share.commitment = m->share_raw.data;
	m->kind = kind_of(f);
	if (m->kind == DMK_R_I || m->kind == DMK_R_U || m->kind == DMK_PSK_VER ||
	    m->kind == DMK_PK_VER) {
		m->idr = m->idi;
		m->idi = (struct dmk_id){};
	}
}
