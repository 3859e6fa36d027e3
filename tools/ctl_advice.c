// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "ctl.h"
#include "ctl_advice.h"

const char *ctl_advice(const char *reason)
{
	static const char *const names[DMK_REASON_COUNT] = {
#define X(name, text, help) [DMK_REASON_##name] = text,
		DMK_REASONS(X)
#undef X
	};
	static const char *const advice[DMK_REASON_COUNT] = {
#define X(name, text) [DMK_REASON_##name] = text,
		CTL_ADVICE(X)
#undef X
	};
	unsigned int i;

	for (i = 1; i < DMK_REASON_COUNT; i++)
		if (!strcmp(names[i], reason))
			return advice[i];
	return "this dmikeyctl does not know the reason: install that of the module's release";
}
