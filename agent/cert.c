// SPDX-License-Identifier: GPL-2.0
/*
 * Certificates of third parties and responders. OpenSSL reads them and builds
 * the path; the rules of protocol.md 6.3 stand here, one function a rule.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "cert.h"

#define RSA_E_MAX_BITS	32	/* a longer public exponent only costs time */

struct dmk_trust {
	X509_STORE *store;
	ASN1_OBJECT *thirdparty;	/* names the role in extended key usage */
	ASN1_OBJECT *responder;
	bool has_crl;
	bool crl_required;
	time_t now;			/* 0: the clock's */
};

/* what one validation may not tell OpenSSL but has to remember */
struct verification {
	bool crl_required;
	bool crl_missing;
};

__attribute__((format(printf, 2, 3)))
static bool refuse(char why[DMK_CERT_WHY], const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, DMK_CERT_WHY, fmt, ap);
	va_end(ap);
	ERR_clear_error();
	return false;
}

static const char *openssl_says(void)
{
	const char *text = ERR_reason_error_string(ERR_peek_last_error());

	return text ? text : "no reason given";
}

struct dmk_trust *dmk_cert_trust_new(void)
{
	struct dmk_trust *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->store = X509_STORE_new();
	t->thirdparty = OBJ_nid2obj(NID_client_auth);
	t->responder = OBJ_nid2obj(NID_server_auth);
	if (!t->store) {
		free(t);
		return NULL;
	}
	return t;
}

void dmk_cert_trust_free(struct dmk_trust *t)
{
	if (!t)
		return;
	X509_STORE_free(t->store);
	ASN1_OBJECT_free(t->thirdparty);
	ASN1_OBJECT_free(t->responder);
	free(t);
}

static bool trust_ca(struct dmk_trust *t, X509 *x, char why[DMK_CERT_WHY])
{
	if (!X509_check_ca(x))
		return refuse(why, "it is not the certificate of an authority");
	if (!X509_STORE_add_cert(t->store, x))
		return refuse(why, "%s", openssl_says());
	return true;
}

bool dmk_cert_trust_ca_der(struct dmk_trust *t, const uint8_t *der, size_t len,
			   char why[DMK_CERT_WHY])
{
	const uint8_t *p = der;
	X509 *x = d2i_X509(NULL, &p, len);
	bool good;

	if (!x)
		return refuse(why, "it is not a certificate: %s", openssl_says());
	good = trust_ca(t, x, why);
	X509_free(x);
	return good;
}

/* the end of a PEM file is an error to OpenSSL; tell it from the others */
static bool at_end(int read)
{
	unsigned long e = ERR_peek_last_error();
	bool end = read && ERR_GET_LIB(e) == ERR_LIB_PEM &&
		   ERR_GET_REASON(e) == PEM_R_NO_START_LINE;

	if (end)
		ERR_clear_error();
	return end;
}

bool dmk_cert_trust_ca(struct dmk_trust *t, const char *path, char why[DMK_CERT_WHY])
{
	FILE *f = fopen(path, "re");
	bool good = true;
	int n = 0;
	X509 *x;

	if (!f)
		return refuse(why, "%s", strerror(errno));
	while (good && (x = PEM_read_X509(f, NULL, NULL, NULL))) {
		n++;
		good = trust_ca(t, x, why);
		X509_free(x);
	}
	fclose(f);
	if (good && !at_end(n))
		return refuse(why, "certificate %d is not one in PEM: %s", n + 1,
			      openssl_says());
	return good;
}

static bool digest_allowed(int signature_nid)
{
	int digest;

	if (!OBJ_find_sigid_algs(signature_nid, &digest, NULL))
		return false;
	return digest == NID_sha256 || digest == NID_sha384 || digest == NID_sha512;
}

static bool trust_crl(struct dmk_trust *t, X509_CRL *crl, char why[DMK_CERT_WHY])
{
	int nid = X509_CRL_get_signature_nid(crl);

	if (!digest_allowed(nid))
		return refuse(why, "it is signed with %s", OBJ_nid2sn(nid));
	if (!X509_STORE_add_crl(t->store, crl))
		return refuse(why, "%s", openssl_says());
	t->has_crl = true;
	return true;
}

