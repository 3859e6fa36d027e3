// SPDX-License-Identifier: GPL-2.0
#include <openssl/rand.h>

#include "provision.h"
#include "record.h"
#include "stamp.h"

/* the number of the first log's first record; in a later one they go on */
#define FIRST 1

struct scan {
	u32 sequence;		/* of the newest bound */
	u64 bound;
	u32 illegible;		/* words behind the last bound of a sector */
	bool seed, blank;
};

static void scan_sector(struct scan *s, const u8 *data, u32 size)
{
	static const u8 erased[DMK_RECORD_STEP] = { 0xff, 0xff, 0xff, 0xff };
	struct dmk_record r;
	u32 at, len, illegible = 0;

	for (at = 0; at < size; at += len ? len : DMK_RECORD_STEP) {
		len = dmk_record_decode(data + at, size - at, &r);
		if (!len && !memcmp(data + at, erased, sizeof(erased)))
			continue;
		s->blank = false;
		illegible += !len;
		s->seed |= len && r.type == DMK_RECORD_SEED;
		if (!len || r.type != DMK_RECORD_BOUND)
			continue;
		illegible = 0;
		if (r.sequence >= s->sequence) {
			s->sequence = r.sequence;
			s->bound = dmk_get_be(r.data, DMK_RECORD_BOUND_LEN);
		}
	}
	s->illegible += illegible;
}

/* what is illegible may have been a bound: as sensor-fw/store.c has it */
enum provision_log provision_log_read(const struct provision_board *b, const u8 *log,
				      struct provision_state *state)
{
	struct scan s = { .blank = true };

	scan_sector(&s, log, b->log_size);
	scan_sector(&s, log + b->log_size, b->log_size);
	state->counter = s.bound + s.illegible * DMK_STAMP_AHEAD_COUNTER;
	state->seed = s.seed;
	state->used = s.sequence > FIRST;
	if (s.blank)
		return PROVISION_LOG_EMPTY;
	return s.sequence ? PROVISION_LOG_GOOD : PROVISION_LOG_DAMAGED;
}

bool provision_log_make(const struct provision_board *b, u64 counter, bool used, u8 *log)
{
	u8 data[DMK_RECORD_SEED_LEN], raw[DMK_RECORD_MAX];
	struct dmk_record r = { DMK_RECORD_BOUND, FIRST + used, data };
	u32 len;

	memset(log, 0xff, 2 * b->log_size);
	dmk_put_be(data, counter, DMK_RECORD_BOUND_LEN);
	len = dmk_record_encode(&r, log);
	if (!b->seed)
		return true;
	if (RAND_priv_bytes(data, sizeof(data)) != 1)
		return provision_wrong("no random bytes");
	r = (struct dmk_record){ DMK_RECORD_SEED, FIRST + used + 1, data };
	memcpy(log + len, raw, dmk_record_encode(&r, raw));
	dmk_wipe(data, sizeof(data));
	dmk_wipe(raw, sizeof(raw));
	return true;
}
