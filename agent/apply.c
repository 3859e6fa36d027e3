// SPDX-License-Identifier: GPL-2.0
/*
 * From what the module knows to what the configuration wants. Every role, peer
 * and rule is compared as the request that would be sent for it: the same
 * bytes as last time need not be sent.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apply.h"
#include "keys.h"
#include "known.h"
#include "log.h"
#include "request.h"
#include "seen.h"

/**
 * struct object - something that the module knows or shall know
 * @cmd_new: the command that says it
 * @cmd_del: the command that takes it back
 * @key: attributes of @cmd_del
 * @whole: attributes of @cmd_new
 * @hash: of a role: that of its certificate
 * @der: of a responder's role: the certificate
 * @before: the one before, for which the module opens messages still
 * @is_unknown: a responder's role whose certificates are not known
 * @name: for the log
 */
struct object {
	struct object *next;
	uint8_t cmd_new;
	uint8_t cmd_del;
	struct nl_msg *key;
	struct nl_msg *whole;
	uint8_t hash[DMK_HASH_LEN];
	struct dmk_der *der;
	struct dmk_der *before;
	bool is_unknown;
	char name[DMK_IDENTITY_TEXT + 32];
};

struct dmk_told {
	struct object *objects;
};

static bool same(struct nl_msg *a, struct nl_msg *b)
{
	int len = nlmsg_datalen(nlmsg_hdr(a));

	return len == nlmsg_datalen(nlmsg_hdr(b)) &&
	       !memcmp(nlmsg_data(nlmsg_hdr(a)), nlmsg_data(nlmsg_hdr(b)), len);
}

static struct object *add(struct dmk_told *t, uint8_t cmd_new, uint8_t cmd_del)
{
	struct object *o = calloc(1, sizeof(*o)), **end = &t->objects;

	if (!o)
		abort();
	o->cmd_new = cmd_new;
	o->cmd_del = cmd_del;
	o->key = dmk_request_attributes(DMK_NETLINK_ROOM);
	o->whole = dmk_request_attributes(DMK_NETLINK_ROOM);
	while (*end)
		end = &(*end)->next;
	*end = o;
	return o;
}

static void drop(struct object **at)
{
	struct object *o = *at;

	*at = o->next;
	nlmsg_free(o->key);
	nlmsg_free(o->whole);
	free(o->der);
	free(o->before);
	free(o);
}

static void forget(struct dmk_told *t)
{
	while (t->objects)
		drop(&t->objects);
}

struct dmk_told *dmk_apply_new(void)
{
	return calloc(1, sizeof(struct dmk_told));
}

void dmk_apply_free(struct dmk_told *t)
{
	if (t)
		forget(t);
	free(t);
}

/* ---- what is wanted */

static void want_local(struct dmk_told *t, const struct dmk_local_conf *l)
{
	struct dmk_identity id;
	struct object *o;

	if (!l->c.valid || l->serial <= 0)
		return;
	o = add(t, DMK_CMD_LOCAL_NEW, DMK_CMD_LOCAL_DEL);
	snprintf(o->name, sizeof(o->name), "%s %s",
		 l->c.role == DMK_ROLE_TP ? "thirdparty" : "responder", l->c.cert.id);
	dmk_identity_set(&id, l->c.cert.id_type, l->c.cert.id, l->c.cert.id_len);
	dmk_request_local_key(o->key, l->c.role, &id);
	dmk_request_local(o->whole, l);
	memcpy(o->hash, l->c.cert.hash, DMK_HASH_LEN);
	if (l->c.role == DMK_ROLE_R)
		o->der = dmk_der_new(l->c.der, l->c.der_len);
}

