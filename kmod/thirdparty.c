// SPDX-License-Identifier: GPL-2.0
/*
 * The third party: datagram, parse, the sensor's PSK, open, wrap for R, send.
 */

#include "envelope.h"
#include "error.h"
#include "netns.h"
#include "rsa.h"
#include "seal.h"
#include "trace.h"

/**
 * struct passage - a message 1 on its way through this third party
 * @w: the worker
 * @m: the message
 * @from: where it came from
 * @hash: its dmk_queue_hash()
 * @local: who we are
 * @r: the responder that it is for
 * @sensor: who it is from
 * @owed: the responder whose route waits for what this message carries
 * @again: how often the share was sent on in vain
 * @keys_i: keys of messages 1 and 2
 * @keys_r: keys of messages 3 and 4
 * @opened: the share
 * @t_prime: T'
 * @form: of message 3
 * @envelope: what it is protected with
 * @pke: Data of PKE
 */
struct passage {
	struct dmk_worker *w;
	const struct dmk_message *m;
	struct dmk_addr from;
	u64 hash;
	struct dmk_local *local;
	struct dmk_peer *r;
	struct dmk_sensor *sensor;
	struct dmk_peer *owed;
	u8 again;
	struct dmk_msg_keys keys_i;
	struct dmk_msg_keys keys_r;
	struct dmk_opened opened;
	u64 t_prime;
	enum dmk_form form;
	struct dmk_envelope envelope;
	u8 pke[DMK_RSA_MAX];
};

static struct passage *passage_new(struct dmk_worker *w, const struct dmk_datagram *d)
{
	struct passage *p = kzalloc(sizeof(*p), GFP_KERNEL);

	if (!p)
		return NULL;
	p->w = w;
	p->m = &w->m;
	p->from = d->from;
	p->again = d->again;
	return p;
}

/* the route has its answer, or will have it from elsewhere */
static void paid(struct passage *p)
{
	dmk_cert_put(p->owed);
	p->owed = NULL;
}

static void passage_free(struct passage *p)
{
	if (p->owed)
		dmk_route_lost(p->w->dn, p->owed);
	paid(p);
	dmk_local_put(p->local);
	dmk_cert_put(p->r);
	dmk_sensor_put(p->sensor);
	/* keys, opened and envelope with the rest */
	kfree_sensitive(p);
}

/* T' = max(now, last T' + 1), 5. After a step back by more than the skew it
 * starts again from now: no envelope key outlives that. Return: the epoch of T'.
 */
static u32 next_t(struct dmk_net *dn, u64 *t)
{
	u64 now = dmk_now_ntp(), skew = (u64)READ_ONCE(dn->skew) << 32;
	struct dmk_thirdparty *tp = &dn->tp;
	u32 epoch;

	spin_lock_bh(&tp->clock);
	if ((s64)(tp->last_t - now) > (s64)skew) {
		tp->last_t = now - 1;
		tp->epoch++;
	}
	*t = (s64)(now - tp->last_t) > 0 ? now : tp->last_t + 1;
	tp->last_t = *t;
	epoch = tp->epoch;
	spin_unlock_bh(&tp->clock);
	return epoch;
}

void dmk_thirdparty_drop_keys(struct dmk_net *dn)
{
	spin_lock_bh(&dn->tp.clock);
	dn->tp.epoch++;
	spin_unlock_bh(&dn->tp.clock);
}

/* who sends this, to whom, and is it allowed to be read */
static enum dmk_reason identify(struct passage *p, struct dmk_datagram **d)
{
	struct dmk_net *dn = p->w->dn;
	enum dmk_reason reason;

	p->local = dmk_local_thirdparty(dn);
	if (!p->local)
		return DMK_REASON_NO_ROLE;
	p->r = dmk_cert_responder(dn, &p->m->idr);
	if (!p->r)
		return DMK_REASON_UNKNOWN_IDR;
	p->sensor = dmk_sensor_get(dn, &p->m->idi);
	if (!p->sensor) {
		if ((*d)->asked)
			return DMK_REASON_UNKNOWN_SENDER;
		reason = dmk_upcall_sensor(dn, &p->m->idi, *d);
		if (!reason)
			*d = NULL;
		return reason;
	}
	if (!(p->sensor->suites & dmk_suite_bit(p->m)))
		return DMK_REASON_ALGORITHMS;
	return DMK_OK;
}

