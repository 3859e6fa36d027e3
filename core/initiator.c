// SPDX-License-Identifier: GPL-2.0 OR MIT
/* I: configuration, messages 1 and 6, repetition. What comes back: initiator_answer.c */
#include "initiator.h"

enum {
	DRAWS_MAX = 8,		/* until a random number suits */
	LAST_WAIT_MS = 8000,	/* after the last repetition: third parties repeat
				 * message 3 for 7.5 s, 7.2
				 */
	HDR_MAP_AT = 10,	/* CS ID map info in HDR, RFC 3830 6.1 */
};

void dmk_initiator_tell(const struct dmk_initiator *i, enum dmk_event_type type,
			int party, u8 error)
{
	struct dmk_event e = {
		.type = type,
		.party = party,
		.error = error,
		.count = i->attempt.repeats,
		.chosen = i->attempt.chosen,
		.n = dmk_initiator_n(i),
	};

	i->conf->ops->event(i->conf->ctx, &e);
}

static u16 tgk_len(const struct dmk_initiator_conf *conf)
{
	return conf->scheme == DMK_SCHEME_SHAMIR ? 16 : 32;
}

static void writer_init(const struct dmk_initiator_conf *conf, struct dmk_writer *w)
{
	dmk_writer_init(w, conf->buf, conf->room < DMK_SENSOR_MSG_MAX ?
				      conf->room : DMK_SENSOR_MSG_MAX);
}

/* message 6 up to KEMAC: Session Data and SP are those of message 1, unchanged */
static void build_update(const struct dmk_initiator *i, struct dmk_writer *w)
{
	writer_init(i->conf, w);
	dmk_build_hdr_2cs(w, DMK_DT_PSK, true, i->attempt.csb_id, i->attempt.spi,
			  DMK_SPAN(NULL, 0));
	dmk_emit_t(w, &i->t);
	dmk_emit_id(w, &i->conf->idi);
	dmk_emit_id(w, &i->conf->idr);
}

/* message 1 up to SP; what the commitment binds */
static void build_head(const struct dmk_initiator *i, struct dmk_writer *w,
		       struct dmk_binding *b)
{
	const struct dmk_initiator_conf *conf = i->conf;
	const struct dmk_attempt *a = &i->attempt;
	u32 map_len, sp_at;

	writer_init(conf, w);
	dmk_build_hdr_2cs(w, DMK_DT_PSK, conf->verify, a->csb_id, a->spi,
			  conf->session_data);
	map_len = w->len - HDR_MAP_AT;
	dmk_emit_t(w, &i->t);
	dmk_emit_rand(w, DMK_SPAN(a->rand, sizeof(a->rand)));
	dmk_emit_id(w, &conf->idi);
	dmk_emit_id(w, &conf->idr);
	sp_at = w->len + 1;
	dmk_emit_sp(w, 0, DMK_PROT_ESP, conf->sp_param);

	*b = (struct dmk_binding){
		.csb_id = a->csb_id,
		.t_i = i->t,
		.rand = DMK_SPAN(a->rand, sizeof(a->rand)),
		.idi = conf->idi,
		.idr = conf->idr,
		.map = DMK_SPAN(conf->buf + HDR_MAP_AT, map_len),
		.sp = DMK_SPAN(conf->buf + sp_at, w->len - sp_at),
		.scheme = conf->scheme,
		.n = conf->n,
		.k = conf->k,
		.flags = conf->relay ? DMK_SHARE_RELAY : 0,
		.tgk_len = tgk_len(conf),
	};
}

static void build_share(const struct dmk_initiator *i, struct dmk_writer *w, u8 x)
{
	const struct dmk_initiator_conf *conf = i->conf;
	struct dmk_share_ext share = {
		.scheme = conf->scheme,
		.n = conf->n,
		.k = conf->k,
		.x = x,
		.flags = conf->relay ? DMK_SHARE_RELAY : 0,
		.tgk_len = tgk_len(conf),
		.t_i = i->t,
		.commitment = i->attempt.commitment,
	};

	dmk_build_share(w, &share);
}

const u8 *dmk_initiator_psk(const struct dmk_initiator *i, u8 x)
{
	if (i->state == DMK_I_UPDATING)
		return i->live.k_update;
	return i->conf->party[i->attempt.chosen[x - 1]].psk;
}

