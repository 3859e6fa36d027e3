/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Generic netlink interface of dmikey.ko; kmod/dmikey.yaml is its
 * specification. All numbers are in host byte order, all times are Unix
 * seconds. Key material never travels here: keys are named by their serial.
 */
#ifndef _UAPI_DMIKEY_H
#define _UAPI_DMIKEY_H

#define DMK_GENL_NAME		"dmikey"
#define DMK_GENL_VERSION	1
#define DMK_MCGRP_UPCALL	"upcall"	/* questions to the agent */
#define DMK_MCGRP_EVENT		"event"		/* for administrators */

#define DMK_NAME_MAX		63		/* a rule's name, without NUL */

/**
 * enum dmk_cmd - commands
 * @DMK_CMD_INSTANCE_GET: the instance of this network namespace
 * @DMK_CMD_INSTANCE_SET: port (0 stops listening), skew, queue, rate, highest T,
 *	life of envelope keys
 * @DMK_CMD_LOCAL_NEW: take a role: identity, private key, certificate
 * @DMK_CMD_LOCAL_DEL: give it up
 * @DMK_CMD_LOCAL_GET: (dump) roles of this host
 * @DMK_CMD_SENSOR_NEW: at a third party: a sensor and its PSK; may answer an upcall
 * @DMK_CMD_SENSOR_DEL: forget a sensor
 * @DMK_CMD_SENSOR_GET: (dump) sensors
 * @DMK_CMD_PEER_NEW: a validated certificate of a third party (at R) or of a
 *	responder (at a third party); may answer an upcall
 * @DMK_CMD_PEER_DEL: forget it
 * @DMK_CMD_PEER_GET: (dump) peers
 * @DMK_CMD_RULE_NEW: at R: add or replace a rule
 * @DMK_CMD_RULE_DEL: remove a rule
 * @DMK_CMD_RULE_GET: (dump) rules
 * @DMK_CMD_SESSION_GET: (dump) sessions at R
 * @DMK_CMD_SESSION_DEL: end a session, or all of a sensor
 * @DMK_CMD_STATS_GET: (dump) counters; needs no privilege
 * @DMK_CMD_UPCALL_REFUSE: answer an upcall with no
 * @DMK_CMD_UPCALL_NTF: multicast: a question to the agent
 * @DMK_CMD_EVENT_NTF: multicast: something happened
 * @DMK_CMD_HOST_NEW: another host: identities, address, PSK or none (certificates)
 * @DMK_CMD_HOST_DEL: forget it and end its sessions
 * @DMK_CMD_HOST_GET: (dump) hosts and what has become of them
 * @DMK_CMD_HOST_CONNECT: begin an exchange with it; what comes of it, HOST_GET tells
 * @DMK_CMD_HOST_DISCONNECT: end its sessions
 */
enum dmk_cmd {
	DMK_CMD_UNSPEC,
	DMK_CMD_INSTANCE_GET,
	DMK_CMD_INSTANCE_SET,
	DMK_CMD_LOCAL_NEW,
	DMK_CMD_LOCAL_DEL,
	DMK_CMD_LOCAL_GET,
	DMK_CMD_SENSOR_NEW,
	DMK_CMD_SENSOR_DEL,
	DMK_CMD_SENSOR_GET,
	DMK_CMD_PEER_NEW,
	DMK_CMD_PEER_DEL,
	DMK_CMD_PEER_GET,
	DMK_CMD_RULE_NEW,
	DMK_CMD_RULE_DEL,
	DMK_CMD_RULE_GET,
	DMK_CMD_SESSION_GET,
	DMK_CMD_SESSION_DEL,
	DMK_CMD_STATS_GET,
	DMK_CMD_UPCALL_REFUSE,
	DMK_CMD_UPCALL_NTF,
	DMK_CMD_EVENT_NTF,
	DMK_CMD_HOST_NEW,
	DMK_CMD_HOST_DEL,
	DMK_CMD_HOST_GET,
	DMK_CMD_HOST_CONNECT,
	DMK_CMD_HOST_DISCONNECT,
	__DMK_CMD_MAX,
};

#define DMK_CMD_MAX (__DMK_CMD_MAX - 1)

/* DMK_A_ROLE: what a local identity or a peer is */
enum dmk_role_type {
	DMK_ROLE_TP = 1,	/* third party */
	DMK_ROLE_R = 2,		/* responder */
};