static enum dmk_reason open_share(struct passage *p)
{
	struct dmk_id id_tp = dmk_name_id(&p->local->name);
	u8 psk[DMK_PSK_LEN];
	int err;

	err = dmk_sensor_psk(p->sensor, p->w->crypto, &id_tp, psk);
	if (!err)
		err = dmk_msg_keys(p->w->crypto, DMK_PRF_SHA256, 16, DMK_MAC_LEN,
				   DMK_SPAN(psk, sizeof(psk)), p->m->hdr.csb_id,
				   p->m->rand, &p->keys_i);
	memzero_explicit(psk, sizeof(psk));
	if (err)
		return DMK_REASON_INTERNAL;
	return dmk_open_kemac(p->w->crypto, p->m, &p->keys_i, &p->opened);
}

/* 7.1: the message is authentic; it counts from now on */
static enum dmk_reason take(struct passage *p)
{
	struct dmk_net *dn = p->w->dn;
	u64 who = dmk_name_key(&p->m->idi, &dn->tp.secret);
	enum dmk_reason reason;

	p->w->authentic = true;
	if (!dmk_ratelimit_allow_identity(&dn->ratelimit, who))
		return DMK_REASON_RATE_IDENTITY;
	reason = dmk_queue_remember(p->w, &dn->tp.replay, who, DMK_REPLAY_SENSOR,
				    2 * READ_ONCE(dn->skew));
	if (reason)
		return reason;
	reason = dmk_sensor_time(dn, p->sensor, &p->m->t, true);
	/* replaced in this moment: its next repetition is for the one that is known now */
	if (reason == DMK_REASON_UNKNOWN_SENDER)
		dmk_replay_undo(&dn->tp.replay, p->w->hash);
	if (reason)
		return reason;
	if (p->m->t.type == DMK_TS_NTP_UTC)
		dmk_ntp_note(dn, p->m->t.value);
	dmk_event_message(dn, DMK_SIDE_TP, DMK_I_TP, false, p->m->raw.len,
			  &p->from, &p->m->idi, NULL);
	return DMK_OK;
}

static int seal(struct passage *p, struct dmk_writer *w, const struct dmk_ts *t)
{
	const struct dmk_suite suite = {
		DMK_PRF_SHA256, p->m->kemac.encr_alg, p->m->kemac.mac_alg
	};
	struct dmk_id id_tp = dmk_name_id(&p->local->name);

	return dmk_seal_kemac(p->w->crypto, w, &suite, &p->keys_r, p->m->hdr.csb_id, t,
			      &id_tp, DMK_KEY_TGK_SHARE, p->opened.key,
			      p->form != DMK_FORM_CACHED);
}

/* the cached message 3; its length, or 0 */
static u32 build_cached(struct passage *p)
{
	struct dmk_ts t = { DMK_TS_NTP_UTC, p->t_prime };
	struct dmk_id id_tp = dmk_name_id(&p->local->name);
	struct dmk_writer w;

	dmk_writer_init(&w, p->w->out, sizeof(p->w->out));
	dmk_build_tp_r_head(&w, p->m, &t, NULL, &id_tp);
	dmk_emit_ext(&w, DMK_EXT_ENVID, DMK_SPAN(p->envelope.id, sizeof(p->envelope.id)));
	return seal(p, &w, &t) || w.full ? 0 : w.len;
}

