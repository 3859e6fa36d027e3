/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the firmware takes of Mbed TLS 3.6: AES-128 and its counter mode, SHA-256 and
 * a CTR_DRBG; small rather than fast, and without a heap. AES decryption is
 * not there: CCM and GCM (modes.c) do not use it.
 */
#ifndef FW_MBEDTLS_CONFIG_H
#define FW_MBEDTLS_CONFIG_H

#define MBEDTLS_AES_C
#define MBEDTLS_AES_ONLY_128_BIT_KEY_LENGTH
#define MBEDTLS_AES_ROM_TABLES
#define MBEDTLS_AES_FEWER_TABLES
#define MBEDTLS_BLOCK_CIPHER_NO_DECRYPT
#define MBEDTLS_CIPHER_MODE_CTR

#define MBEDTLS_SHA256_C
#define MBEDTLS_SHA256_SMALLER

/* entropy.c says why 64 bytes; a provisioned seed of 32 is mixed in. The
 * library holds them on the stack.
 */
#define MBEDTLS_CTR_DRBG_C
#define MBEDTLS_CTR_DRBG_USE_128_BIT_KEY
#define MBEDTLS_CTR_DRBG_ENTROPY_LEN		64
#define MBEDTLS_CTR_DRBG_MAX_SEED_INPUT		96
#define MBEDTLS_CTR_DRBG_RESEED_INTERVAL	1024

#endif
