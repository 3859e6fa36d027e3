#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The firmware in QEMU, with a bad line and somebody who means ill at its end.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/board.sh"

reported='"event":"reading".*"repeated":false'

begin()
{
	board_use "$board"
	period=300 board_sensor
	world_start "$@"
}

# end NAME [STARTS]: as many as there were on purpose
end()
{
	ktap_equal "$board: $1: no start too many" "$(board_count "$SAY_BANNER")" "${2:-1}"
	board_kill
	ktap_run "$board: $1: nothing that must not be" world_stop
}

# noisy NAME COMMAND...
noisy()
{
	local name=$1
	shift

	begin 'seed 1' "$@"
	board_start speed=5
	ktap_run "$board: $name: a session" world_wait 1 '"event":"session"'
	ktap_run "$board: $name: readings" world_wait 10 "$reported"
	end "$name"
}

# as much as 4 seconds at 115200 baud, before the first frame and between others
junk()
{
	local kind=$1

	begin "junk $kind 40000"
	board_start
	ktap_run "$board: junk ($kind): a session" world_wait 1 '"event":"session"'
	ktap_run "$board: junk ($kind): it is over" world_wait 1 '"event":"junk-ends"'
	world_mark
	world "junk $kind 20000"
	world_wait 1 '"event":"junk-ends"' > /dev/null
	world_mark
	ktap_run "$board: junk ($kind): readings" world_wait 3 "$reported"
	end "junk ($kind)"
}

# a line that is full loses bytes, and with them a ping
ponged()
{
	world_has 1 '"event":"pong"' || { world 'ping 16'; false; }
}

# whole: nothing of it has changed anything
whole()
{
	world_mark
	ktap_wait $fw_wait ponged || { echo "no answer to pings"; return 1; }
	world_wait 2 "$reported" || return
	[ "$(world_count '"event":"(session|i_tp)"')" -eq 0 ] || { echo "a new session"; return 1; }
}

attacks()
{
	begin
	board_start
	world_wait 2 "$reported" > /dev/null
	for a in vectors replay 'esp replay' 'esp flip' 'esp old' 'esp clear'; do
		world "$a"
		ktap_run "$board: $a: nothing changes" whole
	done
	# while a session is being established: the vectors with its CSB ID and T
	board_kill
	world_mark
	world 'r lose 2'
	board_start
	world_wait 1 '"event":"r_i-lost"' > /dev/null
	world 'vectors'
	ktap_run "$board: vectors for a session under way: it comes up" world_wait 1 '"event":"session"'
	board_kill
	world_mark
	world 'r mutates 1'
	board_start
	ktap_run "$board: R_I changed in every byte: the right one counts" world_wait 1 '"event":"session"'
	world 'r mutates 0'
	ktap_run "$board: and readings go on" whole
	end 'attacks' 3
}

fw_plan 104
for board in f405 f100; do
	noisy 'bytes lost' 'noise in 2000 0 0' 'noise out 2000 0 0'
	noisy 'bytes doubled' 'noise in 0 2000 0' 'noise out 0 2000 0'
	noisy 'bytes changed' 'noise in 0 0 2000' 'noise out 0 0 2000'
	noisy 'all of it' 'noise in 3000 3000 3000' 'noise out 3000 3000 3000'
	for kind in random end esc no-end huge; do junk $kind; done
	attacks
done
ktap_end