/* the signed message 3 up to SIGN; its length, or 0 */
static u32 build_signed(struct passage *p, bool by_hash, struct dmk_sign *sign)
{
	struct dmk_cert cert = by_hash ?
		(struct dmk_cert){ DMK_CERT_HASH, { p->local->der_hash, DMK_HASH_LEN } } :
		(struct dmk_cert){ DMK_CERT_X509, { p->local->der, p->local->der_len } };
	struct dmk_chash chash = {
		DMK_HASH_FUNC_SHA256, { p->r->der_hash, DMK_HASH_LEN }
	};
	struct dmk_pke pke = {
		p->form == DMK_FORM_CARRIER ? DMK_PKE_CACHE : 0,
		{ p->pke, dmk_rsa_len(p->r->key) }
	};
	struct dmk_ts t = { DMK_TS_NTP_UTC, p->t_prime };
	struct dmk_writer w;

	dmk_writer_init(&w, p->w->out, sizeof(p->w->out));
	dmk_build_tp_r_head(&w, p->m, &t, &cert, NULL);
	if (seal(p, &w, &t))
		return 0;
	dmk_emit_chash(&w, &chash);
	dmk_emit_pke(&w, &pke);
	dmk_emit_sign(&w, dmk_rsa_len(p->local->key), sign);
	return w.full ? 0 : w.len;
}

/* RFC 3830 5.2: SIGN covers the whole message before the signature */
static enum dmk_reason sign_message(struct passage *p, const struct dmk_sign *sign)
{
	u32 at = sign->signature.data - p->w->out;
	u8 digest[DMK_HASH_LEN];
	int err;

	if (dmk_sha256(p->w->crypto, &DMK_SPAN(p->w->out, at), 1, digest))
		return DMK_REASON_INTERNAL;
	dmk_stats_inc(p->w->dn, DMK_STAT_RSA_SIGN);
	err = dmk_rsa_sign(p->local->key, digest, p->w->out + at);
	trace_dmk_rsa(DMK_STAT_RSA_SIGN, 8 * dmk_rsa_len(p->local->key), err);
	return err ? DMK_REASON_INTERNAL : DMK_OK;
}

/* 6.3: kept for the other message that R may ask for */
static struct dmk_datagram *keep(const struct passage *p)
{
	struct dmk_datagram *d = dmk_datagram_new(&p->from, p->m->raw, GFP_KERNEL);

	if (!d)
		return NULL;
	d->asked = true;
	d->again = p->again + 1;
	return d;
}

static bool may_be_asked_for(const struct passage *p, bool by_hash)
{
	return p->again < DMK_AGAIN_MAX && (by_hash || p->form == DMK_FORM_CACHED);
}

static enum dmk_reason dispatch(struct passage *p, u32 len, bool by_hash)
{
	struct dmk_transit *t = dmk_transit_new(p->w->dn, p->sensor, p->r);
	enum dmk_reason reason = DMK_REASON_MEMORY;

	if (!t)
		return DMK_REASON_MEMORY;
	t->t_prime = p->t_prime;
	t->csb_id = p->m->hdr.csb_id;
	t->t_i = p->m->t;
	t->i = p->from;
	memcpy(t->auth_r, p->keys_r.auth, sizeof(t->auth_r));
	memcpy(t->auth_i, p->keys_i.auth, sizeof(t->auth_i));
	t->hash = p->hash;
	t->cached = p->form == DMK_FORM_CACHED;
	memcpy(t->envid, p->envelope.id, sizeof(t->envid));
	t->i_tp = may_be_asked_for(p, by_hash) ? keep(p) : NULL;
	t->carries = p->form == DMK_FORM_CARRIER;
	if (t->carries)
		t->envelope = p->envelope;
	t->tp_r = dmk_answer_new(&p->r->addr, p->w->out, len, GFP_KERNEL);
	if (t->tp_r)
		reason = dmk_transit_start(t);
	if (!reason) {
		dmk_replay_answer(&p->w->dn->tp.replay, p->hash, 1, t->tp_r, true);
		paid(p);
	}
	dmk_transit_put(t);
	return reason;
}

/* the signed message 3; its length in @len */
static enum dmk_reason make_signed(struct passage *p, bool by_hash, u32 *len)
{
	enum dmk_reason reason;
	struct dmk_sign sign;

