/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Certificates of third parties and responders: whom the configuration trusts,
 * and whether one certificate may play one role (protocol.md 6.3).
 */
#ifndef DMK_AGENT_CERT_H
#define DMK_AGENT_CERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "../core/limits.h"
#include "../kmod/uapi/dmikey.h"

#define DMK_CERT_WHY	192	/* bytes of a sentence that says what is wrong */
#define DMK_PUBKEY_MAX	600	/* bytes of an RSAPublicKey */

/**
 * struct dmk_certificate - what a valid certificate says
 * @id_type: 0 NAI (from an rfc822Name), 1 URI
 * @id_len: bytes of @id
 * @id: the certified identity, printable ASCII, with a NUL behind it
 * @hash: SHA-256 of the DER
 * @pubkey: RSAPublicKey, PKCS#1 DER
 * @pubkey_len: bytes of @pubkey
 * @bits: bits of the RSA modulus
 * @expires: Unix seconds: the first end of validity in its chain
 * @revocation_checked: a current CRL was there for every certificate of the chain
 */
struct dmk_certificate {
	uint8_t id_type;
	uint8_t id_len;
	char id[DMK_ID_MAX + 1];
	uint8_t hash[DMK_HASH_LEN];
	uint8_t pubkey[DMK_PUBKEY_MAX];
	size_t pubkey_len;
	int bits;
	time_t expires;
	bool revocation_checked;
};

/* what certificates are checked against; opaque */
struct dmk_trust;

/**
 * dmk_cert_trust_new() - trust nobody yet
 *
 * The roles are named by id-kp-clientAuth and id-kp-serverAuth, revocation is
 * checked as far as there are CRLs.
 *
 * Return: the trust, for dmk_cert_trust_free(); NULL without memory.
 */
struct dmk_trust *dmk_cert_trust_new(void);
void dmk_cert_trust_free(struct dmk_trust *t);

/**
 * dmk_cert_trust_ca() - trust the certification authorities of a PEM file
 * @t: the trust
 * @path: root certificates, and the intermediate ones below them
 * @why: if it fails, what is wrong
 *
 * Return: whether every certificate of the file was taken.
 */
bool dmk_cert_trust_ca(struct dmk_trust *t, const char *path, char why[DMK_CERT_WHY]);

/**
 * dmk_cert_trust_ca_der() - the same for one certificate in memory
 * @t: the trust
 * @der: the certificate
 * @len: its length
 * @why: if it fails, what is wrong
 */
bool dmk_cert_trust_ca_der(struct dmk_trust *t, const uint8_t *der, size_t len,
			   char why[DMK_CERT_WHY]);

/**
 * dmk_cert_trust_crl() - take the revocation lists of a PEM file
 * @t: the trust
 * @path: the lists
 * @why: if it fails, what is wrong
 */
bool dmk_cert_trust_crl(struct dmk_trust *t, const char *path, char why[DMK_CERT_WHY]);

/**
 * dmk_cert_trust_crl_required() - refuse what no current CRL speaks for
 * @t: the trust
 */
void dmk_cert_trust_crl_required(struct dmk_trust *t);

/**
 * dmk_cert_trust_roles() - object identifiers that name the roles
 * @t: the trust
 * @thirdparty: dotted, in place of id-kp-clientAuth
 * @responder: dotted, in place of id-kp-serverAuth
 *
 * Both are replaced at once: protocol.md 6.3.
 *
 * Return: false if one is malformed, or both are the same, or one is
 * anyExtendedKeyUsage.
 */
bool dmk_cert_trust_roles(struct dmk_trust *t, const char *thirdparty,
			  const char *responder);

/**
 * dmk_cert_trust_time() - check for another time than now
 * @t: the trust
 * @now: Unix seconds
 */
void dmk_cert_trust_time(struct dmk_trust *t, time_t now);

/**
 * dmk_cert_check() - whether a certificate may play a role
 * @t: whom to trust
 * @der: the certificate, untrusted
 * @len: its length
 * @role: enum dmk_role_type
 * @out: what it says, if it is valid
 * @why: what is wrong, if it is not; printable whatever the certificate holds
 *
 * Return: whether it is valid, now and for that role.
 */
bool dmk_cert_check(struct dmk_trust *t, const uint8_t *der, size_t len,
		    enum dmk_role_type role, struct dmk_certificate *out,
		    char why[DMK_CERT_WHY]);

/* for cert_list.c, which knows OpenSSL: where the trusted are, and whether a
 * current CRL spoke for a trusted authority
 */
struct x509_store_st;
struct x509_st;
struct x509_store_st *dmk_cert_trust_store(struct dmk_trust *t);
bool dmk_cert_revocation_checked(struct dmk_trust *t, struct x509_st *x);

/**
 * dmk_cert_load() - the one certificate of a PEM file
 * @path: the file
 * @der: room for it
 * @why: if it fails, what is wrong
 *
 * Return: its length, 0 on failure.
 */
size_t dmk_cert_load(const char *path, uint8_t der[DMK_CERT_MAX],
		     char why[DMK_CERT_WHY]);

#endif
