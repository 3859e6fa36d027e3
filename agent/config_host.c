// SPDX-License-Identifier: GPL-2.0
/* Hosts of the configuration, with which plain RFC 3830 is spoken. */
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "config_read.h"
#include "options.h"
#include "secret.h"
#include "words.h"
#include "../kmod/uapi/dmikey.h"

static void take_host(cfg_t *sec, struct dmk_host_conf *h)
{
	h->where = dmk_config_place(sec);
	dmk_identity_parse(cfg_title(sec), &h->id);
	dmk_identity_parse(cfg_getstr(sec, "identity"), &h->own);
	dmk_words_address(cfg_getstr(sec, "address"), h->addr, &h->addr_len, NULL);
	h->port = cfg_getint(sec, "port");
	if (cfg_size(sec, "psk-file"))
		h->key_file = dmk_config_path(cfg_getstr(sec, "psk-file"));
	h->suites = dmk_words_suites(sec);
	if (cfg_getbool(sec, "legacy"))
		h->suites |= DMK_SUITE_LEGACY;
	h->connect = cfg_getbool(sec, "connect");
	h->policies = dmk_config_policies(sec, &h->n_policies);
	h->reqid = cfg_getint(sec, "reqid");
	if (dmk_identity_equal(&h->id, &h->own))
		dmk_options_complain(sec, "identity: it is the other host's");
}

void dmk_config_hosts(cfg_t *cfg, struct dmk_config *c)
{
	unsigned int i;

	c->n_hosts = cfg_size(cfg, "host");
	c->hosts = dmk_config_allocate(c->n_hosts, sizeof(*c->hosts));
	for (i = 0; i < c->n_hosts; i++)
		take_host(cfg_getnsec(cfg, "host", i), &c->hosts[i]);
}

static void check_host_key(const struct dmk_host_conf *h)
{
	uint8_t key[DMK_HOST_KEY_MAX];
	char why[DMK_SECRET_WHY];

	if (h->key_file && !dmk_secret_host(h->key_file, key, why))
		dmk_options_complain(NULL, "%s: %s: %s", h->where, h->key_file, why);
	explicit_bzero(key, sizeof(key));
}

void dmk_config_check_hosts(const struct dmk_config *c)
{
	size_t i;

	for (i = 0; i < c->n_hosts; i++)
		check_host_key(&c->hosts[i]);
}

void dmk_config_free_hosts(struct dmk_config *c)
{
	size_t i;

	for (i = 0; i < c->n_hosts; i++) {
		free(c->hosts[i].where);
		free(c->hosts[i].key_file);
		free(c->hosts[i].policies);
	}
	free(c->hosts);
}