bool dmk_cert_trust_crl(struct dmk_trust *t, const char *path, char why[DMK_CERT_WHY])
{
	FILE *f = fopen(path, "re");
	bool good = true;
	X509_CRL *crl;
	int n = 0;

	if (!f)
		return refuse(why, "%s", strerror(errno));
	while (good && (crl = PEM_read_X509_CRL(f, NULL, NULL, NULL))) {
		n++;
		good = trust_crl(t, crl, why);
		X509_CRL_free(crl);
	}
	fclose(f);
	if (good && !at_end(n))
		return refuse(why, "list %d is not a CRL in PEM: %s", n + 1,
			      openssl_says());
	return good;
}

void dmk_cert_trust_crl_required(struct dmk_trust *t)
{
	t->crl_required = true;
}

bool dmk_cert_trust_roles(struct dmk_trust *t, const char *thirdparty,
			  const char *responder)
{
	ASN1_OBJECT *tp = OBJ_txt2obj(thirdparty, 1);
	ASN1_OBJECT *r = OBJ_txt2obj(responder, 1);
	ASN1_OBJECT *any = OBJ_nid2obj(NID_anyExtendedKeyUsage);

	ERR_clear_error();
	if (!tp || !r || !OBJ_cmp(tp, r) || !OBJ_cmp(tp, any) || !OBJ_cmp(r, any)) {
		ASN1_OBJECT_free(tp);
		ASN1_OBJECT_free(r);
		return false;
	}
	ASN1_OBJECT_free(t->thirdparty);
	ASN1_OBJECT_free(t->responder);
	t->thirdparty = tp;
	t->responder = r;
	return true;
}

void dmk_cert_trust_time(struct dmk_trust *t, time_t now)
{
	t->now = now;
}

/* Without a CRL of its own, or with an old one, a certificate may pass as "not
 * checked"; one that a CRL, old or not, calls revoked never does.
 */
static int judge(int good, X509_STORE_CTX *ctx)
{
	struct verification *v = X509_STORE_CTX_get_app_data(ctx);

	if (good)
		return 1;
	switch (X509_STORE_CTX_get_error(ctx)) {
	case X509_V_ERR_UNABLE_TO_GET_CRL:
	case X509_V_ERR_CRL_HAS_EXPIRED:
		v->crl_missing = true;
		return !v->crl_required;
	}
	return 0;
}

static bool key_of_chain(X509 *x, char why[DMK_CERT_WHY])
{
	EVP_PKEY *key = X509_get0_pubkey(x);

	if (!key)
		return refuse(why, "a public key of the chain cannot be read");
	if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA &&
	    (EVP_PKEY_get_bits(key) < 2048 || EVP_PKEY_get_bits(key) > 4096))
		return refuse(why, "an RSA key of %d bits is in the chain",
			      EVP_PKEY_get_bits(key));
	return true;
}

/* every key of the chain, every signature that was verified; the anchor's own
 * signature says nothing
 */
static bool check_algorithms(STACK_OF(X509) *chain, char why[DMK_CERT_WHY])
{
	int i, nid, last = sk_X509_num(chain) - 1;

	for (i = 0; i <= last; i++) {
		if (!key_of_chain(sk_X509_value(chain, i), why))
			return false;
		nid = X509_get_signature_nid(sk_X509_value(chain, i));
		if (i < last && !digest_allowed(nid))
			return refuse(why, "a signature of the chain is made with %s",
				      OBJ_nid2sn(nid));
	}
	return true;
}

static bool first_expiry(STACK_OF(X509) *chain, time_t *expires)
{
	int i, n = sk_X509_num(chain);
	struct tm tm;
	time_t end;

	for (i = 0; i < n; i++) {
		if (!ASN1_TIME_to_tm(X509_get0_notAfter(sk_X509_value(chain, i)), &tm))
			return false;
		end = timegm(&tm);
		if (!i || end < *expires)
			*expires = end;
	}
	return true;
}

static void set_parameters(const struct dmk_trust *t, X509_STORE_CTX *ctx)
{
	X509_VERIFY_PARAM *p = X509_STORE_CTX_get0_param(ctx);

	/* level 2: 112 bits of security, so no SHA-1 and no RSA below 2048 */
	X509_VERIFY_PARAM_set_auth_level(p, 2);
	if (t->has_crl || t->crl_required)
		X509_VERIFY_PARAM_set_flags(p, X509_V_FLAG_CRL_CHECK |
					       X509_V_FLAG_CRL_CHECK_ALL);
	if (t->now)
		X509_VERIFY_PARAM_set_time(p, t->now);
}

