#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ward: s1=6.1 gw1=6.12
# vm: mem=384 timeout=180
# expect: PANIC
# All results are good, and one machine panics.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../../../lib/ktap.sh"
. "$here/../../../lib/net.sh"
. "$here/../../../lib/ward.sh"

crash() { echo c > /proc/sysrq-trigger; }

ward_begin "$@"
ktap_plan 1
ktap_run "gw1 answers" on gw1 true
ON_LIMIT=5 on gw1 crash
ward_end
