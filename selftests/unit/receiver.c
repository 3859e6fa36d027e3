// SPDX-License-Identifier: GPL-2.0
#ifndef __KERNEL__
#include <stdlib.h>
#endif

#include "receiver.h"
#include "vector.h"

#define NTP_OF_UNIX	2208988800ULL	/* seconds from 1900 to 1970 */

typedef const struct vec_dmikey_negative_vectors vector_t;

static struct dmk_message m, request;

/* ---- what every part has to know */

/* "nai:..." or "uri:..." */
static bool is_named(const struct dmk_id *id, const char *text)
{
	u8 type = !strncmp(text, "uri:", 4) ? DMK_ID_URI : DMK_ID_NAI;
	struct dmk_id want = vec_id(type, DMK_SPAN(text + 4, strlen(text + 4)));

	return dmk_id_equal(id, &want);
}

static struct dmk_id certified(const struct pki_identity *who)
{
	return vec_id(who->id_type, DMK_SPAN(who->id, who->id_len));
}

/* Unix milliseconds in units of 2^-32 s since 1900 */
static u64 ntp_of(s64 ms)
{
	return ((ms / 1000 + NTP_OF_UNIX) << 32) + ((u64)(ms % 1000) << 32) / 1000;
}

static bool within_skew(struct receiver *r, u64 t)
{
	s64 diff = (s64)(t - ntp_of(r->v->now * 1000));

	return diff <= (s64)DMK_SKEW << 32 && -diff <= (s64)DMK_SKEW << 32;
}

static bool repeated(struct receiver *r, u8 hash[DMK_HASH_LEN])
{
	unsigned int i;

	if (dmk_sha256(r->c, &m.raw, 1, hash))
		abort();
	for (i = 0; i < r->n_seen; i++)
		if (!memcmp(r->seen[i], hash, DMK_HASH_LEN))
			return true;
	return false;
}

static void remember(struct receiver *r, const u8 hash[DMK_HASH_LEN])
{
	if (r->n_seen < ARRAY_SIZE(r->seen))
		memcpy(r->seen[r->n_seen++], hash, DMK_HASH_LEN);
}

static enum dmk_reason open_with(struct receiver *r, struct dmk_span key, struct dmk_span rand,
				 struct dmk_opened *o)
{
	struct dmk_msg_keys keys;

	if (dmk_msg_keys(r->c, DMK_PRF_SHA256, 16, 32, key, m.hdr.csb_id, rand, &keys))
		return DMK_REASON_INTERNAL;
	return dmk_open_kemac(r->c, &m, &keys, o);
}

static enum dmk_reason check_v_with(struct receiver *r, struct dmk_span key, struct dmk_span rand,
				    const struct dmk_id *idi, const struct dmk_id *idr, u64 t)
{
	struct dmk_msg_keys keys;

	if (dmk_msg_keys(r->c, DMK_PRF_SHA256, 16, 32, key, m.hdr.csb_id, rand, &keys))
		return DMK_REASON_INTERNAL;
	return dmk_check_v(r->c, &m, keys.auth, idi, idr, t);
}

static bool allowed_alg(struct receiver *r)
{
	unsigned int i;

	for (i = 0; i < r->v->n_allow; i++)
		if (!strcmp(r->v->allow[i], m.kemac.encr_alg == DMK_ENCR_AES_CCM_128 ? "ccm" : "cm"))
			return true;
	return !r->v->n_allow;
}

/* ---- a third party: message 1 */

/* protocol.md 7.1 */
static bool fresh_at_tp(struct receiver *r)
{
	s64 start = r->v->receiver_started;

	if (m.t.type == DMK_TS_COUNTER)
		return !r->has_last || m.t.value > r->last;
	if (!within_skew(r, m.t.value))
		return false;
	if (r->v->highest_t_kept.data)
		return m.t.value > vec_be(r->v->highest_t_kept);
	return !start || m.t.value >= ntp_of(start + DMK_SKEW * 1000);
}

static enum dmk_reason take_i_tp(struct receiver *r)
{
	struct dmk_span psk = vec_dmikey_negative.psk[0].value;
	u8 hash[DMK_HASH_LEN];
	struct dmk_opened o;
	enum dmk_reason why;

