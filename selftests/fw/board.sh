# SPDX-License-Identifier: GPL-2.0
# A board in QEMU and the world around it. Source it behind lib/ktap.sh:
#
#	board_use f405			which one; all that follows is about it
#	board_sensor			a sensor of four third parties, provisioned
#	world_start 'tp gw2 lies'	what is at the other end of its line
#	board_start speed=10		power
#	world_wait 1 '"session"'	an event
#	board_wait 1 "$SAY_ESTABLISHED"	a line on the console
#	board_kill; world_stop		the latter is true if nothing was wrong
#
# All files are in $dir, and go with the script.

fw_top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
fw_build=${O:-$fw_top/build}
fw_work=$(mktemp -d)
fw_wait=${FW_WAIT:-120}		# seconds until something is given up; events come long before

# what the console says: sensor-fw/main.c, sensor.c, report.c
SAY_BANNER='dmikey: sensor firmware on '
SAY_SUBSTITUTE='NOT FOR PRODUCTION: '
SAY_START='start: '
SAY_KEYS='keys: '
SAY_DEV='DEV: development keys'
SAY_STORE='store: '
SAY_ENTROPY='entropy: '
SAY_NOTHING='no keys without it, nothing is sent'
SAY_STOPPED='sensor: stopped'
SAY_LATER='sensor: trying again in 60 s'
SAY_ASKING='session: asking '
SAY_ESTABLISHED='session: established'
SAY_STACK='bytes used at most'
SAY_ACKNOWLEDGED=' acknowledged'
SAY_SILENT='not acknowledged; asking for a new session'
SAY_HANGS='network: the serial line does not take anything'
SAY_CRYSTAL='clock: the crystal does not start'
SAY_FAILED='session: this sensor failed'

board_pid='' world_pid='' dir='' fw_readers=''

# ---- the board

# board_use f405|f100
board_use()
{
	board=$1
	dir=$fw_work/$board-$RANDOM
	mkdir "$dir" || exit 1
	case $board in
	f405)	machine=netduinoplus2 keys_at=0x080e0000 log_at=0x0800c000 keys_size=4096 ;;
	f100)	machine=stm32vldiscovery keys_at=0x0801f800 log_at=0x0801f000 keys_size=2048 ;;
	esac
	image=$fw_build/fw/$board/dmikey-qemu.elf
	[ -e "$image" ] || { diag "$image is not built"; exit 1; }
}

# identities of 20 bytes: protocol.md 2 states what a session costs with those
# board_sensor [PROVISION OPTION...]
board_sensor()
{
	local i

	{
		echo 'identity = "nai:sensor12@net.example"'
		echo 'responder {'
		echo '	identity = "uri:dmikey:r1.gw.example"'
		echo '	address = "2001:db8::100"'
		echo '}'
		for i in 1 2 3 4; do
			echo "thirdparty gw$i {"
			echo "	identity = \"uri:dmikey:gw$i.example.a\""
			echo "	address = \"2001:db8::$i\""
			echo "	psk-file = \"gw$i\""
			echo '}'
		done
		echo 'n = 3'
		echo 'k = 2'
		echo 'timestamp = "counter"'
		echo 'address = "2001:db8::7"'
		echo "period = ${period:-1000}"
	} > "$dir/sensor.conf"
	board_provision "$@"
}

# the monitor's answers go to a file; QEMU writes them to a FIFO
board_open_monitor()
{
	[ -p "$dir/monitor.in" ] && return
	mkfifo "$dir/monitor.in" "$dir/monitor.out"
	# for writing too: the reader must not end with the first board
	cat <> "$dir/monitor.out" > "$dir/answers" &
	fw_readers="$fw_readers $!"
}

# board_start [OPTION=VALUE...]: QEMU's options of the firmware (sensor-fw/drv/qemu.c)
board_start()
{
	local options='' o

	board_open_monitor
	for o in "flash=$dir/log.bin" "$@"; do options=$options,arg=$o; done
	qemu-system-arm -M $machine -nographic -monitor "pipe:$dir/monitor" \
		-chardev "file,id=console,path=$dir/console,append=on" -serial chardev:console \
		-serial "unix:$dir/line" \
		-semihosting-config "enable=on,target=native,arg=dmikey$options" \
		-device "loader,file=$dir/keys.bin,addr=$keys_at,force-raw=on" \
		-kernel "$image" < /dev/null > "$dir/qemu.log" 2>&1 &
	board_pid=$!
}

# a release image has no semihosting: its log is in the flash that QEMU loads
board_start_release()
{
	board_open_monitor
	qemu-system-arm -M $machine -nographic -monitor "pipe:$dir/monitor" \
		-chardev "file,id=console,path=$dir/console,append=on" -serial chardev:console \
		-serial "unix:$dir/line" \
		-device "loader,file=$dir/keys.bin,addr=$keys_at,force-raw=on" \
		-device "loader,file=$dir/log.bin,addr=$log_at,force-raw=on" \
		-kernel "$fw_build/fw/$board/dmikey.elf" < /dev/null > "$dir/qemu.log" 2>&1 &
	board_pid=$!
}

