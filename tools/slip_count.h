/* SPDX-License-Identifier: GPL-2.0 */
/* What dmikey-slip has passed and dropped. */
#ifndef SLIP_COUNT_H
#define SLIP_COUNT_H

#include <stdbool.h>

#include "port.h"

/* X(NAME, side and name as they are printed, a drop) */
#define SLIP_COUNTS(X) \
	X(TO_PACKETS, "to-sensor packets", false) \
	X(TO_BYTES, "to-sensor bytes", false) \
	X(TO_NOT_IPV6, "to-sensor dropped-not-ipv6", true) \
	X(TO_LENGTH, "to-sensor dropped-length", true) \
	X(TO_MULTICAST, "to-sensor dropped-multicast", true) \
	X(TO_NOT_PEER, "to-sensor dropped-not-peer", true) \
	X(TO_QUEUE, "to-sensor dropped-queue-full", true) \
	X(TO_NO_LINE, "to-sensor dropped-no-line", true) \
	X(FROM_PACKETS, "from-sensor packets", false) \
	X(FROM_BYTES, "from-sensor bytes", false) \
	X(FROM_FRAME, "from-sensor dropped-frame", true) \
	X(FROM_NOT_IPV6, "from-sensor dropped-not-ipv6", true) \
	X(FROM_LENGTH, "from-sensor dropped-length", true) \
	X(FROM_NOT_PEER, "from-sensor dropped-not-peer", true) \
	X(FROM_REFUSED, "from-sensor dropped-refused", true) \
	X(LINE_OPENED, "line opened", false) \
	X(LINE_LOST, "line lost", false)

enum slip_count {
#define X(name, text, drop) SLIP_##name,
	SLIP_COUNTS(X)
#undef X
	SLIP_COUNTERS
};

/* each drop is said as it happens */
void slip_count_aloud(void);

void slip_count(enum slip_count which, u32 n);

/* all of them on stdout, one a line: side, name, number */
void slip_count_print(void);

#endif
