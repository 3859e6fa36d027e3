// SPDX-License-Identifier: GPL-2.0
/* From what dmikey.conf says to what the agent does. */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cert_list.h"
#include "config.h"
#include "config_read.h"
#include "log.h"
#include "options.h"
#include "secret.h"
#include "words.h"

#define JUDGE_AGAIN	3600	/* seconds */

/* memory for what a file of some kilobytes says: without it there is no agent */
void *dmk_config_allocate(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size);

	if (!p)
		abort();
	return p;
}

static char *copy_text(const char *text)
{
	char *copy = text ? strdup(text) : NULL;

	if (text && !copy)
		abort();
	return copy;
}

char *dmk_config_path(const char *text)
{
	char path[DMK_OPTIONS_PATH];

	return copy_text(dmk_options_path(text, path));
}

char *dmk_config_place(cfg_t *sec)
{
	char *where;

	if (asprintf(&where, "%s:%d", sec->filename, sec->line) < 0)
		abort();
	return where;
}

/* ---- trust */

static void take_files(cfg_t *cfg, struct dmk_trust *t, const char *name,
		       bool (*take)(struct dmk_trust *, const char *, char *))
{
	char path[DMK_OPTIONS_PATH], why[DMK_CERT_WHY];
	unsigned int i;

	for (i = 0; i < cfg_size(cfg, name); i++) {
		dmk_options_path(cfg_getnstr(cfg, name, i), path);
		if (!take(t, path, why))
			dmk_options_complain(NULL, "%s: %s: %s", name, path, why);
	}
}

static void take_trust(cfg_t *cfg, struct dmk_config *c)
{
	const char *tp = cfg_getstr(cfg, "thirdparty-role");
	const char *r = cfg_getstr(cfg, "responder-role");

	c->trust = dmk_cert_trust_new();
	if (!c->trust)
		abort();
	take_files(cfg, c->trust, "ca", dmk_cert_trust_ca);
	take_files(cfg, c->trust, "crl", dmk_cert_trust_crl);
	c->has_crl = cfg_size(cfg, "crl");
	if (!strcmp(cfg_getstr(cfg, "crl-check"), "required"))
		dmk_cert_trust_crl_required(c->trust);
	if (tp && r && !dmk_cert_trust_roles(c->trust, tp, r))
		dmk_options_complain(NULL,
				     "thirdparty-role, responder-role: not two object identifiers");
}

/* ---- certificates */

static void take_certificate(cfg_t *sec, struct dmk_certified *c, enum dmk_role_type role)
{
	char path[DMK_OPTIONS_PATH], why[DMK_CERT_WHY];

	c->where = dmk_config_place(sec);
	c->role = role;
	c->named = cfg_title(sec);
	if (c->named)
		dmk_identity_parse(cfg_title(sec), &c->wanted);
	dmk_options_path(cfg_getstr(sec, "certificate"), path);
	c->der_len = dmk_cert_load(path, c->der, why);
	if (!c->der_len)
		dmk_options_complain(sec, "certificate: %s: %s", path, why);
}

static bool has_wanted_name(const struct dmk_certified *c, char why[DMK_CERT_WHY])
{
	struct dmk_identity id;

	if (!dmk_identity_set(&id, c->cert.id_type, c->cert.id, c->cert.id_len))
		snprintf(why, DMK_CERT_WHY, "its name cannot be an identity");
	else if (c->named && !dmk_identity_equal(&id, &c->wanted))
		snprintf(why, DMK_CERT_WHY, "it is for another name");
	else
		return true;
	return false;
}

static void judge(const struct dmk_config *conf, struct dmk_certified *c, bool first_time)
{
	char why[DMK_CERT_WHY];
	bool was = c->valid;

	c->valid = dmk_cert_check(conf->trust, c->der, c->der_len, c->role, &c->cert, why) &&
		   has_wanted_name(c, why);
	snprintf(c->why, sizeof(c->why), "%s", c->valid ? "" : why);
	if (!c->valid && (was || first_time))
		dmk_log(LOG_WARNING, "%s: the certificate is not used: %s%s%s", c->where, why,
			c->named ? ", wanted: " : "", c->named ? c->wanted.data : "");
	else if (c->valid && !was && !c->cert.revocation_checked)
		dmk_log(LOG_NOTICE, "%s: revocation of %s is not checked: %s", c->where,
			c->cert.id, conf->has_crl ? "no current CRL" : "no CRL is configured");
}

