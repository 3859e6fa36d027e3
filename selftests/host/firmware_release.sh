#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A release image of the firmware holds nothing that stands in for the chip: no call
# to the host, no option or entropy of the host's, no development key. The image for QEMU
# has all of that, which shows that these checks would find it. The linker
# refuses to make a release image from objects that are for QEMU.
cd "$(dirname "$0")/../.." || exit 1
. selftests/lib/ktap.sh

export O=$(realpath -m "${O:-build}")
cross=${CROSS_COMPILE:-arm-none-eabi-}
make=${MAKE:-make}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

command -v "${cross}gcc" > /dev/null || ktap_skip_all "no ${cross}gcc here"

in_image() { grep -qaE "$1" "$2"; }
has_symbol() { "${cross}nm" "$2" | grep -qE "$1"; }
calls_host() { "${cross}objdump" -d "$1" | grep -qiE 'bkpt[[:space:]]+0x00ab'; }
not() { ! "$@"; }

checksum()
{
	python3 -c '
import sys, zlib
data = open(sys.argv[1], "rb").read()
crc = zlib.crc32(data[:-4]).to_bytes(4, "little")
sys.exit(len(data) < 1024 or data[-4:] != crc)' "$1"
}

# The command that links BOARD's VARIANT, as make would run it.
link_command()
{
	"$make" --no-print-directory -n -W "$2.ld" -C sensor-fw O="$O" \
			"$O/fw/$1/$2/dmikey.elf" |
		sed -e ':a;/\\$/{N;s/\\\n//;ba}' | grep -e "-T $2.ld" |
		sed "s#-o [^ ]*#-o $tmp/$1.elf#; s#-Map,[^ ]*#-Map,$tmp/$1.map#"
}

link_qemu() { (cd sensor-fw && eval "$(link_command "$1" qemu)"); }

# Its objects, but the linker's rules for a release.
link_as_release()
{
	local command

	command=$(link_command "$1" qemu)
	[ -n "$command" ] || { echo "make does not say how it links"; return 1; }
	(cd sensor-fw && eval "${command/-T qemu.ld/-T release.ld}") 2> "$tmp/err"
	local status=$?

	cat "$tmp/err" >&2
	[ $status -ne 0 ] && grep -q "a release image must not" "$tmp/err"
}

ktap_plan 25
trap 'rm -rf "$tmp"; ktap_exit $?' EXIT
ktap_run "the firmware builds" "$make" --no-print-directory firmware O="$O"
for board in f405 f100; do
	release=$O/fw/$board/dmikey qemu=$O/fw/$board/dmikey-qemu
	ktap_run "$board: the image for QEMU calls the host" calls_host "$qemu.elf"
	ktap_run "$board: there is a release" [ -s "$release.elf" ]
	ktap_run "$board: no call to the host in the release" not calls_host "$release.elf"
	ktap_run "$board: the image for QEMU names its substitutes" \
		in_image 'QEMU' "$qemu.bin"
	ktap_run "$board: the release names none" \
		not in_image 'QEMU|/dev/urandom|semihost|entropy=|not a secret' "$release.bin"
	ktap_run "$board: symbols of the substitutes in the image for QEMU" \
		has_symbol 'semihost_|qemu_' "$qemu.elf"
	ktap_run "$board: none in the release" not has_symbol 'semihost_|qemu_' "$release.elf"
	ktap_run "$board: objects for QEMU link to an image for QEMU" link_qemu "$board"
	ktap_run "$board: and are refused for a release" link_as_release "$board"
	ktap_run "$board: checksum of the release" checksum "$release.bin"
	ktap_run "$board: checksum of the image for QEMU" checksum "$qemu.bin"
	cp "$release.bin" "$tmp/spoilt.bin"
	printf '\125' | dd of="$tmp/spoilt.bin" bs=1 seek=100 conv=notrunc status=none
	ktap_run_fails "$board: a spoilt image has another checksum" checksum "$tmp/spoilt.bin"
done
ktap_end
