// SPDX-License-Identifier: GPL-2.0
/*
 * Identities as text. Their octets are a stranger's: whatever could move a
 * cursor, end a word or split a list is written \xHH.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"

static const char *const prefixes[] = { "nai:", "uri:" };

static bool plain(uint8_t c)
{
	return c > ' ' && c < 0x7f && c != '\\' && c != ',';
}

void ctl_id_text(uint8_t type, const void *data, size_t len, char text[CTL_ID_TEXT])
{
	const uint8_t *p = data;
	char *out = text;

	if (type < ARRAY_SIZE(prefixes))
		out += sprintf(out, "%s", prefixes[type]);
	else
		out += sprintf(out, "%u:", type);
	if (len > DMK_ID_MAX)
		len = DMK_ID_MAX;
	for (; len; len--, p++) {
		if (plain(*p))
			*out++ = *p;
		else
			out += sprintf(out, "\\x%02x", *p);
	}
	*out = '\0';
}

/* one octet of an identity's text; NULL if it is none */
static const char *octet(const char *text, uint8_t *out)
{
	char hex[3];

	if (plain(*text)) {
		*out = *text;
		return text + 1;
	}
	if (text[0] != '\\' || text[1] != 'x' || !isxdigit((uint8_t)text[2]) ||
	    !isxdigit((uint8_t)text[3]))
		return NULL;
	memcpy(hex, text + 2, 2);
	hex[2] = '\0';
	*out = strtoul(hex, NULL, 16);
	return text + 4;
}

bool ctl_id_parse(const char *text, uint8_t *type, uint8_t data[DMK_ID_MAX], size_t *len)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (!strncmp(text, prefixes[i], 4))
			break;
	if (i == ARRAY_SIZE(prefixes))
		return false;
	*type = i;
	*len = 0;
	for (text += 4; *text; (*len)++) {
		if (*len == DMK_ID_MAX)
			return false;
		text = octet(text, &data[*len]);
		if (!text)
			return false;
	}
	return *len;
}