static void judge_all(struct dmk_config *c, bool first_time)
{
	time_t now = time(NULL), crl = dmk_cert_list_expiry(c->trust, now);
	size_t i;

	c->again = crl && crl < now + JUDGE_AGAIN ? crl : now + JUDGE_AGAIN;
	for (i = 0; i < c->n_locals; i++)
		judge(c, &c->locals[i].c, first_time);
	for (i = 0; i < c->n_peers; i++)
		judge(c, &c->peers[i].c, first_time);
}

void dmk_config_judge(struct dmk_config *c)
{
	judge_all(c, false);
}

static time_t earlier(time_t a, const struct dmk_certified *c)
{
	return c->valid && c->cert.expires < a ? c->cert.expires : a;
}

time_t dmk_config_expiry(const struct dmk_config *c)
{
	time_t first = c->again;
	size_t i;

	for (i = 0; i < c->n_locals; i++)
		first = earlier(first, &c->locals[i].c);
	for (i = 0; i < c->n_peers; i++)
		first = earlier(first, &c->peers[i].c);
	return first;
}

/* ---- roles of this host */

static void take_local(cfg_t *sec, struct dmk_local_conf *l, enum dmk_role_type role)
{
	take_certificate(sec, &l->c, role);
	l->key_file = dmk_config_path(cfg_getstr(sec, "key"));
}

static void take_locals(cfg_t *cfg, struct dmk_config *c)
{
	unsigned int i, tps = cfg_size(cfg, "thirdparty"), rs = cfg_size(cfg, "responder");

	c->locals = dmk_config_allocate(tps + rs, sizeof(*c->locals));
	for (i = 0; i < tps; i++)
		take_local(cfg_getnsec(cfg, "thirdparty", i), &c->locals[c->n_locals++],
			   DMK_ROLE_TP);
	for (i = 0; i < rs; i++)
		take_local(cfg_getnsec(cfg, "responder", i), &c->locals[c->n_locals++],
			   DMK_ROLE_R);
}

/* A key is compared with its certificate, so only a valid one can be checked. */
static void check_private(const struct dmk_local_conf *l)
{
	uint8_t pkcs8[DMK_PKCS8_MAX];
	char why[DMK_SECRET_WHY];

	if (!l->c.valid)
		return;
	if (!dmk_secret_private(l->key_file, l->c.cert.pubkey, l->c.cert.pubkey_len, pkcs8, why))
		dmk_options_complain(NULL, "%s: key: %s: %s", l->c.where, l->key_file, why);
	explicit_bzero(pkcs8, sizeof(pkcs8));
}

/* 6.3: a key pair serves one role */
static void check_one_role(const struct dmk_config *c)
{
	const struct dmk_certificate *a, *b;
	size_t i, j;

	for (i = 0; i < c->n_locals; i++)
		for (j = 0; j < i; j++) {
			a = &c->locals[i].c.cert;
			b = &c->locals[j].c.cert;
			if (c->locals[i].c.role != c->locals[j].c.role && a->pubkey_len &&
			    a->pubkey_len == b->pubkey_len &&
			    !memcmp(a->pubkey, b->pubkey, a->pubkey_len))
				dmk_options_complain(NULL, "%s: its key pair serves another role, %s",
						     c->locals[i].c.where, c->locals[j].c.where);
		}
}

/* ---- sensors */

static void take_sensor(cfg_t *sec, struct dmk_sensor_conf *s)
{
	s->where = dmk_config_place(sec);
	s->derived = cfg_size(sec, "master-key-file");
	s->key_file = dmk_config_path(cfg_getstr(sec, s->derived ? "master-key-file" : "psk-file"));
	if (s->derived)
		s->generation = cfg_getint(sec, "generation");
	s->ts_type = strcmp(cfg_getstr(sec, "timestamp"), "counter") ? 0 : 2;
	s->suites = dmk_words_suites(sec);
	if (cfg_title(sec)[0] == '@')
		s->realm = copy_text(cfg_title(sec) + 1);
	else
		dmk_identity_parse(cfg_title(sec), &s->id);
}