static void want_peer(struct dmk_told *t, const struct dmk_peer_conf *p)
{
	struct object *o;

	if (!p->c.valid)
		return;
	o = add(t, DMK_CMD_PEER_NEW, DMK_CMD_PEER_DEL);
	snprintf(o->name, sizeof(o->name), "peer-%s %s",
		 p->c.role == DMK_ROLE_TP ? "thirdparty" : "responder", p->c.cert.id);
	dmk_request_peer_key(o->key, p->c.cert.hash);
	dmk_request_peer(o->whole, p);
}

static void want_rule(struct dmk_told *t, const struct dmk_rule_conf *r)
{
	struct object *o = add(t, DMK_CMD_RULE_NEW, DMK_CMD_RULE_DEL);

	snprintf(o->name, sizeof(o->name), "rule \"%s\"", r->name);
	dmk_request_rule_key(o->key, r->name);
	dmk_request_rule(o->whole, r);
}

static void want_host(struct dmk_told *t, const struct dmk_host_conf *h)
{
	struct object *o;

	if (h->key_file && h->serial <= 0)
		return;
	o = add(t, DMK_CMD_HOST_NEW, DMK_CMD_HOST_DEL);
	snprintf(o->name, sizeof(o->name), "host %s", h->id.data);
	dmk_request_identity(o->key, &h->id);
	dmk_request_host(o->whole, h);
}

static struct dmk_told *want(const struct dmk_config *c)
{
	struct dmk_told *t = dmk_apply_new();
	size_t i;

	if (!t)
		abort();
	for (i = 0; i < c->n_locals; i++)
		want_local(t, &c->locals[i]);
	for (i = 0; i < c->n_peers; i++)
		want_peer(t, &c->peers[i]);
	for (i = 0; i < c->n_rules; i++)
		want_rule(t, &c->rules[i]);
	for (i = 0; i < c->n_hosts; i++)
		want_host(t, &c->hosts[i]);
	return t;
}

static struct object **find(struct dmk_told *t, const struct object *like)
{
	struct object **at = &t->objects;

	while (*at && ((*at)->cmd_del != like->cmd_del || !same((*at)->key, like->key)))
		at = &(*at)->next;
	return at;
}

/* ---- what the module knows already */

static void found_local(uint8_t cmd, struct nlattr **attrs, void *arg)
{
	struct dmk_identity id;
	struct object *o;

	(void)cmd;
	if (!attrs[DMK_A_ROLE] || !attrs[DMK_A_ID_TYPE] || !attrs[DMK_A_ID] ||
	    !dmk_identity_set(&id, nla_get_u8(attrs[DMK_A_ID_TYPE]), nla_data(attrs[DMK_A_ID]),
			      nla_len(attrs[DMK_A_ID])))
		return;
	o = add(arg, DMK_CMD_LOCAL_NEW, DMK_CMD_LOCAL_DEL);
	snprintf(o->name, sizeof(o->name), "role %s", id.data);
	dmk_request_local_key(o->key, nla_get_u8(attrs[DMK_A_ROLE]), &id);
	if (attrs[DMK_A_CERT_HASH])
		nla_memcpy(o->hash, attrs[DMK_A_CERT_HASH], DMK_HASH_LEN);
	o->is_unknown = nla_get_u8(attrs[DMK_A_ROLE]) == DMK_ROLE_R;
}

static void found_peer(uint8_t cmd, struct nlattr **attrs, void *arg)
{
	struct object *o;

	(void)cmd;
	if (!attrs[DMK_A_CERT_HASH] || nla_len(attrs[DMK_A_CERT_HASH]) != DMK_HASH_LEN)
		return;
	o = add(arg, DMK_CMD_PEER_NEW, DMK_CMD_PEER_DEL);
	snprintf(o->name, sizeof(o->name), "peer %.*s", attrs[DMK_A_ID] ?
		 nla_len(attrs[DMK_A_ID]) : 0, attrs[DMK_A_ID] ?
		 (const char *)nla_data(attrs[DMK_A_ID]) : "");
	dmk_request_peer_key(o->key, nla_data(attrs[DMK_A_CERT_HASH]));
}

