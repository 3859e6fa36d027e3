// SPDX-License-Identifier: GPL-2.0
/*
 * The log. Its sector in use is the one that has the newest bound. When that is
 * full the other one is erased and gets the newest seed, then the newest
 * bound, and with the latter becomes the sector in use: at no time is the only
 * copy of either in the sector that is being erased.
 *
 * Words that are neither erased nor part of a whole record were a record when
 * the power failed, or before they were damaged. They may have been a bound, so
 * they count as one: see skipped().
 */
#include "store.h"
#include "drv/flash.h"
#include "record.h"
#include "stamp.h"

#define ERASED 0xffffffff

/* what begins at one place of the log */
struct place {
	u8 raw[DMK_RECORD_MAX];		/* may hold a seed */
	struct dmk_record record;	/* valid if @len is not 0 */
	u32 len;			/* of the record */
	u32 word;			/* the first 4 bytes */
};

static bool look(u8 log, u32 at, struct place *p)
{
	u32 room = flash_log_size() - at;

	if (room > sizeof(p->raw))
		room = sizeof(p->raw);
	if (flash_read(log, at, p->raw, room) != DRV_OK)
		return false;
	p->len = dmk_record_decode(p->raw, room, &p->record);
	memcpy(&p->word, p->raw, sizeof(p->word));
	return true;
}

static u32 step(const struct place *p)
{
	return p->len ? p->len : DMK_RECORD_STEP;
}

/* ---- finding */

/**
 * struct finding - what store_open() has seen so far
 * @bound_sequence: of the newest bound, 0 before there is one
 * @end: of what was written to the sector that is being read
 * @lost: words that may have been bounds behind the last bound of each sector
 * @blank: all words are erased
 */
struct finding {
	u32 bound_sequence;
	u32 end;
	u32 lost[2];
	bool blank;
};

static void find_bound(struct store *s, struct finding *f, u8 log, const struct dmk_record *r)
{
	f->lost[log] = 0;
	if (r->sequence < f->bound_sequence)
		return;
	f->bound_sequence = r->sequence;
	s->bound = dmk_get_be(r->data, DMK_RECORD_BOUND_LEN);
	s->log = log;
}

static void seed_is(struct store *s, u8 log, u32 at, u32 sequence)
{
	s->has_seed = true;
	s->seed_sequence = sequence;
	s->seed_log = log;
	s->seed_at = at;
}

static void find(struct store *s, struct finding *f, u8 log, u32 at, const struct place *p)
{
	if (!p->len && p->word == ERASED)
		return;
	f->blank = false;
	f->end = at + step(p);
	if (!p->len) {
		f->lost[log]++;
		return;
	}
	if (p->record.sequence > s->sequence)
		s->sequence = p->record.sequence;
	if (p->record.type == DMK_RECORD_BOUND)
		find_bound(s, f, log, &p->record);
	else if (p->record.sequence >= s->seed_sequence)
		seed_is(s, log, at, p->record.sequence);
}

static bool find_all(struct store *s, struct finding *f, u8 log)
{
	struct place p;
	bool good = true;
	u32 at;

	f->end = 0;
	for (at = 0; good && at < flash_log_size(); at += step(&p)) {
		good = look(log, at, &p);
		if (good)
			find(s, f, log, at, &p);
	}
	dmk_wipe(&p, sizeof(p));
	return good;
}

/* T may have gone so far above the newest bound that is legible */
static u64 skipped(const struct finding *f)
{
	return (u64)(f->lost[FLASH_LOG_A] + f->lost[FLASH_LOG_B]) * DMK_STAMP_AHEAD_COUNTER;
}

enum store_status store_open(struct store *s)
{
	struct finding f = { .blank = true };
	u32 end[2];
	u8 log;

	memset(s, 0, sizeof(*s));
	for (log = FLASH_LOG_A; log <= FLASH_LOG_B; log++) {
		if (!find_all(s, &f, log))
			return STORE_FLASH;
		end[log] = f.end;
	}
	if (f.blank)
		return STORE_EMPTY;
	if (!f.bound_sequence)
		return STORE_DAMAGED;
	s->at = end[s->log];
	s->bound += skipped(&f);
	return STORE_OK;
}

/* ---- writing */

/* A place that failed is not tried again, nor is a number. */
static bool append(struct store *s, u8 log, u32 *at, u8 type, const u8 *data)
{
	struct dmk_record r = { .type = type, .sequence = ++s->sequence, .data = data };
	u8 raw[DMK_RECORD_MAX];
	u32 len = dmk_record_encode(&r, raw);
	bool good = flash_program(log, *at, raw, len) == DRV_OK;

	dmk_wipe(raw, sizeof(raw));
	*at += len;
	return good;
}

