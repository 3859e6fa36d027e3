/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A third party, a responder and an updating sensor in their smallest form:
 * protocol.md 7's checks in its order, made of core/'s functions, with as much
 * state as a vector needs. The kernel module and core/initiator.c are the real
 * ones; this says whether core/ gives them what they need to refuse a message.
 */
#ifndef RECEIVER_H
#define RECEIVER_H

#include "pki.h"
#include "seal.h"
#include "share.h"
#include "vec_dmikey_negative.h"

/**
 * struct candidate - a share that R has accepted
 * @group: what it is grouped by
 * @who: the certified third party
 * @point: x and share
 */
struct candidate {
	u8 group[DMK_HASH_LEN];
	struct pki_identity who;
	struct dmk_point point;
};

/**
 * struct envelope - an envelope key that R has cached
 * @who: its owner
 * @envid: ENVID
 * @key: the key
 */
struct envelope {
	struct pki_identity who;
	u8 envid[DMK_ENVID_LEN];
	u8 key[DMK_ENVELOPE_LEN];
};

/**
 * struct receiver - who receives a vector
 * @c: crypto backend
 * @v: the vector: what is configured and what happened before
 * @seen: hashes of the authenticated messages
 * @n_seen: their number
 * @last: greatest COUNTER accepted
 * @has_last: whether there is one
 * @candidate: shares
 * @n_candidates: their number
 * @envelope: cached envelope keys
 * @n_envelopes: their number
 * @established: a session came of it
 */
struct receiver {
	struct dmk_crypto *c;
	const struct vec_dmikey_negative_vectors *v;
	u8 seen[8][DMK_HASH_LEN];
	unsigned int n_seen;
	u64 last;
	bool has_last;
	struct candidate candidate[DMK_CANDIDATES_MAX];
	unsigned int n_candidates;
	struct envelope envelope[4];
	unsigned int n_envelopes;
	bool established;
};

/* whether this model plays the part that the vector is meant for */
bool receiver_plays(const struct vec_dmikey_negative_vectors *v);

/* one datagram, up to DMK_OK or the reason for its refusal */
enum dmk_reason receiver_take(struct receiver *r, struct dmk_span datagram);

#endif
