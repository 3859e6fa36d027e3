// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "forge.h"
#include "lab.h"
#include "pki.h"
#include "seal.h"
#include "vector.h"

session_t *forge_session(const char *name)
{
	unsigned int i;

	for (i = 0; i < vec_dmikey.n_sessions; i++)
		if (!strcmp(vec_dmikey.sessions[i].name, name))
			return &vec_dmikey.sessions[i];
	lab_die("no session is called %s", name);
}

static void must(bool good, const char *what)
{
	if (!good)
		lab_die("forge: %s", what);
}

bool forge_envelope(const struct dmk_message *m, const char *responder,
		    u8 key[DMK_ENVELOPE_LEN])
{
	struct pki_key *k = pki_private(*pki_by_name(responder)->key);
	u8 buf[DMK_RSA_MAX];
	size_t len = pki_decrypt(k, m->pke.data, buf, sizeof(buf));

	pki_key_free(k);
	if (len != DMK_ENVELOPE_LEN)
		return false;
	memcpy(key, buf, len);
	return true;
}

/* ---- files of demo-pki.sh */

struct dmk_span forge_file(const char *dir, const char *name, const char *ending, u8 *room,
			   size_t size)
{
	char path[4096];
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s%s", dir, name, ending);
	f = fopen(path, "r");
	if (!f)
		lab_die("%s: %s", path, strerror(errno));
	len = fread(room, 1, size, f);
	if (!len || len == size)
		lab_die("%s: %zu bytes", path, len);
	fclose(f);
	return DMK_SPAN(room, len);
}

void forge_tp_read(struct forge_tp *tp, struct dmk_crypto *c, const char *dir,
		   const char *name, const char *responder)
{
	static u8 cert[DMK_MSG_MAX], r_cert[DMK_MSG_MAX], key[DMK_MSG_MAX];
	static char id[128];
	struct dmk_span r;

	snprintf(id, sizeof(id), "dmikey:%s.example", name);
	tp->id = (struct dmk_id){ DMK_ID_URI, DMK_SPAN(id, strlen(id)) };
	tp->cert.type = DMK_CERT_X509;
	tp->cert.data = forge_file(dir, name, ".der", cert, sizeof(cert));
	r = forge_file(dir, responder, ".der", r_cert, sizeof(r_cert));
	tp->key = pki_private(forge_file(dir, name, ".key.der", key, sizeof(key)));
	dmk_wipe(key, sizeof(key));
	tp->r_key = pki_public(r);
	if (!tp->key || !tp->r_key || dmk_sha256(c, &r, 1, tp->r_hash))
		lab_die("the keys cannot be read");
}

/* ---- message 4 */

void forge_answer_of(const struct dmk_message *tp_r, const char *responder,
		     struct forge_answer *a)
{
	a->data_type = DMK_DT_PK_VER;
	a->t = tp_r->t;
	a->idi = tp_r->idi;
	must(forge_envelope(tp_r, responder, a->envelope), "envelope");
}

u32 forge_answer_emit(struct dmk_crypto *c, const struct dmk_message *tp_r,
		      const struct forge_answer *a, u8 out[DMK_MSG_MAX])
{
	struct dmk_msg_keys keys;
	struct dmk_writer w;

	must(!dmk_msg_keys(c, DMK_PRF_SHA256, 16, 32, DMK_SPAN(a->envelope, DMK_ENVELOPE_LEN),
			   tp_r->hdr.csb_id, tp_r->rand, &keys), "keys");
	dmk_writer_init(&w, out, DMK_MSG_MAX);
	dmk_build_hdr_0cs(&w, a->data_type, tp_r->hdr.prf, tp_r->hdr.csb_id);
	dmk_emit_t(&w, &a->t);
	dmk_emit_id(&w, &tp_r->idr);
	must(!dmk_seal_v(c, &w, keys.auth, &a->idi, &tp_r->idr, a->t.value) && !w.full, "V");
	return w.len;
}

/* ---- messages 1 and 3 */

