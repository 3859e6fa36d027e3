/* SPDX-License-Identifier: GPL-2.0 */
/* xfrm states of the lab's namespace. */
#ifndef STATES_H
#define STATES_H

#include <linux/xfrm.h>

#include "lab.h"

#define STATES_MAX	8

/**
 * struct state - an xfrm state
 * @info: what it is
 * @alg: name of the AEAD, or of the cipher
 * @icv_bits: of an AEAD; 0 says that @alg is a cipher
 * @key, @key_len: of @alg, the salt included
 * @integ: name of the integrity algorithm, or ""
 * @integ_bits: its ICV
 * @integ_key, @integ_len: its key
 * @window: replay window
 * @encap_sport, @encap_dport: of UDP encapsulation, 0 none
 */
struct state {
	struct xfrm_usersa_info info;
	char alg[64];
	unsigned int icv_bits;
	u8 key[64];
	unsigned int key_len;
	char integ[64];
	unsigned int integ_bits;
	u8 integ_key[64];
	unsigned int integ_len;
	u32 window;
	u16 encap_sport;
	u16 encap_dport;
};

/* all of them, at most STATES_MAX; the number of all */
unsigned int states_list(struct state s[STATES_MAX]);

/* an ESP state of somebody else; addresses as texts */
void states_add(const char *from, const char *to, u32 spi);

#endif
