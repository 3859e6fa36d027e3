// SPDX-License-Identifier: GPL-2.0
/*
 * Every message 6 that must be refused, made for a session that the module has:
 * it counts the stated reason once and no other, installs and removes nothing,
 * and answers nothing but what protocol.md 7 says. The session goes on, and a
 * right message 6 is accepted behind each wrong one. Its shares come again, too, while
 * it lives and when it has ended: no session comes of them; nor of one with an address
 * that is no sensor's.
 */
#include <stdlib.h>
#include <unistd.h>

#include "device.h"
#include "live.h"
#include "seal.h"
#include "states.h"
#include "vec_dmikey_negative.h"
#include "vector.h"

#define WAIT_MS		10000
#define QUIET_MS	20
#define STEP_MS		2

static struct live live;

/* ---- what is wrong with it; vectors for updates have the same names */

static u8 some[64] = { 1 };	/* a key, a TGK, a RAND */

static void is_share(struct live_u_r *u) { u->key_type = DMK_KEY_TGK_SHARE; }
static void has_long_tgk(struct live_u_r *u) { u->key = DMK_SPAN(some, 32); }
static void has_other_key(struct live_u_r *u) { u->k_update = some; }
static void has_old_key(struct live_u_r *u) { u->k_update = live.before; }
static void has_same_t(struct live_u_r *u) { u->t.value = live.t; }
static void has_older_t(struct live_u_r *u) { u->t.value = live.t - (1ULL << 32); }
static void has_future_t(struct live_u_r *u) { u->t.value += 1000ULL << 32; }
static void has_counter(struct live_u_r *u) { u->t = (struct dmk_ts){ DMK_TS_COUNTER, 5 }; }
static void has_rand(struct live_u_r *u) { u->rand = DMK_SPAN(live.rand, DMK_RAND_LEN); }
static void has_no_v(struct live_u_r *u) { u->v = false; }
static void has_other_csb(struct live_u_r *u) { u->csb_id ^= 1; }
static void has_other_idi(struct live_u_r *u) { u->idi = device_id("nai:other@net.example"); }
static void has_other_idr(struct live_u_r *u) { u->idr = device_id("uri:dmikey:other.example"); }
static void has_share_ext(struct live_u_r *u) { u->share = live.share; }
static void has_no_map(struct live_u_r *u) { u->no_map = true; }
static void has_late_cookie(struct live_u_r *u) { u->late_cookie = true; }
static void has_two_keys(struct live_u_r *u) { u->n_keys = 2; }
static void has_randr_label(struct live_u_r *u) { u->label = live.randr; }
static void has_data_in_cs2(struct live_u_r *u) { u->session_data[1] = live.session_data; }

/* the address alone, which comes first */
static void has_no_port(struct live_u_r *u)
{
	u->session_data[0] = DMK_SPAN(live.session_data.data, 18);
}

/* another address or port than that of message 1 */
static void has_other_data(struct live_u_r *u)
{
	static u8 sd[64];

	memcpy(sd, live.session_data.data, live.session_data.len);
	sd[live.session_data.len - 1] ^= 1;
	u->session_data[0] = DMK_SPAN(sd, live.session_data.len);
}

/* AES-CCM-8, which the rule does not allow */
static void has_other_policy(struct live_u_r *u)
{
	u->sp = DMK_SPAN(some, 0);
}

static void has_foreign_spi(struct live_u_r *u)
{
	states_add("2001:db8::100", "2001:db8::7", 0x4711);
	u->spi[1] = 0x4711;
}

/**
 * struct variant - a wrong message 6
 * @name: as in the vectors, but for those behind the last of these
 * @spoil: makes a right one wrong
 * @reason: why it is refused
 * @error: Error no of the answer, with V; 0: there is none
 */
