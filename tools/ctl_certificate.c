// SPDX-License-Identifier: GPL-2.0
/*
 * Certificates are read here, and nothing more: whether one deserves trust is
 * dmikeyd's decision. This is for tests and for hosts without the agent.
 */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <time.h>

#include "ctl.h"

X509 *ctl_certificate_read(const char *file)
{
	BIO *in = BIO_new_file(file, "r");
	X509 *x;

	if (!in)
		ctl_fail(CTL_REFUSED, "%s: %m", file);
	x = PEM_read_bio_X509(in, NULL, NULL, NULL);
	if (!x) {
		(void)BIO_reset(in);
		x = d2i_X509_bio(in, NULL);
	}
	BIO_free(in);
	ERR_clear_error();
	if (!x)
		ctl_fail(CTL_REFUSED, "%s holds no certificate, neither PEM nor DER", file);
	return x;
}

struct json_object *ctl_certificate_name(const uint8_t *der, size_t len)
{
	X509 *x = d2i_X509(NULL, &der, len);
	BIO *out = BIO_new(BIO_s_mem());
	struct json_object *name = NULL;
	char *text;
	int at;

	if (x && out) {
		X509_NAME_print_ex(out, X509_get_subject_name(x), 0, XN_FLAG_RFC2253);
		at = X509_get_ext_by_NID(x, NID_subject_alt_name, -1);
		if (at >= 0) {
			BIO_puts(out, "; ");
			X509V3_EXT_print(out, X509_get_ext(x, at), 0, 0);
		}
		at = BIO_get_mem_data(out, &text);
		name = json_object_new_string_len(text, at);
	}
	BIO_free(out);
	X509_free(x);
	ERR_clear_error();
	return name;
}

/* protocol.md 6.3: exactly one name of the kinds URI and rfc822Name */
static void put_identity(struct nl_msg *msg, X509 *x, const char *file)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	const ASN1_IA5STRING *name = NULL;
	uint8_t type = 0;
	int i, found = 0;

	for (i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *g = sk_GENERAL_NAME_value(names, i);

		if (g->type != GEN_URI && g->type != GEN_EMAIL)
			continue;
		found++;
		type = g->type == GEN_URI;
		name = g->d.ia5;
	}
	if (found != 1)
		ctl_fail(CTL_REFUSED,
			 "%s: %d subject alternative names of the kinds URI and email, exactly one is an identity",
			 file, found);
	ctl_put(msg, DMK_A_ID_TYPE, &type, sizeof(type));
	ctl_put(msg, DMK_A_ID, ASN1_STRING_get0_data(name), ASN1_STRING_length(name));
	GENERAL_NAMES_free(names);
}

static void put_expiry(struct nl_msg *msg, X509 *x, const char *file)
{
	uint64_t expires;
	struct tm tm;

	if (!ASN1_TIME_to_tm(X509_get0_notAfter(x), &tm))
		ctl_fail(CTL_REFUSED, "%s: the end of its validity is no time", file);
	expires = timegm(&tm);
	ctl_put(msg, DMK_A_EXPIRES, &expires, sizeof(expires));
}

static void put_public_key(struct nl_msg *msg, X509 *x, const char *file)
{
	EVP_PKEY *key = X509_get0_pubkey(x);
	unsigned char *der = NULL;
	int len;

	if (!key || !EVP_PKEY_is_a(key, "RSA"))
		ctl_fail(CTL_REFUSED, "%s: its key is not RSA", file);
	len = i2d_PublicKey(key, &der);
	if (len <= 0)
		ctl_fail(CTL_REFUSED, "%s: its public key cannot be encoded", file);
	ctl_put(msg, DMK_A_PUBKEY, der, len);
	OPENSSL_free(der);
}

static void put_hash(struct nl_msg *msg, X509 *x)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned int len;

	if (!X509_digest(x, EVP_sha256(), hash, &len))
		ctl_fail(CTL_REFUSED, "SHA-256 failed");
	ctl_put(msg, DMK_A_CERT_HASH, hash, len);
}

static void put_der(struct nl_msg *msg, X509 *x)
{
	unsigned char *der = NULL;
	int len = i2d_X509(x, &der);

	if (len <= 0)
		ctl_fail(CTL_REFUSED, "the certificate cannot be encoded");
	ctl_put(msg, DMK_A_CERT, der, len);
	OPENSSL_free(der);
}

void ctl_certificate_put(struct nl_msg *msg, const char *file, bool peer)
{
	X509 *x = ctl_certificate_read(file);

	put_identity(msg, x, file);
	put_expiry(msg, x, file);
	if (peer) {
		put_public_key(msg, x, file);
		put_hash(msg, x);
	} else {
		put_der(msg, x);
	}
	X509_free(x);
	ctl_fail_note("note: %s was NOT validated; dmikeyd does that", file);
}
