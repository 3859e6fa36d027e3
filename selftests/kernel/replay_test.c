// SPDX-License-Identifier: GPL-2.0
/*
 * kmod/replay.c: what was seen stays seen for its time; answers, quotas. The
 * file itself is part of this one, so that a test can turn an entry's clock.
 * And kmod/queue.h: by what a message is known.
 */
#include "../kmod/replay.c"
#include "queue.h"
#include "suite.h"
#include "vector.h"

struct workqueue_struct *dmk_wq;	/* the module's own is in main.c */

static struct dmk_replay r;
static struct dmk_answer *got[DMK_REPLAY_ANSWERS];

static enum dmk_reason add(u32 i, u64 sender, int seconds)
{
	return dmk_replay_add(&r, i, sender, DMK_REPLAY_SENSOR, 0,
			      ktime_get_boottime_seconds() + seconds);
}

static enum dmk_repeat seen(u32 i)
{
	enum dmk_repeat what = dmk_replay_seen(&r, i, got);

	if (what == DMK_REPEAT_ANSWER) {
		dmk_answer_put(got[0]);
		dmk_answer_put(got[1]);
	}
	return what;
}

static void second_passes(u32 i)
{
	struct entry *e = rhashtable_lookup_fast(&r.table, &(u64){ i }, entry_params);

	if (e)
		e->last -= HZ;
}

static void answer(u32 i, unsigned int slot, const char *text)
{
	struct dmk_addr to = { .port = htons(2269) };
	struct dmk_answer *a = dmk_answer_new(&to, text, strlen(text), GFP_KERNEL);

	if (a)
		dmk_replay_answer(&r, i, slot, a, true);
	dmk_answer_put(a);
}

static void seen_test(void)
{
	ktap_ok(seen(1) == DMK_REPEAT_NEW, "never seen");
	ktap_ok(add(1, 1, 300) == DMK_OK, "added");
	ktap_ok(seen(1) == DMK_REPEAT_DROP, "seen, no answer yet");
	ktap_ok(add(1, 1, 300) == DMK_REASON_REPEATED, "not added twice");
	ktap_ok(add(1, 2, 300) == DMK_REASON_REPEATED, "not added twice, by another sender");
	ktap_ok(r.count == 1, "one entry");
	ktap_ok(seen(2) == DMK_REPEAT_NEW, "another message");
	answer(2, 0, "nobody's");
	ktap_ok(seen(2) == DMK_REPEAT_NEW, "an answer adds no message");
}

static void answer_test(void)
{
	unsigned int n = 0;

	answer(1, 0, "R_TP");
	ktap_ok(dmk_replay_seen(&r, 1, got) == DMK_REPEAT_ANSWER && got[0] && !got[1] &&
		got[0]->len == 4 && !memcmp(got[0]->data, "R_TP", 4) &&
		got[0]->to.port == htons(2269), "the stored answer, and where it goes");
	dmk_answer_put(got[0]);
	ktap_ok(seen(1) == DMK_REPEAT_DROP, "once a second");
	second_passes(1);
	answer(1, 1, "R_I");
	ktap_ok(dmk_replay_seen(&r, 1, got) == DMK_REPEAT_ANSWER && got[0] && got[1],
		"both answers");
	answer(1, 1, "new R_I");
	ktap_ok(got[1] && got[1]->len == 3, "an answer that is held does not change");
	dmk_answer_put(got[0]);
	dmk_answer_put(got[1]);
	for (n = 2; n < 100; n++) {
		second_passes(1);
		if (seen(1) != DMK_REPEAT_ANSWER)
			break;
	}
	ktap_ok(n == DMK_ANSWER_REPEATS, "%u times", n);
	second_passes(1);
	ktap_ok(seen(1) == DMK_REPEAT_DROP, "and no more");
}

static void undo_test(void)
{
	u32 count = r.count;

	add(4, 1, 300);
	answer(4, 0, "never sent");
	dmk_replay_undo(&r, 4);
	dmk_replay_undo(&r, 4);
	ktap_ok(seen(4) == DMK_REPEAT_NEW && r.count == count, "undone: it may come again");
	ktap_ok(add(4, 1, 300) == DMK_OK, "and is added again");
	dmk_replay_undo(&r, 4);
}

static void expire_all(void)
{
	mod_delayed_work(system_wq, &r.expire, 0);
	flush_delayed_work(&r.expire);
}

/* the entries of an earlier end go first, whatever the order they came in */
static void expire_test(void)
{
	add(10, 1, 300);
	add(11, 1, -1);
	add(12, 1, 200);
	add(13, 3, -1);
	answer(11, 0, "gone");
	ktap_ok(r.count == 5 && seen(11) == DMK_REPEAT_ANSWER, "before the work ran");
	expire_all();
	ktap_ok(r.count == 3, "two have gone");
	ktap_ok(seen(11) == DMK_REPEAT_NEW && seen(13) == DMK_REPEAT_NEW, "those whose time has passed");
	ktap_ok(seen(10) == DMK_REPEAT_DROP && seen(12) == DMK_REPEAT_DROP, "and no others");
	ktap_ok(delayed_work_pending(&r.expire), "the work comes again");
	ktap_ok(add(11, 1, 300) == DMK_OK, "a forgotten message is new");
}

static void timed(u32 i, u64 t, int seconds)
{
	dmk_replay_add(&r, i, 1, DMK_REPLAY_SENSOR, t, ktime_get_boottime_seconds() + seconds);
}

