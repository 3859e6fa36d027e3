// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <keyutils.h>

#include "config.h"
#include "keys.h"
#include "log.h"
#include "secret.h"

/* "dmikey:", kind, identity, NUL: a logon key's name has to have a prefix */
#define NAME	(32 + DMK_ID_MAX)

static void private_name(const struct dmk_certificate *cert, char name[NAME])
{
	size_t i, len = snprintf(name, NAME, "dmikey:private:");

	for (i = 0; i < DMK_HASH_LEN; i++)
		len += snprintf(name + len, NAME - len, "%02x", cert->hash[i]);
}

static void load_private(struct dmk_local_conf *l)
{
	char name[NAME], why[DMK_SECRET_WHY];
	uint8_t pkcs8[DMK_PKCS8_MAX];
	size_t len;

	len = dmk_secret_private(l->key_file, l->c.cert.pubkey, l->c.cert.pubkey_len, pkcs8,
				 why);
	if (!len) {
		dmk_log(LOG_ERR, "%s: %s: %s", l->c.where, l->key_file, why);
		return;
	}
	private_name(&l->c.cert, name);
	l->serial = add_key("asymmetric", name, pkcs8, len, KEY_SPEC_PROCESS_KEYRING);
	if (l->serial < 0)
		dmk_log(LOG_ERR, "%s: the kernel does not take the private key: %s%s",
			l->c.where, strerror(errno),
			errno == EBADMSG ? " (is pkcs8_key_parser loaded?)" : "");
	explicit_bzero(pkcs8, sizeof(pkcs8));
}

/* the serial, 0 with a line in the log */
static int32_t add_logon(const char *where, const char *name, const uint8_t *key, size_t len)
{
	int32_t serial = add_key("logon", name, key, len, KEY_SPEC_PROCESS_KEYRING);

	if (serial < 0)
		dmk_log(LOG_ERR, "%s: the kernel does not take the key: %s%s", where,
			strerror(errno),
			errno == EDQUOT ? " (see kernel.keys.maxkeys, maxbytes)" : "");
	return serial < 0 ? 0 : serial;
}

static int32_t load_logon(const char *where, const char *key_file, const char *name)
{
	char why[DMK_SECRET_WHY];
	uint8_t key[DMK_PSK_LEN];
	int32_t serial;

	if (!dmk_secret_symmetric(key_file, key, why)) {
		dmk_log(LOG_ERR, "%s: %s: %s", where, key_file, why);
		return 0;
	}
	serial = add_logon(where, name, key, sizeof(key));
	explicit_bzero(key, sizeof(key));
	return serial;
}

static void load_host(struct dmk_host_conf *h)
{
	uint8_t key[DMK_HOST_KEY_MAX];
	char why[DMK_SECRET_WHY], name[NAME];
	size_t len = dmk_secret_host(h->key_file, key, why);

	if (!len) {
		dmk_log(LOG_ERR, "%s: %s: %s", h->where, h->key_file, why);
		return;
	}
	snprintf(name, sizeof(name), "dmikey:host:%s", h->id.data);
	h->serial = add_logon(h->where, name, key, len);
	explicit_bzero(key, sizeof(key));
}

static void load_sensor(struct dmk_sensor_conf *s)
{
	char name[NAME];

	snprintf(name, sizeof(name), "dmikey:%s:%s%s", s->derived ? "master" : "psk",
		 s->realm ? "@" : "", s->realm ? s->realm : s->id.data);
	s->serial = load_logon(s->where, s->key_file, name);
}

static void load_master(struct dmk_master_conf *m)
{
	char name[NAME];

	snprintf(name, sizeof(name), "dmikey:named-master:%s", m->name);
	m->serial = load_logon(m->where, m->key_file, name);
}

int32_t dmk_keys_registered(const struct dmk_identity *id, const char *key_file)
{
	char name[NAME];

	snprintf(name, sizeof(name), "dmikey:registry:%s", id->data);
	return load_logon("registry", key_file, name);
}

void dmk_keys_load(struct dmk_config *c)
{
	size_t i;

	for (i = 0; i < c->n_locals; i++)
		if (c->locals[i].c.valid && c->locals[i].serial <= 0)
			load_private(&c->locals[i]);
	for (i = 0; i < c->n_sensors; i++)
		if (c->sensors[i].serial <= 0)
			load_sensor(&c->sensors[i]);
	for (i = 0; i < c->n_masters; i++)
		if (c->masters[i].serial <= 0)
			load_master(&c->masters[i]);
	for (i = 0; i < c->n_hosts; i++)
		if (c->hosts[i].key_file && c->hosts[i].serial <= 0)
			load_host(&c->hosts[i]);
}

void dmk_keys_inherit(struct dmk_config *c, const struct dmk_config *old)
{
	size_t i, j;

	for (i = 0; i < c->n_locals; i++)
		for (j = 0; j < old->n_locals; j++)
			if (!memcmp(c->locals[i].c.cert.hash, old->locals[j].c.cert.hash,
				    DMK_HASH_LEN))
				c->locals[i].serial = old->locals[j].serial;
}

static int by_number(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

	return (x > y) - (x < y);
}

/* all serials of a configuration, sorted */
static int32_t *serials(const struct dmk_config *c, size_t *n)
{
	int32_t *list = calloc(c->n_locals + c->n_sensors + c->n_masters + c->n_hosts + 1,
			       sizeof(*list));
	size_t i;

	if (!list)
		abort();
	*n = 0;
	for (i = 0; i < c->n_locals; i++)
		list[(*n)++] = c->locals[i].serial;
	for (i = 0; i < c->n_sensors; i++)
		list[(*n)++] = c->sensors[i].serial;
	for (i = 0; i < c->n_masters; i++)
		list[(*n)++] = c->masters[i].serial;
	for (i = 0; i < c->n_hosts; i++)
		list[(*n)++] = c->hosts[i].serial;
	qsort(list, *n, sizeof(*list), by_number);
	return list;
}

static void revoke(int32_t serial)
{
	keyctl_revoke(serial);
	keyctl_unlink(serial, KEY_SPEC_PROCESS_KEYRING);
}

void dmk_keys_retire(const struct dmk_config *old, const struct dmk_config *c)
{
	size_t i, n_old, n_new;
	int32_t *was = serials(old, &n_old), *is = serials(c, &n_new);

	for (i = 0; i < n_old; i++)
		if (was[i] > 0 && !bsearch(&was[i], is, n_new, sizeof(*is), by_number))
			revoke(was[i]);
	free(was);
	free(is);
}

void dmk_keys_unlink(const struct dmk_config *c, int32_t serial)
{
	size_t n;
	int32_t *list = serials(c, &n);

	if (serial > 0 && !bsearch(&serial, list, n, sizeof(*list), by_number))
		keyctl_unlink(serial, KEY_SPEC_PROCESS_KEYRING);
	free(list);
}