	if (!allowed_alg(r))
		return DMK_REASON_ALGORITHMS;
	if (!is_named(&m.idr, vec_dmikey_negative.responder))
		return DMK_REASON_UNKNOWN_IDR;
	if (!is_named(&m.idi, vec_dmikey_negative.sensor))
		return DMK_REASON_UNKNOWN_SENDER;
	if (repeated(r, hash))
		return DMK_REASON_REPEATED;
	if (!fresh_at_tp(r))
		return DMK_REASON_STALE;
	why = open_with(r, psk, m.rand, &o);
	if (why)
		return why;
	remember(r, hash);
	r->has_last = true;
	r->last = m.t.value;
	return DMK_OK;
}

/* ---- a third party: message 4 */

static enum dmk_reason take_r_tp(struct receiver *r)
{
	struct dmk_span sent = r->v->state.answers_to;

	if (dmk_message_parse(&request, DMK_AT_R, sent.data, sent.len))
		abort();
	if (m.hdr.csb_id != request.hdr.csb_id || m.t.value != request.t.value)
		return DMK_REASON_NOT_LATEST_T;
	if (m.hdr.data_type != request.hdr.data_type + 1)
		return DMK_REASON_UNEXPECTED;
	if (!dmk_id_equal(&m.idr, &request.idr))
		return DMK_REASON_UNKNOWN_IDR;
	return check_v_with(r, r->v->state.env_key, request.rand, &request.idi, &request.idr,
			    request.t.value);
}

/* ---- R: message 3, who sent it */

static struct envelope *find_envelope(struct receiver *r)
{
	unsigned int i;

	for (i = 0; i < r->n_envelopes; i++) {
		struct dmk_id owner = certified(&r->envelope[i].who);

		if (dmk_id_equal(&owner, &m.idtp) &&
		    !memcmp(r->envelope[i].envid, m.envid.data, DMK_ENVID_LEN))
			return &r->envelope[i];
	}
	return NULL;
}

static void cache_envelope(struct receiver *r, const struct pki_identity *who,
			   const u8 key[DMK_ENVELOPE_LEN])
{
	struct envelope *e = &r->envelope[r->n_envelopes];
	u8 hash[DMK_HASH_LEN];

	if (m.kind != DMK_TP_R || m.pke.cache != DMK_PKE_CACHE)
		return;
	if (r->n_envelopes == ARRAY_SIZE(r->envelope) || dmk_sha256(r->c, &m.pke.data, 1, hash))
		abort();
	r->n_envelopes++;
	e->who = *who;
	memcpy(e->envid, hash, DMK_ENVID_LEN);
	memcpy(e->key, key, DMK_ENVELOPE_LEN);
}

static enum dmk_reason verify_sign(struct receiver *r)
{
	struct pki_key *key = pki_public(m.cert.data);
	u8 digest[DMK_HASH_LEN];
	bool good;

	if (!key || dmk_sign_digest(r->c, &m, digest))
		abort();
	good = pki_verify(key, DMK_SHA256, digest, m.sign.signature);
	pki_key_free(key);
	return good ? DMK_OK : DMK_REASON_SIGNATURE;
}

/* protocol.md 7: a random key takes the place of a bad one */
static enum dmk_reason open_pke(struct receiver *r, u8 out[DMK_ENVELOPE_LEN])
{
	struct pki_key *key = pki_private(*pki_by_name("r")->key);
	u8 buf[DMK_RSA_MAX];
	size_t len;

	if (!key || dmk_random(r->c, out, DMK_ENVELOPE_LEN))
		abort();
	len = pki_decrypt(key, m.pke.data, buf, sizeof(buf));
	pki_key_free(key);
	if (len == DMK_ENVELOPE_LEN)
		memcpy(out, buf, len);
	return DMK_OK;
}