static const struct variant {
	const char *name;
	void (*spoil)(struct live_u_r *u);
	const char *reason;
	u8 error;
} variants[] = {
	{ "u_r-share", is_share, "key-type", 0 },
	{ "u_r-tgk-32", has_long_tgk, "key-length", 0 },
	{ "u_r-key", has_other_key, "mac", 0 },
	{ "u_r-t-same", has_same_t, "stale", 0 },
	{ "u_r-t-older", has_older_t, "stale", 0 },
	{ "u_r-counter", has_counter, "ts-type", 0 },
	{ "u_r-rand", has_rand, "payload-order", 0 },
	{ "u_r-v-0", has_no_v, "v-flag", 0 },
	{ "u_r-csb", has_other_csb, "unknown-session", 0 },
	{ "u_r-idi", has_other_idi, "unknown-session", 0 },
	{ "u_r-idr", has_other_idr, "unknown-idr", 0 },
	{ "u_r-share-payload", has_share_ext, "payload-order", 0 },
	{ "u_r-sd-no-port", has_no_port, "session-data", 0 },
	{ "u_r-sd-cs2", has_data_in_cs2, "session-data", 0 },
	{ "u_r-cs-0", has_no_map, "cs-count", 0 },
	{ "u_r-cookie-last", has_late_cookie, "payload-order", 0 },
	{ "u_r-two-keys", has_two_keys, "key-data", 0 },
	{ "u_r-randr-label", has_randr_label, "mac", 0 },
	{ "K_update of before the last update", has_old_key, "mac", 0 },
	{ "T of the future", has_future_t, "stale", 0 },
	{ "other Session Data", has_other_data, "session-data", 0 },
	{ "a policy that no rule allows", has_other_policy, "sp-unsupported", DMK_ERR_SPPAR },
	{ "an SPI that is another's", has_foreign_spi, "spi2-in-use", DMK_ERR_NOT_AUTHORIZED },
};

/* before the first packet, whatever else is in it */
static const struct variant unconfirmed = { "u_r-unconfirmed", NULL, "unconfirmed", 0 };

/* ---- the module before and after */

/**
 * struct view - what can be seen of the module
 * @counters: its counters
 * @session: its session
 * @n_sessions: how many it has
 * @states: xfrm states
 * @n_states: how many there are
 */
struct view {
	struct device_counters counters;
	struct device_session session[DEVICE_SESSIONS];
	unsigned int n_sessions;
	struct state states[STATES_MAX];
	unsigned int n_states;
};

static void look(struct view *v)
{
	device_counters(&v->counters);
	v->n_sessions = device_sessions(v->session);
	v->n_states = states_list(v->states);
}

static bool same_session(const struct view *a, const struct view *b)
{
	const struct device_session *s = a->session, *t = b->session;

	return a->n_sessions == 1 && b->n_sessions == 1 && s->csb_id == t->csb_id &&
	       s->spi_in == t->spi_in && s->spi_out == t->spi_out && s->state == t->state;
}

static bool same_states(const struct view *a, const struct view *b)
{
	unsigned int i, j, found = 0;

	for (i = 0; i < a->n_states; i++)
		for (j = 0; j < b->n_states; j++)
			found += a->states[i].info.id.spi == b->states[j].info.id.spi;
	return a->n_states == b->n_states && found == a->n_states;
}

static bool counted_once(const struct view *a, const struct view *b, const char *reason)
{
	unsigned int side, r;
	bool good = true;
	u64 n;

	for (side = 0; side < __DMK_SIDE_COUNT; side++)
		for (r = 0; r < DMK_REASON_COUNT; r++) {
			n = b->counters.refused[side][r] - a->counters.refused[side][r];
			if (n == (side == DMK_SIDE_R && r == device_reason(reason)))
				continue;
			ktap_diag("side %u counts %s %u times", side, device_reasons[r],
				  (unsigned int)n);
			good = false;
		}
	return good;
}

