// SPDX-License-Identifier: GPL-2.0
/*
 * The responder: datagram, parse, certificate, verify, open, authorize,
 * gather, answer.
 */

#include "envelope.h"
#include "error.h"
#include "netns.h"
#include "seal.h"

/**
 * struct arrival - a message 3 that has arrived
 * @w: the worker
 * @m: the message
 * @from: where it came from
 * @local: the responder that it is for
 * @tp: who signed it, or the envelope key
 * @rule: what allows it
 * @policy: the ESP policy that it asks for
 * @sd: I's Session Data
 * @envelope: what it is protected with
 * @keys: keys of messages 3 and 4
 * @opened: the share
 * @group: where the share went
 */
struct arrival {
	struct dmk_worker *w;
	const struct dmk_message *m;
	const struct dmk_addr *from;
	struct dmk_local *local;
	struct dmk_peer *tp;
	struct dmk_rule *rule;
	struct dmk_esp_policy policy;
	struct dmk_session_data sd;
	struct dmk_envelope envelope;
	struct dmk_msg_keys keys;
	struct dmk_opened opened;
	struct dmk_group *group;
};

static bool is_cached(const struct dmk_message *m)
{
	return m->kind == DMK_TP_R_CACHED;
}

/* Data type of message 4 */
static u8 answer_type(const struct dmk_message *m)
{
	return is_cached(m) ? DMK_DT_PSK_VER : DMK_DT_PK_VER;
}

static void arrival_free(struct arrival *a)
{
	dmk_local_put(a->local);
	dmk_cert_put(a->tp);
	dmk_rule_put(a->rule);
	if (a->group)
		dmk_group_put(a->group);
	/* envelope, keys and opened with the rest */
	kfree_sensitive(a);
}

/* By the clock of then, and as it is now: one that was ahead, and was set right, locks
 * nobody out. What was accepted before, and comes again, makes a session that no sensor
 * confirms (RANDR).
 */
static bool is_from_before_start(struct dmk_net *dn, u64 t)
{
	return (s64)(t - READ_ONCE(dn->started)) < 0 && (s64)(t - dmk_ntp_started(dn)) < 0;
}

/* 7.1: T' is NTP-UTC, within the skew, and not from before our start */
static enum dmk_reason check_time(struct arrival *a)
{
	u64 now = dmk_now_ntp(), t = a->m->t.value;
	s64 skew = (s64)READ_ONCE(a->w->dn->skew) << 32;
	s64 off = (s64)(t - now);

	if (a->m->t.type != DMK_TS_NTP_UTC)
		return DMK_REASON_TS_TYPE;
	if (off > skew || off < -skew || is_from_before_start(a->w->dn, t))
		return DMK_REASON_STALE;
	return DMK_OK;
}

/* 6.3: the certificate, or its hash, must be one that the agent has validated */
static enum dmk_reason find_certificate(struct arrival *a, struct dmk_datagram **d)
{
	const struct dmk_cert *cert = &a->m->cert;
	u8 hash[DMK_HASH_LEN];
	enum dmk_reason reason;

	if (cert->type == DMK_CERT_HASH)
		memcpy(hash, cert->data.data, sizeof(hash));
	else if (dmk_sha256(a->w->crypto, &cert->data, 1, hash))
		return DMK_REASON_INTERNAL;
	a->tp = dmk_cert_thirdparty(a->w->dn, hash);
	if (a->tp)
		return a->tp->suites & dmk_suite_bit(a->m) ? DMK_OK : DMK_REASON_ALGORITHMS;
	if (cert->type == DMK_CERT_HASH) {
		dmk_error_hint(a->w->dn, a->from, a->m, DMK_ERR_CERT);
		return DMK_REASON_UNKNOWN_CERTIFICATE;
	}
	if ((*d)->asked)
		return DMK_REASON_CERTIFICATE;
	reason = dmk_upcall_cert(a->w->dn, cert->data, hash, *d);
	if (!reason)
		*d = NULL;
	return reason;
}

/* the one that the message was made for */
static bool choose_certificate(struct arrival *a)
{
	const struct dmk_span *hash = &a->m->chash.hash;
	struct dmk_local *l = hash->len == DMK_HASH_LEN ? dmk_local_as(a->local, hash->data) :
							  NULL;

	if (!l || l == a->local)
		return l;
	refcount_inc(&l->ref);
	dmk_local_put(a->local);
	a->local = l;
	return true;
}

static enum dmk_reason open_signed(struct arrival *a, struct dmk_datagram **d)
{
	enum dmk_reason reason = find_certificate(a, d);

	if (reason || !*d)
		return reason;
	if (!choose_certificate(a))
		return DMK_REASON_CHASH;
	return dmk_envelope_open(a->w->dn, a->w->crypto, a->local, a->tp, a->m, &a->envelope);
}

