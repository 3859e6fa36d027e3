// SPDX-License-Identifier: GPL-2.0
/*
 * Hosts with certificates: RFC 3830 3.2. A host signs as a third party does and
 * decrypts as a responder does, each with a key pair of its own (protocol.md 6.3).
 */

#include <linux/slab.h>

#include "envelope.h"
#include "host.h"
#include "netns.h"
#include "rsa.h"

/* what signs in our name, with a reference, or NULL */
static struct dmk_local *signing(const struct dmk_host *h)
{
	struct dmk_local *l = dmk_local_thirdparty(h->dn);
	struct dmk_id own = dmk_name_id(&h->own), name;

	if (!l)
		return NULL;
	name = dmk_name_id(&l->name);
	if (dmk_id_equal(&name, &own))
		return l;
	dmk_local_put(l);
	return NULL;
}

/* what decrypts in our name, with a reference, or NULL */
static struct dmk_local *decrypting(const struct dmk_host *h)
{
	struct dmk_id own = dmk_name_id(&h->own);

	return dmk_local_responder(h->dn, &own);
}

/* what is encrypted to, with a reference, or NULL */
static struct dmk_peer *addressee(const struct dmk_host *h)
{
	struct dmk_id id = dmk_name_id(&h->name);

	return dmk_cert_responder(h->dn, &id);
}

bool dmk_host_pk_good(const struct dmk_host *h)
{
	struct dmk_local *s = signing(h), *d = decrypting(h);
	struct dmk_peer *r = addressee(h);
	bool good = s && d && r;

	dmk_local_put(s);
	dmk_local_put(d);
	dmk_cert_put(r);
	return good && (!h->signer || dmk_cert_is_trusted(h->dn, h->signer->der_hash));
}

/* ---- as the initiator */

enum dmk_reason dmk_host_pk_cert(struct dmk_host *h, struct dmk_writer *w)
{
	struct dmk_local *l = signing(h);
	struct dmk_cert cert = { .type = DMK_CERT_X509 };

	if (!l)
		return DMK_REASON_NO_ROLE;
	cert.data = DMK_SPAN(l->der, l->der_len);
	dmk_emit_cert(w, &cert);
	dmk_local_put(l);
	return DMK_OK;
}

/* RFC 3830 5.2: SIGN covers the whole message before the signature */
static enum dmk_reason sign(struct dmk_host *h, struct dmk_crypto *c, struct dmk_local *l,
			    struct dmk_writer *w)
{
	struct dmk_sign sign;
	u8 digest[DMK_HASH_LEN];
	u32 at;

	dmk_emit_sign(w, dmk_rsa_len(l->key), &sign);
	if (w->full)
		return DMK_REASON_INTERNAL;
	at = sign.signature.data - w->data;
	if (dmk_sha256(c, &DMK_SPAN(w->data, at), 1, digest))
		return DMK_REASON_INTERNAL;
	dmk_stats_inc(h->dn, DMK_STAT_RSA_SIGN);
	return dmk_rsa_sign(l->key, digest, w->data + at) ? DMK_REASON_INTERNAL : DMK_OK;
}

/* KEMAC, CHASH and PKE; @e is the caller's to wipe */
static enum dmk_reason wrap(struct dmk_host *h, struct dmk_crypto *c, struct dmk_peer *r,
			    struct dmk_writer *w, struct dmk_envelope *e, u8 *data)
{
	struct dmk_chash chash = { DMK_HASH_FUNC_SHA256, { r->der_hash, DMK_HASH_LEN } };
	struct dmk_pke pke = { 0, { data, dmk_rsa_len(r->key) } };
	struct dmk_host_exchange *x = h->x;
	struct dmk_ts t = { DMK_TS_NTP_UTC, x->t };
	struct dmk_id own = dmk_name_id(&h->own);
	enum dmk_reason reason;

