// SPDX-License-Identifier: GPL-2.0
/*
 * Every message that must be refused, sent to the running module: it counts
 * the stated reason once and no other, installs nothing, and answers what the
 * vector says and nothing more. Messages 6 are in refuse_live.c.
 */
#include <stdlib.h>
#include <unistd.h>

#include "device.h"
#include "forge.h"
#include "pki.h"
#include "seal.h"
#include "states.h"
#include "vec_dmikey_negative.h"
#include "vector.h"

#define BEFORE_S	1000	/* the module started, and heard of its sensor, so long before now */
#define WAIT_MS		10000
#define QUIET_MS	50
#define ANSWERS_MAX	8

typedef const struct vec_dmikey_negative_vectors vector_t;

static struct dmk_crypto *crypto;

/**
 * struct part - who receives a vector
 * @at: as the vectors call it
 * @role: what the module is
 * @from: who sends it
 * @to: the module
 */
struct part {
	const char *at;
	enum dmk_role_type role;
	const char *from;
	const char *to;
};

static const struct part parts[] = {
	{ "TP", DMK_ROLE_TP, "2001:db8::7", "2001:db8::1" },
	{ "TP (R_TP)", DMK_ROLE_TP, "192.0.2.100", "192.0.2.1" },
	{ "R", DMK_ROLE_R, "192.0.2.1", "192.0.2.100" },
};

static const struct part *part_of(vector_t *v)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(parts); i++)
		if (!strcmp(parts[i].at, v->at))
			return &parts[i];
	return NULL;
}

/* the module's name for a reason that the vectors name otherwise: with an
 * agent, an unknown sensor is one that the agent refuses
 */
static enum dmk_reason own_reason(const char *name)
{
	if (!strcmp(name, "unknown-sender"))
		return DMK_REASON_SENSOR_DENIED;
	return device_reason(name);
}

/**
 * struct trial - one vector under way
 * @v: the vector
 * @p: who receives it
 * @message: what is sent: the vector's message, or its like for live values
 * @buf: memory of @message
 * @want: reason; DMK_OK: the message is accepted, and nothing comes of it yet
 * @n_accepted: shares that are accepted
 * @before, @after: counters
 * @seen, @n_seen: what came before: a third party may repeat it
 * @answer, @n_answer: what came back
 * @n_states: xfrm states that were there
 */
struct trial {
	vector_t *v;
	const struct part *p;
	struct dmk_span message;
	u8 buf[LAB_DATAGRAM];
	enum dmk_reason want;
	unsigned int n_accepted;
	struct device_counters before;
	struct device_counters after;
	struct lab_datagram seen[ANSWERS_MAX];
	unsigned int n_seen;
	struct lab_datagram answer[ANSWERS_MAX];
	unsigned int n_answer;
	unsigned int n_states;
};

static struct lab_addr at(const char *text)
{
	return lab_addr(text, LAB_PORT);
}

/* ---- configuration */

static u32 suites(vector_t *v)
{
	u32 bits = 0;
	unsigned int i;

	for (i = 0; i < v->n_allow; i++)
		bits |= strcmp(v->allow[i], "ccm") ? DMK_SUITE_CM : DMK_SUITE_CCM;
	return bits ? bits : DMK_SUITE_CCM | DMK_SUITE_CM;
}

/* what the sensor of the vectors stamps its messages with */
static u8 ts_type(vector_t *v)
{
	static struct dmk_message m;

	if (!v->n_before ||
	    dmk_message_parse(&m, DMK_AT_TP, v->before[0].data, v->before[0].len))
		return DMK_TS_NTP_UTC;
	return m.t.type;
}

