// SPDX-License-Identifier: GPL-2.0
/* Exchanges with other hosts that start here. */

#include <linux/slab.h>

#include "backend.h"
#include "host.h"
#include "netns.h"
#include "sa.h"

#define SPI_TRIES 16

/* ---- who waits for an answer */

/* one that was found while it was taken out may be in again by another CSB ID */
static int differs(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct dmk_host *h = obj;

	return READ_ONCE(h->csb_id) != *(const u32 *)arg->key;
}

static const struct rhashtable_params waiting_params = {
	.key_len = sizeof_field(struct dmk_host, csb_id),
	.key_offset = offsetof(struct dmk_host, csb_id),
	.head_offset = offsetof(struct dmk_host, waiting),
	.obj_cmpfn = differs,
	.automatic_shrinking = true,
};

int dmk_host_start_init(struct dmk_net *dn)
{
	return rhashtable_init(&dn->hosts.waiting, &waiting_params);
}

void dmk_host_start_destroy(struct dmk_net *dn)
{
	rhashtable_destroy(&dn->hosts.waiting);
}

static bool wait_for(struct dmk_host *h, u32 csb_id)
{
	WRITE_ONCE(h->csb_id, csb_id);
	if (!rhashtable_lookup_insert_fast(&h->dn->hosts.waiting, &h->waiting, waiting_params))
		return true;
	WRITE_ONCE(h->csb_id, 0);
	return false;
}

static void wait_no_more(struct dmk_host *h)
{
	if (!h->csb_id)
		return;
	rhashtable_remove_fast(&h->dn->hosts.waiting, &h->waiting, waiting_params);
	WRITE_ONCE(h->csb_id, 0);
}

/* with a reference */
static struct dmk_host *find_waiting(struct dmk_net *dn, u32 csb_id)
{
	struct dmk_host *h;

	rcu_read_lock();
	h = rhashtable_lookup(&dn->hosts.waiting, &csb_id, waiting_params);
	if (h && !refcount_inc_not_zero(&h->ref))
		h = NULL;
	rcu_read_unlock();
	return h;
}

bool dmk_host_awaits(struct dmk_net *dn, const struct dmk_message *m,
		     const struct dmk_addr *from)
{
	struct dmk_host *h;
	bool awaits;

	rcu_read_lock();
	h = rhashtable_lookup(&dn->hosts.waiting, &m->hdr.csb_id, waiting_params);
	awaits = h && dmk_addr_equal(from, &h->addr);
	rcu_read_unlock();
	return awaits;
}

/* ---- the request */

static bool is_pk(const struct dmk_host *h)
{
	return !h->key;
}

/* who speaks legacy algorithms is spoken to in them */
static struct dmk_suite choose_suite(const struct dmk_host *h)
{
	if (h->suites & DMK_SUITE_LEGACY)
		return (struct dmk_suite){ DMK_PRF_MIKEY_1, DMK_ENCR_AES_CM_128, DMK_MAC_SHA1 };
	if (h->suites & DMK_SUITE_CCM)
		return (struct dmk_suite){ DMK_PRF_SHA256, DMK_ENCR_AES_CCM_128, DMK_MAC_NULL };
	return (struct dmk_suite){ DMK_PRF_SHA256, DMK_ENCR_AES_CM_128, DMK_MAC_SHA256 };
}

/* T never repeats towards a host. After a step back by more than the skew it starts
 * again from now: nobody would accept what follows the last one.
 */
static u64 next_t(struct dmk_host *h)
{
	s64 skew = (s64)READ_ONCE(h->dn->skew) << 32;
	u64 now = dmk_now_ntp();
	s64 ahead = h->last_t - now;

	h->last_t = !h->last_t || ahead < 0 || ahead > skew ? now : h->last_t + 1;
	return h->last_t;
}