static bool check_chain(struct dmk_trust *t, X509_STORE_CTX *ctx,
			struct dmk_certificate *out, char why[DMK_CERT_WHY])
{
	struct verification v = { .crl_required = t->crl_required };
	STACK_OF(X509) *chain;

	set_parameters(t, ctx);
	X509_STORE_CTX_set_app_data(ctx, &v);
	X509_STORE_CTX_set_verify_cb(ctx, judge);
	if (X509_verify_cert(ctx) != 1)
		return refuse(why, "%s", X509_verify_cert_error_string(
					 X509_STORE_CTX_get_error(ctx)));
	chain = X509_STORE_CTX_get0_chain(ctx);
	out->revocation_checked = (t->has_crl || t->crl_required) && !v.crl_missing;
	if (!first_expiry(chain, &out->expires))
		return refuse(why, "its end of validity cannot be read");
	return check_algorithms(chain, why);
}

static bool check_path(struct dmk_trust *t, X509 *x, struct dmk_certificate *out,
		       char why[DMK_CERT_WHY])
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	bool good;

	if (!ctx || !X509_STORE_CTX_init(ctx, t->store, x, NULL))
		good = refuse(why, "out of memory");
	else
		good = check_chain(t, ctx, out, why);
	X509_STORE_CTX_free(ctx);
	return good;
}

X509_STORE *dmk_cert_trust_store(struct dmk_trust *t)
{
	return t->store;
}

bool dmk_cert_revocation_checked(struct dmk_trust *t, X509 *x)
{
	struct dmk_certificate out = { .revocation_checked = false };
	char why[DMK_CERT_WHY];

	return check_path(t, x, &out, why) && out.revocation_checked;
}

/* The kernel's RSA takes moduli of these lengths only. */
static bool check_key(X509 *x, struct dmk_certificate *out, char why[DMK_CERT_WHY])
{
	EVP_PKEY *key = X509_get0_pubkey(x);
	uint8_t *p = out->pubkey;
	BIGNUM *e = NULL;
	int len;
	bool good;

	if (!key || EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA)
		return refuse(why, "its key is not an RSA key");
	out->bits = EVP_PKEY_get_bits(key);
	if (out->bits != 2048 && out->bits != 3072 && out->bits != 4096)
		return refuse(why, "its RSA key has %d bits, not 2048, 3072 or 4096",
			      out->bits);
	good = EVP_PKEY_get_bn_param(key, "e", &e) && BN_is_odd(e) && !BN_is_one(e) &&
	       BN_num_bits(e) <= RSA_E_MAX_BITS;
	BN_free(e);
	if (!good)
		return refuse(why, "its RSA key has a bad public exponent");
	len = i2d_PublicKey(key, NULL);
	if (len <= 0 || len > DMK_PUBKEY_MAX)
		return refuse(why, "its RSA key cannot be written");
	out->pubkey_len = i2d_PublicKey(key, &p);
	return true;
}

static const char *role_name(enum dmk_role_type role)
{
	return role == DMK_ROLE_TP ? "third party" : "responder";
}

static bool names_role(EXTENDED_KEY_USAGE *eku, const ASN1_OBJECT *oid)
{
	int i;

	for (i = 0; i < sk_ASN1_OBJECT_num(eku); i++)
		if (!OBJ_cmp(sk_ASN1_OBJECT_value(eku, i), oid))
			return true;
	return false;
}

static bool check_role(const struct dmk_trust *t, X509 *x, enum dmk_role_type role,
		       char why[DMK_CERT_WHY])
{
	EXTENDED_KEY_USAGE *eku = X509_get_ext_d2i(x, NID_ext_key_usage, NULL, NULL);
	bool tp, r;

	if (!eku)
		return refuse(why, "it has no extended key usage, or more than one");
	tp = names_role(eku, t->thirdparty);
	r = names_role(eku, t->responder);
	EXTENDED_KEY_USAGE_free(eku);
	if (tp && r)
		return refuse(why, "its extended key usage names both roles");
	if (role == DMK_ROLE_TP ? !tp : !r)
		return refuse(why, "its extended key usage does not name a %s",
			      role_name(role));
	return true;
}

