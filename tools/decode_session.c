// SPDX-License-Identifier: GPL-2.0
/*
 * Answers and updates are protected by keys of the messages before them: these
 * are kept. A capture may be long, so the oldest ones are forgotten.
 */
#include <stdlib.h>
#include <string.h>

#include "decode.h"

#define REQUESTS_MAX 4096

/**
 * struct decode_sessions - what is remembered
 * @newest: requests
 * @groups: groups of shares
 * @n: number of requests
 */
struct decode_sessions {
	struct decode_request *newest;
	struct decode_group *groups;
	unsigned int n;
};

static void *zalloc(size_t n)
{
	void *p = calloc(1, n);

	if (!p)
		ctl_fail(CTL_REFUSED, "out of memory");
	return p;
}

struct decode_sessions *decode_sessions_new(void)
{
	return zalloc(sizeof(struct decode_sessions));
}

static void forget(struct decode_sessions *s)
{
	struct decode_request *r;
	struct decode_group *g;

	while ((g = s->groups)) {
		s->groups = g->older;
		dmk_wipe(g, sizeof(*g));
		free(g);
	}
	while ((r = s->newest)) {
		s->newest = r->older;
		dmk_wipe(&r->key, sizeof(r->key));
		dmk_wipe(&r->tgk, sizeof(r->tgk));
		free(r->data);
		free(r);
	}
	s->n = 0;
}

void decode_sessions_free(struct decode_sessions *s)
{
	forget(s);
	free(s);
}

struct decode_request *decode_sessions_add(struct decode_sessions *s, const u8 *data, u32 len,
					   const struct decode_key *key)
{
	struct decode_request *r;

	if (s->n++ == REQUESTS_MAX)
		forget(s);
	r = zalloc(sizeof(*r));
	r->data = zalloc(len + 1);
	memcpy(r->data, data, len);
	decode_facts(&r->f, r->data, len);
	if (key)
		r->key = *key;
	r->older = s->newest;
	s->newest = r;
	return r;
}

struct decode_request *decode_sessions_next(struct decode_sessions *s,
					    const struct decode_request *r)
{
	return r ? r->older : s->newest;
}

struct decode_request *decode_sessions_find(struct decode_sessions *s, u32 csb_id,
					    const struct decode_request *from)
{
	struct decode_request *r = decode_sessions_next(s, from);

	while (r && r->f.m.hdr.csb_id != csb_id)
		r = r->older;
	return r;
}

struct decode_group *decode_sessions_group(struct decode_sessions *s, u32 csb_id)
{
	struct decode_group *g = s->groups;

	while (g && g->request->f.m.hdr.csb_id != csb_id)
		g = g->older;
	return g;
}

/* ---- shares */

static struct decode_group *group_of(struct decode_sessions *s, struct decode_request *r)
{
	const struct dmk_message *m = &r->f.m;
	struct decode_group *g;

	for (g = s->groups; g; g = g->older)
		if (g->request->f.m.hdr.csb_id == m->hdr.csb_id &&
		    dmk_span_equal(g->request->f.m.share_raw, m->share_raw))
			return g;
	g = zalloc(sizeof(*g));
	g->request = r;
	g->older = s->groups;
	s->groups = g;
	return g;
}

/* whether these coefficients are those that I committed itself to */
static bool committed(struct dmk_crypto *c, struct decode_group *g,
		      const u8 (*coeff)[DMK_SHARE_LEN])
{
	const struct dmk_message *m = &g->request->f.m;
	u8 k_commit[32], commitment[DMK_COMMITMENT_LEN];
	struct dmk_binding b;
	bool good;

	dmk_binding_of(m, &b);
	g->tgk.len = dmk_share_tgk(c, b.scheme, coeff, b.k, g->tgk.data);
	g->tgk.name = "TGK of the shares";
	good = g->tgk.len &&
	       !dmk_key_commit(c, DMK_SPAN(g->tgk.data, g->tgk.len), b.csb_id, b.rand, k_commit) &&
	       !dmk_commitment(c, &b, k_commit, coeff, commitment) &&
	       dmk_equal(commitment, m->share.commitment, sizeof(commitment));
	if (!good)
		dmk_wipe(&g->tgk, sizeof(g->tgk));
	dmk_wipe(k_commit, sizeof(k_commit));
	return good;
}

static bool join(struct dmk_crypto *c, struct decode_group *g)
{
	struct dmk_sets sets = { .n = g->n, .k = g->request->f.m.share.k };
	u8 coeff[DMK_N_MAX][DMK_SHARE_LEN];
	bool good = false;
	unsigned int i;

	for (i = 0; !good && i < DMK_TRIALS_MAX && dmk_sets_next(&sets, g->point); i++) {
		dmk_share_interpolate(g->point, sets.set, sets.k, coeff);
		good = committed(c, g, (const u8 (*)[DMK_SHARE_LEN])coeff);
	}
	dmk_wipe(coeff, sizeof(coeff));
	return good;
}

/* what core/ takes for granted of a SHARE that it has read itself */
static bool sound(const struct dmk_message *m)
{
	const struct dmk_share_ext *s = &m->share;

	return s->k && s->k <= DMK_N_MAX && s->x && s->x <= DMK_N_MAX && m->n_sp &&
	       (s->scheme == DMK_SCHEME_RS || s->scheme == DMK_SCHEME_SHAMIR) &&
	       m->share_raw.len == DMK_COMMITMENT_LEN && m->rand.len == DMK_RAND_LEN &&
	       m->idi.data.data && m->idr.data.data;
}

bool decode_sessions_share(struct decode_sessions *s, struct dmk_crypto *c,
			   struct decode_request *r, const u8 share[DMK_SHARE_LEN])
{
	struct decode_group *g;
	unsigned int i;

	if (!sound(&r->f.m))
		return false;
	g = group_of(s, r);
	for (i = 0; i < g->n; i++)
		if (g->point[i].x == r->f.m.share.x &&
		    !memcmp(g->point[i].y, share, DMK_SHARE_LEN))
			return false;
	if (g->tgk.len || g->n == DMK_CANDIDATES_MAX)
		return false;
	g->point[g->n].x = r->f.m.share.x;
	memcpy(g->point[g->n++].y, share, DMK_SHARE_LEN);
	return g->n >= g->request->f.m.share.k && join(c, g);
}
