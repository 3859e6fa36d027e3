// SPDX-License-Identifier: GPL-2.0
/*
 * Which cryptographic calls the protocol needs, counted: sessions of the vectors
 * go through core/ as they go through a third party and R (protocol.md 6 and 7),
 * with a wrapper before each function of the backend (--wrap) that notes the
 * call. What is made on the way must have the vectors' bytes.
 *
 *	calls > calls_table.c
 *
 * Left out is what a host can do once for all sessions: hashes of names and
 * certificates, what a rule or a limit is looked up by, the schedule of an
 * envelope key's HMAC.
 */
#include <stdio.h>
#include <stdlib.h>

#include <openssl/x509.h>

#include "calls.h"
#include "crypto_openssl.h"
#include "seal.h"
#include "share.h"
#include "vec_dmikey.h"

typedef const struct vec_dmikey_sessions session_t;
typedef const struct vec_dmikey_sessions_third_parties party_t;
typedef const struct vec_dmikey_sessions_updates update_t;

static struct dmk_crypto *c;
static struct dmk_message m, i_tp;
static struct dmk_msg_keys keys;
static struct dmk_opened opened;
static u8 buf[DMK_MSG_MAX];
static struct dmk_writer w;

/* ---- the wrappers */

static struct call calls[256];
static unsigned int n_calls;
static u8 last_key[2][DMK_MAC_LEN];	/* of HMAC, of AES */

static void note(enum call_op op, struct dmk_span key, u32 aad, u32 len)
{
	u8 *last = last_key[op != CALL_HMAC];
	struct call *call = &calls[n_calls];

	if (++n_calls > ARRAY_SIZE(calls) || key.len > DMK_MAC_LEN)
		abort();
	*call = (struct call){ .op = op, .aad = aad, .len = len };
	if (!key.len)
		return;
	call->new_key = memcmp(last, key.data, key.len);
	memcpy(last, key.data, key.len);
}

static u32 length(const struct dmk_span *in, unsigned int n)
{
	u32 len = 0;

	while (n--)
		len += in++->len;
	return len;
}

/* the backend's own, and the wrapper that comes in its place */
#define WRAPPED(name, ...)		\
	int __real_##name(__VA_ARGS__);	\
	int __wrap_##name(__VA_ARGS__);	\
	int __wrap_##name(__VA_ARGS__)

WRAPPED(dmk_sha256, struct dmk_crypto *cc, const struct dmk_span *in, unsigned int n, u8 *out)
{
	note(CALL_SHA256, DMK_SPAN(NULL, 0), 0, length(in, n));
	return __real_dmk_sha256(cc, in, n, out);
}

WRAPPED(dmk_hmac, struct dmk_crypto *cc, enum dmk_hash hash, struct dmk_span key,
	const struct dmk_span *in, unsigned int n, u8 *out)
{
	if (hash != DMK_SHA256)
		abort();
	note(CALL_HMAC, key, 0, length(in, n));
	return __real_dmk_hmac(cc, hash, key, in, n, out);
}

WRAPPED(dmk_aes_cm, struct dmk_crypto *cc, struct dmk_span key, const u8 *iv, u8 *text,
	size_t len)
{
	note(CALL_CM, key, 0, len);
	return __real_dmk_aes_cm(cc, key, iv, text, len);
}

WRAPPED(dmk_aes_ccm_seal, struct dmk_crypto *cc, const u8 *key, const u8 *nonce,
	const struct dmk_span *aad, unsigned int n, u8 *text, size_t len)
{
	note(CALL_CCM_SEAL, DMK_SPAN(key, 16), length(aad, n), len);
	return __real_dmk_aes_ccm_seal(cc, key, nonce, aad, n, text, len);
}

WRAPPED(dmk_aes_ccm_open, struct dmk_crypto *cc, const u8 *key, const u8 *nonce,
	const struct dmk_span *aad, unsigned int n, u8 *text, size_t len, bool *good)
{
	note(CALL_CCM_OPEN, DMK_SPAN(key, 16), length(aad, n), len);
	return __real_dmk_aes_ccm_open(cc, key, nonce, aad, n, text, len, good);
}

/* ---- what a list is made with */

static void need(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "calls: %s is not what the vectors have\n", what);
	exit(1);
}

static void need_span(struct dmk_span want, const u8 *got, u32 len, const char *what)
{
	need(dmk_span_equal(want, DMK_SPAN(got, len)), what);
}

static void need_written(struct dmk_span want, const char *what)
{
	need(!w.full, what);
	need_span(want, w.data, w.len, what);
}