static void configure_tp(vector_t *v)
{
	struct device_sensor s = {
		.id = device_id(vec_dmikey_negative.sensor),
		.key = vec_dmikey_negative.psk[0].value,
		.ts_type = ts_type(v),
		.suites = suites(v),
	};

	device_local(DMK_ROLE_TP, "tp1");
	device_responder("r");
	device_sensor(&s);
	if (v->highest_t_kept.data)
		device_highest_t(vec_be(v->highest_t_kept));
	else if (!v->receiver_started)
		device_highest_time(v->now - BEFORE_S);
}

static void configure_rule(const struct vec_dmikey_negative_vectors_rules *r)
{
	struct device_rule rule = {
		.name = "vector",
		.sensor = device_id(r->sensors[0]),
		.tps = strcmp(r->tps[0], "*") ? r->tps : NULL,
		.n_tps = r->n_tps,
		.min_k = r->min_k,
		.cipher = r->n_ciphers ? r->ciphers[0] : 0,
	};

	device_rule(&rule);
}

static void configure_r(vector_t *v)
{
	const struct vec_dmikey_negative_default_rule *d = &vec_dmikey_negative.default_rule;
	struct device_rule rule = {
		.name = "default",
		.sensor = device_id(d->sensors[0]),
		.min_k = d->min_k,
	};

	device_local(DMK_ROLE_R, "r");
	if (v->n_rules)
		configure_rule(v->rules);
	else
		device_rule(&rule);
}

static void configure(struct trial *t)
{
	vector_t *v = t->v;

	device_agent(v->now, suites(v));
	lab_clock(v->receiver_started ? v->receiver_started : (v->now - BEFORE_S) * 1000);
	device_new(t->p->role);
	if (t->p->role == DMK_ROLE_TP)
		configure_tp(v);
	else
		configure_r(v);
	device_listen();
	lab_clock(v->now * 1000);
}

/* ---- datagrams */

static bool seen(const struct trial *t, const struct lab_datagram *d)
{
	unsigned int i;

	for (i = 0; i < t->n_seen; i++)
		if (t->seen[i].len == d->len && !memcmp(t->seen[i].data, d->data, d->len) &&
		    lab_addr_equal(&t->seen[i].to, &d->to))
			return true;
	return false;
}

/* reads on until @n have come (waiting for them), and then all that is there */
static unsigned int collect(struct trial *t, struct lab_datagram *to, unsigned int n, int quiet)
{
	unsigned int got = 0;

	while (got < ANSWERS_MAX && lab_receive(&to[got], got < n ? WAIT_MS : quiet))
		got += !seen(t, &to[got]);
	return got;
}

/* a message that is accepted, with one answer */
static void send_good(struct trial *t, const char *from, struct dmk_span message)
{
	struct lab_addr source = at(from), dest = at(strchr(from, ':') ?
		(t->p->role == DMK_ROLE_TP ? "2001:db8::1" : "2001:db8::100") : t->p->to);
	struct device_counters c;
	u64 refused;

	device_counters(&c);
	refused = device_refused(&c);
	lab_send(&source, &dest, message);
	if (!device_wait(device_handled(&c) + 1, WAIT_MS, &c) || device_refused(&c) != refused)
		lab_die("%s: the message before it is not accepted", t->v->name);
	t->n_seen += collect(t, t->seen + t->n_seen, 1, 0);
}

/* ---- what has to be there before */

/* another sensor's session at the same address */
static void occupy_address(struct trial *t)
{
	struct device_rule rule = {
		.name = "other", .sensor = device_id("nai:other@net.example"), .min_k = 1,
	};
	session_t *s = forge_session("esp-AES-CCM-8-128");
	u8 tp_r[DMK_MSG_MAX];

	device_rule(&rule);
	send_good(t, t->p->from,
		  DMK_SPAN(tp_r, forge_tp_r(crypto, s, &rule.sensor, DMK_SPAN(NULL, 0), 0, tp_r)));
	if (!device_wait_established(1, WAIT_MS))
		lab_die("%s: no session of the other sensor", t->v->name);
	/* R_I */
	t->n_seen += collect(t, t->seen + t->n_seen, 1, 0);
}

