/* SPDX-License-Identifier: GPL-2.0 */
/* One instance of dmikey a network namespace. */
#ifndef DMK_NETNS_H
#define DMK_NETNS_H

#include <linux/mutex.h>
#include <linux/netfilter.h>
#include <net/net_namespace.h>

#include "cert.h"
#include "cookie.h"
#include "event.h"
#include "host.h"
#include "local.h"
#include "queue.h"
#include "ratelimit.h"
#include "replay.h"
#include "rule.h"
#include "sensor.h"
#include "session.h"
#include "socket.h"
#include "stats.h"
#include "thirdparty.h"
#include "responder.h"
#include "upcall.h"

/**
 * struct dmk_net - the instance of one network namespace
 * @net: the namespace; not held: the instance dies with it
 * @config: serialises netlink commands that change anything
 * @started: when the instance began to listen, NTP-UTC by the clock of then; 0 before
 * @started_boot: the same, CLOCK_BOOTTIME in units of 2^-32 s
 * @highest_t: highest NTP-UTC T known to have been accepted before
 *	@started, kept by the agent; 0 if not known
 * @seen: protects @seen_t
 * @seen_t: highest NTP-UTC T accepted since, 0 before the first
 * @skew: seconds
 * @envelope_life: seconds that an envelope key is cached; 0: none is
 * @stats: counters
 * @local: roles of this host
 * @sensors: sensors known here (third party)
 * @certs: certificates of peers
 * @rules: who may vouch for whom (responder)
 * @upcalls: questions that the agent has not answered yet
 * @events: rate limits of events
 * @socket: UDP sockets
 * @queue: datagrams that wait for a worker
 * @cookie: secrets of cookies
 * @ratelimit: per source address
 * @tp: state of the third party's role
 * @r: state of the responder's role
 * @sessions: established sessions (responder, and with other hosts)
 * @hosts: other hosts
 * @hooks: where packets that came through xfrm pass
 */
struct dmk_net {
	struct net *net;
	struct mutex config;
	u64 started;
	u64 started_boot;
	u64 highest_t;
	spinlock_t seen;
	u64 seen_t;
	u32 skew;
	u32 envelope_life;
	struct dmk_stats __percpu *stats;
	struct dmk_locals local;
	struct dmk_sensors sensors;
	struct dmk_certs certs;
	struct dmk_rules rules;
	struct dmk_upcalls upcalls;
	struct dmk_events events;
	struct dmk_socket socket;
	struct dmk_queue queue;
	struct dmk_cookie_jar cookie;
	struct dmk_ratelimit ratelimit;
	struct dmk_thirdparty tp;
	struct dmk_responder r;
	struct dmk_sessions sessions;
	struct dmk_hosts hosts;
	struct nf_hook_ops hooks[2];
};

/* seconds from 1900 (NTP) to 1970 (Unix) */
#define DMK_NTP_UNIX 2208988800ULL

struct dmk_net *dmk_net(struct net *net);

int dmk_netns_init(void);
void dmk_netns_exit(void);

/* NTP-UTC now, in units of 2^-32 s since 1900 */
u64 dmk_now_ntp(void);

/* the instance begins to listen: dmk_net.started; dmk_net.config is held */
void dmk_ntp_start(struct dmk_net *dn);
/* when it began to, NTP-UTC by the clock as it is now: who sets that moves the start, too */
u64 dmk_ntp_started(struct dmk_net *dn);

/**
 * dmk_ntp_check() - whether a T in NTP-UTC may be taken, 7.1
 * @dn: the instance
 * @r: what the receiver knows again when it is repeated
 * @t: T of a message that is not in @r
 *
 * It has to be later than all that @r has forgotten: with a clock that is right those are
 * older than the skew allows, and when the clock is set back, or the skew raised, none of
 * them may come again.
 *
 * Return: DMK_OK or DMK_REASON_STALE.
 */
enum dmk_reason dmk_ntp_check(struct dmk_net *dn, const struct dmk_replay *r, u64 t);
/* a T that was accepted: the agent keeps the highest, told once a second at most */
void dmk_ntp_note(struct dmk_net *dn, u64 t);

#endif
