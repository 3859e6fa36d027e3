#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What the benchmark's report makes of results: a figure that misses its aim is
# said to miss it, and one that was not measured is an error.
cd "$(dirname "$0")/../.." || exit 1
. selftests/lib/ktap.sh

tmp=$(mktemp -d)
json=$tmp/results.json page=$tmp/benchmark.md
fixture=selftests/bench/fixture.txt

# report RESULTS: into $tmp
report()
{
	cp Documentation/benchmark.md "$page"
	selftests/bench/report.py "$@" --json "$json" --page "$page" > "$tmp/table" 2> "$tmp/error"
}

figure() { jq -c --arg name "$1" ".[] | select(.name == \$name) | $2" "$json"; }

# without NAME: the fixture
without() { grep -v "^result $1 " $fixture > "$tmp/less"; }

fails_without()
{
	without "$1"
	! report "$tmp/less" && grep -q "no result $1" "$tmp/error"
}

well_formed()
{
	python3 -c 'import sys, xml.dom.minidom as x; [x.parse(f) for f in sys.argv[1:]]' "$@"
}

ktap_plan 14
ktap_run "a report" report $fixture
ktap_equal "figures have seven members" "$(jq -c 'map(keys) | unique' "$json")" \
	'[["aim","how","met","name","peers","unit","value"]]'
ktap_equal "the median of three" "$(figure responder '[.value, .aim, .met]')" '[0.6,0.5,false]'
ktap_equal "two peers, in the figure's unit" \
	"$(figure responder '[.peers[] | select(.name | test("^strongSwan, [^,]*$")) | .value]')" \
	'[3.1,13.5]'
ktap_equal "a quotient" "$(figure responder/unavoidable '[.value, .met]')" '[1.5,true]'
ktap_equal "a figure that shall be large" "$(figure 'responder, cold, two CPUs' '[.value, .met]')" \
	'[1.8,false]'
ktap_equal "a difference" "$(figure memory '[.value, .met]')" '[400,true]'
ktap_equal "growth in percent" "$(figure growth '[.value, .met]')" '[30,false]'
ktap_equal "the table says what is missed" "$(grep -c '| \*\*no\*\* |' "$tmp/table")" 3
ktap_run "the page has the table" grep -qxF "$(sed -n 3p "$tmp/table")" "$page"
ktap_run "and shows plots that are there" sh -c "cd '$tmp' &&
	sed -n 's/^!\[.*(\(.*\))\$/\1/p' benchmark.md | grep . | xargs ls"
ktap_run "which are well-formed" well_formed "$tmp"/*.svg
ktap_run "a result that is missing is an error" fails_without thirdparty.share
ktap_run "so is a peer's" fails_without strongswan.psk
rm -rf "$tmp"
ktap_end
