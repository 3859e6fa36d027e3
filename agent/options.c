// SPDX-License-Identifier: GPL-2.0
/*
 * The grammar of dmikey.conf(5). libconfuse reads; each value is checked when
 * it is read, so that an error can name its line.
 */
#include <errno.h>
#include <glob.h>
#include <libgen.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../kmod/uapi/dmikey.h"
#include "identity.h"
#include "log.h"
#include "options.h"
#include "words.h"

/* libconfuse closes at the end of a file what is still open. This stands behind
 * each file, and is an option of no section.
 */
#define END_OF_FILE	"end-of-file"

/* an option of a section has been read: libconfuse uses lower bits */
#define SEEN	(1 << 24)

static cfg_opt_t instance_options[] = {
	CFG_INT("port", 2269, CFGF_NONE),
	CFG_INT("skew", DMK_SKEW, CFGF_NONE),
	CFG_INT("queue", 4096, CFGF_NONE),
	CFG_INT("rate", 1000, CFGF_NONE),
	CFG_INT("sensors", 16384, CFGF_NONE),
	CFG_INT("forget-after", 3600, CFGF_NONE),
	CFG_STR("user", NULL, CFGF_NODEFAULT),
	CFG_END()
};

static cfg_opt_t local_options[] = {
	CFG_STR("certificate", NULL, CFGF_NODEFAULT),
	CFG_STR("key", NULL, CFGF_NODEFAULT),
	CFG_END()
};

static cfg_opt_t sensor_options[] = {
	CFG_STR("psk-file", NULL, CFGF_NODEFAULT),
	CFG_STR("master-key-file", NULL, CFGF_NODEFAULT),
	CFG_INT("generation", 0, CFGF_NODEFAULT),
	CFG_STR("timestamp", "ntp", CFGF_NONE),
	CFG_STR_LIST("suites", NULL, CFGF_NODEFAULT),
	CFG_END()
};

static cfg_opt_t master_options[] = {
	CFG_STR("key-file", NULL, CFGF_NODEFAULT),
	CFG_END()
};

static cfg_opt_t peer_responder_options[] = {
	CFG_STR("certificate", NULL, CFGF_NODEFAULT),
	CFG_STR("address", NULL, CFGF_NODEFAULT),
	CFG_INT("port", 2269, CFGF_NONE),
	CFG_BOOL("by-hash", cfg_false, CFGF_NONE),
	CFG_STR_LIST("suites", NULL, CFGF_NODEFAULT),
	CFG_END()
};

static cfg_opt_t peer_thirdparty_options[] = {
	CFG_STR("certificate", NULL, CFGF_NODEFAULT),
	CFG_STR_LIST("suites", NULL, CFGF_NODEFAULT),
	CFG_END()
};

static cfg_opt_t policy_options[] = {
	CFG_STR("cipher", "aes-ccm-8", CFGF_NONE),
	CFG_INT("key-bits", 0, CFGF_NODEFAULT),
	CFG_STR("integrity", "none", CFGF_NONE),
	CFG_STR("mode", "transport", CFGF_NONE),
	CFG_BOOL("esn", cfg_false, CFGF_NONE),
	CFG_INT("life-seconds", 86400, CFGF_NONE),
	CFG_INT("life-packets", 0xffff0000, CFGF_NONE),
	CFG_INT("window", 64, CFGF_NONE),
	CFG_END()
};

static cfg_opt_t rule_options[] = {
	CFG_STR("sensor", NULL, CFGF_NODEFAULT),
	CFG_STR("realm", NULL, CFGF_NODEFAULT),
	CFG_STR_LIST("thirdparties", NULL, CFGF_NODEFAULT),
	CFG_INT("min-k", 2, CFGF_NONE),
	CFG_BOOL("allow-k1", cfg_false, CFGF_NONE),
	CFG_STR_LIST("addresses", NULL, CFGF_NODEFAULT),
	CFG_SEC("policy", policy_options, CFGF_MULTI),
	CFG_INT("reqid", 0, CFGF_NONE),
	CFG_END()
};

