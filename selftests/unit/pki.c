// SPDX-License-Identifier: GPL-2.0
#include "pki.h"
#include "vec_dmikey.h"

#define ENTRY(n)	{ #n, &vec_dmikey.pki.n.cert, &vec_dmikey.pki.n.key_pem, \
			  &vec_dmikey.pki.n.sha256 }

static const struct pki all[] = {
	ENTRY(ca), ENTRY(r), ENTRY(r4096), ENTRY(tp3072), ENTRY(tpmail), ENTRY(tp1b),
	ENTRY(tp1same), ENTRY(tp1), ENTRY(tp2), ENTRY(tp3), ENTRY(tp4), ENTRY(tp5),
	ENTRY(tp6), ENTRY(tp7), ENTRY(tp8), ENTRY(tp9), ENTRY(tp10), ENTRY(tp11),
	ENTRY(tp12), ENTRY(tp13), ENTRY(tp14), ENTRY(tp15), ENTRY(tp16),
};

const struct pki *pki_by_name(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		if (!strcmp(all[i].name, name))
			return &all[i];
	return NULL;
}

const struct pki *pki_by_hash(struct dmk_span sha256)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		if (dmk_span_equal(*all[i].sha256, sha256))
			return &all[i];
	return NULL;
}
