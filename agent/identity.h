/* SPDX-License-Identifier: GPL-2.0 */
/* Identities of sensors, third parties and responders, as the configuration
 * and the log write them.
 */
#ifndef DMK_AGENT_IDENTITY_H
#define DMK_AGENT_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../core/limits.h"

/**
 * struct dmk_identity - an identity
 * @type: 0 NAI, 1 URI
 * @len: bytes of @data
 * @data: ID Data, printable ASCII, with a NUL behind it
 */
struct dmk_identity {
	uint8_t type;
	uint8_t len;
	char data[DMK_ID_MAX + 1];
};

/* "nai:" or "uri:", the data, NUL */
#define DMK_IDENTITY_TEXT (4 + DMK_ID_MAX + 1)

/**
 * dmk_identity_parse() - read an identity
 * @text: "nai:..." or "uri:..."; without either a URI if it holds a colon
 *	(no NAI does), else an NAI
 * @id: the result
 *
 * Return: false if it is empty, too long, or not printable ASCII.
 */
bool dmk_identity_parse(const char *text, struct dmk_identity *id);

/**
 * dmk_identity_set() - take an identity from outside
 * @id: the result
 * @type: ID type
 * @data: ID Data
 * @len: its length
 *
 * Return: false if no configuration can name it; then @id is empty.
 */
bool dmk_identity_set(struct dmk_identity *id, uint8_t type, const void *data, size_t len);

#define DMK_IDENTITY_ESCAPED (4 + 4 * DMK_ID_MAX + 1)

/* any octets as dmikeyctl writes them: \xHH for what is not printable, backslash, comma */
const char *dmk_identity_escape(uint8_t type, const void *data, size_t len,
				char text[DMK_IDENTITY_ESCAPED]);

bool dmk_identity_equal(const struct dmk_identity *a, const struct dmk_identity *b);

/* whether an NAI stands behind the '@' of @realm ("net.example") */
bool dmk_identity_in_realm(const struct dmk_identity *id, const char *realm);

/* the text with its prefix, in memory of the caller */
const char *dmk_identity_text(const struct dmk_identity *id, char text[DMK_IDENTITY_TEXT]);

#endif
