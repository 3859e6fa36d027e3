// SPDX-License-Identifier: GPL-2.0
/* The responder: new keys for a session, protocol.md 9. */

#include "error.h"
#include "netns.h"
#include "seal.h"

/**
 * struct update - a message 6 that has arrived
 * @w: the worker
 * @m: the message
 * @from: where it came from
 * @local: the responder that it is for
 * @rule: what allows it
 * @r: the session, and what it is to become
 * @keys: keys of messages 6 and 7
 * @opened: the TGK
 * @randr: RANDR
 */
struct update {
	struct dmk_worker *w;
	const struct dmk_message *m;
	const struct dmk_addr *from;
	struct dmk_local *local;
	struct dmk_rule *rule;
	struct dmk_renewal r;
	struct dmk_msg_keys keys;
	struct dmk_opened opened;
	u8 randr[DMK_RANDR_LEN];
};

static void update_free(struct update *u)
{
	dmk_local_put(u->local);
	dmk_rule_put(u->rule);
	if (u->r.s)
		dmk_session_put(u->r.s);
	/* TGK, K_update and what comes of them with the rest */
	kfree_sensitive(u);
}

static struct dmk_span rand_of(const struct update *u)
{
	return DMK_SPAN(u->r.s->rand, sizeof(u->r.s->rand));
}

/* ---- up to and with authentication, in the order of protocol.md 7 */

/* empty, or octet for octet that of message 1 */
static enum dmk_reason check_session_data(const struct update *u)
{
	struct dmk_span sd = u->m->session_data;

	if (!sd.len || dmk_session_data_hash(u->w->dn, sd) == u->r.s->sd_hash)
		return DMK_OK;
	return DMK_REASON_SESSION_DATA;
}

static enum dmk_reason check_time(const struct update *u)
{
	s64 skew = (s64)READ_ONCE(u->w->dn->skew) << 32;
	s64 off = (s64)(u->m->t.value - dmk_now_ntp());

	if (u->m->t.type != u->r.s->ts_type)
		return DMK_REASON_TS_TYPE;
	/* signed: the era of NTP changes in 2036 */
	if ((s64)(u->m->t.value - u->r.last_t) <= 0)
		return DMK_REASON_STALE;
	if (u->m->t.type == DMK_TS_NTP_UTC && (off > skew || off < -skew))
		return DMK_REASON_STALE;
	return DMK_OK;
}

static enum dmk_reason open_tgk(struct update *u)
{
	if (dmk_msg_keys(u->w->crypto, DMK_PRF_SHA256, 16, DMK_MAC_LEN,
			 DMK_SPAN(u->r.k_update, sizeof(u->r.k_update)), u->m->hdr.csb_id,
			 rand_of(u), &u->keys))
		return DMK_REASON_INTERNAL;
	return dmk_open_kemac(u->w->crypto, u->m, &u->keys, &u->opened);
}

/* the message is authentic; it counts from now on */
static enum dmk_reason take(struct update *u)
{
	struct dmk_net *dn = u->w->dn;
	u64 who = dmk_name_key(&u->m->idi, &dn->queue.secret);
	enum dmk_reason reason;

	u->w->authentic = true;
	if (!dmk_ratelimit_allow_identity(&dn->ratelimit, who))
		return DMK_REASON_RATE_IDENTITY;
	/* R_U is repeated for as long as a sensor may ask for it */
	reason = dmk_queue_remember(u->w, &dn->r.replay, who, DMK_REPLAY_UPDATES,
				    max_t(u32, 2 * READ_ONCE(dn->skew), DMK_UNCONFIRMED_LIFE));
	if (reason)
		return reason;
	dmk_event_message(dn, DMK_SIDE_R, DMK_U_R, false, u->m->raw.len, u->from,
			  &u->m->idi, NULL);
	return DMK_OK;
}

static enum dmk_reason authenticate(struct update *u)
{
	enum dmk_reason reason;

	reason = check_session_data(u);
	if (!reason)
		reason = check_time(u);
	if (!reason)
		reason = open_tgk(u);
	return reason ? reason : take(u);
}

/* ---- the answer */

/* kept for repetitions; no key is in it */
static void answer(struct update *u, enum dmk_kind kind, u32 len)
{
	struct dmk_answer *a = len ? dmk_answer_new(u->from, u->w->out, len, GFP_KERNEL) : NULL;
	struct dmk_net *dn = u->w->dn;

	if (!a)
		return;
	dmk_replay_answer(&dn->r.replay, u->w->hash, 0, a, false);
	dmk_socket_send(dn, &a->to, a->data, a->len);
	dmk_answer_put(a);
	dmk_event_message(dn, DMK_SIDE_R, kind, true, len, u->from, &u->m->idi, NULL);
}

