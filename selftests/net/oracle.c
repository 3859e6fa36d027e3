// SPDX-License-Identifier: GPL-2.0
/*
 * A certified third party that asks R about paddings: signed messages 3 whose
 * envelopes are right, and wrong in every way, in turn; the share in each is sealed
 * under a key that nobody has.
 *
 *	oracle ROUNDS		one of each kind a round, in an order that changes
 *
 * A line for each message, in order: what kind it is. Fails if R answers one, or
 * does not count all of them as the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto_openssl.h"
#include "device.h"
#include "forge.h"
#include "pki.h"

#define NTP_UNIX	2208988800u
#define WAIT_MS		60000

static struct dmk_crypto *crypto;

/* ---- the block that RSA encrypts: 00 02 PS 00 M */

static void is_right(u8 *em, u32 len) { (void)em; (void)len; }
static void has_first_byte(u8 *em, u32 len) { (void)len; em[0] = 1; }
static void has_type_1(u8 *em, u32 len) { (void)len; em[1] = 1; }
static void has_early_zero(u8 *em, u32 len) { (void)len; em[2] = 0; }
static void has_late_zero(u8 *em, u32 len) { em[len - DMK_ENVELOPE_LEN - 2] = 0; }
static void has_no_zero(u8 *em, u32 len) { em[len - DMK_ENVELOPE_LEN - 1] = 7; }

static void has_short_key(u8 *em, u32 len)
{
	em[len - DMK_ENVELOPE_LEN - 1] = 7;
	em[len - DMK_ENVELOPE_LEN] = 0;
}

static void is_noise(u8 *em, u32 len)
{
	dmk_random(crypto, em + 1, len - 1);
}

static const struct kind {
	const char *name;
	void (*spoil)(u8 *em, u32 len);
} kinds[] = {
	{ "right", is_right }, { "first-byte", has_first_byte }, { "type-1", has_type_1 },
	{ "early-zero", has_early_zero }, { "late-zero", has_late_zero },
	{ "no-zero", has_no_zero }, { "short-key", has_short_key }, { "noise", is_noise },
};

static void make_block(const struct kind *k, u8 *em, u32 len)
{
	u32 i;

	dmk_random(crypto, em, len);
	for (i = 0; i < len; i++)
		em[i] = em[i] ? em[i] : 1;
	em[0] = 0;
	em[1] = 2;
	em[len - DMK_ENVELOPE_LEN - 1] = 0;
	k->spoil(em, len);
}

/* ---- the messages */

static struct dmk_message tp_r;
static struct pki_key *tp_key, *r_key;
static u8 message[DMK_MSG_MAX];
static u32 message_len;

static void load(void)
{
	const struct vec_dmikey_sessions_third_parties *tp =
		forge_session("ccm-s2-ntp")->third_parties;

	message_len = tp->tp_r.message.len;
	memcpy(message, tp->tp_r.message.data, message_len);
	tp_key = pki_private(*pki_by_name(tp->tp)->key);
	r_key = pki_public(*pki_by_name("r")->cert);
	if (dmk_message_parse(&tp_r, DMK_AT_R, message, message_len) || !tp_key || !r_key)
		lab_die("the vector");
	lab_clock(((tp_r.t.value >> 32) - NTP_UNIX - 10) * 1000);
	device_new(DMK_ROLE_R);
	device_local(DMK_ROLE_R, "r");
	device_thirdparty(tp->tp);
	device_listen();
	lab_clock(((tp_r.t.value >> 32) - NTP_UNIX) * 1000);
}

static void send_one(const struct kind *k)
{
	struct lab_addr from = lab_addr("2001:db8::1", LAB_PORT);
	struct lab_addr to = lab_addr("2001:db8::100", LAB_PORT);
	struct device_counters c;
	u8 em[DMK_RSA_MAX];
	u64 handled;

	make_block(k, em, tp_r.pke.data.len);
	if (pki_raw_encrypt(r_key, DMK_SPAN(em, tp_r.pke.data.len), (u8 *)tp_r.pke.data.data,
			    DMK_RSA_MAX) != tp_r.pke.data.len)
		lab_die("RSA");
	forge_sign(tp_key, message, &tp_r.sign);
	device_counters(&c);
	handled = device_handled(&c) + 1;
	lab_send(&from, &to, DMK_SPAN(message, message_len));
	if (!device_wait(handled, WAIT_MS, &c))
		lab_die("a message is not handled");
	printf("%s\n", k->name);
}

int main(int argc, char **argv)
{
	unsigned int rounds = argc == 2 ? atoi(argv[1]) : 0, n = ARRAY_SIZE(kinds), i;
	static struct lab_datagram d;
	struct device_counters c;
	u8 first;

	crypto = dmk_crypto_openssl_new();
	if (!rounds || !crypto)
		lab_die("oracle ROUNDS");
	load();
	for (i = 0; i < rounds * n; i++) {
		if (i % n == 0)
			dmk_random(crypto, &first, 1);
		send_one(&kinds[(first + i) % n]);
	}
	device_counters(&c);
	lab_clock_back();
	if (lab_receive(&d, 0) || c.sent || c.refused[DMK_SIDE_R][DMK_REASON_MAC] != rounds * n ||
	    device_refused(&c) != rounds * n)
		lab_die("the answers differ");
	return 0;
}
