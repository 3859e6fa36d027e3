/* SPDX-License-Identifier: GPL-2.0 */
/* What the administrator wants: dmikey.conf(5), read and checked. */
#ifndef DMK_AGENT_CONFIG_H
#define DMK_AGENT_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "cert.h"
#include "identity.h"
#include "words.h"

enum dmk_config_limits {
	DMK_CONFIG_LOCALS = 17,		/* one third party, 16 responders */
	DMK_CONFIG_TPS = 64,		/* third parties of a rule */
	DMK_CONFIG_PREFIXES = 16,	/* address prefixes of a rule */
	DMK_CONFIG_POLICIES = 16,	/* ESP policies of a rule */
	DMK_CONFIG_POLICY = 64,		/* bytes of one */
};

/**
 * struct dmk_certified - a certificate of the configuration
 * @where: "file:line", for the log
 * @role: enum dmk_role_type
 * @wanted: the identity that it must have, if @named
 * @named: the configuration names the identity
 * @der: the certificate
 * @der_len: its length
 * @valid: it may be used now
 * @why: why not
 * @cert: what it says; its hash is right also if it is not valid
 */
struct dmk_certified {
	char *where;
	enum dmk_role_type role;
	struct dmk_identity wanted;
	bool named;
	uint8_t der[DMK_CERT_MAX];
	size_t der_len;
	bool valid;
	char why[DMK_CERT_WHY];
	struct dmk_certificate cert;
};

/**
 * struct dmk_local_conf - a role of this host
 * @c: its certificate
 * @key_file: its private key
 * @serial: the key in the kernel, 0 before
 */
struct dmk_local_conf {
	struct dmk_certified c;
	char *key_file;
	int32_t serial;
};

/**
 * struct dmk_peer_conf - a certificate of a peer
 * @c: the certificate
 * @addr: where a responder listens
 * @addr_len: 4 or 16; 0 for a third party
 * @port: its UDP port
 * @by_hash: send it our certificate by hash
 * @suites: enum dmk_suite_bits
 */
struct dmk_peer_conf {
	struct dmk_certified c;
	uint8_t addr[16];
	uint8_t addr_len;
	uint16_t port;
	bool by_hash;
	uint32_t suites;
};

/**
 * struct dmk_sensor_conf - a sensor, or all of a realm
 * @where: "file:line"
 * @id: the sensor, unless @realm
 * @realm: all NAIs behind this '@'
 * @key_file: the PSK, or the master key if @derived
 * @derived: PSKs are derived, protocol.md 6.5
 * @generation: of the master key
 * @ts_type: 0 NTP-UTC, 2 COUNTER
 * @suites: enum dmk_suite_bits
 * @serial: the key in the kernel, 0 before
 */
struct dmk_sensor_conf {
	char *where;
	struct dmk_identity id;
	char *realm;
	char *key_file;
	bool derived;
	uint32_t generation;
	uint8_t ts_type;
	uint32_t suites;
	int32_t serial;
};

/**
 * struct dmk_master_conf - a master key that sensors of the registry name
 * @where: "file:line"
 * @name: its name
 * @key_file: the key
 * @serial: the key in the kernel, 0 before
 */
struct dmk_master_conf {
	char *where;
	char *name;
	char *key_file;
	int32_t serial;
};

struct dmk_policy_conf {
	uint8_t param[DMK_CONFIG_POLICY];
	uint8_t len;
};

/**
 * struct dmk_rule_conf - a rule at a responder
 * @name: its name
 * @sensor: the sensor, unless @realm
 * @realm: all NAIs behind this '@'
 * @tps: who may vouch; @n_tps 0: any certified third party
 * @min_k: smallest k
 * @allow_k1: k = 1 is allowed
 * @prefixes: addresses; @n_prefixes 0: any
 * @policies: ESP policies; @n_policies 0: all that are supported
 * @reqid: of the xfrm states
 */
