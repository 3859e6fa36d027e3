#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: timeout=3
# expect: TIMEOUT
. "$(dirname "$0")/../../lib/ktap.sh"
ktap_plan 1
sleep 1000
ktap_end