static void check_symmetric(const char *where, const char *key_file)
{
	uint8_t key[DMK_PSK_LEN];
	char why[DMK_SECRET_WHY];

	if (!dmk_secret_symmetric(key_file, key, why))
		dmk_options_complain(NULL, "%s: %s: %s", where, key_file, why);
	explicit_bzero(key, sizeof(key));
}

static void take_masters(cfg_t *cfg, struct dmk_config *c)
{
	struct dmk_master_conf *m;
	cfg_t *sec;
	size_t i;

	c->n_masters = cfg_size(cfg, "master");
	c->masters = dmk_config_allocate(c->n_masters, sizeof(*c->masters));
	for (i = 0; i < c->n_masters; i++) {
		sec = cfg_getnsec(cfg, "master", i);
		m = &c->masters[i];
		m->where = dmk_config_place(sec);
		m->name = copy_text(cfg_title(sec));
		m->key_file = dmk_config_path(cfg_getstr(sec, "key-file"));
	}
}

const struct dmk_master_conf *dmk_config_master(const struct dmk_config *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->n_masters; i++)
		if (!strcmp(c->masters[i].name, name))
			return &c->masters[i];
	return NULL;
}

static void take_sensors(cfg_t *cfg, struct dmk_config *c)
{
	unsigned int i;

	c->n_sensors = cfg_size(cfg, "sensor");
	c->sensors = dmk_config_allocate(c->n_sensors, sizeof(*c->sensors));
	for (i = 0; i < c->n_sensors; i++)
		take_sensor(cfg_getnsec(cfg, "sensor", i), &c->sensors[i]);
}

static int by_octets(const void *a, const void *b)
{
	const struct dmk_sensor_conf *s = *(void *const *)a, *t = *(void *const *)b;

	return strcmp(s->id.data, t->id.data);
}

/* 6.5: no two sensors of one third party have the same ID Data octets, even
 * where the configuration writes one with "nai:" and one without
 */
static void check_namesakes(const struct dmk_config *c)
{
	const struct dmk_sensor_conf **sorted = dmk_config_allocate(c->n_sensors, sizeof(*sorted));
	size_t i, n = 0;

	for (i = 0; i < c->n_sensors; i++)
		if (!c->sensors[i].realm)
			sorted[n++] = &c->sensors[i];
	qsort(sorted, n, sizeof(*sorted), by_octets);
	for (i = 1; i < n; i++)
		if (!strcmp(sorted[i]->id.data, sorted[i - 1]->id.data))
			dmk_options_complain(NULL, "%s: the sensor has the name of that at %s",
					     sorted[i]->where, sorted[i - 1]->where);
	free(sorted);
}

static struct dmk_identity *take_identities(cfg_t *sec, const char *name, size_t *n)
{
	struct dmk_identity *ids;
	size_t i;

	*n = cfg_size(sec, name);
	ids = dmk_config_allocate(*n, sizeof(*ids));
	for (i = 0; i < *n; i++)
		dmk_identity_parse(cfg_getnstr(sec, name, i), &ids[i]);
	return ids;
}

bool dmk_config_denies(const struct dmk_config *c, const struct dmk_identity *id)
{
	size_t i;

	for (i = 0; i < c->n_denied; i++)
		if (dmk_identity_equal(&c->denied[i], id))
			return true;
	return false;
}

struct dmk_sensor_conf *dmk_config_sensor(struct dmk_config *c, const struct dmk_identity *id)
{
	struct dmk_sensor_conf *s, *found = NULL;

	for (s = c->sensors; s < c->sensors + c->n_sensors; s++) {
		if (!s->realm && dmk_identity_equal(&s->id, id))
			return s;
		if (s->realm && dmk_identity_in_realm(id, s->realm))
			found = s;
	}
	return found;
}

/* ---- peers */

