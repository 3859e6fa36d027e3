#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# All the VM tests of one kernel:
#
#	check.sh KERNEL RESULTS_DIR
#
# Scripts of one group (see vm-option.sh) share a boot, the others get their
# own. Each script leaves RESULTS_DIR/vm-KERNEL-NAME.tap, each boot one more
# for the kernel's log.
set -u

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
build=$(realpath -m "${O:-$top/build}")
. "$here/vm-option.sh"

kernel=$1 results=$2
mkdir -p "$results"

declare -A groups=()
for t in "$top"/selftests/net/*.sh "$top"/selftests/kernel/*.sh; do
	[ -e "$t" ] || continue
	case " $(vm_option "$t" kernels "6.1 6.12") " in
	*" $kernel "*) ;;
	*) continue ;;
	esac
	# Tests with arguments for the kernel cannot share its boot.
	g=$(vm_option "$t" group "$(basename "$t" .sh)")
	groups[$g]="${groups[$g]:-}$t "
done

if [ ${#groups[@]} -eq 0 ]; then
	printf 'KTAP version 1\n1..1\nnot ok 1 there are no tests for %s\n' "$kernel" \
		> "$results/vm-$kernel.tap"
	exit 1
fi

status=0
for g in $(printf '%s\n' "${!groups[@]}" | sort); do
	name=check-$kernel-$g
	# shellcheck disable=SC2086
	report=$("$here/run.sh" -k "$kernel" -n "$name" ${groups[$g]} 2>&1) || status=1
	for t in ${groups[$g]} "kernel-$g"; do
		t=$(basename "$t" .sh)
		tap=$build/vm/$name/tap/${t%"-$g"}.tap
		if [ -s "$tap" ]; then
			cp "$tap" "$results/vm-$kernel-$t.tap"
		else
			printf 'KTAP version 1\n1..1\nnot ok 1 %s did not run\n' "$t" \
				> "$results/vm-$kernel-$t.tap"
			printf '%s\n' "$report" | sed 's/^/# /' >> "$results/vm-$kernel-$t.tap"
		fi
	done
	printf '%s\n' "$report" | sed "s/^/[$kernel $g] /"
done
exit $status
