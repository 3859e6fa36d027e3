// SPDX-License-Identifier: GPL-2.0
/*
 * kmod/upcall.c: an agent that listens and says nothing is asked so many questions, so
 * fast, and waited for so long; so many messages wait with each. The file itself is part
 * of this one, so that a test can turn its clocks; what it asks of the rest of the module
 * is answered here.
 */
#include "netlink.h"
#include "netns.h"
#include "trace.h"
#include "suite.h"
#include "vector.h"

static bool listening;
static unsigned int asked, resumed, alive;
static unsigned int refused[DMK_REASON_COUNT];

static int multicast(struct sk_buff *skb)
{
	asked++;
	nlmsg_free(skb);
	return 0;
}

#undef genl_has_listeners
#define genl_has_listeners(...)	listening
#undef genlmsg_multicast_netns
#define genlmsg_multicast_netns(family, net, skb, ...)	multicast(skb)
#define trace_dmk_upcall(...)	((void)0)
#include "../kmod/upcall.c"

struct genl_family dmk_netlink_family = { .name = "dmikey_selftest", .version = 1 };

int dmk_netlink_put_id(struct sk_buff *skb, int type_attr, int attr, const struct dmk_id *id)
{
	return nla_put(skb, attr, id->data.len, id->data.data);
}

void dmk_stats_inc(struct dmk_net *dn, enum dmk_stat stat) { }

void dmk_stats_refuse(struct dmk_net *dn, enum dmk_side side, enum dmk_reason reason,
		      const struct dmk_addr *from, const struct dmk_who *who)
{
	refused[reason]++;
}

struct dmk_who dmk_event_claim(const struct dmk_message *m)
{
	return (struct dmk_who){ };
}

unsigned int dmk_queue_roles(struct dmk_net *dn)
{
	return DMK_AT_TP;
}

void dmk_datagram_free(struct dmk_datagram *d)
{
	alive -= !!d;
	kfree(d);
}

void dmk_queue_resume(struct dmk_net *dn, struct dmk_datagram *d)
{
	resumed++;
	dmk_datagram_free(d);
}

/* ---- */

/* a message of the sensor with that number */
static enum dmk_reason ask_for(struct dmk_net *dn, u32 sensor)
{
	struct dmk_id id = { DMK_ID_NAI, DMK_SPAN((const u8 *)&sensor, sizeof(sensor)) };
	struct dmk_datagram *d = kzalloc(sizeof(*d), GFP_KERNEL);
	enum dmk_reason reason;

	if (!d)
		return DMK_REASON_MEMORY;
	alive++;
	reason = dmk_upcall_sensor(dn, &id, d);
	if (reason)
		dmk_datagram_free(d);
	return reason;
}

static void answer_for(struct dmk_net *dn, u32 sensor)
{
	struct dmk_id id = { DMK_ID_NAI, DMK_SPAN((const u8 *)&sensor, sizeof(sensor)) };

	dmk_upcall_answer_sensor(dn, &id);
}

static void second_passes(struct dmk_net *dn)
{
	dn->upcalls.filled -= HZ;
}

/* so much time for the first @n questions */
static void wait_passes(struct dmk_net *dn, unsigned int n)
{
	struct question *q;

	list_for_each_entry(q, &dn->upcalls.open, list) {
		if (!n--)
			break;
		q->until -= DMK_UPCALL_WAIT * HZ;
	}
	mod_delayed_work(dmk_wq, &dn->upcalls.expire, 0);
	flush_delayed_work(&dn->upcalls.expire);
}

static void waiters_test(struct dmk_net *dn)
{
	unsigned int n = 0;

	while (n <= DMK_UPCALL_WAITERS && ask_for(dn, 0) == DMK_OK)
		n++;
	ktap_ok(n == DMK_UPCALL_WAITERS && asked == 1, "%u messages wait for one answer", n);
	ktap_ok(ask_for(dn, 0) == DMK_REASON_QUEUE_FULL && alive == n, "and no more");
}

