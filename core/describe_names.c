// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Names of values, as their registries have them. */
#include "describe_names.h"

/* RFC 3830 6.1 and RFC 6043 6.1; SAKKE is RFC 6509's */
const struct dmk_name dmk_names_payload[] = {
	{ 0, "Last payload" }, { 1, "KEMAC" }, { 2, "PKE" }, { 3, "DH" }, { 4, "SIGN" },
	{ 5, "T" }, { 6, "ID" }, { 7, "CERT" }, { 8, "CHASH" }, { 9, "V" }, { 10, "SP" },
	{ 11, "RAND" }, { 12, "ERR" }, { 13, "TR" }, { 14, "IDR" }, { 15, "RANDR" },
	{ 16, "TP" }, { 17, "TICKET" }, { 20, "Key data" }, { 21, "General Ext." },
	{ 26, "SAKKE" }, {}
};

const struct dmk_name dmk_names_version[] = {
	{ 1, "RFC 3830" }, {}
};

/* RFC 3830 6.1, RFC 4650 (7, 8), RFC 4738 (9, 10), RFC 6043, RFC 6509 (26) */
const struct dmk_name dmk_names_data_type[] = {
	{ 0, "Pre-shared" }, { 1, "PSK ver msg" }, { 2, "Public key" }, { 3, "PK ver msg" },
	{ 4, "D-H init" }, { 5, "D-H resp" }, { 6, "Error" }, { 7, "DHHMAC init" },
	{ 8, "DHHMAC resp" }, { 9, "RSA-R I_MSG" }, { 10, "RSA-R R_MSG" },
	{ 11, "REQUEST_INIT_PSK" }, { 12, "REQUEST_INIT_PK" }, { 13, "REQUEST_RESP" },
	{ 14, "TRANSFER_INIT" }, { 15, "TRANSFER_RESP" }, { 16, "RESOLVE_INIT_PSK" },
	{ 17, "RESOLVE_INIT_PK" }, { 18, "RESOLVE_RESP" }, { 26, "SAKKE" }, {}
};

/* RFC 3830 6.1, RFC 6043 6.1 */
const struct dmk_name dmk_names_prf[] = {
	{ 0, "MIKEY-1" }, { 1, "PRF-HMAC-SHA-256" }, {}
};

/* RFC 3830 6.1, RFC 4563 3, RFC 6043 6.1 */
const struct dmk_name dmk_names_map[] = {
	{ 0, "SRTP-ID" }, { 1, "Empty map" }, { 2, "GENERIC-ID" }, {}
};

/* RFC 3830 6.10, protocol.md 3 */
const struct dmk_name dmk_names_prot[] = {
	{ 0, "SRTP" }, { 241, "ESP" }, {}
};

/* RFC 3830 6.2, RFC 6043, protocol.md 3 */
const struct dmk_name dmk_names_encr[] = {
	{ 0, "NULL" }, { 1, "AES-CM-128" }, { 2, "AES-KW-128" }, { 3, "AES-CM-256" },
	{ 241, "AES-CCM-128" }, {}
};

/* RFC 3830 6.2, RFC 6043 */
const struct dmk_name dmk_names_mac[] = {
	{ 0, "NULL" }, { 1, "HMAC-SHA-1-160" }, { 2, "HMAC-SHA-256-256" }, {}
};

/* RFC 3830 6.3 */
const struct dmk_name dmk_names_cache[] = {
	{ 0, "No cache" }, { 1, "Cache" }, { 2, "Cache for CSB" }, {}
};

/* RFC 3830 6.4 */
const struct dmk_name dmk_names_dh[] = {
	{ 0, "OAKLEY 5" }, { 1, "OAKLEY 1" }, { 2, "OAKLEY 2" }, {}
};

/* RFC 3830 6.13 */
const struct dmk_name dmk_names_kv[] = {
	{ 0, "Null" }, { 1, "SPI" }, { 2, "Interval" }, {}
};

/* RFC 3830 6.5; ECCSI is RFC 6509's */
const struct dmk_name dmk_names_s_type[] = {
	{ 0, "RSA/PKCS#1/1.5" }, { 1, "RSA/PSS" }, { 2, "ECCSI" }, {}
};

/* RFC 3830 6.6, RFC 6043 */
const struct dmk_name dmk_names_ts[] = {
	{ 0, "NTP-UTC" }, { 1, "NTP" }, { 2, "COUNTER" }, { 3, "NTP-UTC-32" }, {}
};

/* RFC 6043 */
const struct dmk_name dmk_names_ts_role[] = {
	{ 1, "Time of issue" }, { 2, "Start of validity" }, { 3, "End of validity" },
	{ 4, "Rekeying interval" }, {}
};

/* RFC 3830 6.7, RFC 6043 6.6 */
const struct dmk_name dmk_names_id[] = {
	{ 0, "NAI" }, { 1, "URI" }, { 2, "Byte string" }, {}
};

