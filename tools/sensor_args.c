// SPDX-License-Identifier: GPL-2.0
#include <argp.h>
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sensor_conf.h"

const char *argp_program_version = "dmikey-sensor (dmikey protocol 1)";

static const char doc[] =
	"A sensor as a Linux program: splits a key among third parties, and sends "
	"readings to its responder inside ESP.\v"
	"The configuration file:\n"
	"\n"
	"  identity = \"nai:sensor07@net.example\"    # or uri:...\n"
	"  responder {\n"
	"    identity = \"uri:dmikey:r.example.net\"\n"
	"    address = \"192.0.2.100\"                # of readings; port 7777\n"
	"    coap-port = 5683                       # of a board's readings\n"
	"    coap-path = \"vitals\"                   # (dmikey-provision)\n"
	"  }\n"
	"  thirdparty gw1 {                         # one block for each\n"
	"    identity = \"uri:dmikey:t01.gw.ex.net\"\n"
	"    address = \"192.0.2.1\"                  # port 2269; or [2001:db8::1]:2269\n"
	"    psk-file = \"gw1.psk\"                   # 64 hex digits, mode 0600\n"
	"  }                                        # relative to this file\n"
	"  n = 3                                    # third parties of a session\n"
	"  k = 2                                    # of which so many suffice\n"
	"  scheme = \"shamir\"                        # or reed-solomon\n"
	"  suite = \"aes-ccm\"                        # or aes-cm\n"
	"  timestamp = \"ntp\"                        # or counter\n"
	"  state-file = \"/var/lib/dmikey/sensor\"    # no T is used twice\n"
	"  address = \"192.0.2.7\"                    # own; default: towards R\n"
	"  relay = false                            # third parties may bring R_I\n"
	"  verify = false                           # ask them for an answer\n"
	"  period = 1000                            # of a board's readings, ms\n"
	"  esp {\n"
	"    cipher = \"aes-ccm-8\"   # aes-ccm-16 aes-gcm-8 aes-gcm-16 aes-cbc\n"
	"                           # chacha20-poly1305\n"
	"    key-bits = 128         # aes: 128, 192 or 256\n"
	"    mode = \"transport\"     # or tunnel\n"
	"    esn = false\n"
	"    lifetime = 86400       # seconds\n"
	"    packets = 4294901760\n"
	"    window = 64            # packets\n"
	"    protocol = \"udp\"       # of the selector: udp, tcp or any\n"
	"    sensor-port = 0        # 0: any\n"
	"  }\n"
	"\n"
	"Faults, for tests; TP is a name or a number from 1:\n"
	"  corrupt-share=TP  wrong-psk=TP  drop=TP (repeat for more)\n"
	"  same-x  replay\n"
	"  spi-cs1=HEX  spi-cs2=HEX  truncate=N  flip=N (one bit of byte N)\n"
	"  update-flip=N\n"
	"  time=SECONDS (added to the clock)  claim-address=ADDRESS\n"
	"  dump=DIR (every datagram, DIR/NNN-tx-TP.bin and NNN-rx-TP.bin)\n"
	"\n"
	"Exit status: 0 what was asked for was done, 1 refused or failed, 2 usage.";

enum {
	OPT_RELAY = 256, OPT_VERIFY, OPT_SCHEME, OPT_SUITE, OPT_TIMESTAMP, OPT_CIPHER,
	OPT_LIFETIME, OPT_READINGS, OPT_SESSIONS, OPT_TIMEOUT, OPT_ONCE, OPT_INTERVAL,
	OPT_FAULT, OPT_STATE, OPT_ADDRESS, OPT_RENEW,
};

