#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What dmikeyctl prints for programs: the kept outputs of selftests/net/ctl_json.sh
# and what can be asked here are what the schema says; metrics are OpenMetrics
# for an independent parser; the dashboard shows metrics that exist.
. "$(dirname "$0")/../lib/ktap.sh"

top=$(cd "$(dirname "$0")/../.." && pwd)
ctl=${O:-$top/build}/tools/dmikeyctl
check="/usr/bin/python3 -B $top/selftests/host/ctl_output.py"

[ -x "$ctl" ] || ktap_skip_all "dmikeyctl is not built"
/usr/bin/python3 -c 'import jsonschema, prometheus_client' 2> /dev/null ||
	ktap_skip_all "no python3-jsonschema or python3-prometheus-client here"

tmp=$(mktemp -d)
ktap_plan 9
ktap_run "the kept outputs are what the schema says" $check kept
ktap_run "so is decode's" $check decode
"$ctl" -j doctor > "$tmp/doctor.json"
ktap_run "so is doctor's on this host" $check file "$tmp/doctor.json" doctor
ktap_run "what is not documented is seen" $check strict
ktap_run "every command has its definition" $check used
ktap_run "metrics are OpenMetrics" $check metrics
"$ctl" metrics > "$tmp/metrics.txt"
ktap_run "also on this host" $check metrics "$tmp/metrics.txt"
ktap_run "a node exporter's collector can read them" \
	$check collector "$top/selftests/net/ctl_golden/metrics.txt"
ktap_run "the dashboard shows metrics that are there" $check dashboard
rm -rf "$tmp"
ktap_end