/* CS 2 comes to us: its SPI must be free here, and the responder may not change it */
static bool draw_spis(struct dmk_host *h, u32 spi[2])
{
	int i;

	for (i = 0; i < SPI_TRIES; i++) {
		spi[0] = get_random_u32() | DMK_SPI_MIN;
		spi[1] = get_random_u32() | DMK_SPI_MIN;
		if (spi[0] != spi[1] && !dmk_session_by_spi(h->dn, htonl(spi[1])))
			return true;
	}
	return false;
}

static enum dmk_reason draw(struct dmk_host *h, struct dmk_crypto *c)
{
	struct dmk_host_exchange *x = h->x;

	x->t = next_t(h);
	x->csb_id = get_random_u32() ?: 1;
	x->kind = is_pk(h) ? DMK_PK_VER : DMK_PSK_VER;
	x->keys.suite = choose_suite(h);
	if (h->rule->n_policies)
		x->policy = h->rule->policies[0];
	else
		dmk_esp_policy_default(&x->policy);
	if (dmk_sa_local(h->dn, &h->addr.ip, &x->local) || !draw_spis(h, x->spi))
		return DMK_REASON_SA;
	if (dmk_random(c, x->rand, sizeof(x->rand)) || dmk_random(c, x->tgk, sizeof(x->tgk)))
		return DMK_REASON_INTERNAL;
	return DMK_OK;
}

static u32 session_data(const struct dmk_host *h, u8 out[64])
{
	const struct in6_addr *ip = &h->x->local;
	struct dmk_session_data sd = { .family = 6, .port = READ_ONCE(h->dn->socket.port) };

	memcpy(sd.addr, ip, sizeof(*ip));
	if (ipv6_addr_v4mapped(ip)) {
		sd.family = 4;
		memset(sd.addr, 0, sizeof(sd.addr));
		memcpy(sd.addr, &ip->s6_addr32[3], 4);
	}
	return dmk_session_data_emit(&sd, out);
}

/* RFC 3830 3.1, 3.2: up to SP */
static enum dmk_reason put_head(struct dmk_host *h, struct dmk_writer *w)
{
	struct dmk_host_exchange *x = h->x;
	struct dmk_ts t = { DMK_TS_NTP_UTC, x->t };
	struct dmk_id id = dmk_name_id(&h->name), own = dmk_name_id(&h->own);
	enum dmk_reason reason = DMK_OK;
	u8 buf[64];

	dmk_build_hdr_host(w, is_pk(h) ? DMK_DT_PK : DMK_DT_PSK, true, x->keys.suite.prf,
			   x->csb_id, x->spi, DMK_SPAN(buf, session_data(h, buf)));
	dmk_emit_t(w, &t);
	dmk_emit_rand(w, DMK_SPAN(x->rand, sizeof(x->rand)));
	dmk_emit_id(w, &own);
	if (is_pk(h))
		reason = dmk_host_pk_cert(h, w);
	dmk_emit_id(w, &id);
	dmk_emit_sp(w, 0, DMK_PROT_ESP, DMK_SPAN(buf, dmk_esp_policy_emit(&x->policy, buf)));
	return reason;
}

static enum dmk_reason build(struct dmk_host *h, struct dmk_crypto *c)
{
	struct dmk_host_exchange *x = h->x;
	enum dmk_reason reason = draw(h, c);
	struct dmk_writer w;

	if (reason)
		return reason;
	dmk_writer_init(&w, x->data, sizeof(x->data));
	reason = put_head(h, &w);
	if (!reason)
		reason = is_pk(h) ? dmk_host_pk_seal(h, c, &w) : dmk_host_psk_seal(h, c, &w);
	if (!reason && w.full)
		reason = DMK_REASON_INTERNAL;
	x->len = w.len;
	if (!reason && dmk_sha256(NULL, &DMK_SPAN(x->data, x->len), 1, x->hash))
		reason = DMK_REASON_INTERNAL;
	return reason;
}

static void transmit(struct dmk_host *h)
{
	struct dmk_id id = dmk_name_id(&h->name), own = dmk_name_id(&h->own);
	struct dmk_host_exchange *x = h->x;

	x->due = jiffies + (HZ << x->repeats);
	dmk_socket_send(h->dn, &h->addr, x->data, x->len);
	dmk_event_message(h->dn, DMK_SIDE_HOST, is_pk(h) ? DMK_PK : DMK_PSK, true, x->len,
			  &h->addr, &own, &id);
}

