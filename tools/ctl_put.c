// SPDX-License-Identifier: GPL-2.0
/* Values of the command line, as netlink attributes. */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"

uint64_t ctl_words_number(const char *name, const char *value, uint64_t min, uint64_t max)
{
	bool hex = !strncmp(value, "0x", 2);
	unsigned long long v;
	char *end;

	errno = 0;
	v = strtoull(value, &end, hex ? 16 : 10);
	if (!isdigit((uint8_t)*value) || *end || errno || v < min || v > max)
		ctl_fail(CTL_USAGE, "%s: \"%s\" is not a number from %llu to %llu", name,
			 value, (unsigned long long)min, (unsigned long long)max);
	return v;
}

void ctl_put(struct nl_msg *msg, int attr, const void *data, size_t len)
{
	if (nla_put(msg, attr, len, data))
		ctl_fail(CTL_USAGE, "too much for one request");
}

void ctl_put_u8(struct nl_msg *msg, const struct ctl_word *w, const char *value)
{
	uint8_t v = ctl_words_number(w->name, value, 0, w->max ?: UINT8_MAX);

	ctl_put(msg, w->attr, &v, sizeof(v));
}

void ctl_put_u16(struct nl_msg *msg, const struct ctl_word *w, const char *value)
{
	uint16_t v = ctl_words_number(w->name, value, 0, w->max ?: UINT16_MAX);

	ctl_put(msg, w->attr, &v, sizeof(v));
}

void ctl_put_u32(struct nl_msg *msg, const struct ctl_word *w, const char *value)
{
	uint32_t v = ctl_words_number(w->name, value, 0, w->max ?: UINT32_MAX);

	ctl_put(msg, w->attr, &v, sizeof(v));
}

void ctl_put_u64(struct nl_msg *msg, const struct ctl_word *w, const char *value)
{
	uint64_t v = ctl_words_number(w->name, value, 0, w->max ?: UINT64_MAX);

	ctl_put(msg, w->attr, &v, sizeof(v));
}

/* serials are positive; what is negative names a special keyring */
void ctl_put_key(struct nl_msg *msg, const struct ctl_word *w, const char *value)
{
	int32_t v = ctl_words_number(w->name, value, 1, INT32_MAX);

	ctl_put(msg, w->attr, &v, sizeof(v));
}

void ctl_put_flag(struct nl_msg *msg, const struct ctl_word *w, const char *value)
{
	(void)value;
	ctl_put(msg, w->attr, NULL, 0);
}

void ctl_put_string(struct nl_msg *msg, const struct ctl_word *w, const char *value)
{
	if (!*value || (w->max && strlen(value) > w->max))
		ctl_fail(CTL_USAGE, "%s: \"%s\" is empty or longer than %llu characters",
			 w->name, value, (unsigned long long)w->max);
	ctl_put(msg, w->attr, value, strlen(value) + 1);
}

void ctl_put_hash(struct nl_msg *msg, const struct ctl_word *w, const char *value)
{
	uint8_t hash[DMK_HASH_LEN];
	char byte[3] = "";
	unsigned int i;

	if (strlen(value) != 2 * sizeof(hash) ||
	    strspn(value, "0123456789abcdefABCDEF") != 2 * sizeof(hash))
		ctl_fail(CTL_USAGE, "%s: \"%s\" is not 64 hexadecimal digits", w->name, value);
	for (i = 0; i < sizeof(hash); i++) {
		memcpy(byte, value + 2 * i, 2);
		hash[i] = strtoul(byte, NULL, 16);
	}
	ctl_put(msg, w->attr, hash, sizeof(hash));
}

void ctl_put_id(struct nl_msg *msg, const struct ctl_word *w, const char *value)
{
	uint8_t type, data[DMK_ID_MAX];
	size_t len;

	if (!ctl_id_parse(value, &type, data, &len))
		ctl_fail(CTL_USAGE,
			 "%s: \"%s\" is no identity; write nai:NAME@REALM or uri:URI, up to 255 octets",
			 w->name, value);
	ctl_put(msg, DMK_A_ID_TYPE, &type, sizeof(type));
	ctl_put(msg, DMK_A_ID, data, len);
}

