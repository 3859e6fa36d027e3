// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <confuse.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sensor_conf.h"

static const char *file_name;

void sensor_conf_complain(const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s: %s: ", program_invocation_short_name, file_name);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

#define wrong(...) sensor_conf_wrong(__VA_ARGS__)

/* ---- addresses and identities */

socklen_t sensor_addr_len(const union sensor_addr *a)
{
	return a->sa.sa_family == AF_INET ? sizeof(a->v4) : sizeof(a->v6);
}

struct dmk_span sensor_addr_octets(const union sensor_addr *a)
{
	if (a->sa.sa_family == AF_INET)
		return DMK_SPAN(&a->v4.sin_addr, 4);
	return DMK_SPAN(&a->v6.sin6_addr, 16);
}

bool sensor_addr_equal(const union sensor_addr *a, const union sensor_addr *b)
{
	return a->sa.sa_family == b->sa.sa_family && a->v4.sin_port == b->v4.sin_port &&
	       dmk_span_equal(sensor_addr_octets(a), sensor_addr_octets(b));
}

static bool parse_port(const char *text, u16 *port)
{
	char *end;
	long v = strtol(text, &end, 10);

	*port = v;
	return *text && !*end && v > 0 && v <= 65535;
}

bool sensor_addr_parse(const char *text, u16 port, union sensor_addr *a)
{
	char host[64], *rest;

	if (snprintf(host, sizeof(host), "%s", text) >= (int)sizeof(host))
		return false;
	memset(a, 0, sizeof(*a));
	if (host[0] == '[') {
		rest = strchr(host, ']');
		if (!rest || (rest[1] && (rest[1] != ':' || !parse_port(rest + 2, &port))))
			return false;
		*rest = '\0';
		memmove(host, host + 1, strlen(host));
	} else {
		rest = strchr(host, ':');
		if (rest && rest == strrchr(host, ':')) {
			if (!parse_port(rest + 1, &port))
				return false;
			*rest = '\0';
		}
	}
	if (inet_pton(AF_INET, host, &a->v4.sin_addr) == 1)
		a->sa.sa_family = AF_INET;
	else if (inet_pton(AF_INET6, host, &a->v6.sin6_addr) == 1)
		a->sa.sa_family = AF_INET6;
	else
		return false;
	a->v4.sin_port = htons(port);	/* the same place in both */
	return true;
}

/* nai:... or uri:... */
static bool parse_id(const char *text, struct dmk_id *id)
{
	size_t len;

	if (!text || (strncmp(text, "nai:", 4) && strncmp(text, "uri:", 4)))
		return wrong("an identity begins with nai: or uri:, not '%s'", text ? text : "");
	len = strlen(text + 4);
	if (!len || len > DMK_ID_MAX)
		return wrong("identity '%s' has not 1 to 255 bytes", text);
	id->type = text[0] == 'n' ? DMK_ID_NAI : DMK_ID_URI;
	id->data = DMK_SPAN(strdup(text + 4), len);
	return id->data.data;
}

/* ---- PSKs */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* 64 hex digits, a newline at most behind them */
static bool parse_psk(const char *text, ssize_t len, u8 psk[DMK_PSK_LEN])
{
	int i, hi, lo;

	if (len == 2 * DMK_PSK_LEN + 1 && text[len - 1] == '\n')
		len--;
	if (len != 2 * DMK_PSK_LEN)
		return false;
	for (i = 0; i < DMK_PSK_LEN; i++) {
		hi = hex_digit(text[2 * i]);
		lo = hex_digit(text[2 * i + 1]);
		if (hi < 0 || lo < 0)
			return false;
		psk[i] = hi << 4 | lo;
	}
	return true;
}

static bool read_psk(int fd, const char *path, u8 psk[DMK_PSK_LEN])
{
	char text[2 * DMK_PSK_LEN + 2];
	struct stat st;
	ssize_t len;
	bool good;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return wrong("%s is no file", path);
	if (st.st_mode & 077)
		return wrong("%s may be read by others: chmod 0600", path);
	len = read(fd, text, sizeof(text));
	good = parse_psk(text, len, psk);
	explicit_bzero(text, sizeof(text));
	return good || wrong("%s does not hold 64 hex digits", path);
}

bool sensor_conf_read_key(const char *path, u8 key[DMK_PSK_LEN])
{
	bool good;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return wrong("%s: %s", path, strerror(errno));
	good = read_psk(fd, path, key);
	close(fd);
	return good;
}

bool sensor_conf_load_psks(struct sensor_conf *conf)
{
	unsigned int i;

	for (i = 0; i < conf->m; i++)
		if (!sensor_conf_read_key(conf->party[i].psk_file, conf->party[i].psk))
			return false;
	return true;
}

/* relative to the configuration file */
static char *path_of(const char *name)
{
	char *copy, *path = NULL;

	if (name[0] == '/')
		return strdup(name);
	copy = strdup(file_name);
	if (asprintf(&path, "%s/%s", dirname(copy), name) < 0)
		path = NULL;
	free(copy);
	return path;
}

void sensor_conf_wipe(struct sensor_conf *conf)
{
	unsigned int i;

	for (i = 0; i < conf->m; i++)
		explicit_bzero(conf->party[i].psk, sizeof(conf->party[i].psk));
}

/* ---- names */

struct name {
	const char *name;
	unsigned int value;
};

static bool choose(const char *what, const char *text, const struct name *names,
		   unsigned int *value)
{
	for (; names->name; names++)
		if (!strcmp(names->name, text)) {
			*value = names->value;
			return true;
		}
	return wrong("%s '%s' is unknown", what, text);
}

static const struct name schemes[] = {
	{ "shamir", DMK_SCHEME_SHAMIR }, { "reed-solomon", DMK_SCHEME_RS }, { 0 }
};
static const struct name suites[] = {
	{ "aes-ccm", DMK_ENCR_AES_CCM_128 }, { "aes-cm", DMK_ENCR_AES_CM_128 }, { 0 }
};
static const struct name timestamps[] = {
	{ "ntp", DMK_TS_NTP_UTC }, { "counter", DMK_TS_COUNTER }, { 0 }
};
static const struct name ciphers[] = {
	{ "aes-ccm-8", DMK_ESP_AES_CCM_8 }, { "aes-ccm-16", DMK_ESP_AES_CCM_16 },
	{ "aes-gcm-8", DMK_ESP_AES_GCM_8 }, { "aes-gcm-16", DMK_ESP_AES_GCM_16 },
	{ "aes-cbc", DMK_ESP_AES_CBC },
	{ "chacha20-poly1305", DMK_ESP_CHACHA20_POLY1305 }, { 0 }
};
static const struct name modes[] = { { "transport", 0 }, { "tunnel", 1 }, { 0 } };
static const struct name protos[] = {
	{ "any", 0 }, { "udp", IPPROTO_UDP }, { "tcp", IPPROTO_TCP }, { 0 }
};

/* ---- the file */

_Static_assert(sizeof(long) == 8, "libconfuse's numbers are long: 32 bits do not hold them");

static cfg_opt_t responder_opts[] = {
	CFG_STR("identity", NULL, CFGF_NODEFAULT),
	CFG_STR("address", NULL, CFGF_NODEFAULT),
	CFG_INT("coap-port", 5683, CFGF_NONE),
	CFG_STR("coap-path", "vitals", CFGF_NONE),
	CFG_END()
};
static cfg_opt_t party_opts[] = {
	CFG_STR("identity", NULL, CFGF_NODEFAULT),
	CFG_STR("address", NULL, CFGF_NODEFAULT),
	CFG_STR("psk-file", NULL, CFGF_NODEFAULT),
	CFG_END()
};
static cfg_opt_t esp_opts[] = {
	CFG_STR("cipher", "aes-ccm-8", CFGF_NONE),
	CFG_INT("key-bits", 0, CFGF_NONE),
	CFG_STR("mode", "transport", CFGF_NONE),
	CFG_BOOL("esn", cfg_false, CFGF_NONE),
	CFG_INT("lifetime", 86400, CFGF_NONE),
	CFG_INT("packets", 4294901760, CFGF_NONE),
	CFG_INT("window", 64, CFGF_NONE),
	CFG_STR("protocol", "udp", CFGF_NONE),
	CFG_INT("sensor-port", 0, CFGF_NONE),
	CFG_END()
};
static cfg_opt_t opts[] = {
	CFG_STR("identity", NULL, CFGF_NODEFAULT),
	CFG_SEC("responder", responder_opts, CFGF_NONE),
	CFG_SEC("thirdparty", party_opts, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
	CFG_SEC("esp", esp_opts, CFGF_NONE),
	CFG_INT("n", 3, CFGF_NONE),
	CFG_INT("k", 2, CFGF_NONE),
	CFG_STR("scheme", "shamir", CFGF_NONE),
	CFG_STR("suite", "aes-ccm", CFGF_NONE),
	CFG_STR("timestamp", "ntp", CFGF_NONE),
	CFG_STR("state-file", NULL, CFGF_NODEFAULT),
	CFG_STR("address", NULL, CFGF_NODEFAULT),
	CFG_BOOL("relay", cfg_false, CFGF_NONE),
	CFG_BOOL("verify", cfg_false, CFGF_NONE),
	CFG_INT("period", 1000, CFGF_NONE),
	CFG_END()
};

static bool in_range(cfg_t *cfg, const char *name, long min, long max)
{
	long v = cfg_getint(cfg, name);

	return (v >= min && v <= max) ||
	       wrong("%s = %ld is not from %ld to %ld", name, v, min, max);
}

static bool load_responder(struct sensor_conf *c, cfg_t *cfg)
{
	const char *addr = cfg_getstr(cfg, "address");

	if (!addr || !sensor_addr_parse(addr, SENSOR_READING_PORT, &c->responder))
		return wrong("the responder's address '%s' is none", addr ? addr : "");
	if (!in_range(cfg, "coap-port", 1, 65535))
		return false;
	c->coap_port = cfg_getint(cfg, "coap-port");
	c->coap_path = strdup(cfg_getstr(cfg, "coap-path"));
	return parse_id(cfg_getstr(cfg, "identity"), &c->idr);
}

static bool load_party(struct sensor_party *p, cfg_t *cfg)
{
	const char *addr = cfg_getstr(cfg, "address"), *psk = cfg_getstr(cfg, "psk-file");

	p->name = strdup(cfg_title(cfg));
	if (!addr || !sensor_addr_parse(addr, SENSOR_MIKEY_PORT, &p->addr))
		return wrong("the address '%s' of third party %s is none",
			     addr ? addr : "", p->name);
	if (!psk)
		return wrong("third party %s has no psk-file", p->name);
	p->psk_file = path_of(psk);
	return p->psk_file && parse_id(cfg_getstr(cfg, "identity"), &p->id);
}

static bool load_parties(struct sensor_conf *c, cfg_t *cfg)
{
	unsigned int i, j;

	if (cfg_size(cfg, "thirdparty") > SENSOR_PARTIES_MAX)
		return wrong("more than %d third parties", SENSOR_PARTIES_MAX);
	for (i = 0; i < cfg_size(cfg, "thirdparty"); i++) {
		c->m = i + 1;
		if (!load_party(&c->party[i], cfg_getnsec(cfg, "thirdparty", i)))
			return false;
		for (j = 0; j < i; j++)
			if (dmk_id_equal(&c->party[i].id, &c->party[j].id))
				return wrong("%s and %s have one identity", c->party[j].name,
					     c->party[i].name);
	}
	return true;
}

/* NAME, or NAME-BITS as --cipher allows it */
static bool parse_cipher(const char *text, long bits, struct dmk_esp_policy *p)
{
	unsigned int cipher;
	char name[32];
	size_t len;

	snprintf(name, sizeof(name), "%s", text);
	len = strlen(name);
	if (len > 4 && (!strcmp(name + len - 4, "-128") || !strcmp(name + len - 4, "-192") ||
			!strcmp(name + len - 4, "-256"))) {
		bits = atol(name + len - 3);
		name[len - 4] = '\0';
	}
	if (!choose("cipher", name, ciphers, &cipher))
		return false;
	if (!bits)
		bits = cipher == DMK_ESP_CHACHA20_POLY1305 ? 256 : 128;
	p->cipher = cipher;
	p->key_bits = bits;
	p->integ = cipher == DMK_ESP_AES_CBC ? DMK_ESP_HMAC_SHA2_256_128 : DMK_ESP_INTEG_NONE;
	return true;
}

static bool load_esp(struct sensor_conf *c, cfg_t *cfg, const struct sensor_args *a)
{
	struct dmk_esp_policy *p = &c->policy;
	unsigned int tunnel, proto;

	if (!in_range(cfg, "key-bits", 0, 256) || !in_range(cfg, "lifetime", 1, 0xFFFFFFFF) ||
	    !in_range(cfg, "packets", 1, 0xFFFFFFFF) || !in_range(cfg, "window", 0, 4096) ||
	    !in_range(cfg, "sensor-port", 0, 65535))
		return false;
	dmk_esp_policy_default(p);
	if (!parse_cipher(a->cipher ? a->cipher : cfg_getstr(cfg, "cipher"),
			  cfg_getint(cfg, "key-bits"), p) ||
	    !choose("mode", cfg_getstr(cfg, "mode"), modes, &tunnel) ||
	    !choose("protocol", cfg_getstr(cfg, "protocol"), protos, &proto))
		return false;
	p->tunnel = tunnel;
	p->esn = cfg_getbool(cfg, "esn");
	p->life_seconds = a->lifetime ? a->lifetime : cfg_getint(cfg, "lifetime");
	p->life_packets = cfg_getint(cfg, "packets");
	p->window = cfg_getint(cfg, "window");
	c->proto = proto;
	c->r_port = proto ? ntohs(c->responder.v4.sin_port) : 0;
	c->i_port = cfg_getint(cfg, "sensor-port");
	return !c->i_port || proto || wrong("sensor-port needs a protocol");
}

static bool load_method(struct sensor_conf *c, cfg_t *cfg, const struct sensor_args *a)
{
	unsigned int scheme, suite, ts;

	if (!choose("scheme", a->scheme ? a->scheme : cfg_getstr(cfg, "scheme"), schemes,
		    &scheme) ||
	    !choose("suite", a->suite ? a->suite : cfg_getstr(cfg, "suite"), suites, &suite) ||
	    !choose("timestamp", a->timestamp ? a->timestamp : cfg_getstr(cfg, "timestamp"),
		    timestamps, &ts) ||
	    !in_range(cfg, "n", 1, DMK_N_MAX) || !in_range(cfg, "k", 1, DMK_N_MAX))
		return false;
	c->n = a->n ? a->n : cfg_getint(cfg, "n");
	c->k = a->k ? a->k : cfg_getint(cfg, "k");
	c->scheme = scheme;
	c->ts_type = ts;
	c->suite.prf = DMK_PRF_SHA256;
	c->suite.encr_alg = suite;
	c->suite.mac_alg = suite == DMK_ENCR_AES_CCM_128 ? DMK_MAC_NULL : DMK_MAC_SHA256;
	c->relay = a->relay || cfg_getbool(cfg, "relay");
	c->verify = a->verify || cfg_getbool(cfg, "verify");
	return c->n <= c->m || wrong("n = %u, but only %u third parties", c->n, c->m);
}

static bool load_local(struct sensor_conf *c, cfg_t *cfg, const struct sensor_args *a)
{
	const char *addr = a->address ? a->address : cfg_getstr(cfg, "address");
	const char *state = a->state_file ? a->state_file : cfg_getstr(cfg, "state-file");

	c->state_file = state ? strdup(state) : NULL;
	if (!addr)
		return true;
	if (!sensor_addr_parse(addr, SENSOR_MIKEY_PORT, &c->local))
		return wrong("the address '%s' is none", addr);
	return c->local.sa.sa_family == c->responder.sa.sa_family ||
	       wrong("own and responder's address are of different families");
}

static bool load_file(struct sensor_conf *c, cfg_t *cfg, const struct sensor_args *a)
{
	return parse_id(cfg_getstr(cfg, "identity"), &c->idi) &&
	       load_responder(c, cfg_getsec(cfg, "responder")) && load_parties(c, cfg) &&
	       load_method(c, cfg, a) && load_esp(c, cfg_getsec(cfg, "esp"), a) &&
	       load_local(c, cfg, a) &&
	       in_range(cfg, "period", SENSOR_PERIOD_MIN, SENSOR_PERIOD_MAX) &&
	       (c->period = cfg_getint(cfg, "period"));
}

bool sensor_conf_read(const struct sensor_args *args, struct sensor_conf *conf)
{
	bool good;
	cfg_t *cfg;
	int err;

	memset(conf, 0, sizeof(*conf));
	file_name = args->file;
	cfg = cfg_init(opts, CFGF_NONE);
	err = cfg_parse(cfg, args->file);
	if (err == CFG_FILE_ERROR)
		sensor_conf_complain("%s", strerror(errno));
	good = err == CFG_SUCCESS && load_file(conf, cfg, args);
	cfg_free(cfg);
	return good;
}
