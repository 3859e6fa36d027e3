/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Questions to the agent. A message whose sender or certificate is unknown
 * waits here, bounded in number and time, until dmikeyd answers over netlink.
 */
#ifndef DMK_UPCALL_H
#define DMK_UPCALL_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include "reason.h"
#include "wire.h"
#include "uapi/dmikey.h"

struct dmk_datagram;
struct dmk_net;

enum dmk_upcall_limits {
	DMK_UPCALLS_MAX = 256,		/* open questions of a namespace */
	DMK_UPCALL_WAITERS = 8,		/* messages that wait for one answer */
	DMK_UPCALL_RATE = 100,		/* questions a second */
	DMK_REFUSALS_MAX = 1024,	/* refusals remembered; the oldest goes first */
};

/**
 * struct dmk_upcalls - questions and remembered refusals
 * @lock: protects all members
 * @open: questions, oldest first
 * @refused: refusals, oldest first
 * @n_open: entries of @open
 * @n_refused: entries of @refused
 * @next_id: DMK_A_UPCALL_ID of the next one, never 0
 * @tokens: of the rate limit
 * @filled: when they were filled, jiffies
 * @expire: ends questions after DMK_UPCALL_WAIT seconds
 */
struct dmk_upcalls {
	spinlock_t lock;
	struct list_head open;
	struct list_head refused;
	u32 n_open;
	u32 n_refused;
	u32 next_id;
	u32 tokens;
	unsigned long filled;
	struct delayed_work expire;
};

void dmk_upcall_init(struct dmk_net *dn);
/* drops what waits; the workers have stopped */
void dmk_upcall_destroy(struct dmk_net *dn);

/**
 * dmk_upcall_sensor() - ask who a sensor is
 * @dn: the instance
 * @id: its identity
 * @d: the message that waits for the answer
 *
 * Return: DMK_OK: @d is now the upcall's, and comes back through
 * dmk_queue_resume() when the answer is there, or is counted and freed after
 * 5 s or on a refusal. Else @d stays the caller's, and the reason:
 * SENSOR_DENIED (a remembered refusal), NO_AGENT, QUEUE_FULL, RATE_IDENTITY
 * (too many questions), MEMORY.
 */
enum dmk_reason dmk_upcall_sensor(struct dmk_net *dn, const struct dmk_id *id,
				  struct dmk_datagram *d);

/**
 * dmk_upcall_cert() - ask whether a third party's certificate is valid
 * @dn: the instance
 * @der: the certificate
 * @hash: its SHA-256
 * @d: the message that waits for the answer
 *
 * Return: as dmk_upcall_sensor(), with CERTIFICATE for a remembered refusal.
 */
enum dmk_reason dmk_upcall_cert(struct dmk_net *dn, struct dmk_span der,
				const u8 hash[DMK_HASH_LEN], struct dmk_datagram *d);

/* for netlink: the agent has answered; a yes is matched by identity or hash, a no
 * by DMK_A_UPCALL_ID
 */
void dmk_upcall_answer_sensor(struct dmk_net *dn, const struct dmk_id *id);
void dmk_upcall_answer_cert(struct dmk_net *dn, const u8 hash[DMK_HASH_LEN]);
int dmk_upcall_refuse(struct dmk_net *dn, u32 upcall_id);
/* a configuration change makes remembered refusals void */
void dmk_upcall_forget(struct dmk_net *dn);

#endif
