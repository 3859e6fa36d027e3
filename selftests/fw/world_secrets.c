// SPDX-License-Identifier: GPL-2.0
/* What the newest session rests on, told to who looks for it in the board's memory. */
#include "world.h"

static struct dmk_message m, r_i;

static void tell(struct world *w, const char *label, const u8 *p, size_t len)
{
	world_say(w, "secret", "\"label\":\"%s\",\"hex\":\"%s\"", label, world_hex(p, len));
}

static void tell_shares(struct world *w, const struct world_attempt *a)
{
	unsigned int i;

	for (i = 0; i < m.share.k; i++)
		tell(w, "coefficient", a->coeff[i], DMK_SHARE_LEN);
	for (i = 0; i < a->n_points; i++)
		tell(w, "share", a->point[i].y, DMK_SHARE_LEN);
}

/* of message 1 to each third party that was asked */
static void tell_message_keys(struct world *w, const struct world_attempt *a)
{
	struct dmk_msg_keys keys;
	unsigned int i;

	for (i = 0; i < w->conf.m; i++) {
		if (!a->x[i])
			continue;
		if (dmk_msg_keys(w->c, DMK_PRF_SHA256, 16, 32,
				 DMK_SPAN(w->conf.party[i].psk, DMK_PSK_LEN), a->csb_id, m.rand,
				 &keys))
			world_die("keys failed");
		tell(w, "encr_key", keys.encr, 16);
		tell(w, "auth_key", keys.auth, 32);
	}
}

static void tell_tgk(struct world *w, const struct world_attempt *a)
{
	u8 tgk[DMK_TGK_MAX], key[32];
	u32 len = dmk_share_tgk(w->c, m.share.scheme, (const u8 (*)[DMK_SHARE_LEN])a->coeff,
				m.share.k, tgk);
	struct dmk_span span = DMK_SPAN(tgk, len);

	tell(w, "TGK", tgk, len);
	if (dmk_key_auth5(w->c, span, a->csb_id, m.rand, key))
		world_die("auth_key failed");
	tell(w, "auth_key-5", key, sizeof(key));
	if (dmk_key_commit(w->c, span, a->csb_id, m.rand, key))
		world_die("K_commit failed");
	tell(w, "K_commit", key, sizeof(key));
	if (dmk_message_parse(&r_i, DMK_AT_I, a->answer, a->answer_len) ||
	    dmk_key_update(w->c, span, a->csb_id, m.rand, r_i.randr, key))
		world_die("K_update failed");
	tell(w, "K_update", key, sizeof(key));
}

bool world_secrets(struct world *w)
{
	struct world_session *s = world_newest(w);

	if (!s || !s->attempt || dmk_message_parse(&m, DMK_AT_TP, s->attempt->first,
						    s->attempt->first_len))
		return false;
	tell_shares(w, s->attempt);
	tell_message_keys(w, s->attempt);
	tell_tgk(w, s->attempt);
	tell(w, "ESP-key", s->in.keys.cipher_key, s->in.keys.cipher_len);
	tell(w, "ESP-key", s->out.keys.cipher_key, s->out.keys.cipher_len);
	return true;
}