static bool append_bound(struct store *s, u8 log, u32 *at, u64 bound)
{
	u8 data[DMK_RECORD_BOUND_LEN];

	dmk_put_be(data, bound, sizeof(data));
	return append(s, log, at, DMK_RECORD_BOUND, data);
}

/* The seed is read first: its newest copy may be in the sector that is erased,
 * when power failed between that copy and the bound.
 */
static bool succeed(struct store *s, u8 other, struct place *seed)
{
	u32 at = 0, copy = 0;

	if (s->has_seed && (!look(s->seed_log, s->seed_at, seed) || !seed->len))
		return false;
	if (flash_erase(other) != DRV_OK)
		return false;
	if (s->has_seed) {
		if (!append(s, other, &at, DMK_RECORD_SEED, seed->record.data))
			return false;
		copy = s->sequence;
	}
	if (!append_bound(s, other, &at, s->bound))
		return false;
	if (s->has_seed)
		seed_is(s, other, 0, copy);
	s->log = other;
	s->at = at;
	return true;
}

static bool make_room(struct store *s)
{
	struct place seed;
	bool good;

	if (s->at + DMK_RECORD_MAX <= flash_log_size())
		return true;
	good = succeed(s, s->log == FLASH_LOG_A ? FLASH_LOG_B : FLASH_LOG_A, &seed);
	dmk_wipe(&seed, sizeof(seed));
	return good;
}

int store_put_bound(void *store, u64 bound)
{
	struct store *s = store;

	if (bound <= s->bound || !make_room(s) || !append_bound(s, s->log, &s->at, bound))
		return -1;
	s->bound = bound;
	return 0;
}

/* ---- seeds */

static int derive(struct dmk_crypto *c, const char *label, const u8 *seed, u8 out[32])
{
	const struct dmk_span in[] = {
		DMK_SPAN(label, strlen(label)),
		DMK_SPAN(seed, DMK_RECORD_SEED_LEN),
	};

	return dmk_sha256(c, in, ARRAY_SIZE(in), out);
}

/* bounds and the newest seed stay; all else may be an old seed, or part of one */
static bool to_be_zeroed(const struct store *s, const struct place *p)
{
	if (p->len)
		return p->record.type == DMK_RECORD_SEED &&
		       p->record.sequence != s->seed_sequence;
	return p->word && p->word != ERASED;
}

static bool zero_old(const struct store *s, u8 log)
{
	struct place p;
	bool good = true;
	u32 at;

	for (at = 0; good && at < flash_log_size(); at += step(&p)) {
		good = look(log, at, &p);
		if (good && to_be_zeroed(s, &p))
			good = flash_zero(log, at, step(&p)) == DRV_OK;
	}
	dmk_wipe(&p, sizeof(p));
	return good;
}

static enum store_status replace_seed(struct store *s, const u8 next[32])
{
	u32 at;

	if (!make_room(s))
		return STORE_FLASH;
	at = s->at;
	if (!append(s, s->log, &s->at, DMK_RECORD_SEED, next))
		return STORE_FLASH;
	seed_is(s, s->log, at, s->sequence);
	return zero_old(s, FLASH_LOG_A) && zero_old(s, FLASH_LOG_B) ? STORE_OK : STORE_FLASH;
}

enum store_status store_seed(struct store *s, struct dmk_crypto *c, u8 seed[32])
{
	enum store_status status;
	struct place p;
	u8 next[32];

	if (!s->has_seed)
		return STORE_NO_SEED;
	if (!look(s->seed_log, s->seed_at, &p) || !p.len)
		status = STORE_FLASH;
	else if (derive(c, "dmikey seed: this start", p.record.data, seed) ||
		 derive(c, "dmikey seed: next start", p.record.data, next))
		status = STORE_CRYPTO;
	else
		status = replace_seed(s, next);
	if (status)
		dmk_wipe(seed, 32);
	dmk_wipe(&p, sizeof(p));
	dmk_wipe(next, sizeof(next));
	return status;
}

const char *store_name(enum store_status s)
{
	switch (s) {
	case STORE_OK:
		return "log is good";
	case STORE_EMPTY:
		return "log is empty: provision";
	case STORE_DAMAGED:
		return "log is damaged: provision anew";
	case STORE_FLASH:
		return "flash fails: replace the board";
	case STORE_NO_SEED:
		return "no seed in the log: provision anew";
	case STORE_CRYPTO:
		return "SHA-256 failed";
	}
	return "";
}
