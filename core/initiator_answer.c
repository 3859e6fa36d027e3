// SPDX-License-Identifier: GPL-2.0 OR MIT
/* I: what comes back from third parties and R, protocol.md 7.2, 7.3, 7.5. */
#include "initiator.h"

/* x of @party in this session or update; 0 if it is not chosen */
static u8 position(const struct dmk_initiator *i, int party)
{
	u8 x;

	for (x = 1; x <= dmk_initiator_n(i); x++)
		if (i->attempt.chosen[x - 1] == party)
			return x;
	return 0;
}

/* V of an answer to message 1 or 6, for what protocol.md 7 binds it to */
static enum dmk_reason check_v(const struct dmk_initiator *i, const struct dmk_message *m,
			       const u8 auth_key[32])
{
	return dmk_check_v(i->conf->crypto, m, auth_key, &i->conf->idi, &i->conf->idr,
			   i->t.value);
}

static enum dmk_reason check_v_psk(const struct dmk_initiator *i,
				   const struct dmk_message *m, u8 x)
{
	const struct dmk_initiator_conf *conf = i->conf;
	const struct dmk_attempt *a = &i->attempt;
	struct dmk_msg_keys keys;
	enum dmk_reason r = DMK_REASON_INTERNAL;

	if (!dmk_msg_keys(conf->crypto, conf->suite.prf, dmk_suite_encr_len(&conf->suite),
			  sizeof(keys.auth), DMK_SPAN(dmk_initiator_psk(i, x), DMK_PSK_LEN),
			  a->csb_id, DMK_SPAN(a->rand, sizeof(a->rand)), &keys))
		r = check_v(i, m, keys.auth);
	dmk_wipe(&keys, sizeof(keys));
	return r;
}

static enum dmk_reason check_v_tgk(const struct dmk_initiator *i,
				   const struct dmk_message *m, struct dmk_span tgk)
{
	const struct dmk_attempt *a = &i->attempt;
	enum dmk_reason r = DMK_REASON_INTERNAL;
	u8 auth[32];

	if (!dmk_key_auth5(i->conf->crypto, tgk, a->csb_id,
			   DMK_SPAN(a->rand, sizeof(a->rand)), auth))
		r = check_v(i, m, auth);
	dmk_wipe(auth, sizeof(auth));
	return r;
}

static unsigned int make_tgk(const struct dmk_initiator *i, u8 tgk[DMK_TGK_MAX])
{
	u8 scheme = i->state == DMK_I_UPDATING ? DMK_SCHEME_SHAMIR : i->conf->scheme;

	return dmk_share_tgk(i->conf->crypto, scheme, i->attempt.coeff, i->conf->k, tgk);
}

/* ---- message 2, TP_I */

static enum dmk_reason receive_tp_i(struct dmk_initiator *i, const struct dmk_message *m,
				    int from)
{
	u8 x = position(i, from);
	enum dmk_reason r;

	if (!i->conf->verify)
		return DMK_REASON_UNEXPECTED;
	if (!x)
		return DMK_REASON_UNKNOWN_SENDER;
	r = check_v_psk(i, m, x);
	if (!r)
		dmk_initiator_tell(i, DMK_EV_PARTY_ACCEPTED, from, 0);
	return r;
}

/* ---- ERR */

/* protocol.md 7.3: only from the address that the message was sent to */
static enum dmk_reason follow_cookie(struct dmk_initiator *i, const struct dmk_message *m,
				     int from)
{
	const struct dmk_initiator_conf *conf = i->conf;
	u8 x = position(i, from);
	u32 len;

	if (!x)
		return DMK_REASON_UNKNOWN_SENDER;
	if (i->attempt.cookies[x - 1] == DMK_COOKIES_FOLLOWED)
		return DMK_REASON_REPEATED;
	len = dmk_initiator_message(i, x);
	if (!len)
		return DMK_REASON_INTERNAL;
	len = dmk_message_add_cookie(conf->buf, len, conf->room, m->cookie.data);
	if (!len)
		return DMK_REASON_OVERSIZED;
	i->attempt.cookies[x - 1]++;
	dmk_initiator_tell(i, DMK_EV_PARTY_COOKIE, from, 0);
	conf->ops->send(conf->ctx, from, conf->buf, len);
	return DMK_OK;
}

static unsigned int count(u16 bits)
{
	unsigned int n = 0;

	for (; bits; bits &= bits - 1)
		n++;
	return n;
}

/* under PSK_i: the loss of a share */
static void lose_share(struct dmk_initiator *i, u8 x, u8 error, u64 now)
{
	struct dmk_attempt *a = &i->attempt;

	if (a->refused & BIT(x - 1))
		return;
	a->refused |= BIT(x - 1);
	dmk_initiator_tell(i, DMK_EV_PARTY_REFUSED, a->chosen[x - 1], error);
	if (count(a->refused) > (unsigned int)(i->conf->n - i->conf->k))
		dmk_initiator_end(i, now, DMK_EV_TOO_FEW, error, DMK_OK);
}

