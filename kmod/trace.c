// SPDX-License-Identifier: GPL-2.0
/* Where the trace points live. */

#include "netns.h"

#define CREATE_TRACE_POINTS
#include "trace.h"