/* what the bucket holds, and what has come into it meanwhile */
static void rate_test(struct dmk_net *dn)
{
	unsigned long began = jiffies, most;
	enum dmk_reason reason = DMK_OK;
	unsigned int n = 1;

	while (!reason && n < DMK_UPCALLS_MAX) {
		reason = ask_for(dn, n);
		n += !reason;
	}
	most = DMK_UPCALL_RATE + (jiffies - began + 1) * DMK_UPCALL_RATE / HZ + 1;
	ktap_ok(n == asked && n >= DMK_UPCALL_RATE && n <= most,
		"%u questions at once, of %lu at most", n, most);
	ktap_ok(!reason || reason == DMK_REASON_RATE_IDENTITY, "more are refused for it");
	second_passes(dn);
	ktap_ok(ask_for(dn, n) == DMK_OK, "a second later: again");
}

static void number_test(struct dmk_net *dn)
{
	enum dmk_reason reason = DMK_OK;
	unsigned int n = asked;

	while (!reason && n <= DMK_UPCALLS_MAX) {
		second_passes(dn);
		reason = ask_for(dn, n);
		n += !reason;
		cond_resched();
	}
	ktap_ok(n == DMK_UPCALLS_MAX && asked == n && reason == DMK_REASON_QUEUE_FULL,
		"%u questions are open, and no more", n);
	ktap_ok(ask_for(dn, n - 1) == DMK_OK && asked == n, "who waits with others still may");
}

static void time_test(struct dmk_net *dn)
{
	unsigned int n = alive;

	wait_passes(dn, 0);
	ktap_ok(alive == n && delayed_work_pending(&dn->upcalls.expire), "they are waited for");
	wait_passes(dn, 1);
	ktap_ok(refused[DMK_REASON_UPCALL_TIMEOUT] == DMK_UPCALL_WAITERS &&
		alive == n - DMK_UPCALL_WAITERS, "the first has had its time, with all that waited");
	ktap_ok(delayed_work_pending(&dn->upcalls.expire), "the others will");
	wait_passes(dn, DMK_UPCALLS_MAX);
	ktap_ok(!alive && !dn->upcalls.n_open && refused[DMK_REASON_UPCALL_TIMEOUT] == n,
		"and have had");
	second_passes(dn);
	ktap_ok(ask_for(dn, 1) == DMK_OK && asked == DMK_UPCALLS_MAX + 1,
		"who comes again is asked for again");
}

static void answer_test(struct dmk_net *dn)
{
	answer_for(dn, 1);
	ktap_ok(resumed == 1 && !alive && !dn->upcalls.n_open, "an answer: it goes on");
	listening = false;
	ktap_ok(ask_for(dn, 2) == DMK_REASON_NO_AGENT, "nobody listens: nothing waits");
	listening = true;
}

/* the agent says no to so many */
static void refusals_test(struct dmk_net *dn)
{
	unsigned int i, n = asked, bad = 0;

	for (i = 0; i <= DMK_REFUSALS_MAX; i++) {
		second_passes(dn);
		bad += ask_for(dn, i) || dmk_upcall_refuse(dn, dn->upcalls.next_id - 1);
		cond_resched();
	}
	ktap_ok(!bad && dn->upcalls.n_refused == DMK_REFUSALS_MAX, "%u refusals are remembered",
		dn->upcalls.n_refused);
	n += i;
	second_passes(dn);
	ktap_ok(ask_for(dn, DMK_REFUSALS_MAX) == DMK_REASON_SENSOR_DENIED && asked == n,
		"who was refused is not asked for");
	ktap_ok(ask_for(dn, 0) == DMK_OK && asked == n + 1, "but whose refusal was the oldest");
}

static void limits_test(struct dmk_net *dn)
{
	listening = true;
	asked = resumed = alive = 0;
	memset(refused, 0, sizeof(refused));
	dn->net = &init_net;
	dmk_upcall_init(dn);
	waiters_test(dn);
	rate_test(dn);
	number_test(dn);
	time_test(dn);
	answer_test(dn);
	refusals_test(dn);
	dmk_upcall_destroy(dn);
	ktap_ok(!alive && !dn->upcalls.n_refused && !delayed_work_pending(&dn->upcalls.expire),
		"destroyed with all that waited");
}

static void upcall_test(void)
{
	struct dmk_net *dn = kzalloc(sizeof(*dn), GFP_KERNEL);

	dmk_wq = alloc_workqueue("dmikey_selftest", WQ_UNBOUND, 0);
	if (ktap_ok(dn && dmk_wq, "a workqueue"))
		limits_test(dn);
	if (dmk_wq)
		destroy_workqueue(dmk_wq);
	kfree(dn);
}

KTAP_MAIN(upcall_test)
