// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Building messages from HDR up to where the cryptography starts. */
#include "message.h"

/* ---- COOKIE: it stands between two hops and outside all authentication */

#define COOKIE_PAYLOAD_LEN	(4 + DMK_COOKIE_LEN)
#define HDR_NEXT		2	/* offset of HDR's Next payload */

/* offset of the first payload, or 0 if this is no message */
static u32 after_hdr(const u8 *data, u32 len, struct dmk_hdr *hdr)
{
	struct dmk_cursor c = { .data = data, .len = len };

	return dmk_parse_hdr(&c, hdr) ? 0 : c.at;
}

u32 dmk_message_strip_cookie(u8 *data, u32 len)
{
	struct dmk_cursor c = { .data = data, .len = len };
	struct dmk_ext ext;
	struct dmk_hdr hdr;
	u32 at;
	u8 next;

	if (dmk_parse_hdr(&c, &hdr) || hdr.next != DMK_PL_EXT)
		return len;
	at = c.at;
	if (dmk_parse_ext(&c, &next, &ext) || ext.type != DMK_EXT_COOKIE)
		return len;
	data[HDR_NEXT] = next;
	memmove(data + at, data + c.at, len - c.at);
	return len - (c.at - at);
}

u32 dmk_message_add_cookie(u8 *data, u32 len, u32 room, const u8 *cookie)
{
	struct dmk_hdr hdr;
	u32 at = after_hdr(data, len, &hdr);
	u8 *p = data + at;

	if (!at || len > room || room - len < COOKIE_PAYLOAD_LEN)
		return 0;
	memmove(p + COOKIE_PAYLOAD_LEN, p, len - at);
	data[HDR_NEXT] = DMK_PL_EXT;
	p[0] = hdr.next;
	p[1] = DMK_EXT_COOKIE;
	p[2] = 0;
	p[3] = DMK_COOKIE_LEN;
	memcpy(p + 4, cookie, DMK_COOKIE_LEN);
	return len + COOKIE_PAYLOAD_LEN;
}

/* ---- headers */

/* protocol.md 4: CS 1 is I to R, CS 2 is R to I, both refer to policy 0 */
static void emit_esp_cs(struct dmk_writer *w, u8 id, u32 spi, struct dmk_span session_data)
{
	static const u8 policy_0[1];
	const u8 octets[4] = { spi >> 24, spi >> 16, spi >> 8, spi };
	const struct dmk_cs cs = {
		.id = id,
		.prot_type = DMK_PROT_ESP,
		.policies = DMK_SPAN(policy_0, 1),
		.session_data = session_data,
		.spi = DMK_SPAN(octets, 4),
	};

	dmk_emit_cs(w, &cs);
}

void dmk_build_hdr_host(struct dmk_writer *w, u8 data_type, bool v, u8 prf, u32 csb_id,
			const u32 spi[2], struct dmk_span session_data)
{
	const struct dmk_hdr hdr = {
		.data_type = data_type,
		.v = v,
		.prf = prf,
		.csb_id = csb_id,
		.n_cs = 2,
		.map_type = DMK_MAP_GENERIC,
	};

	dmk_emit_hdr(w, &hdr);
	emit_esp_cs(w, 1, spi[0], session_data);
	emit_esp_cs(w, 2, spi[1], DMK_SPAN(NULL, 0));
}

void dmk_build_hdr_2cs(struct dmk_writer *w, u8 data_type, bool v, u32 csb_id,
		       const u32 spi[2], struct dmk_span session_data)
{
	dmk_build_hdr_host(w, data_type, v, DMK_PRF_SHA256, csb_id, spi, session_data);
}

void dmk_build_hdr_0cs(struct dmk_writer *w, u8 data_type, u8 prf, u32 csb_id)
{
	const struct dmk_hdr hdr = {
		.data_type = data_type,
		.prf = prf,
		.csb_id = csb_id,
		.map_type = DMK_MAP_GENERIC,
	};

	dmk_emit_hdr(w, &hdr);
}

/* ---- payloads of protocol.md */

/* protocol.md 6.2 SHARE */
void dmk_build_share(struct dmk_writer *w, const struct dmk_share_ext *share)
{
	u8 body[DMK_SHARE_EXT_LEN] = {
		DMK_SHARE_VERSION, share->scheme, share->n, share->k, share->x,
		share->flags, share->tgk_len >> 8, share->tgk_len, share->t_i.type,
	};
	int i;

	for (i = 0; i < 8; i++)
		body[9 + i] = share->t_i.value >> 8 * (7 - i);
	memcpy(body + 17, share->commitment, DMK_COMMITMENT_LEN);
	dmk_emit_ext(w, DMK_EXT_SHARE, DMK_SPAN(body, sizeof(body)));
}

/* protocol.md 6.2: copied byte for byte, but for the Next payload bytes */
void dmk_build_tp_r_head(struct dmk_writer *w, const struct dmk_message *i_tp,
			 const struct dmk_ts *t, const struct dmk_cert *cert,
			 const struct dmk_id *idtp)
{
	struct dmk_hdr hdr = i_tp->hdr;

	hdr.data_type = cert ? DMK_DT_PK : DMK_DT_PSK;
	hdr.v = true;
	dmk_emit_hdr(w, &hdr);
	dmk_emit_t(w, t);
	dmk_emit_rand(w, i_tp->rand);
	dmk_emit_id(w, &i_tp->idi);
	if (cert)
		dmk_emit_cert(w, cert);
	if (idtp)
		dmk_emit_idr(w, DMK_ROLE_THIRD_PARTY, idtp);
	dmk_emit_id(w, &i_tp->idr);
	dmk_emit_sp_raw(w, i_tp->sp[0].raw);
	dmk_emit_ext(w, DMK_EXT_SHARE, i_tp->share_raw);
}

/* protocol.md 7.4 PART */
void dmk_build_part(struct dmk_writer *w, const struct dmk_part_entry *e, unsigned int n)
{
	u8 body[DMK_N_MAX * DMK_PART_ENTRY_LEN];
	u8 *p = body;
	unsigned int i;

	if (n > DMK_N_MAX) {
		w->full = true;
		return;
	}
	for (i = 0; i < n; i++, p += DMK_PART_ENTRY_LEN) {
		memcpy(p, e[i].hash, 8);
		p[8] = e[i].x;
		p[9] = e[i].verdict;
	}
	dmk_emit_ext(w, DMK_EXT_PART, DMK_SPAN(body, p - body));
}
