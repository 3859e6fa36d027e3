/* SPDX-License-Identifier: GPL-2.0 */
/* Datagrams between softirq and the workers: bounded, in order of arrival. */
#ifndef DMK_QUEUE_H
#define DMK_QUEUE_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include "addr.h"
#include "message.h"
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
 * @waited: it was accepted, and has waited for an envelope key since
 * @len: length of @data
 * @data: the message, without COOKIE unless it is error 241; kmalloc'ed with
 *	the struct
 */
struct dmk_datagram {
	struct list_head list;
	struct dmk_addr from;
	bool asked;
	bool waited;
	u16 len;
	u8 data[];
};

/**
 * struct dmk_worker - one of the threads that do the cryptography
 * @work: in the module's unbound workqueue
 * @dn: the instance
 * @crypto: its own transforms
 * @hash: SHA-256 of the message in hand, so that no two workers do the same
 * @busy: @hash is valid
 * @running: it is queued or at work
 * @authentic: the message in hand is, so that IDi in it is true
 * @m: the message in hand (too large for a stack)
 */
struct dmk_worker {
	struct work_struct work;
	struct dmk_net *dn;
	struct dmk_crypto *crypto;
	u8 hash[DMK_HASH_LEN];
	bool busy;
	bool running;
	bool authentic;
	struct dmk_message m;
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
 */
struct dmk_queue {
	spinlock_t lock;
	struct list_head list;
	u32 len;
	u32 limit;
	bool open;
	u32 n_workers;
	struct dmk_worker *workers;
};

int dmk_queue_init(struct dmk_net *dn);
/* refuse new ones, wait for the workers, free what waits */
void dmk_queue_destroy(struct dmk_net *dn);

/* whose message it is */
static inline enum dmk_side dmk_side_of(enum dmk_kind kind)
{
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
