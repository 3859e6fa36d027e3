/* SPDX-License-Identifier: GPL-2.0 */
/* A message of protocol.md, written again from what the parser read. */
#ifndef REBUILD_H
#define REBUILD_H

#include "message.h"

static void fill(struct dmk_span room, struct dmk_span from)
{
	if (room.data && from.len)
		memcpy((u8 *)room.data, from.data, from.len);
}

static void put_hdr(struct dmk_writer *w, const struct dmk_message *m)
{
	if (m->hdr.n_cs)
		dmk_build_hdr_2cs(w, m->hdr.data_type, m->hdr.v, m->hdr.csb_id, m->spi,
				  m->session_data);
	else
		dmk_build_hdr_0cs(w, m->hdr.data_type, m->hdr.prf, m->hdr.csb_id);
	if (m->cookie.data)
		dmk_emit_ext(w, DMK_EXT_COOKIE, m->cookie);
	dmk_emit_t(w, &m->t);
}

static void put_part(struct dmk_writer *w, const struct dmk_message *m)
{
	struct dmk_part_entry e[DMK_CANDIDATES_MAX];
	unsigned int n = m->part.len / DMK_PART_ENTRY_LEN;
	unsigned int i;

	for (i = 0; i < n; i++)
		dmk_part_entry(m, i, &e[i]);
	dmk_build_part(w, e, n);
}

static void put_kemac(struct dmk_writer *w, const struct dmk_message *m)
{
	struct dmk_kemac k;

	dmk_emit_kemac(w, m->kemac.encr_alg, m->kemac.data.len, m->kemac.mac_alg, &k);
	fill(k.data, m->kemac.data);
	fill(k.mac, m->kemac.mac);
}

static void put_sp(struct dmk_writer *w, const struct dmk_message *m)
{
	unsigned int i;

	for (i = 0; i < m->n_sp; i++)
		dmk_emit_sp(w, m->sp[i].policy_no, m->sp[i].prot_type, m->sp[i].param);
}

static void put_ver(struct dmk_writer *w, const struct dmk_message *m)
{
	struct dmk_ver v;

	if (!m->ver.data.data)
		return;
	dmk_emit_ver(w, DMK_MAC_SHA256, &v);
	fill(v.data, m->ver.data);
}

static void put_sign(struct dmk_writer *w, const struct dmk_message *m)
{
	struct dmk_sign s;

	dmk_emit_sign(w, m->sign.signature.len, &s);
	fill(s.signature, m->sign.signature);
}

/* 1 and both forms of 3 */
static void put_share_message(struct dmk_writer *w, const struct dmk_message *m)
{
	dmk_emit_rand(w, m->rand);
	dmk_emit_id(w, &m->idi);
	if (m->kind == DMK_TP_R)
		dmk_emit_cert(w, &m->cert);
	if (m->kind == DMK_TP_R_CACHED)
		dmk_emit_idr(w, DMK_ROLE_THIRD_PARTY, &m->idtp);
	dmk_emit_id(w, &m->idr);
	put_sp(w, m);
	dmk_build_share(w, &m->share);
	if (m->kind == DMK_TP_R_CACHED)
		dmk_emit_ext(w, DMK_EXT_ENVID, m->envid);
	put_kemac(w, m);
	if (m->kind != DMK_TP_R)
		return;
	dmk_emit_chash(w, &m->chash);
	dmk_emit_pke(w, &m->pke);
	put_sign(w, m);
}

static void put_answer(struct dmk_writer *w, const struct dmk_message *m)
{
	dmk_emit_id(w, &m->idr);
	if (m->randr.data)
		dmk_emit_randr(w, m->randr);
	if (m->part.data)
		put_part(w, m);
	if (m->relay.data)
		dmk_emit_ext(w, DMK_EXT_RELAY, m->relay);
	put_ver(w, m);
}

static void put_update(struct dmk_writer *w, const struct dmk_message *m)
{
	dmk_emit_id(w, &m->idi);
	dmk_emit_id(w, &m->idr);
	put_sp(w, m);
	put_kemac(w, m);
}

static void put_err(struct dmk_writer *w, const struct dmk_message *m)
{
	dmk_emit_err(w, m->error);
	put_sp(w, m);
	put_ver(w, m);
}

/* the length, or 0 if there was no room */
static inline u32 rebuild(const struct dmk_message *m, u8 *mem, u32 room)
{
	struct dmk_writer w;

	dmk_writer_init(&w, mem, room);
	put_hdr(&w, m);
	switch (m->kind) {
	case DMK_I_TP:
	case DMK_TP_R:
	case DMK_TP_R_CACHED:
		put_share_message(&w, m);
		break;
	case DMK_U_R:
		put_update(&w, m);
		break;
	case DMK_ERR:
		put_err(&w, m);
		break;
	default:
		put_answer(&w, m);
	}
	return w.full ? 0 : w.len;
}

#endif
