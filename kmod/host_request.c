// SPDX-License-Identifier: GPL-2.0
/* Requests of other hosts: who, authentic, allowed, SAs, answer. */

#include <linux/slab.h>

#include "error.h"
#include "host.h"
#include "netns.h"

#define SETTLED 2	/* seconds: nothing that crossed an exchange is on its way still */

/**
 * struct request - a request that has arrived
 * @w: the worker
 * @m: the message
 * @from: where it came from
 * @h: the host
 * @signer: who signed it, or NULL
 * @keys: what protects it
 * @opened: the TGK
 * @policy: the ESP policy that it asks for
 * @sd: Session Data
 * @authentic: it is
 * @out: the answer
 */
struct request {
	struct dmk_worker *w;
	const struct dmk_message *m;
	const struct dmk_addr *from;
	struct dmk_host *h;
	struct dmk_peer *signer;
	struct dmk_host_keys keys;
	struct dmk_opened opened;
	struct dmk_esp_policy policy;
	struct dmk_session_data sd;
	bool authentic;
	u8 out[DMK_ERROR_ROOM];
};

static void request_free(struct request *r)
{
	dmk_host_put(r->h);
	dmk_cert_put(r->signer);
	/* keys and TGK with the rest */
	kfree_sensitive(r);
}

/* ---- up to and with authentication, in the order of protocol.md 7 */

static u32 suite_bit(const struct dmk_suite *s)
{
	if (s->prf == DMK_PRF_MIKEY_1)
		return s->encr_alg == DMK_ENCR_AES_CM_128 && s->mac_alg == DMK_MAC_SHA1 ?
		       DMK_SUITE_LEGACY : 0;
	if (s->encr_alg == DMK_ENCR_AES_CCM_128)
		return s->mac_alg == DMK_MAC_NULL ? DMK_SUITE_CCM : 0;
	return s->encr_alg == DMK_ENCR_AES_CM_128 && s->mac_alg == DMK_MAC_SHA256 ?
	       DMK_SUITE_CM : 0;
}

static enum dmk_reason identify(struct request *r)
{
	r->h = dmk_host_find(r->w->dn, &r->m->idi, &r->m->idr);
	if (!r->h)
		return DMK_REASON_UNKNOWN_SENDER;
	/* a host with a PSK is not let in with a certificate, nor the other way round */
	if (!r->h->key != (r->m->kind == DMK_PK))
		return DMK_REASON_DATA_TYPE;
	r->keys.suite = (struct dmk_suite){
		r->m->hdr.prf, r->m->kemac.encr_alg, r->m->kemac.mac_alg
	};
	return r->h->suites & suite_bit(&r->keys.suite) ? DMK_OK : DMK_REASON_ALGORITHMS;
}

static enum dmk_reason find_keys(struct request *r, struct dmk_datagram **d)
{
	if (r->h->key)
		return dmk_host_psk_keys(r->h, r->w->crypto, r->m->hdr.csb_id, r->m->rand,
					 &r->keys);
	return dmk_host_pk_open(r->h, r->w, d, &r->keys, &r->signer);
}

static enum dmk_reason open_tgk(struct request *r)
{
	enum dmk_reason reason = dmk_open_kemac(r->w->crypto, r->m, &r->keys.msg, &r->opened);

	if (reason || r->m->kind == DMK_PSK)
		return reason;
	/* RFC 3830 3.2: IDi stands before the TGK, too */
	return dmk_id_equal(&r->opened.id, &r->m->idi) ? DMK_OK : DMK_REASON_IDTP_MISMATCH;
}

/* ---- when both sides begin at once */

/* whose exchange counts: that of the smaller identity */
static bool is_ours_first(const struct dmk_host *h)
{
	unsigned int len = min(h->own.len, h->name.len);
	int diff = memcmp(h->own.data, h->name.data, len);

	if (diff)
		return diff < 0;
	if (h->own.len != h->name.len)
		return h->own.len < h->name.len;
	return h->own.type < h->name.type;
}

/* under the host's lock: it is not for a request to be heard now */
static bool is_crossed(const struct dmk_host *h)
{
	bool settling = h->since && h->initiated &&
			ktime_get_boottime_seconds() < h->since + SETTLED;

	return (h->x || settling) && is_ours_first(h);
}

/* its sender has given it up, or will: from then on it is a replay */
void dmk_host_crossed(struct dmk_host *h)
{
	if (!h->crossed_t)
		return;
	if (!h->seen_t || (s64)(h->crossed_t - h->seen_t) > 0)
		h->seen_t = h->crossed_t;
	dmk_ntp_note(h->dn, h->crossed_t);
	h->crossed_t = 0;
}

/* Before any key is looked at: a request that was dropped for an exchange of ours comes
 * again. A newer one gets as far as give_precedence().
 */
