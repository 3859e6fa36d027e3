// SPDX-License-Identifier: GPL-2.0
/*
 * The sensor's log on a flash that loses power at every half-word that is
 * programmed and in the middle of every erasure, that fails, and whose bits
 * change. Whatever happens: the bound of T is never below a T that may have
 * been used, no seed comes twice, and a log that was written is never empty.
 */
#define _GNU_SOURCE	/* memmem() */
#include <setjmp.h>

#include "crypto_openssl.h"
#include "ktap.h"
#include "record.h"
#include "sensor-fw/drv/flash.h"
#include "sensor-fw/store.h"

enum {
	CELLS = 512,		/* half-words of a sector at most */
	SEEDS_MAX = 512,
	STEP = 17,		/* of dmk_stamp_next() */
	NEVER = -1,
};

/* the flash, and what shall happen to it */
static struct flash {
	u16 cell[2][CELLS];
	u32 size;		/* bytes of a sector */
	long ops;		/* half-words and erasures so far */
	long cut_at;		/* power fails at this one */
	long fail_at;		/* this one fails, */
	long fail_until;	/* and all that follow before this one */
	long erase_cuts;
	jmp_buf power;
	bool twice;		/* a word was programmed that was not erased */
} flash;

/* what the world remembers of the sensor */
static struct world {
	u64 used;		/* no T above it was used */
	u8 seed[SEEDS_MAX][32];
	unsigned int seeds;
	bool back, again;	/* the bound went back; a seed came again */
	bool lost;		/* store_open() failed */
	bool stopped;		/* something else did */
} world;

static struct dmk_crypto *crypto;
static u32 dice_state;

static u32 dice(void)
{
	dice_state = dice_state * 1664525 + 1013904223;
	return dice_state >> 8;
}

/* ---- drv/flash.h */

u32 flash_log_size(void)
{
	return flash.size;
}

enum drv_status flash_read(enum flash_log log, u32 at, void *out, u32 len)
{
	if (at > flash.size || len > flash.size - at)
		abort();
	memcpy(out, (u8 *)flash.cell[log] + at, len);
	return DRV_OK;
}

/* a half-word is programmed not at all, in part, or wholly when power fails */
static u16 torn(u16 old, u16 value)
{
	switch (dice() % 3) {
	case 0:
		return old;
	case 1:
		return old & (value | dice());
	default:
		return old & value;
	}
}

static enum drv_status program(u16 *cell, u16 value)
{
	long op = ++flash.ops;

	flash.twice |= *cell != 0xffff && value;
	if (op == flash.cut_at) {
		*cell = torn(*cell, value);
		longjmp(flash.power, 1);
	}
	if (op >= flash.fail_at && op < flash.fail_until) {
		*cell = torn(*cell, value);
		return DRV_FAILED;
	}
	*cell &= value;
	return DRV_OK;
}

enum drv_status flash_program(enum flash_log log, u32 at, const void *data, u32 len)
{
	enum drv_status status = DRV_OK;
	u16 value;
	u32 i;

	if (at % FLASH_WORD || len % FLASH_WORD || at + len > flash.size)
		abort();
	for (i = 0; i < len && status == DRV_OK; i += 2) {
		memcpy(&value, (const u8 *)data + i, 2);
		status = program(&flash.cell[log][(at + i) / 2], value);
	}
	return status;
}

enum drv_status flash_zero(enum flash_log log, u32 at, u32 len)
{
	enum drv_status status = DRV_OK;
	u32 i;

	if (at % FLASH_WORD || len % FLASH_WORD || at + len > flash.size)
		abort();
	for (i = 0; i < len && status == DRV_OK; i += 2)
		status = program(&flash.cell[log][(at + i) / 2], 0);
	return status;
}

static void half_erase(u16 *cell)
{
	u32 i, kind = dice() % 4;

	for (i = 0; i < flash.size / 2; i++)
		switch (kind ? kind : dice() % 4) {
		case 1:
			cell[i] |= dice();
			break;
		case 2:
			cell[i] = dice();
			break;
		case 3:
			if (dice() & 1)
				cell[i] = 0xffff;
			break;
		}
}

