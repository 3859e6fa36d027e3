#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The firmware in QEMU: sessions and readings, with third parties and a responder
# that fail in every way.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/board.sh"

speed=20		# what fails takes its time
gw1_absent='third party gw1: no answer'
reported='"event":"reading".*"repeated":false'

# end NAME: the case is over; nothing was wrong, all the time
end()
{
	board_kill
	ktap_run "$board: $1: nothing that must not be" world_stop
}

# a board with n of m, and what the world shall be like
begin()
{
	board_use "$board"
	board_sensor
	world_start "$@"
	board_start "speed=$speed"
}

# protocol.md 2: n = 3, identities of 20 bytes, AES-CCM
cheap()
{
	local bytes

	bytes=$(grep -o '"event":"session".*' "$dir/record" | sed 's/.*"bytes":\([0-9]*\).*/\1/;q')
	diag "$board: $bytes bytes of IPv6 for an establishment"
	[ "${bytes:-9999}" -le 1000 ]
}

good()
{
	local speed=1	# a repetition would cost bytes

	begin
	ktap_run "$board: a session" world_wait 1 '"event":"session".*"shares":3'
	ktap_run "$board: readings" world_wait 5 "$reported"
	ktap_run "$board: the console says so" board_wait 3 "$SAY_ACKNOWLEDGED"
	ktap_run "$board: the deepest stack is told" board_wait 1 "$SAY_STACK"
	ktap_run "$board: not more than 1000 bytes" cheap
	world_mark
	world 'ping 64'
	ktap_run "$board: a ping is answered" world_wait 1 '"event":"pong"'
	ktap_run "$board: the processor sleeps" board_sleeps
	board_kill
	world_mark
	board_start
	ktap_run "$board: again after a restart" world_wait 2 "$reported"
	end 'a session'
}

# all third parties but gw4 are told; gw4 takes the place of who fails
parties()
{
	begin 'tp gw1 dead'
	ktap_run "$board: a third party dead" world_wait 1 "$reported"
	# a session lacks it three times, then its standing falls; who is asked is drawn
	for i in $(seq 20); do
		world_mark
		world 'r reboots'
		world_wait 1 '"event":"session"' > /dev/null
		board_has 3 "$gw1_absent" && others > /dev/null && break
	done
	ktap_run "$board: it is named" board_has 3 "$gw1_absent"
	ktap_run "$board: the others are tried" others
	world 'tp gw1 alive'
	world 'tp gw2 lies'
	world_mark
	world 'r reboots'
	ktap_run "$board: a liar" world_wait 1 '"party":"gw2","wrong":true'
	ktap_run "$board: it is named" board_wait 1 'third party gw2: wrong share'
	ktap_run "$board: readings all the same" world_wait 1 "$reported"
	world_mark
	world 'r reboots'
	ktap_run "$board: a session without the liar" world_wait 1 '"event":"session"'
	ktap_run "$board: the one that is back takes part" back
	end 'third parties'
}

# the newest session was asked of all but gw1
others()
{
	board_said "$SAY_ASKING"
	board_said "$SAY_ASKING" | grep -q 'gw2, gw3, gw4'
}

back()
{
	board_said "$SAY_ASKING"
	board_said "$SAY_ASKING" | grep -q 'gw1, gw3, gw4'
}

# third parties that answer with something else than silence
answers()
{
	begin 'tp gw1 overloaded' 'tp gw2 overloaded' 'tp gw3 overloaded' 'tp gw4 overloaded'
	ktap_run "$board: cookies" world_wait 1 '"event":"session"'
	ktap_run "$board: they were asked for" world_wait 3 '"event":"cookie"'
	world 'tp gw1 refuses 243'
	world 'tp gw2 refuses 243'
	world 'tp gw3 refuses 243'
	world_mark
	world 'r reboots'
	ktap_run "$board: two of three refuse" board_wait 1 'too few third parties are left, not authorized (243)'
	for i in 1 2 3 4; do world "tp gw$i alive"; done
	ktap_run "$board: they are good again" world_wait 1 "$reported"
	end 'answers of third parties'

	begin 'tp gw1 wrong-psk' 'tp gw2 wrong-psk' 'tp gw3 wrong-psk' 'tp gw4 wrong-psk'
	ktap_run "$board: a wrong PSK everywhere" board_wait 1 'session: no answer from'
	ktap_equal "$board: no session came of it" "$(world_count '"event":"session"')" 0
	ktap_equal "$board: one start" "$(board_count "$SAY_BANNER")" 1
	end 'a wrong PSK'
}

responder()
{
	begin 'r lose 3' 'r copies 1'
	ktap_run "$board: R_I lost three times" world_wait 1 '"event":"session"'
	ktap_run "$board: readings" world_wait 2 "$reported"
	world_mark
	world 'r reboots'
	ktap_run "$board: readings that nobody acknowledges" board_wait 1 "$SAY_SILENT"
	ktap_run "$board: a new session by itself" world_wait 1 '"event":"session"'
	ktap_run "$board: readings go on" world_wait 1 "$reported"
	world 'r refuses 243'
	world_mark
	world 'r reboots'
	ktap_run "$board: R refuses" board_wait 1 'the responder refuses, not authorized (243)'
	world 'r accepts'
	ktap_run "$board: R accepts again" world_wait 1 '"event":"session"'
	world 'coap 4.04'
	ktap_run "$board: the server refuses" board_wait 1 'the server refuses, 4.04'
	ktap_equal "$board: one start" "$(board_count "$SAY_BANNER")" 1
	end 'a responder'
}

fw_plan 74
for board in f405 f100; do
	good
	parties
	answers
	responder
done
ktap_end
