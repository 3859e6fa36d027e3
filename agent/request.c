// SPDX-License-Identifier: GPL-2.0
/*
 * What the configuration says, as attributes of netlink requests. A request
 * has room for the longest (DMK_NETLINK_ROOM): what does not fit is a bug.
 */
#include <stdlib.h>
#include <string.h>

#include <netlink/attr.h>

#include "../kmod/uapi/dmikey.h"
#include "request.h"

static void put(struct nl_msg *msg, int attr, size_t len, const void *data)
{
	if (nla_put(msg, attr, len, data))
		abort();
}

static void put_u8(struct nl_msg *msg, int attr, uint8_t value)
{
	put(msg, attr, sizeof(value), &value);
}

static void put_u16(struct nl_msg *msg, int attr, uint16_t value)
{
	put(msg, attr, sizeof(value), &value);
}

static void put_u32(struct nl_msg *msg, int attr, uint32_t value)
{
	put(msg, attr, sizeof(value), &value);
}

static void put_u64(struct nl_msg *msg, int attr, uint64_t value)
{
	put(msg, attr, sizeof(value), &value);
}

static void put_flag(struct nl_msg *msg, int attr, bool value)
{
	if (value)
		put(msg, attr, 0, NULL);
}

static void put_text(struct nl_msg *msg, int attr, const char *text)
{
	put(msg, attr, strlen(text) + 1, text);
}

static struct nlattr *begin(struct nl_msg *msg, int attr)
{
	struct nlattr *nest = nla_nest_start(msg, attr);

	if (!nest)
		abort();
	nest->nla_type |= NLA_F_NESTED;
	return nest;
}

struct nl_msg *dmk_request_attributes(size_t room)
{
	struct nl_msg *msg = nlmsg_alloc_size(room);

	if (!msg || !nlmsg_put(msg, 0, 0, 0, 0, 0))
		abort();
	return msg;
}

void dmk_request_identity(struct nl_msg *msg, const struct dmk_identity *id)
{
	put_u8(msg, DMK_A_ID_TYPE, id->type);
	put(msg, DMK_A_ID, id->len, id->data);
}

static void put_certified(struct nl_msg *msg, uint8_t role, const struct dmk_certificate *cert)
{
	put_u8(msg, DMK_A_ROLE, role);
	put_u8(msg, DMK_A_ID_TYPE, cert->id_type);
	put(msg, DMK_A_ID, cert->id_len, cert->id);
	put_u64(msg, DMK_A_EXPIRES, cert->expires);
}

void dmk_request_local(struct nl_msg *msg, const struct dmk_local_conf *l)
{
	put_certified(msg, l->c.role, &l->c.cert);
	put_u32(msg, DMK_A_KEY, l->serial);
	put(msg, DMK_A_CERT, l->c.der_len, l->c.der);
}

void dmk_request_local_key(struct nl_msg *msg, uint8_t role, const struct dmk_identity *id)
{
	put_u8(msg, DMK_A_ROLE, role);
	dmk_request_identity(msg, id);
}

static void put_peer(struct nl_msg *msg, uint8_t role, const struct dmk_certificate *cert,
		     uint32_t suites)
{
	put_certified(msg, role, cert);
	put(msg, DMK_A_CERT_HASH, DMK_HASH_LEN, cert->hash);
	put(msg, DMK_A_PUBKEY, cert->pubkey_len, cert->pubkey);
	put_u32(msg, DMK_A_SUITES, suites);
}

void dmk_request_peer(struct nl_msg *msg, const struct dmk_peer_conf *p)
{
	put_peer(msg, p->c.role, &p->c.cert, p->suites);
	if (!p->addr_len)
		return;
	put(msg, DMK_A_ADDR, p->addr_len, p->addr);
	put_u16(msg, DMK_A_ADDR_PORT, p->port);
	put_flag(msg, DMK_A_BY_HASH, p->by_hash);
}

void dmk_request_thirdparty(struct nl_msg *msg, const struct dmk_certificate *cert)
{
	put_peer(msg, DMK_ROLE_TP, cert, DMK_SUITE_CCM | DMK_SUITE_CM);
}

void dmk_request_peer_key(struct nl_msg *msg, const uint8_t hash[DMK_HASH_LEN])
{
	put(msg, DMK_A_CERT_HASH, DMK_HASH_LEN, hash);
}

static void put_identities(struct nl_msg *msg, int attr, const struct dmk_identity *ids,
			   size_t n)
{
	struct nlattr *list, *entry;
	size_t i;

	if (!n)
		return;
	list = begin(msg, attr);
	for (i = 0; i < n; i++) {
		entry = begin(msg, i + 1);
		dmk_request_identity(msg, &ids[i]);
		nla_nest_end(msg, entry);
	}
	nla_nest_end(msg, list);
}

