// SPDX-License-Identifier: GPL-2.0
/*
 * kmod/thirdparty.c: T' never repeats, whatever the clock does. The file itself is part
 * of this one; of it only next_t() is linked, and what that calls.
 */
#define accept accept_i_tp	/* the C library has one, too */
#include "../../kmod/thirdparty.c"
#include "vector.h"

#define SECOND	(1ULL << 32)
#define SKEW	300
#define START	(3900000000ULL << 32)

static struct dmk_net dn;
static u64 now;
static u32 epoch;		/* of the last one */

u64 dmk_now_ntp(void) { return now; }

/* Return: whether the next one is the clock's */
static bool is_now(void)
{
	u64 t;

	epoch = next_t(&dn, &t);
	return t == now;
}

/* so many are drawn; whether each is above the one before, and of the same epoch */
static bool rises(unsigned int n)
{
	u64 t, before = dn.tp.last_t;

	while (n--) {
		if (next_t(&dn, &t) != epoch || t <= before)
			return false;
		before = t;
	}
	return true;
}

static void clock_test(void)
{
	u64 high;

	now = START;
	ktap_ok(is_now(), "the first is the clock's");
	ktap_ok(rises(1000), "the clock stands: each is above the one before");
	now += SECOND;
	ktap_ok(is_now(), "it goes on: the clock's again");
	now -= SECOND / 2;
	ktap_ok(rises(1000), "it is set back by half a second");
	high = dn.tp.last_t;
	now = high + 1000 - SKEW * SECOND;
	ktap_ok(rises(1000) && dn.tp.last_t == high + 1000, "and by the skew, but no more");
}

/* keys of before are void, and T' may begin again */
static void step_test(void)
{
	u32 before = epoch;

	now = dn.tp.last_t - SKEW * SECOND - 1;
	ktap_ok(is_now() && epoch != before, "by more than the skew: a new epoch, from now");
	ktap_ok(rises(1000), "in which each is above the one before");
	before = epoch;
	now += 1000 * SECOND;
	ktap_ok(is_now() && epoch == before, "a step on needs none");
	dmk_thirdparty_drop_keys(&dn);
	now -= SECOND;
	ktap_ok(!rises(1) && !is_now() && epoch != before && rises(1000),
		"keys are dropped: a new epoch, and T' goes on");
}

/* the sign of what is between the clock and T' */
static void era_test(void)
{
	now = ~0ULL - 10;
	is_now();
	now = 10;
	ktap_ok(is_now() && rises(1000), "and over the end of an era");
}

static void thirdparty_test(void)
{
	dn.skew = SKEW;
	spin_lock_init(&dn.tp.clock);
	clock_test();
	step_test();
	era_test();
}

KTAP_MAIN(thirdparty_test)
