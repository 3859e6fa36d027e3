/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Readings as SenML in CBOR (RFC 8428 6): one pack of seven records.
 *
 *	seq		count		number of the reading, from 1 since the start
 *	pulse		beat/min
 *	spo2		/		0.97 is 97 percent
 *	systolic	Pa
 *	diastolic	Pa
 *	temp		Cel
 *	glucose		kg/m3		0.95 is 95 mg/dl
 *
 * All units are primary ones of the IANA registry, which a receiver has to know;
 * secondary units (RFC 8798) would need base version 26. There is none for mmHg or
 * mg/dl in either. SenML's "%" is a ratio and no percentage (RFC 8428 12.1), and
 * new senders are asked to avoid it. They are asked to avoid beat/min, too, but 72 of
 * them are no decimal fraction of 1/s. A pressure is rounded to the next pascal,
 * which is less than 0.01 mmHg.
 *
 * Numbers are integers or decimal fractions (tag 4), never floating-point.
 */
#ifndef SENML_H
#define SENML_H

#include "out.h"
#include "vitals.h"

/**
 * struct senml - a pack
 * @name: base name; starts with a letter or digit. A ':' is put behind it, and '_' in
 *	the place of characters that a name may not have (RFC 8428 4.5.1), like the
 *	'@' of a sensor's identity
 * @number: the reading's number
 * @age: seconds between the reading and now: the base time is relative (4.5.3)
 * @v: the reading
 */
struct senml {
	struct dmk_span name;
	u32 number;
	u32 age;
	const struct vitals *v;
};

/**
 * senml_put() - write a pack
 * @o: the message
 * @s: the pack
 */
void senml_put(struct out *o, const struct senml *s);

#endif
