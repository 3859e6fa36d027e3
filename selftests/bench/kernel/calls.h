/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What calls.c has counted, and messages and keys of the vectors. The tables
 * themselves are made: calls_table.c.
 */
#ifndef CALLS_H
#define CALLS_H

#include "crypto.h"

/**
 * enum call_op - a call of core/crypto.h
 * @CALL_SHA256: dmk_sha256()
 * @CALL_HMAC: dmk_hmac(), SHA-256
 * @CALL_CM: dmk_aes_cm()
 * @CALL_CCM_SEAL: dmk_aes_ccm_seal()
 * @CALL_CCM_OPEN: dmk_aes_ccm_open()
 */
enum call_op {
	CALL_SHA256,
	CALL_HMAC,
	CALL_CM,
	CALL_CCM_SEAL,
	CALL_CCM_OPEN,
};

/**
 * struct call - one of them
 * @op: which
 * @new_key: whether the call of this kind before it had another key
 * @aad: bytes of AAD
 * @len: bytes of text, the tag to be opened included
 */
struct call {
	u8 op;
	bool new_key;
	u16 aad;
	u16 len;
};

/**
 * struct call_list - the calls of one step of the protocol
 * @name: of the step
 * @n: number of calls
 * @call: the calls, in order
 */
struct call_list {
	const char *name;
	unsigned int n;
	const struct call *call;
};

/**
 * struct call_message - a message of the vectors
 * @name: its kind
 * @role: enum dmk_role of its reader
 * @data: its bytes
 */
struct call_message {
	const char *name;
	unsigned int role;
	struct dmk_span data;
};

extern const struct call_list call_lists[];
extern const unsigned int n_call_lists;
extern const struct call_message call_messages[];
extern const unsigned int n_call_messages;

/* PKCS#1 DER of R's private key, of a third party's public key; RSA 2048 */
extern const struct dmk_span call_private_key;
extern const struct dmk_span call_public_key;

#endif