u32 dmk_initiator_message(struct dmk_initiator *i, u8 x)
{
	const struct dmk_initiator_conf *conf = i->conf;
	bool update = i->state == DMK_I_UPDATING;
	const u8 *psk = dmk_initiator_psk(i, x);
	struct dmk_attempt *a = &i->attempt;
	struct dmk_msg_keys keys;
	struct dmk_binding b;
	struct dmk_writer w;
	u8 y[DMK_SHARE_LEN];
	int err;

	if (update) {
		build_update(i, &w);
	} else {
		build_head(i, &w, &b);
		build_share(i, &w, x);
	}
	dmk_share_eval(a->coeff, update ? 1 : conf->k, x, y);
	err = dmk_msg_keys(conf->crypto, conf->suite.prf, dmk_suite_encr_len(&conf->suite),
			   dmk_mac_len(conf->suite.mac_alg), DMK_SPAN(psk, DMK_PSK_LEN),
			   a->csb_id, DMK_SPAN(a->rand, sizeof(a->rand)), &keys);
	if (!err)
		err = dmk_seal_kemac(conf->crypto, &w, &conf->suite, &keys, a->csb_id,
				     &i->t, NULL, update ? DMK_KEY_TGK : DMK_KEY_TGK_SHARE,
				     DMK_SPAN(y, sizeof(y)), false);
	dmk_wipe(&keys, sizeof(keys));
	dmk_wipe(y, sizeof(y));
	return err || w.full ? 0 : w.len;
}

static bool send_one(struct dmk_initiator *i, u8 x)
{
	const struct dmk_initiator_conf *conf = i->conf;
	u32 len = dmk_initiator_message(i, x);

	if (!len)
		return false;
	conf->ops->send(conf->ctx, i->attempt.chosen[x - 1], conf->buf, len);
	return true;
}

static bool send_all(struct dmk_initiator *i)
{
	u8 x;

	for (x = 1; x <= dmk_initiator_n(i); x++)
		if (!send_one(i, x))
			return false;
	return true;
}

/* +-50 %: protocol.md 7.2 */
static u32 jitter(const struct dmk_initiator *i, u32 ms)
{
	u32 r;

	if (i->conf->ops->random(i->conf->ctx, (u8 *)&r, sizeof(r)))
		return ms;
	return ms / 2 + (u32)((u64)r * (ms + 1) >> 32);
}

static void wait_for_answer(struct dmk_initiator *i, u64 now)
{
	u8 repeats = i->attempt.repeats;

	if (repeats < DMK_I_REPEATS)
		i->deadline = now + jitter(i, DMK_I_REPEAT_FIRST_MS << repeats);
	else
		i->deadline = now + LAST_WAIT_MS;
}

/* at least 256: the draw is a number above that, or drawn again */
static int draw_spi(struct dmk_initiator *i, u32 *spi)
{
	const struct dmk_initiator_conf *conf = i->conf;
	int tries;
	u8 r[4];

	for (tries = 0; tries < DRAWS_MAX; tries++) {
		if (conf->ops->random(conf->ctx, r, sizeof(r)))
			return -1;
		*spi = ((u32)r[0] << 24 | r[1] << 16 | r[2] << 8 | r[3]) + DMK_SPI_MIN;
		if (*spi >= DMK_SPI_MIN && !conf->ops->spi_used(conf->ctx, *spi))
			return 0;
	}
	return -1;
}

static int draw_spis(struct dmk_initiator *i)
{
	u32 *spi = i->attempt.spi;
	int tries;

	if (draw_spi(i, &spi[0]))
		return -1;
	for (tries = 0; tries < DRAWS_MAX; tries++) {
		if (draw_spi(i, &spi[1]))
			return -1;
		if (spi[0] != spi[1])
			return 0;
	}
	return -1;
}

/* random and none of the live ones: protocol.md 7.5 */
static int draw_csb_id(struct dmk_initiator *i)
{
	int tries;
	u8 r[4];

	for (tries = 0; tries < DRAWS_MAX; tries++) {
		if (i->conf->ops->random(i->conf->ctx, r, sizeof(r)))
			return -1;
		i->attempt.csb_id = (u32)r[0] << 24 | r[1] << 16 | r[2] << 8 | r[3];
		if (!i->has_live || i->attempt.csb_id != i->live.csb_id)
			return 0;
	}
	return -1;
}