static bool check_usage(X509 *x, enum dmk_role_type role, char why[DMK_CERT_WHY])
{
	uint32_t usage = X509_get_key_usage(x);

	if (!(X509_get_extension_flags(x) & EXFLAG_KUSAGE))
		return refuse(why, "it has no key usage");
	if (role == DMK_ROLE_TP && !(usage & KU_DIGITAL_SIGNATURE))
		return refuse(why, "its key usage lacks digitalSignature");
	if (role == DMK_ROLE_R && !(usage & KU_KEY_ENCIPHERMENT))
		return refuse(why, "its key usage lacks keyEncipherment");
	return true;
}

/* IA5String may hold NUL and control characters; an identity may not: it
 * is compared octet for octet and printed.
 */
static bool take_name(const ASN1_IA5STRING *name, uint8_t type, struct dmk_certificate *out,
		      char why[DMK_CERT_WHY])
{
	const unsigned char *data = ASN1_STRING_get0_data(name);
	int i, len = ASN1_STRING_length(name);

	if (len < 1 || len > DMK_ID_MAX)
		return refuse(why, "its name has %d bytes, not 1 to 255", len);
	for (i = 0; i < len; i++)
		if (data[i] < 0x20 || data[i] > 0x7e)
			return refuse(why, "its name is not printable ASCII");
	out->id_type = type;
	out->id_len = len;
	memcpy(out->id, data, len);
	out->id[len] = '\0';
	return true;
}

static bool check_names(GENERAL_NAMES *names, struct dmk_certificate *out,
			char why[DMK_CERT_WHY])
{
	const GENERAL_NAME *g, *found = NULL;
	int i, n = 0;

	for (i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		g = sk_GENERAL_NAME_value(names, i);
		if (g->type != GEN_URI && g->type != GEN_EMAIL)
			continue;
		found = g;
		n++;
	}
	if (n != 1)
		return refuse(why, "it has %d names of the kinds URI and rfc822Name, not one",
			      n);
	return take_name(found->d.ia5, found->type == GEN_URI, out, why);
}

static bool check_identity(X509 *x, struct dmk_certificate *out, char why[DMK_CERT_WHY])
{
	GENERAL_NAMES *names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	bool good;

	if (!names)
		return refuse(why, "it has no subject alternative name, or more than one");
	good = check_names(names, out, why);
	GENERAL_NAMES_free(names);
	return good;
}

static X509 *read_der(const uint8_t *der, size_t len, char why[DMK_CERT_WHY])
{
	const uint8_t *p = der;
	X509 *x;

	if (!len || len > DMK_CERT_MAX) {
		refuse(why, "it has %zu bytes, not 1 to %d", len, DMK_CERT_MAX);
		return NULL;
	}
	x = d2i_X509(NULL, &p, len);
	if (x && p == der + len)
		return x;
	X509_free(x);
	refuse(why, "it is not exactly one certificate in DER");
	return NULL;
}

bool dmk_cert_check(struct dmk_trust *t, const uint8_t *der, size_t len,
		    enum dmk_role_type role, struct dmk_certificate *out,
		    char why[DMK_CERT_WHY])
{
	X509 *x;
	bool good;

	memset(out, 0, sizeof(*out));
	why[0] = '\0';
	x = read_der(der, len, why);
	if (!x)
		return false;
	SHA256(der, len, out->hash);
	good = check_path(t, x, out, why) && check_key(x, out, why) &&
	       check_role(t, x, role, why) && check_usage(x, role, why) &&
	       check_identity(x, out, why);
	X509_free(x);
	ERR_clear_error();
	return good;
}

size_t dmk_cert_load(const char *path, uint8_t der[DMK_CERT_MAX],
		     char why[DMK_CERT_WHY])
{
	FILE *f = fopen(path, "re");
	uint8_t *p = der;
	int len = 0;
	X509 *x;

	if (!f) {
		refuse(why, "%s", strerror(errno));
		return 0;
	}
	x = PEM_read_X509(f, NULL, NULL, NULL);
	fclose(f);
	if (!x) {
		refuse(why, "it is not a certificate in PEM: %s", openssl_says());
		return 0;
	}
	if (i2d_X509(x, NULL) <= DMK_CERT_MAX)
		len = i2d_X509(x, &p);
	else
		refuse(why, "it has more than %d bytes", DMK_CERT_MAX);
	X509_free(x);
	return len > 0 ? len : 0;
}
