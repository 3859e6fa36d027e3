#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The tests in VMs:
#
#	check.sh [-l] RESULTS_DIR KERNEL...
#
# Each script runs on those of the kernels that its header names (vm-option.sh), with
# -l on all of them, and again in its long form. Scripts of one group share a boot, the
# others get their own. Each script leaves RESULTS_DIR/vm-KERNEL-NAME.tap, each boot one
# more for the kernel's log.
#
# A machine that emulates several others has each of them wait, and a test that meets
# one second more than it was made for fails. A boot with a failure, and nothing that its
# kernel complains of, runs once more when all others are done, alone; what failed at
# first is in RESULTS_DIR/unsteady, for whoever calls, and its run in build/vm/NAME.first.
# But no more than $AGAIN of them: many failures are the tree's, and so is what makes a
# kernel speak, panic or hang.
#
# Environment: VM_JOBS, how many VMs run at a time (one more than there are CPUs: much
# of a test is waiting).
set -u

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
build=$(realpath -m "${O:-$top/build}")
. "$here/vm-option.sh"

long=
[ "$1" != -l ] || { long=1; shift; }
results=$1
shift
kernels=$*
jobs=${VM_JOBS:-$(($(nproc) + 1))}
AGAIN=3
mkdir -p "$results"

# Whether a test is to run on a kernel. One for a watching kernel alone asks it for what
# the others do not have; one that counts instructions has nothing to count where a kernel
# watches; User-Mode Linux gets what asks for it.
wanted()
{
	local on

	on=$(vm_option "$1" kernels "$VM_KERNELS")
	case " $on " in
	*" $2 "*) return 0 ;;
	esac
	case $2:$(vm_option "$1" icount "") in
	debug:yes | kcsan:yes) return 1 ;;
	*) [ -n "$long" ] && [ "${on%% *}" != debug ] && [ "$on" != kcsan ] && [ "$2" != uml ] ;;
	esac
}

# Every boot that is wanted: a line of the seconds it may take at most, a name, what
# comes on the kernel's command line, the kernel, the tests.
boots()
{
	local kernel t g on
	local -A tests seconds

	for kernel in $kernels; do
		tests=() seconds=()
		for t in "$top"/selftests/net/*.sh "$top"/selftests/kernel/*.sh; do
			[ -e "$t" ] && wanted "$t" "$kernel" || continue
			g=$(vm_option "$t" group "$(basename "$t" .sh)")
			tests[$g]="${tests[$g]:-}$t "
			seconds[$g]=$((${seconds[$g]:-0} + $(vm_option "$t" timeout 120)))
		done
		for g in "${!tests[@]}"; do
			echo "${seconds[$g]} $g - $kernel ${tests[$g]}"
		done
	done
	[ -n "$long" ] || return 0
	for t in "$top"/selftests/net/*.sh; do
		on=$(vm_option "$t" long_on "$(vm_option "$t" kernels "$VM_KERNELS")")
		g=$(vm_option "$t" long "")
		[[ " $kernels " == *" ${on%% *} "* ]] || continue
		[ -z "$g" ] || echo "$g $(basename "$t" .sh)-long LONG=1 ${on%% *} $t"
	done
}

# A failure for want of time, perhaps: the kernel of the run NAME ended well.
may_be_time()
{
	[ "$2" = FAIL ] && "$here/../ktap-summary" -q "$build/vm/$1/tap/kernel.tap"
}

# boot SECONDS NAME ARGS KERNEL TEST...: a line in $results/again if it may be run once more
boot()
{
	local g=$2 args=${3#-} kernel=$4 limit= name=check-$4-$2 line=$* report t tap long
	[ -z "$args" ] || limit="-t $1"
	shift 4

	# shellcheck disable=SC2086
	report=$("$here/run.sh" -k "$kernel" -n "$name" $limit -a "$args" "$@" 2>&1)
	long=${args:+-long}
	for t in "$@" "kernel-$g"; do
		t=$(basename "$t" .sh)
		case $t in
		"kernel-$g") tap=kernel ;;
		*) tap=$t t=$t$long ;;
		esac
		tap=$build/vm/$name/tap/$tap.tap
		if [ -s "$tap" ]; then
			cp "$tap" "$results/vm-$kernel-$t.tap"
		else
			printf 'KTAP version 1\n1..1\nnot ok 1 %s did not run\n' "$t" \
				> "$results/vm-$kernel-$t.tap"
			printf '%s\n' "$report" | sed 's/^/# /' >> "$results/vm-$kernel-$t.tap"
		fi
	done
	! may_be_time "$name" "${report##*$'\n'}" || echo "$line" >> "$results/again"
	printf '%s\n' "$report" | sed "s/^/[$kernel $g] /"
}

# those of $results/again; what failed of them at first goes to $results/unsteady
once_more()
{
	local n line run

	n=$(wc -l < "$results/again")
	[ "$n" -le $AGAIN ] || { echo "$n boots failed: too many to run again"; return; }
	while read -r -a line; do
		echo "== once more, alone: ${line[3]} ${line[1]}"
		run=$build/vm/check-${line[3]}-${line[1]}
		rm -rf "$run.first"
		mv "$run" "$run.first"
		"$here/../ktap-summary" "$run.first"/tap/*.tap |
			sed "\$d; s/^FAILED /UNSTEADY ${line[3]} /" >> "$results/unsteady"
		boot "${line[@]}" < /dev/null
	done <<< "$(cat "$results/again")"
}

for k in $kernels; do
	boots | grep -q " $k /" && continue
	printf 'KTAP version 1\n1..1\nnot ok 1 there are no tests for %s\n' "$k" \
		> "$results/vm-$k.tap"
done

# The longest first: the last ones end together.
while read -r -a line; do
	[ "$(jobs -rp | wc -l)" -lt "$jobs" ] || wait -n
	boot "${line[@]}" < /dev/null &
done < <(boots | sort -rn)
wait
[ ! -e "$results/again" ] || once_more