/* message 1 of another sensor with a commitment to the same polynomial */
static void put_i_tp(struct dmk_crypto *c, session_t *s, const struct dmk_message *from,
		     const struct dmk_id *sensor, struct dmk_writer *w)
{
	u8 coeff[DMK_N_MAX][DMK_SHARE_LEN];
	static struct dmk_message m;
	struct dmk_kemac kemac;
	struct dmk_binding b;

	dmk_build_hdr_2cs(w, from->hdr.data_type, from->hdr.v, from->hdr.csb_id, from->spi,
			  from->session_data);
	dmk_emit_t(w, &from->t);
	dmk_emit_rand(w, from->rand);
	dmk_emit_id(w, sensor);
	dmk_emit_id(w, &from->idr);
	dmk_emit_sp_raw(w, from->sp[0].raw);
	dmk_build_share(w, &from->share);
	dmk_emit_kemac(w, from->kemac.encr_alg, from->kemac.data.len, from->kemac.mac_alg,
		       &kemac);
	must(!dmk_message_parse(&m, DMK_AT_TP, w->data, w->len), "message 1");
	dmk_binding_of(&m, &b);
	memcpy(coeff[0], s->session.coeffs[0].data, DMK_SHARE_LEN);
	must(!dmk_commitment(c, &b, s->session.k_commit.data,
			     (const u8 (*)[DMK_SHARE_LEN])coeff,
			     (u8 *)m.share.commitment), "commitment");
}

/* PKCS#1 v1.5 */
void forge_encrypt(struct pki_key *k, const u8 key[DMK_ENVELOPE_LEN], u8 *out, u32 len)
{
	u8 em[DMK_RSA_MAX];

	memset(em, 0x5a, len);
	em[0] = 0;
	em[1] = 2;
	em[len - DMK_ENVELOPE_LEN - 1] = 0;
	memcpy(em + len - DMK_ENVELOPE_LEN, key, DMK_ENVELOPE_LEN);
	must(pki_raw_encrypt(k, DMK_SPAN(em, len), out, DMK_RSA_MAX) == len, "PKE");
	dmk_wipe(em, sizeof(em));
}

void forge_sign(struct pki_key *k, u8 *out, const struct dmk_sign *s)
{
	u32 at = s->signature.data - out;
	u8 digest[DMK_HASH_LEN];

	must(pki_digest(DMK_SHA256, DMK_SPAN(out, at), digest) &&
	     pki_sign(k, DMK_SHA256, digest, out + at, s->signature.len) == s->signature.len,
	     "SIGN");
}

u32 forge_tp_r(struct dmk_crypto *c, session_t *s, const struct dmk_id *sensor,
	       struct dmk_span session_data, u32 seconds, u8 out[DMK_MSG_MAX])
{
	static const u8 envelope[DMK_ENVELOPE_LEN] = "not drawn at random, but 32 long";
	const struct vec_dmikey_sessions_third_parties *tp = s->third_parties;
	const struct dmk_suite suite = { DMK_PRF_SHA256, s->encr_alg, s->mac_alg };
	struct pki_key *own = pki_private(*pki_by_name(tp->tp)->key);
	struct pki_key *r = pki_public(*pki_by_name("r")->cert);
	static struct dmk_message i_tp, tp_r;
	static u8 one[DMK_MSG_MAX], pke[DMK_RSA_MAX];
	struct dmk_id id = vec_id(tp->id.type, tp->id.data);
	struct dmk_msg_keys keys;
	struct dmk_writer w;
	struct dmk_sign sig;

	must(!dmk_message_parse(&tp_r, DMK_AT_R, tp->tp_r.message.data, tp->tp_r.message.len) &&
	     !dmk_message_parse(&i_tp, DMK_AT_TP, tp->i_tp.message.data, tp->i_tp.message.len),
	     "the vector");
	if (session_data.data)
		i_tp.session_data = session_data;
	dmk_writer_init(&w, one, sizeof(one));
	put_i_tp(c, s, &i_tp, sensor, &w);
	must(!dmk_message_parse(&i_tp, DMK_AT_TP, one, w.len), "message 1");

	forge_encrypt(r, envelope, pke, tp_r.pke.data.len);
	tp_r.pke.data.data = pke;
	tp_r.t.value += (u64)seconds << 32;
	must(!dmk_msg_keys(c, DMK_PRF_SHA256, 16, 32, DMK_SPAN(envelope, sizeof(envelope)),
			   i_tp.hdr.csb_id, i_tp.rand, &keys), "keys");
	dmk_writer_init(&w, out, DMK_MSG_MAX);
	dmk_build_tp_r_head(&w, &i_tp, &tp_r.t, &tp_r.cert, NULL);
	must(!dmk_seal_kemac(c, &w, &suite, &keys, i_tp.hdr.csb_id, &tp_r.t, &id,
			     DMK_KEY_TGK_SHARE, s->session.shares[0].value, true), "KEMAC");
	dmk_emit_chash(&w, &tp_r.chash);
	dmk_emit_pke(&w, &tp_r.pke);
	dmk_emit_sign(&w, tp_r.sign.signature.len, &sig);
	forge_sign(own, out, &sig);
	must(!w.full, "room");
	pki_key_free(own);
	pki_key_free(r);
	return w.len;
}
