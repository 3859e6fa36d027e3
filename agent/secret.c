// SPDX-License-Identifier: GPL-2.0
/* Files with secrets. What is read is wiped by name on every way out. */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "secret.h"

#define PEM_MAX	16384	/* bytes of a private key's file */

static uid_t owner;	/* root, unless another one is named */

/* ---- memory of OpenSSL, whose decoders free a private key's DER as it is */

static void *take(size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return malloc(n);
}

static void give_back(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	if (p)
		explicit_bzero(p, malloc_usable_size(p));
	free(p);
}

static void *resize(void *p, size_t n, const char *file, int line)
{
	size_t had = p ? malloc_usable_size(p) : 0;
	void *new = n ? malloc(n) : NULL;

	if (n && !new)
		return NULL;
	if (p && new)
		memcpy(new, p, had < n ? had : n);
	give_back(p, file, line);
	return new;
}

bool dmk_secret_init(void)
{
	return CRYPTO_set_mem_functions(take, resize, give_back);
}

/* ---- files */

void dmk_secret_owner(uid_t uid)
{
	owner = uid;
}

__attribute__((format(printf, 2, 3)))
static bool refuse(char why[DMK_SECRET_WHY], const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, DMK_SECRET_WHY, fmt, ap);
	va_end(ap);
	ERR_clear_error();
	return false;
}

static bool check_file(int fd, char why[DMK_SECRET_WHY])
{
	struct stat st;

	if (fstat(fd, &st))
		return refuse(why, "%s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return refuse(why, "it is not a regular file");
	if (st.st_uid != 0 && st.st_uid != geteuid() && st.st_uid != owner)
		return refuse(why, "it belongs to another user (%u)", st.st_uid);
	if (st.st_mode & 077)
		return refuse(why, "its mode is %04o: others may read it; chmod 0600",
			      st.st_mode & 07777);
	return true;
}

/* the whole file; more than @room bytes are an error */
static ssize_t read_file(const char *path, void *data, size_t room,
			 char why[DMK_SECRET_WHY])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	ssize_t len = -1;
	char more;

	if (fd < 0) {
		refuse(why, "%s", strerror(errno));
		return -1;
	}
	if (check_file(fd, why)) {
		len = read(fd, data, room);
		if (len < 0)
			refuse(why, "%s", strerror(errno));
		if (len > 0 && read(fd, &more, 1) == 1) {
			refuse(why, "it is longer than %zu bytes", room);
			len = -1;
		}
	}
	close(fd);
	return len;
}

/* no branch and no table index depends on the digit's value */
static unsigned int digit_value(uint8_t c, unsigned int *bad)
{
	unsigned int digit = (uint8_t)(c - '0'), letter = (uint8_t)((c | 0x20) - 'a');
	unsigned int is_digit = (digit - 10) >> 31, is_letter = (letter - 6) >> 31;

	*bad |= !(is_digit | is_letter);
	return (digit & -is_digit) | ((letter + 10) & -is_letter);
}

static bool from_hex(const uint8_t *text, uint8_t *key, unsigned int len)
{
	unsigned int i, bad = 0;

	for (i = 0; i < len; i++)
		key[i] = digit_value(text[2 * i], &bad) << 4 |
			 digit_value(text[2 * i + 1], &bad);
	return !bad;
}

bool dmk_secret_symmetric(const char *path, uint8_t key[DMK_PSK_LEN],
			  char why[DMK_SECRET_WHY])
{
	uint8_t text[2 * DMK_PSK_LEN + 1];
	ssize_t len = read_file(path, text, sizeof(text), why);
	bool good = false;

	if (len == sizeof(text) && text[len - 1] == '\n')
		len--;
	if (len == DMK_PSK_LEN) {
		memcpy(key, text, DMK_PSK_LEN);
		good = true;
	} else if (len == 2 * DMK_PSK_LEN) {
		good = from_hex(text, key, DMK_PSK_LEN) ||
		       refuse(why, "it holds other than hexadecimal digits");
	} else if (len >= 0) {
		refuse(why, "it has %zd bytes, not 32 or 64 hexadecimal digits", len);
	}
	explicit_bzero(text, sizeof(text));
	if (!good)
		explicit_bzero(key, DMK_PSK_LEN);
	return good;
}

size_t dmk_secret_host(const char *path, uint8_t key[DMK_HOST_KEY_MAX],
		       char why[DMK_SECRET_WHY])
{
	uint8_t text[2 * DMK_HOST_KEY_MAX + 1];
	ssize_t len = read_file(path, text, sizeof(text), why);
	bool good = false;

	if (len > 0 && text[len - 1] == '\n')
		len--;
	if (len >= 0 && (len % 2 || len < 2 * DMK_HOST_KEY_MIN || len > 2 * DMK_HOST_KEY_MAX))
		refuse(why, "it has %zd characters, not %d to %d hexadecimal digits", len,
		       2 * DMK_HOST_KEY_MIN, 2 * DMK_HOST_KEY_MAX);
	else if (len >= 0)
		good = from_hex(text, key, len / 2) ||
		       refuse(why, "it holds other than hexadecimal digits");
	explicit_bzero(text, sizeof(text));
	if (!good)
		explicit_bzero(key, DMK_HOST_KEY_MAX);
	return good ? len / 2 : 0;
}

/* an encrypted key would ask on the terminal */
static int no_passphrase(char *buf, int size, int rwflag, void *arg)
{
	(void)buf;
	(void)size;
	(void)rwflag;
	(void)arg;
	return -1;
}

static EVP_PKEY *read_key(const char *path, char why[DMK_SECRET_WHY])
{
	uint8_t text[PEM_MAX];
	ssize_t len = read_file(path, text, sizeof(text), why);
	BIO *bio = len > 0 ? BIO_new_mem_buf(text, len) : NULL;
	EVP_PKEY *key = NULL;

	if (bio)
		key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
	BIO_free(bio);
	explicit_bzero(text, sizeof(text));
	if (len >= 0 && !key)
		refuse(why, "it is not a private key in PEM without a passphrase");
	return key;
}

static bool fits(EVP_PKEY *key, const uint8_t *pubkey, size_t pubkey_len)
{
	EVP_PKEY *certified = d2i_PublicKey(EVP_PKEY_RSA, NULL, &pubkey, pubkey_len);
	bool same = certified && EVP_PKEY_eq(key, certified) == 1;

	EVP_PKEY_free(certified);
	return same;
}

static size_t to_pkcs8(EVP_PKEY *key, uint8_t pkcs8[DMK_PKCS8_MAX])
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
	uint8_t *der = NULL;
	int len = info ? i2d_PKCS8_PRIV_KEY_INFO(info, &der) : 0;

	PKCS8_PRIV_KEY_INFO_free(info);
	if (len > 0 && len <= DMK_PKCS8_MAX)
		memcpy(pkcs8, der, len);
	if (len > 0)
		OPENSSL_clear_free(der, len);
	return len > 0 && len <= DMK_PKCS8_MAX ? len : 0;
}

size_t dmk_secret_private(const char *path, const uint8_t *pubkey, size_t pubkey_len,
			  uint8_t pkcs8[DMK_PKCS8_MAX], char why[DMK_SECRET_WHY])
{
	EVP_PKEY *key = read_key(path, why);
	size_t len = 0;

	if (!key)
		return 0;
	if (!fits(key, pubkey, pubkey_len))
		refuse(why, "it is not the key of the certificate");
	else if (!(len = to_pkcs8(key, pkcs8)))
		refuse(why, "it cannot be written as PKCS#8");
	EVP_PKEY_free(key);
	ERR_clear_error();
	return len;
}