static void occupy(struct trial *t)
{
	vector_t *v = t->v;
	unsigned int i;

	for (i = 0; i < v->n_spis_of_cs2_in_use_by_another_sensor; i++)
		states_add("2001:db8::100", "2001:db8::7",
			   v->spis_of_cs2_in_use_by_another_sensor[i]);
	if (v->n_addresses_of_other_sensors)
		occupy_address(t);
}

/* Message 4 answers what the third party itself has drawn: a share goes to R,
 * and the vector's message is made again for it.
 */
static void remake_r_tp(struct trial *t)
{
	session_t *s = forge_session("ccm-s2-ntp");
	static struct dmk_message m;
	struct forge_answer a;
	const char *name = t->v->name;
	bool is_copy = !strcmp(name, "r_tp-map") || !strcmp(name, "r_tp-two-relay");
	u32 len;

	send_good(t, "2001:db8::7", s->third_parties[0].i_tp.message);
	if (is_copy)
		return;
	if (dmk_message_parse(&m, DMK_AT_R, t->seen[0].data, t->seen[0].len))
		lab_die("message 3 is none");
	forge_answer_of(&m, "r", &a);
	if (!strcmp(name, "r_tp-other-env"))
		a.envelope[0] ^= 1;
	if (!strcmp(name, "r_tp-other-t"))
		a.t.value++;
	if (!strcmp(name, "r_tp-data-type-1"))
		a.data_type = DMK_DT_PSK_VER;
	if (!strcmp(name, "r_tp-idi-tp"))
		a.idi = device_id("uri:dmikey:t01.gw.ex.net");
	len = forge_answer_emit(crypto, &m, &a, t->buf);
	if (!strcmp(name, "r_tp-v"))
		t->buf[len - 1] ^= 1;
	t->message = DMK_SPAN(t->buf, len);
}

/* after the bad answer the good one still counts */
static bool is_still_answered(struct trial *t)
{
	static struct dmk_message m;
	struct device_counters c;
	struct forge_answer a;
	u8 out[DMK_MSG_MAX];
	struct lab_addr from = at(t->p->from), to = at(t->p->to);

	if (dmk_message_parse(&m, DMK_AT_R, t->seen[0].data, t->seen[0].len))
		return false;
	forge_answer_of(&m, "r", &a);
	lab_send(&from, &to, DMK_SPAN(out, forge_answer_emit(crypto, &m, &a, out)));
	device_wait(device_handled(&t->after) + 1, WAIT_MS, &c);
	return c.acknowledged == 1;
}

/* ---- what must come of it */

/* whether the message joins the group of the one before */
static bool same_group(vector_t *v)
{
	static struct dmk_message m;
	struct dmk_span in[2] = { v->before[0], v->message };
	u8 hash[2][DMK_HASH_LEN];
	struct dmk_binding b;
	int i;

	for (i = 0; i < 2; i++) {
		if (dmk_message_parse(&m, DMK_AT_R, in[i].data, in[i].len))
			lab_die("%s: no message 3", v->name);
		dmk_binding_of(&m, &b);
		dmk_group_hash(crypto, &b, m.share.commitment, hash[i]);
	}
	return !memcmp(hash[0], hash[1], DMK_HASH_LEN);
}

/* it is accepted, and its group ends without a session */
static bool is_share(vector_t *v)
{
	return !strcmp(v->expect, "no session");
}

static void expect(struct trial *t)
{
	vector_t *v = t->v;

	t->want = own_reason(v->reason);
	/* a share that does not fit waits for others */
	if (is_share(v)) {
		t->n_accepted = 1;
		t->want = DMK_OK;
	}
	/* these are found out after the last share was acknowledged */
	if (t->want == DMK_REASON_SPI2_IN_USE || t->want == DMK_REASON_ADDRESS_IN_USE)
		t->n_accepted = 1;
}

