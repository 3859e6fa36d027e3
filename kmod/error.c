// SPDX-License-Identifier: GPL-2.0
/* Error messages. */

#include "error.h"
#include "netns.h"
#include "seal.h"

void dmk_error_hint(struct dmk_net *dn, const struct dmk_addr *to,
		    const struct dmk_message *m, u8 error)
{
	struct dmk_writer w;
	u8 out[32];

	dmk_writer_init(&w, out, sizeof(out));
	dmk_build_hdr_0cs(&w, DMK_DT_ERR, m->hdr.prf, m->hdr.csb_id);
	dmk_emit_t(&w, &m->t);
	dmk_emit_err(&w, error);
	if (!w.full && w.len <= m->raw.len)
		dmk_socket_send(dn, to, out, w.len);
}

/* protocol.md 2: SP payloads with Policy no 0, 1, 2 ... */
static void emit_policies(struct dmk_writer *w, const struct dmk_rule *rule)
{
	/* any is allowed: the default, by its cipher's name */
	static const u8 preset[] = { 0, 2, 0, DMK_ESP_AES_CCM_8 };
	u8 param[64];
	u8 i;

	if (!rule->n_policies)
		dmk_emit_sp(w, 0, DMK_PROT_ESP, DMK_SPAN(preset, sizeof(preset)));
	for (i = 0; i < rule->n_policies; i++)
		dmk_emit_sp(w, i, DMK_PROT_ESP,
			    DMK_SPAN(param, dmk_esp_policy_emit(&rule->policies[i], param)));
}

u32 dmk_error_build(struct dmk_crypto *c, const struct dmk_refusal *e, u8 *out)
{
	struct dmk_writer w;

	dmk_writer_init(&w, out, DMK_ERROR_ROOM);
	dmk_build_hdr_0cs(&w, DMK_DT_ERR, DMK_PRF_SHA256, e->csb_id);
	dmk_emit_t(&w, &e->t);
	dmk_emit_err(&w, e->error);
	if (e->rule)
		emit_policies(&w, e->rule);
	if (dmk_seal_v(c, &w, e->auth_key, &e->idi, &e->idr, e->t.value) || w.full)
		return 0;
	return w.len;
}