static void read_message(struct dmk_message *to, unsigned int role, struct dmk_span data)
{
	need(!dmk_message_parse(to, role, data.data, data.len), "a message's form");
}

static void open_message(const struct dmk_message *from, struct dmk_span key,
			 struct dmk_span rand, struct dmk_span plain)
{
	need(!dmk_msg_keys(c, DMK_PRF_SHA256, 16, DMK_MAC_LEN, key, from->hdr.csb_id, rand,
			   &keys) &&
	     !dmk_open_kemac(c, from, &keys, &opened), "KEMAC");
	need_span(plain, opened.plain, plain.len, "the plaintext");
}

/* ---- R */

static struct dmk_point points[DMK_CANDIDATES_MAX];
static u8 coeff[DMK_N_MAX][DMK_SHARE_LEN];

/* message 4 */
static void answer_share(party_t *tp)
{
	u8 type = m.kind == DMK_TP_R_CACHED ? DMK_DT_PSK_VER : DMK_DT_PK_VER;

	dmk_writer_init(&w, buf, sizeof(buf));
	dmk_build_hdr_0cs(&w, type, m.hdr.prf, m.hdr.csb_id);
	dmk_emit_t(&w, &m.t);
	dmk_emit_id(&w, &m.idr);
	need(!dmk_seal_v(c, &w, keys.auth, &m.idi, &m.idr, m.t.value), "V");
	need_written(tp->r_tp.message, "message 4");
}

/* what SIGN covers, and the ENVID of what PKE holds; RSA is counted elsewhere */
static void take_signature(party_t *tp)
{
	u8 hash[DMK_HASH_LEN];

	need(!dmk_sign_digest(c, &m, hash), "SIGN");
	need_span(tp->tp_r.sign_input_sha256, hash, sizeof(hash), "what SIGN covers");
	need(!dmk_sha256(c, &m.pke.data, 1, hash), "ENVID");
	need_span(tp->tp_r.envid, hash, DMK_ENVID_LEN, "ENVID");
}

static void take_share(session_t *v, unsigned int i)
{
	party_t *tp = &v->third_parties[i];
	struct dmk_binding b;
	u8 hash[DMK_HASH_LEN];

	read_message(&m, DMK_AT_R, tp->tp_r.message);
	if (m.kind == DMK_TP_R)
		take_signature(tp);
	open_message(&m, tp->tp_r.env_key, m.rand, tp->tp_r.kemac_plain);
	dmk_binding_of(&m, &b);
	need(!dmk_group_hash(c, &b, m.share.commitment, hash), "the group");
	need_span(v->group, hash, sizeof(hash), "the group");
	points[i].x = m.share.x;
	memcpy(points[i].y, opened.key.data, DMK_SHARE_LEN);
	answer_share(tp);
}

static void solve(session_t *v, const struct dmk_binding *b)
{
	struct dmk_span tgk = v->session.tgk;
	u8 set[] = { 0, 1 }, k_commit[32], out[DMK_COMMITMENT_LEN], key[DMK_TGK_MAX];
	const u8 (*known)[DMK_SHARE_LEN] = (const u8 (*)[DMK_SHARE_LEN])coeff;

	dmk_share_interpolate(points, set, b->k, coeff);
	need_span(tgk, key, dmk_share_tgk(c, b->scheme, known, b->k, key), "TGK");
	need(!dmk_key_commit(c, tgk, b->csb_id, b->rand, k_commit) &&
	     !dmk_commitment(c, b, k_commit, known, out), "the commitment");
	need_span(v->session.commit, out, sizeof(out), "the commitment");
}

static void make_esp_keys(struct dmk_span tgk, u32 csb_id, struct dmk_span rand,
			  struct dmk_span randr, struct dmk_span want)
{
	struct dmk_esp_policy policy;
	struct dmk_esp_keys esp[2];
	u8 i;

	dmk_esp_policy_default(&policy);
	for (i = 0; i < 2; i++)
		need(!dmk_esp_keys(c, &policy, i + 1, tgk, csb_id, rand, randr, &esp[i]),
		     "ESP keys");
	need_span(want, esp[0].cipher_key, esp[0].cipher_len, "the ESP key");
}

