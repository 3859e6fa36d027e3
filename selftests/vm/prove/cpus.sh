#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 args="maxcpus=1"
# expect: FAIL
# A kernel that finds fewer CPUs than the machine has.
. "$(dirname "$0")/../../lib/ktap.sh"
ktap_plan 1
ktap_run "links can be shown" ip link show lo
ktap_end