static enum dmk_reason check_crossed(struct dmk_host *h, u64 t)
{
	bool again;

	mutex_lock(&h->lock);
	again = h->x && is_crossed(h) && h->crossed_t && (s64)(t - h->crossed_t) <= 0;
	mutex_unlock(&h->lock);
	return again ? DMK_REASON_UNEXPECTED : DMK_OK;
}

/* only its T is remembered: it may come again when ours has failed */
static void note_crossed(struct dmk_host *h, u64 t)
{
	if (!h->crossed_t || (s64)(t - h->crossed_t) > 0)
		h->crossed_t = t;
	if (!h->x)
		dmk_host_crossed(h);
}

static enum dmk_reason give_precedence(struct dmk_host *h, u64 t)
{
	bool crossed;

	mutex_lock(&h->lock);
	crossed = is_crossed(h);
	if (crossed)
		note_crossed(h, t);
	mutex_unlock(&h->lock);
	return crossed ? DMK_REASON_UNEXPECTED : DMK_OK;
}

/* the message is authentic; it counts from now on */
static enum dmk_reason take(struct request *r)
{
	struct dmk_net *dn = r->w->dn;
	u64 who = dmk_name_key(&r->m->idi, &dn->queue.secret);
	enum dmk_reason reason;

	if (!dmk_ratelimit_allow_identity(&dn->ratelimit, who))
		return DMK_REASON_RATE_IDENTITY;
	reason = dmk_queue_remember(r->w, &dn->hosts.replay, who, DMK_REPLAY_SENSOR,
				    2 * READ_ONCE(dn->skew));
	if (reason)
		return reason;
	dmk_ntp_note(dn, r->m->t.value);
	r->authentic = true;
	r->w->authentic = true;
	dmk_event_message(dn, DMK_SIDE_HOST, r->m->kind, false, r->m->raw.len, r->from,
			  &r->m->idi, &r->m->idr);
	return DMK_OK;
}

/* with DMK_OK and not authentic it was a repetition, or waits for the agent */
static enum dmk_reason authenticate(struct request *r, struct dmk_datagram **d)
{
	enum dmk_reason reason = identify(r);

	if (reason)
		return reason;
	switch (dmk_queue_answer_again(r->w, &r->w->dn->hosts.replay)) {
	case DMK_REPEAT_NEW:
		break;
	case DMK_REPEAT_ANSWER:
		return DMK_OK;
	case DMK_REPEAT_DROP:
		return DMK_REASON_REPEATED;
	}
	reason = dmk_ntp_check(r->w->dn, &r->w->dn->hosts.replay, r->m->t.value);
	if (!reason)
		reason = check_crossed(r->h, r->m->t.value);
	if (!reason)
		reason = find_keys(r, d);
	if (reason || !*d)
		return reason;
	reason = open_tgk(r);
	if (!reason)
		reason = give_precedence(r->h, r->m->t.value);
	return reason ? reason : take(r);
}

/* ---- answers */

static void answer(struct request *r, enum dmk_kind kind, u32 len)
{
	struct dmk_answer *a = len ? dmk_answer_new(r->from, r->out, len, GFP_KERNEL) : NULL;
	struct dmk_net *dn = r->w->dn;

	if (!a)
		return;
	dmk_replay_answer(&dn->hosts.replay, r->w->hash, 0, a, false);
	dmk_socket_send(dn, &a->to, a->data, a->len);
	dmk_answer_put(a);
	dmk_event_message(dn, DMK_SIDE_HOST, kind, true, len, r->from, &r->m->idi, &r->m->idr);
}

/* RFC 3830 3.1, 3.2: the verification message */
static void confirm(struct request *r, const u32 spi[2])
{
	bool pk = r->m->kind == DMK_PK;
	struct dmk_writer w;

	dmk_writer_init(&w, r->out, sizeof(r->out));
	dmk_build_hdr_host(&w, pk ? DMK_DT_PK_VER : DMK_DT_PSK_VER, false, r->m->hdr.prf,
			   r->m->hdr.csb_id, spi, DMK_SPAN(NULL, 0));
	dmk_emit_t(&w, &r->m->t);
	dmk_emit_id(&w, &r->m->idr);
	if (dmk_seal_v_host(r->w->crypto, &w, dmk_host_auth_alg(&r->keys.suite),
			    r->keys.msg.auth, &r->m->idi, &r->m->idr, r->m->t.value))
		return;
	answer(r, pk ? DMK_PK_VER : DMK_PSK_VER, w.len);
}

static u8 error_of(enum dmk_reason reason)
{
	switch (reason) {
	case DMK_REASON_STALE:
		return DMK_ERR_TS;
	case DMK_REASON_SP_PARAM:
	case DMK_REASON_SP_UNSUPPORTED:
		return DMK_ERR_SPPAR;
	case DMK_REASON_ADDRESS:
	case DMK_REASON_AUTHORIZATION:
	case DMK_REASON_SESSION_DATA:
	case DMK_REASON_ADDRESS_IN_USE:
	case DMK_REASON_SPI2_IN_USE:
		return DMK_ERR_NOT_AUTHORIZED;
	default:
		return DMK_ERR_UNSPECIFIED;
	}
}

