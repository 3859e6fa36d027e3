/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hosts: plain RFC 3830 exchanges with other Linux hosts, by pre-shared key or by
 * certificates (protocol.md 12). Either side may start one; both answer.
 */
#ifndef DMK_HOST_H
#define DMK_HOST_H

#include <linux/key.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rhashtable.h>
#include <linux/workqueue.h>
#include "addr.h"
#include "esp.h"
#include "kdf.h"
#include "name.h"
#include "queue.h"
#include "replay.h"
#include "rule.h"
#include "seal.h"
#include "uapi/dmikey.h"

struct dmk_crypto;
struct dmk_local;
struct dmk_net;
struct dmk_peer;

/* limits and times of hosts */
enum dmk_host_limits {
	DMK_HOSTS_MAX = 1024,		/* a namespace */
	DMK_HOST_REPEATS = 3,		/* of a request: after 1, 2, 4 s; 8 s later it is over */
	DMK_HOST_LOOK = 5,		/* seconds between two looks at a host */
	DMK_HOST_RETRY = 30,		/* seconds, of one that is to be connected */
	DMK_HOST_JITTER = 8,		/* seconds: so many more at random */
	DMK_HOST_SETTLE = 20,		/* seconds: no repetition comes any more */
};

/**
 * struct dmk_host_keys - what protects an exchange
 * @suite: its algorithms
 * @msg: keys of request and answer
 */
struct dmk_host_keys {
	struct dmk_suite suite;
	struct dmk_msg_keys msg;
};

/**
 * struct dmk_host_exchange - one that this side has started; its owner wipes it
 * @csb_id: CSB ID
 * @t: T
 * @kind: of the answer that is expected
 * @spi: SPIs of CS 1 and CS 2
 * @rand: RAND
 * @tgk: TGK
 * @keys: what protects it
 * @policy: ESP policy
 * @local: our address
 * @repeats: how often the request was sent again
 * @cookies: how often it was sent again with a cookie
 * @due: when it is sent again, jiffies
 * @hash: SHA-256 of the request
 * @len: bytes of @data
 * @data: the request, without COOKIE
 */
struct dmk_host_exchange {
	u32 csb_id;
	u64 t;
	enum dmk_kind kind;
	u32 spi[2];
	u8 rand[DMK_RAND_LEN];
	u8 tgk[DMK_TGK_MAX];
	struct dmk_host_keys keys;
	struct dmk_esp_policy policy;
	struct in6_addr local;
	u8 repeats;
	u8 cookies;
	unsigned long due;
	u8 hash[DMK_HASH_LEN];
	u32 len;
	u8 data[DMK_MSG_MAX];
};

/**
 * struct dmk_host - another host
 * @list: in the list of hosts
 * @rcu: freed behind readers
 * @ref: references
 * @dn: the instance
 * @name: its identity
 * @own: ours towards it
 * @addr: where it is
 * @key: the PSK, or NULL: by certificates
 * @serial: its serial
 * @suites: bits of enum dmk_suite_bits
 * @keep: it is to be connected as long as it is known
 * @rule: ESP policies, the first of which is asked for, and reqid
 * @work: does what is due; has a reference while it is queued
 * @lock: protects what follows; taken before dmk_sessions.lock
 * @gone: removed: it accepts and starts nothing more
 * @wanted: somebody wants it connected
 * @initiated: the newest session was started by this side
 * @x: an exchange that is under way, or NULL
 * @csb_id: of it, 0 without one; read without the lock to find whose an answer is
 * @waiting: in the table of those that have an exchange under way, by @csb_id
 * @last_t: the highest T that was sent
 * @seen_t: the highest T that was accepted
 * @crossed_t: the highest T that was dropped for an exchange of ours: counts as
 *	accepted when one succeeds
 * @signer: whose signature stands behind the newest session, or NULL
 * @since: when the newest session began, CLOCK_BOOTTIME seconds; 0: there is none
 * @renew: when it is to be renewed
 * @retry: when a connection may be tried again
 * @last: why it is not connected, or was refused last
 */