/* packets that have come through the SA of CS 1 */
static u64 packets(void)
{
	struct state s[STATES_MAX];
	unsigned int i, n = states_list(s);

	for (i = 0; i < n && i < STATES_MAX; i++)
		if (ntohl(s[i].info.id.spi) == live.spi[0])
			return s[i].info.curlft.packets;
	return 0;
}

static bool carries(void)
{
	s64 until = lab_ms() + WAIT_MS;
	u64 before = packets();

	live_packet(&live);
	while (packets() != before + 1) {
		if (lab_ms() > until)
			return false;
		usleep(STEP_MS * 1000);
	}
	return true;
}

/* ---- */

/* @v counts one datagram more behind it; its answer, or an empty one */
static struct dmk_span deliver(const struct live_u_r *u, struct view *v)
{
	struct lab_addr from = lab_addr("2001:db8::7", LAB_PORT);
	struct lab_addr to = lab_addr("2001:db8::100", LAB_PORT);
	static struct lab_datagram d;
	u8 out[DMK_MSG_MAX];
	u32 len = live_emit(&live, u, out);

	look(v);
	lab_send(&from, &to, DMK_SPAN(out, len));
	if (!device_wait(device_handled(&v->counters) + 1, WAIT_MS, &v->counters))
		ktap_diag("no reaction");
	device_counters(&v->counters);
	if (!lab_receive(&d, QUIET_MS))
		return DMK_SPAN(NULL, 0);
	return DMK_SPAN(d.data, d.len);
}

/* the reason may be counted before the answer is sent */
static bool answered(const struct variant *x, const struct live_u_r *u, struct dmk_span answer)
{
	if (x->error)
		return live_refused(&live, u, x->error, answer);
	if (answer.len)
		vec_diag("answer", answer.data, answer.len);
	return !answer.len;
}

static void refuse(const struct variant *x)
{
	static struct view before, after;
	struct live_u_r u;
	struct dmk_span answer;
	bool good;

	live_right(&live, &u);
	if (x->spoil)
		x->spoil(&u);
	look(&before);
	answer = deliver(&u, &after);
	look(&after);
	good = counted_once(&before, &after, x->reason) & answered(x, &u, answer);
	if (!same_session(&before, &after) || !same_states(&before, &after)) {
		ktap_diag("%u sessions, %u states", after.n_sessions, after.n_states);
		good = false;
	}
	ktap_ok(good, "%s: %s", x->name, x->reason);
}

/* make before break: two SAs beside the old ones until the first packet */
static void update(const char *name, const struct live_u_r *u)
{
	static struct view before, after, settled;
	s64 until = lab_ms() + WAIT_MS;
	struct dmk_span answer;
	bool good;

	look(&before);
	answer = deliver(u, &after);
	look(&after);
	good = live_updated(&live, u, answer) && after.n_states == before.n_states + 2 &&
	       after.counters.updated == before.counters.updated + 1 &&
	       device_refused(&after.counters) == device_refused(&before.counters) && carries();
	do
		look(&settled);
	while (settled.n_states != before.n_states && lab_ms() < until);
	good &= settled.n_states == before.n_states && settled.n_sessions == 1;
	ktap_ok(good, "%s: is accepted", name);
}

static void update_right(const char *name)
{
	struct live_u_r u;

	live_right(&live, &u);
	update(name, &u);
}

/* Session Data as in message 1, and the policy in force, said once more */
static void update_spelled_out(void)
{
	struct live_u_r u;
	u8 sp[64];

	live_right(&live, &u);
	u.session_data[0] = live.session_data;
	u.sp = DMK_SPAN(sp, dmk_esp_policy_emit(&live.policy, sp));
	update("with Session Data and SP", &u);
}

/* ---- its shares */

/* the third party's answer: R has no need of it */
static bool answered_by(enum dmk_kind kind)
{
	static struct lab_datagram d;
	static struct dmk_message m;

	return lab_receive(&d, WAIT_MS) && !dmk_message_parse(&m, DMK_AT_TP, d.data, d.len) &&
	       m.kind == kind;
}

