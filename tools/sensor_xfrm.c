// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <linux/netlink.h>
#include <linux/xfrm.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>

#include "sensor_xfrm.h"

#define REQID 0x646d6b		/* ties the policies to the states */

struct sensor_xfrm {
	const struct sensor_conf *conf;
	struct nl_sock *sock;
	bool has_states, has_policies, has_before;
	u32 spi[2], before;	/* @before: inbound, of the session or update before */
	bool heard;		/* on_lifetime(): the state has seen a packet */
	bool acked;		/* on_ack() */
	char why[128];		/* the kernel's words about the last refusal */
};

/* ---- pieces */

static void put_addr(xfrm_address_t *out, const union sensor_addr *a)
{
	struct dmk_span octets = sensor_addr_octets(a);

	memset(out, 0, sizeof(*out));
	memcpy(out, octets.data, octets.len);
}

/* what ESP protects in one direction */
static void fill_selector(const struct sensor_conf *c, bool out, struct xfrm_selector *sel)
{
	u16 r = htons(c->r_port), i = htons(c->i_port);

	memset(sel, 0, sizeof(*sel));
	sel->family = c->local.sa.sa_family;
	sel->prefixlen_s = sel->prefixlen_d = sel->family == AF_INET ? 32 : 128;
	put_addr(&sel->saddr, out ? &c->local : &c->responder);
	put_addr(&sel->daddr, out ? &c->responder : &c->local);
	sel->proto = c->proto;
	sel->sport = out ? i : r;
	sel->dport = out ? r : i;
	sel->sport_mask = sel->sport ? 0xFFFF : 0;
	sel->dport_mask = sel->dport ? 0xFFFF : 0;
}

static void fill_lifetime(struct xfrm_lifetime_cfg *l, u64 seconds, u64 packets)
{
	memset(l, 0, sizeof(*l));
	l->soft_byte_limit = l->hard_byte_limit = XFRM_INF;
	l->soft_packet_limit = XFRM_INF;
	l->hard_packet_limit = packets;
	l->hard_add_expires_seconds = seconds;
}

static u16 icv_bits(u16 cipher)
{
	return cipher == DMK_ESP_AES_CCM_8 || cipher == DMK_ESP_AES_GCM_8 ? 64 : 128;
}

static const char *aead_name(u16 cipher)
{
	switch (cipher) {
	case DMK_ESP_AES_CCM_8:
	case DMK_ESP_AES_CCM_16:
		return "rfc4309(ccm(aes))";
	case DMK_ESP_AES_GCM_8:
	case DMK_ESP_AES_GCM_16:
		return "rfc4106(gcm(aes))";
	default:
		return "rfc7539esp(chacha20,poly1305)";
	}
}

/* cipher key || salt, as the kernel wants it */
static int put_aead(struct nl_msg *msg, u16 cipher, const struct dmk_esp_keys *k)
{
	u32 len = k->cipher_len + k->salt_len;
	struct xfrm_algo_aead *a;
	struct nlattr *attr;

	attr = nla_reserve(msg, XFRMA_ALG_AEAD, sizeof(*a) + len);
	if (!attr)
		return -NLE_NOMEM;
	a = nla_data(attr);
	memset(a, 0, sizeof(*a));
	strcpy(a->alg_name, aead_name(cipher));
	a->alg_key_len = len * 8;
	a->alg_icv_len = icv_bits(cipher);
	memcpy(a->alg_key, k->cipher_key, k->cipher_len);
	memcpy(a->alg_key + k->cipher_len, k->salt, k->salt_len);
	return 0;
}

static int put_cbc(struct nl_msg *msg, const struct dmk_esp_keys *k)
{
	struct xfrm_algo_auth *auth;
	struct xfrm_algo *crypt;
	struct nlattr *attr;

	attr = nla_reserve(msg, XFRMA_ALG_CRYPT, sizeof(*crypt) + k->cipher_len);
	if (!attr)
		return -NLE_NOMEM;
	crypt = nla_data(attr);
	memset(crypt, 0, sizeof(*crypt));
	strcpy(crypt->alg_name, "cbc(aes)");
	crypt->alg_key_len = k->cipher_len * 8;
	memcpy(crypt->alg_key, k->cipher_key, k->cipher_len);

	attr = nla_reserve(msg, XFRMA_ALG_AUTH_TRUNC, sizeof(*auth) + k->integ_len);
	if (!attr)
		return -NLE_NOMEM;
	auth = nla_data(attr);
	memset(auth, 0, sizeof(*auth));
	strcpy(auth->alg_name, "hmac(sha256)");
	auth->alg_key_len = k->integ_len * 8;
	auth->alg_trunc_len = 128;
	memcpy(auth->alg_key, k->integ_key, k->integ_len);
	return 0;
}

