// SPDX-License-Identifier: GPL-2.0
#include "senml.h"

/* RFC 8949 3.1 */
enum major {
	UNSIGNED,
	NEGATIVE,
	BYTES,
	TEXT,
	ARRAY,
	MAP,
	TAG,
};

/* RFC 8428 6, table 4; the base values' labels are negative */
enum label {
	LABEL_BT = -3,
	LABEL_BN = -2,
	LABEL_N = 0,
	LABEL_U = 1,
	LABEL_V = 2,
};

enum {
	TAG_DECIMAL = 4,	/* RFC 8949 3.4.4 */
	RECORDS = 7,
	FIELDS = 3,		/* n, u, v */
	BASES = 2,		/* bn, bt */
};

/* the shortest form */
static void put_head(struct out *o, enum major major, u32 value)
{
	u32 bytes = value < 24 ? 0 : value < 0x100 ? 1 : value < 0x10000 ? 2 : 4;
	static const u8 info[] = { [1] = 24, [2] = 25, [4] = 26 };

	out_put(o, major << 5 | (bytes ? info[bytes] : value));
	while (bytes--)
		out_put(o, value >> 8 * bytes);
}

static void put_int(struct out *o, bool negative, u32 size)
{
	if (negative && size)
		put_head(o, NEGATIVE, size - 1);
	else
		put_head(o, UNSIGNED, size);
}

static void put_text(struct out *o, const char *text)
{
	u32 len = 0;

	while (text[len])
		len++;
	put_head(o, TEXT, len);
	while (*text)
		out_put(o, *text++);
}

/* RFC 8428 4.5.1 */
static char name_char(u8 c)
{
	bool letter = (u8)((c | 0x20) - 'a') < 26;

	return letter || (c >= '-' && c <= ':') ? c : '_';
}

static void put_name(struct out *o, struct dmk_span name)
{
	u32 i;

	put_head(o, TEXT, name.len + 1);
	for (i = 0; i < name.len; i++)
		out_put(o, name_char(name.data[i]));
	out_put(o, ':');
}

/* for all records from the first on */
static void put_bases(struct out *o, const struct senml *s)
{
	put_int(o, true, -LABEL_BN);
	put_name(o, s->name);
	put_int(o, true, -LABEL_BT);
	put_int(o, true, s->age);
}

/* value * 10^-@digits */
static void put_value(struct out *o, u32 value, u32 digits)
{
	if (digits) {
		put_head(o, TAG, TAG_DECIMAL);
		put_head(o, ARRAY, 2);
		put_int(o, true, digits);
	}
	put_int(o, false, value);
}

/**
 * struct quantity - what is the same in each pack
 * @name: name
 * @unit: unit
 * @digits: of the value, behind the point
 */
struct quantity {
	char name[10];
	char unit[9];
	u8 digits;
};

static void put_fields(struct out *o, const struct quantity *q, u32 value)
{
	put_int(o, false, LABEL_N);
	put_text(o, q->name);
	put_int(o, false, LABEL_U);
	put_text(o, q->unit);
	put_int(o, false, LABEL_V);
	put_value(o, value, q->digits);
}

/* 1 mmHg is 133.322 Pa */
static u32 pascal(u16 mmhg)
{
	return mmhg * 133 + (mmhg * 322u + 500) / 1000;
}

void senml_put(struct out *o, const struct senml *s)
{
	static const struct quantity quantities[RECORDS] = {
		{ "seq", "count", 0 },
		{ "pulse", "beat/min", 0 },
		{ "spo2", "/", 2 },
		{ "systolic", "Pa", 0 },
		{ "diastolic", "Pa", 0 },
		{ "temp", "Cel", 1 },
		{ "glucose", "kg/m3", 2 },
	};
	const struct vitals *v = s->v;
	const u32 values[RECORDS] = {
		s->number, v->heart_rate, v->spo2, pascal(v->systolic),
		pascal(v->diastolic), v->temperature, v->glucose,
	};
	u32 i;

	put_head(o, ARRAY, RECORDS);
	for (i = 0; i < RECORDS; i++) {
		put_head(o, MAP, i ? FIELDS : BASES + FIELDS);
		if (!i)
			put_bases(o, s);
		put_fields(o, &quantities[i], values[i]);
	}
}
