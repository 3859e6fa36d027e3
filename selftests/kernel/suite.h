/* SPDX-License-Identifier: GPL-2.0 */
/* The suites of the test module, and what they share. */
#ifndef SUITE_H
#define SUITE_H

#include "crypto.h"

/* X(name): the name behind KTAP_MAIN() */
#define SUITES(X) \
	X(share_test) \
	X(kdf_test) \
	X(wire_test) \
	X(message_test) \
	X(build_test) \
	X(esp_test) \
	X(seal_test) \
	X(plain_test) \
	X(initiator_test) \
	X(initiator_life_test) \
	X(edge_test) \
	X(envelope_test) \
	X(negative_test) \
	X(crypto_test) \
	X(key_test) \
	X(rsa_test) \
	X(replay_test) \
	X(cookie_test) \
	X(ratelimit_test) \
	X(sensor_test) \
	X(upcall_test)

#define X(name) int name##_run(void);
SUITES(X)
#undef X

struct dmk_rsa;

/* keys of the vectors, through the kernel's key service; ERR_PTR on failure */
struct dmk_rsa *test_private_key(struct dmk_span pkcs8);
struct dmk_rsa *test_public_key(struct dmk_span cert);
/* whether dmk_rsa_decrypt() gives @secret for a bad padding */
bool test_is_rejection(struct dmk_rsa *key, struct dmk_span pke, const u8 *secret);
/* RSAPublicKey of a certificate; its length, 0 on failure */
u32 test_public_der(struct dmk_span cert, u8 *der, u32 room);

#endif
