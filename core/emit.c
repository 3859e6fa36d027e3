// SPDX-License-Identifier: GPL-2.0 OR MIT
/* RFC 3830 payloads on the wire: writing them. wire.c reads them. */
#include "wire.h"

#define NO_LINK ((u32)-1)	/* no payload before: nothing to link */

void dmk_writer_init(struct dmk_writer *w, u8 *data, u32 room)
{
	*w = (struct dmk_writer){ .data = data, .room = room, .next = NO_LINK };
}

/* room for @n bytes, or NULL */
static u8 *claim(struct dmk_writer *w, u32 n)
{
	u8 *p = w->data + w->len;

	if (w->full || n > w->room - w->len) {
		w->full = true;
		return NULL;
	}
	w->len += n;
	return p;
}

static void put8(struct dmk_writer *w, u8 v)
{
	u8 *p = claim(w, 1);

	if (p)
		*p = v;
}

static void put16(struct dmk_writer *w, u16 v)
{
	put8(w, v >> 8);
	put8(w, v);
}

static void put32(struct dmk_writer *w, u32 v)
{
	put16(w, v >> 16);
	put16(w, v);
}

static void put_span(struct dmk_writer *w, struct dmk_span s)
{
	u8 *p = claim(w, s.len);

	if (p && s.len)
		memcpy(p, s.data, s.len);
}

static struct dmk_span put_zeros(struct dmk_writer *w, u32 n)
{
	u8 *p = claim(w, n);

	if (!p)
		return DMK_SPAN(NULL, 0);
	memset(p, 0, n);
	return DMK_SPAN(p, n);
}

/* a length that must fit in a field of @max */
static u16 checked(struct dmk_writer *w, u32 len, u32 max)
{
	if (len > max)
		w->full = true;
	return len;
}

static void put_len16(struct dmk_writer *w, u32 len)
{
	put16(w, checked(w, len, 0xffff));
}

static void link_payload(struct dmk_writer *w, u8 type)
{
	if (w->next != NO_LINK && !w->full)
		w->data[w->next] = type;
}

/* links a payload to the one before and begins it with Next payload 0 */
static void begin(struct dmk_writer *w, u8 type)
{
	link_payload(w, type);
	w->next = w->len;
	put8(w, DMK_PL_LAST);
}

/* RFC 3830 6.1 HDR */
void dmk_emit_hdr(struct dmk_writer *w, const struct dmk_hdr *hdr)
{
	put8(w, DMK_VERSION);
	put8(w, hdr->data_type);
	w->next = w->len;
	put8(w, DMK_PL_LAST);
	put8(w, (hdr->v ? 0x80 : 0) | hdr->prf);
	put32(w, hdr->csb_id);
	put8(w, hdr->n_cs);
	put8(w, hdr->map_type);
	put_span(w, hdr->map);
}

/* RFC 6043 6.1.1 GENERIC-ID */
void dmk_emit_cs(struct dmk_writer *w, const struct dmk_cs *cs)
{
	put8(w, cs->id);
	put8(w, cs->prot_type);
	put8(w, (cs->s ? 0x80 : 0) | checked(w, cs->policies.len, 0x7f));
	put_span(w, cs->policies);
	put_len16(w, cs->session_data.len);
	put_span(w, cs->session_data);
	put8(w, checked(w, cs->spi.len, 0xff));
	put_span(w, cs->spi);
}

/* RFC 3830 6.6 T */
void dmk_emit_t(struct dmk_writer *w, const struct dmk_ts *t)
{
	begin(w, DMK_PL_T);
	put8(w, t->type);
	if (t->type != DMK_TS_COUNTER)
		put32(w, t->value >> 32);
	put32(w, t->value);
}

/* RFC 3830 6.11 RAND */
void dmk_emit_rand(struct dmk_writer *w, struct dmk_span rand)
{
	begin(w, DMK_PL_RAND);
	put8(w, checked(w, rand.len, 0xff));
	put_span(w, rand);
}

/* RFC 6043 6.8 RANDR */
void dmk_emit_randr(struct dmk_writer *w, struct dmk_span rand)
{
	begin(w, DMK_PL_RANDR);
	put8(w, DMK_ROLE_RESPONDER);
	put8(w, checked(w, rand.len, 0xff));
	put_span(w, rand);
}