/* RFC 6043 6.6, protocol.md 3 */
const struct dmk_name dmk_names_id_role[] = {
	{ 1, "Initiator" }, { 2, "Responder" }, { 3, "KMS" }, { 4, "Pre-Shared key" },
	{ 5, "Application" }, { 241, "third party" }, {}
};

/* RFC 6043 6.8 */
const struct dmk_name dmk_names_rand_role[] = {
	{ 1, "Initiator" }, { 2, "Responder" }, { 3, "KMS" }, {}
};

/* RFC 3830 6.7, protocol.md 3 */
const struct dmk_name dmk_names_cert[] = {
	{ 0, "X.509v3" }, { 1, "X.509v3 URL" }, { 2, "X.509v3 Sign" }, { 3, "X.509v3 Encr" },
	{ 241, "SHA-256 of an X.509v3" }, {}
};

/* RFC 3830 6.8, RFC 6043 */
const struct dmk_name dmk_names_hash[] = {
	{ 0, "SHA-1" }, { 1, "MD5" }, { 2, "SHA-256" }, {}
};

/* RFC 3830 6.12, protocol.md 3 */
const struct dmk_name dmk_names_error[] = {
	{ 0, "Auth failure" }, { 1, "Invalid TS" }, { 2, "Invalid PRF" }, { 3, "Invalid MAC" },
	{ 4, "Invalid EA" }, { 5, "Invalid HA" }, { 6, "Invalid DH" }, { 7, "Invalid ID" },
	{ 8, "Invalid Cert" }, { 9, "Invalid SP" }, { 10, "Invalid SPpar" },
	{ 11, "Invalid DT" }, { 12, "Unspecified error" }, { 241, "cookie required" },
	{ 242, "unknown envelope key" }, { 243, "not authorized" }, { 244, "unknown responder" }, {}
};

/* RFC 3830 6.13, RFC 6043, protocol.md 3 */
const struct dmk_name dmk_names_key[] = {
	{ 0, "TGK" }, { 1, "TGK+SALT" }, { 2, "TEK" }, { 3, "TEK+SALT" }, { 4, "GTGK" },
	{ 5, "GTGK+SALT" }, { 6, "MPK" }, { 15, "TGK-SHARE" }, {}
};

/* RFC 3830 6.15, RFC 4442, 4563, 4738, 4909, protocol.md 3 */
const struct dmk_name dmk_names_ext[] = {
	{ 0, "Vendor ID" }, { 1, "SDP IDs" }, { 2, "TESLA I-Key" }, { 3, "Key ID" },
	{ 4, "CSB_ID" }, { 5, "OMA BCAST" }, { 241, "SHARE" }, { 242, "PART" },
	{ 243, "COOKIE" }, { 244, "ENVID" }, { 245, "RELAY" }, {}
};

const struct dmk_name dmk_names_off_on[] = {
	{ 0, "off" }, { 1, "on" }, {}
};

/* RFC 3830 6.10.1, RFC 5748, RFC 7714 */
const struct dmk_name dmk_names_srtp_encr[] = {
	{ 0, "NULL" }, { 1, "AES-CM" }, { 2, "AES-F8" }, { 3, "SEED-CTR" }, { 4, "SEED-CCM" },
	{ 5, "SEED-GCM" }, { 6, "AES-GCM" }, {}
};

const struct dmk_name dmk_names_srtp_auth[] = {
	{ 0, "NULL" }, { 1, "HMAC-SHA-1" }, {}
};

const struct dmk_name dmk_names_srtp_prf[] = {
	{ 0, "AES-CM" }, {}
};

const struct dmk_name dmk_names_srtp_fec[] = {
	{ 0, "FEC before SRTP" }, {}
};

/* protocol.md 4: IKEv2 transform IDs */
const struct dmk_name dmk_names_esp_cipher[] = {
	{ 12, "AES-CBC" }, { 14, "AES-CCM-8" }, { 16, "AES-CCM-16" }, { 18, "AES-GCM-8" },
	{ 20, "AES-GCM-16" }, { 28, "ChaCha20-Poly1305" }, {}
};

const struct dmk_name dmk_names_esp_integ[] = {
	{ 0, "none" }, { 12, "HMAC-SHA2-256-128" }, {}
};

const struct dmk_name dmk_names_esp_mode[] = {
	{ 0, "transport" }, { 1, "tunnel" }, {}
};

/* protocol.md 6.1, 6.2, 7.4 */
const struct dmk_name dmk_names_scheme[] = {
	{ 1, "Reed-Solomon" }, { 2, "Shamir" }, {}
};

const struct dmk_name dmk_names_share_flags[] = {
	{ 0, "none" }, { 1, "R_I may be relayed" }, {}
};

const struct dmk_name dmk_names_verdict[] = {
	{ 0, "right" }, { 1, "wrong" }, {}
};
