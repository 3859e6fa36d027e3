#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# tools/dmikey.lua, the Wireshark dissector, in tshark: it sees what dmikeyctl
# decode sees in every message of the vectors, and says what is malformed.
# tshark.sh is about Wireshark's own dissector.
. "$(dirname "$0")/../lib/ktap.sh"

top=$(cd "$(dirname "$0")/../.." && pwd)
tool=${O:-$top/build}/tools/dmikeyctl
cases=$top/selftests/host/dissector_cases.py

[ -x "$tool" ] || ktap_skip_all "dmikeyctl is not built"
command -v tshark > /dev/null || ktap_skip_all "no tshark here"
tshark --version | grep -q 'with Lua' || ktap_skip_all "tshark here has no Lua"

mapfile -t names < <(python3 -B "$cases")
ktap_plan ${#names[@]}
for line in "${names[@]}"; do
	if out=$(timeout 600 python3 -B "$cases" "$tool" "${line%% *}" 2>&1); then
		ktap_pass "${line#* }"
	else
		ktap_fail "${line#* }" "$(tail -n 5 <<< "$out" | cut -c -1000)"
	fi
done
ktap_end