	/* R may be down, and the sensor not honest */
	if (!dmk_ratelimit_allow_rsa(&p->w->dn->ratelimit, &p->sensor->signatures,
				     dmk_rsa_len(p->local->key)))
		return DMK_REASON_RATE_IDENTITY;
	reason = dmk_envelope_draw(p->w->dn, p->w->crypto, p->r, p->pke, &p->envelope);
	if (!reason)
		reason = dmk_envelope_keys(p->w->crypto, &p->envelope, p->m->hdr.csb_id,
					   p->m->rand, &p->keys_r);
	if (reason)
		return reason;
	*len = build_signed(p, by_hash, &sign);
	return *len ? sign_message(p, &sign) : DMK_REASON_INTERNAL;
}

static enum dmk_reason make_cached(struct passage *p, u32 *len)
{
	enum dmk_reason reason;

	reason = dmk_envelope_keys(p->w->crypto, &p->envelope, p->m->hdr.csb_id,
				   p->m->rand, &p->keys_r);
	if (reason)
		return reason;
	*len = build_cached(p);
	return *len ? DMK_OK : DMK_REASON_INTERNAL;
}

/* @d: message 1, which may be parked. @unknown: what R knows no more, or NULL */
static void choose_form(struct passage *p, struct dmk_datagram **d, const u8 *unknown)
{
	u32 epoch = next_t(p->w->dn, &p->t_prime);

	if (p->owed == p->r) {
		p->form = DMK_FORM_CARRIER;
	} else {
		p->form = dmk_route_choose(p->w->dn, p->r, p->local, epoch, d, unknown,
					   &p->envelope);
		if (p->form == DMK_FORM_CARRIER)
			p->owed = dmk_cert_get(p->r);
	}
	p->envelope.epoch = epoch;
}

static enum dmk_reason send_share(struct passage *p, bool by_hash)
{
	bool cached = p->form == DMK_FORM_CACHED;
	struct dmk_id idr = dmk_name_id(&p->r->name);
	enum dmk_reason reason;
	u32 len;

	reason = cached ? make_cached(p, &len) : make_signed(p, by_hash, &len);
	if (!reason)
		reason = dispatch(p, len, by_hash && !cached);
	if (reason)
		return reason;
	dmk_stats_inc(p->w->dn, DMK_STAT_SHARE_FORWARDED);
	dmk_event_message(p->w->dn, DMK_SIDE_TP, cached ? DMK_TP_R_CACHED : DMK_TP_R, true,
			  len, &p->r->addr, &p->m->idi, &idr);
	return DMK_OK;
}

/* message 2, where I asks for it */
static void acknowledge(struct passage *p)
{
	struct dmk_answer *a;
	struct dmk_writer w;

	dmk_writer_init(&w, p->w->out, sizeof(p->w->out));
	dmk_build_hdr_0cs(&w, DMK_DT_PSK_VER, p->m->hdr.prf, p->m->hdr.csb_id);
	dmk_emit_t(&w, &p->m->t);
	dmk_emit_id(&w, &p->m->idr);
	if (dmk_seal_v(p->w->crypto, &w, p->keys_i.auth, &p->m->idi, &p->m->idr,
		       p->m->t.value) || w.full)
		return;
	a = dmk_answer_new(&p->from, p->w->out, w.len, GFP_KERNEL);
	if (!a)
		return;
	dmk_replay_answer(&p->w->dn->tp.replay, p->hash, 0, a, false);
	dmk_socket_send(p->w->dn, &a->to, a->data, a->len);
	dmk_event_message(p->w->dn, DMK_SIDE_TP, DMK_TP_I, true, w.len, &p->from,
			  &p->m->idi, NULL);
	dmk_answer_put(a);
}

/* Protocol.md 7: each step is cheaper than the next. With DMK_OK and no share
 * opened it was a repetition.
 */
static enum dmk_reason accept(struct passage *p)
{
	enum dmk_reason reason;

