// SPDX-License-Identifier: GPL-2.0
/* xfrm states of a session: protocol.md 4 and 8. */

#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/netlink.h>
#include <net/addrconf.h>
#include <net/ip6_route.h>
#include <net/route.h>
#include <net/xfrm.h>

#include "compat.h"
#include "netns.h"
#include "sa.h"

#define NAT_T_PORT 4500			/* RFC 3948 */

/**
 * struct cipher - how xfrm calls a cipher
 * @id: enum dmk_esp_cipher
 * @name: of the AEAD, or of the cipher if @icv_bits is 0
 * @icv_bits: length of the AEAD's ICV
 */
struct cipher {
	u16 id;
	const char *name;
	u16 icv_bits;
};

static const struct cipher ciphers[] = {
	{ DMK_ESP_AES_CBC, "cbc(aes)", 0 },
	{ DMK_ESP_AES_CCM_8, "rfc4309(ccm(aes))", 64 },
	{ DMK_ESP_AES_CCM_16, "rfc4309(ccm(aes))", 128 },
	{ DMK_ESP_AES_GCM_8, "rfc4106(gcm(aes))", 64 },
	{ DMK_ESP_AES_GCM_16, "rfc4106(gcm(aes))", 128 },
	{ DMK_ESP_CHACHA20_POLY1305, "rfc7539esp(chacha20,poly1305)", 128 },
};

static const struct cipher *cipher_of(u16 id)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ciphers); i++)
		if (ciphers[i].id == id)
			return &ciphers[i];
	return NULL;
}

static int attach_aead(struct xfrm_state *x, const struct cipher *c,
		       const struct dmk_esp_keys *k)
{
	struct xfrm_algo_desc *desc = xfrm_aead_get_byname(c->name, c->icv_bits, 1);
	unsigned int len = k->cipher_len + k->salt_len;

	if (!desc)
		return -ENOSYS;
	x->aead = kzalloc(sizeof(*x->aead) + len, GFP_KERNEL);
	if (!x->aead)
		return -ENOMEM;
	strscpy(x->aead->alg_name, desc->name, sizeof(x->aead->alg_name));
	x->aead->alg_key_len = len * 8;
	x->aead->alg_icv_len = c->icv_bits;
	memcpy(x->aead->alg_key, k->cipher_key, k->cipher_len);
	memcpy(x->aead->alg_key + k->cipher_len, k->salt, k->salt_len);
	x->props.ealgo = desc->desc.sadb_alg_id;
	x->geniv = desc->uinfo.aead.geniv;
	return 0;
}

static int attach_cipher(struct xfrm_state *x, const struct cipher *c,
			 const struct dmk_esp_keys *k)
{
	struct xfrm_algo_desc *desc = xfrm_ealg_get_byname(c->name, 1);

	if (!desc)
		return -ENOSYS;
	x->ealg = kzalloc(sizeof(*x->ealg) + k->cipher_len, GFP_KERNEL);
	if (!x->ealg)
		return -ENOMEM;
	strscpy(x->ealg->alg_name, desc->name, sizeof(x->ealg->alg_name));
	x->ealg->alg_key_len = k->cipher_len * 8;
	memcpy(x->ealg->alg_key, k->cipher_key, k->cipher_len);
	x->props.ealgo = desc->desc.sadb_alg_id;
	x->geniv = desc->uinfo.encr.geniv;
	return 0;
}

static int attach_integ(struct xfrm_state *x, const struct dmk_esp_keys *k)
{
	/* esp_init_authenc() takes a BUG without this look-up */
	struct xfrm_algo_desc *desc = xfrm_aalg_get_byname("hmac(sha256)", 1);

	if (!desc)
		return -ENOSYS;
	x->aalg = kzalloc(sizeof(*x->aalg) + k->integ_len, GFP_KERNEL);
	if (!x->aalg)
		return -ENOMEM;
	strscpy(x->aalg->alg_name, desc->name, sizeof(x->aalg->alg_name));
	x->aalg->alg_key_len = k->integ_len * 8;
	x->aalg->alg_trunc_len = 128;
	memcpy(x->aalg->alg_key, k->integ_key, k->integ_len);
	x->props.aalgo = desc->desc.sadb_alg_id;
	return 0;
}