/* DMK_A_SUITES, bits: KEMAC algorithms that a sensor or a peer may use */
enum dmk_suite_bits {
	DMK_SUITE_CCM = 1,	/* AES-CCM-128 */
	DMK_SUITE_CM = 2,	/* AES-CM-128 with HMAC-SHA-256-256 */
	DMK_SUITE_LEGACY = 4,	/* hosts with a PSK: MIKEY-1, AES-CM-128 with HMAC-SHA-1 */
};

/* DMK_A_UPCALL_TYPE */
enum dmk_upcall_type {
	DMK_UPCALL_SENSOR = 1,	/* DMK_A_ID*: who is this sensor? */
	DMK_UPCALL_CERT = 2,	/* DMK_A_CERT: is this third party's certificate valid? */
};

/* DMK_A_EVENT */
enum dmk_event_type {
	DMK_EVENT_MESSAGE = 1,		/* an authenticated message came or went */
	/* rate limited, and who is not authenticated apart from who is, so that strangers
	 * cannot drown the others; the counters are complete
	 */
	DMK_EVENT_REFUSED = 2,
	DMK_EVENT_SESSION_NEW = 3,
	DMK_EVENT_SESSION_CONFIRMED = 4,
	DMK_EVENT_SESSION_END = 5,
	DMK_EVENT_VERDICT = 6,		/* a third party sent a wrong share */
	DMK_EVENT_COUNTER = 7,		/* a sensor's COUNTER, or the highest T, to be kept */
	DMK_EVENT_SESSION_UPDATED = 8,	/* new keys and SPIs, beside the old ones */
};

/* DMK_A_SESSION_STATE */
enum dmk_session_state {
	DMK_SESSION_UNCONFIRMED = 0,
	DMK_SESSION_CONFIRMED = 1,
	DMK_SESSION_ENDED = 2,		/* in the event of its end */
};

/* DMK_A_HOST_STATE */
enum dmk_host_state {
	DMK_HOST_CONFIGURED = 0,	/* there are no SAs */
	DMK_HOST_CONNECTING = 1,
	DMK_HOST_UP = 2,
};

/* DMK_A_SIDE */
enum dmk_side {
	DMK_SIDE_SOCKET = 0,	/* before it was clear for which role */
	DMK_SIDE_TP = 1,
	DMK_SIDE_R = 2,
	DMK_SIDE_HOST = 3,	/* plain RFC 3830 */
	__DMK_SIDE_COUNT,
};

/**
 * enum dmk_attr - attributes, one flat set for all commands
 *
 * Lists are nests of nests: the inner nests are numbered from 1 and hold
 * attributes of this same set.
 */
