// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "identity.h"

static const char *const prefixes[] = { "nai:", "uri:" };

bool dmk_identity_set(struct dmk_identity *id, uint8_t type, const void *data, size_t len)
{
	const uint8_t *p = data;
	size_t i;

	memset(id, 0, sizeof(*id));
	if (type > 1 || len < 1 || len > DMK_ID_MAX)
		return false;
	for (i = 0; i < len; i++)
		if (p[i] <= ' ' || p[i] > '~')
			return false;
	id->type = type;
	id->len = len;
	memcpy(id->data, data, len);
	return true;
}

bool dmk_identity_parse(const char *text, struct dmk_identity *id)
{
	uint8_t type;

	for (type = 0; type < 2; type++)
		if (!strncmp(text, prefixes[type], 4))
			return dmk_identity_set(id, type, text + 4, strlen(text + 4));
	return dmk_identity_set(id, strchr(text, ':') != NULL, text, strlen(text));
}

const char *dmk_identity_escape(uint8_t type, const void *data, size_t len,
				char text[DMK_IDENTITY_ESCAPED])
{
	const uint8_t *p = data;
	char *out = text;

	if (type < sizeof(prefixes) / sizeof(*prefixes))
		out += sprintf(out, "%s", prefixes[type]);
	else
		out += sprintf(out, "%u:", type);
	for (; len; len--, p++) {
		if (*p > ' ' && *p < 0x7f && *p != '\\' && *p != ',')
			*out++ = *p;
		else
			out += sprintf(out, "\\x%02x", *p);
	}
	*out = '\0';
	return text;
}

bool dmk_identity_equal(const struct dmk_identity *a, const struct dmk_identity *b)
{
	return a->type == b->type && a->len == b->len && !memcmp(a->data, b->data, a->len);
}

bool dmk_identity_in_realm(const struct dmk_identity *id, const char *realm)
{
	const char *at = strrchr(id->data, '@');

	return id->type == 0 && at && !strcmp(at + 1, realm);
}

const char *dmk_identity_text(const struct dmk_identity *id, char text[DMK_IDENTITY_TEXT])
{
	snprintf(text, DMK_IDENTITY_TEXT, "%s%s", prefixes[id->type & 1], id->data);
	return text;
}