/* 6.3: only who knows the key can have made the message */
static enum dmk_reason find_envelope(struct arrival *a)
{
	a->tp = dmk_cache_find(a->w->dn, a->m, a->local, &a->envelope);
	if (!a->tp) {
		dmk_error_hint(a->w->dn, a->from, a->m, DMK_ERR_ENVELOPE);
		dmk_stats_inc(a->w->dn, DMK_STAT_ENVELOPE_MISS);
		return DMK_REASON_UNKNOWN_ENVID;
	}
	return a->tp->suites & dmk_suite_bit(a->m) ? DMK_OK : DMK_REASON_ALGORITHMS;
}

static enum dmk_reason open_share(struct arrival *a)
{
	struct dmk_id id_tp = dmk_name_id(&a->tp->name);
	enum dmk_reason reason;

	reason = dmk_envelope_keys(a->w->crypto, &a->envelope, a->m->hdr.csb_id,
				   a->m->rand, &a->keys);
	if (reason)
		return reason;
	reason = dmk_open_kemac(a->w->crypto, a->m, &a->keys, &a->opened);
	if (reason)
		return reason;
	return dmk_id_equal(&a->opened.id, &id_tp) ? DMK_OK : DMK_REASON_IDTP_MISMATCH;
}

/* 7.1: the message is authentic; it counts from now on */
static enum dmk_reason take(struct arrival *a)
{
	struct dmk_id id_tp = dmk_name_id(&a->tp->name);
	struct dmk_net *dn = a->w->dn;
	u64 who = dmk_hash_key(a->tp->key_hash);
	enum dmk_reason reason;

	a->w->authentic = true;
	if (!dmk_ratelimit_allow_identity(&dn->ratelimit, who))
		return DMK_REASON_RATE_IDENTITY;
	reason = dmk_queue_remember(a->w, &dn->r.replay, who, DMK_REPLAY_TP,
				    2 * READ_ONCE(dn->skew));
	if (reason)
		return reason;
	if (is_cached(a->m)) {
		dmk_cache_spend(dn, a->m);
		dmk_stats_inc(dn, DMK_STAT_ENVELOPE_HIT);
	}
	dmk_event_message(dn, DMK_SIDE_R, a->m->kind, false, a->m->raw.len,
			  a->from, &a->m->idi, &id_tp);
	return DMK_OK;
}

/* an answer to message 3, kept for its repetitions */
static void answer(struct arrival *a, const u8 *data, u32 len)
{
	struct dmk_answer *ans = len ? dmk_answer_new(a->from, data, len, GFP_KERNEL) : NULL;

	if (!ans)
		return;
	/* an R_TP with RELAY may be there already */
	dmk_replay_answer(&a->w->dn->r.replay, a->w->hash, 0, ans, false);
	dmk_socket_send(a->w->dn, &ans->to, ans->data, ans->len);
	dmk_answer_put(ans);
}

/* which Error no tells a third party of a refusal, 7 */
static u8 error_of(enum dmk_reason reason)
{
	switch (reason) {
	case DMK_REASON_SP_PARAM:
	case DMK_REASON_SP_UNSUPPORTED:
		return DMK_ERR_SPPAR;
	default:
		return DMK_ERR_NOT_AUTHORIZED;
	}
}

static void refuse_verified(struct arrival *a, enum dmk_reason reason)
{
	struct dmk_id id_tp = dmk_name_id(&a->tp->name);
	struct dmk_refusal e = {
		.csb_id = a->m->hdr.csb_id,
		.t = a->m->t,
		.error = error_of(reason),
		.auth_key = a->keys.auth,
		.idi = a->m->idi,
		.idr = a->m->idr,
	};
	u32 len;

	if (e.error == DMK_ERR_SPPAR)
		e.rule = a->rule;
	len = dmk_error_build(a->w->crypto, &e, a->w->out);
	answer(a, a->w->out, len);
	dmk_event_message(a->w->dn, DMK_SIDE_R, DMK_ERR, true, len, a->from,
			  &a->m->idi, &id_tp);
}

/* 7.4: before anything is gathered, R's rules must allow it */
static enum dmk_reason authorize(struct arrival *a)
{
	struct dmk_id id_tp = dmk_name_id(&a->tp->name);
	enum dmk_reason reason;

	a->rule = dmk_rule_find(a->w->dn, &a->m->idi);
	if (!a->rule)
		return DMK_REASON_NO_RULE;
	reason = dmk_rule_thirdparty(a->rule, &id_tp);
	if (reason)
		return reason;
	reason = dmk_rule_k(a->rule, a->m->share.n, a->m->share.k);
	if (reason)
		return reason;
	/* the parser has read Session Data already */
	reason = dmk_session_data_parse(a->m->session_data, &a->sd);
	if (reason)
		return reason;
	reason = dmk_rule_address(a->rule, &a->sd);
	if (reason)
		return reason;
	reason = dmk_esp_policy_parse(a->m->sp[0].param, &a->policy);
	return reason ? reason : dmk_rule_policy(a->rule, &a->policy);
}

