// SPDX-License-Identifier: GPL-2.0 OR MIT
/* One record of a sensor's log. */
#include "record.h"

enum {
	MAGIC = 'L',
	VERSION = 1,
	CRC_LEN = 4,
};

static u32 data_len(u8 type)
{
	switch (type) {
	case DMK_RECORD_BOUND:
		return DMK_RECORD_BOUND_LEN;
	case DMK_RECORD_SEED:
		return DMK_RECORD_SEED_LEN;
	}
	return 0;
}

/* bit by bit: records are few and short, a table takes 1 KiB */
u32 dmk_crc32(const u8 *p, u32 len)
{
	u32 crc = 0xffffffff;
	int bit;

	while (len--) {
		crc ^= *p++;
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

u32 dmk_record_encode(const struct dmk_record *r, u8 out[DMK_RECORD_MAX])
{
	u32 len = data_len(r->type), end = DMK_RECORD_HEAD + len;

	out[0] = MAGIC;
	out[1] = VERSION;
	out[2] = r->type;
	out[3] = len;
	dmk_put_be(out + 4, r->sequence, 4);
	memcpy(out + DMK_RECORD_HEAD, r->data, len);
	dmk_put_be(out + end, dmk_crc32(out, end), CRC_LEN);
	return end + CRC_LEN;
}

u32 dmk_record_decode(const u8 *in, u32 len, struct dmk_record *r)
{
	u32 data, end;

	if (len < DMK_RECORD_HEAD || in[0] != MAGIC || in[1] != VERSION)
		return 0;
	data = data_len(in[2]);
	end = DMK_RECORD_HEAD + data;
	if (!data || in[3] != data || len < end + CRC_LEN ||
	    dmk_get_be(in + end, CRC_LEN) != dmk_crc32(in, end))
		return 0;
	r->type = in[2];
	r->sequence = dmk_get_be(in + 4, 4);
	r->data = in + DMK_RECORD_HEAD;
	return end + CRC_LEN;
}