static enum dmk_reason envelope_key_signed(struct receiver *r, struct pki_identity *who,
					   u8 key[DMK_ENVELOPE_LEN])
{
	const struct pki *own = pki_by_name("r");
	enum dmk_reason why;

	if (!dmk_span_equal(m.chash.hash, *own->sha256))
		return DMK_REASON_CHASH;
	if (m.pke.data.len != DMK_RSA_MIN)	/* R's key has 2048 bits */
		return DMK_REASON_PKE_LENGTH;
	if (!pki_check(m.cert.data, r->v->now, who))
		return DMK_REASON_CERTIFICATE;
	why = verify_sign(r);
	return why ? why : open_pke(r, key);
}

/* ---- R: authorization */

static bool lists(const char *const *list, unsigned int n, const struct dmk_id *id)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (!strcmp(list[i], "*") || is_named(id, list[i]))
			return true;
	return false;
}

static enum dmk_reason allowed_policy(const struct vec_dmikey_negative_vectors_rules *rule)
{
	struct dmk_esp_policy p;
	enum dmk_reason why = dmk_esp_policy_parse(m.sp[0].param, &p);
	unsigned int i;

	if (why || !rule || !rule->n_ciphers)
		return why;
	for (i = 0; i < rule->n_ciphers; i++)
		if (rule->ciphers[i] == p.cipher)
			return DMK_OK;
	return DMK_REASON_SP_UNSUPPORTED;
}

/* the vector's rule, or the default one, which lets every third party vouch */
static enum dmk_reason authorize(struct receiver *r, const struct pki_identity *who)
{
	const struct vec_dmikey_negative_default_rule *d = &vec_dmikey_negative.default_rule;
	const struct vec_dmikey_negative_vectors_rules *rule = r->v->n_rules ? r->v->rules : NULL;
	struct dmk_id tp = certified(who);
	s64 min_k = rule ? rule->min_k : d->min_k;

	if (!lists(rule ? rule->sensors : d->sensors, rule ? rule->n_sensors : d->n_sensors, &m.idi))
		return DMK_REASON_NO_RULE;
	if (rule && !lists(rule->tps, rule->n_tps, &tp))
		return DMK_REASON_AUTHORIZATION;
	if (m.share.k < min_k)
		return DMK_REASON_K_MINIMUM;
	return allowed_policy(rule);
}

/* ---- R: the session */

static bool same_party(const struct pki_identity *a, const struct pki_identity *b)
{
	struct dmk_id ida = certified(a), idb = certified(b);

	return dmk_id_equal(&ida, &idb) ||
	       dmk_span_equal(DMK_SPAN(a->pubkey, a->pubkey_len), DMK_SPAN(b->pubkey, b->pubkey_len));
}

static enum dmk_reason add_candidate(struct receiver *r, const struct pki_identity *who,
				     struct dmk_span share)
{
	struct candidate *new = &r->candidate[r->n_candidates];
	struct dmk_binding b;
	unsigned int i;

	dmk_binding_of(&m, &b);
	if (r->n_candidates == ARRAY_SIZE(r->candidate) ||
	    dmk_group_hash(r->c, &b, m.share.commitment, new->group))
		return DMK_REASON_INTERNAL;
	for (i = 0; i < r->n_candidates; i++)
		if (!memcmp(r->candidate[i].group, new->group, DMK_HASH_LEN) &&
		    same_party(&r->candidate[i].who, who))
			return DMK_REASON_DUPLICATE_TP;
	new->who = *who;
	new->point.x = m.share.x;
	memcpy(new->point.y, share.data, DMK_SHARE_LEN);
	r->n_candidates++;
	return DMK_OK;
}

static bool fits(struct receiver *r, const struct dmk_binding *b, u8 (*coeff)[DMK_SHARE_LEN])
{
	u8 tgk[DMK_TGK_MAX], k_commit[32], commitment[DMK_COMMITMENT_LEN];
	unsigned int len;

	len = dmk_share_tgk(r->c, b->scheme, (const u8 (*)[DMK_SHARE_LEN])coeff, b->k, tgk);
	if (!len || dmk_key_commit(r->c, DMK_SPAN(tgk, len), b->csb_id, b->rand, k_commit) ||
	    dmk_commitment(r->c, b, k_commit, (const u8 (*)[DMK_SHARE_LEN])coeff, commitment))
		abort();
	return dmk_equal(commitment, m.share.commitment, sizeof(commitment));
}

