#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ward: s1=6.1 gw1=6.12
# vm: mem=384 timeout=180
# expect: FAIL
# All results are good, and nobody has told the other machine.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../../../lib/ktap.sh"
. "$here/../../../lib/net.sh"
. "$here/../../../lib/ward.sh"

ward_begin "$@"
ktap_plan 1
ktap_run "gw1 answers" on gw1 true
ktap_end