static void take_peers(cfg_t *cfg, struct dmk_config *c)
{
	unsigned int i, tps = cfg_size(cfg, "peer-thirdparty");
	unsigned int rs = cfg_size(cfg, "peer-responder"), hosts = cfg_size(cfg, "host");
	struct dmk_peer_conf *p;
	cfg_t *sec;

	c->peers = dmk_config_allocate(tps + rs + hosts, sizeof(*c->peers));
	for (i = 0; i < tps + rs + hosts; i++) {
		sec = i < tps ? cfg_getnsec(cfg, "peer-thirdparty", i) :
		      i < tps + rs ? cfg_getnsec(cfg, "peer-responder", i - tps) :
				     cfg_getnsec(cfg, "host", i - tps - rs);
		/* a host with a PSK has none */
		if (!cfg_size(sec, "certificate"))
			continue;
		p = &c->peers[c->n_peers++];
		take_certificate(sec, &p->c, i < tps ? DMK_ROLE_TP : DMK_ROLE_R);
		p->suites = dmk_words_suites(sec);
		if (i < tps)
			continue;
		dmk_words_address(cfg_getstr(sec, "address"), p->addr, &p->addr_len, NULL);
		p->port = cfg_getint(sec, "port");
		p->by_hash = i < tps + rs && cfg_getbool(sec, "by-hash");
	}
}

/* ---- rules */

static void take_prefixes(cfg_t *sec, struct dmk_rule_conf *r)
{
	struct dmk_prefix_conf *p;
	size_t i;

	r->n_prefixes = cfg_size(sec, "addresses");
	r->prefixes = dmk_config_allocate(r->n_prefixes, sizeof(*r->prefixes));
	for (i = 0; i < r->n_prefixes; i++) {
		p = &r->prefixes[i];
		dmk_words_address(cfg_getnstr(sec, "addresses", i), p->addr, &p->addr_len,
				  &p->len);
	}
}

struct dmk_policy_conf *dmk_config_policies(cfg_t *sec, size_t *n)
{
	struct dmk_policy_conf *policies;
	size_t i;

	*n = cfg_size(sec, "policy");
	policies = dmk_config_allocate(*n, sizeof(*policies));
	for (i = 0; i < *n; i++)
		dmk_words_policy(cfg_getnsec(sec, "policy", i), policies[i].param,
				 &policies[i].len);
	return policies;
}

static void take_rule(cfg_t *sec, struct dmk_rule_conf *r)
{
	r->name = copy_text(cfg_title(sec));
	r->realm = copy_text(cfg_getstr(sec, "realm"));
	if (!r->realm)
		dmk_identity_parse(cfg_getstr(sec, "sensor"), &r->sensor);
	r->tps = take_identities(sec, "thirdparties", &r->n_tps);
	r->min_k = cfg_getint(sec, "min-k");
	r->allow_k1 = cfg_getbool(sec, "allow-k1");
	r->reqid = cfg_getint(sec, "reqid");
	take_prefixes(sec, r);
	r->policies = dmk_config_policies(sec, &r->n_policies);
	if (r->n_tps > DMK_CONFIG_TPS)
		dmk_options_complain(sec, "more than %d thirdparties", DMK_CONFIG_TPS);
	if (r->n_prefixes > DMK_CONFIG_PREFIXES)
		dmk_options_complain(sec, "more than %d addresses", DMK_CONFIG_PREFIXES);
}

static bool same_sensors(const struct dmk_rule_conf *a, const struct dmk_rule_conf *b)
{
	if (a->realm && b->realm)
		return !strcmp(a->realm, b->realm);
	return !a->realm && !b->realm && dmk_identity_equal(&a->sensor, &b->sensor);
}

static void check_rules(const struct dmk_config *c)
{
	size_t i, j;

	for (i = 0; i < c->n_rules; i++)
		for (j = 0; j < i; j++)
			if (same_sensors(&c->rules[i], &c->rules[j]))
				dmk_options_complain(NULL,
						     "rule \"%s\" is for the same sensors as \"%s\"",
						     c->rules[i].name, c->rules[j].name);
}

