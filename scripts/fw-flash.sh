#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Write a release image to a chip through an ST-LINK, verify it, and start it:
#
#	fw-flash.sh f405|f100 IMAGE.elf
#
# The key sector and the log are left as they are. OPENOCD_INTERFACE names
# another adapter's file (interface/stlink.cfg).
set -eu

die() { echo "fw-flash.sh: $*" >&2; exit 1; }

case ${1-} in
f405)	target=target/stm32f4x.cfg ;;
f100)	target=target/stm32f1x.cfg ;;
*)	die "which board: make flash BOARD=f405 or BOARD=f100" ;;
esac
image=${2:?fw-flash.sh: which image?}
[ -s "$image" ] || die "$image is not there: make firmware"
command -v openocd >/dev/null || die "openocd is missing: apt-get install openocd"
exec openocd -f "${OPENOCD_INTERFACE:-interface/stlink.cfg}" -f "$target" \
	-c "program {$image} verify reset exit"
