/* SPDX-License-Identifier: GPL-2.0 */
/* All good messages of the vectors, one after the other, for the unit tests. */
#ifndef MESSAGES_H
#define MESSAGES_H

#include "ktap.h"
#include "message.h"
#include "vec_dmikey.h"

typedef const struct vec_dmikey_sessions session_t;
typedef const struct vec_dmikey_sessions_third_parties third_party_t;
typedef const struct vec_dmikey_sessions_updates update_t;

/**
 * struct item - a good message
 * @name: where it stands in the vectors
 * @kind: which message it must be parsed as
 * @role: who reads it
 * @msg: the datagram
 * @s: its session, or NULL
 * @tp: its third party, or NULL
 * @up: its update, or NULL
 */
struct item {
	char name[96];
	enum dmk_kind kind;
	unsigned int role;
	struct dmk_span msg;
	session_t *s;
	third_party_t *tp;
	update_t *up;
};

typedef void item_fn(const struct item *it);

static const char *const reason_names[] = {
	"ok",
#define X(name, text, help) text,
	DMK_REASONS(X)
#undef X
};

static unsigned int role_of(enum dmk_kind kind)
{
	switch (kind) {
	case DMK_I_TP:
	case DMK_R_TP:
		return DMK_AT_TP;
	case DMK_TP_R:
	case DMK_TP_R_CACHED:
	case DMK_U_R:
		return DMK_AT_R;
	default:
		return DMK_AT_I;
	}
}

static void give(item_fn *fn, struct item *it, const char *what, enum dmk_kind kind,
		 struct dmk_span msg)
{
	if (!msg.data)
		return;
	if (it->tp)
		snprintf(it->name, sizeof(it->name), "%s %s %s", it->s->name, it->tp->tp, what);
	else
		snprintf(it->name, sizeof(it->name), "%s %s", it->s->name, what);
	it->kind = kind;
	it->role = role_of(kind);
	it->msg = msg;
	fn(it);
}

static void give_third_party(item_fn *fn, struct item *it)
{
	third_party_t *tp = it->tp;
	enum dmk_kind tp_r = tp->tp_r.signature.data ? DMK_TP_R : DMK_TP_R_CACHED;

	give(fn, it, "i_tp", DMK_I_TP, tp->i_tp.message);
	give(fn, it, "tp_i", DMK_TP_I, tp->tp_i.message);
	give(fn, it, "tp_r", tp_r, tp->tp_r.message);
	give(fn, it, "earlier tp_r", DMK_TP_R, tp->earlier.message);
	give(fn, it, "r_tp", DMK_R_TP, tp->r_tp.message);
	give(fn, it, "r_tp with relay", DMK_R_TP, tp->r_tp_relay.message);
	give(fn, it, "cookie for i_tp", DMK_ERR, tp->cookie_i_tp.err);
	give(fn, it, "i_tp with cookie", DMK_I_TP, tp->cookie_i_tp.message);
	give(fn, it, "cookie for tp_r", DMK_ERR, tp->cookie_tp_r.err);
	give(fn, it, "tp_r with cookie", tp_r, tp->cookie_tp_r.message);
}

static void give_session(item_fn *fn, session_t *s)
{
	struct item it = { .s = s };
	unsigned int i;

	for (i = 0; i < s->n_third_parties; i++) {
		it.tp = &s->third_parties[i];
		give_third_party(fn, &it);
	}
	it.tp = NULL;
	give(fn, &it, "r_i", DMK_R_I, s->r_i.message);
	for (i = 0; i < s->n_updates; i++) {
		it.up = &s->updates[i];
		give(fn, &it, "u_r", DMK_U_R, it.up->u_r.message);
		give(fn, &it, "r_u", DMK_R_U, it.up->r_u.message);
	}
}

static inline void each_message(item_fn *fn)
{
	unsigned int i;

	for (i = 0; i < vec_dmikey.n_sessions; i++)
		give_session(fn, &vec_dmikey.sessions[i]);
	for (i = 0; i < vec_dmikey.n_errors; i++) {
		struct item it = {
			.kind = DMK_ERR,
			.role = DMK_AT_I | DMK_AT_TP,
			.msg = vec_dmikey.errors[i].message,
		};

		snprintf(it.name, sizeof(it.name), "%s", vec_dmikey.errors[i].name);
		fn(&it);
	}
}

#endif
