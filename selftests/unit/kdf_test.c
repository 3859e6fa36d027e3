// SPDX-License-Identifier: GPL-2.0
/* core/kdf.c: the PRF and every key of the key schedule. */
#include "kdf.h"
#include "vec_dmikey.h"
#include "vec_rfc3830.h"
#include "vector.h"

static struct dmk_crypto *c;

static const struct dmk_span none;

static void prf_test(const struct vec_rfc3830_prf *v)
{
	unsigned int i, bad = 0;
	u8 out[256];

	for (i = 0; i < v->n_out; i++) {
		size_t len = v->out[i].key;

		bad += len > sizeof(out) ||
		       dmk_prf(c, v->prf, v->inkey, &v->label, 1, out, len) ||
		       !vec_is(v->out[i].value, out, len);
	}
	ktap_ok(v->n_out && !bad, "PRF %d, inkey of %d bits", (int)v->prf, (int)v->inkey_bits);
}

/* one label in pieces is the same label */
static void prf_spans_test(const struct vec_rfc3830_prf *v)
{
	struct dmk_span label[6];
	unsigned int i;
	u8 out[64];

	for (i = 0; i < 6; i++)
		label[i] = DMK_SPAN(v->label.data + i * 4, i < 5 ? 4 : v->label.len - 20);
	for (i = 0; i < v->n_out; i++)
		if (v->out[i].key == 64)
			break;
	ktap_ok(i < v->n_out && !dmk_prf(c, v->prf, v->inkey, label, 6, out, 64) &&
		vec_is(v->out[i].value, out, 64), "PRF %d: a label of six spans", (int)v->prf);
	ktap_ok(dmk_prf(c, v->prf, v->inkey, label, 7, out, 64),
		"PRF %d: a label of seven spans is refused", (int)v->prf);
	ktap_ok(dmk_prf(c, v->prf, none, label, 1, out, 64),
		"PRF %d: an empty inkey is refused", (int)v->prf);
}

static void psk_keys_test(const struct vec_rfc3830_keys_from_psk *v, unsigned int i)
{
	struct dmk_msg_keys k;
	u32 csb_id = vec_be(v->csb_id);

	ktap_ok(!dmk_msg_keys(c, v->prf, 32, 32, v->psk, csb_id, v->rand, &k) &&
		vec_is(v->encr_key_256, k.encr, 32) && vec_is(v->auth_key_256, k.auth, 32) &&
		vec_is(v->salt_key_112, k.salt, 14) && vec_is(v->salt_key_64_aeskw, k.salt, 8),
		"keys from PSK %u: 256 bits", i);
	ktap_ok(!dmk_msg_keys(c, v->prf, 16, 20, v->psk, csb_id, v->rand, &k) &&
		vec_is(v->encr_key_128, k.encr, 16) && vec_is(v->auth_key_160, k.auth, 20) &&
		vec_is(v->salt_key_112, k.salt, 14), "keys from PSK %u: 128 and 160 bits", i);
}

static bool derives(const struct vec_rfc3830_keys_from_tgk *v, u32 constant, struct dmk_span want)
{
	u8 out[32];

	return want.len && want.len <= sizeof(out) &&
	       !dmk_derive(c, v->prf, v->tgk, constant, v->cs_id, vec_be(v->csb_id), v->rand,
			   none, out, want.len) &&
	       vec_is(want, out, want.len);
}

static void tgk_keys_test(const struct vec_rfc3830_keys_from_tgk *v, unsigned int i)
{
	ktap_ok(derives(v, DMK_LABEL_TEK, v->tek_128) && derives(v, DMK_LABEL_TEK, v->tek_256) &&
		derives(v, DMK_LABEL_TEK_AUTH, v->auth_160) &&
		derives(v, DMK_LABEL_TEK_AUTH, v->auth_256) &&
		derives(v, DMK_LABEL_TEK_ENCR, v->encr_128) &&
		derives(v, DMK_LABEL_TEK_ENCR, v->encr_256) &&
		derives(v, DMK_LABEL_TEK_SALT, v->salt_112), "keys from TGK %u", i);
}

static void diversify_test(const struct vec_dmikey_components_psk_diversification *v,
			   unsigned int i)
{
	u8 psk[DMK_PSK_LEN];

	ktap_ok(!dmk_psk_diversify(c, v->master.data, v->generation, v->id_tp, v->id_i, psk) &&
		vec_is(v->psk, psk, sizeof(psk)), "PSK %u from a master key", i);
}