static void put_identity(struct dmk_writer *w, const struct dmk_id *id)
{
	put8(w, id->type);
	put_len16(w, id->data.len);
	put_span(w, id->data);
}

/* RFC 3830 6.7 ID */
void dmk_emit_id(struct dmk_writer *w, const struct dmk_id *id)
{
	begin(w, DMK_PL_ID);
	put_identity(w, id);
}

/* RFC 6043 6.6 IDR */
void dmk_emit_idr(struct dmk_writer *w, u8 role, const struct dmk_id *id)
{
	begin(w, DMK_PL_IDR);
	put8(w, role);
	put_identity(w, id);
}

/* RFC 3830 6.7 CERT */
void dmk_emit_cert(struct dmk_writer *w, const struct dmk_cert *cert)
{
	begin(w, DMK_PL_CERT);
	put8(w, cert->type);
	put_len16(w, cert->data.len);
	put_span(w, cert->data);
}

/* RFC 3830 6.8 CHASH */
void dmk_emit_chash(struct dmk_writer *w, const struct dmk_chash *chash)
{
	begin(w, DMK_PL_CHASH);
	put8(w, chash->func);
	put_span(w, chash->hash);
}

/* RFC 3830 6.3 PKE */
void dmk_emit_pke(struct dmk_writer *w, const struct dmk_pke *pke)
{
	begin(w, DMK_PL_PKE);
	put16(w, pke->cache << 14 | checked(w, pke->data.len, 0x3fff));
	put_span(w, pke->data);
}

/* RFC 3830 6.12 ERR */
void dmk_emit_err(struct dmk_writer *w, u8 error)
{
	begin(w, DMK_PL_ERR);
	put8(w, error);
	put16(w, 0);
}

/* RFC 3830 6.10 SP */
void dmk_emit_sp(struct dmk_writer *w, u8 policy_no, u8 prot_type, struct dmk_span param)
{
	begin(w, DMK_PL_SP);
	put8(w, policy_no);
	put8(w, prot_type);
	put_len16(w, param.len);
	put_span(w, param);
}

void dmk_emit_sp_raw(struct dmk_writer *w, struct dmk_span raw)
{
	begin(w, DMK_PL_SP);
	put_span(w, raw);
}

/* RFC 3830 6.15 General Extension */
void dmk_emit_ext(struct dmk_writer *w, u8 type, struct dmk_span data)
{
	begin(w, DMK_PL_EXT);
	put8(w, type);
	put_len16(w, data.len);
	put_span(w, data);
}

/* RFC 3830 6.2 KEMAC */
void dmk_emit_kemac(struct dmk_writer *w, u8 encr_alg, u32 encr_len, u8 mac_alg,
		    struct dmk_kemac *kemac)
{
	kemac->at = w->len;
	kemac->encr_alg = encr_alg;
	kemac->mac_alg = mac_alg;
	begin(w, DMK_PL_KEMAC);
	put8(w, encr_alg);
	put_len16(w, encr_len);
	kemac->data = put_zeros(w, encr_len);
	put8(w, mac_alg);
	kemac->mac = put_zeros(w, dmk_mac_len(mac_alg));
}

/* RFC 3830 6.9 V */
void dmk_emit_ver(struct dmk_writer *w, u8 alg, struct dmk_ver *ver)
{
	begin(w, DMK_PL_V);
	ver->alg = alg;
	put8(w, ver->alg);
	ver->at = w->len;
	ver->data = put_zeros(w, dmk_mac_len(alg));
}

/* RFC 3830 6.5 SIGN */
void dmk_emit_sign(struct dmk_writer *w, u32 len, struct dmk_sign *sign)
{
	link_payload(w, DMK_PL_SIGN);
	w->next = NO_LINK;
	sign->s_type = DMK_S_TYPE_PKCS1;
	put16(w, sign->s_type << 12 | checked(w, len, 0xfff));
	sign->signature = put_zeros(w, len);
}

/* RFC 3830 6.13 Key data sub-payload, KV 0 */
void dmk_emit_key_data(struct dmk_writer *w, u8 type, struct dmk_span key)
{
	begin(w, DMK_PL_KEY_DATA);
	put8(w, type << 4 | DMK_KV_NULL);
	put_len16(w, key.len);
	put_span(w, key);
}
