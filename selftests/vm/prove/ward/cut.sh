#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ward: s1=6.1 gw1=6.12
# vm: mem=384 timeout=180
# expect: FAIL
# A machine is cut off the network: what is asked of it must not hang.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../../../lib/ktap.sh"
. "$here/../../../lib/net.sh"
. "$here/../../../lib/ward.sh"

ON_LIMIT=10
unplug() { ip link set eth0 down; }

ward_begin "$@"
ktap_plan 2
ktap_run "gw1 answers" on gw1 true
on gw1 unplug
ktap_run "gw1 answers" on gw1 true
ward_end