static const struct argp_option options[] = {
	{ "config", 'c', "FILE", 0, "configuration file (needed)", 1 },
	{ "n", 'n', "N", 0, "third parties of a session", 2 },
	{ "k", 'k', "K", 0, "threshold", 2 },
	{ "scheme", OPT_SCHEME, "NAME", 0, "shamir or reed-solomon", 2 },
	{ "suite", OPT_SUITE, "NAME", 0, "aes-ccm or aes-cm", 2 },
	{ "timestamp", OPT_TIMESTAMP, "NAME", 0, "ntp or counter", 2 },
	{ "cipher", OPT_CIPHER, "NAME[-BITS]", 0, "ESP cipher, e.g. aes-gcm-16-256", 2 },
	{ "lifetime", OPT_LIFETIME, "S", 0, "lifetime of the SAs", 2 },
	{ "address", OPT_ADDRESS, "ADDRESS", 0, "own address and port", 2 },
	{ "state-file", OPT_STATE, "FILE", 0, "where the last time stamp is kept", 2 },
	{ "relay", OPT_RELAY, NULL, 0, "R_I may come through third parties", 2 },
	{ "verify", OPT_VERIFY, NULL, 0, "ask third parties for an answer", 2 },
	{ "json", 'j', NULL, 0, "one JSON object an event", 3 },
	{ "readings", OPT_READINGS, "N", 0, "end after N readings (a session)", 3 },
	{ "sessions", OPT_SESSIONS, "N", 0,
	  "end after N sessions, each with --readings readings (default 1)", 3 },
	{ "once", OPT_ONCE, NULL, 0, "end with the first session, or the first failure", 3 },
	{ "timeout", OPT_TIMEOUT, "S", 0, "give up after S seconds", 3 },
	{ "renew", OPT_RENEW, "N", 0, "ask for new keys after N readings, not at 80 % of the "
	  "lifetime", 3 },
	{ "interval", OPT_INTERVAL, "MS", 0, "between readings (default 1000)", 3 },
	{ "fault", OPT_FAULT, "NAME[=VALUE]", 0, "misbehave, see below", 4 },
	{ 0 }
};

static long number(struct argp_state *state, const char *text, long min, long max)
{
	char *end;
	long v;

	errno = 0;
	v = strtol(text, &end, 10);
	if (errno || end == text || *end || v < min || v > max)
		argp_error(state, "'%s' is not a number from %ld to %ld", text, min, max);
	return v;
}

static error_t on_end(struct argp_state *state, struct sensor_args *a)
{
	if (!a->file)
		argp_error(state, "--config is needed");
	if (a->once && (a->readings || a->sessions))
		argp_error(state, "--once goes with neither --readings nor --sessions");
	return 0;
}

