#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Measure the firmware: Documentation/firmware-cost.md on stdout, and the numbers
# in build/fw/bench.json.
#
#	scripts/fw-bench.sh > Documentation/firmware-cost.md
#
# Each image of sensor-fw/bench runs twice and must say the same; a third run of the
# firmware's own is traced, and must say it too.
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
export O=${O:-$top/build}
bench=$top/sensor-fw/bench
out=$O/fw/bench
limit=300	# seconds, for one run

die() { echo "fw-bench.sh: $*" >&2; exit 1; }

# run IMAGE: what it says of its counts
run()
{
	local console

	console=$(timeout $limit qemu-system-arm -M netduinoplus2 -display none -monitor none \
		-serial stdio -icount shift=0 -semihosting-config enable=on,target=native \
		-kernel "$out/$1.elf" < /dev/null) || die "$1.elf: ${console##*$'\n'}"
	grep -E '^(count|number) ' <<< "$console" | tr -d '\r'
}

mkdir -p "$O/fw"
${MAKE:-make} --no-print-directory -C "$bench" O="$O" > "$O/fw/bench.log"
for image in dmikey pubkey dtls; do
	run $image > "$out/$image.out"
	run $image | cmp -s "$out/$image.out" - || die "$image.elf: two runs, two results"
done
"$bench/split.py" arm-none-eabi- "$out/dmikey.elf" > "$out/dmikey.split"
grep -v '^split ' "$out/dmikey.split" | cmp -s "$out/dmikey.out" - ||
	die "dmikey.elf: another result when it is traced"
"$bench/cost.py" "$bench/cost.md" "$O/fw/bench.json" \
	"$out/dmikey.split" "$out/pubkey.out" "$out/dtls.out"
