// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The walk along a message: describe_payloads.c says what there is to see. */
#include "describe_walk.h"

bool dmk_walk_flaw(struct dmk_walker *w, enum dmk_flaw flaw, u32 at, const char *field)
{
	struct dmk_describe *d = w->d;

	if (d->flaw)
		return false;
	d->flaw = flaw;
	d->flaw_at = at;
	d->flaw_part = w->part;
	d->flaw_field = field;
	return false;
}

static const char *name_of(const struct dmk_name *names, u64 value)
{
	for (; names->name; names++)
		if (names->value == value)
			return names->name;
	return NULL;
}

static void say(struct dmk_walker *w, const struct dmk_field *f)
{
	w->d->field(w->d->arg, f);
}

void dmk_walk_octets(struct dmk_walker *w, const char *name, enum dmk_show show, u32 len)
{
	say(w, &(struct dmk_field){ .name = name, .show = show, .at = w->at, .len = len });
	w->at += len;
}

void dmk_walk_number(struct dmk_walker *w, const char *name, enum dmk_show show, u32 len,
		     const struct dmk_name *names)
{
	struct dmk_field f = { .name = name, .show = show, .at = w->at, .len = len };

	f.number = dmk_get_be(w->data + w->at, len);
	if (names)
		f.meaning = name_of(names, f.number) ?: "unknown";
	say(w, &f);
	w->at += len;
}

static bool truncated(struct dmk_walker *w, const char *field)
{
	return dmk_walk_flaw(w, DMK_FLAW_TRUNCATED, w->at, field);
}

/* a number of up to 8 bytes, or some bits of it */
static bool number(struct dmk_walker *w, const struct dmk_spec *s, u64 *v)
{
	struct dmk_field f = { .name = s->name, .show = s->show, .at = w->at, .len = s->size };

	if (w->end - w->at < s->size)
		return truncated(w, s->name);
	f.number = dmk_get_be(w->data + w->at, s->size) >> s->shift;
	if (s->bits)
		f.number &= BIT(s->bits) - 1;
	*v = f.number;
	if (s->names) {
		f.meaning = name_of(s->names, f.number);
		if (!f.meaning && s->must)
			dmk_walk_flaw(w, DMK_FLAW_VALUE, w->at, s->name);
		f.meaning = f.meaning ?: "unknown";
	}
	say(w, &f);
	if (!s->stay)
		w->at += s->size;
	return true;
}

static bool inside(struct dmk_walker *w, const struct dmk_spec *s, const u64 *v, u32 len)
{
	u32 end = w->end;
	bool good;

	w->end = w->at + len;
	good = s->inside(w, s, v);
	w->end = end;
	return good;
}

static bool octets(struct dmk_walker *w, const struct dmk_spec *s, const u64 *v)
{
	u32 len = w->end - w->at;

	if (!s->length && s->inside)
		return s->inside(w, s, v);
	if (s->length && !s->length(v, &len))
		return dmk_walk_flaw(w, DMK_FLAW_LENGTH, w->at, s->name);
	if (len > w->end - w->at)
		return truncated(w, s->name);
	if (s->inside)
		return inside(w, s, v, len);
	dmk_walk_octets(w, s->name, s->show, len);
	return true;
}

static bool fields(struct dmk_walker *w, const struct dmk_payload_spec *p, u64 *v)
{
	unsigned int i;

	for (i = 0; i < p->n; i++) {
		const struct dmk_spec *s = &p->fields[i];

		if (!(s->size ? number(w, s, &v[i]) : octets(w, s, v)))
			return false;
	}
	return true;
}

bool dmk_walk_part(struct dmk_walker *w, const struct dmk_payload_spec *p, u64 *v)
{
	struct dmk_part part = { .type = p->type, .name = p->name, .clause = p->clause,
				 .at = w->at };
	const char *around = w->part;
	u64 own[DMK_FIELDS_MAX];
	bool good;

	w->part = p->name;
	w->d->open(w->d->arg, &part);
	good = p->fields ? fields(w, p, v ?: own) :
			   dmk_walk_flaw(w, DMK_FLAW_PAYLOAD, w->at, NULL);
	w->d->close(w->d->arg, w->at);
	w->part = around;
	return good;
}

bool dmk_walk_chain(struct dmk_walker *w, u8 type)
{
	const struct dmk_payload_spec *p;
	u64 v[DMK_FIELDS_MAX];

	while (type != DMK_PL_LAST) {
		p = dmk_payload_spec(type);
		if (!dmk_walk_part(w, p, v))
			return false;
		type = type == DMK_PL_SIGN ? DMK_PL_LAST : v[0];
	}
	if (w->at == w->end)
		return true;
	return dmk_walk_flaw(w, DMK_FLAW_TRAILING, w->at, NULL);
}

bool dmk_walk_message(struct dmk_walker *w)
{
	u64 v[DMK_FIELDS_MAX];

	if (!dmk_walk_part(w, dmk_payload_spec(DMK_PART_HDR), v))
		return false;
	w->with_id = v[1] == DMK_DT_PK || v[1] == DMK_DT_RSA_R;
	return dmk_walk_chain(w, v[2]);
}

static void no_open(void *arg, const struct dmk_part *part)
{
	(void)arg;
	(void)part;
}

static void no_field(void *arg, const struct dmk_field *field)
{
	(void)arg;
	(void)field;
}

static void no_close(void *arg, u32 end)
{
	(void)arg;
	(void)end;
}

/* whether it reads to the end from a first sub-payload of @type */
static bool keys_from(const struct dmk_walker *w, u8 type)
{
	struct dmk_describe silent = { .open = no_open, .field = no_field, .close = no_close };
	struct dmk_walker try = *w;

	try.d = &silent;
	return dmk_walk_chain(&try, type) && !silent.flaw;
}

bool dmk_walk_keys(struct dmk_walker *w)
{
	u8 first = w->with_id ? DMK_PL_ID : DMK_PL_KEY_DATA;
	u8 other = w->with_id ? DMK_PL_KEY_DATA : DMK_PL_ID;

	if (w->at == w->end)		/* RFC 3830 4.5: an update without keys */
		return true;
	if (!keys_from(w, first) && keys_from(w, other))
		first = other;
	return dmk_walk_chain(w, first);
}

u32 dmk_describe_message(struct dmk_describe *d, const u8 *data, u32 len)
{
	struct dmk_walker w = { .d = d, .data = data, .end = len };

	dmk_walk_message(&w);
	return w.at;
}

u32 dmk_describe_keys(struct dmk_describe *d, const u8 *data, u32 len, bool with_id)
{
	struct dmk_walker w = {
		.d = d, .data = data, .end = len, .part = "KEMAC", .with_id = with_id,
	};

	dmk_walk_keys(&w);
	return w.at;
}
