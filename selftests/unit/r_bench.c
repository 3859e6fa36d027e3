// SPDX-License-Identifier: GPL-2.0
#include "r_bench.h"

#include <stdio.h>

#include "error.h"
#include "group.h"
#include "netns.h"
#include "rsa.h"

#define SEEN	256

/**
 * struct world - R, and what it stands in
 * @out: what came of it
 * @dn: the instance
 * @w: its worker
 * @local: R's role
 * @tp: certificates
 * @seen: messages
 * @n_seen: their number
 * @known: groups of sessions
 */
static struct world {
	struct r_bench out;
	struct dmk_net dn;
	struct dmk_worker w;
	struct dmk_local local;
	struct dmk_peer tp[R_BENCH_TPS];
	u64 seen[SEEN];
	unsigned int n_seen;
	u8 known[SEEN][DMK_HASH_LEN];
} *the;

static struct workqueue_struct wq;
struct workqueue_struct *dmk_wq = &wq;

/* ---- what R calls, and the test has an interest in */

static int number_of(const struct dmk_id *id)
{
	struct dmk_id other;
	int i;

	for (i = 0; i < R_BENCH_TPS; i++) {
		other = r_bench_tp_id(i);
		if (dmk_id_equal(id, &other))
			return i;
	}
	return -1;
}

enum dmk_reason dmk_session_establish(struct dmk_net *dn, struct dmk_session_new *new)
{
	struct r_bench *out = &the->out;
	unsigned int i;

	if (out->sessions == SEEN)
		abort();
	memcpy(the->known[out->sessions++], new->group, DMK_HASH_LEN);
	memcpy(out->keys, new->keys, sizeof(out->keys));
	out->n_verdicts = new->n_verdicts;
	for (i = 0; i < new->n_verdicts; i++)
		out->verdicts[i] = (struct r_verdict){
			number_of(&new->verdicts[i].tp), new->verdicts[i].x,
			new->verdicts[i].wrong,
		};
	return DMK_OK;
}

bool dmk_session_knows(struct dmk_net *dn, const u8 group[DMK_HASH_LEN])
{
	unsigned int i;

	for (i = 0; i < the->out.sessions; i++)
		if (!memcmp(the->known[i], group, DMK_HASH_LEN))
			return true;
	return false;
}

void dmk_socket_send(struct dmk_net *dn, const struct dmk_addr *to, const u8 *data, size_t len)
{
	struct dmk_message m;

	if (dmk_message_parse(&m, DMK_AT_I, data, len) || m.kind != DMK_R_I)
		return;
	memcpy(the->out.r_i, data, len);
	the->out.r_i_len = len;
}

/* ---- crypto: a timer has no context of its own, and the module's backend needs none */

static struct dmk_crypto *some(struct dmk_crypto *c) { return c ? c : the->w.crypto; }

int __real_dmk_sha256(struct dmk_crypto *c, const struct dmk_span *in, unsigned int n, u8 *out);
int __wrap_dmk_sha256(struct dmk_crypto *c, const struct dmk_span *in, unsigned int n, u8 *out)
{
	return __real_dmk_sha256(some(c), in, n, out);
}

int __real_dmk_hmac(struct dmk_crypto *c, enum dmk_hash hash, struct dmk_span key,
		    const struct dmk_span *in, unsigned int n, u8 *out);
int __wrap_dmk_hmac(struct dmk_crypto *c, enum dmk_hash hash, struct dmk_span key,
		    const struct dmk_span *in, unsigned int n, u8 *out)
{
	return __real_dmk_hmac(some(c), hash, key, in, n, out);
}

int __real_dmk_random(struct dmk_crypto *c, u8 *out, size_t len);
int __wrap_dmk_random(struct dmk_crypto *c, u8 *out, size_t len)
{
	return __real_dmk_random(some(c), out, len);
}

/* ---- certificates and envelope keys */

struct dmk_id r_bench_tp_id(u8 i) { return dmk_name_id(&the->tp[i].name); }

void r_bench_envelope(u8 i, u8 key[DMK_ENVELOPE_LEN], u8 envid[DMK_ENVID_LEN])
{
	memset(key, 0xe0 + i, DMK_ENVELOPE_LEN);
	memset(envid, i, DMK_ENVID_LEN);
}

struct dmk_peer *dmk_cache_find(struct dmk_net *dn, const struct dmk_message *m,
				struct dmk_local *l, struct dmk_envelope *e)
{
	u8 i, envid[DMK_ENVID_LEN];
	struct dmk_id id;