enum drv_status flash_erase(enum flash_log log)
{
	long op = ++flash.ops;

	if (op == flash.cut_at) {
		flash.erase_cuts++;
		half_erase(flash.cell[log]);
		longjmp(flash.power, 1);
	}
	if (op >= flash.fail_at && op < flash.fail_until) {
		half_erase(flash.cell[log]);
		return DRV_FAILED;
	}
	memset(flash.cell[log], 0xff, flash.size);
	return DRV_OK;
}

/* ---- a sensor's life */

static void put_record(u8 log, u32 at, u8 type, u32 sequence, const u8 *data)
{
	const struct dmk_record r = { type, sequence, data };
	u8 raw[DMK_RECORD_MAX];
	u32 len = dmk_record_encode(&r, raw);

	memcpy((u8 *)flash.cell[log] + at, raw, len);
}

/* as dmikey-provision leaves it */
static void provision(u32 size, bool with_seed)
{
	const u8 bound[8] = { 0 };
	u8 seed[32];

	memset(seed, 0x5e, sizeof(seed));
	memset(&flash, 0, sizeof(flash));
	memset(&world, 0, sizeof(world));
	memset(flash.cell, 0xff, sizeof(flash.cell));
	flash.size = size;
	flash.cut_at = flash.fail_until = NEVER;
	put_record(FLASH_LOG_A, 0, DMK_RECORD_BOUND, 1, bound);
	if (with_seed)
		put_record(FLASH_LOG_A, 20, DMK_RECORD_SEED, 2, seed);
}

static void take_seed(const u8 seed[32])
{
	unsigned int i;

	for (i = 0; i < world.seeds; i++)
		world.again |= !memcmp(world.seed[i], seed, 32);
	if (world.seeds == SEEDS_MAX)
		abort();
	memcpy(world.seed[world.seeds++], seed, 32);
}

/* from power on to a calm end; false when the sensor would have stopped */
static bool boot(bool with_seed, unsigned int puts)
{
	struct store s;
	u8 seed[32];

	if (store_open(&s) != STORE_OK) {
		world.lost = true;
		return false;
	}
	world.back |= s.bound < world.used;
	if (with_seed) {
		if (store_seed(&s, crypto, seed) != STORE_OK) {
			world.stopped = true;
			return false;
		}
		take_seed(seed);
	}
	while (puts--) {
		u64 bound = s.bound + STEP;

		if (store_put_bound(&s, bound))
			world.stopped = true;
		else
			world.used = bound;
	}
	return true;
}

/* boots until power fails; true if it did */
static bool live(bool with_seed, unsigned int boots)
{
	unsigned int i;

	if (setjmp(flash.power)) {
		flash.cut_at = NEVER;
		return true;
	}
	for (i = 0; i < boots; i++)
		boot(with_seed, (world.seeds + i) % 5);
	return false;
}

static bool well(void)
{
	return !world.back && !world.again && !world.lost && !flash.twice;
}

static void complain(long at)
{
	ktap_diag("at %ld:%s%s%s%s%s", at, world.back ? " the bound went back" : "",
		  world.again ? " a seed came again" : "", world.lost ? " the log was lost" : "",
		  flash.twice ? " a word was programmed twice" : "",
		  world.stopped ? " it did not go on" : "");
}

/* ---- tests */

static long count_ops(u32 size, bool with_seed, unsigned int boots)
{
	provision(size, with_seed);
	live(with_seed, boots);
	return flash.ops;
}

/* one cut at each place, and a life afterwards */
static void test_each_cut(u32 size, bool with_seed, unsigned int boots)
{
	long all = count_ops(size, with_seed, boots), at, cuts = 0, erase_cuts = 0;
	bool good = true;

	for (at = 1; good && at <= all; at++) {
		provision(size, with_seed);
		flash.cut_at = at;
		dice_state = at;
		cuts += live(with_seed, boots);
		live(with_seed, 12);
		erase_cuts += flash.erase_cuts;
		good = well() && !world.stopped;
	}
	if (!good)
		complain(at - 1);
	ktap_ok(good && cuts == all && erase_cuts > 3,
		"%u bytes%s: power cut at each of %ld operations, %ld of them erasures", size,
		with_seed ? " with seed" : "", cuts, erase_cuts);
}