static int draw(struct dmk_initiator *i)
{
	const struct dmk_initiator_conf *conf = i->conf;
	struct dmk_attempt *a = &i->attempt;
	u8 c;

	if (draw_spis(i) || draw_csb_id(i) ||
	    conf->ops->random(conf->ctx, a->rand, sizeof(a->rand)))
		return -1;
	for (c = 0; c < conf->k; c++)
		if (conf->ops->random(conf->ctx, a->coeff[c], DMK_SHARE_LEN))
			return -1;
	return dmk_standing_choose(conf->standing, conf->m, conf->n, conf->ops->random,
				   conf->ctx, a->chosen);
}

/* T strictly greater than that of any earlier message: protocol.md 5 */
static int next_t(struct dmk_initiator *i)
{
	u64 t;

	if (i->conf->ops->next_t(i->conf->ctx, &t) || t <= i->t.value)
		return -1;
	if (i->t.type == DMK_TS_COUNTER && t >> 32)
		return -1;
	i->t.value = t;
	return 0;
}

static int commit(struct dmk_initiator *i)
{
	const struct dmk_initiator_conf *conf = i->conf;
	struct dmk_attempt *a = &i->attempt;
	u8 tgk[DMK_TGK_MAX], k_commit[32];
	struct dmk_binding b;
	struct dmk_writer w;
	unsigned int len;
	int err = -1;

	build_head(i, &w, &b);
	len = dmk_share_tgk(conf->crypto, conf->scheme, a->coeff, conf->k, tgk);
	if (len && !w.full)
		err = dmk_key_commit(conf->crypto, DMK_SPAN(tgk, len), a->csb_id,
				     b.rand, k_commit);
	if (!err)
		err = dmk_commitment(conf->crypto, &b, k_commit, a->coeff, a->commitment);
	dmk_wipe(k_commit, sizeof(k_commit));
	dmk_wipe(tgk, sizeof(tgk));
	return err;
}

/* nothing is left to start from; only live's CSB ID, which no new session takes */
static void forget(struct dmk_initiator *i)
{
	dmk_wipe(&i->attempt, sizeof(i->attempt));
	dmk_wipe(i->live.k_update, sizeof(i->live.k_update));
}

static void pause_begins(struct dmk_initiator *i, u64 now)
{
	forget(i);
	i->state = DMK_I_PAUSE;
	i->deadline = now + jitter(i, DMK_I_REPEAT_LAST_MS);
}

void dmk_initiator_end(struct dmk_initiator *i, u64 now, enum dmk_event_type why,
		       u8 error, enum dmk_reason reason)
{
	struct dmk_event e = {
		.type = why,
		.party = -1,
		.error = error,
		.reason = reason,
		.chosen = i->attempt.chosen,
		.n = dmk_initiator_n(i),
	};

	i->conf->ops->event(i->conf->ctx, &e);
	pause_begins(i, now);
}

/* sends what has been prepared, if it has been, and waits */
static enum dmk_reason ask(struct dmk_initiator *i, int err, enum dmk_event_type news, u64 now)
{
	if (!err) {
		dmk_initiator_tell(i, news, -1, 0);
		if (send_all(i)) {
			wait_for_answer(i, now);
			return DMK_OK;
		}
	}
	dmk_initiator_end(i, now, DMK_EV_FAILED, 0, DMK_REASON_INTERNAL);
	return DMK_REASON_INTERNAL;
}

enum dmk_reason dmk_initiator_start(struct dmk_initiator *i, u64 now)
{
	forget(i);
	i->state = DMK_I_ESTABLISHING;
	return ask(i, draw(i) || next_t(i) || commit(i), DMK_EV_ESTABLISHING, now);
}

/* K_update was made when the session was established or updated, and a state
 * other than DMK_I_ESTABLISHED follows here: there is no second message under it
 */
enum dmk_reason dmk_initiator_update(struct dmk_initiator *i, u64 now)
{
	const struct dmk_initiator_conf *conf = i->conf;
	struct dmk_attempt *a = &i->attempt;
	int err;

	if (i->state != DMK_I_ESTABLISHED)
		return DMK_REASON_UNEXPECTED;
	i->state = DMK_I_UPDATING;
	a->csb_id = i->live.csb_id;
	memcpy(a->rand, i->live.rand, sizeof(a->rand));
	a->chosen[0] = DMK_RESPONDER;
	err = draw_spis(i) || conf->ops->random(conf->ctx, a->coeff[0], DMK_SHARE_LEN) ||
	      next_t(i);
	return ask(i, err, DMK_EV_UPDATING, now);
}