static cfg_opt_t host_options[] = {
	CFG_STR("identity", NULL, CFGF_NODEFAULT),
	CFG_STR("address", NULL, CFGF_NODEFAULT),
	CFG_INT("port", 2269, CFGF_NONE),
	CFG_STR("psk-file", NULL, CFGF_NODEFAULT),
	CFG_STR("certificate", NULL, CFGF_NODEFAULT),
	CFG_BOOL("legacy", cfg_false, CFGF_NONE),
	CFG_STR_LIST("suites", NULL, CFGF_NODEFAULT),
	CFG_BOOL("connect", cfg_false, CFGF_NONE),
	CFG_SEC("policy", policy_options, CFGF_MULTI),
	CFG_INT("reqid", 0, CFGF_NONE),
	CFG_END()
};

#define TITLED (CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES)

static cfg_opt_t options[] = {
	CFG_SEC("instance", instance_options, CFGF_MULTI),
	CFG_STR_LIST("ca", NULL, CFGF_NODEFAULT),
	CFG_STR_LIST("crl", NULL, CFGF_NODEFAULT),
	CFG_STR("crl-check", "optional", CFGF_NONE),
	CFG_STR("thirdparty-role", NULL, CFGF_NODEFAULT),
	CFG_STR("responder-role", NULL, CFGF_NODEFAULT),
	CFG_SEC("thirdparty", local_options, CFGF_MULTI),
	CFG_SEC("responder", local_options, TITLED),
	CFG_SEC("sensor", sensor_options, TITLED),
	CFG_SEC("master", master_options, TITLED),
	CFG_STR_LIST("deny", NULL, CFGF_NODEFAULT),
	CFG_SEC("peer-responder", peer_responder_options, TITLED),
	CFG_SEC("peer-thirdparty", peer_thirdparty_options, TITLED),
	CFG_SEC("rule", rule_options, TITLED),
	CFG_SEC("host", host_options, TITLED),
	CFG_BOOL(END_OF_FILE, cfg_false, CFGF_NONE),
	CFG_END()
};

_Static_assert(sizeof(long) == 8, "libconfuse's numbers are long: 32 bits do not hold them");

/* which values an option takes; what is not here takes any */
static const struct {
	const char *name;
	enum { RANGE, WORD, FILE_NAME, IDENTITY, REALM, ADDRESS, PREFIX } kind;
	long min, max;
	const struct dmk_word *words;
} checks[] = {
	{ "port", RANGE, 1, 65535, NULL },
	{ "skew", RANGE, 1, 3600, NULL },
	{ "queue", RANGE, 16, 65536, NULL },
	{ "rate", RANGE, 1, 1000000, NULL },
	{ "sensors", RANGE, 16, 65536, NULL },
	{ "forget-after", RANGE, 1, 31536000, NULL },
	{ "generation", RANGE, 0, UINT32_MAX, NULL },
	{ "min-k", RANGE, 1, DMK_N_MAX, NULL },
	{ "reqid", RANGE, 0, UINT32_MAX, NULL },
	{ "key-bits", RANGE, 128, 256, NULL },
	{ "life-seconds", RANGE, 1, UINT32_MAX, NULL },
	{ "life-packets", RANGE, 1, UINT32_MAX, NULL },
	{ "window", RANGE, 1, UINT16_MAX, NULL },
	{ "ca", FILE_NAME, 0, 0, NULL },
	{ "crl", FILE_NAME, 0, 0, NULL },
	{ "certificate", FILE_NAME, 0, 0, NULL },
	{ "key", FILE_NAME, 0, 0, NULL },
	{ "key-file", FILE_NAME, 0, 0, NULL },
	{ "psk-file", FILE_NAME, 0, 0, NULL },
	{ "master-key-file", FILE_NAME, 0, 0, NULL },
	{ "crl-check", WORD, 0, 0, dmk_words_crl },
	{ "timestamp", WORD, 0, 0, dmk_words_timestamp },
	{ "suites", WORD, 0, 0, dmk_words_suite },
	{ "cipher", WORD, 0, 0, dmk_words_cipher },
	{ "integrity", WORD, 0, 0, dmk_words_integrity },
	{ "mode", WORD, 0, 0, dmk_words_mode },
	{ "sensor", IDENTITY, 0, 0, NULL },
	{ "identity", IDENTITY, 0, 0, NULL },
	{ "deny", IDENTITY, 0, 0, NULL },
	{ "thirdparties", IDENTITY, 0, 0, NULL },
	{ "realm", REALM, 0, 0, NULL },
	{ "address", ADDRESS, 0, 0, NULL },
	{ "addresses", PREFIX, 0, 0, NULL },
};