/* the highest T of those that have gone, over the end of an era as well */
static void forgotten_test(void)
{
	u32 count = r.count;

	timed(20, 1ULL << 63, 300);
	timed(21, 7ULL << 32, -1);
	timed(22, 9ULL << 32, -1);
	timed(23, 8ULL << 32, -1);
	ktap_ok(!r.forgotten, "nothing that had a T is forgotten");
	expire_all();
	ktap_ok(r.forgotten == 9ULL << 32, "the highest T of what is forgotten");
	dmk_replay_undo(&r, 20);
	ktap_ok(r.forgotten == 9ULL << 32, "what may come again is not forgotten");
	add(24, 1, -1);
	timed(25, 0ULL - 5, -1);
	expire_all();
	ktap_ok(r.forgotten == 9ULL << 32, "no T, and one of the era before");
	ktap_ok(r.count == count, "nothing is left");
}

static void expire_first(void)
{
	rb_entry(rb_first_cached(&r.order), struct entry, order)->until = 0;
	expire_all();
}

static void quota_test(void)
{
	unsigned int i, bad = 0;

	for (i = 0; i < DMK_REPLAY_SENSOR; i++) {
		bad += add(i, 99, 300) != DMK_OK;
		cond_resched();
	}
	ktap_ok(!bad, "%u messages of one sender", i);
	ktap_ok(add(i, 99, 300) == DMK_REASON_REPLAY_FULL, "and no more: its quota");
	ktap_ok(seen(i) == DMK_REPEAT_NEW, "what was refused is not remembered");
	ktap_ok(add(i, 98, 300) == DMK_OK, "another sender has its own");
	ktap_ok(r.count == DMK_REPLAY_SENSOR + 1 && seen(0) == DMK_REPEAT_DROP,
		"nothing is evicted");
	expire_first();
	ktap_ok(add(++i, 99, 300) == DMK_OK, "one has expired: room for one");
	ktap_ok(add(++i, 99, 300) == DMK_REASON_REPLAY_FULL, "and no more");

	ktap_ok(dmk_replay_add(&r, ++i, 98, 1, 0, ktime_get_boottime_seconds()) ==
		DMK_REASON_REPLAY_FULL, "a quota of one, and it has one");

	r.count = DMK_REPLAY_MAX;
	ktap_ok(add(++i, 97, 300) == DMK_REASON_REPLAY_FULL, "all senders together");
	r.count = DMK_REPLAY_SENSOR + 1;
}

/* until one is refused; its messages are @first and those behind */
static unsigned int fill(u32 first, u64 sender)
{
	unsigned int n = 0;

	while (add(first + n, sender, 300) == DMK_OK)
		n++;
	return n;
}

/* of the last 1000: each takes half of what it finds */
static void share_test(void)
{
	u32 taken = DMK_REPLAY_MAX - 1000 - r.count;

	r.count += taken;
	ktap_ok(fill(100000, 50) == 500, "one sender leaves as many as it has");
	ktap_ok(fill(200000, 51) == 250, "the next as well");
	ktap_ok(fill(300000, 52) == 125, "and the next");
	ktap_ok(add(100500, 50, 300) == DMK_REASON_REPLAY_FULL, "who has more gets no more");
	r.count -= taken;
	ktap_ok(add(100500, 50, 300) == DMK_OK, "when there is room: again");
}

/* any bit, and the length; nobody who does not know the secret can tell it */
static void hash_test(void)
{
	static struct dmk_queue q, other;
	static struct dmk_message m;
	unsigned int i, same = 0;
	u8 data[100] = { };
	u64 hash;

	get_random_bytes(&q.secret, sizeof(q.secret));
	get_random_bytes(&other.secret, sizeof(other.secret));
	m.raw = DMK_SPAN(data, sizeof(data));
	hash = dmk_queue_hash(&q, &m);
	ktap_ok(dmk_queue_hash(&q, &m) == hash, "a repetition has the same hash");
	for (i = 0; i < 8 * sizeof(data); i++) {
		data[i / 8] ^= 1 << i % 8;
		same += dmk_queue_hash(&q, &m) == hash;
		data[i / 8] ^= 1 << i % 8;
	}
	ktap_ok(!same, "one that differs in a bit has another");
	ktap_ok(dmk_queue_hash(&other, &m) != hash, "under another secret all have");
	m.raw.len--;
	ktap_ok(dmk_queue_hash(&q, &m) != hash, "so has one that is shorter");
}

static void tables_test(void)
{
	if (!ktap_ok(!dmk_replay_init(&r), "init"))
		return;
	seen_test();
	answer_test();
	expire_test();
	undo_test();
	forgotten_test();
	dmk_replay_destroy(&r);
	if (!ktap_ok(!dmk_replay_init(&r), "init again"))
		return;
	quota_test();
	share_test();
	dmk_replay_destroy(&r);
	/* a clean end shows in the kernel's log, and under kmemleak */
	ktap_ok(!delayed_work_pending(&r.expire), "destroyed with all its entries");
}

static void replay_test(void)
{
	dmk_wq = alloc_workqueue("dmikey_selftest", WQ_UNBOUND, 0);
	if (!ktap_ok(dmk_wq, "a workqueue"))
		return;
	hash_test();
	tables_test();
	destroy_workqueue(dmk_wq);
}

KTAP_MAIN(replay_test)