static unsigned int expected_answers(const struct trial *t)
{
	return t->v->n_answer ? t->v->n_answer : t->n_accepted;
}

static bool counts_are_right(const struct trial *t)
{
	enum dmk_side side = t->p->role == DMK_ROLE_TP ? DMK_SIDE_TP : DMK_SIDE_R;
	const struct device_counters *a = &t->before, *b = &t->after;
	unsigned int i, j;
	bool good = true;
	u64 n;

	for (i = 0; i < __DMK_SIDE_COUNT; i++)
		for (j = 0; j < DMK_REASON_COUNT; j++) {
			n = b->refused[i][j] - a->refused[i][j];
			if (n == (i == side && j == t->want && t->want))
				continue;
			ktap_diag("side %u counts %s %u times", i, device_reasons[j],
				  (unsigned int)n);
			good = false;
		}
	if (b->received != a->received + 1 || b->forwarded != a->forwarded ||
	    b->acknowledged != a->acknowledged || b->established != a->established ||
	    b->accepted != a->accepted + t->n_accepted) {
		ktap_diag("received %d, forwarded %d, acknowledged %d, accepted %d",
			  (int)(b->received - a->received), (int)(b->forwarded - a->forwarded),
			  (int)(b->acknowledged - a->acknowledged),
			  (int)(b->accepted - a->accepted));
		good = false;
	}
	return good;
}

/* No private key is used for a message that nobody has authenticated, nor under
 * a cached envelope key; else a wrong MAC is known only behind the envelope's
 * opening.
 */
static bool private_key_rested(const struct trial *t)
{
	bool cached = !strncmp(t->v->name, "tp_r_cached", strlen("tp_r_cached"));

	if (t->after.rsa_private == t->before.rsa_private)
		return true;
	if (!cached && (t->v->authenticated || t->want == DMK_REASON_MAC))
		return true;
	ktap_diag("the private key was used");
	return false;
}

static bool nothing_installed(const struct trial *t)
{
	struct device_session s[DEVICE_SESSIONS];
	struct state states[STATES_MAX];
	unsigned int n = device_sessions(s), others = !!t->v->n_addresses_of_other_sensors;
	unsigned int n_states = states_list(states);

	if (n == others && n_states == t->n_states)
		return true;
	ktap_diag("%u sessions, %u xfrm states", n, n_states);
	return false;
}

static bool is_answer(struct dmk_span want, const struct lab_datagram *d, const char *to)
{
	struct lab_addr dest = at(to);

	if (!lab_addr_equal(&d->to, &dest))
		ktap_diag("an answer to another address or port than %s", to);
	return vec_is(want, d->data, d->len) && lab_addr_equal(&d->to, &dest);
}

/* message 4, which the vectors leave out where no session comes of a share */
static bool is_acknowledgement(const struct trial *t, const struct lab_datagram *d)
{
	static struct dmk_message m;
	struct forge_answer a;
	u8 out[DMK_MSG_MAX];

	if (dmk_message_parse(&m, DMK_AT_R, t->message.data, t->message.len))
		return false;
	forge_answer_of(&m, "r", &a);
	return is_answer(DMK_SPAN(out, forge_answer_emit(crypto, &m, &a, out)), d, t->p->from);
}

static bool answers_are_right(const struct trial *t)
{
	vector_t *v = t->v;
	unsigned int i;
	bool good = t->n_answer == expected_answers(t);

	if (!good)
		ktap_diag("%u answers, %u expected", t->n_answer, expected_answers(t));
	for (i = 0; i < t->n_answer; i++) {
		if (i >= expected_answers(t))
			vec_diag("answer", t->answer[i].data, t->answer[i].len);
		else if (!v->n_answer)
			good &= is_acknowledgement(t, &t->answer[i]);
		else	/* the first one goes back; the error goes to I */
			good &= is_answer(v->answer[i], &t->answer[i],
					  i ? "2001:db8::7" : t->p->from);
	}
	return good;
}

