// SPDX-License-Identifier: GPL-2.0
/* dmikey-load's command line, and the files that it names. */
#include <argp.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/decoder.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "load.h"
#include "sensor_conf.h"

void load_die(const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fputs("dmikey-load: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(LOAD_FAILED);
}

static const char doc[] =
	"Plays many sensors at once, to see what third parties and a responder bear.\v"
	"MODE is:\n"
	"  tp        through real third parties, --third-party ID@ADDRESS each\n"
	"  r         plays the third parties, too, --third-party ID,CERTIFICATE,KEY each\n"
	"            (DER; the private key also PEM), to load a responder alone\n"
	"  register  tells the module of this network namespace, a third party, the sensors;\n"
	"            their PSKs come from its master key --key\n"
	"\n"
	"Sensor I is nai:loadIIIIIII@REALM, its address is PREFIX + I. The prefix has to be\n"
	"routed to this host, which has it by: ip -6 route add local PREFIX dev lo\n"
	"\n"
	"Exit status: 0 every sensor got what it asked for, 1 not, 2 usage.";

enum {
	OPT_RESPONDER = 256, OPT_TO, OPT_RESPONDER_CERT, OPT_PARTY, OPT_SENSORS, OPT_FIRST,
	OPT_REALM, OPT_PREFIX, OPT_MASTER, OPT_GENERATION, OPT_KEY, OPT_WINDOW, OPT_RATE,
	OPT_UPDATES, OPT_READINGS, OPT_PORT, OPT_OWN_PORT, OPT_TIMEOUT, OPT_NO_CACHE,
	OPT_LIARS, OPT_ENDURE, OPT_PREPARE, OPT_PAUSE,
};

static const struct argp_option options[] = {
	{ "responder", OPT_RESPONDER, "ID", 0, "its identity, uri:... or nai:...", 1 },
	{ "to", OPT_TO, "ADDRESS", 0, "its IPv6 address, [ADDRESS]:PORT if not port 2269", 1 },
	{ "responder-cert", OPT_RESPONDER_CERT, "FILE", 0, "its certificate, DER (r)", 1 },
	{ "third-party", OPT_PARTY, "...", 0, "a third party; to be repeated", 1 },
	{ "sensors", OPT_SENSORS, "N", 0, "how many (default 1)", 2 },
	{ "first", OPT_FIRST, "I", 0, "number of the first (default 1)", 2 },
	{ "realm", OPT_REALM, "NAME", 0, "of their identities (default example)", 2 },
	{ "prefix", OPT_PREFIX, "PREFIX", 0, "of their addresses (default fd00:5::/64)", 2 },
	{ "own-port", OPT_OWN_PORT, "PORT", 0, "their UDP port (default 2269)", 2 },
	{ "master", OPT_MASTER, "FILE", 0,
	  "64 hex digits, mode 0600: where their PSKs come from (tp)", 2 },
	{ "generation", OPT_GENERATION, "N", 0, "of the master key (default 1)", 2 },
	{ "key", OPT_KEY, "SERIAL", 0, "of the master key in the kernel (register)", 2 },
	{ "n", 'n', "N", 0, "third parties of a session (default 3)", 3 },
	{ "k", 'k', "K", 0, "threshold (default 2)", 3 },
	{ "liars", OPT_LIARS, "L", 0, "third parties of a session that lie (r; default 0)", 3 },
	{ "window", OPT_WINDOW, "W", 0, "exchanges under way at once (default 32)", 3 },
	{ "rate", OPT_RATE, "R", 0, "new exchanges a second (default 0: any)", 3 },
	{ "updates", OPT_UPDATES, "U", 0, "of every session (default 0)", 3 },
	{ "readings", OPT_READINGS, "N", 0, "ESP packets with every new key (default 1)", 3 },
	{ "port", OPT_PORT, "PORT", 0, "that readings go to (default 7777)", 3 },
	{ "timeout", OPT_TIMEOUT, "S", 0, "seconds for one exchange of all (default 0: none)", 3 },
	{ "no-cache", OPT_NO_CACHE, NULL, 0, "every share is signed (r)", 3 },
	{ "endure", OPT_ENDURE, NULL, 0,
	  "begin anew until R has sent a reading back (tp)", 3 },
	{ "prepare", OPT_PREPARE, NULL, 0,
	  "build all messages before the first is sent, check all answers behind the last", 4 },
	{ "pause", OPT_PAUSE, NULL, 0, "wait for a line between the phases", 4 },
	{ "json", 'j', NULL, 0, "the result as one JSON object", 4 },
	{ 0 }
};

static unsigned long number(struct argp_state *state, const char *text, unsigned long min,
			    unsigned long max)
{
	unsigned long v;
	char *end;

	errno = 0;
	v = strtoul(text, &end, 10);
	if (errno || text[0] < '0' || text[0] > '9' || *end || v < min || v > max)
		argp_error(state, "'%s' is not a number from %lu to %lu", text, min, max);
	return v;
}

/* @text stays: it is a word of the command line */
static void parse_id(struct argp_state *state, const char *text, struct dmk_id *id)
{
	size_t len = strlen(text);

	if (len <= 4 || len - 4 > DMK_ID_MAX ||
	    (strncmp(text, "nai:", 4) && strncmp(text, "uri:", 4)))
		argp_error(state, "'%s' is no identity: nai:NAME@REALM or uri:URI", text);
	id->type = text[0] == 'n' ? DMK_ID_NAI : DMK_ID_URI;
	id->data = DMK_SPAN(text + 4, len - 4);
}

static void parse_addr(struct argp_state *state, const char *text, struct sockaddr_in6 *a)
{
	union sensor_addr any;

	if (!sensor_addr_parse(text, LOAD_PORT, &any) || any.sa.sa_family != AF_INET6)
		argp_error(state, "'%s' is no IPv6 address", text);
	*a = any.v6;
}

/* the low 32 bits are a sensor's number */
static void parse_prefix(struct argp_state *state, char *text, struct in6_addr *prefix)
{
	char *slash = strchr(text, '/');

	if (slash)
		*slash++ = '\0';
	if (!slash || number(state, slash, 1, 96) > 96 || inet_pton(AF_INET6, text, prefix) != 1 ||
	    dmk_get_be(prefix->s6_addr + 12, 4))
		argp_error(state, "'%s' is no IPv6 prefix of up to 96 bits", text);
}

/* ---- files */

static u32 read_file(const char *path, u8 *room, size_t size)
{
	FILE *f = fopen(path, "re");
	size_t len;

	if (!f)
		load_die("%s: %s", path, strerror(errno));
	len = fread(room, 1, size, f);
	fclose(f);
	if (!len || len == size)
		load_die("%s: empty or too long", path);
	return len;
}

static struct dmk_span read_cert(const char *path)
{
	u8 *der = malloc(DMK_CERT_MAX + 1);

	if (!der)
		load_die("out of memory");
	return DMK_SPAN(der, read_file(path, der, DMK_CERT_MAX + 1));
}

static void read_responder(const char *path, struct load_conf *c)
{
	struct dmk_span cert = read_cert(path);
	const u8 *p = cert.data;
	X509 *x = d2i_X509(NULL, &p, cert.len);

	SHA256(cert.data, cert.len, c->r_hash);
	c->r_key = x ? X509_get_pubkey(x) : NULL;
	X509_free(x);
	free((void *)cert.data);
	if (!c->r_key)
		load_die("%s: no certificate in DER", path);
}

static void not_for_others(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		load_die("%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode) || st.st_mode & 077)
		load_die("%s is no file, or may be read by others: chmod 0600", path);
}

static EVP_PKEY *read_key(const char *path)
{
	OSSL_DECODER_CTX *ctx;
	EVP_PKEY *key = NULL;
	BIO *in;

	not_for_others(path);
	in = BIO_new_file(path, "re");
	ctx = OSSL_DECODER_CTX_new_for_pkey(&key, NULL, NULL, "RSA",
					    OSSL_KEYMGMT_SELECT_KEYPAIR, NULL, NULL);
	if (!in || !ctx || !OSSL_DECODER_from_bio(ctx, in))
		load_die("%s: no RSA private key", path);
	OSSL_DECODER_CTX_free(ctx);
	BIO_free(in);
	return key;
}

static void read_master(const char *path, u8 master[DMK_PSK_LEN])
{
	char text[2 * DMK_PSK_LEN + 2] = "";
	size_t len = 0;

	not_for_others(path);
	read_file(path, (u8 *)text, sizeof(text));
	text[strcspn(text, "\n")] = '\0';
	if (!OPENSSL_hexstr2buf_ex(master, DMK_PSK_LEN, &len, text, '\0') || len != DMK_PSK_LEN)
		len = 0;
	dmk_wipe(text, sizeof(text));
	if (!len)
		load_die("%s does not hold 64 hex digits", path);
}

/* ---- options */

/* ID@ADDRESS */
static void parse_real(struct argp_state *state, char *text, struct load_party *p)
{
	char *at = strrchr(text, '@');

	if (!at)
		argp_error(state, "a third party is ID@ADDRESS, not '%s'", text);
	*at = '\0';
	parse_id(state, text, &p->id);
	parse_addr(state, at + 1, &p->addr);
}

/* ID,CERTIFICATE,KEY */
static void parse_played(struct argp_state *state, char *text, struct load_party *p)
{
	char *cert = strchr(text, ','), *key = cert ? strchr(cert + 1, ',') : NULL;

	if (!key)
		argp_error(state, "a third party is ID,CERTIFICATE,KEY, not '%s'", text);
	*cert = *key = '\0';
	parse_id(state, text, &p->id);
	p->cert = read_cert(cert + 1);
	p->key = read_key(key + 1);
}

static void parse_mode(struct argp_state *state, const char *text, struct load_conf *c)
{
	static const char *const modes[] = {
		[LOAD_TP] = "tp", [LOAD_R] = "r", [LOAD_REGISTER] = "register",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(modes); i++)
		if (!strcmp(text, modes[i]))
			break;
	if (i == ARRAY_SIZE(modes) || state->arg_num)
		argp_error(state, "'%s' is no mode", text);
	c->mode = i;
}

/**
 * struct reading - options that need others first
 * @conf: the result
 * @party: what was said of third parties
 * @master: file
 * @responder_cert: file
 */
struct reading {
	struct load_conf *conf;
	char *party[LOAD_PARTIES_MAX];
	const char *master;
	const char *responder_cert;
};

static void add_party(struct argp_state *state, struct reading *r, char *text)
{
	if (r->conf->m == LOAD_PARTIES_MAX)
		argp_error(state, "more than %d third parties", LOAD_PARTIES_MAX);
	r->party[r->conf->m++] = text;
}

static void check_load(struct argp_state *state, const struct reading *r)
{
	const struct load_conf *c = r->conf;

	if (!c->idr.data.len || !c->r.sin6_family)
		argp_error(state, "--responder and --to are needed");
	if (c->n > c->m || c->k > c->n || (c->k == 1 && c->n > 1))
		argp_error(state, "--k is 2 to --n or both are 1, with at least --n --third-party");
	if (c->mode == LOAD_TP && !r->master)
		argp_error(state, "--master is needed");
	if (c->liars && (c->mode != LOAD_R || c->liars >= c->k))
		argp_error(state, "--liars is for r, and fewer than --k");
	if (c->endure && (c->mode != LOAD_TP || c->prepare || c->pause || !c->readings))
		argp_error(state, "--endure is for tp with readings and without phases");
	if (c->mode == LOAD_R && !r->responder_cert)
		argp_error(state, "--responder-cert is needed");
}

static void on_end(struct argp_state *state, struct reading *r)
{
	struct load_conf *c = r->conf;
	unsigned int i;

	if (!state->arg_num)
		argp_error(state, "a mode is needed");
	if (c->first > UINT32_MAX - c->sensors)
		argp_error(state, "--first and --sensors lead above 2^32");
	if (c->mode == LOAD_REGISTER) {
		if (!c->serial)
			argp_error(state, "--key is needed");
		return;
	}
	check_load(state, r);
	for (i = 0; i < c->m; i++)
		(c->mode == LOAD_TP ? parse_real : parse_played)(state, r->party[i],
								 &c->party[i]);
	if (c->mode == LOAD_TP)
		read_master(r->master, c->master);
	else
		read_responder(r->responder_cert, c);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct reading *r = state->input;
	struct load_conf *c = r->conf;

	switch (key) {
	case OPT_RESPONDER: parse_id(state, arg, &c->idr); break;
	case OPT_TO: parse_addr(state, arg, &c->r); break;
	case OPT_RESPONDER_CERT: r->responder_cert = arg; break;
	case OPT_PARTY: add_party(state, r, arg); break;
	case OPT_SENSORS: c->sensors = number(state, arg, 1, LOAD_SENSORS_MAX); break;
	case OPT_FIRST: c->first = number(state, arg, 1, UINT32_MAX); break;
	case OPT_REALM: c->realm = arg; break;
	case OPT_PREFIX: parse_prefix(state, arg, &c->prefix); break;
	case OPT_OWN_PORT: c->port = number(state, arg, 1, UINT16_MAX); break;
	case OPT_MASTER: r->master = arg; break;
	case OPT_GENERATION: c->generation = number(state, arg, 0, UINT32_MAX); break;
	case OPT_KEY: c->serial = number(state, arg, 1, INT32_MAX); break;
	case 'n': c->n = number(state, arg, 1, DMK_N_MAX); break;
	case 'k': c->k = number(state, arg, 1, DMK_N_MAX); break;
	case OPT_LIARS: c->liars = number(state, arg, 0, DMK_N_MAX); break;
	case OPT_WINDOW: c->window = number(state, arg, 1, LOAD_WINDOW_MAX); break;
	case OPT_RATE: c->rate = number(state, arg, 0, 1000000); break;
	case OPT_UPDATES: c->updates = number(state, arg, 0, LOAD_UPDATES_MAX); break;
	case OPT_READINGS: c->readings = number(state, arg, 0, LOAD_READINGS_MAX); break;
	case OPT_PORT: c->r_port = number(state, arg, 1, UINT16_MAX); break;
	case OPT_TIMEOUT: c->timeout = number(state, arg, 0, 1000000); break;
	case OPT_NO_CACHE: c->no_cache = true; break;
	case OPT_ENDURE: c->endure = true; break;
	case OPT_PREPARE: c->prepare = true; break;
	case OPT_PAUSE: c->pause = true; break;
	case 'j': c->json = true; break;
	case ARGP_KEY_ARG: parse_mode(state, arg, c); break;
	case ARGP_KEY_END: on_end(state, r); break;
	default: return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

void load_conf_read(int argc, char **argv, struct load_conf *conf)
{
	static const struct argp argp = { options, parse_option, "MODE", doc, 0, 0, 0 };
	struct reading r = { .conf = conf };

	conf->n = 3;
	conf->k = 2;
	conf->sensors = conf->first = conf->generation = conf->readings = 1;
	conf->window = 32;
	conf->port = LOAD_PORT;
	conf->r_port = SENSOR_READING_PORT;
	conf->realm = "example";
	inet_pton(AF_INET6, "fd00:5::", &conf->prefix);
	argp_err_exit_status = LOAD_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &r);
}

void load_conf_wipe(struct load_conf *conf)
{
	struct load_party *p;

	dmk_wipe(conf->master, sizeof(conf->master));
	EVP_PKEY_free(conf->r_key);
	for (p = conf->party; p < conf->party + conf->m; p++) {
		EVP_PKEY_free(p->key);
		dmk_wipe(&p->cached, sizeof(p->cached));
		dmk_wipe(&p->fresh, sizeof(p->fresh));
	}
}

/* ---- what follows from it */

void load_conf_name(const struct load_conf *conf, u32 n, char name[LOAD_NAME])
{
	if (snprintf(name, LOAD_NAME, "load%07u@%s", n, conf->realm) >= LOAD_NAME)
		load_die("the realm is too long");
}

struct in6_addr load_conf_addr(const struct load_conf *conf, u32 n)
{
	struct in6_addr a = conf->prefix;

	dmk_put_be(a.s6_addr + 12, n, 4);
	return a;
}