static int attach_keys(struct xfrm_state *x, const struct dmk_sa *sa)
{
	const struct cipher *c = cipher_of(sa->policy->cipher);
	int err;

	if (!c)
		return -ENOSYS;
	if (c->icv_bits)
		return attach_aead(x, c, sa->keys);
	err = attach_cipher(x, c, sa->keys);
	return err ? err : attach_integ(x, sa->keys);
}

static int attach_replay(struct xfrm_state *x, const struct dmk_esp_policy *p)
{
	u32 window = min_t(u32, p->window, XFRMA_REPLAY_ESN_MAX);
	u32 words = DIV_ROUND_UP(window, 32);
	size_t len = sizeof(*x->replay_esn) + words * sizeof(u32);

	x->replay_esn = kzalloc(len, GFP_KERNEL);
	x->preplay_esn = kzalloc(len, GFP_KERNEL);
	if (!x->replay_esn || !x->preplay_esn)
		return -ENOMEM;
	x->replay_esn->bmp_len = words;
	x->replay_esn->replay_window = window;
	x->preplay_esn->bmp_len = words;
	x->preplay_esn->replay_window = window;
	if (p->esn)
		x->props.flags |= XFRM_STATE_ESN;
	return 0;
}

static int attach_encap(struct xfrm_state *x, const struct dmk_sa *sa)
{
	__be16 i_port = htons(sa->sd->encap_port), r_port = htons(NAT_T_PORT);

	if (!sa->sd->encap_port)
		return 0;
	x->encap = kzalloc(sizeof(*x->encap), GFP_KERNEL);
	if (!x->encap)
		return -ENOMEM;
	x->encap->encap_type = UDP_ENCAP_ESPINUDP;
	x->encap->encap_sport = sa->inbound ? i_port : r_port;
	x->encap->encap_dport = sa->inbound ? r_port : i_port;
	return 0;
}

static void set_address(xfrm_address_t *to, const struct in6_addr *from, u8 family)
{
	if (family == 4)
		to->a4 = from->s6_addr32[3];
	else
		to->in6 = *from;
}

static void set_selector(struct xfrm_state *x, const struct dmk_sa *sa)
{
	u16 sport = sa->inbound ? sa->sd->i_port : sa->sd->r_port;
	u16 dport = sa->inbound ? sa->sd->r_port : sa->sd->i_port;

	x->sel.family = x->props.family;
	x->sel.saddr = x->props.saddr;
	x->sel.daddr = x->id.daddr;
	x->sel.prefixlen_s = sa->sd->family == 4 ? 32 : 128;
	x->sel.prefixlen_d = x->sel.prefixlen_s;
	x->sel.proto = sa->sd->proto;
	x->sel.sport = htons(sport);
	x->sel.sport_mask = sport ? htons(U16_MAX) : 0;
	x->sel.dport = htons(dport);
	x->sel.dport_mask = dport ? htons(U16_MAX) : 0;
}

static void describe(struct xfrm_state *x, const struct dmk_sa *sa)
{
	x->props.family = sa->sd->family == 4 ? AF_INET : AF_INET6;
	x->props.mode = sa->policy->tunnel ? XFRM_MODE_TUNNEL : XFRM_MODE_TRANSPORT;
	x->props.reqid = sa->reqid;
	x->id.proto = IPPROTO_ESP;
	set_address(&x->id.daddr, sa->inbound ? &sa->local : &sa->sensor, sa->sd->family);
	set_address(&x->props.saddr, sa->inbound ? &sa->sensor : &sa->local, sa->sd->family);
	set_selector(x, sa);
	x->lft.hard_add_expires_seconds = sa->policy->life_seconds;
	x->lft.hard_packet_limit = sa->policy->life_packets;
}

static int prepare(struct xfrm_state *x, const struct dmk_sa *sa)
{
	int err;

	describe(x, sa);
	err = attach_keys(x, sa);
	if (!err)
		err = attach_replay(x, sa->policy);
	if (!err)
		err = attach_encap(x, sa);
	if (!err)
		err = dmk_xfrm_init_state(x);
	return err;
}