/* cuts shortly after one another: in what makes the one before good */
static void test_cut_again(u32 size, bool with_seed)
{
	long cuts = 0;
	bool good = true;
	unsigned int run, i;

	for (run = 0; good && run < 1500; run++) {
		provision(size, with_seed);
		dice_state = run;
		flash.cut_at = dice() % 900 + 1;
		for (i = 0; i < 12; i++) {
			cuts += live(with_seed, 30);
			flash.cut_at = flash.ops + 1 + dice() % (i & 1 ? 200 : 20);
		}
		flash.cut_at = NEVER;
		live(with_seed, 8);
		good = well() && !world.stopped;
	}
	if (!good)
		complain(run - 1);
	ktap_ok(good && cuts > 15000, "%u bytes%s: %ld power cuts shortly after one another", size,
		with_seed ? " with seed" : "", cuts);
}

/* one bit changes while the sensor is off; it may stop, but not go back */
static void test_each_bit(u32 size, bool with_seed, unsigned int boots)
{
	static struct flash old_flash;
	static struct world old_world;
	unsigned int bit, stopped = 0, tried = 0;
	bool good = true;

	provision(size, with_seed);
	live(with_seed, boots);
	old_flash = flash;
	old_world = world;
	for (bit = 0; good && bit < 2 * size * 8; bit++) {
		flash = old_flash;
		world = old_world;
		((u8 *)flash.cell[bit / 8 / size])[bit / 8 % size] ^= 1 << bit % 8;
		flash.twice = false;
		live(with_seed, 12);
		stopped += world.lost;
		tried++;
		good = !world.back && !world.again && !flash.twice;
	}
	if (!good)
		complain(bit - 1);
	ktap_ok(good && tried == 2 * size * 8 && !stopped,
		"%u bytes%s: after %u boots, each of %u bits changed", size,
		with_seed ? " with seed" : "", boots, tried);
}

/* one operation fails, or many in a row do; the sensor goes on */
static void test_each_failure(u32 size, bool with_seed, long failures)
{
	long all = count_ops(size, with_seed, 60), at;
	unsigned int seeds;
	bool good = true;

	for (at = 1; good && at <= all; at++) {
		provision(size, with_seed);
		dice_state = at;
		flash.fail_at = at;
		flash.fail_until = at + failures;
		live(with_seed, 60);
		flash.fail_until = NEVER;
		seeds = world.seeds;
		live(with_seed, 3);
		good = well() && world.seeds == seeds + (with_seed ? 3 : 0);
	}
	if (!good)
		complain(at - 1);
	ktap_ok(good && all > 1000, "%u bytes%s: %ld failures from each of %ld operations on", size,
		with_seed ? " with seed" : "", failures, all);
}

/* the same start goes on as soon as the flash works again */
static void test_failure_passes(void)
{
	struct store s;
	unsigned int i, failed = 0, good = 0;

	provision(256, true);
	store_open(&s);
	for (i = 0; i < 400; i++) {
		flash.fail_at = flash.ops + 1 + i / 4 % 40;
		flash.fail_until = i % 4 ? NEVER : flash.fail_at + 1;
		if (store_put_bound(&s, s.bound + STEP))
			failed++;
		else
			good++;
	}
	ktap_ok(failed > 20 && good > 300 && !flash.twice,
		"%u of 400 bounds are not written, and the next ones are", failed);
}

static void test_dead_flash(void)
{
	struct store s;
	u8 seed[32];

	provision(1024, true);
	flash.fail_at = 1;
	flash.fail_until = 1000000;
	ktap_ok(!store_open(&s) && store_put_bound(&s, STEP) < 0 &&
		store_seed(&s, crypto, seed) == STORE_FLASH && !s.bound,
		"a dead flash: no bound, no seed");
}

static void test_order(void)
{
	struct store s;

	provision(1024, false);
	ktap_ok(!store_open(&s) && !store_put_bound(&s, 100) && store_put_bound(&s, 100) < 0 &&
		store_put_bound(&s, 99) < 0 && !store_put_bound(&s, 101),
		"a bound that is not greater is refused");
	ktap_ok(store_seed(&s, crypto, (u8[32]){ 0 }) == STORE_NO_SEED, "no seed, none given");
}

