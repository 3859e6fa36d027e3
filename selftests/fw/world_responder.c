// SPDX-License-Identifier: GPL-2.0
/* The responder: candidates, the key, R_I or ERR. Message 3 is a function call here. */
#include <stdlib.h>

#include "world.h"

enum {
	AGAIN_MS = 20,		/* the n copies of one repetition are answered once */
};

static struct dmk_message m;	/* the message 1 that an attempt began with */

static void reparse(struct world_attempt *a)
{
	if (dmk_message_parse(&m, DMK_AT_TP, a->first, a->first_len))
		world_die("message 1 does not parse any more");
}

/* ---- the key */

static u32 tgk_of(struct world *w, const struct world_attempt *a, u8 tgk[DMK_TGK_MAX])
{
	u32 len = dmk_share_tgk(w->c, m.share.scheme, (const u8 (*)[DMK_SHARE_LEN])a->coeff,
				m.share.k, tgk);

	if (!len)
		world_die("TGK failed");
	return len;
}

static bool fits(struct world *w, const struct world_attempt *a)
{
	u8 tgk[DMK_TGK_MAX], k_commit[32], commitment[DMK_COMMITMENT_LEN];
	u32 len = tgk_of(w, a, tgk);
	struct dmk_binding b;

	dmk_binding_of(&m, &b);
	if (dmk_key_commit(w->c, DMK_SPAN(tgk, len), b.csb_id, b.rand, k_commit) ||
	    dmk_commitment(w->c, &b, k_commit, (const u8 (*)[DMK_SHARE_LEN])a->coeff, commitment))
		world_die("the commitment failed");
	return dmk_equal(commitment, m.share.commitment, sizeof(commitment));
}

static bool reconstruct(struct world *w, struct world_attempt *a)
{
	struct dmk_sets s = { .n = a->n_points, .k = m.share.k };

	while (dmk_sets_next(&s, a->point)) {
		dmk_share_interpolate(a->point, s.set, s.k, a->coeff);
		if (fits(w, a))
			return true;
	}
	return false;
}

/* ---- answers */

static int by_x(const void *p, const void *q)
{
	return ((const struct dmk_part_entry *)p)->x - ((const struct dmk_part_entry *)q)->x;
}

static void verdicts(struct world *w, const struct world_attempt *a, struct dmk_writer *out)
{
	struct dmk_part_entry e[DMK_CANDIDATES_MAX];
	u8 i, y[DMK_SHARE_LEN], hash[DMK_HASH_LEN];

	for (i = 0; i < a->n_points; i++) {
		dmk_share_eval((const u8 (*)[DMK_SHARE_LEN])a->coeff, m.share.k, a->point[i].x, y);
		world_sha256(w, w->conf.party[a->who[i]].id.data, hash);
		memcpy(e[i].hash, hash, sizeof(e[i].hash));
		e[i].x = a->point[i].x;
		e[i].verdict = !dmk_equal(y, a->point[i].y, sizeof(y));
		world_say(w, "verdict", "\"party\":\"%s\",\"wrong\":%s",
			  w->conf.party[a->who[i]].name, e[i].verdict ? "true" : "false");
	}
	qsort(e, a->n_points, sizeof(e[0]), by_x);
	dmk_build_part(out, e, a->n_points);
}

static void seal(struct world *w, struct dmk_writer *out, struct dmk_span tgk)
{
	u8 auth[32];

	if (dmk_key_auth5(w->c, tgk, m.hdr.csb_id, m.rand, auth) ||
	    dmk_seal_v(w->c, out, auth, &m.idi, &m.idr, m.t.value) || out->full)
		world_die("R's answer failed");
}

static void direction(struct world *w, struct world_sa *sa, u8 cs, struct dmk_span tgk,
		      struct dmk_span randr)
{
	sa->spi = m.spi[cs - 1];
	sa->seq = 0;
	if (dmk_esp_policy_parse(m.sp[0].param, &sa->policy) ||
	    dmk_esp_keys(w->c, &sa->policy, cs, tgk, m.hdr.csb_id, m.rand, randr, &sa->keys))
		world_die("ESP keys failed");
}

static void install(struct world *w, struct world_attempt *a, struct dmk_span tgk,
		    struct dmk_span randr)
{
	struct world_session *s = &w->session[w->sessions++ % WORLD_SESSIONS];
	u8 spi[4], csb[4];

	memset(s, 0, sizeof(*s));
	s->csb_id = a->csb_id;
	s->attempt = a;
	direction(w, &s->in, 1, tgk, randr);
	direction(w, &s->out, 2, tgk, randr);
	dmk_put_be(spi, s->in.spi, sizeof(spi));
	dmk_put_be(csb, s->csb_id, sizeof(csb));
	world_once(w, "spi", DMK_SPAN(spi, sizeof(spi)), DMK_SPAN(csb, sizeof(csb)));
}