	reason = dmk_envelope_draw(h->dn, c, r, data, e);
	if (!reason)
		reason = dmk_envelope_keys(c, e, x->csb_id,
					   DMK_SPAN(x->rand, sizeof(x->rand)), &x->keys.msg);
	if (reason)
		return reason;
	if (dmk_seal_kemac(c, w, &x->keys.suite, &x->keys.msg, x->csb_id, &t, &own,
			   DMK_KEY_TGK, DMK_SPAN(x->tgk, sizeof(x->tgk)), true))
		return DMK_REASON_INTERNAL;
	dmk_emit_chash(w, &chash);
	dmk_emit_pke(w, &pke);
	return DMK_OK;
}

/* an envelope key on its way into PKE */
struct wrapping {
	struct dmk_envelope e;
	u8 data[DMK_RSA_MAX];
};

enum dmk_reason dmk_host_pk_seal(struct dmk_host *h, struct dmk_crypto *c,
				 struct dmk_writer *w)
{
	struct wrapping *wr = kzalloc(sizeof(*wr), GFP_KERNEL);
	enum dmk_reason reason = DMK_REASON_MEMORY;
	struct dmk_local *l = signing(h);
	struct dmk_peer *r = addressee(h);

	if (!l)
		reason = DMK_REASON_NO_ROLE;
	else if (!r)
		reason = DMK_REASON_CERTIFICATE;
	else if (wr)
		reason = wrap(h, c, r, w, &wr->e, wr->data);
	if (!reason)
		reason = sign(h, c, l, w);
	kfree_sensitive(wr);
	dmk_local_put(l);
	dmk_cert_put(r);
	return reason;
}

/* ---- as the responder */

/* 6.3: the certificate must be one that the agent has validated, and name the sender */
static enum dmk_reason find_signer(struct dmk_worker *w, struct dmk_datagram **d,
				   struct dmk_peer **signer)
{
	u8 hash[DMK_HASH_LEN];
	enum dmk_reason reason;
	struct dmk_id name;

	if (dmk_sha256(w->crypto, &w->m.cert.data, 1, hash))
		return DMK_REASON_INTERNAL;
	*signer = dmk_cert_thirdparty(w->dn, hash);
	if (*signer) {
		name = dmk_name_id(&(*signer)->name);
		return dmk_id_equal(&name, &w->m.idi) ? DMK_OK : DMK_REASON_CERTIFICATE;
	}
	if ((*d)->asked)
		return DMK_REASON_CERTIFICATE;
	reason = dmk_upcall_cert(w->dn, w->m.cert.data, hash, *d);
	if (!reason)
		*d = NULL;
	return reason;
}

static enum dmk_reason open_envelope(struct dmk_worker *w, const struct dmk_local *l,
				     struct dmk_peer *signer, struct dmk_host_keys *k)
{
	struct dmk_envelope *e = kzalloc(sizeof(*e), GFP_KERNEL);
	enum dmk_reason reason;

	if (!e)
		return DMK_REASON_MEMORY;
	reason = dmk_envelope_open(w->dn, w->crypto, l, signer, &w->m, e);
	if (!reason)
		reason = dmk_envelope_keys(w->crypto, e, w->m.hdr.csb_id, w->m.rand, &k->msg);
	kfree_sensitive(e);
	return reason;
}

enum dmk_reason dmk_host_pk_open(struct dmk_host *h, struct dmk_worker *w,
				 struct dmk_datagram **d, struct dmk_host_keys *k,
				 struct dmk_peer **signer)
{
	const struct dmk_span *chash = &w->m.chash.hash;
	struct dmk_local *l, *as;
	enum dmk_reason reason;

	reason = find_signer(w, d, signer);
	if (reason || !*d)
		return reason;
	l = decrypting(h);
	if (!l)
		return DMK_REASON_NO_ROLE;
	as = chash->len == DMK_HASH_LEN ? dmk_local_as(l, chash->data) : NULL;
	reason = as ? open_envelope(w, as, *signer, k) : DMK_REASON_CHASH;
	dmk_local_put(l);
	return reason;
}
