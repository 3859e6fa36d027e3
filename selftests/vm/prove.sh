#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Is the harness' word worth anything? Boot scripts that pass, fail, crash and
# hang on purpose, alone and in wards, and compare the verdicts with what their
# headers expect.
#
#	prove.sh [KERNEL...]
set -u

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/ktap.sh"

# prove NAME SCRIPT COMMAND...
prove()
{
	local name=$1 want out got

	want=$(sed -n 's/^# expect: //p' "$2")
	shift 2
	out=$("$@" 2>&1)
	got=${out##*$'\n'}
	ktap_equal "$name is $want" "$got" "$want"
	[ "$got" = "$want" ] || echo "$out" | diag
}

kernels=${*:-6.1 6.12}
# shellcheck disable=SC2086
set -- $kernels
scripts=("$here"/prove/*.sh) wards=("$here"/prove/ward/*.sh)
ktap_plan $(($# * ${#scripts[@]} + ${#wards[@]}))
for k in $kernels; do
	for s in "${scripts[@]}"; do
		name=$(basename "$s" .sh)
		prove "$k: $name" "$s" "$here/run.sh" -k "$k" -n "prove-$k-$name" "$s"
	done
done
for s in "${wards[@]}"; do
	name=$(basename "$s" .sh)
	prove "a ward: $name" "$s" "$here/ward.sh" -n "prove-ward-$name" "$s"
done
ktap_end
