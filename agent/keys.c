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

static void load_symmetric(struct dmk_sensor_conf *s)
{
	char name[NAME], why[DMK_SECRET_WHY];
	uint8_t key[DMK_PSK_LEN];

	if (!dmk_secret_symmetric(s->key_file, key, why)) {
		dmk_log(LOG_ERR, "%s: %s: %s", s->where, s->key_file, why);
		return;
	}
	snprintf(name, sizeof(name), "dmikey:%s:%s%s", s->derived ? "master" : "psk",
		 s->realm ? "@" : "", s->realm ? s->realm : s->id.data);
	s->serial = add_key("logon", name, key, sizeof(key), KEY_SPEC_PROCESS_KEYRING);
	if (s->serial < 0)
		dmk_log(LOG_ERR, "%s: the kernel does not take the key: %s%s", s->where,
			strerror(errno),
			errno == EDQUOT ? " (see kernel.keys.maxkeys, maxbytes)" : "");
	explicit_bzero(key, sizeof(key));
}

void dmk_keys_load(struct dmk_config *c)
{
	size_t i;

	for (i = 0; i < c->n_locals; i++)
		if (c->locals[i].c.valid && c->locals[i].serial <= 0)
			load_private(&c->locals[i]);
	for (i = 0; i < c->n_sensors; i++)
		if (c->sensors[i].serial <= 0)
			load_symmetric(&c->sensors[i]);
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
	int32_t *list = calloc(c->n_locals + c->n_sensors + 1, sizeof(*list));
	size_t i;

	if (!list)
		abort();
	*n = 0;
	for (i = 0; i < c->n_locals; i++)
		list[(*n)++] = c->locals[i].serial;
	for (i = 0; i < c->n_sensors; i++)
		list[(*n)++] = c->sensors[i].serial;
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
