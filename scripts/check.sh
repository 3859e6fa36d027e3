#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Everything that must hold, counted: builds, unit tests, tests of the tree,
# the firmware on boards in QEMU, tests in a VM on each kernel. Each step
# leaves TAP in build/results, and goes on when the one before failed; the
# last line is the count.
#
#	check.sh [build] [unit] [fw] [vm] [KERNEL...]	all of them unless told
set -u

top=$(cd "$(dirname "$0")/.." && pwd)
build=$(realpath -m "${O:-$top/build}")
make=${MAKE:-make}
cd "$top" || exit 1

parts= kernels=
for a; do
	case $a in
	build|unit|fw|vm)	parts="$parts $a" ;;
	*)		kernels="$kernels $a" ;;
	esac
done
parts=${parts:-build unit fw vm}
kernels=${kernels:-6.1 6.12 debug}
results=$build/results
rm -rf "$results"
mkdir -p "$results"

# step NAME COMMAND...: a build step is a result too
steps=0
step()
{
	local name=$1
	shift

	steps=$((steps + 1))
	echo "== $name"
	if "$@" < /dev/null; then
		echo "ok $steps $name" >> "$results/build.steps"
	else
		echo "not ok $steps $name" >> "$results/build.steps"
	fi
}

steps_end()
{
	{ echo "KTAP version 1"; echo "1..$steps"; cat "$results/build.steps"; } \
		> "$results/build.tap"
	rm "$results/build.steps"
}

# A host test is a program or script that prints KTAP.
host_test()
{
	local name=$1 tap=$results/$1.tap status=0
	shift

	timeout 900 "$@" < /dev/null > "$tap" 2> "$results/$name.log" || status=$?
	case $status in
	0|4)	;;
	1)	grep -q '^ *not ok' "$tap" || echo "Bail out! status 1" >> "$tap" ;;
	124)	echo "Bail out! took longer than 900 s" >> "$tap" ;;
	*)	echo "Bail out! ended with status $status" >> "$tap" ;;
	esac
	selftests/ktap-summary "$tap" | sed "s/^\([0-9]* passed\)/$name: \1/"
}

nothing_ran()
{
	printf 'KTAP version 1\n1..1\nnot ok 1 there are no %s tests\n' "$1" \
		> "$results/$1.tap"
}

do_build()
{
	step "userspace and firmware build" "$make" --no-print-directory agent tools net firmware
	for k in $kernels; do
		# the watching kernel is for the module itself
		step "modules build for $k" "$make" --no-print-directory modules \
			KERNEL="$k" SELFTEST="$([ "$k" = debug ] && echo n || echo y)"
	done
}

do_unit()
{
	local t n=0

	step "unit tests build" "$make" --no-print-directory agent tools firmware unit
	for t in "$build"/selftests/unit/*_test; do
		[ -x "$t" ] || continue
		n=$((n + 1))
		host_test "unit-$(basename "$t")" "$t"
	done
	[ "$n" -gt 0 ] || nothing_ran unit
	for t in selftests/unit/*_test.sh selftests/host/*.sh selftests/tools/*.sh \
			selftests/agent/*.sh; do
		[ -e "$t" ] || continue
		host_test "host-$(basename "$t" .sh)" "$t"
	done
}

# Two boards at a time; each script says in its first lines which ones.
do_fw()
{
	local t

	step "firmware and its tests build" "$make" --no-print-directory firmware fw-tests
	rm -f "$build"/fw/*/stack
	for t in selftests/fw/*.sh; do
		[ -x "$t" ] || continue
		[ "$(jobs -rp | wc -l)" -lt 2 ] || wait -n
		host_test "fw-$(basename "$t" .sh)" "$t" &
	done
	wait
	[ -n "$(ls "$results"/fw-*.tap 2>/dev/null)" ] || nothing_ran fw
	step "the firmware fits its boards" "$make" --no-print-directory size
}

do_vm()
{
	local k

	# One VM a kernel at a time: they use different CPUs.
	for k in $kernels; do
		selftests/vm/check.sh "$k" "$results" &
	done
	wait
}

for p in $parts; do "do_$p"; done
[ "$steps" -eq 0 ] || steps_end
echo "== results"
selftests/ktap-summary "$results"/*.tap
