/* SPDX-License-Identifier: GPL-2.0 */
/*
 * As much of the kernel, in userspace, as files of kmod/ need that neither sleep nor
 * touch the network: one thread, no interrupts, a clock that the test moves. The
 * reverse of kernel/hosted.h.
 *
 * A lock that is taken twice or given back untaken ends the program, and so does a
 * reference count that goes below zero.
 */
#ifndef UNIT_KERNEL_H
#define UNIT_KERNEL_H

#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "port.h"

typedef int32_t s32;
typedef int64_t time64_t;
typedef unsigned int gfp_t;
typedef uint16_t __be16;
typedef uint32_t __be32;

#define GFP_KERNEL	0
#define GFP_ATOMIC	0
#define __percpu
#define __rcu
#define __packed	__attribute__((packed))
#define READ_ONCE(x)	(x)
#define WRITE_ONCE(x, value)	((x) = (value))
#define sizeof_field(type, member)	sizeof(((type *)0)->member)
#define container_of(p, type, member)	((type *)((char *)(p) - offsetof(type, member)))
#define cond_resched()	((void)0)
#define memzero_explicit(p, n)	dmk_wipe(p, n)

/* ---- what is only named in structures */

struct mutex { int none; };
struct rb_root_cached { void *none; };
struct rhlist_head { void *none; };
struct rhltable { void *none; };
struct xarray { void *none; };
struct ratelimit_state { int none; };
struct nf_hook_ops { int none; };
struct work_struct { int none; };
struct workqueue_struct { int none; };
struct sha256_state { int none; };
#define SHA256_BLOCK_SIZE 64

/* ---- memory */

#define kmalloc(n, gfp)		malloc(n)
#define kzalloc(n, gfp)		calloc(1, n)
#define kfree(p)		free(p)
#define kfree_sensitive(p)	free(p)
#define kfree_rcu(p, member)	free(p)

static inline void *kmemdup(const void *p, size_t n, gfp_t gfp)
{
	void *copy = malloc(n);

	(void)gfp;
	return copy ? memcpy(copy, p, n) : NULL;
}

/* ---- locks and counts */

typedef struct { bool held; } spinlock_t;

static inline void spin_lock_init(spinlock_t *l) { l->held = false; }

static inline void spin_lock_bh(spinlock_t *l)
{
	if (l->held)
		abort();
	l->held = true;
}

static inline void spin_unlock_bh(spinlock_t *l)
{
	if (!l->held)
		abort();
	l->held = false;
}

typedef struct { int n; } atomic_t;
typedef struct { int n; } refcount_t;

static inline int atomic_inc_return(atomic_t *a) { return ++a->n; }

static inline void atomic_dec(atomic_t *a)
{
	if (--a->n < 0)
		abort();
}

static inline void refcount_set(refcount_t *r, int n) { r->n = n; }

static inline void refcount_inc(refcount_t *r)
{
	if (r->n++ < 1)
		abort();
}

static inline bool refcount_inc_not_zero(refcount_t *r) { return r->n && r->n++; }

static inline bool refcount_dec_and_test(refcount_t *r)
{
	if (r->n < 1)
		abort();
	return !--r->n;
}

/* ---- readers */

struct rcu_head { void *none; };

#define rcu_read_lock()		((void)0)
#define rcu_read_unlock()	((void)0)
#define rcu_barrier()		((void)0)
#define call_rcu(head, fn)	(fn)(head)

/* ---- lists and tables */

struct list_head { struct list_head *next, *prev; };

static inline void INIT_LIST_HEAD(struct list_head *l) { l->next = l->prev = l; }
static inline bool list_empty(const struct list_head *l) { return l->next == l; }

static inline void list_add_tail(struct list_head *e, struct list_head *l)
{
	e->next = l;
	e->prev = l->prev;
	l->prev->next = e;
	l->prev = e;
}

static inline void list_del_init(struct list_head *e)
{
	e->prev->next = e->next;
	e->next->prev = e->prev;
	INIT_LIST_HEAD(e);
}

static inline void list_replace(struct list_head *old, struct list_head *new)
{
	list_add_tail(new, old);
	list_del_init(old);
}

#define list_del_rcu(e)			list_del_init(e)
#define list_add_tail_rcu(e, l)		list_add_tail(e, l)
#define list_replace_rcu(old, new)	list_replace(old, new)
#define list_for_each_entry(p, l, member) \
	for (p = container_of((l)->next, typeof(*p), member); &p->member != (l); \
	     p = container_of(p->member.next, typeof(*p), member))
#define list_for_each_entry_rcu(p, l, member)	list_for_each_entry(p, l, member)
#define list_for_each_entry_safe(p, next_p, l, member) \
	for (p = container_of((l)->next, typeof(*p), member); \
	     next_p = container_of(p->member.next, typeof(*p), member), &p->member != (l); \
	     p = next_p)
#define list_first_entry_or_null(l, type, member) \
	(list_empty(l) ? NULL : container_of((l)->next, type, member))

struct rhash_head { struct rhash_head *next; };
struct rhashtable { struct rhash_head *first; };

struct rhashtable_params {
	size_t key_len, key_offset, head_offset;
	bool automatic_shrinking;
};