static void add_fault(struct argp_state *state, struct sensor_args *a, const char *text)
{
	if (a->n_faults == ARRAY_SIZE(a->faults))
		argp_error(state, "too many faults");
	a->faults[a->n_faults++] = text;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct sensor_args *a = state->input;

	switch (key) {
	case 'c': a->file = arg; break;
	case 'n': a->n = number(state, arg, 1, DMK_N_MAX); break;
	case 'k': a->k = number(state, arg, 1, DMK_N_MAX); break;
	case 'j': a->json = true; break;
	case OPT_SCHEME: a->scheme = arg; break;
	case OPT_SUITE: a->suite = arg; break;
	case OPT_TIMESTAMP: a->timestamp = arg; break;
	case OPT_CIPHER: a->cipher = arg; break;
	case OPT_ADDRESS: a->address = arg; break;
	case OPT_STATE: a->state_file = arg; break;
	case OPT_LIFETIME: a->lifetime = number(state, arg, 1, 0xFFFFFFFF); break;
	case OPT_RELAY: a->relay = true; break;
	case OPT_VERIFY: a->verify = true; break;
	case OPT_READINGS: a->readings = number(state, arg, 1, 1000000000); break;
	case OPT_SESSIONS: a->sessions = number(state, arg, 1, 1000000000); break;
	case OPT_TIMEOUT: a->timeout = number(state, arg, 1, 1000000); break;
	case OPT_INTERVAL: a->interval_ms = number(state, arg, 1, 1000000); break;
	case OPT_RENEW: a->renew = number(state, arg, 1, 1000000000); break;
	case OPT_ONCE: a->once = true; break;
	case OPT_FAULT: add_fault(state, a, arg); break;
	case ARGP_KEY_ARG: argp_error(state, "'%s' is too much", arg); break;
	case ARGP_KEY_END: return on_end(state, a);
	default: return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static void parse_args(int argc, char **argv, struct sensor_args *args)
{
	static const struct argp argp = { options, parse_option, NULL, doc, 0, 0, 0 };

	*args = (struct sensor_args){ .interval_ms = 1000 };
	argp_err_exit_status = SENSOR_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, args);
}

/* ---- faults */

/* a third party by name or by number from 1 */
static int party_of(const struct sensor_conf *conf, const char *text)
{
	unsigned int i, v;
	char *end;

	for (i = 0; i < conf->m; i++)
		if (!strcmp(conf->party[i].name, text))
			return i;
	v = strtoul(text, &end, 10);
	return *text && !*end && v >= 1 && v <= conf->m ? (int)v - 1 : -1;
}

static bool parse_party(const struct sensor_conf *conf, const char *value, u32 *parties)
{
	int party = party_of(conf, value);

	if (party >= 0)
		*parties |= 1U << party;
	return party >= 0;
}

static bool parse_spi(const char *value, u32 *spi)
{
	char *end;
	unsigned long v = strtoul(value, &end, 16);

	*spi = v;
	return *value && !*end && v && v <= 0xFFFFFFFF;
}

static bool parse_offset(const char *value, int *offset)
{
	char *end;
	long v = strtol(value, &end, 10);

	*offset = v;
	return *value && !*end && v >= 0 && v <= DMK_SENSOR_MSG_MAX;
}

static bool parse_time(const char *value, double *seconds)
{
	char *end;

	*seconds = strtod(value, &end);
	return *value && !*end;
}

static bool parse_fault(struct sensor_conf *conf, const char *text)
{
	struct sensor_faults *f = &conf->fault;
	size_t len = strcspn(text, "=");
	const char *value = text[len] ? text + len + 1 : "";
	char name[32];

	if (snprintf(name, sizeof(name), "%.*s", (int)len, text) >= (int)sizeof(name))
		return false;
	if (!strcmp(name, "corrupt-share"))
		return parse_party(conf, value, &f->corrupt_share);
	if (!strcmp(name, "wrong-psk"))
		return parse_party(conf, value, &f->wrong_psk);
	if (!strcmp(name, "drop"))
		return parse_party(conf, value, &f->drop);
	if (!strcmp(name, "spi-cs1"))
		return parse_spi(value, &f->spi[0]);
	if (!strcmp(name, "spi-cs2"))
		return parse_spi(value, &f->spi[1]);
	if (!strcmp(name, "truncate"))
		return parse_offset(value, &f->truncate);
	if (!strcmp(name, "flip"))
		return parse_offset(value, &f->flip);
	if (!strcmp(name, "update-flip"))
		return parse_offset(value, &f->update_flip);
	if (!strcmp(name, "time"))
		return parse_time(value, &f->time);
	if (!strcmp(name, "claim-address"))
		return f->has_claim = sensor_addr_parse(value, 0, &f->claim);
	if (!strcmp(name, "dump"))
		return *value && (f->dump = strdup(value));
	if (!strcmp(text, "replay"))
		return f->replay = true;
	if (!strcmp(text, "same-x"))
		return f->same_x = true;
	return false;
}

/* ---- what the file leaves to the program */

/* the address that packets to R have, if none is configured */
static bool find_address(const union sensor_addr *to, union sensor_addr *own)
{
	socklen_t len = sizeof(*own);
	int fd = socket(to->sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool good;

	good = fd >= 0 && !connect(fd, &to->sa, sensor_addr_len(to)) &&
	       !getsockname(fd, &own->sa, &len);
	if (!good)
		sensor_conf_complain("no way to the responder: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
	own->v4.sin_port = htons(SENSOR_MIKEY_PORT);
	return good;
}

static void load_goals(struct sensor_conf *c, const struct sensor_args *a)
{
	c->json = a->json;
	c->once = a->once;
	c->readings = a->readings;
	c->sessions = a->sessions;
	c->timeout = a->timeout;
	c->interval_ms = a->interval_ms;
	c->renew = a->renew;
	if (c->sessions && !c->readings)
		c->readings = 1;
}

static bool load_faults(struct sensor_conf *c, const struct sensor_args *a)
{
	struct sensor_faults *f = &c->fault;
	unsigned int i;

	f->truncate = f->flip = f->update_flip = -1;
	for (i = 0; i < a->n_faults; i++)
		if (!parse_fault(c, a->faults[i]))
			return sensor_conf_wrong("fault '%s' is unknown, or names nothing",
						 a->faults[i]);
	for (i = 0; i < c->m; i++)
		c->party[i].psk[0] ^= f->wrong_psk >> i & 1;
	return true;
}

static bool load_rest(struct sensor_conf *c)
{
	if (!c->state_file)
		return sensor_conf_wrong("state-file is needed: no time stamp may be used twice");
	return c->local.sa.sa_family || find_address(&c->responder, &c->local);
}

enum sensor_exit sensor_conf_load(int argc, char **argv, struct sensor_conf *conf)
{
	struct sensor_args args;
	bool good;

	parse_args(argc, argv, &args);
	good = sensor_conf_read(&args, conf) && load_rest(conf) &&
	       sensor_conf_load_psks(conf) && load_faults(conf, &args);
	load_goals(conf, &args);
	return good ? SENSOR_OK : SENSOR_USAGE;
}