/* ---- the key schedule of whole sessions */

/* behind Policy no, Prot type and a length of 16 bits */
static bool session_policy(const struct vec_dmikey_sessions_session *s, struct dmk_esp_policy *p)
{
	return !dmk_esp_policy_parse(DMK_SPAN(s->sp_body.data + 4, s->sp_body.len - 4), p);
}

/* without SP an update changes nothing */
static bool update_policy(const struct vec_dmikey_sessions_updates *u, struct dmk_esp_policy *p)
{
	static struct dmk_message m;

	if (dmk_message_parse(&m, DMK_AT_R, u->u_r.message.data, u->u_r.message.len))
		return false;
	return !m.n_sp || !dmk_esp_policy_parse(m.sp[0].param, p);
}

static bool esp_is(const struct dmk_esp_keys *k, const struct vec_dmikey_sessions_esp *e)
{
	if (e->key.data)
		return !k->integ_len && vec_is(e->key, k->cipher_key, k->cipher_len) &&
		       vec_is(e->salt, k->salt, k->salt_len);
	return !k->salt_len && vec_is(e->encr_key, k->cipher_key, k->cipher_len) &&
	       vec_is(e->integ_key, k->integ_key, k->integ_len);
}

static void update_test(const struct vec_dmikey_sessions *v,
			const struct vec_dmikey_sessions_updates *u, struct dmk_esp_policy *p)
{
	const struct vec_dmikey_sessions_session *s = &v->session;
	struct dmk_esp_keys k;
	struct dmk_msg_keys m;
	u32 csb_id = vec_be(s->csb);
	unsigned int i;
	u8 out[32];

	ktap_ok(!dmk_msg_keys(c, DMK_PRF_SHA256, 16, 32, u->psk_k_update, csb_id,
			      s->rand, &m) &&
		vec_is(u->u_r.encr_key, m.encr, 16) && vec_is(u->u_r.auth_key, m.auth, 32) &&
		vec_is(u->u_r.salt, m.salt, 14) && vec_is(u->r_u.v_key, m.auth, 32),
		"%s: keys of messages 6 and 7 (%s)", v->name, u->description);
	ktap_ok(!dmk_key_update(c, u->tgk, csb_id, s->rand, u->randr, out) &&
		vec_is(u->k_update_new, out, 32), "%s: the next K_update (%s)", v->name, u->description);

	ktap_ok(update_policy(u, p), "%s: policy (%s)", v->name, u->description);
	for (i = 0; i < u->n_esp; i++)
		ktap_ok(!dmk_esp_keys(c, p, u->esp[i].cs, u->tgk, csb_id, s->rand, u->randr, &k) &&
			vec_is(u->esp[i].key, k.cipher_key, k.cipher_len) &&
			vec_is(u->esp[i].salt, k.salt, k.salt_len),
			"%s: ESP keys of CS %u (%s)", v->name, (unsigned int)u->esp[i].cs,
			u->description);
}

static void party_test(const struct vec_dmikey_sessions *v,
		       const struct vec_dmikey_sessions_third_parties *tp)
{
	const struct vec_dmikey_sessions_session *s = &v->session;
	u32 csb_id = vec_be(s->csb);
	struct dmk_msg_keys k;
	u8 psk[DMK_PSK_LEN];

	if (tp->psk_from.master.data)
		ktap_ok(!dmk_psk_diversify(c, tp->psk_from.master.data, tp->psk_from.generation,
					   tp->id.data, s->idi.data, psk) &&
			vec_is(tp->psk, psk, sizeof(psk)), "%s: PSK of %s", v->name, tp->tp);
	ktap_ok(!dmk_msg_keys(c, DMK_PRF_SHA256, 16, 32, tp->psk, csb_id, s->rand, &k) &&
		vec_is(tp->i_tp.encr_key, k.encr, 16) && vec_is(tp->i_tp.auth_key, k.auth, 32) &&
		vec_is(tp->i_tp.salt, k.salt, 14), "%s: keys of message 1 to %s", v->name, tp->tp);
	if (!tp->tp_r.message.data)
		return;
	ktap_ok(!dmk_msg_keys(c, DMK_PRF_SHA256, 16, 32, tp->tp_r.env_key, csb_id, s->rand, &k) &&
		vec_is(tp->tp_r.encr_key, k.encr, 16) && vec_is(tp->tp_r.auth_key, k.auth, 32) &&
		vec_is(tp->tp_r.salt, k.salt, 14), "%s: keys of message 3 of %s", v->name, tp->tp);
}

