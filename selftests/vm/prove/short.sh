#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# expect: FAIL
# One result fewer than planned.
. "$(dirname "$0")/../../lib/ktap.sh"
ktap_plan 2
ktap_run "true" true
exit 0
