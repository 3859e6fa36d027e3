// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>

#include "accept.h"
#include "esp.h"
#include "kdf.h"
#include "states.h"
#include "vector.h"

static const struct {
	u16 id;
	const char *name;
	unsigned int icv_bits;
} ciphers[] = {
	{ DMK_ESP_AES_CBC, "cbc(aes)", 0 },
	{ DMK_ESP_AES_CCM_8, "rfc4309(ccm(aes))", 64 },
	{ DMK_ESP_AES_CCM_16, "rfc4309(ccm(aes))", 128 },
	{ DMK_ESP_AES_GCM_8, "rfc4106(gcm(aes))", 64 },
	{ DMK_ESP_AES_GCM_16, "rfc4106(gcm(aes))", 128 },
	{ DMK_ESP_CHACHA20_POLY1305, "rfc7539esp(chacha20,poly1305)", 128 },
};

static bool keys_are_right(struct meeting *t, const struct state *x, u8 cs)
{
	session_t *s = t->s;
	struct dmk_esp_keys k;
	unsigned int i = 0;
	u8 key[64];

	while (i < ARRAY_SIZE(ciphers) && ciphers[i].id != t->policy.cipher)
		i++;
	if (!check(i < ARRAY_SIZE(ciphers)) ||
	    !check(!dmk_esp_keys(t->c, &t->policy, cs, s->session.tgk,
				 t->m.hdr.csb_id, s->session.rand, t->r_i.randr, &k)))
		return false;
	memcpy(key, k.cipher_key, k.cipher_len);
	memcpy(key + k.cipher_len, k.salt, k.salt_len);
	return check(!strcmp(x->alg, ciphers[i].name)) &&
	       check(x->icv_bits == ciphers[i].icv_bits) &&
	       check(vec_is(DMK_SPAN(key, k.cipher_len + k.salt_len), x->key, x->key_len)) &&
	       check(k.integ_len ? !strcmp(x->integ, "hmac(sha256)") && x->integ_bits == 128 :
				   !x->integ[0]) &&
	       check(vec_is(DMK_SPAN(k.integ_key, k.integ_len), x->integ_key, x->integ_len));
}

static bool addresses_are_right(struct meeting *t, const struct state *x, bool inbound)
{
	struct lab_addr r = lab_addr(t->sd.family == 4 ? "192.0.2.100" : "2001:db8::100", 0);
	const u8 *ours = t->sd.family == 4 ? r.ip + 12 : r.ip;
	const struct xfrm_usersa_info *i = &x->info;
	const void *from = inbound ? t->sd.addr : ours, *to = inbound ? ours : t->sd.addr;
	u32 len = t->sd.family == 4 ? 4 : 16;

	return check(i->family == (t->sd.family == 4 ? AF_INET : AF_INET6)) &&
	       check(!memcmp(&i->saddr, from, len)) && check(!memcmp(&i->id.daddr, to, len)) &&
	       check(!memcmp(&i->sel.saddr, from, len)) && check(!memcmp(&i->sel.daddr, to, len)) &&
	       check(i->sel.prefixlen_s == 8 * len) && check(i->sel.prefixlen_d == 8 * len);
}

static bool ports_are_right(struct meeting *t, const struct state *x, bool inbound)
{
	u16 sport = inbound ? t->sd.i_port : t->sd.r_port;
	u16 dport = inbound ? t->sd.r_port : t->sd.i_port;
	u16 encap = t->sd.encap_port;
	const struct xfrm_selector *sel = &x->info.sel;

	return check(sel->proto == t->sd.proto) &&
	       check(ntohs(sel->sport) == sport && sel->sport_mask == (sport ? 0xffff : 0)) &&
	       check(ntohs(sel->dport) == dport && sel->dport_mask == (dport ? 0xffff : 0)) &&
	       check(x->encap_sport == (!encap ? 0 : inbound ? encap : 4500)) &&
	       check(x->encap_dport == (!encap ? 0 : inbound ? 4500 : encap));
}

static bool policy_is_right(struct meeting *t, const struct state *x)
{
	const struct xfrm_usersa_info *i = &x->info;

	return check(i->mode == (t->policy.tunnel ? XFRM_MODE_TUNNEL : XFRM_MODE_TRANSPORT)) &&
	       check(!(i->flags & XFRM_STATE_ESN) == !t->policy.esn) &&
	       check(i->lft.hard_add_expires_seconds == t->policy.life_seconds) &&
	       check(i->lft.hard_packet_limit == t->policy.life_packets) &&
	       check(x->window == t->policy.window) && check(i->reqid == DEVICE_REQID);
}

static bool state_is_right(struct meeting *t, const struct state *x, bool inbound)
{
	return keys_are_right(t, x, inbound ? 1 : 2) & addresses_are_right(t, x, inbound) &
	       ports_are_right(t, x, inbound) & policy_is_right(t, x);
}

bool accept_states(struct meeting *t)
{
	struct state x[STATES_MAX];
	unsigned int i, n = states_list(x), found = 0;

	for (i = 0; i < n; i++) {
		u32 spi = ntohl(x[i].info.id.spi);

		if (spi == t->live.spi_in || spi == t->live.spi_out)
			found += state_is_right(t, &x[i], spi == t->live.spi_in);
	}
	return check(n == (t->collision ? 3 : 2)) && check(found == 2);
}
