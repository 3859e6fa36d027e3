/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The contents of a sensor's key sector: who it is, whom it shares keys with,
 * and where it reports to. dmikey-provision writes it, the firmware reads it
 * where it lies. Nothing of it changes in operation; what does is in the log
 * (record.h).
 *
 *	"DMKY"			4
 *	version			1	DMK_BLOB_VERSION_1
 *	flags			1	DMK_BLOB_DEV
 *	length			2	of all, the digest included
 *	items			each: type 1, length 2, value; all, in the order
 *				of enum dmk_blob_item
 *	SHA-256			32	over everything before it
 *
 * Numbers are in network byte order. The digest finds accidents, not attackers:
 * who can write the key sector has the keys.
 */
#ifndef DMK_BLOB_H
#define DMK_BLOB_H

#include "esp.h"

enum dmk_blob_limits {
	DMK_BLOB_PARTIES_MAX = 16,
	DMK_BLOB_NAME_MAX = 15,		/* of a third party, bytes */
	DMK_BLOB_PATH_MAX = 32,		/* Uri-Path, bytes */
	DMK_BLOB_PERIOD_MIN = 100,	/* between readings, ms */
	DMK_BLOB_PERIOD_MAX = 86400000,
};

enum dmk_blob_flags {
	DMK_BLOB_VERSION_1 = 1,
	DMK_BLOB_DEV = 1,		/* header: the keys are known to everybody */
	DMK_BLOB_RELAY = 1,		/* METHOD: R_I may come through third parties */
	DMK_BLOB_VERIFY = 2,		/* METHOD: third parties are asked for TP_I */
};

/* items */
enum dmk_blob_item {
	DMK_BLOB_SENSOR = 1,	/* ID type 1, ID Data */
	DMK_BLOB_RESPONDER,	/* ID type 1, ID Data */
	DMK_BLOB_NETWORK,	/* addresses of sensor and responder 16, 16; ports of third
				 * parties, of the sensor, of the responder's CoAP 2, 2, 2
				 */
	DMK_BLOB_METHOD,	/* n, k, scheme, flags, Encr alg, MAC alg 1 each */
	DMK_BLOB_POLICY,	/* parameters of SP */
	DMK_BLOB_PATH,		/* Uri-Path without leading slash, segments with / between */
	DMK_BLOB_TIMES,		/* period 4, generation 4 */
	DMK_BLOB_PARTY,		/* 1 to 16: PSK 32, address 16, ID type 1, length of the name
				 * 1, name, ID Data
				 */
};

/**
 * enum dmk_blob_status - what a key sector holds
 * @DMK_BLOB_OK: what it should
 * @DMK_BLOB_EMPTY: nothing: all of it is erased
 * @DMK_BLOB_OTHER_VERSION: a blob of a version that this program does not know
 * @DMK_BLOB_DAMAGED: no blob, or one that changed after it was written
 * @DMK_BLOB_CONTENTS: a whole blob with wrong contents
 * @DMK_BLOB_CRYPTO: the backend failed
 */
enum dmk_blob_status {
	DMK_BLOB_OK,
	DMK_BLOB_EMPTY,
	DMK_BLOB_OTHER_VERSION,
	DMK_BLOB_DAMAGED,
	DMK_BLOB_CONTENTS,
	DMK_BLOB_CRYPTO,
};

/**
 * struct dmk_blob - a key sector; all pointers are views into it
 * @dev: the keys are the development keys
 * @idi: the sensor
 * @idr: the responder
 * @addr: the sensor's IPv6 address, 16 bytes
 * @r_addr: the responder's
 * @party_port: UDP port of the third parties, MIKEY
 * @port: the sensor's, MIKEY
 * @coap_port: the responder's, CoAP
 * @m: third parties
 * @n: of a session
 * @k: threshold
 * @scheme: DMK_SCHEME_SHAMIR or DMK_SCHEME_RS
 * @relay: R_I may come through third parties
 * @verify: third parties are asked for TP_I
 * @encr_alg: DMK_ENCR_AES_CCM_128, or DMK_ENCR_AES_CM_128
 * @mac_alg: DMK_MAC_NULL, or DMK_MAC_SHA256
 * @sp_param: parameters of SP; dmk_esp_policy_parse() takes them
 * @path: Uri-Path
 * @period: between readings, ms
 * @generation: counts how often the sensor was provisioned, from 1
 * @parties: the PARTY items, for dmk_blob_party()
 */
struct dmk_blob {
	bool dev;
	struct dmk_id idi;
	struct dmk_id idr;
	const u8 *addr;
	const u8 *r_addr;
	u16 party_port;
	u16 port;
	u16 coap_port;
	u8 m;
	u8 n;
	u8 k;
	u8 scheme;
	bool relay;
	bool verify;
	u8 encr_alg;
	u8 mac_alg;
	struct dmk_span sp_param;
	struct dmk_span path;
	u32 period;
	u32 generation;
	struct dmk_span parties;
};

/**
 * struct dmk_blob_party - one third party; views into the key sector
 * @name: for the console, 1 to 15 printable characters
 * @id: its identity
 * @addr: IPv6 address, 16 bytes
 * @psk: 32 bytes
 */
struct dmk_blob_party {
	struct dmk_span name;
	struct dmk_id id;
	const u8 *addr;
	const u8 *psk;
};

/**
 * dmk_blob_parse() - read a key sector, and check all of it
 * @c: for SHA-256
 * @data: the sector; has to stay as long as @b is used
 * @len: its size; what follows the blob has to be erased
 * @b: the result, of use only after DMK_BLOB_OK
 */
enum dmk_blob_status dmk_blob_parse(struct dmk_crypto *c, const u8 *data, u32 len,
				    struct dmk_blob *b);

/**
 * dmk_blob_party() - one third party
 * @b: of dmk_blob_parse()
 * @i: 0 to @b->m - 1
 * @p: the result
 *
 * Return: false if there is none of that number.
 */
bool dmk_blob_party(const struct dmk_blob *b, unsigned int i, struct dmk_blob_party *p);

/**
 * dmk_blob_emit() - write a key sector's contents
 * @c: for SHA-256
 * @b: the contents; @b->parties is not looked at
 * @party: @b->m third parties
 * @out: where they go; holds PSKs
 * @room: its size
 *
 * Checks nothing but the room: dmk_blob_parse() of what was written does.
 *
 * Return: the length; 0 if there was no room or the backend failed.
 */
u32 dmk_blob_emit(struct dmk_crypto *c, const struct dmk_blob *b,
		  const struct dmk_blob_party *party, u8 *out, u32 room);

/**
 * dmk_blob_name() - a dmk_blob_status in words
 */
const char *dmk_blob_name(enum dmk_blob_status s);

#endif
