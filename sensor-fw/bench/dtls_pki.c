// SPDX-License-Identifier: GPL-2.0
#include <mbedtls/ecp.h>
#include <mbedtls/oid.h>

#include "count.h"
#include "dtls_pki.h"
#include "peer.h"

/**
 * struct holder - one who has a certificate
 * @key: key pair
 * @crt: certificate
 */
struct holder {
	mbedtls_pk_context key;
	mbedtls_x509_crt crt;
};

static struct holder ca, server, client;
static mbedtls_ctr_drbg_context drbg;

mbedtls_x509_crt *dtls_pki_ca(void)
{
	return &ca.crt;
}

mbedtls_x509_crt *dtls_pki_server(void)
{
	return &server.crt;
}

mbedtls_pk_context *dtls_pki_server_key(void)
{
	return &server.key;
}

mbedtls_x509_crt *dtls_pki_client(void)
{
	return &client.crt;
}

mbedtls_pk_context *dtls_pki_client_key(void)
{
	return &client.key;
}

static void make_key(struct holder *h)
{
	mbedtls_pk_init(&h->key);
	MUST(!mbedtls_pk_setup(&h->key, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY)));
	MUST(!mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(h->key),
				  mbedtls_ctr_drbg_random, &drbg));
}

/* what RFC 7925 4.4 wants of certificates, and not more; @serial: 1 is the CA */
static void fill(mbedtls_x509write_cert *w, struct holder *h, const char *name, u8 serial)
{
	bool is_ca = serial == 1;

	mbedtls_x509write_crt_set_version(w, MBEDTLS_X509_CRT_VERSION_3);
	mbedtls_x509write_crt_set_md_alg(w, MBEDTLS_MD_SHA256);
	mbedtls_x509write_crt_set_subject_key(w, &h->key);
	mbedtls_x509write_crt_set_issuer_key(w, &ca.key);
	MUST(!mbedtls_x509write_crt_set_serial_raw(w, &serial, 1));
	MUST(!mbedtls_x509write_crt_set_subject_name(w, name));
	MUST(!mbedtls_x509write_crt_set_issuer_name(w, "CN=ca.example"));
	MUST(!mbedtls_x509write_crt_set_validity(w, "20250101000000", "20491231235959"));
	MUST(!mbedtls_x509write_crt_set_basic_constraints(w, is_ca, is_ca ? 0 : -1));
	MUST(!mbedtls_x509write_crt_set_key_usage(w, is_ca ? MBEDTLS_X509_KU_KEY_CERT_SIGN :
						     MBEDTLS_X509_KU_DIGITAL_SIGNATURE));
}

static void make(struct holder *h, const char *name, u8 serial)
{
	mbedtls_x509write_cert w;
	static u8 der[1024];
	int len;

	make_key(h);
	mbedtls_x509write_crt_init(&w);
	fill(&w, h, name, serial);
	len = mbedtls_x509write_crt_der(&w, der, sizeof(der), mbedtls_ctr_drbg_random, &drbg);
	MUST(len > 0);
	mbedtls_x509write_crt_free(&w);
	mbedtls_x509_crt_init(&h->crt);
	MUST(!mbedtls_x509_crt_parse_der(&h->crt, der + sizeof(der) - len, len));
}

void dtls_pki_make(void)
{
	peer_drbg(&drbg, "pki");
	make(&ca, "CN=ca.example", 1);
	make(&server, "CN=" DTLS_PKI_SERVER, 2);
	make(&client, "CN=sensor07@net.example", 3);
}