/* a window above 32 packets, or ESN, has its own attribute */
static int put_window(struct nl_msg *msg, const struct dmk_esp_policy *p)
{
	u32 words = (p->window + 31) / 32;
	struct xfrm_replay_state_esn *r;
	struct nlattr *attr;

	attr = nla_reserve(msg, XFRMA_REPLAY_ESN_VAL, sizeof(*r) + words * sizeof(u32));
	if (!attr)
		return -NLE_NOMEM;
	r = nla_data(attr);
	memset(r, 0, sizeof(*r) + words * sizeof(u32));
	r->bmp_len = words;
	r->replay_window = p->window;
	return 0;
}

/* ---- requests */

static int fail(const char *what, const char *why)
{
	fprintf(stderr, "dmikey-sensor: %s: %s\n", what, why);
	return -1;
}

/* the error number, and the kernel's own words if it has some */
static int on_error(struct sockaddr_nl *who __attribute__((unused)), struct nlmsgerr *e,
		    void *arg)
{
	struct sensor_xfrm *x = arg;
	const struct nlmsghdr *h = (const struct nlmsghdr *)((const char *)e - NLMSG_HDRLEN);
	struct nlattr *words;

	snprintf(x->why, sizeof(x->why), "%s", strerror(-e->error));
	if ((h->nlmsg_flags & (NLM_F_ACK_TLVS | NLM_F_CAPPED)) ==
	    (NLM_F_ACK_TLVS | NLM_F_CAPPED)) {
		words = nla_find((struct nlattr *)(e + 1), nlmsg_datalen(h) - sizeof(*e),
				 NLMSGERR_ATTR_MSG);
		if (words)
			snprintf(x->why, sizeof(x->why), "%s", nla_get_string(words));
	}
	return NL_STOP;
}

static int on_ack(struct nl_msg *msg __attribute__((unused)), void *arg)
{
	struct sensor_xfrm *x = arg;

	x->acked = true;
	return NL_STOP;
}

/* sends, wipes (keys may be in it) and waits for the kernel's answer, which is an
 * error or an ACK; a lifetime that was asked for comes before that
 */
static int talk(struct sensor_xfrm *x, struct nl_msg *msg)
{
	struct nlmsghdr *h = nlmsg_hdr(msg);
	int err = nl_send_auto(x->sock, msg);

	snprintf(x->why, sizeof(x->why), "%s", err < 0 ? nl_geterror(err) : "");
	explicit_bzero(NLMSG_DATA(h), h->nlmsg_len - NLMSG_HDRLEN);
	nlmsg_free(msg);
	x->acked = false;
	while (err >= 0 && !x->acked)
		err = nl_recvmsgs_default(x->sock);
	return err < 0 ? err : 0;
}

static bool has_big_window(const struct dmk_esp_policy *p)
{
	return p->window && (p->esn || p->window > 32);
}

static void fill_state(const struct sensor_conf *c, const struct dmk_sa_pair *sa, bool out,
		       struct xfrm_usersa_info *s)
{
	const struct dmk_esp_policy *p = &sa->policy;

	memset(s, 0, sizeof(*s));
	fill_selector(c, out, &s->sel);
	put_addr(&s->saddr, out ? &c->local : &c->responder);
	put_addr(&s->id.daddr, out ? &c->responder : &c->local);
	s->id.spi = htonl(sa->spi[out ? 0 : 1]);
	s->id.proto = IPPROTO_ESP;
	s->family = c->local.sa.sa_family;
	s->reqid = REQID;
	s->mode = p->tunnel ? XFRM_MODE_TUNNEL : XFRM_MODE_TRANSPORT;
	s->flags = p->esn ? XFRM_STATE_ESN : 0;
	s->replay_window = has_big_window(p) ? 0 : p->window;
	fill_lifetime(&s->lft, p->life_seconds, p->life_packets);
}