/* the newest candidate with those of its group */
static bool reconstruct(struct receiver *r)
{
	const struct candidate *new = &r->candidate[r->n_candidates - 1];
	struct dmk_point points[DMK_CANDIDATES_MAX];
	u8 coeff[DMK_N_MAX][DMK_SHARE_LEN];
	struct dmk_sets s = { .k = m.share.k };
	struct dmk_binding b;
	unsigned int i;

	for (i = 0; i < r->n_candidates; i++)
		if (!memcmp(r->candidate[i].group, new->group, DMK_HASH_LEN))
			points[s.n++] = r->candidate[i].point;
	dmk_binding_of(&m, &b);
	while (dmk_sets_next(&s, points)) {
		dmk_share_interpolate(points, s.set, s.k, coeff);
		if (fits(r, &b, coeff))
			return true;
	}
	return false;
}

static bool is_address(const struct dmk_session_data *sd, const char *text)
{
	u8 addr[16];

	if (!vec_addr(text, addr))
		abort();
	return sd->family == 6 ? !memcmp(sd->addr, addr, 16) : !memcmp(sd->addr, addr + 12, 4);
}

static enum dmk_reason establish(struct receiver *r)
{
	struct dmk_session_data sd;
	unsigned int i;

	if (dmk_session_data_parse(m.session_data, &sd))
		return DMK_REASON_SESSION_DATA;
	for (i = 0; i < r->v->n_addresses_of_other_sensors; i++)
		if (is_address(&sd, r->v->addresses_of_other_sensors[i]))
			return DMK_REASON_ADDRESS_IN_USE;
	for (i = 0; i < r->v->n_spis_of_cs2_in_use_by_another_sensor; i++)
		if (r->v->spis_of_cs2_in_use_by_another_sensor[i] == m.spi[1])
			return DMK_REASON_SPI2_IN_USE;
	r->established = true;
	return DMK_OK;
}

/* ---- R: message 3 as a whole */

static bool fresh_at_r(struct receiver *r)
{
	s64 start = r->v->receiver_started;

	return within_skew(r, m.t.value) && (!start || m.t.value >= ntp_of(start));
}

static enum dmk_reason take_opened(struct receiver *r, const struct pki_identity *who,
				   const struct dmk_opened *o, const u8 key[DMK_ENVELOPE_LEN])
{
	struct dmk_id tp = certified(who);
	enum dmk_reason why;

	if (!dmk_id_equal(&o->id, &tp))
		return DMK_REASON_IDTP_MISMATCH;
	why = authorize(r, who);
	if (why)
		return why;
	cache_envelope(r, who, key);
	why = add_candidate(r, who, o->key);
	if (why)
		return why;
	return reconstruct(r) ? establish(r) : DMK_OK;
}

static enum dmk_reason take_tp_r(struct receiver *r)
{
	bool is_signed = m.kind == DMK_TP_R;
	u8 hash[DMK_HASH_LEN], key[DMK_ENVELOPE_LEN];
	struct envelope *e = NULL;
	struct pki_identity who;
	struct dmk_opened o;
	enum dmk_reason why;

	if (!allowed_alg(r))
		return DMK_REASON_ALGORITHMS;
	if (!is_named(&m.idr, vec_dmikey_negative.responder))
		return DMK_REASON_UNKNOWN_IDR;
	if (is_signed && m.cert.type == DMK_CERT_HASH)	/* this R holds none */
		return DMK_REASON_UNKNOWN_CERTIFICATE;
	if (!is_signed) {
		e = find_envelope(r);
		if (!e)
			return DMK_REASON_UNKNOWN_ENVID;
		who = e->who;
		memcpy(key, e->key, sizeof(key));
	}
	if (repeated(r, hash))
		return DMK_REASON_REPEATED;
	if (!fresh_at_r(r))
		return DMK_REASON_STALE;
	if (is_signed) {
		why = envelope_key_signed(r, &who, key);
		if (why)
			return why;
	}
	why = open_with(r, DMK_SPAN(key, sizeof(key)), m.rand, &o);
	if (why)
		return why;
	remember(r, hash);
	return take_opened(r, &who, &o, key);
}

/* ---- updates: message 6 at R, message 7 at I */