struct dmk_host {
	struct list_head list;
	struct rcu_head rcu;
	refcount_t ref;
	struct dmk_net *dn;
	struct dmk_name name;
	struct dmk_name own;
	struct dmk_addr addr;
	struct key *key;
	s32 serial;
	u32 suites;
	bool keep;
	struct dmk_rule *rule;
	struct delayed_work work;
	struct mutex lock;
	bool gone;
	bool wanted;
	bool initiated;
	struct dmk_host_exchange *x;
	u32 csb_id;
	struct rhash_head waiting;
	u64 last_t;
	u64 seen_t;
	u64 crossed_t;
	struct dmk_peer *signer;
	time64_t since;
	time64_t renew;
	time64_t retry;
	enum dmk_reason last;
};

/**
 * struct dmk_hosts - the hosts of a namespace
 * @list: read under RCU, changed under dmk_net.config
 * @count: entries
 * @waiting: those that wait for an answer, by CSB ID
 * @alive: those that are not freed yet
 * @crypto: for exchanges that start here
 * @crypto_lock: protects it
 * @replay: authenticated requests
 */
struct dmk_hosts {
	struct list_head list;
	u32 count;
	struct rhashtable waiting;
	atomic_t alive;
	struct dmk_crypto *crypto;
	struct mutex crypto_lock;
	struct dmk_replay replay;
};

/* ---- host.c: the hosts, and what is due with them */

int dmk_host_init(struct dmk_net *dn);
/* takes all hosts out, with their sessions; the workers have stopped */
void dmk_host_stop(struct dmk_net *dn);
/* after dmk_host_stop(), and after the sessions have gone */
void dmk_host_destroy(struct dmk_net *dn);

/**
 * dmk_host_add() - know a host, in place of the one of that identity, whose
 *	sessions end
 * @dn: the instance; dmk_net.config is held
 * @h: kzalloc'ed, @name, @own, @addr, @key, @serial, @suites, @keep and @rule filled
 *	in; the list's on success
 *
 * Return: 0, -ENOSPC or -ENOMEM.
 */
int dmk_host_add(struct dmk_net *dn, struct dmk_host *h);
/* forgets it and ends its sessions; dmk_net.config is held. Return: 0 or -ENOENT */
int dmk_host_remove(struct dmk_net *dn, const struct dmk_id *id);

/* with a reference, or NULL; any context. @own: NULL for any */
struct dmk_host *dmk_host_find(struct dmk_net *dn, const struct dmk_id *id,
			       const struct dmk_id *own);
void dmk_host_put(struct dmk_host *h);	/* NULL is ignored */
/* whether there are any; any context */
bool dmk_host_any(struct dmk_net *dn);
/* whether a request names such a host; softirq */
bool dmk_host_knows(struct dmk_net *dn, const struct dmk_message *m);

/* both on an administrator's wish */
void dmk_host_connect(struct dmk_host *h);
void dmk_host_disconnect(struct dmk_host *h);
/* a key, a role or a certificate has gone: look at all of them now; any context */
void dmk_host_recheck(struct dmk_net *dn);
/* one of its sessions has ended; under dmk_sessions.lock */
void dmk_host_session_ended(struct dmk_net *dn, const struct dmk_id *id);
/* look at it after so many jiffies */
void dmk_host_kick(struct dmk_host *h, unsigned long delay);
/* an exchange that started here has failed; under its lock */
void dmk_host_failed(struct dmk_host *h, enum dmk_reason reason);
/* Auth alg of V, protocol.md 12 */
static inline u8 dmk_host_auth_alg(const struct dmk_suite *s)
{
	return s->mac_alg == DMK_MAC_SHA1 ? DMK_MAC_SHA1 : DMK_MAC_SHA256;
}

/* an exchange of ours stands in place of what crossed it; under its lock */
void dmk_host_crossed(struct dmk_host *h);
enum dmk_host_state dmk_host_state(const struct dmk_host *h);	/* under its lock */