static inline void *kernel_lookup(struct rhashtable *t, const void *key,
				  const struct rhashtable_params p)
{
	struct rhash_head *h;

	for (h = t->first; h; h = h->next) {
		char *object = (char *)h - p.head_offset;

		if (!memcmp(object + p.key_offset, key, p.key_len))
			return object;
	}
	return NULL;
}

static inline int kernel_insert(struct rhashtable *t, struct rhash_head *h,
				const struct rhashtable_params p)
{
	if (kernel_lookup(t, (char *)h - p.head_offset + p.key_offset, p))
		return -1;
	h->next = t->first;
	t->first = h;
	return 0;
}

static inline int kernel_remove(struct rhashtable *t, struct rhash_head *h)
{
	struct rhash_head **at = &t->first;

	while (*at && *at != h)
		at = &(*at)->next;
	if (!*at)
		return -1;
	*at = h->next;
	return 0;
}

#define rhashtable_lookup(t, key, p)		kernel_lookup(t, key, p)
#define rhashtable_lookup_fast(t, key, p)	kernel_lookup(t, key, p)
#define rhashtable_insert_fast(t, h, p)		kernel_insert(t, h, p)
#define rhashtable_lookup_insert_fast(t, h, p)	kernel_insert(t, h, p)
#define rhashtable_remove_fast(t, h, p)		kernel_remove(t, h)
#define rhashtable_init(t, p)			((t)->first = NULL, 0)
#define rhashtable_destroy(t)			((void)(t))
#define rhashtable_free_and_destroy(t, fn, arg)	((void)(fn))

/* ---- hashes and chance */

typedef struct { u64 key[2]; } siphash_key_t;

static inline u64 siphash(const void *data, size_t len, const siphash_key_t *key)
{
	const u8 *p = data;
	u64 h = 0xcbf29ce484222325 ^ key->key[0];

	while (len--)
		h = (h ^ *p++) * 0x100000001b3;
	return h;
}

static inline u64 siphash_2u64(u64 a, u64 b, const siphash_key_t *key)
{
	u64 both[2] = { a, b };

	return siphash(both, sizeof(both), key);
}

static inline u32 jhash(const void *data, u32 len, u32 seed)
{
	const siphash_key_t key = { { seed, 0 } };

	return siphash(data, len, &key);
}

#define get_random_bytes(p, n)	memset(p, 0x5a, n)
#define sort(base, n, size, compare, swap)	qsort(base, n, size, compare)

/* ---- addresses */

static inline bool ipv6_addr_v4mapped(const struct in6_addr *a) { return IN6_IS_ADDR_V4MAPPED(a); }

static inline bool ipv6_addr_any(const struct in6_addr *a) { return IN6_IS_ADDR_UNSPECIFIED(a); }
static inline bool ipv6_addr_loopback(const struct in6_addr *a) { return IN6_IS_ADDR_LOOPBACK(a); }
static inline bool ipv4_is_multicast(__be32 a) { return IN_MULTICAST(ntohl(a)); }
static inline bool ipv4_is_lbcast(__be32 a) { return a == htonl(INADDR_BROADCAST); }
static inline bool ipv4_is_loopback(__be32 a) { return ntohl(a) >> 24 == 127; }

static inline bool ipv6_addr_equal(const struct in6_addr *a, const struct in6_addr *b)
{
	return IN6_ARE_ADDR_EQUAL(a, b);
}

static inline bool ipv6_prefix_equal(const struct in6_addr *a, const struct in6_addr *b,
				     unsigned int len)
{
	u8 rest = 0xff00 >> len % 8;

	return !memcmp(a, b, len / 8) &&
	       (len == 128 || !((a->s6_addr[len / 8] ^ b->s6_addr[len / 8]) & rest));
}

static inline void ipv6_addr_set_v4mapped(__be32 v4, struct in6_addr *a)
{
	memset(a, 0, sizeof(*a));
	a->s6_addr[10] = a->s6_addr[11] = 0xff;
	memcpy(a->s6_addr + 12, &v4, sizeof(v4));
}

/* ---- trace points: none */

#define DMK_TRACE_H
#define trace_dmk_rsa(...)	((void)0)

/* ---- time */

#define HZ 1000

extern unsigned long jiffies;	/* milliseconds */

time64_t ktime_get_boottime_seconds(void);

struct delayed_work {
	struct work_struct work;
	void (*fn)(struct work_struct *work);
	unsigned long due;
	struct delayed_work *next;	/* of those that are armed */
	bool armed;
};

#define INIT_DELAYED_WORK(w, f)	((w)->fn = (f))
#define msecs_to_jiffies(ms)	(ms)
#define time_before(a, b)	((long)((a) - (b)) < 0)
#define flush_workqueue(wq)	((void)(wq))

bool queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *w, unsigned long delay);
bool mod_delayed_work(struct workqueue_struct *wq, struct delayed_work *w, unsigned long delay);
bool cancel_delayed_work_sync(struct delayed_work *w);
#define cancel_delayed_work	cancel_delayed_work_sync

/* so many milliseconds pass, and what falls due in them is done in order */
void kernel_pass(unsigned long ms);

#endif