/* Session Data of CS 1 in a CS ID map info */
static struct dmk_span session_data_of(struct dmk_span map)
{
	return DMK_SPAN(map.data + 6, dmk_get_be(map.data + 4, 2));
}

static enum dmk_reason take_u_r(struct receiver *r)
{
	const struct vec_dmikey_negative_vectors_state *st = &r->v->state;
	u8 hash[DMK_HASH_LEN];
	struct dmk_opened o;

	if (!is_named(&m.idr, vec_dmikey_negative.responder))
		return DMK_REASON_UNKNOWN_IDR;
	if (!dmk_span_equal(m.idi.data, st->session.idi.data) ||
	    m.hdr.csb_id != vec_be(st->session.csb))
		return DMK_REASON_UNKNOWN_SESSION;
	if (st->has_confirmed && !st->confirmed)
		return DMK_REASON_UNCONFIRMED;
	if (m.session_data.len && !dmk_span_equal(m.session_data, session_data_of(st->session.map)))
		return DMK_REASON_SESSION_DATA;
	if (repeated(r, hash))
		return DMK_REASON_REPEATED;
	if (m.t.type != st->session.ts)
		return DMK_REASON_TS_TYPE;
	if (m.t.value <= vec_be(st->last_t))
		return DMK_REASON_STALE;
	return open_with(r, st->k_update, st->session.rand, &o);
}

static enum dmk_reason take_r_u(struct receiver *r)
{
	const struct vec_dmikey_negative_vectors_state *st = &r->v->state;
	struct dmk_id idi = vec_id(st->session.idi.type, st->session.idi.data);
	struct dmk_id idr = vec_id(st->session.idr.type, st->session.idr.data);

	if (m.hdr.csb_id != vec_be(st->session.csb) || m.t.type != st->session.ts ||
	    m.t.value != vec_be(st->t))
		return DMK_REASON_NOT_LATEST_T;
	if (!dmk_id_equal(&m.idr, &idr))
		return DMK_REASON_UNKNOWN_IDR;
	/* R may replace the SPI of CS 1, never that of CS 2 */
	if (m.spi[1] != dmk_get_be(st->map.data + st->map.len - 4, 4))
		return DMK_REASON_MAP_MISMATCH;
	return check_v_with(r, st->k_update, st->session.rand, &idi, &idr, m.t.value);
}

/* ---- who is asked for what */

static const struct part {
	const char *at;
	enum dmk_role role;
	enum dmk_kind kind[2];
	enum dmk_reason (*take)(struct receiver *r);
} parts[] = {
	{ "TP", DMK_AT_TP, { DMK_I_TP, DMK_I_TP }, take_i_tp },
	{ "TP (R_TP)", DMK_AT_TP, { DMK_R_TP, DMK_R_TP }, take_r_tp },
	{ "R", DMK_AT_R, { DMK_TP_R, DMK_TP_R_CACHED }, take_tp_r },
	{ "R (U_R)", DMK_AT_R, { DMK_U_R, DMK_U_R }, take_u_r },
	{ "I (R_U)", DMK_AT_I, { DMK_R_U, DMK_R_U }, take_r_u },
};

static const struct part *part_of(vector_t *v)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(parts); i++)
		if (!strcmp(parts[i].at, v->at))
			return &parts[i];
	return NULL;
}

bool receiver_plays(vector_t *v)
{
	return part_of(v);
}

enum dmk_reason receiver_take(struct receiver *r, struct dmk_span datagram)
{
	const struct part *part = part_of(r->v);
	static u8 buf[DMK_MSG_MAX + 1];
	u32 len = datagram.len;
	enum dmk_reason why;

	if (len > sizeof(buf))
		return DMK_REASON_OVERSIZED;
	memcpy(buf, datagram.data, len);
	why = dmk_message_parse(&m, part->role, buf, len);
	if (why)
		return why;
	if (m.cookie.data) {
		len = dmk_message_strip_cookie(buf, len);
		why = dmk_message_parse(&m, part->role, buf, len);
		if (why)
			return why;
	}
	if (m.kind != part->kind[0] && m.kind != part->kind[1])
		return DMK_REASON_UNEXPECTED;
	return part->take(r);
}
