#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The firmware in QEMU, with faults of its own: each is captured, named at the next
# start, and the sensor works again.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/board.sh"

# fault OPTION NAME [WORDS]: what the next start says
fault()
{
	board_use "$board"
	board_sensor
	world_start
	board_start "fault=$1" at=3000 speed=4
	ktap_run "$board: $2: named at the next start" board_wait 1 "${3:-start: after a $2 at }"
	world_mark
	ktap_run "$board: $2: it reports again" world_wait 3 '"event":"reading"'
	ktap_equal "$board: $2: started twice" "$(board_count "$SAY_BANNER")" 2
	board_kill
	ktap_run "$board: $2: nothing that must not be" world_stop
}

# a fault before anything has gone well, every time
loop()
{
	board_use "$board"
	board_sensor
	world_start 'tp gw1 dead' 'tp gw2 dead' 'tp gw3 dead' 'tp gw4 dead'
	board_start fault=bus at=6000 fault-again=1 speed=4
	ktap_run "$board: faults again and again: it waits" board_wait 1 'bad starts in a row: 3, waiting'
	board_kill
	ktap_run "$board: faults again and again: nothing that must not be" world_stop
}

fw_plan 44
for board in f405 f100; do
	fault stack 'stack overflow'
	fault bus 'bus fault'
	fault memory 'memory fault'
	fault usage 'usage fault'
	fault hang 'hanging main loop' 'start: watchdog'
	loop
done
ktap_end