# what the console said of the stack goes where `make size` looks for it
board_note_stack()
{
	grep -aF "$SAY_STACK" "$dir/console" >> "$fw_build/fw/$board/stack" 2> /dev/null
}

# a power cut
board_kill()
{
	board_note_stack
	[ -z "$board_pid" ] || kill -KILL "$board_pid" 2> /dev/null
	[ -z "$board_pid" ] || wait "$board_pid" 2> /dev/null
	board_pid=''
}

# board_count WORDS: lines on the console with them, over all starts
board_count()
{
	grep -cF -- "$1" "$dir/console" 2> /dev/null
}

board_has()
{
	[ "$(board_count "$2")" -ge "$1" ]
}

# board_wait COUNT WORDS
board_wait()
{
	ktap_wait $fw_wait board_has "$1" "$2" && return
	echo "the console does not say '$2' $1 times:"
	tail -n 30 "$dir/console"
	return 1
}

# board_said WORDS: the last line with them
board_said()
{
	grep -F -- "$1" "$dir/console" | tail -n 1 | tr -d '\r'
}

# board_ask COMMAND REGEX: what QEMU's monitor answers, from @REGEX on
board_ask()
{
	local from=$(($(wc -l < "$dir/answers") + 1))

	echo "$1" > "$dir/monitor.in"
	ktap_wait 10 board_answered "$from" "$2"
	tail -n "+$from" "$dir/answers" | grep -oE -- "$2" | tail -n 1
}

board_answered()
{
	tail -n "+$1" "$dir/answers" | grep -qE -- "$2"
}

# whether the processor stands behind a WFI, most of the times one looks
board_sleeps()
{
	local pc asleep=0 i

	for i in $(seq 20); do
		pc=$(board_ask 'info registers' 'R15=[0-9a-f]{8}')
		[ -n "$pc" ] || { echo "QEMU's monitor does not answer"; return 1; }
		[ "$(board_ask "x /1hx 0x${pc#R15=}-2" ': 0x[0-9a-f]{4}')" = ': 0xbf30' ] &&
			asleep=$((asleep + 1))
	done
	echo "asleep $asleep times of 20"
	[ $asleep -ge 15 ]
}

# board_provision [OPTION...]: from sensor.conf an image of the board's flash, as
# dmikey-provision writes it: the log, which the firmware finds there, and the keys,
# which QEMU loads
board_provision()
{
	local provision="$fw_build/tools/dmikey-provision"

	"$provision" -c "$dir/sensor.conf" -b $board -o "$dir" "$@" > "$dir/provision.log" 2>&1 &&
		"$provision" --flash -b $board -o "$dir" --image="$dir/flash.image" \
			>> "$dir/provision.log" 2>&1 ||
		{ diag < "$dir/provision.log"; exit 1; }
	tail -c $keys_size "$dir/flash.image" > "$dir/keys.bin"
	head -c "-$keys_size" "$dir/flash.image" > "$dir/log.bin"
}

# ---- the world

# world_start [COMMAND...]; what was is remembered when it is started again
world_start()
{
	local commands=() c

	for c; do commands+=(-x "$c"); done
	world_mark
	# its memory is of no interest, and looking for leaks may hang at its end
	ASAN_OPTIONS=detect_leaks=0 "$fw_build/selftests/fw/world" -c "$dir/sensor.conf" -l "$dir/line" -f "$dir/fifo" \
		-s "$dir/state" "${commands[@]}" >> "$dir/record" 2>> "$dir/world.log" &
	world_pid=$!
	ktap_wait $fw_wait world_has 1 '"event":"ready"' || { diag < "$dir/world.log"; exit 1; }
}

# world COMMAND
world()
{
	# who has gone reads nothing
	kill -0 "$world_pid" || return
	echo "$1" > "$dir/fifo"
}

# what follows is about events from now on
world_mark()
{
	world_from=$(($(cat "$dir/record" 2> /dev/null | wc -l) + 1))
}

# world_count REGEX: events since the mark
world_count()
{
	tail -n "+$world_from" "$dir/record" | grep -cE -- "$1"
}

world_has()
{
	[ "$(world_count "$2")" -ge "$1" ]
}

# world_wait COUNT REGEX
world_wait()
{
	ktap_wait $fw_wait world_has "$1" "$2" && return
	echo "no event '$2' $1 times; the last ones are"
	tail -n 10 "$dir/record" | cut -c 1-200
	echo "and the console"
	tail -n 10 "$dir/console"
	return 1
}

# true if all was as it must be
world_stop()
{
	local status

	[ -n "$world_pid" ] || return 0
	kill "$world_pid" 2> /dev/null
	wait "$world_pid"
	status=$?
	world_pid=''
	[ $status -eq 0 ] || { echo "the world ends with status $status"; cat "$dir/world.log"; }
	return $status
}

# ---- after all

fw_clean()
{
	board_kill
	world_stop > /dev/null
	[ -z "$fw_readers" ] || kill $fw_readers
	rm -rf "$fw_work"
}

# fw_plan N: as ktap_plan, and nothing is left behind
fw_plan()
{
	ktap_plan "$1"
	trap 'fw_status=$?; fw_clean; ktap_exit $fw_status' EXIT
}