#define N_CHECKS (sizeof(checks) / sizeof(checks[0]))

static unsigned int errors;
static char *base_dir;

static void log_error(cfg_t *cfg, const char *fmt, va_list ap)
{
	char text[512];

	errors++;
	vsnprintf(text, sizeof(text), fmt, ap);
	if (strstr(text, "'" END_OF_FILE "'"))
		snprintf(text, sizeof(text), "a brace or quote is not closed");
	if (cfg && cfg->filename)
		dmk_log(LOG_ERR, "%s:%d: %s", cfg->filename, cfg->line, text);
	else
		dmk_log(LOG_ERR, "%s", text);
}

void dmk_options_complain(cfg_t *sec, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_error(sec, fmt, ap);
	va_end(ap);
}

unsigned int dmk_options_errors(void)
{
	return errors;
}

const char *dmk_options_path(const char *text, char path[DMK_OPTIONS_PATH])
{
	if (text[0] == '/')
		snprintf(path, DMK_OPTIONS_PATH, "%s", text);
	else
		snprintf(path, DMK_OPTIONS_PATH, "%s/%s", base_dir, text);
	return path;
}

static void complain_word(cfg_t *cfg, cfg_opt_t *opt, const char *text,
			  const struct dmk_word *words)
{
	char list[256] = "";
	size_t len = 0;

	for (; words->word; words++)
		len += snprintf(list + len, sizeof(list) - len, " %s", words->word);
	dmk_options_complain(cfg, "%s: \"%s\" is none of:%s", opt->name, text, list);
}

static void check_text(cfg_t *cfg, cfg_opt_t *opt, const char *text, size_t i)
{
	uint8_t addr[16], addr_len, prefix;
	char path[DMK_OPTIONS_PATH];
	struct dmk_identity id;
	uint32_t value;

	switch (checks[i].kind) {
	case WORD:
		if (!dmk_words_find(checks[i].words, text, &value))
			complain_word(cfg, opt, text, checks[i].words);
		break;
	case FILE_NAME:
		if (access(dmk_options_path(text, path), R_OK))
			dmk_options_complain(cfg, "%s: %s: %s", opt->name, path, strerror(errno));
		break;
	case IDENTITY:
		if (!dmk_identity_parse(text, &id))
			dmk_options_complain(cfg, "%s: \"%s\" is no identity", opt->name, text);
		break;
	case REALM:
		if (!*text || strlen(text) > DMK_ID_MAX - 1 || strpbrk(text, "@ :"))
			dmk_options_complain(cfg, "%s: \"%s\" is no realm", opt->name, text);
		break;
	case ADDRESS:
		if (!dmk_words_address(text, addr, &addr_len, NULL))
			dmk_options_complain(cfg, "%s: \"%s\" is no address", opt->name, text);
		break;
	case PREFIX:
		if (!dmk_words_address(text, addr, &addr_len, &prefix))
			dmk_options_complain(cfg, "%s: \"%s\" is no address prefix", opt->name,
					     text);
		break;
	case RANGE:
		break;
	}
}

static void check_value(cfg_t *cfg, cfg_opt_t *opt)
{
	unsigned int last = cfg_opt_size(opt) - 1;
	long n;
	size_t i;

	for (i = 0; i < N_CHECKS; i++)
		if (!strcmp(checks[i].name, opt->name))
			break;
	if (i == N_CHECKS)
		return;
	if (checks[i].kind != RANGE) {
		check_text(cfg, opt, cfg_opt_getnstr(opt, last), i);
		return;
	}
	n = cfg_opt_getnint(opt, last);
	if (n < checks[i].min || n > checks[i].max)
		dmk_options_complain(cfg, "%s: %ld is not %ld to %ld", opt->name, n,
				     checks[i].min, checks[i].max);
}

