#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# dmikeyctl decode on every vector, on others' messages, on what is cut, changed
# and forged; decode_cases.py says what must be seen. What is thrown at it by the
# thousand goes through a build with address and undefined-behaviour sanitizers.
. "$(dirname "$0")/../lib/ktap.sh"

top=$(cd "$(dirname "$0")/../.." && pwd)
build=${O:-$top/build}
cases=$top/selftests/host/decode_cases.py

[ -x "$build/tools/dmikeyctl" ] || ktap_skip_all "dmikeyctl is not built"
command -v openssl > /dev/null || ktap_skip_all "no openssl here"

mapfile -t names < <(python3 -B "$cases")
ktap_plan ${#names[@]}
for line in "${names[@]}"; do
	read -r name with text <<< "$line"
	tool=$build/tools/dmikeyctl
	[ "$with" = tool ] || tool=$build/selftests/unit/dmikeyctl
	if [ ! -x "$tool" ]; then
		ktap_skip "$text" "not built: make unit"
		continue
	fi
	if out=$(timeout 600 python3 -B "$cases" "$tool" "$name" 2>&1); then
		ktap_pass "$text"
	else
		ktap_fail "$text" "$(tail -n 5 <<< "$out" | cut -c -1000)"
	fi
done
ktap_end