static enum dmk_reason check_err_tgk(const struct dmk_initiator *i,
				     const struct dmk_message *m)
{
	enum dmk_reason r = DMK_REASON_INTERNAL;
	u8 tgk[DMK_TGK_MAX];
	unsigned int len;

	len = make_tgk(i, tgk);
	if (len)
		r = check_v_tgk(i, m, DMK_SPAN(tgk, len));
	dmk_wipe(tgk, sizeof(tgk));
	return r;
}

/* R will not update: K_update is of no use any more */
static enum dmk_reason receive_err_update(struct dmk_initiator *i,
					  const struct dmk_message *m, u64 now)
{
	enum dmk_reason r = check_v_psk(i, m, 1);

	if (r)
		return r;
	dmk_initiator_tell(i, DMK_EV_NOT_UPDATED, -1, m->error);
	return dmk_initiator_start(i, now);
}

static enum dmk_reason receive_err(struct dmk_initiator *i, const struct dmk_message *m,
				   int from, u64 now)
{
	u8 x = position(i, from);
	enum dmk_reason r;

	if (!m->ver.data.data) {
		if (m->error == DMK_ERR_COOKIE && m->cookie.data)
			return follow_cookie(i, m, from);
		dmk_initiator_tell(i, DMK_EV_HINT, from, m->error);
		return DMK_REASON_HINT;
	}

	if (i->state == DMK_I_UPDATING)
		return receive_err_update(i, m, now);
	if (x) {
		r = check_v_psk(i, m, x);
		if (!r)
			lose_share(i, x, m->error, now);
		if (r != DMK_REASON_MAC)
			return r;
	}
	r = check_err_tgk(i, m);
	if (!r)
		dmk_initiator_end(i, now, DMK_EV_REFUSED, m->error, DMK_OK);
	return r;
}

/* ---- messages 5 and 7, R_I and R_U */

/* R may replace the SPI of CS 1, never that of CS 2: protocol.md 4 */
static enum dmk_reason check_answer(const struct dmk_initiator *i, const struct dmk_message *m)
{
	if (!dmk_id_equal(&m->idr, &i->conf->idr))
		return DMK_REASON_UNKNOWN_IDR;
	if (m->spi[1] != i->attempt.spi[1])
		return DMK_REASON_MAP_MISMATCH;
	return DMK_OK;
}

/* ESP keys of both directions, and K_update */
static int derive(struct dmk_initiator *i, const struct dmk_message *m,
		  struct dmk_span tgk, struct dmk_sa_pair *sa, u8 k_update[32])
{
	const struct dmk_initiator_conf *conf = i->conf;
	const struct dmk_attempt *a = &i->attempt;
	struct dmk_span rand = DMK_SPAN(a->rand, sizeof(a->rand));
	u8 c;

	sa->csb_id = a->csb_id;
	sa->spi[0] = m->spi[0];
	sa->spi[1] = m->spi[1];
	if (dmk_esp_policy_parse(conf->sp_param, &sa->policy))
		return -1;
	for (c = 0; c < 2; c++)
		if (dmk_esp_keys(conf->crypto, &sa->policy, c + 1, tgk, a->csb_id, rand,
				 m->randr, &sa->keys[c]))
			return -1;
	return dmk_key_update(conf->crypto, tgk, a->csb_id, rand, m->randr, k_update);
}

/* whether an entry of PART is about position @x; others are ignored */
static bool entry_matches(const struct dmk_part_entry *e, u8 x, const u8 *hash)
{
	return e->x == x && !memcmp(e->hash, hash, sizeof(e->hash));
}

/* one third party's verdict; where two entries match, the bad one counts */
static enum dmk_event_type verdict(const struct dmk_message *m, u8 x, const u8 *hash)
{
	enum dmk_event_type v = DMK_EV_PARTY_ABSENT;
	struct dmk_part_entry e;
	u32 n;

	for (n = 0; n < m->part.len / DMK_PART_ENTRY_LEN; n++) {
		dmk_part_entry(m, n, &e);
		if (!entry_matches(&e, x, hash))
			continue;
		if (e.verdict)
			return DMK_EV_PARTY_WRONG;
		v = DMK_EV_PARTY_RIGHT;
	}
	return v;
}

static void judge(struct dmk_initiator *i, const struct dmk_message *m, u8 x)
{
	const struct dmk_initiator_conf *conf = i->conf;
	u8 party = i->attempt.chosen[x - 1];
	struct dmk_standing *s = &conf->standing[party];
	enum dmk_event_type v;
	u8 hash[DMK_HASH_LEN];

	if (dmk_sha256(conf->crypto, &conf->party[party].id, 1, hash))
		return;
	v = verdict(m, x, hash);
	if (v == DMK_EV_PARTY_RIGHT)
		dmk_standing_right(s);
	else if (v == DMK_EV_PARTY_WRONG)
		dmk_standing_wrong(s);
	else
		dmk_standing_absent(s);
	dmk_initiator_tell(i, v, party, 0);
}