/* PART is copied: its hashes of names are made once for each certificate */
static void make_r_i(session_t *v, const struct dmk_binding *b, const u8 auth[32])
{
	const u32 spi[2] = { v->spi[0], v->spi[1] };
	struct dmk_span want = v->r_i.message;

	need(!dmk_message_parse(&m, DMK_AT_I, want.data, want.len), "message 5");
	dmk_writer_init(&w, buf, sizeof(buf));
	dmk_build_hdr_2cs(&w, DMK_DT_PSK_VER, false, b->csb_id, spi, DMK_SPAN(NULL, 0));
	dmk_emit_t(&w, &b->t_i);
	dmk_emit_id(&w, &b->idr);
	dmk_emit_randr(&w, v->randr);
	dmk_emit_ext(&w, DMK_EXT_PART, m.part);
	need(!dmk_seal_v(c, &w, auth, &b->idi, &b->idr, b->t_i.value), "V");
	need_written(want, "message 5");
}

static void establish(session_t *v, const struct dmk_binding *b)
{
	struct dmk_span tgk = v->session.tgk;
	u8 auth[32], k_update[32];

	need(!dmk_key_auth5(c, tgk, b->csb_id, b->rand, auth), "keys");
	make_esp_keys(tgk, b->csb_id, b->rand, v->randr, v->esp[0].key);
	need(!dmk_key_update(c, tgk, b->csb_id, b->rand, v->randr, k_update), "keys");
	need_span(v->k_update, k_update, sizeof(k_update), "K_update");
	make_r_i(v, b, auth);
}

static void at_responder(session_t *v)
{
	struct dmk_binding b;
	unsigned int i;

	for (i = 0; i < v->n_third_parties; i++)
		take_share(v, i);
	dmk_binding_of(&m, &b);
	solve(v, &b);
	establish(v, &b);
}

/* ---- a third party */

static void pass_on(session_t *v)
{
	party_t *tp = &v->third_parties[0];
	const struct dmk_suite suite = { DMK_PRF_SHA256, v->encr_alg, v->mac_alg };
	struct dmk_id id = { .type = tp->id.type, .data = tp->id.data };
	struct dmk_ts t = { DMK_TS_NTP_UTC, dmk_get_be(tp->tp_r.t_prime.data, 8) };

	read_message(&i_tp, DMK_AT_TP, tp->i_tp.message);
	open_message(&i_tp, tp->psk, i_tp.rand, tp->i_tp.kemac_plain);
	need(!dmk_msg_keys(c, DMK_PRF_SHA256, 16, DMK_MAC_LEN, tp->tp_r.env_key,
			   i_tp.hdr.csb_id, i_tp.rand, &keys), "keys");
	dmk_writer_init(&w, buf, sizeof(buf));
	dmk_build_tp_r_head(&w, &i_tp, &t, NULL, &id);
	dmk_emit_ext(&w, DMK_EXT_ENVID, tp->tp_r.envid);
	need(!dmk_seal_kemac(c, &w, &suite, &keys, i_tp.hdr.csb_id, &t, &id,
			     DMK_KEY_TGK_SHARE, opened.key, false), "KEMAC");
	need_written(tp->tp_r.message, "message 3");
}

static void at_third_party(session_t *v)
{
	party_t *tp = &v->third_parties[0];
	struct dmk_ts t = { DMK_TS_NTP_UTC, dmk_get_be(tp->tp_r.t_prime.data, 8) };
	struct dmk_span r_tp = tp->r_tp.message;

	pass_on(v);
	need(!dmk_message_parse(&m, DMK_AT_TP, r_tp.data, r_tp.len) &&
	     !dmk_check_v(c, &m, keys.auth, &i_tp.idi, &i_tp.idr, t.value), "message 4");
}

/* ---- an update at R */

static void update(session_t *v)
{
	update_t *u = &v->updates[0];
	struct dmk_span rand = v->session.rand;
	struct dmk_id idi;
	u32 csb_id;
	u8 k_new[32];

	read_message(&m, DMK_AT_R, u->u_r.message);
	open_message(&m, u->psk_k_update, rand, u->u_r.kemac_plain);
	csb_id = m.hdr.csb_id;
	idi = m.idi;
	make_esp_keys(u->tgk, csb_id, rand, u->randr, u->esp[0].key);
	need(!dmk_key_update(c, u->tgk, csb_id, rand, u->randr, k_new), "keys");
	need_span(u->k_update_new, k_new, sizeof(k_new), "K_update");
	dmk_writer_init(&w, buf, sizeof(buf));
	dmk_build_hdr_2cs(&w, DMK_DT_PSK_VER, false, csb_id, m.spi, DMK_SPAN(NULL, 0));
	dmk_emit_t(&w, &m.t);
	dmk_emit_id(&w, &m.idr);
	dmk_emit_randr(&w, u->randr);
	need(!dmk_seal_v(c, &w, keys.auth, &idi, &m.idr, m.t.value), "V");
	need_written(u->r_u.message, "message 7");
}

