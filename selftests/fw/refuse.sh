#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The firmware in QEMU, not fit to work: it says why, sends nothing, sleeps, and does
# not start again and again.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/board.sh"

# begin [PROVISION OPTION...]
begin()
{
	board_use "$board"
	board_sensor "$@"
	world_start
}

# end NAME WORDS: what the console has to say
end()
{
	ktap_run "$board: $1: it says why" board_wait 1 "$2"
	ktap_run "$board: $1: it sleeps, in its first start" quiet
	board_kill
	world_stop > /dev/null
}

quiet()
{
	board_sleeps || return
	[ "$(board_count "$SAY_BANNER")" -eq 1 ] || { echo "it started again"; return 1; }
	[ "$(world_count '"event":"talks"')" -eq 0 ] || { echo "it sends"; return 1; }
}

# spoil FILE OFFSET: one byte becomes another
spoil()
{
	printf '\132' | dd of="$dir/$1" bs=1 seek="$2" conv=notrunc status=none
}

# board_lasts WORDS: the console says so in the end; as long as readings get through it
# is given more time
board_lasts()
{
	local before=-1 now=0

	while [ "$now" -gt "$before" ]; do
		ktap_wait 60 board_has 1 "$1" && return
		before=$now now=$(board_count "$SAY_ACKNOWLEDGED")
	done
	board_wait 1 "$1"
}

# 1088 bytes are the start's; the next are drawn a thousand readings later. A crowded
# machine answers late: the clock must not run so fast that the sensor gives up.
trng_ends()
{
	period=100 begin
	head -c 1100 /dev/urandom > "$dir/trng"
	board_start entropy="$dir/trng" speed=5
	ktap_run "f405: a TRNG that fails in operation: readings before" \
		world_wait 1 '"event":"reading"'
	ktap_run "f405: a TRNG that fails in operation: it says so" board_lasts "$SAY_NOTHING"
	head -c 100000 /dev/urandom >> "$dir/trng"
	ktap_run "f405: a TRNG that works again" board_wait 2 'PRODUCTION, tested'
	world_mark
	ktap_run "f405: a TRNG that works again: readings" world_wait 3 '"event":"reading"'
	board_kill
	ktap_run "f405: a TRNG that fails in operation: nothing that must not be" world_stop
}

# erase FILE [FROM]: all ones, from there on
erase()
{
	local size

	size=$(stat -c %s "$dir/$1")
	head -c "${2:-0}" "$dir/$1" > "$dir/part"
	head -c $((size - ${2:-0})) /dev/zero | tr '\0' '\377' >> "$dir/part"
	mv "$dir/part" "$dir/$1"
}

keys()
{
	begin
	spoil keys.bin 100
	board_start
	end 'a damaged key sector' 'keys: key sector is damaged'

	begin
	spoil keys.bin 4
	board_start
	end 'a key sector of another version' 'keys: key sector is of another version'

	begin
	erase keys.bin
	board_start
	end 'an empty key sector' 'keys: no keys: key sector is empty'

	begin --dev
	board_start
	ktap_run "$board: development keys: it says DEV" board_wait 1 "$SAY_DEV"
	ktap_run "$board: development keys: it works" world_wait 1 '"event":"reading"'
	board_kill
	board_start
	ktap_run "$board: development keys: DEV at each start" board_wait 2 "$SAY_DEV"
	board_kill
	ktap_run "$board: development keys: nothing that must not be" world_stop
}

store()
{
	begin
	erase log.bin
	board_start
	end 'an empty log' 'store: log is empty'

	begin
	tr '\377' '\0' < "$dir/log.bin" > "$dir/part"
	spoil part 0
	mv "$dir/part" "$dir/log.bin"
	board_start
	end 'a damaged log' 'store: log is damaged'
}

# fail closed, and try again later; speed: a minute passes
random()
{
	case $board in
	f405)
		begin
		board_start entropy=fail speed=20
		ktap_run "f405: a failing TRNG: tried again" board_wait 2 "$SAY_NOTHING"
		end 'a failing TRNG' 'the TRNG reports an error'

		begin
		board_start entropy=stuck speed=20
		ktap_run "f405: a stuck TRNG: tried again" board_wait 2 "$SAY_NOTHING"
		end 'a stuck TRNG' 'the TRNG is stuck'

		trng_ends
		;;
	f100)
		# the counter's record alone
		begin
		erase log.bin 20
		board_start
		end 'no seed' 'no TRNG and no seed'
		;;
	esac
}

hardware()
{
	local why="$SAY_FAILED"

	begin
	board_start uart=hang speed=20
	end 'a hanging transmitter' "$SAY_HANGS"

	# an F100 has to write its next seed first
	[ "$board" = f405 ] || why='store: flash fails'
	begin
	board_start flash-fail=1 speed=20
	end 'flash that cannot be written' "$why"
}

fw_plan 49
for board in f405 f100; do
	keys
	store
	random
	hardware
done
ktap_end
