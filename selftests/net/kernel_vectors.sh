#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 mem=512 timeout=300 kernels="6.1 6.12 7 uml"
# core/ and the parts of kmod/ that need no network, inside the kernel: the
# suites of dmikey_selftest.ko, which run when it is loaded; on uml as KUnit's.
. "$(dirname "$0")/../lib/ktap.sh"

results=$TEST_LOGS/results.tap
kunit=/sys/kernel/debug/kunit
if [ -d $kunit ]; then ktap_plan 4; else ktap_plan 3; fi

ktap_run "the module loads" modprobe dmikey_selftest
cat /sys/kernel/debug/dmikey_selftest/results > "$results"

sed 's/^/    /' "$results"
if grep -q '^ok 1 ' "$results" && ! grep -q '^ *not ok' "$results"; then
	ktap_pass "suites"
else
	ktap_fail "suites"
fi

[ ! -d $kunit ] || ktap_run "KUnit saw them pass" grep '^ok .*dmikey$' $kunit/dmikey/results
ktap_run "the module goes" rmmod dmikey_selftest
ktap_end