/* the session is there: the keys go out once, all that made them is erased */
static enum dmk_reason establish(struct dmk_initiator *i, const struct dmk_message *m,
				 const struct dmk_sa_pair *sa, const u8 k_update[32], u64 now)
{
	bool update = i->state == DMK_I_UPDATING;
	u8 x;

	for (x = 1; x <= i->conf->n && !update; x++)
		judge(i, m, x);
	if (i->conf->ops->install(i->conf->ctx, sa)) {
		dmk_initiator_end(i, now, DMK_EV_FAILED, 0, DMK_REASON_SA);
		return DMK_REASON_SA;
	}

	i->live.csb_id = i->attempt.csb_id;
	memcpy(i->live.rand, i->attempt.rand, sizeof(i->live.rand));
	memcpy(i->live.k_update, k_update, sizeof(i->live.k_update));
	i->has_live = true;
	i->state = DMK_I_ESTABLISHED;
	dmk_initiator_tell(i, update ? DMK_EV_UPDATED : DMK_EV_ESTABLISHED, -1, 0);
	dmk_wipe(&i->attempt, sizeof(i->attempt));
	return DMK_OK;
}

/* R_I has V under the new TGK, R_U under the K_update that the request had */
static enum dmk_reason check_v_answer(const struct dmk_initiator *i,
				      const struct dmk_message *m, struct dmk_span tgk)
{
	return i->state == DMK_I_UPDATING ? check_v_psk(i, m, 1) : check_v_tgk(i, m, tgk);
}

static enum dmk_reason receive_answer(struct dmk_initiator *i, const struct dmk_message *m,
				      u64 now)
{
	u8 tgk[DMK_TGK_MAX], k_update[32];
	struct dmk_sa_pair sa;
	enum dmk_reason r;
	unsigned int len;

	r = check_answer(i, m);
	if (r)
		return r;
	len = make_tgk(i, tgk);
	r = len ? check_v_answer(i, m, DMK_SPAN(tgk, len)) : DMK_REASON_INTERNAL;
	if (r)
		goto out;
	if (derive(i, m, DMK_SPAN(tgk, len), &sa, k_update))
		r = DMK_REASON_INTERNAL;
	else
		r = establish(i, m, &sa, k_update, now);
	dmk_wipe(&sa, sizeof(sa));
	dmk_wipe(k_update, sizeof(k_update));
out:
	dmk_wipe(tgk, sizeof(tgk));
	return r;
}

/* ---- */

static bool is_expected(const struct dmk_initiator *i, enum dmk_kind kind)
{
	switch (i->state) {
	case DMK_I_ESTABLISHING:
		return kind != DMK_R_U;
	case DMK_I_UPDATING:
		return kind == DMK_R_U || kind == DMK_ERR;
	default:
		return false;
	}
}

/* what every answer to messages 1 and 6 has in common */
static enum dmk_reason check_echo(const struct dmk_initiator *i, const struct dmk_message *m)
{
	if (!is_expected(i, m->kind))
		return DMK_REASON_UNEXPECTED;
	if (m->hdr.csb_id != i->attempt.csb_id || m->t.type != i->t.type ||
	    m->t.value != i->t.value)
		return DMK_REASON_NOT_LATEST_T;
	if (m->kind == DMK_TP_I && !dmk_id_equal(&m->idr, &i->conf->idr))
		return DMK_REASON_UNKNOWN_IDR;
	return DMK_OK;
}

/* V is over the message without COOKIE: protocol.md 7.3 */
static enum dmk_reason parse(struct dmk_message *m, u8 *data, u32 len)
{
	enum dmk_reason r = dmk_message_parse(m, DMK_AT_I, data, len);

	if (r || !m->cookie.data || !m->ver.data.data)
		return r;
	len = dmk_message_strip_cookie(data, len);
	return dmk_message_parse(m, DMK_AT_I, data, len);
}

enum dmk_reason dmk_initiator_receive(struct dmk_initiator *i, int from, u8 *data,
				      u32 len, u64 now)
{
	struct dmk_message m;
	enum dmk_reason r;

	r = parse(&m, data, len);
	if (!r)
		r = check_echo(i, &m);
	if (r)
		return r;

	switch (m.kind) {
	case DMK_TP_I:
		return receive_tp_i(i, &m, from);
	case DMK_ERR:
		return receive_err(i, &m, from, now);
	default:	/* R_I, R_U */
		return receive_answer(i, &m, now);
	}
}
