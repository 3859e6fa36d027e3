#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 mem=512 timeout=300
# core/ and the parts of kmod/ that need no network, inside the kernel: the
# suites of dmikey_selftest.ko, which run when it is loaded.
. "$(dirname "$0")/../lib/ktap.sh"

results=$TEST_LOGS/results.tap
ktap_plan 3

ktap_run "the module loads" modprobe dmikey_selftest
cat /sys/kernel/debug/dmikey_selftest/results > "$results"

sed 's/^/    /' "$results"
if grep -q '^ok 1 ' "$results" && ! grep -q '^ *not ok' "$results"; then
	ktap_pass "suites"
else
	ktap_fail "suites"
fi

ktap_run "the module goes" rmmod dmikey_selftest
ktap_end
