// SPDX-License-Identifier: GPL-2.0
/*
 * core/slip.c and core/record.c: what a serial line and a flash may hold. Input:
 * the receiver's room and the encoder's, then bytes.
 */
#include "fuzz.h"
#include "record.h"
#include "slip.h"

/* what the line brings */
static void receive(const u8 *data, size_t len, u32 room)
{
	u8 *frame = malloc(room);
	struct dmk_slip s;
	size_t i;

	dmk_slip_init(&s, frame, room);
	for (i = 0; i < len; i++)
		must(dmk_slip_receive(&s, data[i]) <= room && s.len <= room);
	free(frame);
}

/* what goes out comes in again */
static void there_and_back(const u8 *data, u32 len, u32 room)
{
	u8 *frame = malloc(len), *out = malloc(room);
	u32 used, at, n, i;
	struct dmk_slip s;

	dmk_slip_init(&s, frame, len);
	for (at = 0; at < len; at += used) {
		n = dmk_slip_encode(data + at, len - at, &used, out, room);
		must(used && used <= len - at && n <= room);
		for (i = 0; i < n; i++)
			must(!dmk_slip_receive(&s, out[i]));
	}
	must(dmk_slip_receive(&s, DMK_SLIP_END) == len && !memcmp(frame, data, len));
	free(out);
	free(frame);
}

/* every place of a log */
static void records(const u8 *data, u32 len)
{
	u8 out[DMK_RECORD_MAX];
	struct dmk_record r;
	u32 at, n;

	for (at = 0; at < len; at++) {
		n = dmk_record_decode(data + at, len - at, &r);
		must(n <= len - at);
		if (n)
			must(dmk_record_encode(&r, out) == n && !memcmp(out, data + at, n));
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	u8 *copy;

	if (len < 3)
		return 0;
	copy = fuzz_copy(data + 2, len - 2);
	receive(copy, len - 2, data[0] + 1);
	there_and_back(copy, len - 2, data[1] % 64 + 2);
	records(copy, len - 2);
	free(copy);
	return 0;
}
