// SPDX-License-Identifier: GPL-2.0
/* From a polynomial to a session: keys, SAs and message 5. */

#include <linux/sort.h>

#include "error.h"
#include "group.h"
#include "netns.h"

/**
 * struct session_keys - what one polynomial gives
 * @tgk: TGK
 * @auth5: auth_key of message 5
 * @randr: RANDR
 * @tgk_len: length of @tgk
 */
struct session_keys {
	u8 tgk[DMK_TGK_MAX];
	u8 auth5[32];
	u8 randr[DMK_RANDR_LEN];
	unsigned int tgk_len;
};

/* protocol.md 6.4 */
static int derive(struct dmk_group *g, struct dmk_crypto *c, struct session_keys *k,
		  struct dmk_session_new *new)
{
	struct dmk_span randr = DMK_SPAN(k->randr, sizeof(k->randr));
	struct dmk_span tgk;
	int err;

	k->tgk_len = dmk_share_tgk(c, g->b.scheme, g->coeff, g->b.k, k->tgk);
	if (!k->tgk_len)
		return -EIO;
	tgk = DMK_SPAN(k->tgk, k->tgk_len);
	err = dmk_random(c, k->randr, sizeof(k->randr));
	if (!err)
		err = dmk_key_auth5(c, tgk, g->b.csb_id, g->b.rand, k->auth5);
	if (!err)
		err = dmk_esp_keys(c, &g->policy, 1, tgk, g->b.csb_id, g->b.rand,
				   randr, &new->keys[0]);
	if (!err)
		err = dmk_esp_keys(c, &g->policy, 2, tgk, g->b.csb_id, g->b.rand,
				   randr, &new->keys[1]);
	if (!err)
		err = dmk_key_update(c, tgk, g->b.csb_id, g->b.rand, randr, new->k_update);
	return err;
}

/* as it stands in CS 1 of CS ID map info, which core/ has parsed once */
static struct dmk_span session_data(struct dmk_span map)
{
	struct dmk_cursor c = { .data = map.data, .len = map.len };
	struct dmk_cs cs = {};

	dmk_parse_cs(&c, &cs);
	return cs.session_data;
}

static void describe(struct dmk_group *g, struct dmk_session_new *new)
{
	u8 i;

	new->sensor = g->b.idi;
	new->responder = g->b.idr;
	new->csb_id = g->b.csb_id;
	new->t_i = g->b.t_i;
	new->rand = g->b.rand;
	new->session_data = session_data(g->b.map);
	new->sd = &g->sd;
	new->policy = &g->policy;
	memcpy(new->spi, g->spi, sizeof(new->spi));
	new->rule = g->rule;
	new->n = g->b.n;
	new->k = g->b.k;
	new->group = g->hash;
	new->n_verdicts = g->tried;
	for (i = 0; i < g->tried; i++) {
		new->verdicts[i].tp = dmk_name_id(&g->c[i].tp->name);
		new->verdicts[i].x = g->points[i].x;
		new->verdicts[i].wrong = g->c[i].wrong;
	}
}

/* 7.4: ascending order of x, then of the hash */
static int by_x(const void *a, const void *b)
{
	const struct dmk_part_entry *l = a, *r = b;

	return l->x != r->x ? l->x - r->x : memcmp(l->hash, r->hash, sizeof(l->hash));
}

static void emit_part(struct dmk_writer *w, const struct dmk_group *g)
{
	struct dmk_part_entry e[DMK_CANDIDATES_MAX];
	u8 i;

	for (i = 0; i < g->tried; i++) {
		memcpy(e[i].hash, g->c[i].tp->id_hash, sizeof(e[i].hash));
		e[i].x = g->points[i].x;
		e[i].verdict = g->c[i].wrong;
	}
	sort(e, g->tried, sizeof(e[0]), by_x, NULL);
	dmk_build_part(w, e, g->tried);
}

static u32 build_r_i(struct dmk_group *g, struct dmk_crypto *c, const struct session_keys *k,
		     const struct dmk_session_new *new, u8 *out)
{
	struct dmk_writer w;

	dmk_writer_init(&w, out, DMK_SENSOR_MSG_MAX);
	dmk_build_hdr_2cs(&w, DMK_DT_PSK_VER, false, g->b.csb_id, new->spi,
			  DMK_SPAN(NULL, 0));
	dmk_emit_t(&w, &g->b.t_i);
	dmk_emit_id(&w, &g->b.idr);
	dmk_emit_randr(&w, DMK_SPAN(k->randr, sizeof(k->randr)));
	emit_part(&w, g);
	if (dmk_seal_v(c, &w, k->auth5, &g->b.idi, &g->b.idr, g->b.t_i.value) || w.full)
		return 0;
	return w.len;
}

/* 7: which Error no tells I */
static u32 build_err(struct dmk_group *g, struct dmk_crypto *c, const struct session_keys *k,
		     enum dmk_reason reason, u8 *out)
{
	struct dmk_refusal e = {
		.csb_id = g->b.csb_id,
		.t = g->b.t_i,
		.auth_key = k->auth5,
		.idi = g->b.idi,
		.idr = g->b.idr,
	};

