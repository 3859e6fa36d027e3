// SPDX-License-Identifier: GPL-2.0
/* PSKs that third parties derive from a master key, instead of storing each. */
#include <stdio.h>

#include "kdf.h"
#include "provision.h"

const struct provision_master *provision_master_of(const struct provision *p,
						   const struct sensor_party *party)
{
	unsigned int i;

	for (i = 0; i < p->args.masters; i++)
		if (!strcmp(p->args.master[i].name, party->name))
			return &p->args.master[i];
	return NULL;
}

static bool is_party(const struct sensor_conf *c, const char *name)
{
	unsigned int i;

	for (i = 0; i < c->m; i++)
		if (!strcmp(c->party[i].name, name))
			return true;
	return false;
}

bool provision_masters(const struct provision *p)
{
	unsigned int i;

	for (i = 0; i < p->args.masters; i++)
		if (!is_party(&p->conf, p->args.master[i].name))
			return provision_wrong("--master: there is no third party %s",
					       p->args.master[i].name);
	return true;
}

bool provision_derive(struct provision *p, const struct provision_master *m,
		      const struct sensor_party *party, u8 psk[DMK_PSK_LEN])
{
	u8 master[DMK_PSK_LEN];
	bool good;

	good = sensor_conf_read_key(m->file, master);
	if (good && dmk_psk_diversify(p->crypto, master, p->args.generation, party->id.data,
				      p->conf.idi.data, psk))
		good = provision_wrong("no PSK could be derived for %s", party->name);
	dmk_wipe(master, sizeof(master));
	return good;
}