static void take_rules(cfg_t *cfg, struct dmk_config *c)
{
	unsigned int i;

	c->n_rules = cfg_size(cfg, "rule");
	c->rules = dmk_config_allocate(c->n_rules, sizeof(*c->rules));
	for (i = 0; i < c->n_rules; i++)
		take_rule(cfg_getnsec(cfg, "rule", i), &c->rules[i]);
}

/* ---- the whole */

static void take_user(cfg_t *sec, struct dmk_config *c)
{
	const struct passwd *pw;

	c->user = copy_text(cfg_getstr(sec, "user"));
	pw = c->user ? getpwnam(c->user) : NULL;
	if (c->user && !pw)
		dmk_options_complain(sec, "user: there is no user %s", c->user);
	dmk_secret_owner(pw ? pw->pw_uid : 0);
}

static void take_instance(cfg_t *cfg, struct dmk_config *c)
{
	cfg_t *sec = cfg_size(cfg, "instance") ? cfg_getnsec(cfg, "instance", 0) : NULL;

	c->port = 2269;
	c->skew = DMK_SKEW;
	c->queue = 4096;
	c->rate = 1000;
	c->known = 16384;
	c->forget_after = 3600;
	if (!sec)
		return;
	c->port = cfg_getint(sec, "port");
	c->skew = cfg_getint(sec, "skew");
	c->queue = cfg_getint(sec, "queue");
	c->rate = cfg_getint(sec, "rate");
	c->known = cfg_getint(sec, "sensors");
	c->forget_after = cfg_getint(sec, "forget-after");
	take_user(sec, c);
}

static void check_whole(struct dmk_config *c)
{
	size_t i;

	for (i = 0; i < c->n_locals; i++)
		check_private(&c->locals[i]);
	for (i = 0; i < c->n_sensors; i++)
		check_symmetric(c->sensors[i].where, c->sensors[i].key_file);
	for (i = 0; i < c->n_masters; i++)
		check_symmetric(c->masters[i].where, c->masters[i].key_file);
	dmk_config_check_hosts(c);
	check_one_role(c);
	check_namesakes(c);
	check_rules(c);
}

struct dmk_config *dmk_config_load(const char *path)
{
	struct dmk_config *c;
	cfg_t *cfg = dmk_options_read(path);

	if (!cfg)
		return NULL;
	c = dmk_config_allocate(1, sizeof(*c));
	take_instance(cfg, c);
	take_trust(cfg, c);
	take_locals(cfg, c);
	take_sensors(cfg, c);
	take_masters(cfg, c);
	c->denied = take_identities(cfg, "deny", &c->n_denied);
	take_peers(cfg, c);
	take_rules(cfg, c);
	dmk_config_hosts(cfg, c);
	cfg_free(cfg);
	if (!dmk_options_errors())
		judge_all(c, true);
	check_whole(c);
	if (!dmk_options_errors())
		return c;
	dmk_config_free(c);
	return NULL;
}

static void free_rule(struct dmk_rule_conf *r)
{
	free(r->name);
	free(r->realm);
	free(r->tps);
	free(r->prefixes);
	free(r->policies);
}

void dmk_config_free(struct dmk_config *c)
{
	size_t i;

	if (!c)
		return;
	for (i = 0; i < c->n_locals; i++) {
		free(c->locals[i].c.where);
		free(c->locals[i].key_file);
	}
	for (i = 0; i < c->n_peers; i++)
		free(c->peers[i].c.where);
	for (i = 0; i < c->n_sensors; i++) {
		free(c->sensors[i].where);
		free(c->sensors[i].realm);
		free(c->sensors[i].key_file);
	}
	for (i = 0; i < c->n_masters; i++) {
		free(c->masters[i].where);
		free(c->masters[i].name);
		free(c->masters[i].key_file);
	}
	for (i = 0; i < c->n_rules; i++)
		free_rule(&c->rules[i]);
	dmk_config_free_hosts(c);
	free(c->masters);
	free(c->locals);
	free(c->peers);
	free(c->sensors);
	free(c->denied);
	free(c->rules);
	free(c->user);
	dmk_cert_trust_free(c->trust);
	free(c);
}