enum dmk_attr {
	DMK_A_UNSPEC,
	DMK_A_PAD,
	DMK_A_PORT,		/* u16: the instance's UDP port; 0: not listening */
	DMK_A_SKEW,		/* u32: seconds, 1 to 3600 */
	DMK_A_QUEUE_LIMIT,	/* u32: unverified messages, 16 to 65536 */
	DMK_A_RATE,		/* u32: messages a second and source address */
	DMK_A_STARTED,		/* u64 */
	DMK_A_HIGHEST_T,	/* u64: NTP-UTC of the newest message accepted */
	DMK_A_ROLE,		/* u8: enum dmk_role_type */
	DMK_A_ID_TYPE,		/* u8: 0 NAI, 1 URI */
	DMK_A_ID,		/* binary, 1 to 255: ID Data */
	DMK_A_KEY,		/* s32: serial of a logon (PSK, master) or asymmetric key */
	DMK_A_GENERATION,	/* u32: the key is a master key, of this one; protocol.md 6.5 */
	DMK_A_CERT,		/* binary, to 2048: DER */
	DMK_A_CERT_HASH,	/* binary, 32: SHA-256 of the DER */
	DMK_A_PUBKEY,		/* binary, to 600: RSAPublicKey, PKCS#1 DER */
	DMK_A_EXPIRES,		/* u64: end of a certificate's validity or of an SA's life */
	DMK_A_ADDR,		/* binary, 4 or 16 */
	DMK_A_ADDR_PORT,	/* u16 */
	DMK_A_PREFIX,		/* u8: prefix length */
	DMK_A_TS_TYPE,		/* u8: 0 NTP-UTC, 2 COUNTER */
	DMK_A_COUNTER,		/* u32: last COUNTER accepted */
	DMK_A_SUITES,		/* u32: enum dmk_suite_bits */
	DMK_A_BY_HASH,		/* flag: send certificates to this responder by hash */
	DMK_A_NAME,		/* string: a rule's name */
	DMK_A_REALM,		/* string: all NAIs behind this '@' */
	DMK_A_TPS,		/* list of ID_TYPE, ID [X, VERDICT]; absent in a rule: any */
	DMK_A_MIN_K,		/* u8 */
	DMK_A_ALLOW_K1,		/* flag */
	DMK_A_PREFIXES,		/* list of ADDR, PREFIX; absent: any */
	DMK_A_POLICIES,		/* list of SP_PARAM; absent: all that are supported */
	DMK_A_SP_PARAM,		/* binary: SP policy parameters, protocol.md 4 */
	DMK_A_REQID,		/* u32: reqid of the xfrm states */
	DMK_A_CSB_ID,		/* u32 */
	DMK_A_SPI_IN,		/* u32: CS 1 */
	DMK_A_SPI_OUT,		/* u32: CS 2 */
	DMK_A_SESSION_STATE,	/* u8: enum dmk_session_state */
	DMK_A_SINCE,		/* u64 */
	DMK_A_N,		/* u8 */
	DMK_A_K,		/* u8 */
	DMK_A_X,		/* u8 */
	DMK_A_VERDICT,		/* u8: 0 right, 1 wrong */
	DMK_A_STATS,		/* list of SIDE, STAT, VALUE [REASON] */
	DMK_A_SIDE,		/* u8: enum dmk_side */
	DMK_A_STAT,		/* string: name of a counter */
	DMK_A_VALUE,		/* u64 */
	DMK_A_UPCALL_TYPE,	/* u8 */
	DMK_A_UPCALL_ID,	/* u32: of a question; UPCALL_REFUSE answers by it */
	DMK_A_EVENT,		/* u8: enum dmk_event_type */
	DMK_A_REASON,		/* string: name of a reason (core/reason.h) */
	DMK_A_MESSAGE,		/* string: name of a message: I_TP, TP_R ... */
	DMK_A_LEN,		/* u32: its length in bytes */
	DMK_A_SENT,		/* flag: it was sent, not received */
	DMK_A_PEER_TYPE,	/* u8: ID type of the other third party or responder in an event */
	DMK_A_PEER,		/* binary: ID Data of it */
	DMK_A_ENVELOPE_LIFE,	/* u32: seconds that envelope keys are cached, 0 (not) to 86400 */
	DMK_A_RESPONDERS,	/* list of ID_TYPE, ID: whom a sensor may ask for; absent: any */
	DMK_A_IDLE,		/* u32: seconds since a sensor was heard of */
	/* Not authenticated: whom a refused message says that it is from and for. Of an
	 * authenticated one it is ID and PEER.
	 */
	DMK_A_CLAIMED_TYPE,	/* u8: ID type of the sensor */
	DMK_A_CLAIMED,		/* binary: ID Data of it */
	DMK_A_CLAIMED_PEER_TYPE, /* u8: ID type of the other third party or responder */
	DMK_A_CLAIMED_PEER,	/* binary: ID Data of it */
	DMK_A_USAGE,		/* flag: asks for what went through a session's newest SAs: */
	DMK_A_PACKETS_IN,	/* u64: from the sensor */
	DMK_A_BYTES_IN,		/* u64 */
	DMK_A_PACKETS_OUT,	/* u64: to the sensor */
	DMK_A_BYTES_OUT,	/* u64 */
	DMK_A_USED_IN,		/* u64: last packet; absent: none, or the kernel does not say */
	DMK_A_USED_OUT,		/* u64 */
	DMK_A_OWN_TYPE,	/* u8: ID type of our identity towards a host */
	DMK_A_OWN,		/* binary, 1 to 255: ID Data of it */
	DMK_A_CONNECT,		/* flag: a host is to be connected as long as it is known */
	DMK_A_HOST_STATE,	/* u8: enum dmk_host_state */
	DMK_A_INITIATED,	/* flag: this side has started the newest session */
	__DMK_A_MAX,
};

#define DMK_A_MAX (__DMK_A_MAX - 1)

#endif