static enum dmk_reason repeat(struct dmk_initiator *i, u64 now)
{
	if (i->attempt.repeats == DMK_I_REPEATS) {
		dmk_initiator_tell(i, i->state == DMK_I_UPDATING ? DMK_EV_NOT_UPDATED :
								   DMK_EV_NO_ANSWER, -1, 0);
		return dmk_initiator_start(i, now);
	}
	i->attempt.repeats++;
	return ask(i, 0, DMK_EV_REPEATING, now);
}

enum dmk_reason dmk_initiator_tick(struct dmk_initiator *i, u64 now)
{
	if (now < dmk_initiator_deadline(i))
		return DMK_OK;
	if (i->state != DMK_I_PAUSE)
		return repeat(i, now);
	return dmk_initiator_start(i, now);
}

u64 dmk_initiator_deadline(const struct dmk_initiator *i)
{
	if (i->state == DMK_I_IDLE || i->state == DMK_I_ESTABLISHED)
		return ~0ULL;
	return i->deadline;
}

static bool suite_allowed(const struct dmk_suite *s)
{
	return s->prf == DMK_PRF_SHA256 &&
	       ((s->encr_alg == DMK_ENCR_AES_CCM_128 && s->mac_alg == DMK_MAC_NULL) ||
		(s->encr_alg == DMK_ENCR_AES_CM_128 && s->mac_alg == DMK_MAC_SHA256));
}

static bool id_sound(struct dmk_span id)
{
	return id.len > 0 && id.len <= DMK_ID_MAX;
}

static enum dmk_reason check_sharing(const struct dmk_initiator_conf *conf)
{
	u8 party;

	if (!conf->n || conf->n > DMK_N_MAX || conf->n > conf->m)
		return DMK_REASON_N_RANGE;
	if (!conf->k || conf->k > conf->n || (conf->k == 1 && conf->n != 1))
		return DMK_REASON_K_RANGE;
	if (conf->scheme != DMK_SCHEME_RS && conf->scheme != DMK_SCHEME_SHAMIR)
		return DMK_REASON_SCHEME;
	for (party = 0; party < conf->m; party++)
		if (!id_sound(conf->party[party].id))
			return DMK_REASON_ID_LENGTH;
	return DMK_OK;
}

static enum dmk_reason check_message(const struct dmk_initiator_conf *conf)
{
	struct dmk_session_data sd;
	struct dmk_esp_policy policy;
	enum dmk_reason r;

	if (!suite_allowed(&conf->suite))
		return DMK_REASON_ALGORITHMS;
	if (conf->ts_type != DMK_TS_NTP_UTC && conf->ts_type != DMK_TS_COUNTER)
		return DMK_REASON_TS_TYPE;
	if (!id_sound(conf->idi.data) || !id_sound(conf->idr.data))
		return DMK_REASON_ID_LENGTH;
	r = dmk_session_data_parse(conf->session_data, &sd);
	if (r)
		return r;
	return dmk_esp_policy_parse(conf->sp_param, &policy);
}

/* Encr data of message 1: Key data of 4 bytes and a share, 5 */
static bool fits(const struct dmk_initiator *i)
{
	u8 tag = i->conf->suite.mac_alg == DMK_MAC_NULL ? DMK_CCM_TAG_LEN : 0;
	struct dmk_kemac kemac;
	struct dmk_binding b;
	struct dmk_writer w;

	build_head(i, &w, &b);
	build_share(i, &w, 1);
	dmk_emit_kemac(&w, i->conf->suite.encr_alg, 4 + DMK_SHARE_LEN + tag,
		       i->conf->suite.mac_alg, &kemac);
	return !w.full;
}

enum dmk_reason dmk_initiator_init(struct dmk_initiator *i,
				   const struct dmk_initiator_conf *conf)
{
	enum dmk_reason r;

	memset(i, 0, sizeof(*i));
	i->conf = conf;
	i->t.type = conf->ts_type;
	r = check_sharing(conf);
	if (!r)
		r = check_message(conf);
	if (!r && !fits(i))
		r = DMK_REASON_OVERSIZED;
	return r;
}

void dmk_initiator_stop(struct dmk_initiator *i)
{
	dmk_wipe(&i->attempt, sizeof(i->attempt));
	dmk_wipe(&i->live, sizeof(i->live));
	i->has_live = false;
	i->state = DMK_I_IDLE;
}