static enum dmk_reason gather(struct arrival *a)
{
	struct dmk_share_in in = {
		.m = a->m,
		.from = a->from,
		.hash = a->w->hash,
		.answer_type = answer_type(a->m),
		.tp = a->tp,
		.local = a->local,
		.rule = a->rule,
		.policy = &a->policy,
		.sd = &a->sd,
		.auth = a->keys.auth,
		.share = a->opened.key.data,
	};

	return dmk_group_add(a->w->dn, a->w->crypto, &in, &a->group);
}

/* message 4 */
static void acknowledge(struct arrival *a)
{
	struct dmk_id id_tp = dmk_name_id(&a->tp->name);
	struct dmk_writer w;

	dmk_writer_init(&w, a->w->out, sizeof(a->w->out));
	dmk_build_hdr_0cs(&w, answer_type(a->m), a->m->hdr.prf, a->m->hdr.csb_id);
	dmk_emit_t(&w, &a->m->t);
	dmk_emit_id(&w, &a->m->idr);
	if (dmk_seal_v(a->w->crypto, &w, a->keys.auth, &a->m->idi, &a->m->idr,
		       a->m->t.value) || w.full)
		return;
	answer(a, w.data, w.len);
	dmk_event_message(a->w->dn, DMK_SIDE_R, DMK_R_TP, true, w.len, a->from, &a->m->idi,
			  &id_tp);
}

/* protocol.md 7, up to and with authentication */
static enum dmk_reason authenticate(struct arrival *a, struct dmk_datagram **d)
{
	enum dmk_reason reason;

	a->local = dmk_local_responder(a->w->dn, &a->m->idr);
	if (!a->local)
		return DMK_REASON_UNKNOWN_IDR;
	switch (dmk_queue_answer_again(a->w, &a->w->dn->r.replay)) {
	case DMK_REPEAT_NEW:
		break;
	case DMK_REPEAT_ANSWER:
		return DMK_OK;
	case DMK_REPEAT_DROP:
		return DMK_REASON_REPEATED;
	}
	reason = check_time(a);
	if (reason)
		return reason;
	reason = is_cached(a->m) ? find_envelope(a) : open_signed(a, d);
	if (reason || !*d)
		return reason;
	reason = open_share(a);
	return reason ? reason : take(a);
}

static enum dmk_reason act(struct arrival *a)
{
	enum dmk_reason reason = authorize(a);

	if (reason) {
		refuse_verified(a, reason);
		return reason;
	}
	/* before R_TP tells the third party */
	if (!is_cached(a->m) && a->m->pke.cache == DMK_PKE_CACHE)
		dmk_cache_add(a->w->dn, a->tp, a->local, &a->envelope);
	reason = gather(a);
	if (!reason)
		dmk_stats_inc(a->w->dn, DMK_STAT_SHARE_ACCEPTED);
	/* R needs no more of a session that it has: the third party has done its part */
	if (!reason || reason == DMK_REASON_ESTABLISHED)
		acknowledge(a);
	if (!reason)
		dmk_group_solve(a->group, a->w->crypto);
	return reason;
}

enum dmk_reason dmk_responder_tp_r(struct dmk_worker *w, struct dmk_datagram **d)
{
	struct arrival *a = kzalloc(sizeof(*a), GFP_KERNEL);
	struct dmk_datagram *mine = *d;
	enum dmk_reason reason;

	if (!a)
		return DMK_REASON_MEMORY;
	a->w = w;
	a->m = &w->m;
	a->from = &mine->from;
	reason = authenticate(a, d);
	if (!reason && a->opened.key.data)
		reason = act(a);
	if (reason && a->tp) {
		struct dmk_id id_tp = dmk_name_id(&a->tp->name);

		dmk_name_set(&w->peer, &id_tp);
	}
	arrival_free(a);
	return reason;
}

int dmk_responder_init(struct dmk_net *dn)
{
	int err = dmk_replay_init(&dn->r.replay);

	if (err)
		return err;
	err = dmk_cache_init(dn);
	if (err)
		goto err_cache;
	err = dmk_session_init(dn);
	if (err)
		goto err_session;
	err = dmk_group_init(dn);
	if (err)
		goto err_group;
	return 0;

err_group:
	dmk_session_destroy(dn);
err_session:
	dmk_cache_destroy(dn);
err_cache:
	dmk_replay_destroy(&dn->r.replay);
	return err;
}

void dmk_responder_destroy(struct dmk_net *dn)
{
	/* groups make sessions, and sessions forget answers */
	dmk_group_destroy(dn);
	dmk_session_destroy(dn);
	dmk_cache_destroy(dn);
	dmk_replay_destroy(&dn->r.replay);
}