static void make_r_i(struct world *w, struct world_attempt *a, struct dmk_writer *out,
		     struct dmk_span tgk)
{
	u8 randr[DMK_RANDR_LEN];

	if (dmk_random(w->c, randr, sizeof(randr)))
		world_die("no random bytes");
	install(w, a, tgk, DMK_SPAN(randr, sizeof(randr)));
	dmk_build_hdr_2cs(out, DMK_DT_PSK_VER, false, a->csb_id, m.spi, DMK_SPAN(NULL, 0));
	dmk_emit_t(out, &m.t);
	dmk_emit_id(out, &m.idr);
	dmk_emit_randr(out, DMK_SPAN(randr, sizeof(randr)));
	verdicts(w, a, out);
}

static void make_err(struct world *w, struct dmk_writer *out)
{
	dmk_build_hdr_0cs(out, DMK_DT_ERR, m.hdr.prf, m.hdr.csb_id);
	dmk_emit_t(out, &m.t);
	dmk_emit_err(out, w->refuse);
}

static void send_answer(struct world *w, struct world_attempt *a)
{
	struct world_udp u = { .sport = SENSOR_MIKEY_PORT, .data = DMK_SPAN(a->answer, a->answer_len) };
	struct dmk_session_data sd;
	u32 i;

	reparse(a);
	if (dmk_session_data_parse(m.session_data, &sd))
		world_die("Session Data does not parse any more");
	u.dport = sd.port;
	a->answered = w->now;
	a->bytes += WORLD_IP_HEAD + WORLD_UDP_HEAD + a->answer_len;
	if (w->lose_r_i) {
		w->lose_r_i--;
		world_say(w, "r_i-lost", NULL);
		return;
	}
	if (w->mutate)
		world_mutations(w, world_addr(&w->conf.responder), &u);
	world_say(w, "r_i", "\"csb\":\"%08x\",\"bytes\":%u", a->csb_id, a->bytes);
	for (i = 0; i <= w->r_i_copies; i++)
		world_send_udp(w, world_addr(&w->conf.responder), &u);
}

static void make_answer(struct world *w, struct world_attempt *a)
{
	u8 tgk[DMK_TGK_MAX];
	struct dmk_writer out;
	struct dmk_span key;

	reparse(a);
	key = DMK_SPAN(tgk, tgk_of(w, a, tgk));
	dmk_writer_init(&out, a->answer, sizeof(a->answer));
	if (w->refuse)
		make_err(w, &out);
	else
		make_r_i(w, a, &out, key);
	seal(w, &out, key);
	a->answer_len = out.len;
	dmk_wipe(tgk, sizeof(tgk));
	send_answer(w, a);
}

void world_again(struct world *w, struct world_attempt *a)
{
	if (w->now >= a->answered + AGAIN_MS)
		send_answer(w, a);
}

/* ---- shares */

static void found(struct world *w, struct world_attempt *a)
{
	u8 tgk[DMK_TGK_MAX];

	a->found = true;
	a->deadline = w->now + DMK_GROUP_WAIT_MS;
	world_watch_secrets(w, a, m.share.k, DMK_SPAN(tgk, tgk_of(w, a, tgk)));
	dmk_wipe(tgk, sizeof(tgk));
}

void world_share(struct world *w, struct world_attempt *a, u8 party, const struct dmk_point *p)
{
	u8 i;

	for (i = 0; i < a->n_points; i++)
		if (a->who[i] == party)
			return;
	if (a->n_points == DMK_CANDIDATES_MAX)
		return;
	a->who[a->n_points] = party;
	a->point[a->n_points++] = *p;
	reparse(a);
	if (!a->found && reconstruct(w, a))
		found(w, a);
	if (a->found && a->n_points == m.share.n)
		make_answer(w, a);
}

u64 world_responder_tick(struct world *w)
{
	u64 next = ~0ULL;
	u32 i;

	for (i = 0; i < WORLD_ATTEMPTS; i++) {
		struct world_attempt *a = &w->attempt[i];

		if (!a->used || !a->found || a->answer_len)
			continue;
		if (w->now >= a->deadline)
			make_answer(w, a);
		else if (a->deadline < next)
			next = a->deadline;
	}
	return next;
}

/* R starts again: what it had is gone, and R_I of before are not repeated */
void world_forget(struct world *w)
{
	u32 i;

	for (i = 0; i < WORLD_SESSIONS; i++)
		w->session[i].forgotten = true;
	for (i = 0; i < WORLD_ATTEMPTS; i++) {
		w->attempt[i].n_points = 0;
		w->attempt[i].found = false;
		w->attempt[i].answer_len = 0;
	}
}

struct world_session *world_newest(struct world *w)
{
	struct world_session *s;

	if (!w->sessions)
		return NULL;
	s = &w->session[(w->sessions - 1) % WORLD_SESSIONS];
	return s->forgotten ? NULL : s;
}