/* ---- */

static void deliver(struct trial *t)
{
	struct lab_addr from = at(t->p->from), to = at(t->p->to);
	unsigned int results = t->n_accepted + (t->want != DMK_OK);
	struct state states[STATES_MAX];

	t->n_states = states_list(states);
	device_counters(&t->before);
	lab_send(&from, &to, t->message);
	if (!device_wait(device_handled(&t->before) + results, WAIT_MS, &t->after))
		ktap_diag("no reaction");
	t->n_answer = collect(t, t->answer, expected_answers(t),
			      t->want == DMK_OK ? QUIET_MS : 0);
	device_counters(&t->after);
}

/**
 * struct waiting - a group that will end without a session
 * @v: the vector
 * @device: where it waits
 * @until: when it has ended for sure, lab_ms()
 */
static struct waiting {
	vector_t *v;
	struct device_parked *device;
	s64 until;
} waiting[16];

static unsigned int n_waiting;

static void wait_later(vector_t *v)
{
	if (n_waiting == ARRAY_SIZE(waiting))
		lab_die("too many shares wait");
	waiting[n_waiting++] = (struct waiting){
		v, device_park(), lab_ms() + (DMK_GROUP_LIFE + 5) * 1000,
	};
}

/* shares that do not fit each other, or two groups of too few */
static void end_test(struct waiting *w)
{
	enum dmk_reason want = DMK_REASON_GROUP_EXPIRED;
	struct device_counters c;
	u64 n = 2;

	if (same_group(w->v)) {
		want = DMK_REASON_NO_SESSION;
		n = 1;
	}
	do {
		usleep(100000);
		device_parked_counters(w->device, &c);
	} while (device_refused(&c) < n && lab_ms() < w->until);
	ktap_ok(c.refused[DMK_SIDE_R][want] == n && device_refused(&c) == n && !c.established,
		"%s: ends as %s", w->v->name, device_reasons[want]);
	device_forget(w->device);
}

static void vector_test(vector_t *v)
{
	static struct trial t;
	unsigned int i;
	bool good;

	memset(&t, 0, sizeof(t));
	t.v = v;
	t.p = part_of(v);
	t.message = v->message;
	expect(&t);
	configure(&t);
	for (i = 0; i < v->n_before; i++)
		send_good(&t, t.p->from, v->before[i]);
	occupy(&t);
	if (!strcmp(v->at, "TP (R_TP)"))
		remake_r_tp(&t);
	deliver(&t);
	good = counts_are_right(&t);
	good &= private_key_rested(&t);
	good &= nothing_installed(&t);
	good &= answers_are_right(&t);
	if (!strcmp(v->at, "TP (R_TP)"))
		good &= is_still_answered(&t);
	if (is_share(v)) {
		ktap_ok(good, "%s: nothing comes of it", v->name);
		wait_later(v);
		return;
	}
	ktap_ok(good, "%s: %s", v->name, v->reason);
}

static void run(bool shares, const char *only)
{
	unsigned int i;

	for (i = 0; i < vec_dmikey_negative.n_vectors; i++) {
		vector_t *v = &vec_dmikey_negative.vectors[i];

		if (part_of(v) && is_share(v) == shares && !strncmp(v->name, only, strlen(only)))
			vector_test(v);
	}
}

/* all, or those whose name begins with $VECTOR */
static void refuse_test(void)
{
	const char *only = getenv("VECTOR") ? getenv("VECTOR") : "";
	unsigned int i;

	crypto = test_crypto_new();
	/* groups live long: those first that wait for their end */
	run(true, only);
	run(false, only);
	lab_clock_back();
	ktap_diag("the clock is free");
	fflush(stdout);
	for (i = 0; i < n_waiting; i++)
		end_test(&waiting[i]);
	test_crypto_free(crypto);
}

KTAP_MAIN(refuse_test)
