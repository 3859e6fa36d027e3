#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# expect: PASS
. "$(dirname "$0")/../../lib/ktap.sh"
ktap_plan 3
ktap_run "links can be shown" ip link show lo
ktap_run_fails "false is refused" false
ktap_skip "nothing" "there is no reason"
ktap_end
