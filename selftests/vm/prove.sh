#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Is the harness' word worth anything? Boot scripts that pass, fail, crash and
# hang on purpose, and compare the verdicts with what their headers expect.
#
#	prove.sh [KERNEL...]
set -u

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/ktap.sh"

kernels=${*:-6.1 6.12}
# shellcheck disable=SC2086
set -- $kernels
scripts=("$here"/prove/*.sh)
ktap_plan $(($# * ${#scripts[@]}))
for k in $kernels; do
	for s in "${scripts[@]}"; do
		name=$(basename "$s" .sh)
		want=$(sed -n 's/^# expect: //p' "$s")
		out=$("$here/run.sh" -k "$k" -n "prove-$k-$name" "$s" 2>&1)
		got=${out##*$'\n'}
		ktap_equal "$k: $name is $want" "$got" "$want"
		[ "$got" = "$want" ] || echo "$out" | diag
	done
done
ktap_end
