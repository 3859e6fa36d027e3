// SPDX-License-Identifier: GPL-2.0
/* Records of a sensor's log: known bytes, and every way to spoil them. */
#include "ktap.h"
#include "record.h"

static const u8 bound[DMK_RECORD_BOUND_LEN] = { 0, 0, 0, 0, 0x12, 0x34, 0x56, 0x78 };
static const u8 seed[DMK_RECORD_SEED_LEN] = { 0x5e, 0xed };

static const struct dmk_record records[] = {
	{ DMK_RECORD_BOUND, 7, bound },
	{ DMK_RECORD_SEED, 0xfffffffe, seed },
};

/* computed with zlib.crc32() of Python */
static const u8 bound_bytes[] = {
	'L', 1, 1, 8, 0, 0, 0, 7, 0, 0, 0, 0, 0x12, 0x34, 0x56, 0x78, 0x14, 0x3c, 0x3b, 0xd9
};

static bool same(const struct dmk_record *a, const struct dmk_record *b, u32 len)
{
	return a->type == b->type && a->sequence == b->sequence &&
	       !memcmp(a->data, b->data, len);
}

static void test_bytes(void)
{
	u8 out[DMK_RECORD_MAX];

	ktap_ok(dmk_record_encode(&records[0], out) == sizeof(bound_bytes) &&
		!memcmp(out, bound_bytes, sizeof(bound_bytes)), "the bytes of a record");
}

static void test_again(const struct dmk_record *r)
{
	u8 out[DMK_RECORD_MAX + 4];
	struct dmk_record again;
	u32 len;

	memset(out, 0xff, sizeof(out));
	len = dmk_record_encode(r, out);
	ktap_ok(!(len % DMK_RECORD_STEP) && dmk_record_decode(out, len, &again) == len &&
		same(r, &again, len - DMK_RECORD_HEAD - 4), "type %u: again", r->type);
	ktap_ok(dmk_record_decode(out, sizeof(out), &again) == len,
		"type %u: more behind it", r->type);
}

static void test_cut(const struct dmk_record *r)
{
	u8 out[DMK_RECORD_MAX];
	u32 len = dmk_record_encode(r, out), cut;
	struct dmk_record again;
	bool good = true;

	for (cut = 0; cut < len; cut++) {
		u8 *copy = ktap_alloc(cut);

		memcpy(copy, out, cut);
		good &= !dmk_record_decode(copy, cut, &again);
		ktap_free(copy);
	}
	ktap_ok(good, "type %u: cut at every length", r->type);
}

/* CRC-32 finds every change within 32 bits in a row */
static void test_flip(const struct dmk_record *r)
{
	u8 out[DMK_RECORD_MAX], *copy;
	u32 len = dmk_record_encode(r, out), at, x;
	struct dmk_record again;
	bool good = true;

	copy = ktap_alloc(len);
	for (at = 0; at < len; at++)
		for (x = 1; x < 256; x++) {
			memcpy(copy, out, len);
			copy[at] ^= x;
			good &= !dmk_record_decode(copy, len, &again);
		}
	ktap_free(copy);
	ktap_ok(good, "type %u: each byte changed to each other value", r->type);
}

static void test_blank(u8 value)
{
	u8 blank[DMK_RECORD_MAX];
	struct dmk_record r;

	memset(blank, value, sizeof(blank));
	ktap_ok(!dmk_record_decode(blank, sizeof(blank), &r), "no record in bytes %02x", value);
}

/* whole, but of a type or length that there is not */
static void test_other(u32 at, u8 value, const char *name)
{
	u8 out[DMK_RECORD_MAX];
	u32 len = dmk_record_encode(&records[0], out), i, crc = 0xffffffff;
	struct dmk_record r;
	int bit;

	out[at] = value;
	for (i = 0; i < len - 4; i++)
		for (crc ^= out[i], bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	dmk_put_be(out + len - 4, ~crc, 4);
	ktap_ok(!dmk_record_decode(out, len, &r), "refused: %s", name);
}

static void record_test(void)
{
	unsigned int i;

	test_bytes();
	for (i = 0; i < ARRAY_SIZE(records); i++) {
		test_again(&records[i]);
		test_cut(&records[i]);
		test_flip(&records[i]);
	}
	test_blank(0x00);
	test_blank(0xff);
	test_other(0, 'M', "another magic");
	test_other(1, 2, "another version");
	test_other(2, 3, "another type");
	test_other(3, 4, "another length");
}

KTAP_MAIN(record_test)