/* ---- logs that are none */

static void test_status(const char *name, enum store_status want)
{
	struct store s;
	enum store_status got = store_open(&s);

	ktap_ok(got == want, "%s: %s", name, store_name(got));
}

static void test_no_log(void)
{
	const u8 seed[32] = { 1 };
	unsigned int bit, i;
	bool good = true;
	struct store s;

	provision(1024, false);
	memset(flash.cell, 0xff, sizeof(flash.cell));
	test_status("all erased", STORE_EMPTY);
	for (bit = 0; bit < 2 * 1024 * 8; bit++) {
		((u8 *)flash.cell)[bit / 8] ^= 1 << bit % 8;
		good &= store_open(&s) == STORE_DAMAGED;
		((u8 *)flash.cell)[bit / 8] ^= 1 << bit % 8;
	}
	ktap_ok(good, "erased but for any one bit: damaged");
	put_record(FLASH_LOG_B, 0, DMK_RECORD_SEED, 1, seed);
	test_status("a seed alone", STORE_DAMAGED);
	memset(flash.cell, 0, sizeof(flash.cell));
	test_status("all zeros", STORE_DAMAGED);
	for (i = 0; i < sizeof(flash.cell); i++)
		((u8 *)flash.cell)[i] = dice();
	test_status("noise", STORE_DAMAGED);
}

/* ---- secrets do not stay */

static bool in_flash(const u8 *what, u32 len)
{
	return memmem(flash.cell, sizeof(flash.cell), what, len);
}

/* the seed of the next start is there; after that start nothing of it is */
static bool seed_goes(void)
{
	struct store s;
	bool good;
	u8 old[32];
	unsigned int i;

	store_open(&s);
	flash_read(s.seed_log, s.seed_at + DMK_RECORD_HEAD, old, 32);
	good = in_flash(old, 32);
	good &= boot(true, 0);
	for (i = 0; i <= 24; i++)
		good &= !in_flash(old + i, 8);
	return good;
}

/* no 8 bytes in a row of a seed that was used are left: neither of that which was
 * in use when power failed, nor of the one that was being written
 */
static void test_zeroed(void)
{
	long at, all = count_ops(256, true, 3);
	bool good = true;

	for (at = 1; at <= all; at++) {
		provision(256, true);
		flash.cut_at = at;
		dice_state = at;
		live(true, 3);
		good &= seed_goes() && seed_goes();
	}
	ktap_ok(good && all > 100, "nothing of a seed stays once it is used");
}

/* the counter lasts: a calm life moves it by no more than what is stored */
static void test_thrift(void)
{
	u64 bound;
	struct store s;
	unsigned int i;

	provision(1024, false);
	store_open(&s);
	flash.cut_at = 25;	/* in the third bound */
	live(false, 10);
	store_open(&s);
	bound = s.bound;
	ktap_ok(bound > world.used && bound <= world.used + 5 * 16,
		"a torn record moves the bound by %llu", (unsigned long long)(bound - world.used));
	for (i = 0; i < 5; i++)
		store_put_bound(&s, s.bound + STEP);
	store_open(&s);
	ktap_ok(s.bound == bound + 5 * STEP, "and does so once");
}

static void store_test(void)
{
	crypto = dmk_crypto_openssl_new();
	test_each_cut(256, true, 60);
	test_each_cut(256, false, 150);
	test_each_cut(1024, true, 45);
	test_cut_again(256, true);
	test_cut_again(256, false);
	test_each_bit(256, true, 3);
	test_each_bit(256, true, 17);
	test_each_bit(256, true, 18);
	test_each_bit(256, false, 30);
	test_each_bit(1024, true, 20);
	test_each_failure(256, true, 1);
	test_each_failure(256, true, 100);
	test_each_failure(256, false, 1);
	test_failure_passes();
	test_dead_flash();
	test_order();
	test_no_log();
	test_zeroed();
	test_thrift();
	dmk_crypto_openssl_free(crypto);
}

KTAP_MAIN(store_test)