/* A notification holds the keys. xfrm makes it whether or not somebody listens,
 * and memory that nobody took it from goes back with the keys in it.
 */
static void notify_listeners(struct xfrm_state *x, u32 event)
{
	struct km_event c = { .event = event };
	struct sock *nlsk;
	bool heard;

	rcu_read_lock();
	nlsk = rcu_dereference(xs_net(x)->xfrm.nlsk);
	heard = nlsk && netlink_has_listeners(nlsk, XFRMNLGRP_SA);
	rcu_read_unlock();
	if (heard)
		km_state_notify(x, &c);
}

static void notify_new(struct xfrm_state *x)
{
	xfrm_audit_state_add(x, 1, true);
	notify_listeners(x, XFRM_MSG_NEWSA);
}

/* xfrm frees them as they are. Its ciphers have copies, and wipe those. A dump of
 * states that has met this one just before may show less of the keys, or nothing.
 */
static void wipe_keys(struct xfrm_state *x)
{
	if (x->aead)
		memzero_explicit(x->aead->alg_key, DIV_ROUND_UP(x->aead->alg_key_len, 8));
	if (x->ealg)
		memzero_explicit(x->ealg->alg_key, DIV_ROUND_UP(x->ealg->alg_key_len, 8));
	if (x->aalg)
		memzero_explicit(x->aalg->alg_key, DIV_ROUND_UP(x->aalg->alg_key_len, 8));
}

void dmk_sa_drop(struct xfrm_state *x)
{
	if (!x)
		return;
	x->km.state = XFRM_STATE_DEAD;
	wipe_keys(x);
	xfrm_state_put(x);
}

int dmk_sa_make(struct dmk_net *dn, const struct dmk_sa *sa, struct xfrm_state **out)
{
	struct xfrm_state *x = xfrm_state_alloc(dn->net);
	int err;

	if (!x)
		return -ENOMEM;
	err = prepare(x, sa);
	if (err) {
		dmk_sa_drop(x);
		return err;
	}
	if (!sa->inbound)
		x->km.state = XFRM_STATE_VOID;
	*out = x;
	return 0;
}

int dmk_sa_insert(struct xfrm_state *x, __be32 spi)
{
	int err;

	x->id.spi = spi;
	/* xfrm's own */
	xfrm_state_hold(x);
	err = xfrm_state_add(x);
	if (err)
		__xfrm_state_put(x);
	else
		notify_new(x);
	return err;
}

void dmk_sa_open(struct xfrm_state *x)
{
	spin_lock_bh(&x->lock);
	if (x->km.state == XFRM_STATE_VOID)
		WRITE_ONCE(x->km.state, XFRM_STATE_VALID);
	spin_unlock_bh(&x->lock);
}

static void notify_end(struct xfrm_state *x)
{
	xfrm_audit_state_delete(x, 1, true);
	notify_listeners(x, XFRM_MSG_DELSA);
}

void dmk_sa_remove(struct xfrm_state *x)
{
	if (!x)
		return;
	if (!xfrm_state_delete(x))
		notify_end(x);
	wipe_keys(x);
	xfrm_state_put(x);
}

time64_t dmk_sa_expires(const struct xfrm_state *x)
{
	/* xfrm moves it when the clock is set */
	return READ_ONCE(x->curlft.add_time) + x->lft.hard_add_expires_seconds;
}

void dmk_sa_usage(struct xfrm_state *x, struct dmk_sa_usage *u)
{
	spin_lock_bh(&x->lock);
	u->packets = x->curlft.packets;
	u->bytes = x->curlft.bytes;
	u->last = x->lastused;
	spin_unlock_bh(&x->lock);
}

/* Without x->lock, as xfrm itself looks: it writes plainly, but one byte, and whoever
 * ends a state tells of it behind that.
 */
bool dmk_sa_is_gone(const struct xfrm_state *x)
{
	u8 state = READ_ONCE(x->km.state);

	return state == XFRM_STATE_DEAD || state == XFRM_STATE_EXPIRED;
}

