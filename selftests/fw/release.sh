#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The release image in QEMU, which lacks half of the chip: no crystal, no TRNG, no flash
# that can be written. It says so, and sends nothing.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/board.sh"

fw_plan 14
for board in f405 f100; do
	board_use $board
	board_sensor
	world_start
	board_start_release
	why='entropy: TRNG, the TRNG '
	[ $board = f405 ] || why='store: flash fails'
	ktap_run "$board: it starts" board_wait 1 "$SAY_BANNER"
	ktap_run "$board: it says that the crystal does not start" board_wait 1 "$SAY_CRYSTAL"
	ktap_run "$board: it knows its keys" board_wait 1 'keys: sensor12@net.example'
	ktap_run "$board: it says why it cannot work" board_wait 1 "$why"
	ktap_run "$board: it sleeps" board_sleeps
	ktap_equal "$board: nothing of QEMU's, one start, nothing sent" \
		"$(board_count "$SAY_SUBSTITUTE") $(board_count "$SAY_BANNER") $(world_count '"event":"talks"')" '0 1 0'
	board_kill
	ktap_run "$board: nothing that must not be" world_stop
done
ktap_end