/* libconfuse calls for each element, and once more at the end of a list */
static int check_option(cfg_t *cfg, cfg_opt_t *opt)
{
	static const cfg_opt_t *list;
	static unsigned int elements;
	unsigned int size = cfg_opt_size(opt);

	if (opt->flags & CFGF_LIST && list == opt && elements == size) {
		opt->flags |= SEEN;
		list = NULL;
		return 0;
	}
	if (opt->flags & SEEN && size == 1)
		dmk_options_complain(cfg, "%s: given twice", opt->name);
	check_value(cfg, opt);
	if (opt->flags & CFGF_LIST) {
		list = opt;
		elements = size;
	} else {
		opt->flags |= SEEN;
	}
	return 0;
}

/* the options of a section that must be there, at its end */
static void require(cfg_t *sec, const char *name)
{
	if (!cfg_size(sec, name))
		dmk_options_complain(sec, "%s is missing", name);
}

/* exactly one of two */
static void require_either(cfg_t *sec, const char *a, const char *b)
{
	if (!cfg_size(sec, a) == !cfg_size(sec, b))
		dmk_options_complain(sec, "either %s or %s is wanted", a, b);
}

static void check_title(cfg_t *sec)
{
	struct dmk_identity id;

	if (!dmk_identity_parse(cfg_title(sec), &id))
		dmk_options_complain(sec, "\"%s\" is no identity", cfg_title(sec));
}

static void check_local(cfg_t *sec)
{
	require(sec, "certificate");
	require(sec, "key");
	if (cfg_title(sec))
		check_title(sec);
}

static void check_sensor(cfg_t *sec)
{
	if (cfg_title(sec)[0] == '@' && !cfg_size(sec, "master-key-file"))
		dmk_options_complain(sec, "a realm needs a master-key-file");
	check_title(sec);
	require_either(sec, "psk-file", "master-key-file");
	if (!cfg_size(sec, "master-key-file") != !cfg_size(sec, "generation"))
		dmk_options_complain(sec, "master-key-file and generation go together");
}

static void check_master(cfg_t *sec)
{
	if (!dmk_words_name(cfg_title(sec)))
		dmk_options_complain(sec, "\"%s\" is no name", cfg_title(sec));
	require(sec, "key-file");
}

static void check_peer_responder(cfg_t *sec)
{
	check_title(sec);
	require(sec, "certificate");
	require(sec, "address");
}

static void check_peer_thirdparty(cfg_t *sec)
{
	check_title(sec);
	require(sec, "certificate");
}

/* it goes to terminals and into JSON; a blank may be in it */
static bool is_rule_name(const char *name)
{
	size_t i;

	for (i = 0; name[i]; i++)
		if (name[i] < ' ' || name[i] > '~')
			return false;
	return i && i <= DMK_NAME_MAX;
}

static void check_rule(cfg_t *sec)
{
	if (!is_rule_name(cfg_title(sec)))
		dmk_options_complain(sec, "a rule's name has 1 to %d bytes, printable ASCII",
				     DMK_NAME_MAX);
	require_either(sec, "sensor", "realm");
	if ((cfg_getint(sec, "min-k") == 1) != cfg_getbool(sec, "allow-k1"))
		dmk_options_complain(sec, "min-k = 1 and allow-k1 = true go together");
}

static void check_host(cfg_t *sec)
{
	check_title(sec);
	require(sec, "identity");
	require(sec, "address");
	require_either(sec, "psk-file", "certificate");
	if (cfg_getbool(sec, "legacy") && !cfg_size(sec, "psk-file"))
		dmk_options_complain(sec, "legacy goes with a psk-file alone");
}

static void check_policy(cfg_t *sec)
{
	uint8_t param[64], len;

	/* a wrong value has been complained of already */
	if (!errors && !dmk_words_policy(sec, param, &len))
		dmk_options_complain(sec, "there is no such ESP policy");
}

static void check_instance(cfg_t *sec)
{
	(void)sec;
}

/* "thirdparties = {}" would otherwise be as good as nothing: any third party;
 * so would "+= {}", which libconfuse tells from it by CFGF_RESET
 */
static void check_empty_lists(cfg_t *sec)
{
	cfg_opt_t *opt;

	for (opt = sec->opts; opt->name; opt++)
		if (opt->flags & CFGF_LIST && opt->flags & CFGF_MODIFIED && !cfg_opt_size(opt))
			dmk_options_complain(sec, "%s: an empty list", opt->name);
}

