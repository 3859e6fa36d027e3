// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "cert_list.h"

static time_t seconds(const ASN1_TIME *t)
{
	struct tm tm;

	return t && ASN1_TIME_to_tm(t, &tm) ? timegm(&tm) : 0;
}

/* a certificate may hold any byte; the log and a terminal should not see it */
static void set_name(char name[DMK_CERT_NAME], const char *data, size_t len)
{
	size_t i;

	for (i = 0; i < len && i < DMK_CERT_NAME - 1; i++)
		name[i] = data[i] < ' ' || data[i] > '~' ? '?' : data[i];
	name[i] = '\0';
}

static void name_subject(char name[DMK_CERT_NAME], X509_NAME *subject)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data;
	long len;

	name[0] = '\0';
	if (!bio)
		return;
	X509_NAME_print_ex(bio, subject, 0, XN_FLAG_RFC2253);
	len = BIO_get_mem_data(bio, &data);
	set_name(name, data, len < 0 ? 0 : len);
	BIO_free(bio);
}

static bool name_alternative(char name[DMK_CERT_NAME], X509 *x)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	const GENERAL_NAME *g;
	bool found = false;
	int i;

	for (i = 0; !found && i < sk_GENERAL_NAME_num(names); i++) {
		g = sk_GENERAL_NAME_value(names, i);
		found = g->type == GEN_URI || g->type == GEN_EMAIL;
		if (found)
			set_name(name, (const char *)ASN1_STRING_get0_data(g->d.ia5),
				 ASN1_STRING_length(g->d.ia5));
	}
	GENERAL_NAMES_free(names);
	return found;
}

bool dmk_cert_list_describe(const uint8_t *der, size_t len, struct dmk_cert_item *item)
{
	const uint8_t *p = der;
	X509 *x = d2i_X509(NULL, &p, len);

	memset(item, 0, sizeof(*item));
	SHA256(der, len, item->hash);
	if (x) {
		item->expires = seconds(X509_get0_notAfter(x));
		if (!name_alternative(item->name, x))
			name_subject(item->name, X509_get_subject_name(x));
	}
	X509_free(x);
	ERR_clear_error();
	return x;
}

static void describe_ca(struct dmk_trust *t, X509 *x, struct dmk_cert_item *item)
{
	uint8_t *der = NULL;
	int len = i2d_X509(x, &der);

	if (len > 0)
		SHA256(der, len, item->hash);
	OPENSSL_free(der);
	item->expires = seconds(X509_get0_notAfter(x));
	item->checked = dmk_cert_revocation_checked(t, x);
	name_subject(item->name, X509_get_subject_name(x));
}

static void describe_crl(X509_CRL *crl, struct dmk_cert_item *item)
{
	uint8_t *der = NULL;
	int len = i2d_X509_CRL(crl, &der);

	if (len > 0)
		SHA256(der, len, item->hash);
	OPENSSL_free(der);
	item->crl = true;
	item->expires = seconds(X509_CRL_get0_nextUpdate(crl));
	name_subject(item->name, X509_CRL_get_issuer(crl));
}

void dmk_cert_list_trusted(struct dmk_trust *t,
			   void (*fn)(const struct dmk_cert_item *item, void *arg), void *arg)
{
	STACK_OF(X509_OBJECT) *all = X509_STORE_get0_objects(dmk_cert_trust_store(t));
	struct dmk_cert_item item;
	X509_OBJECT *o;
	int i;

	for (i = 0; i < sk_X509_OBJECT_num(all); i++) {
		o = sk_X509_OBJECT_value(all, i);
		memset(&item, 0, sizeof(item));
		if (X509_OBJECT_get0_X509(o))
			describe_ca(t, X509_OBJECT_get0_X509(o), &item);
		else if (X509_OBJECT_get0_X509_CRL(o))
			describe_crl(X509_OBJECT_get0_X509_CRL(o), &item);
		else
			continue;
		fn(&item, arg);
	}
	ERR_clear_error();
}

time_t dmk_cert_list_expiry(struct dmk_trust *t, time_t after)
{
	STACK_OF(X509_OBJECT) *all = X509_STORE_get0_objects(dmk_cert_trust_store(t));
	time_t first = 0, end;
	X509_CRL *crl;
	int i;

	for (i = 0; i < sk_X509_OBJECT_num(all); i++) {
		crl = X509_OBJECT_get0_X509_CRL(sk_X509_OBJECT_value(all, i));
		end = crl ? seconds(X509_CRL_get0_nextUpdate(crl)) : 0;
		if (end > after && (!first || end < first))
			first = end;
	}
	return first;
}
