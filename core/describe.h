/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Any MIKEY message, whoever made it, taken apart for a reader: each payload
 * and each field with its name, clause, place and value. Nothing is judged but
 * what makes the rest unreadable or has no meaning; whether dmikey would accept
 * the message says dmk_message_parse(). For dmikeyctl: neither the module nor
 * the firmware has it.
 */
#ifndef DMK_DESCRIBE_H
#define DMK_DESCRIBE_H

#include "wire.h"

/**
 * enum dmk_show - what a field's bytes are
 * @DMK_SHOW_NUMBER: a number
 * @DMK_SHOW_HEX: a number that is read in hex: an SPI, an SSRC
 * @DMK_SHOW_TIME: NTP time: 64 bits, or the upper 32 of them
 * @DMK_SHOW_ADDRESS: an IPv4 or IPv6 address
 * @DMK_SHOW_TEXT: octets that are mostly text; a stranger's
 * @DMK_SHOW_BYTES: octets
 */
enum dmk_show {
	DMK_SHOW_NUMBER,
	DMK_SHOW_HEX,
	DMK_SHOW_TIME,
	DMK_SHOW_ADDRESS,
	DMK_SHOW_TEXT,
	DMK_SHOW_BYTES,
};

/**
 * struct dmk_field - one field
 * @name: what its clause calls it
 * @show: what it is
 * @at: offset in the message
 * @len: bytes; fields of less than a byte or two share them
 * @number: its value, but for octets
 * @meaning: name of the value; NULL if the values of this field have no names
 */
struct dmk_field {
	const char *name;
	enum dmk_show show;
	u32 at;
	u32 len;
	u64 number;
	const char *meaning;
};

#define DMK_PART_HDR	(-1)	/* HDR has no Next payload value */
#define DMK_PART_INNER	(-2)	/* no payload: what stands in one */
#define DMK_PART_UNKNOWN (-3)	/* a payload of an unknown type */

/**
 * struct dmk_part - a payload, or what stands in one
 * @type: Next payload value that names it, or DMK_PART_*
 * @name: its name
 * @clause: where it is defined
 * @at: offset in the message
 */
struct dmk_part {
	int type;
	const char *name;
	const char *clause;
	u32 at;
};

/**
 * enum dmk_flaw - what is wrong with a message
 * @DMK_FLAW_NONE: nothing
 * @DMK_FLAW_TRUNCATED: it ends inside a field; a payload does, inside KEMAC or SP
 * @DMK_FLAW_TRAILING: something follows the last payload
 * @DMK_FLAW_PAYLOAD: a payload of a type whose length is not known
 * @DMK_FLAW_LENGTH: a value on which a length depends is not known
 * @DMK_FLAW_VALUE: a value is not known
 * @DMK_FLAW_SHORT: RAND has less than the 16 bytes of RFC 3830 6.11
 */
enum dmk_flaw {
	DMK_FLAW_NONE,
	DMK_FLAW_TRUNCATED,
	DMK_FLAW_TRAILING,
	DMK_FLAW_PAYLOAD,
	DMK_FLAW_LENGTH,
	DMK_FLAW_VALUE,
	DMK_FLAW_SHORT,
};

/**
 * struct dmk_describe - who listens, and what was wrong
 * @open: a part begins
 * @field: a field of the part that was opened last
 * @close: that part ends before this offset
 * @arg: for them
 * @flaw: the first thing that is wrong
 * @flaw_at: its offset
 * @flaw_part: the part it is in
 * @flaw_field: the field, or NULL
 */
struct dmk_describe {
	void (*open)(void *arg, const struct dmk_part *part);
	void (*field)(void *arg, const struct dmk_field *field);
	void (*close)(void *arg, u32 end);
	void *arg;
	enum dmk_flaw flaw;
	u32 flaw_at;
	const char *flaw_part;
	const char *flaw_field;
};

/**
 * dmk_describe_message() - take a message apart
 * @d: listeners; the rest zero
 * @data: the message
 * @len: its length
 *
 * Every part that was opened is closed. Each byte is read at most a few times,
 * and nesting is bounded.
 *
 * Return: how many bytes were read; less than @len only with a flaw.
 */
u32 dmk_describe_message(struct dmk_describe *d, const u8 *data, u32 len);

/**
 * dmk_describe_keys() - take KEMAC's plaintext apart
 * @d: listeners; the rest zero
 * @data: the plaintext: sub-payloads
 * @len: its length
 * @with_id: the message has an envelope key
 *
 * Nothing names the first sub-payload: it is ID in messages with an envelope
 * key (RFC 3830 3.2) and Key data in all others; but if only the other one
 * reads to the end, it is taken.
 *
 * Return: how many bytes were read; less than @len only with a flaw.
 */
u32 dmk_describe_keys(struct dmk_describe *d, const u8 *data, u32 len, bool with_id);

#endif