/* CS 1 is I to R, CS 2 is R to I: protocol.md 4 */
static int add_state(struct sensor_xfrm *x, const struct dmk_sa_pair *sa, bool out)
{
	const struct dmk_esp_keys *k = &sa->keys[out ? 0 : 1];
	struct xfrm_usersa_info s;
	struct nl_msg *msg;
	int err;

	fill_state(x->conf, sa, out, &s);
	msg = nlmsg_alloc_simple(XFRM_MSG_NEWSA, NLM_F_CREATE | NLM_F_EXCL);
	if (!msg)
		return -NLE_NOMEM;
	err = nlmsg_append(msg, &s, sizeof(s), NLMSG_ALIGNTO);
	if (!err)
		err = sa->policy.cipher == DMK_ESP_AES_CBC ?
			put_cbc(msg, k) : put_aead(msg, sa->policy.cipher, k);
	if (!err && has_big_window(&sa->policy))
		err = put_window(msg, &sa->policy);
	if (!err)
		return talk(x, msg);
	explicit_bzero(nlmsg_data(nlmsg_hdr(msg)), nlmsg_datalen(nlmsg_hdr(msg)));
	nlmsg_free(msg);
	return err;
}

static void name_state(const struct sensor_conf *c, u32 spi, bool out, struct xfrm_usersa_id *id)
{
	id->spi = htonl(spi);
	id->family = c->local.sa.sa_family;
	id->proto = IPPROTO_ESP;
	put_addr(&id->daddr, out ? &c->responder : &c->local);
}

static int del_state(struct sensor_xfrm *x, u32 spi, bool out)
{
	struct nl_msg *msg = nlmsg_alloc_simple(XFRM_MSG_DELSA, 0);
	struct xfrm_usersa_id id = { };

	if (!msg)
		return -NLE_NOMEM;
	name_state(x->conf, spi, out, &id);
	nlmsg_append(msg, &id, sizeof(id), NLMSG_ALIGNTO);
	return talk(x, msg);
}

/* of the state from the responder; a state that is asked for whole would come with its keys */
static int ask_lifetime(struct sensor_xfrm *x, u32 spi)
{
	struct nl_msg *msg = nlmsg_alloc_simple(XFRM_MSG_GETAE, 0);
	struct xfrm_aevent_id id = { };

	if (!msg)
		return -NLE_NOMEM;
	name_state(x->conf, spi, false, &id.sa_id);
	nlmsg_append(msg, &id, sizeof(id), NLMSG_ALIGNTO);
	return talk(x, msg);
}

static int add_policy(struct sensor_xfrm *x, const struct dmk_esp_policy *p, bool out)
{
	const struct sensor_conf *c = x->conf;
	struct xfrm_userpolicy_info info = {
		.dir = out ? XFRM_POLICY_OUT : XFRM_POLICY_IN,
		.action = XFRM_POLICY_ALLOW,
		.share = XFRM_SHARE_ANY,
	};
	struct xfrm_user_tmpl t = {
		.id.proto = IPPROTO_ESP,
		.family = c->local.sa.sa_family,
		.reqid = REQID,
		.mode = p->tunnel ? XFRM_MODE_TUNNEL : XFRM_MODE_TRANSPORT,
		.aalgos = ~0, .ealgos = ~0, .calgos = ~0,
	};
	/* in place of one that a killed sensor left behind */
	struct nl_msg *msg = nlmsg_alloc_simple(XFRM_MSG_UPDPOLICY, 0);

	if (!msg)
		return -NLE_NOMEM;
	fill_selector(c, out, &info.sel);
	fill_lifetime(&info.lft, 0, XFRM_INF);
	if (p->tunnel) {
		put_addr(&t.saddr, out ? &c->local : &c->responder);
		put_addr(&t.id.daddr, out ? &c->responder : &c->local);
	}
	nlmsg_append(msg, &info, sizeof(info), NLMSG_ALIGNTO);
	nla_put(msg, XFRMA_TMPL, sizeof(t), &t);
	return talk(x, msg);
}

static int del_policy(struct sensor_xfrm *x, bool out)
{
	struct xfrm_userpolicy_id id = { .dir = out ? XFRM_POLICY_OUT : XFRM_POLICY_IN };
	struct nl_msg *msg = nlmsg_alloc_simple(XFRM_MSG_DELPOLICY, 0);

	if (!msg)
		return -NLE_NOMEM;
	fill_selector(x->conf, out, &id.sel);
	nlmsg_append(msg, &id, sizeof(id), NLMSG_ALIGNTO);
	return talk(x, msg);
}

/* ---- a session */

static int add_policies(struct sensor_xfrm *x, const struct dmk_esp_policy *p)
{
	int err;

	if (x->has_policies)
		return 0;
	err = add_policy(x, p, true);
	if (err)
		return fail("policy for readings", x->why);
	err = add_policy(x, p, false);
	if (err) {
		fail("policy from the responder", x->why);
		del_policy(x, true);
		return err;
	}
	x->has_policies = true;
	return 0;
}

