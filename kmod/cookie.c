// SPDX-License-Identifier: GPL-2.0
/* Cookies under load: protocol.md 7.3. */
#include <linux/ktime.h>
#include <linux/random.h>

#include "cookie.h"
#include "seal.h"

void dmk_cookie_init(struct dmk_cookie_jar *jar)
{
	spin_lock_init(&jar->lock);
	jar->born = 0;
}

void dmk_cookie_wipe(struct dmk_cookie_jar *jar)
{
	spin_lock_bh(&jar->lock);
	memzero_explicit(jar->secret, sizeof(jar->secret));
	jar->born = 0;
	spin_unlock_bh(&jar->lock);
}

/* the secret changes every 120 s; one that nobody asked for in time is gone */
static void rotate(struct dmk_cookie_jar *jar)
{
	time64_t now = ktime_get_boottime_seconds();
	time64_t age = now - jar->born;

	if (jar->born && age < DMK_COOKIE_LIFE)
		return;
	if (jar->born && age < 2 * DMK_COOKIE_LIFE)
		memcpy(jar->secret[1], jar->secret[0], sizeof(jar->secret[1]));
	else
		get_random_bytes(jar->secret[1], sizeof(jar->secret[1]));
	get_random_bytes(jar->secret[0], sizeof(jar->secret[0]));
	jar->born = now ?: 1;
}

static void secrets(struct dmk_cookie_jar *jar, u8 secret[2][32])
{
	spin_lock_bh(&jar->lock);
	rotate(jar);
	memcpy(secret, jar->secret, sizeof(jar->secret));
	spin_unlock_bh(&jar->lock);
}

static int make(const u8 secret[32], const struct dmk_addr *from,
		const struct dmk_message *m, u8 cookie[DMK_COOKIE_LEN])
{
	return dmk_cookie(NULL, secret, from->ip.s6_addr, ntohs(from->port),
			  m->hdr.csb_id, &m->t, cookie);
}

bool dmk_cookie_valid(struct dmk_cookie_jar *jar, const struct dmk_addr *from,
		      const struct dmk_message *m)
{
	u8 secret[2][32];
	u8 cookie[DMK_COOKIE_LEN];
	bool valid = false;
	int i;

	if (m->cookie.len != DMK_COOKIE_LEN)
		return false;
	secrets(jar, secret);
	for (i = 0; i < 2 && !valid; i++)
		valid = !make(secret[i], from, m, cookie) &&
			dmk_equal(cookie, m->cookie.data, DMK_COOKIE_LEN);
	memzero_explicit(cookie, sizeof(cookie));
	memzero_explicit(secret, sizeof(secret));
	return valid;
}

u32 dmk_cookie_challenge(struct dmk_cookie_jar *jar, const struct dmk_addr *from,
			 const struct dmk_message *m, u8 out[64])
{
	u8 secret[2][32];
	u8 cookie[DMK_COOKIE_LEN];
	struct dmk_writer w;
	int err;

	secrets(jar, secret);
	err = make(secret[0], from, m, cookie);
	memzero_explicit(secret, sizeof(secret));
	if (err)
		return 0;
	dmk_writer_init(&w, out, 64);
	dmk_build_hdr_0cs(&w, DMK_DT_ERR, m->hdr.prf, m->hdr.csb_id);
	dmk_emit_ext(&w, DMK_EXT_COOKIE, DMK_SPAN(cookie, sizeof(cookie)));
	dmk_emit_t(&w, &m->t);
	dmk_emit_err(&w, DMK_ERR_COOKIE);
	if (w.full || w.len > m->raw.len)
		return 0;
	return w.len;
}
