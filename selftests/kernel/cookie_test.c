// SPDX-License-Identifier: GPL-2.0
/* kmod/cookie.c: the vectors' cookies and challenges, and the secrets' life. */
#include <linux/inet.h>
#include <linux/ktime.h>

#include "cookie.h"
#include "suite.h"
#include "vec_dmikey.h"
#include "vector.h"

static struct dmk_message m;

static bool address(struct dmk_addr *a, const char *text, u16 port)
{
	u8 v4[4];

	memset(a, 0, sizeof(*a));
	a->port = htons(port);
	if (in6_pton(text, -1, a->ip.s6_addr, -1, NULL))
		return true;
	if (!in4_pton(text, -1, v4, -1, NULL))
		return false;
	a->ip.s6_addr[10] = 0xff;
	a->ip.s6_addr[11] = 0xff;
	memcpy(a->ip.s6_addr + 12, v4, 4);
	return true;
}

/* a jar whose current secret is the vector's */
static void fill(struct dmk_cookie_jar *jar, struct dmk_span secret)
{
	dmk_cookie_init(jar);
	memcpy(jar->secret[0], secret.data, sizeof(jar->secret[0]));
	jar->born = ktime_get_boottime_seconds() ?: 1;
}

static bool valid(struct dmk_cookie_jar *jar, const struct dmk_addr *from,
		  unsigned int role, struct dmk_span msg)
{
	return !dmk_message_parse(&m, role, msg.data, msg.len) &&
	       dmk_cookie_valid(jar, from, &m);
}

static bool challenge_is(struct dmk_cookie_jar *jar, const struct dmk_addr *from,
			 unsigned int role, struct dmk_span msg, struct dmk_span want)
{
	u8 out[64];

	return !dmk_message_parse(&m, role, msg.data, msg.len) &&
	       vec_is(want, out, dmk_cookie_challenge(jar, from, &m, out));
}

/* @msg is answered with @err, comes again as @again; from nowhere else */
static void exchange(const char *name, unsigned int role, struct dmk_span secret,
		     const char *ip, u16 port, struct dmk_span msg,
		     struct dmk_span err, struct dmk_span again)
{
	struct dmk_addr from, other;
	struct dmk_cookie_jar jar;

	if (!ktap_ok(address(&from, ip, port), "%s: address", name))
		return;
	fill(&jar, secret);
	ktap_ok(challenge_is(&jar, &from, role, msg, err), "%s: challenge", name);
	ktap_ok(!valid(&jar, &from, role, msg), "%s: none is not valid", name);
	ktap_ok(valid(&jar, &from, role, again), "%s: valid", name);
	other = from;
	other.ip.s6_addr[15] ^= 1;
	ktap_ok(!valid(&jar, &other, role, again), "%s: another address", name);
	other = from;
	other.port ^= htons(1);
	ktap_ok(!valid(&jar, &other, role, again), "%s: another port", name);
}

static void vectors_test(void)
{
	unsigned int i, j, n = 0;

	for (i = 0; i < vec_dmikey.n_sessions; i++) {
		const struct vec_dmikey_sessions *s = &vec_dmikey.sessions[i];

		for (j = 0; j < s->n_third_parties; j++) {
			const struct vec_dmikey_sessions_third_parties *tp = &s->third_parties[j];

			if (!tp->cookie_i_tp.err.data)
				continue;
			n++;
			exchange("I_TP", DMK_AT_TP, tp->cookie_i_tp.secret,
				 tp->cookie_i_tp.address, tp->cookie_i_tp.port,
				 tp->i_tp.message, tp->cookie_i_tp.err, tp->cookie_i_tp.message);
			exchange("TP_R", DMK_AT_R, tp->cookie_tp_r.secret,
				 tp->cookie_tp_r.address, tp->cookie_tp_r.port,
				 tp->tp_r.message, tp->cookie_tp_r.err, tp->cookie_tp_r.message);
		}
	}
	ktap_ok(n >= 12, "%u exchanges with cookies in the vectors", n);
}

/* err-241-*: any cookie, but the bytes around it */
static void shape_test(void)
{
	struct dmk_cookie_jar jar;
	struct dmk_addr from;
	unsigned int i, n = 0;
	u8 out[64];
	u32 len;

	dmk_cookie_init(&jar);
	address(&from, "192.0.2.7", 2269);
	for (i = 0; i < vec_dmikey.n_errors; i++) {
		const struct vec_dmikey_errors *e = &vec_dmikey.errors[i];

		if (strncmp(e->name, "err-241-", 8))
			continue;
		n++;
		if (!ktap_ok(!dmk_message_parse(&m, strcmp(e->receiver, "I") ? DMK_AT_R : DMK_AT_TP,
						e->answers.data, e->answers.len),
			     "%s: the message that is answered", e->name))
			continue;
		len = dmk_cookie_challenge(&jar, &from, &m, out);
		if (len > 30)
			memcpy(out + 14, e->message.data + 14, DMK_COOKIE_LEN);
		ktap_ok(vec_is(e->message, out, len), "%s: all but the cookie", e->name);
	}
	ktap_ok(n == 2, "%u errors 241 in the vectors", n);
}

static void life_test(struct dmk_span msg, struct dmk_span again, struct dmk_span secret)
{
	struct dmk_cookie_jar jar;
	struct dmk_addr from;
	u8 out[64];

	address(&from, "2001:db8::7", 2269);
	fill(&jar, secret);
	jar.born -= DMK_COOKIE_LIFE - 2;
	ktap_ok(valid(&jar, &from, DMK_AT_TP, again) && !memcmp(jar.secret[0], secret.data, 32),
		"118 s: the current secret");
	jar.born -= 2;
	ktap_ok(valid(&jar, &from, DMK_AT_TP, again) && memcmp(jar.secret[0], secret.data, 32),
		"120 s: the secret before");
	jar.born -= DMK_COOKIE_LIFE;
	ktap_ok(!valid(&jar, &from, DMK_AT_TP, again), "240 s: gone");

	fill(&jar, secret);
	jar.born -= 2 * DMK_COOKIE_LIFE;
	ktap_ok(!valid(&jar, &from, DMK_AT_TP, again), "240 s without a message: gone");

	fill(&jar, secret);
	dmk_cookie_wipe(&jar);
	ktap_ok(!memchr_inv(jar.secret, 0, sizeof(jar.secret)), "wiped");
	ktap_ok(!valid(&jar, &from, DMK_AT_TP, again), "wiped: nothing is valid");
	ktap_ok(memchr_inv(jar.secret[0], 0, 32) && memchr_inv(jar.secret[1], 0, 32),
		"never two secrets that are known");

	dmk_message_parse(&m, DMK_AT_TP, msg.data, msg.len);
	m.raw.len = 43;
	ktap_ok(!dmk_cookie_challenge(&jar, &from, &m, out), "never longer than the message");
}

static void cookie_test(void)
{
	const struct vec_dmikey_sessions_third_parties *tp;
	unsigned int i;

	vectors_test();
	shape_test();
	for (i = 0; i < vec_dmikey.n_sessions; i++) {
		tp = &vec_dmikey.sessions[i].third_parties[0];
		if (tp->cookie_i_tp.err.data && !strcmp(tp->cookie_i_tp.address, "2001:db8::7"))
			break;
	}
	if (ktap_ok(i < vec_dmikey.n_sessions, "a cookie for 2001:db8::7"))
		life_test(tp->i_tp.message, tp->cookie_i_tp.message, tp->cookie_i_tp.secret);
}

KTAP_MAIN(cookie_test)