static void del_before(struct sensor_xfrm *x)
{
	if (x->has_before)
		del_state(x, x->before, false);
	x->has_before = false;
}

static void del_states(struct sensor_xfrm *x)
{
	del_before(x);
	if (x->has_states) {
		del_state(x, x->spi[0], true);
		del_state(x, x->spi[1], false);
	}
	x->has_states = false;
}

/* from now on I sends through the new state; R does once it has heard from it */
static void make_before(struct sensor_xfrm *x)
{
	if (!x->has_states)
		return;
	del_before(x);
	del_state(x, x->spi[0], true);
	x->before = x->spi[1];
	x->has_before = true;
}

int sensor_xfrm_install(struct sensor_xfrm *x, const struct dmk_sa_pair *sa)
{
	int err;

	err = add_state(x, sa, true);
	if (err)
		return fail("state towards the responder", x->why);
	err = add_state(x, sa, false);
	if (err) {
		fail("state from the responder", x->why);
		del_state(x, sa->spi[0], true);
		return err;
	}
	err = add_policies(x, &sa->policy);
	if (err) {
		del_state(x, sa->spi[0], true);
		del_state(x, sa->spi[1], false);
		return err;
	}
	make_before(x);
	memcpy(x->spi, sa->spi, sizeof(x->spi));
	x->has_states = true;
	return 0;
}

static int on_lifetime(struct nl_msg *msg, void *arg)
{
	struct nlattr *a = nlmsg_find_attr(nlmsg_hdr(msg), sizeof(struct xfrm_aevent_id),
					   XFRMA_LTIME_VAL);
	struct xfrm_lifetime_cur cur = { };
	struct sensor_xfrm *x = arg;

	if (a)
		nla_memcpy(&cur, a, sizeof(cur));
	x->heard = cur.packets;
	return NL_OK;
}

bool sensor_xfrm_settle(struct sensor_xfrm *x)
{
	if (!x->has_before)
		return false;
	x->heard = false;
	ask_lifetime(x, x->spi[1]);
	if (x->heard)
		del_before(x);
	return x->has_before;
}

bool sensor_xfrm_has_spi(const struct sensor_xfrm *x, u32 spi)
{
	return (x->has_states && (x->spi[0] == spi || x->spi[1] == spi)) ||
	       (x->has_before && x->before == spi);
}

/* refusals in words, and without an echo of the request: keys are in it */
static int connect_xfrm(struct sensor_xfrm *x)
{
	int err = nl_connect(x->sock, NETLINK_XFRM), one = 1, fd;

	if (err)
		return err;
	fd = nl_socket_get_fd(x->sock);
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	nl_socket_modify_cb(x->sock, NL_CB_VALID, NL_CB_CUSTOM, on_lifetime, x);
	nl_socket_modify_cb(x->sock, NL_CB_ACK, NL_CB_CUSTOM, on_ack, x);
	return nl_socket_modify_err_cb(x->sock, NL_CB_CUSTOM, on_error, x);
}

struct sensor_xfrm *sensor_xfrm_open(const struct sensor_conf *conf)
{
	struct sensor_xfrm *x = calloc(1, sizeof(*x));
	int err = -NLE_NOMEM;

	if (!x)
		return NULL;
	x->conf = conf;
	x->sock = nl_socket_alloc();
	if (x->sock)
		err = connect_xfrm(x);
	if (!err)
		return x;
	fail("no IPsec in this kernel (CONFIG_XFRM_USER)", nl_geterror(err));
	nl_socket_free(x->sock);
	free(x);
	return NULL;
}

void sensor_xfrm_close(struct sensor_xfrm *x)
{
	if (!x)
		return;
	if (x->has_policies) {
		del_policy(x, true);
		del_policy(x, false);
	}
	del_states(x);
	nl_socket_free(x->sock);
	free(x);
}

int sensor_xfrm_bypass(int fd, int family)
{
	struct xfrm_userpolicy_info p = { .action = XFRM_POLICY_ALLOW, .sel.family = family };
	int level = family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6;
	int name = family == AF_INET ? IP_XFRM_POLICY : IPV6_XFRM_POLICY;

	p.dir = XFRM_POLICY_OUT;
	if (setsockopt(fd, level, name, &p, sizeof(p)))
		return -errno;
	p.dir = XFRM_POLICY_IN;
	return setsockopt(fd, level, name, &p, sizeof(p)) ? -errno : 0;
}
