// SPDX-License-Identifier: GPL-2.0
/* The builders: every good message is written again from its fields, byte for
 * byte; COOKIE comes and goes without a trace.
 */
#include "messages.h"
#include "rebuild.h"

static u8 out[DMK_MSG_MAX];

static bool parse(struct dmk_message *m, const struct item *it)
{
	return !dmk_message_parse(m, it->role, it->msg.data, it->msg.len);
}

static void test_rebuild(const struct item *it)
{
	struct dmk_message m;

	ktap_ok(parse(&m, it) && rebuild(&m, out, sizeof(out)) == it->msg.len &&
		!memcmp(out, it->msg.data, it->msg.len), "build %s", it->name);
}

/* no room: the writer says so and leaves what is behind it alone */
static void test_room(const struct item *it)
{
	struct dmk_message m;
	bool good = true;
	u32 room;
	u8 *mem;

	if (it->s != &vec_dmikey.sessions[0] || !parse(&m, it))
		return;
	for (room = 0; room < it->msg.len; room++) {
		mem = ktap_alloc(room);
		good &= !rebuild(&m, mem, room);
		ktap_free(mem);
	}
	ktap_ok(good, "no room for %s", it->name);
}

/* message 3 up to SHARE, out of message 1; @len bytes are compared */
static bool same_head(const struct dmk_message *i_tp, const struct dmk_message *tp_r)
{
	bool cached = tp_r->kind == DMK_TP_R_CACHED;
	u32 share = tp_r->share_raw.data - tp_r->raw.data - 4;
	struct dmk_writer w;

	dmk_writer_init(&w, out, sizeof(out));
	dmk_build_tp_r_head(&w, i_tp, &tp_r->t, cached ? NULL : &tp_r->cert,
			    cached ? &tp_r->idtp : NULL);
	if (w.full || w.next != share || w.len != share + 4 + DMK_SHARE_EXT_LEN)
		return false;
	out[w.next] = tp_r->raw.data[w.next];	/* CHASH or ENVID comes next */
	return !memcmp(out, tp_r->raw.data, w.len);
}

/* third parties that lie do not copy message 1 */
static bool lies(session_t *s, third_party_t *tp)
{
	unsigned int i;

	for (i = 0; i < s->n_verdicts; i++)
		if (!strcmp(s->verdicts[i].tp, tp->tp))
			return s->verdicts[i].x != tp->x;
	return false;
}

static void test_tp_r_head(session_t *s, third_party_t *tp)
{
	struct dmk_span a = tp->i_tp.message, b = tp->tp_r.message;
	static struct dmk_message i_tp, tp_r;

	if (!b.data)
		return;
	ktap_ok(!dmk_message_parse(&i_tp, DMK_AT_TP, a.data, a.len) &&
		!dmk_message_parse(&tp_r, DMK_AT_R, b.data, b.len) &&
		same_head(&i_tp, &tp_r) != lies(s, tp),
		"%s %s: message 3 %s message 1", s->name, tp->tp,
		lies(s, tp) ? "does not follow" : "follows");
}

static bool strips(struct dmk_span with, struct dmk_span without)
{
	memcpy(out, with.data, with.len);
	return dmk_message_strip_cookie(out, with.len) == without.len &&
	       !memcmp(out, without.data, without.len);
}

static bool adds(struct dmk_span without, struct dmk_span cookie, struct dmk_span with)
{
	memcpy(out, without.data, without.len);
	return dmk_message_add_cookie(out, without.len, with.len, cookie.data) == with.len &&
	       !memcmp(out, with.data, with.len);
}

/* one byte too few: nothing is changed */
static bool refuses(struct dmk_span without, struct dmk_span cookie, struct dmk_span with)
{
	memcpy(out, without.data, without.len);
	return !dmk_message_add_cookie(out, without.len, with.len - 1, cookie.data) &&
	       !memcmp(out, without.data, without.len);
}

static void test_cookie(const char *name, struct dmk_span without, struct dmk_span cookie,
			struct dmk_span with)
{
	if (!with.data)
		return;
	ktap_ok(strips(with, without), "%s: strip COOKIE", name);
	ktap_ok(strips(without, without), "%s: no COOKIE, nothing to strip", name);
	ktap_ok(adds(without, cookie, with), "%s: add COOKIE", name);
	ktap_ok(refuses(without, cookie, with), "%s: no room for COOKIE", name);
}

static void test_session(session_t *s)
{
	unsigned int i;

	for (i = 0; i < s->n_third_parties; i++) {
		third_party_t *tp = &s->third_parties[i];

		test_tp_r_head(s, tp);
		test_cookie(s->name, tp->i_tp.message, tp->cookie_i_tp.cookie,
			    tp->cookie_i_tp.message);
		test_cookie(s->name, tp->tp_r.message, tp->cookie_tp_r.cookie,
			    tp->cookie_tp_r.message);
	}
}

static void build_test(void)
{
	unsigned int i;

	each_message(test_rebuild);
	each_message(test_room);
	for (i = 0; i < vec_dmikey.n_sessions; i++)
		test_session(&vec_dmikey.sessions[i]);
	memset(out, 0, 9);
	ktap_ok(!dmk_message_add_cookie(out, 9, sizeof(out), out), "no COOKIE for no message");
}

KTAP_MAIN(build_test)
