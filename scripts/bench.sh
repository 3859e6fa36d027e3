#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Measure everything, beside its peers, and write it down:
#
#	bench.sh [SCENARIO..]	all of them; or some, the others' last results stay
#
#	build/bench/results/*.txt	what each scenario measured
#	build/bench/results.json	the figures
#	Documentation/benchmark.md, benchmark-*.svg
#
# Costs are counted in instructions, so they do not mind a busy host, and two
# scenarios run at once. What is measured by the clock runs alone.
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
build=$(realpath -m "${O:-$top/build}")
make=${MAKE:-make}
bench=$top/selftests/bench
kernel=6.1
export O=$build

# the longest first
counted="responder memory peers/strongswan_r floor cold peers/libreswan_r
	peers/strongswan_both peers/libreswan_both first thirdparty update counter"
clocked="scale"

say() { echo "bench: $*" >&2; }

build()
{
	$make --no-print-directory -C "$top" O="$build" agent tools net
	$make --no-print-directory -C "$top" O="$build" modules KERNEL=$kernel SELFTEST=n
	for m in busy kernel; do
		$make --no-print-directory -C "$bench/$m" O="$build" KERNEL=$kernel
	done
	"$bench/peers/fetch.sh"
	"$bench/run.sh" image
}

# measure SCENARIO: an emulator can lose a VM; whatever fails twice is a failure
measure()
{
	local name=${1#peers/} out

	out=$build/bench/results/$name.txt
	set -eu
	rm -f "$out"
	for again in "" y; do
		say "$1${again:+, once more}"
		if "$bench/run.sh" "$1" > "$out.new"; then
			mv "$out.new" "$out"
			say "$1: done after $SECONDS s"
			return
		fi
	done
	say "$1 failed"
	return 1
}

say "building, fetching"
mkdir -p "$build/bench/results"
build > "$build/bench/build.log" 2>&1 || {
	tail -n 20 "$build/bench/build.log" >&2
	say "see $build/bench/build.log"
	exit 1
}
failed=
run() { measure "$1" || failed="$failed $1"; }
if [ $# -gt 0 ]; then
	for s; do run "$s"; done
else
	export -f measure say
	export bench build
	# shellcheck disable=SC2086
	printf '%s\n' $counted | xargs -P 2 -I{} bash -c 'SECONDS=$1; measure "$0"' {} "$SECONDS" ||
		failed=" (see above)"
	for s in $clocked; do run "$s"; done
fi
[ -z "$failed" ] || { say "failed:$failed"; exit 1; }
"$bench/report.py" "$build"/bench/results/*.txt --json "$build/bench/results.json" \
	--page "$top/Documentation/benchmark.md"
say "took $SECONDS s"
