// SPDX-License-Identifier: GPL-2.0
/* The keys that decode was given, and what RSA says with them. */
#include <ctype.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <string.h>

#include "decode.h"

/* ---- pre-shared keys: hex digits, as everywhere in dmikey */

static bool hex_key(const char *text, struct decode_key *k)
{
	unsigned int byte;
	int used;

	for (k->len = 0; k->len < sizeof(k->data); k->len++) {
		if (!isxdigit((u8)text[0]) || !isxdigit((u8)text[1]) ||
		    sscanf(text, "%2x%n", &byte, &used) != 1)
			break;
		k->data[k->len] = byte;
		text += used;
	}
	return k->len && !text[strspn(text, " \t\r\n")];
}

void decode_keys_psk(struct decode_keys *k, const char *file)
{
	char text[2 * DECODE_KEY_MAX + 16] = "";
	struct decode_key *psk = &k->psk[k->n_psk];
	FILE *in = fopen(file, "re");

	if (k->n_psk == ARRAY_SIZE(k->psk))
		ctl_fail(CTL_USAGE, "more than %zu pre-shared keys", ARRAY_SIZE(k->psk));
	if (!in)
		ctl_fail(CTL_REFUSED, "%s: %m", file);
	setvbuf(in, NULL, _IONBF, 0);
	(void)!fread(text, 1, sizeof(text) - 1, in);
	fclose(in);
	if (!hex_key(text, psk))
		ctl_fail(CTL_REFUSED, "%s: a pre-shared key is 1 to %d bytes in hex", file,
			 DECODE_KEY_MAX);
	dmk_wipe(text, sizeof(text));
	psk->name = file;
	k->n_psk++;
}

/* ---- RSA */

static BIO *open_file(const char *file)
{
	BIO *in = BIO_new_file(file, "r");

	if (!in)
		ctl_fail(CTL_REFUSED, "%s: %s", file, strerror(errno));
	return in;
}

void decode_keys_private(struct decode_keys *k, const char *file)
{
	BIO *in = open_file(file);
	EVP_PKEY *key;

	if (k->n_private == ARRAY_SIZE(k->private))
		ctl_fail(CTL_USAGE, "more than %zu private keys", ARRAY_SIZE(k->private));
	key = PEM_read_bio_PrivateKey(in, NULL, NULL, NULL);
	if (!key) {
		(void)BIO_reset(in);
		key = d2i_PrivateKey_bio(in, NULL);
	}
	BIO_free(in);
	ERR_clear_error();
	if (!key || !EVP_PKEY_is_a(key, "RSA"))
		ctl_fail(CTL_REFUSED, "%s holds no RSA private key, neither PEM nor DER", file);
	k->private_name[k->n_private] = file;
	k->private[k->n_private++] = key;
}

void decode_keys_certificate(struct decode_keys *k, const char *file)
{
	X509 *x = ctl_certificate_read(file);
	EVP_PKEY *key;

	if (k->n_public == ARRAY_SIZE(k->public))
		ctl_fail(CTL_USAGE, "more than %zu certificates", ARRAY_SIZE(k->public));
	key = X509_get_pubkey(x);
	X509_free(x);
	if (!key || !EVP_PKEY_is_a(key, "RSA"))
		ctl_fail(CTL_REFUSED, "%s: its key is not RSA", file);
	k->public_name[k->n_public] = file;
	k->public[k->n_public++] = key;
}

void decode_keys_wipe(struct decode_keys *k)
{
	while (k->n_private)
		EVP_PKEY_free(k->private[--k->n_private]);
	while (k->n_public)
		EVP_PKEY_free(k->public[--k->n_public]);
	dmk_wipe(k->psk, sizeof(k->psk));
}

bool decode_keys_envelope(const struct decode_keys *k, unsigned int i, struct dmk_span pke,
			  struct decode_key *out)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(k->private[i], NULL);
	u8 plain[2048];
	size_t len = sizeof(plain);
	bool good;

	good = ctx && EVP_PKEY_get_size(k->private[i]) <= (int)sizeof(plain) &&
	       EVP_PKEY_decrypt_init(ctx) > 0 &&
	       EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) > 0 &&
	       EVP_PKEY_decrypt(ctx, plain, &len, pke.data, pke.len) > 0 &&
	       len && len <= sizeof(out->data);
	if (good) {
		memcpy(out->data, plain, len);
		out->len = len;
		out->name = k->private_name[i];
	}
	dmk_wipe(plain, sizeof(plain));
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return good;
}

static bool verifies(EVP_PKEY *key, const struct dmk_message *m, const EVP_MD *md)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int padding = m->sign.s_type ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING;
	EVP_PKEY_CTX *pkey;
	bool good;

	good = ctx && EVP_DigestVerifyInit(ctx, &pkey, md, NULL, key) > 0 &&
	       EVP_PKEY_CTX_set_rsa_padding(pkey, padding) > 0 &&
	       EVP_DigestVerify(ctx, m->sign.signature.data, m->sign.signature.len,
				m->raw.data, m->sign.signature.data - m->raw.data) > 0;
	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return good;
}

/* RFC 3830 has SHA-1 in mind; PRF 1 goes with SHA-256, and some do with PRF 0 */
const char *decode_keys_signed(const struct decode_keys *k, const struct dmk_message *m,
			       const char **hash)
{
	unsigned int i;

	for (i = 0; i < k->n_public; i++) {
		*hash = "SHA-256";
		if (verifies(k->public[i], m, EVP_sha256()))
			return k->public_name[i];
		*hash = "SHA-1";
		if (verifies(k->public[i], m, EVP_sha1()))
			return k->public_name[i];
	}
	return NULL;
}