static const struct {
	const char *name;
	void (*check)(cfg_t *sec);
	unsigned int max;
} sections[] = {
	{ "instance", check_instance, 1 },
	{ "thirdparty", check_local, 1 },
	{ "responder", check_local, 16 },
	{ "sensor", check_sensor, UINT_MAX },
	{ "master", check_master, 64 },
	{ "peer-responder", check_peer_responder, UINT_MAX },
	{ "peer-thirdparty", check_peer_thirdparty, UINT_MAX },
	{ "rule", check_rule, 1024 },
	{ "host", check_host, 1024 },
	{ "policy", check_policy, 16 },
};

static int check_section(cfg_t *cfg, cfg_opt_t *opt)
{
	unsigned int size = cfg_opt_size(opt);
	cfg_t *sec = cfg_opt_getnsec(opt, size - 1);
	size_t i;

	for (i = 0; strcmp(sections[i].name, opt->name); i++)
		;
	if (size > sections[i].max)
		dmk_options_complain(cfg, "%s: more than %u", opt->name, sections[i].max);
	check_empty_lists(sec);
	sections[i].check(sec);
	return 0;
}

static void set_checks(cfg_opt_t *opts)
{
	for (; opts->name; opts++) {
		if (strcmp(opts->name, END_OF_FILE))
			opts->validcb = opts->type == CFGT_SEC ? check_section : check_option;
		if (opts->type == CFGT_SEC)
			set_checks(opts->subopts);
	}
}

/* the whole file with its end behind it; NULL with errno */
static char *slurp(const char *path)
{
	FILE *f = fopen(path, "re");
	char *text = NULL;
	size_t room = 0;

	if (!f)
		return NULL;
	if (getdelim(&text, &room, '\0', f) < 0) {
		free(text);
		text = ferror(f) ? NULL : strdup("");
	} else if (!feof(f)) {
		free(text);
		text = NULL;
		errno = EILSEQ;		/* there is a NUL in it */
	}
	fclose(f);
	return text;
}

static void parse(cfg_t *cfg, const char *path, const char *text)
{
	char *whole;
	FILE *f;

	if (asprintf(&whole, "%s\n%s = true\n", text, END_OF_FILE) < 0)
		abort();
	f = fmemopen(whole, strlen(whole), "r");
	if (!f)
		abort();
	free(cfg->filename);
	cfg->filename = strdup(path);
	cfg_parse_fp(cfg, f);
	fclose(f);
	free(whole);
}

static void read_file(cfg_t *cfg, const char *path)
{
	char *text = slurp(path);

	if (text) {
		parse(cfg, path, text);
	} else {
		errors++;
		dmk_log(LOG_ERR, "%s: %s", path, strerror(errno));
	}
	free(text);
}

/* conf.d is read in the order of its names; it may be absent */
static void read_dir(cfg_t *cfg)
{
	char pattern[DMK_OPTIONS_PATH];
	glob_t found;
	size_t i;

	snprintf(pattern, sizeof(pattern), "%s/conf.d/*.conf", base_dir);
	if (glob(pattern, 0, NULL, &found))
		return;
	for (i = 0; i < found.gl_pathc; i++)
		read_file(cfg, found.gl_pathv[i]);
	globfree(&found);
}

static void check_roles(cfg_t *cfg)
{
	if (!cfg_getstr(cfg, "thirdparty-role") != !cfg_getstr(cfg, "responder-role"))
		dmk_options_complain(NULL, "thirdparty-role and responder-role go together");
}

cfg_t *dmk_options_read(const char *path)
{
	char *copy = strdup(path);
	cfg_t *cfg;

	errors = 0;
	free(base_dir);
	base_dir = copy ? strdup(dirname(copy)) : NULL;
	free(copy);
	set_checks(options);
	cfg = cfg_init(options, CFGF_NONE);
	if (!cfg || !base_dir)
		return NULL;
	cfg_set_error_function(cfg, log_error);
	read_file(cfg, path);
	if (!errors)
		read_dir(cfg);
	check_empty_lists(cfg);
	check_roles(cfg);
	if (!errors)
		return cfg;
	cfg_free(cfg);
	return NULL;
}
