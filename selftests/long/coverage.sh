#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Unit tests and fuzz inputs reach every line of what parses (make coverage), and a
# line that nothing reaches is noticed.
cd "$(dirname "$0")/../.." || exit 1
. selftests/lib/ktap.sh

out=$(realpath -m "${O:-build}")
export O=$out
lcov=$out/coverage/lcov

ktap_plan 2
ktap_run "core/ is covered as published" selftests/fuzz/coverage.sh
# as if nothing had reached wire.c
sed '/SF:.*\/wire.c$/,/end_of_record/s/^\(DA:[0-9]*\),.*/\1,0/' "$lcov" > "$lcov.less"
ktap_run_fails "lines that nothing reaches are noticed" \
	python3 selftests/fuzz/coverage.py "$lcov.less" selftests/fuzz/coverage.max
ktap_end