	switch (dmk_queue_answer_again(p->w, &p->w->dn->tp.replay)) {
	case DMK_REPEAT_NEW:
		break;
	case DMK_REPEAT_ANSWER:
		return DMK_OK;
	case DMK_REPEAT_DROP:
		return DMK_REASON_REPEATED;
	}
	reason = dmk_sensor_time(p->w->dn, p->sensor, &p->m->t, false);
	if (reason)
		return reason;
	reason = open_share(p);
	return reason ? reason : take(p);
}

/* It was accepted before it waited for an envelope key, and is remembered: for want of
 * memory it has to be forgotten.
 */
static enum dmk_reason resume(struct passage *p)
{
	enum dmk_reason reason;

	p->w->added_to = &p->w->dn->tp.replay;
	reason = open_share(p);
	p->w->authentic = !reason;
	return reason;
}

static enum dmk_reason pass(struct passage *p, struct dmk_datagram **d)
{
	enum dmk_reason reason;

	p->hash = p->w->hash;
	reason = identify(p, d);
	if (reason || !*d)
		return reason;
	reason = (*d)->waited ? resume(p) : accept(p);
	if (reason || !p->opened.key.data)
		return reason;
	reason = dmk_sensor_may(p->sensor, p->m);
	if (reason)
		return reason;
	choose_form(p, d, NULL);
	/* parked: the message is another's already */
	if (!*d)
		return DMK_OK;
	reason = send_share(p, p->r->send_hash && !p->again);
	if (!reason && p->m->hdr.v && !p->again)
		acknowledge(p);
	return reason;
}

enum dmk_reason dmk_thirdparty_i_tp(struct dmk_worker *w, struct dmk_datagram **d)
{
	struct passage *p = passage_new(w, *d);
	enum dmk_reason reason;

	if (!p)
		return DMK_REASON_MEMORY;
	reason = pass(p, d);
	passage_free(p);
	return reason;
}

static enum dmk_reason pass_again(struct passage *p, struct dmk_datagram **i_tp,
				  const u8 *unknown)
{
	enum dmk_reason reason;

	reason = dmk_message_parse(&p->w->m, DMK_AT_TP, (*i_tp)->data, (*i_tp)->len);
	if (reason)
		return reason;
	p->hash = dmk_queue_hash(&p->w->dn->queue, p->m);
	reason = identify(p, i_tp);
	if (!reason)
		reason = open_share(p);
	if (reason)
		return reason;
	/* the responder has a new certificate: the route to the old one ends */
	if (p->owed && p->owed != p->r) {
		dmk_route_lost(p->w->dn, p->owed);
		paid(p);
	}
	choose_form(p, i_tp, unknown);
	return *i_tp ? send_share(p, false) : DMK_OK;
}

enum dmk_reason dmk_thirdparty_again(struct dmk_worker *w, struct dmk_datagram *i_tp,
				     struct dmk_peer *owed, const u8 *unknown)
{
	struct passage *p = passage_new(w, i_tp);
	enum dmk_reason reason = DMK_REASON_MEMORY;

	if (p) {
		p->owed = owed ? dmk_cert_get(owed) : NULL;
		reason = pass_again(p, &i_tp, unknown);
		passage_free(p);
	} else if (owed) {
		dmk_route_lost(w->dn, owed);
	}
	/* the worker's message is a view into that one */
	w->m.idi = (struct dmk_id){ };
	w->m.idr = (struct dmk_id){ };
	dmk_datagram_free(i_tp);
	return reason;
}

int dmk_thirdparty_init(struct dmk_net *dn)
{
	int err;

	spin_lock_init(&dn->tp.clock);
	get_random_bytes(&dn->tp.secret, sizeof(dn->tp.secret));
	err = dmk_replay_init(&dn->tp.replay);
	if (err)
		return err;
	err = dmk_transit_init(dn);
	if (err)
		dmk_replay_destroy(&dn->tp.replay);
	return err;
}

void dmk_thirdparty_destroy(struct dmk_net *dn)
{
	dmk_transit_destroy(dn);
	dmk_replay_destroy(&dn->tp.replay);
}
