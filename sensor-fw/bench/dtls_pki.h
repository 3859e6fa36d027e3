/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A CA, a server and a client on P-256, made in the image with fixed random
 * numbers: the same ones in each run, and no key in the tree.
 */
#ifndef DTLS_PKI_H
#define DTLS_PKI_H

#include <mbedtls/pk.h>
#include <mbedtls/x509_crt.h>

#define DTLS_PKI_SERVER "r.example.net"	/* the server's name in its certificate */

/**
 * dtls_pki_make() - make all of it; once
 */
void dtls_pki_make(void);

mbedtls_x509_crt *dtls_pki_ca(void);
mbedtls_x509_crt *dtls_pki_server(void);
mbedtls_pk_context *dtls_pki_server_key(void);
mbedtls_x509_crt *dtls_pki_client(void);
mbedtls_pk_context *dtls_pki_client_key(void);

#endif