static void put_prefixes(struct nl_msg *msg, const struct dmk_prefix_conf *prefixes, size_t n)
{
	struct nlattr *list, *entry;
	size_t i;

	if (!n)
		return;
	list = begin(msg, DMK_A_PREFIXES);
	for (i = 0; i < n; i++) {
		entry = begin(msg, i + 1);
		put(msg, DMK_A_ADDR, prefixes[i].addr_len, prefixes[i].addr);
		put_u8(msg, DMK_A_PREFIX, prefixes[i].len);
		nla_nest_end(msg, entry);
	}
	nla_nest_end(msg, list);
}

void dmk_request_limits(struct nl_msg *msg, const struct dmk_sensor *s)
{
	put_identities(msg, DMK_A_RESPONDERS, s->row.responders, s->row.n_responders);
	put_prefixes(msg, s->row.prefixes, s->row.n_prefixes);
}

void dmk_request_sensor(struct nl_msg *msg, const struct dmk_sensor *s,
			const struct dmk_identity *id, const uint32_t *counter)
{
	dmk_request_sensor_key(msg, id, counter);
	put_u32(msg, DMK_A_KEY, s->serial);
	if (s->derived)
		put_u32(msg, DMK_A_GENERATION, s->row.generation);
	put_u8(msg, DMK_A_TS_TYPE, s->row.ts_type);
	put_u32(msg, DMK_A_SUITES, s->row.suites);
	dmk_request_limits(msg, s);
}

void dmk_request_sensor_key(struct nl_msg *msg, const struct dmk_identity *id,
			    const uint32_t *counter)
{
	dmk_request_identity(msg, id);
	if (counter)
		put_u32(msg, DMK_A_COUNTER, *counter);
}

static void put_policies(struct nl_msg *msg, const struct dmk_policy_conf *policies, size_t n)
{
	struct nlattr *list, *entry;
	size_t i;

	if (!n)
		return;
	list = begin(msg, DMK_A_POLICIES);
	for (i = 0; i < n; i++) {
		entry = begin(msg, i + 1);
		put(msg, DMK_A_SP_PARAM, policies[i].len, policies[i].param);
		nla_nest_end(msg, entry);
	}
	nla_nest_end(msg, list);
}

void dmk_request_rule(struct nl_msg *msg, const struct dmk_rule_conf *r)
{
	put_text(msg, DMK_A_NAME, r->name);
	if (r->realm)
		put_text(msg, DMK_A_REALM, r->realm);
	else
		dmk_request_identity(msg, &r->sensor);
	put_identities(msg, DMK_A_TPS, r->tps, r->n_tps);
	put_u8(msg, DMK_A_MIN_K, r->min_k);
	put_flag(msg, DMK_A_ALLOW_K1, r->allow_k1);
	put_prefixes(msg, r->prefixes, r->n_prefixes);
	put_policies(msg, r->policies, r->n_policies);
	if (r->reqid)
		put_u32(msg, DMK_A_REQID, r->reqid);
}

void dmk_request_rule_key(struct nl_msg *msg, const char *name)
{
	put_text(msg, DMK_A_NAME, name);
}

void dmk_request_host(struct nl_msg *msg, const struct dmk_host_conf *h)
{
	dmk_request_identity(msg, &h->id);
	put_u8(msg, DMK_A_OWN_TYPE, h->own.type);
	put(msg, DMK_A_OWN, h->own.len, h->own.data);
	put(msg, DMK_A_ADDR, h->addr_len, h->addr);
	put_u16(msg, DMK_A_ADDR_PORT, h->port);
	if (h->key_file)
		put_u32(msg, DMK_A_KEY, h->serial);
	put_u32(msg, DMK_A_SUITES, h->suites);
	put_policies(msg, h->policies, h->n_policies);
	if (h->reqid)
		put_u32(msg, DMK_A_REQID, h->reqid);
	put_flag(msg, DMK_A_CONNECT, h->connect);
}

void dmk_request_instance(struct nl_msg *msg, const struct dmk_config *c,
			  uint64_t highest_t)
{
	put_u16(msg, DMK_A_PORT, c->port);
	put_u32(msg, DMK_A_SKEW, c->skew);
	put_u32(msg, DMK_A_QUEUE_LIMIT, c->queue);
	put_u32(msg, DMK_A_RATE, c->rate);
	if (highest_t)
		put_u64(msg, DMK_A_HIGHEST_T, highest_t);
}