/**
 * struct dmk_host_session - what two hosts have agreed on
 * @initiated: this side has started it
 * @csb_id: CSB ID
 * @t: T
 * @prf: PRF func
 * @rand: RAND
 * @tgk: TGK
 * @policy: ESP policy
 * @sd: Session Data, as the initiator sees them
 * @spi: SPIs of CS 1 and CS 2; as the responder: that of CS 1 may be replaced
 * @hash: SHA-256 of the request
 */
struct dmk_host_session {
	bool initiated;
	u32 csb_id;
	u64 t;
	u8 prf;
	struct dmk_span rand;
	struct dmk_span tgk;
	const struct dmk_esp_policy *policy;
	struct dmk_session_data sd;
	u32 spi[2];
	const u8 *hash;
};

/**
 * dmk_host_establish() - the SAs of an exchange; under the host's lock
 * @h: the host
 * @c: crypto backend
 * @s: what they are made of; its @spi holds the SPIs in force afterwards
 *
 * Return: DMK_OK, INTERNAL, MEMORY, SA, or what dmk_session_establish() says.
 */
enum dmk_reason dmk_host_establish(struct dmk_host *h, struct dmk_crypto *c,
				   struct dmk_host_session *s);

/* ---- host_start.c: as the initiator */

int dmk_host_start_init(struct dmk_net *dn);
void dmk_host_start_destroy(struct dmk_net *dn);	/* no host is left */
/* whether an answer may be to an exchange of ours, by its CSB ID and whence it came; softirq */
bool dmk_host_awaits(struct dmk_net *dn, const struct dmk_message *m,
		     const struct dmk_addr *from);

/* all under the host's lock */

/* begin an exchange */
enum dmk_reason dmk_host_start(struct dmk_host *h);
/* send the request again; NO_ANSWER: it was the last time, and the exchange is over */
enum dmk_reason dmk_host_repeat(struct dmk_host *h);
/* forget the exchange that is under way */
void dmk_host_abandon(struct dmk_host *h);

/* an answer, or an error in its place; process context. NOT_LATEST_T: not to one of ours */
enum dmk_reason dmk_host_answer(struct dmk_worker *w, struct dmk_datagram *d);
enum dmk_reason dmk_host_err(struct dmk_worker *w, const struct dmk_addr *from);

/* ---- host_request.c: as the responder; @d may be parked, and is NULL then */
enum dmk_reason dmk_host_request(struct dmk_worker *w, struct dmk_datagram **d);

/* ---- host_psk.c: RFC 3830 3.1 */

/* the keys of a message under the PSK. Return: DMK_OK or INTERNAL */
enum dmk_reason dmk_host_psk_keys(const struct dmk_host *h, struct dmk_crypto *c, u32 csb_id,
				  struct dmk_span rand, struct dmk_host_keys *k);
/* the request behind its SP. Return: DMK_OK or INTERNAL */
enum dmk_reason dmk_host_psk_seal(struct dmk_host *h, struct dmk_crypto *c,
				  struct dmk_writer *w);
/* whether the key may be used still */
bool dmk_host_psk_good(const struct dmk_host *h);

/* ---- host_pk.c: RFC 3830 3.2 */

/* CERT, which stands between IDi and IDr. Return: DMK_OK or NO_ROLE */
enum dmk_reason dmk_host_pk_cert(struct dmk_host *h, struct dmk_writer *w);
/* the request behind its SP. Return: DMK_OK; CERTIFICATE, NO_ROLE, INTERNAL */
enum dmk_reason dmk_host_pk_seal(struct dmk_host *h, struct dmk_crypto *c,
				 struct dmk_writer *w);
/* SIGN, then the envelope key; @d may be parked. @signer: a reference, or NULL */
enum dmk_reason dmk_host_pk_open(struct dmk_host *h, struct dmk_worker *w,
				 struct dmk_datagram **d, struct dmk_host_keys *k,
				 struct dmk_peer **signer);
/* whether roles and certificates are there, and what the newest session rests on */
bool dmk_host_pk_good(const struct dmk_host *h);

#endif