/* ---- the tables */

static const struct list {
	const char *name, *session;
	void (*run)(session_t *v);
} lists[] = {
	{ "r_session_ccm", "cached-ccm", at_responder },
	{ "r_session_cm", "cached-cm", at_responder },
	{ "r_session_cold_ccm", "ccm-s2-ntp", at_responder },
	{ "tp_share_ccm", "cached-ccm", at_third_party },
	{ "tp_share_cm", "cached-cm", at_third_party },
	{ "r_update_ccm", "update-ccm-ntp", update },
};

static session_t *find(const char *name)
{
	unsigned int i;

	for (i = 0; i < vec_dmikey.n_sessions; i++)
		if (!strcmp(vec_dmikey.sessions[i].name, name))
			return &vec_dmikey.sessions[i];
	fprintf(stderr, "calls: no session %s in the vectors\n", name);
	exit(1);
}

static void print_list(const struct list *l)
{
	unsigned int i;

	n_calls = 0;
	memset(last_key, 0, sizeof(last_key));
	l->run(find(l->session));
	printf("\nstatic const struct call %s[] = {\n", l->name);
	for (i = 0; i < n_calls; i++)
		printf("\t{ %u, %u, %u, %u },\n", calls[i].op, calls[i].new_key,
		       calls[i].aad, calls[i].len);
	printf("};\n");
}

static void print_bytes(const char *name, const u8 *p, size_t len)
{
	size_t i;

	printf("\nstatic const u8 %s[] = {", name);
	for (i = 0; i < len; i++)
		printf("%s0x%02x,", i % 12 ? " " : "\n\t", p[i]);
	printf("\n};\n");
}

static void print_lists(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lists); i++)
		print_list(&lists[i]);
	printf("\nconst struct call_list call_lists[] = {\n");
	for (i = 0; i < ARRAY_SIZE(lists); i++)
		printf("\t{ \"%s\", ARRAY_SIZE(%s), %s },\n", lists[i].name, lists[i].name,
		       lists[i].name);
	printf("};\nconst unsigned int n_call_lists = ARRAY_SIZE(call_lists);\n");
}

static void print_messages(void)
{
	party_t *cached = find("cached-ccm")->third_parties;
	update_t *u = find("update-ccm-ntp")->updates;
	const struct call_message messages[] = {
		{ "i_tp", DMK_AT_TP, cached->i_tp.message },
		{ "tp_r_signed", DMK_AT_R, find("ccm-s2-ntp")->third_parties->tp_r.message },
		{ "tp_r_cached", DMK_AT_R, cached->tp_r.message },
		{ "r_tp", DMK_AT_TP, cached->r_tp.message },
		{ "u_r", DMK_AT_R, u->u_r.message },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(messages); i++)
		print_bytes(messages[i].name, messages[i].data.data, messages[i].data.len);
	printf("\nconst struct call_message call_messages[] = {\n");
	for (i = 0; i < ARRAY_SIZE(messages); i++)
		printf("\t{ \"%s\", %u, { %s, sizeof(%s) } },\n", messages[i].name,
		       messages[i].role, messages[i].name, messages[i].name);
	printf("};\nconst unsigned int n_call_messages = ARRAY_SIZE(call_messages);\n");
}

static void print_keys(void)
{
	const struct dmk_span *pem = &vec_dmikey.pki.r.key_pem, *cert = &vec_dmikey.pki.tp1.cert;
	const unsigned char *p = pem->data;
	EVP_PKEY *private = d2i_AutoPrivateKey(NULL, &p, pem->len);
	unsigned char *der = NULL;
	EVP_PKEY *public;
	int len;

	len = private ? i2d_PrivateKey(private, &der) : 0;
	need(len > 0, "R's key");
	print_bytes("private_key", der, len);
	p = cert->data;
	public = X509_get_pubkey(d2i_X509(NULL, &p, cert->len));
	der = NULL;
	len = public ? i2d_PublicKey(public, &der) : 0;
	need(len > 0, "the third party's key");
	print_bytes("public_key", der, len);
	printf("\nconst struct dmk_span call_private_key = { private_key, sizeof(private_key) };\n"
	       "const struct dmk_span call_public_key = { public_key, sizeof(public_key) };\n");
}

int main(void)
{
	c = dmk_crypto_openssl_new();
	if (!c)
		abort();
	printf("// made by calls.c: do not edit\n#include \"calls.h\"\n");
	print_lists();
	print_messages();
	print_keys();
	dmk_crypto_openssl_free(c);
	return 0;
}
