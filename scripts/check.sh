#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Everything that must hold, counted: builds, unit tests, tests of the tree,
# the firmware on boards in QEMU, tests in a VM on each kernel. Each step
# leaves TAP in build/results, and goes on when the one before failed; the
# last line is the count.
#
#	check.sh [build] [unit] [fw] [vm] [KERNEL...]	all of these unless told
#	check.sh build long [KERNEL...]	what takes hours: every VM test on every kernel,
#					the long forms of those that have one, selftests/long
set -u

top=$(cd "$(dirname "$0")/.." && pwd)
build=$(realpath -m "${O:-$top/build}")
make=${MAKE:-make}
cd "$top" || exit 1
. selftests/vm/vm-option.sh

parts= kernels=
for a; do
	case $a in
	build|unit|fw|vm|long)	parts="$parts $a" ;;
	*)		kernels="$kernels $a" ;;
	esac
done
parts=${parts:-build unit fw vm}
kernels=${kernels:-$VM_KERNELS debug uml}
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
	local name=$1 tap=$results/$1.tap status=0 limit=${limit:-1800}
	shift

	timeout "$limit" "$@" < /dev/null > "$tap" 2> "$results/$name.log" || status=$?
	case $status in
	0|4)	;;
	1)	grep -q '^ *not ok' "$tap" || echo "Bail out! status 1" >> "$tap" ;;
	124)	echo "Bail out! took longer than $limit s" >> "$tap" ;;
	*)	echo "Bail out! ended with status $status" >> "$tap" ;;
	esac
	selftests/ktap-summary "$tap" | sed "s/^\([0-9]* passed\)/$name: \1/"
}

nothing_ran()
{
	printf 'KTAP version 1\n1..1\nnot ok 1 there are no %s tests\n' "$1" \
		> "$results/$1.tap"
}

# On the watching kernel the tests that run in the kernel are for check-long.
selftest()
{
	case "$1 $parts" in
	*long*)	echo y ;;
	debug*)	echo n ;;
	*)	echo y ;;
	esac
}

# A kernel that watches has to be built first.
watching()
{
	case $1 in
	debug|uml|kcsan) ;;
	*) false ;;
	esac
}

modules()
{
	step "modules build for $1" "$make" --no-print-directory modules \
		KERNEL="$1" SELFTEST="$(selftest "$1")"
}

do_build()
{
	local k

	step "userspace and firmware build" "$make" --no-print-directory agent tools net firmware
	for k in $kernels; do watching "$k" || modules "$k"; done
	# The tests on the host leave a CPU idle. No child of ours: steps wait for theirs.
	(for k in $kernels; do
		! watching "$k" || nice -n 19 selftests/vm/kernels.sh "$k"
	done > "$results/kernels.log" 2>&1 < /dev/null &)
}

# for what runs in VMs; waits for their kernels
watching_modules()
{
	local k

	case $parts in
	*build*) for k in $kernels; do ! watching "$k" || modules "$k"; done ;;
	esac
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

# ward TEST: all its machines run now, so all its kernels have to be wanted
ward()
{
	local name vm tap report status=0

	name=ward-$(basename "$1" .sh)
	for vm in $(ward_vms "$1"); do
		case " $kernels " in
		*" ${vm#*=} "*) ;;
		*) return ;;
		esac
	done
	report=$(selftests/vm/ward.sh "$1" 2>&1) || status=$?
	if [ $status -le 1 ]; then
		for tap in "$build/vm/$name"/tap/*.tap; do
			cp "$tap" "$results/vm-$name-$(basename "$tap")"
		done
	else
		printf 'KTAP version 1\n1..1\nnot ok 1 %s did not run\n' "$name" > "$results/vm-$name.tap"
		printf '%s\n' "$report" | sed 's/^/# /' >> "$results/vm-$name.tap"
	fi
	printf '%s\n' "$report" | sed "s/^/[$name] /"
}

do_vm()
{
	local t

	watching_modules
	# shellcheck disable=SC2086
	selftests/vm/check.sh "$results" $kernels
	# two versions of the packages, a root file system, two boots
	limit=1800 host_test vm-packages selftests/vm/packages.sh
	for t in selftests/ward/*.sh; do ward "$t"; done
}

do_long()
{
	local t

	watching_modules
	step "unit tests build" "$make" --no-print-directory unit
	for t in selftests/long/*.sh; do
		LONG=1 limit=86400 host_test "long-$(basename "$t" .sh)" "$t"
	done
	# shellcheck disable=SC2086
	selftests/vm/check.sh -l "$results" $kernels
}

for p in $parts; do "do_$p"; done
[ "$steps" -eq 0 ] || steps_end
if [ -e "$results/unsteady" ]; then
	echo "== failed once, and was run again"
	cat "$results/unsteady"
fi
echo "== results"
selftests/ktap-summary "$results"/*.tap
