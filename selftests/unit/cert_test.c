// SPDX-License-Identifier: GPL-2.0
/* The agent's rules for certificates, on the vectors' PKI and on CRLs made here. */
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "../../agent/cert.h"
#include "ktap.h"
#include "vec_dmikey.h"

#define PKI	vec_dmikey.pki
#define TP_OID	"1.3.6.1.4.1.99999.1.1"
#define R_OID	"1.3.6.1.4.1.99999.1.2"

static const struct {
	const char *name;
	const struct dmk_span *cert;
	enum dmk_role_type role;
	const char *id;		/* the identity, if it is valid */
	const char *why;	/* part of the reason, if it is not */
} cases[] = {
#define GOOD(n, r, i)	{ #n, &PKI.n.cert, r, i, NULL }
#define BAD(n, r, w)	{ #n, &PKI.n.cert, r, NULL, w }
	GOOD(r, DMK_ROLE_R, "dmikey:r.example.net"),
	GOOD(r4096, DMK_ROLE_R, "dmikey:r.example.net"),
	GOOD(tp1, DMK_ROLE_TP, "dmikey:t01.gw.ex.net"),
	GOOD(tp1b, DMK_ROLE_TP, "dmikey:t01.gw.ex.net"),
	GOOD(tp1same, DMK_ROLE_TP, "dmikey:t19.gw.ex.net"),
	GOOD(tp16, DMK_ROLE_TP, "dmikey:t16.gw.ex.net"),
	GOOD(tp3072, DMK_ROLE_TP, "dmikey:t17.gw.ex.net"),
	GOOD(tpmail, DMK_ROLE_TP, "t18@gw.ex.net"),
	BAD(r, DMK_ROLE_TP, "does not name a third party"),
	BAD(tp1, DMK_ROLE_R, "does not name a responder"),
	BAD(ca, DMK_ROLE_TP, "extended key usage"),
	BAD(evil, DMK_ROLE_TP, "self-signed"),
	BAD(tptwo, DMK_ROLE_TP, "2 names"),
	BAD(tpmix, DMK_ROLE_TP, "2 names"),
	BAD(tpdns, DMK_ROLE_TP, "0 names"),
	BAD(tpnosan, DMK_ROLE_TP, "no subject alternative name"),
	BAD(tprole, DMK_ROLE_TP, "does not name a third party"),
	BAD(tpnoeku, DMK_ROLE_TP, "no extended key usage"),
	BAD(tpany, DMK_ROLE_TP, "does not name a third party"),
	BAD(tpcode, DMK_ROLE_TP, "does not name a third party"),
	BAD(tpku, DMK_ROLE_TP, "lacks digitalSignature"),
	BAD(tp1024, DMK_ROLE_TP, "key too weak"),
	BAD(tpsha1, DMK_ROLE_TP, "digest algorithm too weak"),
	BAD(tpold, DMK_ROLE_TP, "has expired"),
};

static struct dmk_trust *trust(void)
{
	struct dmk_trust *t = dmk_cert_trust_new();
	char why[DMK_CERT_WHY];

	if (!t || !dmk_cert_trust_ca_der(t, PKI.ca.cert.data, PKI.ca.cert.len, why) ||
	    !dmk_cert_trust_roles(t, TP_OID, R_OID))
		abort();
	return t;
}

static bool check(struct dmk_trust *t, struct dmk_span der, enum dmk_role_type role,
		  struct dmk_certificate *c, char why[DMK_CERT_WHY])
{
	return dmk_cert_check(t, der.data, der.len, role, c, why);
}

static void test_pki(void)
{
	struct dmk_trust *t = trust();
	char why[DMK_CERT_WHY];
	struct dmk_certificate c;
	size_t i;
	bool good;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		good = check(t, *cases[i].cert, cases[i].role, &c, why);
		if (cases[i].id)
			good = good && !strcmp(c.id, cases[i].id) &&
			       c.id_len == strlen(c.id) &&
			       c.id_type == !strchr(c.id, '@');
		else
			good = !good && strstr(why, cases[i].why);
		if (!ktap_ok(good, "%s as role %d is %s", cases[i].name, cases[i].role,
			     cases[i].id ? "valid" : "refused"))
			ktap_diag("identity '%s', reason '%s'", c.id, why);
	}
	dmk_cert_trust_free(t);
}