static void refuse_verified(struct update *u, enum dmk_reason reason)
{
	bool policy = reason == DMK_REASON_SP_PARAM || reason == DMK_REASON_SP_UNSUPPORTED;
	struct dmk_refusal e = {
		.csb_id = u->m->hdr.csb_id,
		.t = u->m->t,
		.error = policy ? DMK_ERR_SPPAR : DMK_ERR_NOT_AUTHORIZED,
		.rule = policy ? u->rule : NULL,
		.auth_key = u->keys.auth,
		.idi = u->m->idi,
		.idr = u->m->idr,
	};

	answer(u, DMK_ERR, dmk_error_build(u->w->crypto, &e, u->w->out));
}

/* message 7 */
static u32 build_r_u(struct update *u)
{
	const struct dmk_message *m = u->m;
	struct dmk_writer w;

	dmk_writer_init(&w, u->w->out, sizeof(u->w->out));
	dmk_build_hdr_2cs(&w, DMK_DT_PSK_VER, false, m->hdr.csb_id, u->r.spi, DMK_SPAN(NULL, 0));
	dmk_emit_t(&w, &m->t);
	dmk_emit_id(&w, &m->idr);
	dmk_emit_randr(&w, DMK_SPAN(u->randr, sizeof(u->randr)));
	if (dmk_seal_v(u->w->crypto, &w, u->keys.auth, &m->idi, &m->idr, m->t.value) || w.full)
		return 0;
	return w.len;
}

/* ---- */

/* the rules may have changed since the session began */
static enum dmk_reason authorize(struct update *u)
{
	const struct dmk_session *s = u->r.s;
	enum dmk_reason reason;

	u->rule = dmk_rule_find(u->w->dn, &u->m->idi);
	/* a rule with another reqid means other xfrm policies: a new session */
	if (!u->rule || u->rule->reqid != u->r.reqid)
		return DMK_REASON_NO_RULE;
	reason = dmk_rule_k(u->rule, s->n, s->k);
	if (!reason)
		reason = dmk_rule_address(u->rule, &s->sd);
	if (!reason && u->m->n_sp)
		reason = dmk_esp_policy_parse(u->m->sp[0].param, &u->r.policy);
	return reason ? reason : dmk_rule_policy(u->rule, &u->r.policy);
}

/* protocol.md 6.4, with RAND of message 1 and a new RANDR */
static int derive(struct update *u)
{
	struct dmk_span randr = DMK_SPAN(u->randr, sizeof(u->randr));
	u32 csb_id = u->m->hdr.csb_id;
	int err;
	u8 c;

	err = dmk_random(u->w->crypto, u->randr, sizeof(u->randr));
	for (c = 0; c < 2 && !err; c++)
		err = dmk_esp_keys(u->w->crypto, &u->r.policy, c + 1, u->opened.key, csb_id,
				   rand_of(u), randr, &u->r.keys[c]);
	return err ? err : dmk_key_update(u->w->crypto, u->opened.key, csb_id, rand_of(u),
					  randr, u->r.next);
}

static enum dmk_reason renew(struct update *u)
{
	enum dmk_reason reason = authorize(u);

	if (!reason && derive(u))
		reason = DMK_REASON_INTERNAL;
	if (!reason) {
		u->r.t = u->m->t.value;
		u->r.u_r = u->w->hash;
		memcpy(u->r.spi, u->m->spi, sizeof(u->r.spi));
		reason = dmk_session_update(&u->r);
	}
	if (!reason)
		answer(u, DMK_R_U, build_r_u(u));
	else if (!dmk_queue_our_fault(reason))
		refuse_verified(u, reason);
	return reason;
}

static enum dmk_reason receive(struct update *u)
{
	struct dmk_net *dn = u->w->dn;
	enum dmk_reason reason;

	u->local = dmk_local_responder(dn, &u->m->idr);
	if (!u->local)
		return DMK_REASON_UNKNOWN_IDR;
	reason = dmk_session_find(dn, u->m, &u->r);
	if (reason)
		return reason;
	switch (dmk_queue_answer_again(u->w, &dn->r.replay)) {
	case DMK_REPEAT_ANSWER:
		return DMK_OK;
	case DMK_REPEAT_DROP:
		return DMK_REASON_REPEATED;
	default:
		reason = authenticate(u);
		return reason ? reason : renew(u);
	}
}

enum dmk_reason dmk_responder_update(struct dmk_worker *w, const struct dmk_datagram *d)
{
	struct update *u = kzalloc(sizeof(*u), GFP_KERNEL);
	enum dmk_reason reason;

	if (!u)
		return DMK_REASON_MEMORY;
	u->w = w;
	u->m = &w->m;
	u->from = &d->from;
	reason = receive(u);
	update_free(u);
	return reason;
}