void ctl_put_address(struct nl_msg *msg, const struct ctl_word *w, const char *value)
{
	uint8_t addr[16];

	if (inet_pton(AF_INET, value, addr) == 1)
		ctl_put(msg, w->attr, addr, 4);
	else if (inet_pton(AF_INET6, value, addr) == 1)
		ctl_put(msg, w->attr, addr, 16);
	else
		ctl_fail(CTL_USAGE, "%s: \"%s\" is no IPv4 or IPv6 address", w->name, value);
}

void ctl_put_timestamp(struct nl_msg *msg, const struct ctl_word *w, const char *value)
{
	uint8_t type;

	if (!strcmp(value, "ntp"))
		type = 0;
	else if (!strcmp(value, "counter"))
		type = 2;
	else
		ctl_fail(CTL_USAGE, "%s: \"%s\" is neither ntp nor counter", w->name, value);
	ctl_put(msg, w->attr, &type, sizeof(type));
}

void ctl_put_suites(struct nl_msg *msg, const struct ctl_word *w, const char *value)
{
	uint32_t suites;

	if (!strcmp(value, "ccm"))
		suites = DMK_SUITE_CCM;
	else if (!strcmp(value, "cm"))
		suites = DMK_SUITE_CM;
	else if (!strcmp(value, "ccm,cm") || !strcmp(value, "cm,ccm"))
		suites = DMK_SUITE_CCM | DMK_SUITE_CM;
	else
		ctl_fail(CTL_USAGE, "%s: \"%s\" is not ccm, cm or ccm,cm", w->name, value);
	ctl_put(msg, w->attr, &suites, sizeof(suites));
}

static struct nlattr *begin(struct nl_msg *msg, int attr)
{
	struct nlattr *nest = nla_nest_start(msg, attr);

	if (!nest)
		ctl_fail(CTL_USAGE, "too much for one request");
	return nest;
}

/* libnl takes out a nest that it cannot end; a rule without its list would
 * allow all
 */
static void end(struct nl_msg *msg, struct nlattr *nest)
{
	if (nla_nest_end(msg, nest))
		ctl_fail(CTL_USAGE, "too much for one request");
}

void ctl_put_list(struct nl_msg *msg, const struct ctl_word *w, const char *value,
		  void (*put)(struct nl_msg *msg, const struct ctl_word *w,
			      const char *value))
{
	struct nlattr *list = begin(msg, w->attr), *entry;
	char *copy = strdup(value), *rest = copy, *item;
	int i = 1;

	if (!copy)
		ctl_fail(CTL_REFUSED, "out of memory");
	while ((item = strsep(&rest, ","))) {
		entry = begin(msg, i++);
		put(msg, w, item);
		end(msg, entry);
	}
	end(msg, list);
	free(copy);
}

void ctl_put_ids(struct nl_msg *msg, const struct ctl_word *w, const char *value)
{
	ctl_put_list(msg, w, value, ctl_put_id);
}

static void put_prefix(struct nl_msg *msg, const struct ctl_word *w, const char *value)
{
	const char *slash = strchr(value, '/');
	static const struct ctl_word addr = { "addresses", DMK_A_ADDR, ctl_put_address };
	char host[INET6_ADDRSTRLEN];
	uint8_t len, max = strchr(value, ':') ? 128 : 32;
	size_t n = slash ? (size_t)(slash - value) : strlen(value);

	if (n >= sizeof(host))
		ctl_fail(CTL_USAGE, "%s: \"%s\" is no address", w->name, value);
	memcpy(host, value, n);
	host[n] = '\0';
	addr.put(msg, &addr, host);
	len = slash ? ctl_words_number(w->name, slash + 1, 0, max) : max;
	ctl_put(msg, DMK_A_PREFIX, &len, sizeof(len));
}

void ctl_put_prefixes(struct nl_msg *msg, const struct ctl_word *w, const char *value)
{
	ctl_put_list(msg, w, value, put_prefix);
}