static int local4(struct net *net, const struct in6_addr *sensor, struct in6_addr *local)
{
	/* without a protocol no xfrm policy is looked up */
	struct flowi4 fl = { .daddr = sensor->s6_addr32[3] };
	struct rtable *rt = ip_route_output_key(net, &fl);

	if (IS_ERR(rt))
		return PTR_ERR(rt);
	ip_rt_put(rt);
	ipv6_addr_set_v4mapped(fl.saddr, local);
	return 0;
}

static int local6(struct net *net, const struct in6_addr *sensor, struct in6_addr *local)
{
	struct flowi6 fl = { .daddr = *sensor };
	struct dst_entry *dst = ip6_route_output(net, NULL, &fl);
	int err = dst->error;

	if (!err)
		err = ipv6_dev_get_saddr(net, dst->dev, sensor, 0, local);
	dst_release(dst);
	return err;
}

int dmk_sa_local(struct dmk_net *dn, const struct in6_addr *sensor, struct in6_addr *local)
{
	if (ipv6_addr_v4mapped(sensor))
		return local4(dn->net, sensor, local);
	/* with ipv6.disable=1 there is nothing to ask: no table, no settings */
	return ipv6_mod_enabled() ? local6(dn->net, sensor, local) : -EAFNOSUPPORT;
}

/* Behind xfrm a packet passes here with its path: the first one through an
 * inbound state confirms its session, before the packet reaches a socket.
 */
static unsigned int hear(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	struct sec_path *sp = skb_sec_path(skb);
	struct dmk_net *dn = priv;
	int i;

	if (!sp || !atomic_read(&dn->sessions.unconfirmed))
		return NF_ACCEPT;
	for (i = 0; i < sp->len; i++)
		dmk_session_heard(dn, sp->xvec[i]);
	return NF_ACCEPT;
}

static const struct nf_hook_ops hook_template[] = {
	{ .hook = hear, .pf = NFPROTO_IPV4, .hooknum = NF_INET_PRE_ROUTING,
	  .priority = NF_IP_PRI_FIRST },
	{ .hook = hear, .pf = NFPROTO_IPV6, .hooknum = NF_INET_PRE_ROUTING,
	  .priority = NF_IP6_PRI_FIRST },
};

int dmk_sa_netns_init(struct dmk_net *dn)
{
	unsigned int i;
	int err;

	BUILD_BUG_ON(ARRAY_SIZE(dn->hooks) != ARRAY_SIZE(hook_template));
	memcpy(dn->hooks, hook_template, sizeof(hook_template));
	for (i = 0; i < ARRAY_SIZE(dn->hooks); i++)
		dn->hooks[i].priv = dn;
	err = nf_register_net_hooks(dn->net, dn->hooks, ARRAY_SIZE(dn->hooks));
	return err;
}

void dmk_sa_netns_exit(struct dmk_net *dn)
{
	nf_unregister_net_hooks(dn->net, dn->hooks, ARRAY_SIZE(dn->hooks));
	/* no softirq is in hear() with dn any more */
	synchronize_net();
}

/* Somebody else removed a state, or its life has ended. */
static int notify(struct xfrm_state *x, const struct km_event *c)
{
	switch (c->event) {
	case XFRM_MSG_EXPIRE:
		if (!c->data.hard)
			return 0;
		fallthrough;
	case XFRM_MSG_DELSA:
	case XFRM_MSG_FLUSHSA:
		dmk_session_lost(dmk_net(x ? xs_net(x) : c->net), x);
	}
	return 0;
}

static int acquire(struct xfrm_state *x, struct xfrm_tmpl *t, struct xfrm_policy *xp)
{
	/* sessions are the sensor's to start */
	return -EINVAL;
}

/* a socket's own policy is another manager's to read; xfrm calls every one */
static struct xfrm_policy *compile_policy(struct sock *sk, int opt, u8 *data,
					  int len, int *dir)
{
	*dir = -EOPNOTSUPP;
	return NULL;
}

static struct xfrm_mgr manager = {
	.notify = notify,
	.acquire = acquire,
	.compile_policy = compile_policy,
};

void dmk_sa_init(void)
{
	xfrm_register_km(&manager);
}

void dmk_sa_exit(void)
{
	xfrm_unregister_km(&manager);
	/* readers of the list of managers are under RCU */
	synchronize_rcu();
}