/* an ERR is of PRF-HMAC-SHA-256 alone: who speaks legacy algorithms waits in vain */
static void refuse_verified(struct request *r, enum dmk_reason reason)
{
	struct dmk_refusal e = {
		.csb_id = r->m->hdr.csb_id,
		.t = r->m->t,
		.error = error_of(reason),
		.auth_key = r->keys.msg.auth,
		.idi = r->m->idi,
		.idr = r->m->idr,
	};

	if (r->keys.suite.prf != DMK_PRF_SHA256)
		return;
	if (e.error == DMK_ERR_SPPAR)
		e.rule = r->h->rule;
	answer(r, DMK_ERR, dmk_error_build(r->w->crypto, &e, r->out));
}

/* ---- what an authentic request does */

static enum dmk_reason check_address(const struct request *r)
{
	struct in6_addr ip;

	dmk_addr_set_ip(&ip, r->sd.family, r->sd.addr);
	if (!ipv6_addr_equal(&ip, &r->h->addr.ip))
		return DMK_REASON_ADDRESS;
	/* nothing here opens the port that UDP encapsulation needs */
	return r->sd.encap_port ? DMK_REASON_SESSION_DATA : DMK_OK;
}

static enum dmk_reason authorize(struct request *r)
{
	enum dmk_reason reason;

	reason = dmk_session_data_parse(r->m->session_data, &r->sd);
	if (!reason)
		reason = check_address(r);
	if (!reason)
		reason = dmk_esp_policy_parse(r->m->sp[0].param, &r->policy);
	return reason ? reason : dmk_rule_policy(r->h->rule, &r->policy);
}

/* T rises, whatever the clocks do: a request that comes again has keys that were used */
static bool has_risen(const struct dmk_host *h, u64 t)
{
	return !h->seen_t || (s64)(t - h->seen_t) > 0;
}

static enum dmk_reason install(struct request *r, struct dmk_host_session *s)
{
	struct dmk_host *h = r->h;
	enum dmk_reason reason;

	if (h->gone || (!h->key && !dmk_host_pk_good(h)))
		return DMK_REASON_NO_ROLE;
	if (!has_risen(h, r->m->t.value))
		return DMK_REASON_STALE;
	if (is_crossed(h))
		return DMK_REASON_UNEXPECTED;
	dmk_host_abandon(h);
	reason = dmk_host_establish(h, r->w->crypto, s);
	if (reason)
		return reason;
	h->seen_t = r->m->t.value;
	h->signer = r->signer ? dmk_cert_get(r->signer) : NULL;
	return DMK_OK;
}

static enum dmk_reason act(struct request *r)
{
	u8 hash[DMK_HASH_LEN];
	struct dmk_host_session s = {
		.csb_id = r->m->hdr.csb_id,
		.t = r->m->t.value,
		.prf = r->m->hdr.prf,
		.rand = r->m->rand,
		.tgk = r->opened.key,
		.policy = &r->policy,
		.sd = r->sd,
		.spi = { r->m->spi[0], r->m->spi[1] },
		.hash = hash,
	};
	enum dmk_reason reason;

	if (dmk_sha256(r->w->crypto, &r->m->raw, 1, hash))
		return DMK_REASON_INTERNAL;
	mutex_lock(&r->h->lock);
	reason = install(r, &s);
	mutex_unlock(&r->h->lock);
	if (!reason)
		confirm(r, s.spi);
	return reason;
}

static enum dmk_reason serve(struct request *r, struct dmk_datagram **d)
{
	enum dmk_reason reason = authenticate(r, d);

	if (reason || !r->authentic)
		return reason;
	reason = authorize(r);
	if (!reason)
		reason = act(r);
	/* what crossed a request of ours is not refused: it gets no answer, and no more
	 * does what may come again
	 */
	if (reason && reason != DMK_REASON_UNEXPECTED && !dmk_queue_our_fault(reason))
		refuse_verified(r, reason);
	return reason;
}

enum dmk_reason dmk_host_request(struct dmk_worker *w, struct dmk_datagram **d)
{
	enum dmk_reason reason = dmk_message_check_host(&w->m);
	struct dmk_addr from = (*d)->from;
	struct request *r;

	if (reason)
		return reason;
	r = kzalloc(sizeof(*r), GFP_KERNEL);
	if (!r)
		return DMK_REASON_MEMORY;
	r->w = w;
	r->m = &w->m;
	r->from = &from;
	reason = serve(r, d);
	request_free(r);
	return reason;
}
