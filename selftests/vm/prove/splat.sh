#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# expect: FAIL
# All tests pass; the kernel complains.
. "$(dirname "$0")/../../lib/ktap.sh"
ktap_plan 1
ktap_run "the log can be written" \
	sh -c 'echo "refcount_t: underflow; use-after-free." > /dev/kmsg'
ktap_end
