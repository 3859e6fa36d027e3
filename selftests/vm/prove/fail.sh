#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# expect: FAIL
. "$(dirname "$0")/../../lib/ktap.sh"
ktap_plan 2
ktap_run "true" true
ktap_run "false says why" sh -c 'echo because; false'
ktap_end