static void found_rule(uint8_t cmd, struct nlattr **attrs, void *arg)
{
	struct object *o;

	(void)cmd;
	if (!attrs[DMK_A_NAME])
		return;
	o = add(arg, DMK_CMD_RULE_NEW, DMK_CMD_RULE_DEL);
	snprintf(o->name, sizeof(o->name), "rule \"%s\"", nla_get_string(attrs[DMK_A_NAME]));
	dmk_request_rule_key(o->key, nla_get_string(attrs[DMK_A_NAME]));
}

static void found_host(uint8_t cmd, struct nlattr **attrs, void *arg)
{
	struct dmk_identity id;
	struct object *o;

	(void)cmd;
	if (!attrs[DMK_A_ID_TYPE] || !attrs[DMK_A_ID] ||
	    !dmk_identity_set(&id, nla_get_u8(attrs[DMK_A_ID_TYPE]), nla_data(attrs[DMK_A_ID]),
			      nla_len(attrs[DMK_A_ID])))
		return;
	o = add(arg, DMK_CMD_HOST_NEW, DMK_CMD_HOST_DEL);
	snprintf(o->name, sizeof(o->name), "host %s", id.data);
	dmk_request_identity(o->key, &id);
}

static void ask(struct dmk_agent *a, struct dmk_told *present)
{
	dmk_netlink_get(a->nl, DMK_CMD_LOCAL_GET, true, found_local, present);
	dmk_netlink_get(a->nl, DMK_CMD_PEER_GET, true, found_peer, present);
	dmk_netlink_get(a->nl, DMK_CMD_RULE_GET, true, found_rule, present);
	dmk_netlink_get(a->nl, DMK_CMD_HOST_GET, true, found_host, present);
}

/* what an administrator has removed, or given another certificate, by hand */
static void forget_absent(struct dmk_agent *a)
{
	struct object **at = &a->told->objects, *o;
	struct dmk_told *present = dmk_apply_new();

	if (!present)
		abort();
	ask(a, present);
	while (*at) {
		o = *find(present, *at);
		if (o && !memcmp(o->hash, (*at)->hash, DMK_HASH_LEN))
			at = &(*at)->next;
		else
			drop(at);
	}
	dmk_apply_free(present);
}

/* ---- the difference */

static bool tell(struct dmk_agent *a, uint8_t cmd, const struct object *o,
		 struct nl_msg *attrs)
{
	struct nl_msg *msg = dmk_netlink_request(a->nl, cmd);
	char why[DMK_NETLINK_WHY];
	int err;

	if (nlmsg_append(msg, nlmsg_data(nlmsg_hdr(attrs)), nlmsg_datalen(nlmsg_hdr(attrs)),
			 NLMSG_ALIGNTO))
		abort();
	err = dmk_netlink_send(a->nl, msg, why);
	if (cmd == o->cmd_del && err == -ENOENT)
		return true;
	if (!err) {
		dmk_log(LOG_INFO, "%s: %s", o->name, cmd == o->cmd_del ? "removed" : "told");
		return true;
	}
	dmk_log(LOG_ERR, "%s: %s", o->name, why);
	return false;
}

static void remove_unwanted(struct dmk_agent *a, struct dmk_told *wanted)
{
	struct object **at = &a->told->objects;

	while (*at) {
		if (*find(wanted, *at)) {
			at = &(*at)->next;
			continue;
		}
		tell(a, (*at)->cmd_del, *at, (*at)->key);
		drop(at);
	}
}

static struct dmk_der *take(struct dmk_der **from)
{
	struct dmk_der *d = *from;

	*from = NULL;
	return d;
}

static bool is_valid(struct dmk_agent *a, const struct dmk_der *d)
{
	struct dmk_certificate cert;
	char why[DMK_CERT_WHY];

	return dmk_cert_check(a->config->trust, d->data, d->len, DMK_ROLE_R, &cert, why);
}

