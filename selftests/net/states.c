// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <stdio.h>
#include <string.h>

#include "crypto.h"
#include "states.h"

struct list {
	struct state *s;
	unsigned int n;
};

static struct nl_sock *open_socket(void)
{
	struct nl_sock *sk = nl_socket_alloc();

	if (!sk || nl_connect(sk, NETLINK_XFRM))
		lab_die("no xfrm netlink: is xfrm_user loaded?");
	return sk;
}

static unsigned int take_key(u8 *to, unsigned int bits, const char *key)
{
	if (bits / 8 > 64)
		lab_die("a key of %u bits", bits);
	memcpy(to, key, bits / 8);
	return bits / 8;
}

static void read_aead(struct state *s, struct nlattr *attr)
{
	struct xfrm_algo_aead *a = attr ? nla_data(attr) : NULL;

	if (!a)
		return;
	snprintf(s->alg, sizeof(s->alg), "%s", a->alg_name);
	s->icv_bits = a->alg_icv_len;
	s->key_len = take_key(s->key, a->alg_key_len, a->alg_key);
}

static void read_cipher(struct state *s, struct nlattr *attr)
{
	struct xfrm_algo *a = attr ? nla_data(attr) : NULL;

	if (!a)
		return;
	snprintf(s->alg, sizeof(s->alg), "%s", a->alg_name);
	s->key_len = take_key(s->key, a->alg_key_len, a->alg_key);
}

static void read_integ(struct state *s, struct nlattr *attr)
{
	struct xfrm_algo_auth *a = attr ? nla_data(attr) : NULL;

	if (!a)
		return;
	snprintf(s->integ, sizeof(s->integ), "%s", a->alg_name);
	s->integ_bits = a->alg_trunc_len;
	s->integ_len = take_key(s->integ_key, a->alg_key_len, a->alg_key);
}

static void read_encap(struct state *s, struct nlattr *attr)
{
	struct xfrm_encap_tmpl *e = attr ? nla_data(attr) : NULL;

	if (!e)
		return;
	s->encap_sport = ntohs(e->encap_sport);
	s->encap_dport = ntohs(e->encap_dport);
}

static int read_state(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *h = nlmsg_hdr(msg);
	struct nlattr *tb[XFRMA_MAX + 1];
	struct xfrm_replay_state_esn *esn;
	struct list *l = arg;
	struct state *s = &l->s[l->n];

	if (nlmsg_parse(h, sizeof(s->info), tb, XFRMA_MAX, NULL))
		lab_die("an xfrm state without attributes");
	if (l->n++ >= STATES_MAX)
		return NL_OK;
	memset(s, 0, sizeof(*s));
	s->info = *(struct xfrm_usersa_info *)nlmsg_data(h);
	read_aead(s, tb[XFRMA_ALG_AEAD]);
	read_cipher(s, tb[XFRMA_ALG_CRYPT]);
	read_integ(s, tb[XFRMA_ALG_AUTH_TRUNC]);
	read_encap(s, tb[XFRMA_ENCAP]);
	esn = tb[XFRMA_REPLAY_ESN_VAL] ? nla_data(tb[XFRMA_REPLAY_ESN_VAL]) : NULL;
	s->window = esn ? esn->replay_window : s->info.replay_window;
	return NL_OK;
}

unsigned int states_list(struct state s[STATES_MAX])
{
	struct nl_sock *sk = open_socket();
	struct list l = { .s = s };
	struct xfrm_usersa_id id = { };
	int err;

	nl_socket_modify_cb(sk, NL_CB_VALID, NL_CB_CUSTOM, read_state, &l);
	err = nl_send_simple(sk, XFRM_MSG_GETSA, NLM_F_DUMP, &id, 0);
	if (err >= 0)
		err = nl_recvmsgs_default(sk);
	nl_socket_free(sk);
	if (err < 0)
		lab_die("xfrm states: %s", nl_geterror(err));
	return l.n;
}

static void set_address(xfrm_address_t *to, u16 *family, const char *text)
{
	struct lab_addr a = lab_addr(text, 0);

	*family = strchr(text, ':') ? AF_INET6 : AF_INET;
	if (*family == AF_INET6)
		memcpy(to, a.ip, 16);
	else
		memcpy(to, a.ip + 12, 4);
}

static void put_algorithm(struct nl_msg *m)
{
	struct {
		struct xfrm_algo_aead a;
		u8 key[20];
	} gcm = { .a = { .alg_name = "rfc4106(gcm(aes))", .alg_key_len = 160,
			 .alg_icv_len = 128 } };

	nla_put(m, XFRMA_ALG_AEAD, sizeof(gcm.a) + sizeof(gcm.key), &gcm);
}

void states_add(const char *from, const char *to, u32 spi)
{
	struct nl_msg *m = nlmsg_alloc_simple(XFRM_MSG_NEWSA, NLM_F_CREATE | NLM_F_EXCL |
					      NLM_F_ACK);
	struct xfrm_usersa_info sa = {
		.id = { .spi = htonl(spi), .proto = IPPROTO_ESP },
		.lft = { XFRM_INF, XFRM_INF, XFRM_INF, XFRM_INF },
	};
	struct nl_sock *sk = open_socket();
	int err;

	set_address(&sa.saddr, &sa.family, from);
	set_address(&sa.id.daddr, &sa.family, to);
	nlmsg_append(m, &sa, sizeof(sa), NLMSG_ALIGNTO);
	put_algorithm(m);
	err = nl_send_sync(sk, m);
	nl_socket_free(sk);
	if (err)
		lab_die("an xfrm state: %s", nl_geterror(err));
}
