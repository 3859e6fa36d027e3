#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The short form of `make fuzz`: every input that is known, and some new ones; and
# whether the fuzzer notices a bug. selftests/long/fuzz.sh is the long one.
cd "$(dirname "$0")/../.." || exit 1
. selftests/lib/ktap.sh

out=$(realpath -m "${O:-build}")
export O=$out
cheap="wire message describe esp seal initiator slip blob share"
others="netlink config registry provision decode"
# shellcheck disable=SC2086
set -- $cheap $others

ktap_plan $(($# + 2))
ktap_run "targets are built" make --no-print-directory -s -C selftests/fuzz O="$out"
ktap_run "bugs that were put there are found" selftests/fuzz/fuzz.sh prove
for t in $cheap; do
	ktap_run "$t: nothing is found" selftests/fuzz/fuzz.sh runs "${RUNS:-4000}" "$t"
done
for t in $others; do
	ktap_run "$t: nothing is found" selftests/fuzz/fuzz.sh runs "${RUNS:-1000}" "$t"
done
ktap_end
