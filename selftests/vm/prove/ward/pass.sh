#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ward: s1=6.1 gw1=6.12
# vm: mem=384 timeout=180
# expect: PASS
# Two machines; one is switched off in the end, which is no fault.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../../../lib/ktap.sh"
. "$here/../../../lib/net.sh"
. "$here/../../../lib/ward.sh"

ward_begin "$@"
ktap_plan 3
ktap_equal "two kernels" "$(uname -r | cut -d. -f1,2) $(on gw1 uname -r | cut -d. -f1,2)" "6.1 6.12"
ktap_run_fails "what fails there fails here" on gw1 false
ktap_run "gw1 is switched off" power_cut gw1
ward_end
