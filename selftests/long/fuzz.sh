#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The long form of `make fuzz`: each target for FUZZ_SECONDS (300).
cd "$(dirname "$0")/../.." || exit 1
. selftests/lib/ktap.sh

out=$(realpath -m "${O:-build}")
export O=$out

ktap_plan 15
ktap_run "targets are built" make --no-print-directory -s -C selftests/fuzz O="$out"
for t in "$out"/selftests/fuzz/fuzz_*; do
	t=${t##*/fuzz_}
	ktap_run "$t: nothing is found" selftests/fuzz/fuzz.sh seconds "${FUZZ_SECONDS:-300}" "$t"
done
ktap_end