static void test_result(void)
{
	struct dmk_trust *t = trust();
	char why[DMK_CERT_WHY];
	const uint8_t *p;
	struct dmk_certificate c;
	EVP_PKEY *key;

	if (!ktap_ok(check(t, PKI.r4096.cert, DMK_ROLE_R, &c, why), "r4096 is read"))
		return;
	ktap_ok(!memcmp(c.hash, PKI.r4096.sha256.data, sizeof(c.hash)), "its hash");
	p = c.pubkey;
	key = d2i_PublicKey(EVP_PKEY_RSA, NULL, &p, c.pubkey_len);
	ktap_ok(key && p == c.pubkey + c.pubkey_len && EVP_PKEY_get_bits(key) == 4096 &&
		c.bits == 4096, "its public key is PKCS#1");
	EVP_PKEY_free(key);
	ktap_ok(c.expires > time(NULL) && c.expires < 2500000000, "its end of validity");
	ktap_ok(!c.revocation_checked, "revocation is not called checked");
	dmk_cert_trust_free(t);
}

static void test_time(void)
{
	struct dmk_trust *t = trust();
	char why[DMK_CERT_WHY];
	struct dmk_certificate c;

	dmk_cert_trust_time(t, 2500000000);
	ktap_ok(!check(t, PKI.tp1.cert, DMK_ROLE_TP, &c, why) && strstr(why, "expired"),
		"tp1 in 2049 has expired");
	dmk_cert_trust_time(t, 1000000000);
	ktap_ok(!check(t, PKI.tp1.cert, DMK_ROLE_TP, &c, why) &&
		strstr(why, "not yet valid"), "tp1 in 2001 is not yet valid");
	dmk_cert_trust_free(t);
}

static void test_roles(void)
{
	struct dmk_trust *t = trust();
	char why[DMK_CERT_WHY];
	struct dmk_certificate c;

	ktap_ok(!dmk_cert_trust_roles(t, TP_OID, TP_OID), "one identifier for both roles");
	ktap_ok(!dmk_cert_trust_roles(t, TP_OID, "2.5.29.37.0"), "anyExtendedKeyUsage");
	ktap_ok(!dmk_cert_trust_roles(t, "clientAuth?", R_OID), "no identifier");
	ktap_ok(dmk_cert_trust_roles(t, "1.3.6.1.5.5.7.3.2", R_OID), "clientAuth by number");
	ktap_ok(check(t, PKI.tp1.cert, DMK_ROLE_TP, &c, why), "tp1 has clientAuth");
	ktap_ok(dmk_cert_trust_roles(t, TP_OID, "1.3.6.1.5.5.7.3.2"), "clientAuth responds");
	ktap_ok(!check(t, PKI.tp1.cert, DMK_ROLE_TP, &c, why) && strstr(why, "both roles"),
		"tp1 then names both roles");
	ktap_ok(dmk_cert_trust_roles(t, "1.2.3.4", "1.2.3.5"), "other identifiers");
	ktap_ok(!check(t, PKI.tp1.cert, DMK_ROLE_TP, &c, why),
		"they replace the defaults");
	dmk_cert_trust_free(t);

	t = dmk_cert_trust_new();
	dmk_cert_trust_ca_der(t, PKI.ca.cert.data, PKI.ca.cert.len, why);
	ktap_ok(check(t, PKI.tp1.cert, DMK_ROLE_TP, &c, why) &&
		check(t, PKI.r.cert, DMK_ROLE_R, &c, why), "the default identifiers");
	dmk_cert_trust_free(t);
}

/* every length and every byte: the verdict may only be no */
static void test_damage(void)
{
	struct dmk_trust *t = trust();
	size_t i, len = PKI.tp1.cert.len, taken = 0;
	uint8_t *der = ktap_alloc(len + 1);
	char why[DMK_CERT_WHY];
	struct dmk_certificate c;

	memcpy(der, PKI.tp1.cert.data, len);
	for (i = 0; i < len; i++) {
		uint8_t *cut = ktap_alloc(i + 1);

		memcpy(cut, der, i);
		taken += dmk_cert_check(t, cut, i, DMK_ROLE_TP, &c, why);
		ktap_free(cut);
	}
	ktap_ok(!taken, "tp1 cut at every length is refused");
	der[len] = 0;
	ktap_ok(!dmk_cert_check(t, der, len + 1, DMK_ROLE_TP, &c, why),
		"tp1 with a byte behind it is refused");
	for (i = 0; i < len; i++) {
		der[i] ^= 1;
		if (dmk_cert_check(t, der, len, DMK_ROLE_TP, &c, why)) {
			ktap_diag("byte %zu of %zu", i, len);
			taken++;
		}
		der[i] ^= 1;
	}
	ktap_ok(!taken, "tp1 with any byte changed is refused");
	ktap_free(der);
	dmk_cert_trust_free(t);
}

