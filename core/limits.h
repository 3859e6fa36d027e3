/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Every limit of the protocol and of its parties, with its unit.
 * The numbers are protocol.md's; the clause stands beside each.
 */
#ifndef DMK_LIMITS_H
#define DMK_LIMITS_H

enum dmk_limits {
	/* messages, bytes */
	DMK_MSG_MAX = 4096,		/* 11: longer is refused unread */
	DMK_SENSOR_MSG_MAX = 1232,	/* 2: I_TP, TP_I, R_I in one UDP payload */
	DMK_ID_MAX = 255,		/* ID Data octets */
	DMK_SP_MAX = 16,		/* 2: SP payloads in ERR */
	DMK_CERT_MAX = 2048,		/* DER of one certificate */
	DMK_RSA_MIN = 256,		/* 6.3: RSA 2048, bytes of modulus */
	DMK_RSA_MAX = 512,		/* 6.3: RSA 4096 */

	/* field sizes, bytes */
	DMK_RAND_LEN = 16,
	DMK_RANDR_LEN = 16,
	DMK_SHARE_LEN = 16,		/* one symbol */
	DMK_SHARE_EXT_LEN = 33,		/* 6.2: body of SHARE */
	DMK_COMMITMENT_LEN = 16,
	DMK_COOKIE_LEN = 16,
	DMK_ENVID_LEN = 8,
	DMK_PART_ENTRY_LEN = 10,
	DMK_PSK_LEN = 32,		/* 6.5 */
	DMK_ENVELOPE_LEN = 32,		/* 6.3 */
	DMK_TGK_MAX = 32,
	DMK_HOST_KEY_MIN = 16,		/* 6.5: PSK and TGK of plain exchanges */
	DMK_HOST_KEY_MAX = 64,
	DMK_HASH_LEN = 32,		/* SHA-256 */
	DMK_MAC_LEN = 32,		/* HMAC-SHA-256-256 */
	DMK_CCM_TAG_LEN = 16,
	DMK_CCM_NONCE_LEN = 13,
	DMK_SPI_MIN = 256,

	/* sharing */
	DMK_N_MAX = 16,			/* third parties of one session */
	DMK_CANDIDATES_MAX = 16,	/* 6.1: candidates of one group */
	DMK_TRIALS_MAX = 12870,		/* 6.1: sets tried for one group */

	/* time, seconds unless named */
	DMK_SKEW = 300,			/* 7.1 */
	DMK_GROUP_LIFE = 100,		/* 7.4 */
	DMK_GROUP_WAIT_MS = 200,	/* 7.4: for the last candidates */
	DMK_UNCONFIRMED_LIFE = 120,	/* 7.4 */
	DMK_COOKIE_LIFE = 120,		/* 7.3 */
	DMK_ENVELOPE_LIFE = 3600,	/* 6.3 */
	DMK_UPCALL_WAIT = 5,		/* for the agent's answer */
	DMK_REFUSAL_LIFE = 60,		/* 11: a refusal is remembered */

	/* repetition */
	DMK_I_REPEATS = 5,		/* 7.2: of message 1 */
	DMK_I_REPEAT_FIRST_MS = 2000,
	DMK_I_REPEAT_LAST_MS = 32000,
	DMK_TP_REPEATS = 4,		/* 7.2: of message 3 */
	DMK_TP_REPEAT_FIRST_MS = 500,
	DMK_ANSWER_REPEATS = 16,	/* 7.2: of a stored answer */
	DMK_COOKIES_FOLLOWED = 3,	/* 7.3: a message */
	DMK_ABSENT_BEFORE_LOWER = 3,	/* 7.5: sessions in a row */

	/* sessions of one sensor at R, 7.4 */
	DMK_UNCONFIRMED_MAX = 2,
	DMK_SESSIONS_MAX = 4,
	DMK_GROUPS_PER_OPENER = 2,	/* a (third party, sensor) */
};

#endif
