#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The firmware forgets: a board's RAM is dumped from outside, by QEMU's monitor, and
# searched (net/seek.c) for eight bytes in a row of what its session rests on. PSKs
# are in flash, where they belong. What is in use has to be found by the same search.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/board.sh"

seek=$fw_build/selftests/fw/seek
IN_USE="ESP-key K_update"
FLEETING="coefficient share TGK encr_key auth_key auth_key-5 K_commit"

# secrets_known TAG: the newest session's, in the file TAG
secrets_known()
{
	world_mark
	world secrets
	world_wait 1 '"label":"ESP-key"' || return
	tail -n "+$world_from" "$dir/record" |
		sed -n 's/.*"event":"secret".*"label":"\([^"]*\)","hex":"\([^"]*\)".*/\1 \2/p' \
		> "$dir/$1"
	for psk in "$dir"/gw?; do echo "PSK $(cat "$psk")" >> "$dir/$1"; done
}

# look TAG: sets PLACES to where the secrets TAG are in RAM now
look()
{
	local size=0x20000

	[ "$board" = f405 ] || size=0x2000
	rm -f "$dir/ram"
	echo "pmemsave 0x20000000 $size \"$dir/ram\"" > "$dir/monitor.in"
	# the monitor does one thing after the other
	board_ask 'info status' 'VM status.*' > /dev/null
	PLACES=$("$seek" "$dir/$1" "$dir/ram")
	diag "$board, $1: ${PLACES##*$'\n'}"
}

in_ram() { grep -c "^$1 " <<< "$PLACES"; }
found() { for l; do [ "$(in_ram "$l")" -gt 0 ] || { echo "no $l"; return 1; }; done; }
gone()
{
	grep -q ' places, [1-9]' <<< "$PLACES" || return
	for l; do
		[ "$(in_ram "$l")" -eq 0 ] || { grep "^$l " <<< "$PLACES"; return 1; }
	done
}

# shellcheck disable=SC2086
forgets()
{
	board_use "$1"
	board_sensor
	world_start
	board_start speed=20
	ktap_run "$board: readings" world_wait 3 '"event":"reading".*"repeated":false'
	ktap_run "$board: the world tells what the session rests on" secrets_known first
	look first
	ktap_run "$board: what is in use is in RAM" found $IN_USE
	ktap_run "$board: what the session was made with is not" gone $FLEETING
	ktap_run "$board: PSKs stay in flash" gone PSK
	world_mark
	world 'r reboots'
	ktap_run "$board: another session" world_wait 1 '"event":"session"'
	ktap_run "$board: readings in it" world_wait 3 '"event":"reading".*"repeated":false'
	look first
	ktap_run "$board: nothing is left of the first one" gone $FLEETING $IN_USE
	secrets_known second
	look second
	ktap_run "$board: what is in use of the second one is there" found $IN_USE
	board_kill
	world_stop > /dev/null
}

fw_plan 18
for b in f405 f100; do forgets $b; done
ktap_end
