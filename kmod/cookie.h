/* SPDX-License-Identifier: GPL-2.0 */
/* Cookies under load: protocol.md 7.3. */
#ifndef DMK_COOKIE_H
#define DMK_COOKIE_H

#include <linux/spinlock.h>
#include "addr.h"
#include "message.h"

/**
 * struct dmk_cookie_jar - the secrets
 * @lock: protects all members; softirq
 * @secret: the current one and the one before
 * @born: when the current one was made, CLOCK_BOOTTIME seconds; 0 never
 */
struct dmk_cookie_jar {
	spinlock_t lock;
	u8 secret[2][32];
	time64_t born;
};

void dmk_cookie_init(struct dmk_cookie_jar *jar);
void dmk_cookie_wipe(struct dmk_cookie_jar *jar);

/**
 * dmk_cookie_valid() - whether a message carries a good cookie
 * @jar: the secrets
 * @from: source of the message
 * @m: the message
 *
 * Softirq safe: uses no transform but the library's SHA-256.
 */
bool dmk_cookie_valid(struct dmk_cookie_jar *jar, const struct dmk_addr *from,
		      const struct dmk_message *m);

/**
 * dmk_cookie_challenge() - an error 241 with a cookie for a message
 * @jar: the secrets
 * @from: source of the message
 * @m: the message
 * @out: room for 64 bytes
 *
 * Return: its length; never longer than the message; 0 if it would be.
 */
u32 dmk_cookie_challenge(struct dmk_cookie_jar *jar, const struct dmk_addr *from,
			 const struct dmk_message *m, u8 out[64]);

#endif
