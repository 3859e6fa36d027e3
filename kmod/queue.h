/* SPDX-License-Identifier: GPL-2.0 */
/* Datagrams between softirq and the workers: bounded, in order of arrival. */
#ifndef DMK_QUEUE_H
#define DMK_QUEUE_H

#include <linux/list.h>
#include <linux/siphash.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include "addr.h"
#include "message.h"
#include "name.h"
#include "replay.h"
#include "uapi/dmikey.h"

#define DMK_QUEUE_LIMIT 4096		/* default of DMK_A_QUEUE_LIMIT */

struct dmk_net;
struct dmk_crypto;

/* the module's unbound workqueue, made in main.c */
extern struct workqueue_struct *dmk_wq;

/**
 * struct dmk_datagram - a message that waits; one owner at a time
 * @list: in a queue or an upcall
 * @from: where it came from
 * @asked: the agent has been asked about it already
 * @waited: how often it has waited for an envelope key since it was accepted
 * @again: how often its share was sent on in vain
 * @len: length of @data
 * @data: the message, without COOKIE unless it is error 241; kmalloc'ed with
 *	the struct
 */
struct dmk_datagram {
	struct list_head list;
	struct dmk_addr from;
	bool asked;
	u8 waited;
	u8 again;
	u16 len;
	u8 data[];
};

/**
 * struct dmk_worker - one of the threads that do the cryptography
 * @work: in the module's unbound workqueue
 * @dn: the instance
 * @crypto: its own transforms
 * @hash: dmk_queue_hash() of the message in hand, so that no two workers do the same
 * @busy: @hash is valid
 * @running: it is queued or at work
 * @authentic: the message in hand is, so that IDi in it is true
 * @added_to: the cache that remembers it since; NULL before
 * @peer: the third party whose certificate or key it names; empty if that was not
 *	found. Only of one that is refused
 * @m: the message in hand (too large for a stack)
 * @out: room for an answer to it
 */
struct dmk_worker {
	struct work_struct work;
	struct dmk_net *dn;
	struct dmk_crypto *crypto;
	u64 hash;
	bool busy;
	bool running;
	bool authentic;
	struct dmk_replay *added_to;
	struct dmk_name peer;
	struct dmk_message m;
	u8 out[DMK_MSG_MAX];
};

/**
 * struct dmk_queue - the queue of a namespace
 * @lock: protects @list, @len, @open and the workers' @hash, @busy and @running
 * @list: datagrams
 * @len: how many wait
 * @limit: how many may
 * @open: new ones are taken
 * @n_workers: entries of @workers
 * @workers: one a CPU
 * @secret: of dmk_queue_hash()
 */
struct dmk_queue {
	spinlock_t lock;
	struct list_head list;
	u32 len;
	u32 limit;
	bool open;
	u32 n_workers;
	struct dmk_worker *workers;
	siphash_key_t secret;
};

/* By which a message is known when it comes again. It is not authentic yet, but
 * strangers, who do not know the secret, cannot make two that have the same.
 */
static inline u64 dmk_queue_hash(const struct dmk_queue *q, const struct dmk_message *m)
{
	return siphash(m->raw.data, m->raw.len, &q->secret);
}

int dmk_queue_init(struct dmk_net *dn);
/* refuse new ones, wait for the workers, free what waits */
void dmk_queue_destroy(struct dmk_net *dn);

/* as whom a message is read once it is queued */
unsigned int dmk_queue_roles(struct dmk_net *dn);

/* whose message it is */
static inline enum dmk_side dmk_side_of(enum dmk_kind kind)
{
	if (kind >= DMK_PSK)
		return DMK_SIDE_HOST;
	return kind == DMK_TP_R || kind == DMK_TP_R_CACHED || kind == DMK_U_R ?
	       DMK_SIDE_R : DMK_SIDE_TP;
}

/* the algorithms of its KEMAC, as DMK_A_SUITES names them */
static inline u32 dmk_suite_bit(const struct dmk_message *m)
{
	return m->kemac.encr_alg == DMK_ENCR_AES_CCM_128 ? DMK_SUITE_CCM : DMK_SUITE_CM;
}

/* 7.2: if the message in hand is a repetition, it gets the answers that @r has
 * for it, and costs nothing else
 */
enum dmk_repeat dmk_queue_answer_again(struct dmk_worker *w, struct dmk_replay *r);

/**
 * dmk_queue_remember() - 7.1: the message in hand is authentic and counts from now on
 * @w: the worker
 * @r: the cache of its role
 * @sender: key of the sender
 * @quota: how many live ones it may have
 * @seconds: for how long
 *
 * If the message then fails for a reason that is not its own (dmk_queue_our_fault()), it
 * is as if it had not come: its next repetition is handled.
 *
 * Return: as dmk_replay_add().
 */
enum dmk_reason dmk_queue_remember(struct dmk_worker *w, struct dmk_replay *r, u64 sender,
				   u32 quota, u32 seconds);

/* no memory, or what comes of it in the kernel's cryptography: no fault of the sender's */
static inline bool dmk_queue_our_fault(enum dmk_reason reason)
{
	return reason == DMK_REASON_MEMORY || reason == DMK_REASON_INTERNAL;
}

/* takes @d; false (and @d stays the caller's) when full or closed; softirq */
bool dmk_queue_add(struct dmk_net *dn, struct dmk_datagram *d);
/* the same for one that came back from an upcall: not counted against the limit */
void dmk_queue_resume(struct dmk_net *dn, struct dmk_datagram *d);
/* longer than an eighth of its limit: cookies are asked for, 7.3 */
bool dmk_queue_loaded(struct dmk_net *dn);

/**
 * dmk_datagram_new() - a copy of a message that came
 * @from: where it came from
 * @raw: its bytes, up to DMK_MSG_MAX
 * @gfp: how to allocate
 *
 * Return: to be freed with dmk_datagram_free(), or NULL.
 */
struct dmk_datagram *dmk_datagram_new(const struct dmk_addr *from, struct dmk_span raw,
				      gfp_t gfp);
void dmk_datagram_free(struct dmk_datagram *d);

#endif