/* a CRL of the vectors' CA that revokes @serial (0: nobody), in a PEM file */
static void write_crl(const char *path, long serial, long from, long to, const EVP_MD *md)
{
	const uint8_t *p = PKI.ca.key_pem.data;
	EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &p, PKI.ca.key_pem.len);
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *at = ASN1_TIME_new();
	FILE *f = fopen(path, "w");
	X509_REVOKED *rev;
	X509 *ca;

	p = PKI.ca.cert.data;
	ca = d2i_X509(NULL, &p, PKI.ca.cert.len);
	if (!key || !crl || !at || !f || !ca)
		abort();
	X509_CRL_set_version(crl, X509_CRL_VERSION_2);
	X509_CRL_set_issuer_name(crl, X509_get_subject_name(ca));
	X509_CRL_set1_lastUpdate(crl, X509_gmtime_adj(at, from));
	X509_CRL_set1_nextUpdate(crl, X509_gmtime_adj(at, to));
	if (serial) {
		ASN1_INTEGER *n = ASN1_INTEGER_new();

		rev = X509_REVOKED_new();
		ASN1_INTEGER_set(n, serial);
		X509_REVOKED_set_serialNumber(rev, n);
		X509_REVOKED_set_revocationDate(rev, X509_gmtime_adj(at, from));
		X509_CRL_add0_revoked(crl, rev);
		ASN1_INTEGER_free(n);
	}
	X509_CRL_sort(crl);
	if (!X509_CRL_sign(crl, key, md) || !PEM_write_X509_CRL(f, crl))
		abort();
	fclose(f);
	ASN1_TIME_free(at);
	X509_CRL_free(crl);
	X509_free(ca);
	EVP_PKEY_free(key);
}

static struct dmk_trust *trust_crl(const char *path, bool required)
{
	struct dmk_trust *t = trust();
	char why[DMK_CERT_WHY];

	if (!dmk_cert_trust_crl(t, path, why))
		ktap_diag("CRL: %s", why);
	if (required)
		dmk_cert_trust_crl_required(t);
	return t;
}

static void test_crl(void)
{
	char path[] = "/tmp/dmk-crl-XXXXXX", why[DMK_CERT_WHY];
	int fd = mkstemp(path);
	struct dmk_trust *t;
	struct dmk_certificate c;

	if (fd < 0)
		abort();
	close(fd);
	t = trust();
	dmk_cert_trust_crl_required(t);
	ktap_ok(!check(t, PKI.tp1.cert, DMK_ROLE_TP, &c, why) && strstr(why, "CRL"),
		"a CRL is required and there is none");
	dmk_cert_trust_free(t);

	write_crl(path, 101, -60, 3600, EVP_sha256());
	t = trust_crl(path, false);
	ktap_ok(!check(t, PKI.tp1.cert, DMK_ROLE_TP, &c, why) && strstr(why, "revoked"),
		"tp1 is revoked");
	ktap_ok(check(t, PKI.tp2.cert, DMK_ROLE_TP, &c, why) && c.revocation_checked,
		"tp2 is not, and that was checked");
	dmk_cert_trust_free(t);

	write_crl(path, 101, -3600, -60, EVP_sha256());
	t = trust_crl(path, false);
	ktap_ok(check(t, PKI.tp2.cert, DMK_ROLE_TP, &c, why) && !c.revocation_checked,
		"an old CRL: not checked");
	ktap_ok(!check(t, PKI.tp1.cert, DMK_ROLE_TP, &c, why) && strstr(why, "revoked"),
		"an old CRL still revokes");
	dmk_cert_trust_free(t);
	t = trust_crl(path, true);
	ktap_ok(!check(t, PKI.tp2.cert, DMK_ROLE_TP, &c, why) && strstr(why, "CRL"),
		"an old CRL is none where one is required");
	dmk_cert_trust_free(t);

	write_crl(path, 0, -60, 3600, EVP_sha1());
	t = trust();
	ktap_ok(!dmk_cert_trust_crl(t, path, why) && strstr(why, "SHA1"),
		"a CRL signed with SHA-1 is refused");
	dmk_cert_trust_free(t);
	unlink(path);
}

static void test_files(void)
{
	char path[] = "/tmp/dmk-pem-XXXXXX", why[DMK_CERT_WHY];
	struct dmk_trust *t = trust();
	uint8_t der[DMK_CERT_MAX];
	int fd = mkstemp(path);

	if (fd < 0)
		abort();
	ktap_ok(!dmk_cert_load(path, der, why) && why[0], "an empty file is no certificate");
	ktap_ok(!dmk_cert_trust_ca(t, path, why) && why[0], "nor an authority");
	ktap_ok(!dmk_cert_trust_crl(t, path, why) && why[0], "nor a CRL");
	ktap_ok(!dmk_cert_load("/nonexistent", der, why) && strstr(why, "No such file"),
		"a missing file is named so");
	ktap_ok(!dmk_cert_trust_ca_der(t, PKI.tp1.cert.data, PKI.tp1.cert.len, why),
		"tp1 is no authority");
	close(fd);
	unlink(path);
	dmk_cert_trust_free(t);
}

static void cert_test(void)
{
	test_pki();
	test_result();
	test_time();
	test_roles();
	test_damage();
	test_crl();
	test_files();
}

KTAP_MAIN(cert_test)