	for (i = 0; i < R_BENCH_TPS; i++) {
		r_bench_envelope(i, e->key, envid);
		id = r_bench_tp_id(i);
		if (dmk_id_equal(&id, &m->idtp) && !memcmp(envid, m->envid.data, sizeof(envid)))
			return dmk_cert_get(&the->tp[i]);
	}
	return NULL;
}

enum dmk_reason dmk_envelope_keys(struct dmk_crypto *c, const struct dmk_envelope *e, u32 csb_id,
				  struct dmk_span rand, struct dmk_msg_keys *keys)
{
	return dmk_msg_keys(c, DMK_PRF_SHA256, 16, 32, DMK_SPAN(e->key, sizeof(e->key)), csb_id,
			    rand, keys) ? DMK_REASON_INTERNAL : DMK_OK;
}

struct dmk_peer *dmk_cert_get(struct dmk_peer *p)
{
	refcount_inc(&p->ref);
	return p;
}

void dmk_cert_put(struct dmk_peer *p)
{
	if (p && refcount_dec_and_test(&p->ref))
		abort();
}

bool dmk_cert_is_trusted(struct dmk_net *dn, const u8 der_hash[DMK_HASH_LEN])
{
	return true;
}

struct dmk_local *dmk_local_responder(struct dmk_net *dn, const struct dmk_id *idr)
{
	struct dmk_id id = dmk_name_id(&the->local.name);

	if (!dmk_id_equal(&id, idr))
		return NULL;
	refcount_inc(&the->local.ref);
	return &the->local;
}

void dmk_local_put(struct dmk_local *l)
{
	if (l && refcount_dec_and_test(&l->ref))
		abort();
}

/* ---- repetitions */

enum dmk_repeat dmk_queue_answer_again(struct dmk_worker *w, struct dmk_replay *replay)
{
	unsigned int i;

	for (i = 0; i < the->n_seen; i++)
		if (the->seen[i] == w->hash)
			return DMK_REPEAT_DROP;
	return DMK_REPEAT_NEW;
}

enum dmk_reason dmk_queue_remember(struct dmk_worker *w, struct dmk_replay *replay, u64 sender,
				   u32 quota, u32 seconds)
{
	if (the->n_seen == SEEN)
		abort();
	the->seen[the->n_seen++] = w->hash;
	return DMK_OK;
}

struct dmk_answer *dmk_answer_new(const struct dmk_addr *to, const u8 *data, u16 len, gfp_t gfp)
{
	struct dmk_answer *a = calloc(1, sizeof(*a) + len);

	if (!a)
		abort();
	refcount_set(&a->ref, 1);
	a->to = *to;
	a->len = len;
	memcpy(a->data, data, len);
	return a;
}

struct dmk_answer *dmk_answer_get(struct dmk_answer *a)
{
	refcount_inc(&a->ref);
	return a;
}

void dmk_answer_put(struct dmk_answer *a)
{
	if (a && refcount_dec_and_test(&a->ref))
		free(a);
}

/* ---- time */

u64 r_bench_now(void) { return (3900000000ULL << 32) + ((u64)jiffies << 32) / HZ; }

u64 dmk_now_ntp(void) { return r_bench_now(); }

u64 dmk_ntp_started(struct dmk_net *dn) { return dn->started; }

/* ---- what has no part in this */

void dmk_stats_refuse(struct dmk_net *dn, enum dmk_side side, enum dmk_reason reason,
		      const struct dmk_addr *from, const struct dmk_who *who) {}
void dmk_stats_inc(struct dmk_net *dn, enum dmk_stat stat) {}
void dmk_replay_answer(struct dmk_replay *r, u64 hash, unsigned int slot, struct dmk_answer *a,
		       bool replace) {}
void dmk_cache_spend(struct dmk_net *dn, const struct dmk_message *m) {}
bool dmk_ratelimit_allow_identity(struct dmk_ratelimit *rl, u64 who) { return true; }
void dmk_error_hint(struct dmk_net *dn, const struct dmk_addr *to, const struct dmk_message *m,
		    u8 error) {}
u32 dmk_error_build(struct dmk_crypto *c, const struct dmk_refusal *e, u8 *out) { return 0; }
void dmk_event_message(struct dmk_net *dn, enum dmk_side side, enum dmk_kind kind, bool sent,
		       u32 len, const struct dmk_addr *addr, const struct dmk_id *who,
		       const struct dmk_id *peer) {}
void dmk_event_verdict(struct dmk_net *dn, const struct dmk_id *sensor, const struct dmk_id *tp,
		       u8 x) {}

