#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What the firmware costs: measured again, it is what Documentation/firmware-cost.md
# says, and keeps to the aims.
cd "$(dirname "$0")/../.." || exit 1
. selftests/lib/ktap.sh

page=Documentation/firmware-cost.md
build=$(realpath -m "${O:-build}")
tmp=$(mktemp -d)

measure() { O=$build scripts/fw-bench.sh > "$tmp/page"; }

# aim: a row of bench.json that has one
aim() { jq -e --arg name "$1" --arg unit "$2" \
	'.[] | select(.name == $name and .unit == $unit) | .met' "$build/fw/bench.json"; }

# sums: categories of a row make up the row, but for one a piece that was counted
sums()
{
	awk '
		/^count /	{ close_row(); name = $2; total = $3; pieces = $5 - $4 + 1 }
		/^split /	{ sum += $4 }
		END		{ close_row(); exit bad || !rows }
		function close_row() {
			if (name == "")
				return
			rows++
			off = sum - total
			if (off < -10 * pieces || off > 10 * pieces) {
				print name ": " total ", but in all " sum
				bad = 1
			}
			sum = 0
		}' "$build/fw/bench/dmikey.split"
}

ktap_plan 5
rm -f "$build/fw/bench.json" "$build/fw/bench/dmikey.split"
ktap_run "every image counts the same twice, traced or not" measure
ktap_run "what is traced makes up what is counted" sums
ktap_run "the page is what was measured" diff -u "$page" "$tmp/page"
ktap_run "instructions for a session" aim establish instructions
ktap_run "bytes for a session" aim "establish on the wire" bytes
rm -rf "$tmp"
ktap_end