void dmk_host_abandon(struct dmk_host *h)
{
	wait_no_more(h);
	/* TGK and keys */
	kfree_sensitive(h->x);
	h->x = NULL;
}

enum dmk_reason dmk_host_start(struct dmk_host *h)
{
	struct dmk_hosts *hs = &h->dn->hosts;
	enum dmk_reason reason;

	if (!READ_ONCE(h->dn->socket.port))
		return DMK_REASON_NO_ROLE;
	h->x = kzalloc(sizeof(*h->x), GFP_KERNEL);
	if (!h->x)
		return DMK_REASON_MEMORY;
	mutex_lock(&hs->crypto_lock);
	reason = build(h, hs->crypto);
	dmk_crypto_forget(hs->crypto);
	mutex_unlock(&hs->crypto_lock);
	if (!reason && !wait_for(h, h->x->csb_id))
		reason = DMK_REASON_MEMORY;
	if (reason) {
		dmk_host_abandon(h);
		return reason;
	}
	transmit(h);
	return DMK_OK;
}

enum dmk_reason dmk_host_repeat(struct dmk_host *h)
{
	if (h->x->repeats == DMK_HOST_REPEATS) {
		dmk_host_abandon(h);
		return DMK_REASON_NO_ANSWER;
	}
	h->x->repeats++;
	transmit(h);
	return DMK_OK;
}

/* ---- the answer */

static bool is_waiting(const struct dmk_host *h, const struct dmk_message *m)
{
	return !h->gone && h->x && h->x->csb_id == m->hdr.csb_id && h->x->t == m->t.value;
}

/* all that the answer has to repeat; it is authentic then */
static enum dmk_reason check(const struct dmk_host *h, struct dmk_crypto *c,
			     const struct dmk_message *m)
{
	struct dmk_id id = dmk_name_id(&h->name), own = dmk_name_id(&h->own);
	const struct dmk_host_exchange *x = h->x;

	if (m->hdr.prf != x->keys.suite.prf)
		return DMK_REASON_PRF;
	if (m->ver.alg != dmk_host_auth_alg(&x->keys.suite))
		return DMK_REASON_AUTH_ALG;
	if (m->idr.data.len && !dmk_id_equal(&m->idr, &id))
		return DMK_REASON_UNKNOWN_SENDER;
	return dmk_check_v(c, m, x->keys.msg.auth, &own, &id, x->t);
}

static enum dmk_reason install(struct dmk_host *h, struct dmk_crypto *c,
			       const struct dmk_message *m)
{
	struct dmk_host_exchange *x = h->x;
	struct dmk_host_session s = {
		.initiated = true,
		.csb_id = x->csb_id,
		.t = x->t,
		.prf = x->keys.suite.prf,
		.rand = DMK_SPAN(x->rand, sizeof(x->rand)),
		.tgk = DMK_SPAN(x->tgk, sizeof(x->tgk)),
		.policy = &x->policy,
		.spi = { m->spi[0], x->spi[1] },
		.hash = x->hash,
	};

	return dmk_host_establish(h, c, &s);
}

static enum dmk_reason accept(struct dmk_host *h, struct dmk_worker *w,
			      const struct dmk_datagram *d)
{
	const struct dmk_message *m = &w->m;
	struct dmk_id id = dmk_name_id(&h->name), own = dmk_name_id(&h->own);
	enum dmk_reason reason;

	if (!is_waiting(h, m) || m->kind != h->x->kind)
		return DMK_REASON_NOT_LATEST_T;
	reason = check(h, w->crypto, m);
	if (reason)
		return reason;
	if (m->spi[1] != h->x->spi[1])
		return DMK_REASON_MAP_MISMATCH;
	dmk_event_message(w->dn, DMK_SIDE_HOST, m->kind, false, m->raw.len, &d->from, &own, &id);
	reason = install(h, w->crypto, m);
	dmk_host_abandon(h);
	if (reason)
		dmk_host_failed(h, reason);
	else
		dmk_host_crossed(h);
	return reason;
}