/* Third parties may go on for a while with the certificate that a responder had
 * before, but not if it is revoked, or nobody can tell.
 */
static bool follow(struct dmk_agent *a, struct object *o, struct object *old)
{
	if (!old || old->is_unknown)
		return false;
	o->before = take(memcmp(o->hash, old->hash, DMK_HASH_LEN) ? &old->der : &old->before);
	if (!o->before || is_valid(a, o->before))
		return true;
	free(take(&o->before));
	return false;
}

/* If they may not, the role is given up before it is taken, and with it what it was. */
static bool tell_one(struct dmk_agent *a, struct object *o, struct object *old)
{
	if (o->der && !follow(a, o, old)) {
		if (!tell(a, o->cmd_del, o, o->key))
			return false;
		old = NULL;
	}
	return (old && same(old->whole, o->whole)) || tell(a, o->cmd_new, o, o->whole);
}

/* what was told with success takes the place of what is told, so that the
 * rest is tried again next time
 */
static void tell_wanted(struct dmk_agent *a, struct dmk_told *wanted)
{
	struct object **at = &wanted->objects;

	while (*at) {
		if (tell_one(a, *at, *find(a->told, *at)))
			at = &(*at)->next;
		else
			drop(at);
	}
}

/* ---- over restarts */

static void keep_roles(struct dmk_agent *a)
{
	const struct object *o;

	dmk_state_forget_roles(a->state);
	for (o = a->told->objects; o; o = o->next)
		if (o->der)
			dmk_state_role(a->state, o->hash, o->der, o->before);
	/* the module has them already */
	dmk_state_flush(a->state);
}

static void recall_roles(struct dmk_agent *a)
{
	struct object *o;

	for (o = a->told->objects; o; o = o->next)
		if (o->is_unknown)
			o->is_unknown = !dmk_state_role_of(a->state, o->hash, &o->der, &o->before);
}

static void found_instance(uint8_t cmd, struct nlattr **attrs, void *arg)
{
	bool *listening = arg;

	(void)cmd;
	*listening = attrs[DMK_A_PORT] && nla_get_u16(attrs[DMK_A_PORT]) &&
		     attrs[DMK_A_STARTED] && nla_get_u64(attrs[DMK_A_STARTED]);
}

static void tell_instance(struct dmk_agent *a)
{
	struct nl_msg *msg;
	bool listening = true;
	char why[DMK_NETLINK_WHY];

	/* a running instance knows the highest T better */
	dmk_netlink_get(a->nl, DMK_CMD_INSTANCE_GET, false, found_instance, &listening);
	msg = dmk_netlink_request(a->nl, DMK_CMD_INSTANCE_SET);
	dmk_request_instance(msg, a->config, listening ? 0 : dmk_state_highest_t_of(a->state));
	if (dmk_netlink_send(a->nl, msg, why))
		dmk_log(LOG_ERR, "instance: %s", why);
}

void dmk_apply_change(struct dmk_agent *a)
{
	struct dmk_told *wanted;

	if (!dmk_netlink_ready(a->nl))
		return;
	dmk_keys_load(a->config);
	wanted = want(a->config);
	forget_absent(a);
	remove_unwanted(a, wanted);
	tell_wanted(a, wanted);
	dmk_apply_free(a->told);
	a->told = wanted;
	keep_roles(a);
	dmk_known_compare(a);
	tell_instance(a);
}

void dmk_apply_start(struct dmk_agent *a)
{
	forget(a->told);
	dmk_seen_forget(a->seen);
	ask(a, a->told);
	recall_roles(a);
	dmk_apply_change(a);
}

void dmk_apply_registry(struct dmk_agent *a)
{
	if (!dmk_netlink_ready(a->nl))
		return;
	dmk_known_compare(a);
	/* what was refused may be there by now */
	tell_instance(a);
}
