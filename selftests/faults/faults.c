// SPDX-License-Identifier: GPL-2.0
/*
 * Whatever dmikey.ko asks the kernel for that takes memory, in a form that can fail
 * when it is told to. dmikey_faulty.ko is dmikey.ko with these in the place of the
 * kernel's; nothing else in the machine is touched. In
 * /sys/kernel/debug/dmikey_faults:
 *
 *	task	write N: the N-th call of this task fails, once; read: what is left
 *	any	the same, whoever calls, in whatever context
 *	every	write N: every N-th fails, whoever calls (0: no more)
 *	count	how many have failed
 *	sites	from where
 */
#include <crypto/aead.h>
#include <crypto/akcipher.h>
#include <crypto/hash.h>
#include <crypto/skcipher.h>
#include <linux/debugfs.h>
#include <linux/key.h>
#include <linux/module.h>
#include <linux/netfilter.h>
#include <linux/rhashtable.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/xarray.h>
#include <net/genetlink.h>
#include <net/udp_tunnel.h>
#include <net/xfrm.h>

#define SITES 256

static struct task_struct *whose;	/* NULL: anybody's */
static atomic_t left;
static u32 every;
static atomic_t count;

static DEFINE_SPINLOCK(sites_lock);
static unsigned long sites[SITES];
static unsigned int n_sites;

static void remember(unsigned long site)
{
	unsigned long flags;
	unsigned int i;

	spin_lock_irqsave(&sites_lock, flags);
	for (i = 0; i < n_sites && sites[i] != site; i++)
		;
	if (i == n_sites && n_sites < SITES)
		sites[n_sites++] = site;
	spin_unlock_irqrestore(&sites_lock, flags);
}

static bool fails(unsigned long site)
{
	struct task_struct *t = READ_ONCE(whose);

	if (t && (t != current || !in_task()))
		return false;
	if (atomic_fetch_add_unless(&left, -1, 0) != 1)
		return false;
	if (READ_ONCE(every))
		atomic_set(&left, READ_ONCE(every));
	atomic_inc(&count);
	remember(site);
	return true;
}

