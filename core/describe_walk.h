/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Between describe.c, which walks, and describe_payloads.c, which knows payloads. */
#ifndef DMK_DESCRIBE_WALK_H
#define DMK_DESCRIBE_WALK_H

#include "describe.h"

#define DMK_DT_RSA_R	10	/* RFC 4738: R_MSG, which dmikey has no part in */

#define DMK_FIELDS_MAX 10	/* of one payload */

/**
 * struct dmk_walker - a walk along what is described
 * @d: listeners and flaw
 * @data: the message
 * @at: the next byte to read
 * @end: where the part that is being read ends
 * @depth: messages around this one: RELAY holds one
 * @with_id: the keys in KEMAC stand behind an ID
 * @part: the part that is being read
 */
struct dmk_walker {
	struct dmk_describe *d;
	const u8 *data;
	u32 at;
	u32 end;
	unsigned int depth;
	bool with_id;
	const char *part;
};

struct dmk_name {
	u16 value;
	const char *name;
};

/**
 * struct dmk_spec - one field of a payload
 * @name: its name
 * @show: what it is
 * @size: bytes of a number; 0 for octets, whose length the message says
 * @shift: of a number that does not fill its bytes: bits below it
 * @bits: and its width; 0: all of it
 * @stay: the next field is in the same bytes
 * @must: a value without a name is a flaw
 * @names: names of values, the last one NULL
 * @length: of octets, from the fields so far; false if that is not known.
 *	NULL: all that is left
 * @inside: octets that hold more than octets; false at a flaw that ends the
 *	walk. With @length it finds @w->end set, else it decides how far it goes
 */
struct dmk_spec {
	const char *name;
	u8 show;
	u8 size;
	u8 shift;
	u8 bits;
	bool stay;
	bool must;
	const struct dmk_name *names;
	bool (*length)(const u64 *v, u32 *len);
	bool (*inside)(struct dmk_walker *w, const struct dmk_spec *s, const u64 *v);
};

/**
 * struct dmk_payload_spec - what a payload looks like
 * @type: Next payload value, or DMK_PART_*
 * @name: its name
 * @clause: where it is defined
 * @fields: its fields, Next payload first (but for HDR and SIGN); NULL if
 *	only the name is known
 * @n: their number
 */
struct dmk_payload_spec {
	int type;
	const char *name;
	const char *clause;
	const struct dmk_spec *fields;
	u8 n;
};

/* the first flaw stays; false, for those who cannot go on */
bool dmk_walk_flaw(struct dmk_walker *w, enum dmk_flaw flaw, u32 at, const char *field);
void dmk_walk_number(struct dmk_walker *w, const char *name, enum dmk_show show, u32 len,
		     const struct dmk_name *names);
void dmk_walk_octets(struct dmk_walker *w, const char *name, enum dmk_show show, u32 len);
/* a whole part, open to close; @v gets the numbers of its fields, or is NULL */
bool dmk_walk_part(struct dmk_walker *w, const struct dmk_payload_spec *p, u64 *v);
/* payloads one after the other, from one of @type */
bool dmk_walk_chain(struct dmk_walker *w, u8 type);
bool dmk_walk_message(struct dmk_walker *w);
bool dmk_walk_keys(struct dmk_walker *w);

/* ---- describe_payloads.c */
const struct dmk_payload_spec *dmk_payload_spec(int type);

#endif
