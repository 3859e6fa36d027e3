/* SPDX-License-Identifier: GPL-2.0 */
/* What is trusted, item by item, for who watches when it ends. */
#ifndef DMK_AGENT_CERT_LIST_H
#define DMK_AGENT_CERT_LIST_H

#include "cert.h"

#define DMK_CERT_NAME	512	/* bytes of a name that is shown, printable */

/**
 * struct dmk_cert_item - a certificate or a revocation list
 * @name: of an authority or of a list's issuer: its subject; of others the
 *	identity, as the certificate has it
 * @hash: SHA-256 of the DER
 * @expires: Unix seconds; 0: never
 * @crl: it is a revocation list
 * @checked: a current list was there for it, and for those above it
 */
struct dmk_cert_item {
	char name[DMK_CERT_NAME];
	uint8_t hash[DMK_HASH_LEN];
	time_t expires;
	bool crl;
	bool checked;
};

/**
 * dmk_cert_list_trusted() - each authority and each list
 * @t: the trust
 * @fn: is called with each
 * @arg: for @fn
 */
void dmk_cert_list_trusted(struct dmk_trust *t,
			   void (*fn)(const struct dmk_cert_item *item, void *arg), void *arg);

/* a certificate, valid or not, of which @checked is not known; false: it is none */
bool dmk_cert_list_describe(const uint8_t *der, size_t len, struct dmk_cert_item *item);

/* when the first list behind @after expires; 0: never */
time_t dmk_cert_list_expiry(struct dmk_trust *t, time_t after);

#endif