/* the name of each comes first in its line but for the type: Makefile reads them */
#define FAULTY(type, name, failure, params, args)			\
	type dmkf_##name params;					\
	type dmkf_##name params						\
	{								\
		return fails(_RET_IP_) ? failure : name args;		\
	}								\
	EXPORT_SYMBOL_GPL(dmkf_##name)

#define NO_MEMORY ERR_PTR(-ENOMEM)

FAULTY(void *, __kmalloc, NULL, (size_t size, gfp_t gfp), (size, gfp));
FAULTY(void *, kmalloc_trace, NULL, (struct kmem_cache *s, gfp_t gfp, size_t size),
       (s, gfp, size));
FAULTY(void *, kmalloc_large, NULL, (size_t size, gfp_t gfp), (size, gfp));
FAULTY(void *, kmemdup, NULL, (const void *src, size_t len, gfp_t gfp), (src, len, gfp));
FAULTY(void *, kvmalloc_node, NULL, (size_t size, gfp_t gfp, int node), (size, gfp, node));
FAULTY(void *, kmem_cache_alloc, NULL, (struct kmem_cache *s, gfp_t gfp), (s, gfp));
FAULTY(void __percpu *, __alloc_percpu, NULL, (size_t size, size_t align), (size, align));
FAULTY(struct sk_buff *, __alloc_skb, NULL,
       (unsigned int size, gfp_t gfp, int flags, int node), (size, gfp, flags, node));
FAULTY(void *, __pskb_pull_tail, NULL, (struct sk_buff *skb, int delta), (skb, delta));
FAULTY(int, __xa_alloc, -ENOMEM,
       (struct xarray *xa, u32 *id, void *entry, struct xa_limit limit, gfp_t gfp),
       (xa, id, entry, limit, gfp));
FAULTY(int, rhashtable_init, -ENOMEM,
       (struct rhashtable *ht, const struct rhashtable_params *params), (ht, params));
FAULTY(int, rhltable_init, -ENOMEM,
       (struct rhltable *ht, const struct rhashtable_params *params), (ht, params));
FAULTY(void *, rhashtable_insert_slow, NO_MEMORY,
       (struct rhashtable *ht, const void *key, struct rhash_head *obj), (ht, key, obj));
FAULTY(struct crypto_aead *, crypto_alloc_aead, NO_MEMORY,
       (const char *alg, u32 type, u32 mask), (alg, type, mask));
FAULTY(struct crypto_akcipher *, crypto_alloc_akcipher, NO_MEMORY,
       (const char *alg, u32 type, u32 mask), (alg, type, mask));
FAULTY(struct crypto_shash *, crypto_alloc_shash, NO_MEMORY,
       (const char *alg, u32 type, u32 mask), (alg, type, mask));
FAULTY(struct crypto_skcipher *, crypto_alloc_skcipher, NO_MEMORY,
       (const char *alg, u32 type, u32 mask), (alg, type, mask));
FAULTY(int, crypto_aead_setkey, -ENOMEM,
       (struct crypto_aead *tfm, const u8 *key, unsigned int len), (tfm, key, len));
FAULTY(int, crypto_aead_encrypt, -ENOMEM, (struct aead_request *req), (req));
FAULTY(int, crypto_aead_decrypt, -ENOMEM, (struct aead_request *req), (req));
FAULTY(int, crypto_shash_setkey, -ENOMEM,
       (struct crypto_shash *tfm, const u8 *key, unsigned int len), (tfm, key, len));
FAULTY(int, crypto_skcipher_setkey, -ENOMEM,
       (struct crypto_skcipher *tfm, const u8 *key, unsigned int len), (tfm, key, len));
FAULTY(int, crypto_skcipher_encrypt, -ENOMEM, (struct skcipher_request *req), (req));
FAULTY(key_ref_t, lookup_user_key, NO_MEMORY,
       (key_serial_t id, unsigned long flags, enum key_need_perm need), (id, flags, need));
FAULTY(struct kmem_cache *, kmem_cache_create, NULL,
       (const char *name, unsigned int size, unsigned int align, slab_flags_t flags,
	void (*ctor)(void *obj)),
       (name, size, align, flags, ctor));
FAULTY(struct workqueue_struct *, alloc_workqueue, NULL,
       (const char *name, unsigned int flags, int max_active, ...),
       ("%s", flags, max_active, name));
FAULTY(int, genl_register_family, -ENOMEM, (struct genl_family *family), (family));
FAULTY(int, nf_register_net_hooks, -ENOMEM,
       (struct net *net, const struct nf_hook_ops *reg, unsigned int n), (net, reg, n));
FAULTY(int, udp_sock_create4, -ENOMEM,
       (struct net *net, struct udp_port_cfg *cfg, struct socket **sock), (net, cfg, sock));
FAULTY(int, udp_sock_create6, -ENOMEM,
       (struct net *net, struct udp_port_cfg *cfg, struct socket **sock), (net, cfg, sock));
FAULTY(struct xfrm_state *, xfrm_state_alloc, NULL, (struct net *net), (net));
FAULTY(int, xfrm_init_state, -ENOMEM, (struct xfrm_state *x), (x));

/* ---- debugfs */

static void arm(struct task_struct *task, u32 n, u32 again)
{
	atomic_set(&left, 0);
	WRITE_ONCE(whose, task);
	WRITE_ONCE(every, again);
	atomic_set(&left, n);
}

static int left_get(void *data, u64 *value)
{
	*value = atomic_read(&left);
	return 0;
}

static int task_set(void *data, u64 n)
{
	arm(n ? current : NULL, n, 0);
	return 0;
}

static int any_set(void *data, u64 n)
{
	arm(NULL, n, 0);
	return 0;
}

static int every_set(void *data, u64 n)
{
	arm(NULL, n, n);
	return 0;
}

static int sites_show(struct seq_file *s, void *v)
{
	unsigned int i;

	for (i = 0; i < READ_ONCE(n_sites); i++)
		seq_printf(s, "%pS\n", (void *)sites[i]);
	return 0;
}

DEFINE_DEBUGFS_ATTRIBUTE(task_ops, left_get, task_set, "%llu\n");
DEFINE_DEBUGFS_ATTRIBUTE(any_ops, left_get, any_set, "%llu\n");
DEFINE_DEBUGFS_ATTRIBUTE(every_ops, left_get, every_set, "%llu\n");
DEFINE_SHOW_ATTRIBUTE(sites);

static struct dentry *dir;

static int __init faults_init(void)
{
	dir = debugfs_create_dir(KBUILD_MODNAME, NULL);
	debugfs_create_file_unsafe("task", 0600, dir, NULL, &task_ops);
	debugfs_create_file_unsafe("any", 0600, dir, NULL, &any_ops);
	debugfs_create_file_unsafe("every", 0600, dir, NULL, &every_ops);
	debugfs_create_atomic_t("count", 0400, dir, &count);
	debugfs_create_file("sites", 0400, dir, NULL, &sites_fops);
	return 0;
}

static void __exit faults_exit(void)
{
	debugfs_remove(dir);
}

module_init(faults_init);
module_exit(faults_exit);
MODULE_DESCRIPTION("Calls of dmikey.ko that fail when they are told to");
MODULE_LICENSE("GPL");