/* the signed form, and how R comes up */
#define NEVER(type, name, ...) type name(__VA_ARGS__) { abort(); }
NEVER(struct dmk_peer *, dmk_cert_thirdparty, struct dmk_net *dn,
      const u8 hash[DMK_HASH_LEN])
NEVER(enum dmk_reason, dmk_upcall_cert, struct dmk_net *dn, struct dmk_span der,
      const u8 hash[DMK_HASH_LEN], struct dmk_datagram *d)
NEVER(struct dmk_local *, dmk_local_as, struct dmk_local *l, const u8 hash[DMK_HASH_LEN])
NEVER(enum dmk_reason, dmk_envelope_open, struct dmk_net *dn, struct dmk_crypto *c,
      const struct dmk_local *l, struct dmk_peer *signer,
      const struct dmk_message *m, struct dmk_envelope *e)
NEVER(void, dmk_cache_add, struct dmk_net *dn, const struct dmk_peer *tp,
      const struct dmk_local *l, const struct dmk_envelope *e)
NEVER(int, dmk_replay_init, struct dmk_replay *r)
NEVER(void, dmk_replay_destroy, struct dmk_replay *r)
NEVER(int, dmk_cache_init, struct dmk_net *dn)
NEVER(void, dmk_cache_destroy, struct dmk_net *dn)
NEVER(int, dmk_session_init, struct dmk_net *dn)
NEVER(void, dmk_session_destroy, struct dmk_net *dn)

/* ---- */

static void make_rule(const struct dmk_id *sensor, u8 n, u8 min_k)
{
	struct dmk_rule *rule = calloc(1, sizeof(*rule));
	u8 i;

	rule->tps = calloc(n, sizeof(*rule->tps));
	strcpy(rule->name, "ward");
	dmk_name_set(&rule->sensor, sensor);
	rule->min_k = min_k;
	rule->n_tps = n;
	for (i = 0; i < n; i++)
		rule->tps[i] = the->tp[i].name;
	if (dmk_rule_add(&the->dn, rule))
		abort();
}

static void make_tp(struct dmk_crypto *c, u8 i)
{
	struct dmk_peer *p = &the->tp[i];
	u8 hash[DMK_HASH_LEN];
	struct dmk_id id;
	char name[8];

	snprintf(name, sizeof(name), "tp%u", i);
	id = (struct dmk_id){ DMK_ID_URI, DMK_SPAN(name, strlen(name)) };
	refcount_set(&p->ref, 1);
	dmk_name_set(&p->name, &id);
	if (dmk_sha256(c, &id.data, 1, hash))
		abort();
	memcpy(p->id_hash, hash, sizeof(p->id_hash));
	memset(p->key_hash, i + 1, sizeof(p->key_hash));
	p->suites = ~0;
}

struct r_bench *r_bench_new(struct dmk_crypto *c, const struct dmk_id *sensor,
			    const struct dmk_id *responder, u8 n, u8 min_k)
{
	u8 i;

	the = calloc(1, sizeof(*the));
	if (!the)
		abort();
	the->w.dn = &the->dn;
	the->w.crypto = c;
	the->dn.skew = 300;
	the->dn.started = r_bench_now();
	refcount_set(&the->local.ref, 1);
	dmk_name_set(&the->local.name, responder);
	for (i = 0; i < R_BENCH_TPS; i++)
		make_tp(c, i);
	dmk_rule_init(&the->dn);
	make_rule(sensor, n, min_k);
	if (dmk_group_init(&the->dn))
		abort();
	return &the->out;
}

void r_bench_free(struct r_bench *r)
{
	u8 i;

	dmk_group_destroy(&the->dn);
	dmk_rule_destroy(&the->dn);
	for (i = 0; i < R_BENCH_TPS; i++)
		if (the->tp[i].ref.n != 1)
			abort();
	if (the->local.ref.n != 1 || the->dn.r.groups.open.n)
		abort();
	free(the);
	/* what is armed still finds no memory */
	kernel_pass(2 * DMK_GROUP_LIFE * HZ);
}

enum dmk_reason r_bench_receive(const u8 *data, u32 len)
{
	struct dmk_datagram *d = calloc(1, sizeof(*d) + len);
	enum dmk_reason reason;

	if (!d)
		abort();
	d->len = len;
	memcpy(d->data, data, len);
	reason = dmk_message_parse(&the->w.m, DMK_AT_R, d->data, len);
	if (!reason) {
		the->w.hash = dmk_queue_hash(&the->dn.queue, &the->w.m);
		reason = dmk_responder_tp_r(&the->w, &d);
	}
	free(d);
	return reason;
}
