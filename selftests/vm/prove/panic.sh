#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# expect: PANIC
. "$(dirname "$0")/../../lib/ktap.sh"
ktap_plan 2
ktap_run "true" true
echo c > /proc/sysrq-trigger
ktap_end
