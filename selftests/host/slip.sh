#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# dmikey-slip between a TUN interface and a line of each kind; the sensor is
# slip_cases.py. Each case has a network namespace of its own.
. "$(dirname "$0")/../lib/ktap.sh"

top=$(cd "$(dirname "$0")/../.." && pwd)
tool=${O:-$top/build}/tools/dmikey-slip
cases=$top/selftests/host/slip_cases.py

apart="unshare -n"
[ "$(id -u)" -eq 0 ] || apart="unshare -rn"

[ -x "$tool" ] || ktap_skip_all "dmikey-slip is not built"
$apart true || ktap_skip_all "no network namespaces here"
$apart ip tuntap add dev probe mode tun || ktap_skip_all "no TUN here"

mapfile -t names < <(python3 -B "$cases")
ktap_plan ${#names[@]}
for line in "${names[@]}"; do
	status=0
	out=$(timeout 120 $apart python3 -B "$cases" "$tool" "${line%% *}" 2>&1) || status=$?
	case $status in
	0)	ktap_pass "${line#* }" ;;
	4)	ktap_skip "${line#* }" "$out" ;;
	*)	ktap_fail "${line#* }" "status $status: $out" ;;
	esac
done
ktap_end
