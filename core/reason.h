/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Every reason for which something is refused, in one list. Counters, trace
 * points, netlink, the texts of dmikeyctl and the documentation come from it.
 *
 * X(NAME, "name", "what it means, for an administrator")
 */
#ifndef DMK_REASON_H
#define DMK_REASON_H

#define DMK_REASONS(X) \
	/* length and structure */ \
	X(TRUNCATED, "truncated", "the message ends inside a payload") \
	X(OVERSIZED, "oversized", "the message is longer than 4096 bytes") \
	X(TRAILING, "trailing", "something follows the last payload") \
	X(PAYLOAD_TYPE, "payload-type", "a payload type is unknown") \
	X(PAYLOAD_ORDER, "payload-order", "a payload is missing, repeated or out of order") \
	X(EXT_TYPE, "ext-type", "a General Extension is unknown") \
	X(RAND_LENGTH, "rand-length", "RAND or RANDR has another length than 16 bytes") \
	X(RAND_ROLE, "rand-role", "RANDR names another role than the responder's") \
	X(ID_LENGTH, "id-length", "an identity is empty or longer than 255 bytes") \
	X(COOKIE_LENGTH, "cookie-length", "COOKIE is not 16 bytes long") \
	X(ENVID_LENGTH, "envid-length", "ENVID is not 8 bytes long") \
	X(SHARE_LENGTH, "share-length", "SHARE is not 33 bytes long") \
	X(PART_LENGTH, "part-length", "PART is not 1 to 16 entries of 10 bytes") \
	X(CERT_LENGTH, "cert-length", "CERT is empty or too long, or a certificate hash is not 32 bytes long") \
	X(KEMAC_LENGTH, "kemac-length", "KEMAC is too short for a key") \
	X(SIGN_LENGTH, "sign-length", "the signature's length is not that of an allowed RSA key") \
	X(PKE_LENGTH, "pke-length", "PKE's length is not that of the responder's RSA key") \
	/* version, data type, code points */ \
	X(VERSION, "version", "the MIKEY version is not 1") \
	X(DATA_TYPE, "data-type", "the data type is unknown or not supported") \
	X(PRF, "prf", "the PRF is unknown or not allowed") \
	X(V_FLAG, "v-flag", "the V flag does not fit the message") \
	X(MAP_TYPE, "map-type", "the CS ID map type is not GENERIC-ID") \
	X(CS_COUNT, "cs-count", "the number of crypto sessions does not fit the message") \
	X(CS_ID, "cs-id", "the crypto sessions are not numbered 1 and 2") \
	X(PROT_TYPE, "prot-type", "the security protocol is not ESP") \
	X(S_FLAG, "s-flag", "the S flag of a crypto session is set") \
	X(POLICY_REF, "policy-ref", "a crypto session does not refer to policy 0 alone") \
	X(POLICY_NO, "policy-no", "the policy number is not the expected one") \
	X(SPI_LENGTH, "spi-length", "an SPI is not 4 bytes long") \
	X(SPI_VALUE, "spi-value", "an SPI is below 256") \
	X(SESSION_DATA, "session-data", "the Session Data are not well formed or not allowed here") \
	X(TS_TYPE, "ts-type", "the time stamp type is not allowed") \
	X(ID_TYPE, "id-type", "the identity type is neither NAI nor URI") \
	X(ID_ROLE, "id-role", "the identity role is not third party") \
	X(CERT_TYPE, "cert-type", "the certificate type is not supported") \
	X(HASH_FUNC, "hash-func", "the hash function is not SHA-256") \
	X(S_TYPE, "s-type", "the signature type is not RSA/PKCS#1 v1.5") \
	X(PKE_CACHE, "pke-cache", "PKE's C flag is neither 0 nor 1") \
	X(AUTH_ALG, "auth-alg", "the authentication algorithm is not allowed") \
	X(ALGORITHMS, "algorithms", "the encryption and MAC algorithms are not allowed") \
	X(SHARE_VERSION, "share-version", "SHARE has another version than 1") \
	X(SCHEME, "scheme", "the sharing scheme is unknown") \
	X(N_RANGE, "n-range", "n is not 1 to 16") \
	X(K_RANGE, "k-range", "k is not 2 to n (or 1 with n = 1)") \
	X(X_RANGE, "x-range", "x is not 1 to n") \
	X(SHARE_FLAGS, "share-flags", "SHARE has unknown flags") \
	X(TGK_LEN, "tgk-len", "the TGK length does not fit the sharing scheme") \
	X(SHARE_TS, "share-ts", "the time stamp in SHARE is not well formed") \
	X(SHARE_TIME, "share-time", "the time in SHARE differs from that of the message") \
	X(PART_VERDICT, "part-verdict", "a verdict is neither right nor wrong") \
	/* who, when, how often */ \
	X(UNKNOWN_IDR, "unknown-idr", "the message is for a responder that is not known here") \
	X(UNKNOWN_SENDER, "unknown-sender", "the sender is not known here") \
	X(UNKNOWN_CERTIFICATE, "unknown-certificate", "the hash is that of no certificate that is known here") \
	X(UNKNOWN_ENVID, "unknown-envid", "the envelope key is not known here") \
	X(UNKNOWN_SESSION, "unknown-session", "the session is not known here") \
	X(COOKIE, "cookie", "under load, or above the rate of its source: the message has no valid cookie") \
	X(RATE_SOURCE, "rate-source", "too many messages from one address") \
	X(RATE_IDENTITY, "rate-identity", "too many messages from one authenticated party") \
	X(QUEUE_FULL, "queue-full", "the queue of unverified messages is full") \
	X(REPEATED, "repeated", "repeated too often or too soon; nothing is answered") \
	X(STALE, "stale", "the time stamp is too old, too new, or not above the last one") \
	X(REPLAY_FULL, "replay-full", "the sender's quota in the replay cache is used up") \
	X(UNEXPECTED, "unexpected", "no such message is expected now") \
	X(NOT_LATEST_T, "not-latest-t", "the answer belongs to no outstanding message") \
	X(MAP_MISMATCH, "map-mismatch", "the answer's crypto sessions differ from those asked for") \
	X(HINT, "hint", "an error message without authentication: only a hint") \
	/* cryptography */ \
	X(MAC, "mac", "the MAC, or the key that it was made with, is wrong") \
	X(SIGNATURE, "signature", "the signature is wrong") \
	X(CERTIFICATE, "certificate", "the certificate is not valid for this name, role or time") \
	X(CHASH, "chash", "the message was encrypted to another certificate") \
	X(KEY_DATA, "key-data", "KEMAC does not hold exactly the expected payloads") \
	X(KEY_TYPE, "key-type", "the key in KEMAC is of another type") \
	X(KEY_LENGTH, "key-length", "the key in KEMAC has another length") \
	X(KEY_BLOCKS, "key-blocks", "two 256-bit blocks of the key are equal: the PRF would cancel them") \
	X(KEY_VALIDITY, "key-validity", "the key in KEMAC has a validity period or SPI") \
	X(IDTP_MISMATCH, "idtp-mismatch", "the third party's name in KEMAC is not the certified one") \
	/* authorization */ \
	X(NO_RULE, "no-rule", "no rule covers the sensor") \
	X(AUTHORIZATION, "authorization", "this third party, or this responder, is not for the sensor") \
	X(K_MINIMUM, "k-minimum", "k is below the rule's smallest") \
	X(ADDRESS, "address", "the sensor may not have this address") \
	X(SP_PARAM, "sp-param", "a policy parameter is unknown, repeated or has a wrong length") \
	X(SP_UNSUPPORTED, "sp-unsupported", "the ESP policy is not supported or not allowed by the rule") \
	X(DUPLICATE_TP, "duplicate-tp", "the third party is a candidate of this session already") \
	X(SHARE_LIMIT, "share-limit", "too many shares are on their way to responders") \
	X(GROUP_LIMIT, "group-limit", "too many open groups or candidates") \
	X(GROUP_EXPIRED, "group-expired", "fewer than k right shares arrived in time") \
	X(NO_SESSION, "no-session", "the shares do not fit the commitment") \
	X(ESTABLISHED, "established", "the session was established before") \
	X(UNCONFIRMED, "unconfirmed", "the session is not confirmed by an ESP packet") \
	X(ADDRESS_IN_USE, "address-in-use", "the address belongs to a live session of another sensor") \
	X(SPI2_IN_USE, "spi2-in-use", "the SPI towards the sensor is in use for another sensor") \
	/* the machine itself */ \
	X(SENSOR_DENIED, "sensor-denied", "the agent refuses this sensor") \
	X(UPCALL_TIMEOUT, "upcall-timeout", "the agent did not answer in time") \
	X(NO_AGENT, "no-agent", "no agent listens for upcalls") \
	X(NO_ROLE, "no-role", "this host does not play the role that the message asks for") \
	X(NO_ANSWER, "no-answer", "the other side never answered") \
	X(SA, "sa", "the kernel did not accept the security association") \
	X(MEMORY, "memory", "out of memory") \
	X(INTERNAL, "internal", "a cryptographic operation failed in this host")

/**
 * enum dmk_reason - why something was refused
 * @DMK_OK: it was not
 * @DMK_REASON_COUNT: the number of reasons, DMK_OK included
 */
enum dmk_reason {
	DMK_OK = 0,
#define X(name, text, help) DMK_REASON_##name,
	DMK_REASONS(X)
#undef X
	DMK_REASON_COUNT
};

#endif
