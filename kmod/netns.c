// SPDX-License-Identifier: GPL-2.0
/* An instance in every network namespace; it listens to nothing until it is told to. */

#include <linux/math64.h>
#include <linux/ktime.h>
#include <net/netns/generic.h>

#include "netns.h"

enum {
	RATE = 1000,			/* default of DMK_A_RATE */
};

static unsigned int netns_id;

struct dmk_net *dmk_net(struct net *net)
{
	return net_generic(net, netns_id);
}

/* in units of 2^-32 s */
static u64 units(const struct timespec64 *t)
{
	return (u64)t->tv_sec << 32 | div_u64((u64)t->tv_nsec << 32, NSEC_PER_SEC);
}

u64 dmk_now_ntp(void)
{
	struct timespec64 now;

	ktime_get_real_ts64(&now);
	return units(&now) + (DMK_NTP_UNIX << 32);
}

static u64 since_boot(void)
{
	struct timespec64 now;

	ktime_get_boottime_ts64(&now);
	return units(&now);
}

void dmk_ntp_start(struct dmk_net *dn)
{
	WRITE_ONCE(dn->started_boot, since_boot());
	WRITE_ONCE(dn->started, dmk_now_ntp());
}

u64 dmk_ntp_started(struct dmk_net *dn)
{
	u64 now = dmk_now_ntp();

	/* read behind it: what is late is the reading, not the start */
	return now - (since_boot() - READ_ONCE(dn->started_boot));
}

/* differences are signed, so that the era change of 2036 is no event */
static bool is_later(u64 a, u64 b)
{
	return (s64)(a - b) > 0;
}

/* by the clock of then, and as it is now: of one that was wrong, the later counts */
static u64 latest_start(struct dmk_net *dn)
{
	u64 then = READ_ONCE(dn->started), as_now = dmk_ntp_started(dn);

	return is_later(as_now, then) ? as_now : then;
}

enum dmk_reason dmk_ntp_check(struct dmk_net *dn, const struct dmk_replay *r, u64 t)
{
	u64 skew = (u64)READ_ONCE(dn->skew) << 32;
	u64 highest = READ_ONCE(dn->highest_t);
	u64 forgotten = READ_ONCE(r->forgotten);
	s64 off = t - dmk_now_ntp();

	if (off > (s64)skew || off < -(s64)skew)
		return DMK_REASON_STALE;
	if (forgotten && !is_later(t, forgotten))
		return DMK_REASON_STALE;
	/* after a start the replay caches are empty */
	if (!is_later(latest_start(dn) + skew, t))
		return DMK_OK;
	if (highest && is_later(t, highest))
		return DMK_OK;
	return DMK_REASON_STALE;
}

void dmk_ntp_note(struct dmk_net *dn, u64 t)
{
	bool tell = false;

	spin_lock_bh(&dn->seen);
	if (!dn->seen_t || is_later(t, dn->seen_t)) {
		tell = t >> 32 != dn->seen_t >> 32;
		dn->seen_t = t;
	}
	spin_unlock_bh(&dn->seen);
	if (tell)
		dmk_event_highest_t(dn, t | U32_MAX);
}

static int init_tables(struct dmk_net *dn)
{
	int ret;

	dmk_local_init(dn);
	dmk_rule_init(dn);
	ret = dmk_sensor_init(dn);
	if (ret)
		return ret;
	ret = dmk_cert_init(dn);
	if (ret)
		dmk_sensor_destroy(dn);
	return ret;
}

static void destroy_tables(struct dmk_net *dn)
{
	dmk_cert_destroy(dn);
	dmk_sensor_destroy(dn);
	dmk_rule_destroy(dn);
	dmk_local_destroy(dn);
}

static int init_roles(struct dmk_net *dn)
{
	int ret;

	ret = dmk_responder_init(dn);
	if (ret)
		return ret;
	ret = dmk_thirdparty_init(dn);
	if (ret)
		goto err_thirdparty;
	ret = dmk_host_init(dn);
	if (ret)
		goto err_host;
	return 0;

err_host:
	dmk_thirdparty_destroy(dn);
err_thirdparty:
	dmk_responder_destroy(dn);
	return ret;
}

static void destroy_roles(struct dmk_net *dn)
{
	/* hosts end their sessions, which may still ask for them */
	dmk_host_stop(dn);
	dmk_thirdparty_destroy(dn);
	dmk_responder_destroy(dn);
	dmk_host_destroy(dn);
}

static int __net_init init_net_instance(struct net *net)
{
	struct dmk_net *dn = dmk_net(net);
	int ret;

	dn->net = net;
	dn->skew = DMK_SKEW;
	dn->envelope_life = DMK_ENVELOPE_LIFE;
	mutex_init(&dn->config);
	spin_lock_init(&dn->seen);
	dmk_event_init(dn);
	dmk_upcall_init(dn);
	dmk_cookie_init(&dn->cookie);
	dn->stats = alloc_percpu(struct dmk_stats);
	if (!dn->stats)
		return -ENOMEM;
	ret = dmk_ratelimit_init(&dn->ratelimit, RATE);
	if (ret)
		goto err_ratelimit;
	ret = init_tables(dn);
	if (ret)
		goto err_tables;
	ret = init_roles(dn);
	if (ret)
		goto err_roles;
	ret = dmk_queue_init(dn);
	if (ret)
		goto err_queue;
	return 0;

err_queue:
	destroy_roles(dn);
err_roles:
	destroy_tables(dn);
err_tables:
	dmk_ratelimit_destroy(&dn->ratelimit);
err_ratelimit:
	free_percpu(dn->stats);
	return ret;
}

/* from the outside in: nothing comes in, nothing is at work, nothing waits,
 * nothing is kept
 */
static void __net_exit exit_net_instance(struct net *net)
{
	struct dmk_net *dn = dmk_net(net);

	mutex_lock(&dn->config);
	dmk_socket_listen(dn, 0);
	mutex_unlock(&dn->config);
	dmk_queue_destroy(dn);
	dmk_upcall_destroy(dn);
	destroy_roles(dn);
	destroy_tables(dn);
	dmk_ratelimit_destroy(&dn->ratelimit);
	dmk_cookie_wipe(&dn->cookie);
	free_percpu(dn->stats);
}

static struct pernet_operations netns_ops = {
	.init = init_net_instance,
	.exit = exit_net_instance,
	.id = &netns_id,
	.size = sizeof(struct dmk_net),
};

int __init dmk_netns_init(void)
{
	return register_pernet_subsys(&netns_ops);
}

void dmk_netns_exit(void)
{
	unregister_pernet_subsys(&netns_ops);
}
