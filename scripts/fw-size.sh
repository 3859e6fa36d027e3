#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What the firmware takes of each board, against its limits:
#
#	fw-size.sh <build directory>
#
# Flash and static RAM are those of the release images. The deepest stack is
# measured, by the tests in QEMU, which leave the console's lines
#
#	stack: N of M bytes used at most
#
# in fw/<board>/stack; the deepest of them counts. Without a measurement there is
# no answer, and that is a failure.
set -eu

build=${1:?fw-size.sh: which build directory?}
cross=${CROSS_COMPILE:-arm-none-eabi-}
failed=0

fail() { echo "fw-size.sh: $*" >&2; failed=1; }

# bytes of the named sections of an ELF file
sections()
{
	local elf=$1

	shift
	"${cross}size" -A "$elf" | awk -v names=" $* " '
		index(names, " " $1 " ") { sum += $2 }
		END { print sum + 0 }'
}

deepest()
{
	sed -n 's/.*stack: \([0-9]*\) of [0-9]* bytes used at most.*/\1/p' "$1" 2>/dev/null |
		sort -n | tail -n 1
}

# board, limit of flash, RAM, bytes of RAM that must be left
check()
{
	local board=$1 flash_max=$2 ram_max=$3 spare=$4
	local dir=$build/fw/$board flash ram stack

	if [ ! -s "$dir/dmikey.bin" ] || [ ! -s "$dir/dmikey.elf" ]; then
		fail "$board: no image in $dir: make firmware"
		return
	fi
	flash=$(stat -c %s "$dir/dmikey.bin")
	ram=$(sections "$dir/dmikey.elf" .data .bss .noinit)
	stack=$(deepest "$dir/stack")
	printf '%-6s %6d of %6d %10d %14s %8s of %6d\n' "$board" "$flash" "$flash_max" \
		"$ram" "${stack:-unknown}" "${stack:+$((ram + stack))}" "$ram_max"
	[ "$flash" -le "$flash_max" ] ||
		fail "$board: $((flash - flash_max)) bytes of flash too many"
	if [ -z "$stack" ]; then
		fail "$board: the stack was not measured: no line in $dir/stack;" \
			"the tests in selftests/fw leave it (make check)"
	elif [ $((ram + stack + spare)) -gt "$ram_max" ]; then
		fail "$board: $((ram + stack + spare - ram_max)) bytes of RAM too many" \
			"($spare must be left)"
	fi
}

printf '%-6s %16s %10s %14s %18s\n' board flash 'static RAM' 'deepest stack' 'RAM in all'
check f405 36864 114688 512
check f100 36864 8192 512
exit $failed