struct dmk_rule_conf {
	char *name;
	struct dmk_identity sensor;
	char *realm;
	struct dmk_identity *tps;
	size_t n_tps;
	uint8_t min_k;
	bool allow_k1;
	struct dmk_prefix_conf *prefixes;
	size_t n_prefixes;
	struct dmk_policy_conf *policies;
	size_t n_policies;
	uint32_t reqid;
};

/**
 * struct dmk_host_conf - another host, with which plain RFC 3830 is spoken
 * @where: "file:line"
 * @id: its identity
 * @own: ours towards it
 * @addr: where it is
 * @addr_len: 4 or 16
 * @port: its UDP port
 * @key_file: the PSK; NULL: by certificates, its own being one of the peers
 * @suites: enum dmk_suite_bits
 * @connect: it is to be connected
 * @policies: ESP policies; @n_policies 0: all that are supported
 * @reqid: of the xfrm states
 * @serial: the PSK in the kernel, 0 before
 */
struct dmk_host_conf {
	char *where;
	struct dmk_identity id;
	struct dmk_identity own;
	uint8_t addr[16];
	uint8_t addr_len;
	uint16_t port;
	char *key_file;
	uint32_t suites;
	bool connect;
	struct dmk_policy_conf *policies;
	size_t n_policies;
	uint32_t reqid;
	int32_t serial;
};

/**
 * struct dmk_config - a configuration
 *
 * Lists are in the order of the files. @denied sensors are refused whatever
 * else is said of them. @user: become this user, NULL: stay. @known: sensors
 * that the module should know at most, @forget_after: seconds that one may be
 * without use. @again: when the certificates are to be looked at again, besides
 * when one of them expires.
 */
struct dmk_config {
	uint16_t port;
	uint32_t skew;
	uint32_t queue;
	uint32_t rate;
	uint32_t known;
	uint32_t forget_after;
	char *user;
	struct dmk_trust *trust;
	bool has_crl;
	struct dmk_local_conf *locals;
	size_t n_locals;
	struct dmk_peer_conf *peers;
	size_t n_peers;
	struct dmk_sensor_conf *sensors;
	size_t n_sensors;
	struct dmk_master_conf *masters;
	size_t n_masters;
	struct dmk_identity *denied;
	size_t n_denied;
	struct dmk_rule_conf *rules;
	size_t n_rules;
	struct dmk_host_conf *hosts;
	size_t n_hosts;
	time_t again;
};

/**
 * dmk_config_load() - read a configuration
 * @path: the file; conf.d/[any].conf beside it are read after it, in order
 *
 * Every error is logged as file:line. A certificate that may not be used (it
 * has expired, is revoked ...) is a warning: what needs it stays out.
 * Secrets are read, checked and wiped.
 *
 * Return: the configuration, for dmk_config_free(); NULL if it is bad.
 */
struct dmk_config *dmk_config_load(const char *path);
void dmk_config_free(struct dmk_config *c);

/**
 * dmk_config_judge() - check all certificates again, for now
 * @c: the configuration
 *
 * Logs what changed.
 */
void dmk_config_judge(struct dmk_config *c);

/**
 * dmk_config_sensor() - what is known of a sensor
 * @c: the configuration
 * @id: its identity
 *
 * Return: its own entry, else that of its realm; NULL if it has neither.
 */
struct dmk_sensor_conf *dmk_config_sensor(struct dmk_config *c,
					  const struct dmk_identity *id);

/* whether it is on the deny list */
bool dmk_config_denies(const struct dmk_config *c, const struct dmk_identity *id);

/* the master key of that name, or NULL */
const struct dmk_master_conf *dmk_config_master(const struct dmk_config *c, const char *name);

/**
 * dmk_config_expiry() - when the certificates are to be looked at again
 * @c: the configuration
 *
 * Return: Unix seconds: when one of them, or a CRL, expires, or an hour after
 * the last time, for one may have become valid.
 */
time_t dmk_config_expiry(const struct dmk_config *c);

#endif
