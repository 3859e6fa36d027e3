/* SPDX-License-Identifier: GPL-2.0 */
/* Configuration file of a sensor, and dmikey-sensor's command line. */
#ifndef SENSOR_CONF_H
#define SENSOR_CONF_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "initiator.h"

#define SENSOR_PARTIES_MAX 64
#define SENSOR_MIKEY_PORT 2269		/* IANA: mikey */
#define SENSOR_READING_PORT 7777
#define SENSOR_PERIOD_MIN 100		/* between a board's readings, ms */
#define SENSOR_PERIOD_MAX 86400000

/* exit codes, documented in --help */
enum sensor_exit {
	SENSOR_OK = 0,
	SENSOR_FAILED = 1,
	SENSOR_USAGE = 2,
};

union sensor_addr {
	struct sockaddr sa;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

struct sensor_party {
	char *name;
	struct dmk_id id;
	union sensor_addr addr;
	char *psk_file;
	u8 psk[DMK_PSK_LEN];
};

/* faults on request, for tests; parties are bits, 1 << index */
struct sensor_faults {
	u32 corrupt_share;
	u32 drop;
	u32 wrong_psk;
	bool replay;
	bool same_x;
	u32 spi[2];
	int truncate;
	int flip;
	int update_flip;
	double time;
	bool has_claim;
	union sensor_addr claim;
	char *dump;
};

struct sensor_conf {
	struct dmk_id idi;
	struct dmk_id idr;
	union sensor_addr responder;	/* port: of readings */
	union sensor_addr local;	/* port: of MIKEY */
	struct sensor_party party[SENSOR_PARTIES_MAX];
	unsigned int m, n, k;
	u8 scheme;
	struct dmk_suite suite;
	u8 ts_type;
	char *state_file;
	struct dmk_esp_policy policy;
	u8 proto;
	u16 r_port, i_port;
	bool relay, verify;
	u16 coap_port;			/* these are for a board alone */
	char *coap_path;
	unsigned int period;

	bool json, once;
	unsigned int readings, sessions, timeout, interval_ms;
	unsigned int renew;		/* new keys after so many readings */
	struct sensor_faults fault;
};

/**
 * sensor_conf_load() - command line and the file that it names
 * @argc: of main()
 * @argv: of main()
 * @conf: the result; sensor_conf_wipe() ends it
 *
 * What is wrong is said on standard error with file and line.
 *
 * Return: SENSOR_OK or SENSOR_USAGE.
 */
enum sensor_exit sensor_conf_load(int argc, char **argv, struct sensor_conf *conf);

/* PSKs, by name */
void sensor_conf_wipe(struct sensor_conf *conf);

/* length of the address in a union sensor_addr for bind() and sendto() */
socklen_t sensor_addr_len(const union sensor_addr *a);

bool sensor_addr_equal(const union sensor_addr *a, const union sensor_addr *b);

/* the address octets, 4 or 16, without port */
struct dmk_span sensor_addr_octets(const union sensor_addr *a);

/**
 * sensor_addr_parse() - "192.0.2.1", "192.0.2.1:2269", "2001:db8::7" or
 *	"[2001:db8::7]:2269"
 * @text: the text
 * @port: port where the text has none
 * @a: the result
 */
bool sensor_addr_parse(const char *text, u16 port, union sensor_addr *a);

/* ---- between the files: what options said instead of the file */

struct sensor_args {
	const char *file, *scheme, *suite, *timestamp, *cipher, *address, *state_file;
	int n, k, relay, verify;
	long lifetime;
	bool json, once;
	unsigned int readings, sessions, timeout, interval_ms, renew;
	const char *faults[16];
	unsigned int n_faults;
};

/**
 * sensor_conf_read() - the configuration file alone
 * @args: its name, and what is preferred to its contents
 * @conf: the result, without PSKs; without @args->address and an address in the
 *	file the family of its local address is 0
 */
bool sensor_conf_read(const struct sensor_args *args, struct sensor_conf *conf);

/* a PSK, or a master key, out of a file that nobody else may read */
bool sensor_conf_read_key(const char *path, u8 key[DMK_PSK_LEN]);

/* the PSKs out of their files */
bool sensor_conf_load_psks(struct sensor_conf *conf);

/* says on standard error what is wrong with the file */
__attribute__((format(printf, 1, 2))) void sensor_conf_complain(const char *fmt, ...);
#define sensor_conf_wrong(...) (sensor_conf_complain(__VA_ARGS__), false)

#endif