	switch (reason) {
	case DMK_REASON_STALE:
		e.error = DMK_ERR_TS;
		break;
	case DMK_REASON_AUTHORIZATION:
	case DMK_REASON_ADDRESS_IN_USE:
	case DMK_REASON_SPI2_IN_USE:
		e.error = DMK_ERR_NOT_AUTHORIZED;
		break;
	default:
		e.error = DMK_ERR_UNSPECIFIED;
	}
	return dmk_error_build(c, &e, out);
}

static void sensor_address(const struct dmk_group *g, struct dmk_addr *to)
{
	memset(to, 0, sizeof(*to));
	to->port = htons(g->sd.port);
	dmk_addr_set_ip(&to->ip, g->sd.family, g->sd.addr);
}

/* straight to I; kept for repetitions of any share of the session */
static void send_straight(struct dmk_group *g, const u8 *data, u32 len)
{
	struct dmk_answer *a;
	struct dmk_addr to;
	u8 i, n;

	sensor_address(g, &to);
	a = dmk_answer_new(&to, data, len, GFP_KERNEL);
	if (!a)
		return;
	spin_lock_bh(&g->lock);
	n = g->n;
	g->to_i = dmk_answer_get(a);
	spin_unlock_bh(&g->lock);
	for (i = 0; i < n; i++)
		dmk_replay_answer(&g->dn->r.replay, g->c[i].hash, 1, a, true);
	dmk_socket_send(g->dn, &to, data, len);
	dmk_answer_put(a);
}

/* 7.4: inside RELAY in a second R_TP to one third party */
static void send_relay(struct dmk_group *g, struct dmk_crypto *crypto,
		       const struct dmk_candidate *c, const u8 *data, u32 len)
{
	u8 *out = kmalloc(2 * DMK_SENSOR_MSG_MAX, GFP_KERNEL);
	struct dmk_answer *a = NULL;
	struct dmk_writer w;

	if (!out)
		return;
	dmk_writer_init(&w, out, 2 * DMK_SENSOR_MSG_MAX);
	dmk_build_hdr_0cs(&w, c->answer_type, DMK_PRF_SHA256, g->b.csb_id);
	dmk_emit_t(&w, &c->t);
	dmk_emit_id(&w, &g->b.idr);
	dmk_emit_ext(&w, DMK_EXT_RELAY, DMK_SPAN(data, len));
	if (!dmk_seal_v(crypto, &w, c->auth, &g->b.idi, &g->b.idr, c->t.value) && !w.full)
		a = dmk_answer_new(&c->to, out, w.len, GFP_KERNEL);
	kfree(out);
	if (!a)
		return;
	dmk_replay_answer(&g->dn->r.replay, c->hash, 0, a, true);
	dmk_socket_send(g->dn, &c->to, a->data, a->len);
	dmk_answer_put(a);
}

static void answer(struct dmk_group *g, struct dmk_crypto *c, const u8 *data, u32 len)
{
	u8 i;

	if (!(g->b.flags & DMK_SHARE_RELAY)) {
		send_straight(g, data, len);
		return;
	}
	for (i = 0; i < g->tried; i++)
		if (!g->c[i].wrong)
			send_relay(g, c, &g->c[i], data, len);
}

static void announce(struct dmk_group *g, const struct dmk_session_new *new,
		     enum dmk_reason reason, u32 len)
{
	struct dmk_addr to;
	u8 i;

	sensor_address(g, &to);
	dmk_event_message(g->dn, DMK_SIDE_R, reason ? DMK_ERR : DMK_R_I, true, len,
			  &to, &g->b.idi, NULL);
	if (reason)
		dmk_group_refuse(g, reason);
	for (i = 0; i < new->n_verdicts; i++) {
		if (!new->verdicts[i].wrong)
			continue;
		dmk_stats_inc(g->dn, DMK_STAT_SHARE_WRONG);
		dmk_event_verdict(g->dn, &g->b.idi, &new->verdicts[i].tp,
				  new->verdicts[i].x);
	}
}

static bool establish(struct dmk_group *g, struct dmk_crypto *c, struct session_keys *k,
		      struct dmk_session_new *new, u8 *out)
{
	enum dmk_reason reason;
	u32 len;

	if (derive(g, c, k, new)) {
		dmk_group_refuse(g, DMK_REASON_INTERNAL);
		return false;
	}
	describe(g, new);
	reason = dmk_session_establish(g->dn, new);
	len = reason ? build_err(g, c, k, reason, out) : build_r_i(g, c, k, new, out);
	if (len)
		answer(g, c, out, len);
	announce(g, new, reason, len);
	return !reason;
}

bool dmk_group_establish(struct dmk_group *g, struct dmk_crypto *c)
{
	struct dmk_session_new *new = kzalloc(sizeof(*new), GFP_KERNEL);
	u8 *out = kmalloc(DMK_SENSOR_MSG_MAX, GFP_KERNEL);
	struct session_keys k;
	bool up = false;
	u8 i;

	if (new && out)
		up = establish(g, c, &k, new, out);
	else
		dmk_group_refuse(g, DMK_REASON_MEMORY);
	memzero_explicit(&k, sizeof(k));
	/* whoever comes from here on leaves no key */
	for (i = 0; i < READ_ONCE(g->n); i++)
		memzero_explicit(g->c[i].auth, sizeof(g->c[i].auth));
	/* new->keys and new->k_update with the rest */
	kfree_sensitive(new);
	kfree(out);
	return up;
}