enum dmk_reason dmk_host_answer(struct dmk_worker *w, struct dmk_datagram *d)
{
	enum dmk_reason reason = dmk_message_check_host(&w->m);
	struct dmk_host *h;

	if (reason)
		return reason;
	h = find_waiting(w->dn, w->m.hdr.csb_id);
	if (!h)
		return DMK_REASON_NOT_LATEST_T;
	mutex_lock(&h->lock);
	reason = accept(h, w, d);
	mutex_unlock(&h->lock);
	dmk_host_put(h);
	return reason;
}

/* ---- an error in its place */

/* 7.3: the same message behind a cookie */
static enum dmk_reason follow_cookie(struct dmk_host *h, const struct dmk_message *m,
				     const struct dmk_addr *from)
{
	u8 *data;
	u32 len;

	if (!dmk_addr_equal(from, &h->addr) || h->x->cookies == DMK_COOKIES_FOLLOWED)
		return DMK_REASON_HINT;
	data = kmalloc(DMK_MSG_MAX, GFP_KERNEL);
	if (!data)
		return DMK_REASON_MEMORY;
	h->x->cookies++;
	memcpy(data, h->x->data, h->x->len);
	len = dmk_message_add_cookie(data, h->x->len, DMK_MSG_MAX, m->cookie.data);
	if (len)
		dmk_socket_send(h->dn, &h->addr, data, len);
	kfree(data);
	dmk_stats_inc(h->dn, DMK_STAT_COOKIE_FOLLOWED);
	return DMK_OK;
}

/* what Error no says of a refusal of ours */
static enum dmk_reason reason_of(u8 error)
{
	switch (error) {
	case DMK_ERR_TS:
		return DMK_REASON_STALE;
	case DMK_ERR_SPPAR:
		return DMK_REASON_SP_UNSUPPORTED;
	case DMK_ERR_NOT_AUTHORIZED:
		return DMK_REASON_AUTHORIZATION;
	default:
		return DMK_REASON_NO_SESSION;
	}
}

/* What was dropped at first, for an exchange of theirs, is stale since that has
 * succeeded. If we began anew behind that, we do so once more, with a T that is new.
 */
static void give_up(struct dmk_host *h, u8 error)
{
	bool anew = error == DMK_ERR_TS && h->x->repeats;
	enum dmk_reason reason;

	dmk_host_abandon(h);
	reason = anew ? dmk_host_start(h) : reason_of(error);
	if (reason)
		dmk_host_failed(h, reason);
	else
		dmk_host_kick(h, 0);
}

static enum dmk_reason heed(struct dmk_host *h, struct dmk_worker *w,
			    const struct dmk_addr *from)
{
	struct dmk_id id = dmk_name_id(&h->name), own = dmk_name_id(&h->own);
	const struct dmk_message *m = &w->m;
	enum dmk_reason reason;

	if (!is_waiting(h, m))
		return DMK_REASON_NOT_LATEST_T;
	if (m->error == DMK_ERR_COOKIE)
		return follow_cookie(h, m, from);
	/* without V it ends nothing */
	if (!m->ver.data.data)
		return DMK_REASON_HINT;
	reason = dmk_check_v(w->crypto, m, h->x->keys.msg.auth, &own, &id, h->x->t);
	if (reason)
		return reason;
	give_up(h, m->error);
	return DMK_OK;
}

enum dmk_reason dmk_host_err(struct dmk_worker *w, const struct dmk_addr *from)
{
	struct dmk_host *h = find_waiting(w->dn, w->m.hdr.csb_id);
	enum dmk_reason reason;

	if (!h)
		return DMK_REASON_NOT_LATEST_T;
	mutex_lock(&h->lock);
	reason = heed(h, w, from);
	mutex_unlock(&h->lock);
	dmk_host_put(h);
	return reason;
}