/* a message 3 that has not come yet, with a share of the session */
static void share(const char *name, struct dmk_span session_data, u32 seconds,
		  enum dmk_kind answer, const char *reason)
{
	struct lab_addr from = lab_addr("192.0.2.10", LAB_PORT);
	struct lab_addr to = lab_addr("192.0.2.100", LAB_PORT);
	static struct view before, after;
	u8 out[DMK_MSG_MAX];
	bool good;

	look(&before);
	lab_send(&from, &to, DMK_SPAN(out, live_share(&live, session_data, seconds, out)));
	good = device_wait(device_handled(&before.counters) + 1, WAIT_MS, &after.counters) &
	       answered_by(answer);
	look(&after);
	good &= counted_once(&before, &after, reason);
	if (after.n_sessions != before.n_sessions || !same_states(&before, &after)) {
		ktap_diag("%u sessions, %u states", after.n_sessions, after.n_states);
		good = false;
	}
	ktap_ok(good, "%s: %s", name, reason);
}

static void share_again(const char *name, u32 seconds)
{
	share(name, DMK_SPAN(NULL, 0), seconds, DMK_R_TP, "established");
}

/* Session Data begins with type and length of the address */
static void share_from(const char *address, u32 seconds)
{
	struct lab_addr a = lab_addr(address, 0);
	bool v6 = strchr(address, ':');
	u8 sd[64] = { v6, v6 ? 16 : 4 };
	u32 at = 2 + sd[1];

	memcpy(sd + 2, a.ip + 16 - sd[1], sd[1]);
	memcpy(sd + at, live.session_data.data + 18, live.session_data.len - 18);
	share(address, DMK_SPAN(sd, at + live.session_data.len - 18), seconds, DMK_ERR, "address");
}

static void shares_from_nobody(void)
{
	static const char *const addresses[] = {
		"::", "::1", "ff02::1", "::ffff:192.0.2.7",
		"0.0.0.0", "127.0.0.1", "224.0.0.1", "255.255.255.255",
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(addresses); i++)
		share_from(addresses[i], 10 + i);
}

static void end_session(void)
{
	static struct view v;

	device_end_sessions(&live.idi);
	look(&v);
	ktap_ok(!v.n_sessions, "it ends");
}

/* none of the vectors is left out */
static bool all_known(void)
{
	unsigned int i, j, missing = 0;

	for (i = 0; i < vec_dmikey_negative.n_vectors; i++) {
		const struct vec_dmikey_negative_vectors *v = &vec_dmikey_negative.vectors[i];
		bool known = strcmp(v->at, "R (U_R)") || !strcmp(v->name, unconfirmed.name);

		for (j = 0; j < ARRAY_SIZE(variants); j++)
			known |= !strcmp(v->name, variants[j].name) &&
				 !strcmp(v->reason, variants[j].reason);
		if (!known)
			ktap_diag("%s: %s is missing here", v->name, v->reason);
		missing += !known;
	}
	return !missing;
}

static void refuse_live_test(void)
{
	struct dmk_crypto *c = test_crypto_new();
	unsigned int i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	ktap_ok(all_known(), "all vectors of updates are here");
	live_establish(&live, c);
	refuse(&unconfirmed);
	ktap_ok(carries(), "a packet confirms the session");
	update_right("the first one");
	for (i = 0; i < ARRAY_SIZE(variants); i++) {
		refuse(&variants[i]);
		ktap_ok(carries(), "%s: and the session goes on", variants[i].name);
		update_right("a right one");
	}
	update_spelled_out();
	share_again("a share of the session", 1);
	ktap_ok(carries(), "which goes on");
	end_session();
	share_again("a share of one that has ended", 2);
	shares_from_nobody();
	test_crypto_free(c);
	lab_clock_back();
}

KTAP_MAIN(refuse_live_test)