static void session_test(const struct vec_dmikey_sessions *v)
{
	const struct vec_dmikey_sessions_session *s = &v->session;
	u32 csb_id = vec_be(s->csb);
	struct dmk_esp_policy p;
	struct dmk_esp_keys k;
	unsigned int i;
	u8 out[32];

	for (i = 0; i < v->n_third_parties; i++)
		party_test(v, &v->third_parties[i]);
	ktap_ok(!dmk_key_commit(c, s->tgk, csb_id, s->rand, out) && vec_is(s->k_commit, out, 32),
		"%s: K_commit", v->name);
	ktap_ok(!dmk_key_auth5(c, s->tgk, csb_id, s->rand, out) &&
		vec_is(v->auth_key_msg5, out, 32), "%s: auth_key of message 5", v->name);
	ktap_ok(!dmk_key_update(c, s->tgk, csb_id, s->rand, v->randr, out) &&
		vec_is(v->k_update, out, 32), "%s: K_update", v->name);

	ktap_ok(session_policy(s, &p), "%s: policy", v->name);
	for (i = 0; i < v->n_esp; i++)
		ktap_ok(!dmk_esp_keys(c, &p, v->esp[i].cs, s->tgk, csb_id, s->rand, v->randr, &k) &&
			esp_is(&k, &v->esp[i]), "%s: ESP keys of CS %u", v->name,
			(unsigned int)v->esp[i].cs);
	ktap_ok(v->n_esp == 2, "%s: two crypto sessions", v->name);
	for (i = 0; i < v->n_updates; i++)
		update_test(v, &v->updates[i], &p);
}

/* RFC 3830 4.1.2 XORs the blocks of a long key: equal ones cancel */
static void sound_test(void)
{
	u8 key[96] = { 0 }, out[32], zero[32] = { 0 };
	const struct dmk_span label = DMK_SPAN("label", 5);

	memset(key + 32, 1, 32);
	memset(key + 64, 2, 32);
	ktap_ok(dmk_key_sound(DMK_SPAN(key, 96)) && dmk_key_sound(DMK_SPAN(key, 32)) &&
		dmk_key_sound(DMK_SPAN(key, 16)), "key: blocks that differ are sound");
	key[95] = 1;
	ktap_ok(dmk_key_sound(DMK_SPAN(key, 96)), "key: one byte's difference is sound");
	memset(key + 64, 0, 32);
	ktap_ok(!dmk_key_sound(DMK_SPAN(key, 96)), "key: equal blocks are not");
	memset(key + 32, 0, 32);
	ktap_ok(!dmk_prf(c, DMK_PRF_SHA256, DMK_SPAN(key, 64), &label, 1, out, 32) &&
		!memcmp(out, zero, 32) && !dmk_key_sound(DMK_SPAN(key, 64)),
		"key: x || x gives a PRF of zeros and is not sound");
	memset(key, 7, 20);
	memset(key + 32, 7, 20);
	ktap_ok(!dmk_prf(c, DMK_PRF_SHA256, DMK_SPAN(key, 52), &label, 1, out, 32) &&
		!memcmp(out, zero, 32) && !dmk_key_sound(DMK_SPAN(key, 52)),
		"key: a short last block that HMAC pads to an earlier one is not sound");
}

static void kdf_test(void)
{
	unsigned int i;

	c = test_crypto_new();
	if (!ktap_ok(c, "crypto backend"))
		return;
	for (i = 0; i < vec_rfc3830.n_prf; i++)
		prf_test(&vec_rfc3830.prf[i]);
	prf_spans_test(&vec_rfc3830.prf[0]);
	for (i = 0; i < vec_rfc3830.n_keys_from_psk; i++)
		psk_keys_test(&vec_rfc3830.keys_from_psk[i], i);
	for (i = 0; i < vec_rfc3830.n_keys_from_tgk; i++)
		tgk_keys_test(&vec_rfc3830.keys_from_tgk[i], i);
	for (i = 0; i < vec_dmikey.components.n_psk_diversification; i++)
		diversify_test(&vec_dmikey.components.psk_diversification[i], i);
	for (i = 0; i < vec_dmikey.n_sessions; i++)
		session_test(&vec_dmikey.sessions[i]);
	sound_test();
	test_crypto_free(c);
}

KTAP_MAIN(kdf_test)
