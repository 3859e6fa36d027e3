// SPDX-License-Identifier: GPL-2.0
#include "describe.h"
#include "shape.h"

/* ---- reading: core/describe.c knows where everything is */

struct reading {
	struct shape *s;
	unsigned int depth;
};

static void open_part(void *arg, const struct dmk_part *part)
{
	struct reading *r = arg;
	struct shape *s = r->s;

	if (!r->depth++ && s->n < SHAPE_PAYLOADS && part->type >= DMK_PART_HDR)
		s->payload[s->n++] = (struct shape_payload){ part->type, part->at, 0 };
}

static void field(void *arg, const struct dmk_field *f)
{
	(void)arg;
	(void)f;
}

static void close_part(void *arg, u32 end)
{
	struct reading *r = arg;
	struct shape *s = r->s;

	if (!--r->depth && s->n && !s->payload[s->n - 1].len)
		s->payload[s->n - 1].len = end - s->payload[s->n - 1].at;
}

void shape_read(struct shape *s, const u8 *data, u32 len)
{
	struct reading r = { .s = s };
	struct dmk_describe d = { open_part, field, close_part, &r };

	s->n = 0;
	dmk_describe_message(&d, data, len);
}

/* ---- lengths */

/**
 * struct length - a payload's length field
 * @type: payload
 * @at: where it is
 * @bytes: how long
 * @mask: which bits
 */
static const struct length {
	u8 type, at, bytes;
	u16 mask;
} lengths[] = {
	{ DMK_PL_KEMAC, 2, 2, 0xffff }, { DMK_PL_PKE, 1, 2, 0x3fff },
	{ DMK_PL_SIGN, 0, 2, 0x0fff }, { DMK_PL_ID, 2, 2, 0xffff },
	{ DMK_PL_CERT, 2, 2, 0xffff }, { DMK_PL_SP, 3, 2, 0xffff },
	{ DMK_PL_RAND, 1, 1, 0xff }, { DMK_PL_RANDR, 2, 1, 0xff },
	{ DMK_PL_IDR, 3, 2, 0xffff }, { DMK_PL_EXT, 2, 2, 0xffff },
};

static const struct length *length_of(const struct shape_payload *p)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lengths); i++)
		if (lengths[i].type == p->type && lengths[i].at + lengths[i].bytes <= p->len)
			return &lengths[i];
	return NULL;
}

/* the payload's variable field becomes @by bytes longer or, if it has them, shorter */
static u32 resize(u8 *data, u32 len, u32 room, const struct shape_payload *p, int by, u8 value)
{
	const struct length *l = length_of(p);
	u32 old, end, raw;
	u8 *at;

	if (!l)
		return len;
	at = data + p->at + l->at;
	raw = dmk_get_be(at, l->bytes);
	old = raw & l->mask;
	end = p->at + l->at + l->bytes + old;
	if (end > len || (int)old + by < 0 || (int)old + by > l->mask || len + by > room)
		return len;
	memmove(data + end + by, data + end, len - end);
	if (by > 0)
		memset(data + end, value, by);
	dmk_put_be(at, (raw & ~l->mask) | (old + by), l->bytes);
	return len + by;
}

/* ---- the chain */

/* where the type of the payload behind @p stands; SIGN has no such field */
static u8 *next_of(u8 *data, const struct shape_payload *p, bool first)
{
	if (first)
		return p->len > 2 ? data + p->at + 2 : NULL;
	return p->type == DMK_PL_SIGN || !p->len ? NULL : data + p->at;
}

static void link_chain(u8 *data, const struct shape *s)
{
	unsigned int i;
	u8 *next;

	for (i = 0; i < s->n; i++) {
		next = next_of(data, &s->payload[i], !i);
		if (next)
			*next = i + 1 < s->n ? s->payload[i + 1].type : DMK_PL_LAST;
	}
}

/* writes the payloads in the order of @s, from where they are in @data */
static u32 gather(u8 *data, u32 whole, u32 room, struct shape *s)
{
	u8 *old = fuzz_copy(data, whole);
	unsigned int i;
	u32 len = 0;

	for (i = 0; i < s->n && len + s->payload[i].len <= room; i++) {
		memcpy(data + len, old + s->payload[i].at, s->payload[i].len);
		s->payload[i].at = len;
		len += s->payload[i].len;
	}
	s->n = i;
	free(old);
	link_chain(data, s);
	return len;
}

static void drop(struct shape *s, unsigned int i)
{
	memmove(&s->payload[i], &s->payload[i + 1], (s->n - i - 1) * sizeof(*s->payload));
	s->n--;
}

static void repeat(struct shape *s, unsigned int i)
{
	if (s->n == SHAPE_PAYLOADS)
		return;
	memmove(&s->payload[i + 1], &s->payload[i], (s->n - i) * sizeof(*s->payload));
	s->n++;
}

static void swap(struct shape *s, unsigned int i, unsigned int j)
{
	struct shape_payload p = s->payload[i];

	s->payload[i] = s->payload[j];
	s->payload[j] = p;
}

/* ---- */

enum { SET, SET_TOO, GROW, SHRINK, DROP, REPEAT, SWAP, RETYPE, CUT, EDITS };

static u32 reorder(u8 *data, u32 len, u32 room, struct shape *s, const u8 edit[4])
{
	unsigned int i = edit[1] % s->n;

	switch (edit[0] % EDITS) {
	case DROP:
		drop(s, i);
		break;
	case REPEAT:
		repeat(s, i);
		break;
	case SWAP:
		swap(s, i, 1 + edit[2] % (s->n - 1));
		break;
	case RETYPE:
		s->payload[i].type = edit[2] % 24;
		break;
	}
	return gather(data, len, room, s);
}

u32 shape_edit(u8 *data, u32 len, u32 room, const u8 edit[4])
{
	u8 what = edit[0] % EDITS;
	struct shape_payload *p;
	unsigned int i;
	struct shape s;

	shape_read(&s, data, len);
	if (what == CUT)
		return len - edit[2] % (len + 1);
	if (s.n < 2)
		return len;
	i = edit[1] % s.n;
	p = &s.payload[i];
	if ((what == SET || what == SET_TOO) && p->len)
		data[p->at + edit[2] % p->len] = edit[3];
	if (what == GROW)
		return resize(data, len, room, p, edit[2] % 64 + 1, edit[3]);
	if (what == SHRINK)
		return resize(data, len, room, p, -(edit[2] % 64 + 1), 0);
	if (what >= DROP && i)
		return reorder(data, len, room, &s, edit);
	return len;
}
