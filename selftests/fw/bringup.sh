#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The drivers of the firmware on both boards in QEMU, by bringup.c.
cd "$(dirname "$0")" || exit 1
. ../lib/ktap.sh

tmp=$(mktemp -d)
console=$tmp/console
sock=$tmp/sock
qemu=

declare -A machine=([f405]=netduinoplus2 [f100]=stm32vldiscovery)
declare -A name=([f405]=STM32F405 [f100]=STM32F100)
declare -A keys=([f405]=0x080e0000 [f100]=0x0801f800)
declare -A log_size=([f405]=16384 [f100]=1024)
declare -A ring=([f405]=2048 [f100]=512)

ktap_plan 103

# boot BOARD [OPTION=VALUE...]: QEMU in the background
boot()
{
	local arg=arg=dmikey o
	board=$1
	shift

	for o; do
		arg=$arg,arg=$o
	done
	rm -f "$sock" "$console"
	# ends with this script, whatever becomes of it
	setpriv --pdeathsig KILL qemu-system-arm -M "${machine[$board]}" -display none -monitor none \
		-kernel "$tmp/$board-${image:-qemu}.elf" \
		-device "loader,file=$tmp/keys.bin,addr=${keys[$board]},force-raw=on" \
		-serial "file:$console" -serial "unix:$sock,server=on,wait=off" \
		-semihosting-config "enable=on,target=native,$arg" \
		< /dev/null 2> "$tmp/stderr" &
	qemu=$!
}

# stop: as a power cut does
stop()
{
	kill -9 "$qemu" 2> /dev/null
	wait "$qemu" 2> /dev/null
}
trap 'stop; rm -rf "$tmp"' INT TERM

said()
{
	grep -qE -- "$1" "$console"
}

# says PATTERN [SECONDS]: a line of the console, sooner or later
says()
{
	ktap_wait "${2:-30}" said "$1" && return
	echo "not said: $1"
	cat "$console"
	return 1
}

# expect NAME PATTERN [OPTION=VALUE...]: boot with the options; says that
expect()
{
	local test=$1 pattern=$2
	shift 2

	boot "$board" "$@"
	ktap_run "$board: $test" says "$pattern"
	stop
}

# erase FILE: both sectors
erase()
{
	head -c $((2 * log_size[$board])) /dev/zero | tr '\0' '\377' > "$1"
}

# word_of_log OFFSET: a word of log B in the file, as the board says it
word_of_log()
{
	od -An -tx4 -N4 -j $((log_size[$board] + $1)) "$tmp/log" | tr -d ' '
}

test_start()
{
	boot "$board"
	ktap_run "$board: says what it is" says "^board ${name[$board]}$"
	ktap_run "$board: starts because of the power" says "^cause power on$"
	ktap_run "$board: no bad start" says "^bad starts 0$"
	ktap_run "$board: says that clocks are substituted" says "^QEMU: SysTick counts"
	ktap_run "$board: says that the watchdog is" says "^QEMU: SysTick stands in"
	ktap_run "$board: says that there is no file for the log" \
		says "^QEMU: no file for the log"
	ktap_run "$board: the MPU is on" says "^mpu on$"
	ktap_run "$board: keys are read where they lie" says "^keys .* first 64636261$"
	ktap_run "$board: without a file the log is erased, and cannot be written" \
		says "^flash status 2 first ffffffff last ffffffff "
	ktap_run "$board: the stack is measured" stack_grows
	stop
}

stack_grows()
{
	says "^stack" && awk '/^stack/ { exit !($2 >= 2048 && $4 > 100 && $4 < $6 &&
		$6 > 1024 && $6 < $2) }' "$console"
}

# the clock's milliseconds against the host's: never early, by 10 % at most
clock_runs()
{
	local from to

	says "^ms 5[0-9][0-9] " && from=$(date +%s%N) &&
		says "^ms ${1}5[0-9][0-9] " && to=$(date +%s%N) || return 1
	echo "$(((to - from) / 1000000)) ms"
	[ $(((to - from) / 1000000)) -ge "$2" ]
}

test_clock()
{
	boot "$board"
	ktap_run "$board: the clock runs, and not too fast" clock_runs 2 1700
	stop
	expect "speed= hurries the clock" "^ms 60[0-9]{3} " speed=50
	expect "speed= is announced" "^QEMU: time runs faster" speed=50
}

none_lost()
{
	sleep 1
	said "^ms .* lost 0$" && ! said "lost [1-9]"
}

test_line()
{
	boot "$board"
	says "^ms 500" > /dev/null
	ktap_run "$board: 50000 bytes come back" ./bringup_line.py echo "$sock" 50000
	ktap_run "$board: and none was lost" none_lost
	stop
	boot "$board" do=deaf
	says "^flash status" > /dev/null
	./bringup_line.py flood "$sock" 50000 &
	ktap_run "$board: bytes that the ring cannot hold are counted" \
		says "^lost $((50000 - ring[$board]))$"
	stop
	boot "$board" uart=hang
	says "^ms 500" > /dev/null
	./bringup_line.py flood "$sock" 5 &
	ktap_run "$board: a transmitter that hangs is given up" says "^send timeout"
	ktap_run "$board: and life goes on" says "^ms 2000"
	stop
}

PC="pc 0800[0-9a-f]{4} lr [0-9a-f]{8}"

test_faults()
{
	expect "a stack overflow is named" \
		"^fault stack overflow .* cfsr 00000092 .* address 1fffff" fault=stack at=100
	expect "without an MPU too" "^fault stack overflow .* address 1fffff" \
		fault=stack at=100 do=no-mpu
	expect "a memory fault" "^fault memory fault $PC .* address 00100000" \
		fault=memory at=100
	expect "a bus fault" "^fault bus fault $PC .* address 5ffffff0" fault=bus at=100
	expect "a usage fault" "^fault usage fault $PC cfsr 00010000 " fault=usage at=100
	expect "a fault with the stack nearly full" "^fault usage fault $PC cfsr 00010000 " \
		do=deep
	expect "a fault with interrupts off is a hard fault" \
		"^fault hard fault $PC cfsr 00010000 hfsr 40000000 " do=hard
	expect "a division by zero" "^fault usage fault $PC cfsr 02000000 " do=divide
	expect "a load of several words that is not aligned" "^fault usage fault $PC cfsr 01000000 " \
		do=unaligned
	expect "RAM is not executed" "^fault memory fault pc 2000[0-9a-f]{4} .* cfsr 00000001 " \
		do=ram
	expect "the key sector is not written" \
		"^fault memory fault $PC .* address ${keys[$board]#0x}" do=keys
	expect "the code is not written" "^fault memory fault $PC .* address 08000100" do=code
}

test_causes()
{
	expect "a fault is provoked once" "^ms 2000" fault=usage at=100
	boot "$board" fault=usage at=100 fault-again=1
	ktap_run "$board: bad starts are counted" says "^bad starts 3$"
	stop
	boot "$board" fault=usage at=100 fault-again=1 do=well
	says "^bad starts 1$" > /dev/null
	# three starts later
	ktap_wait 20 eval "[ \$(grep -c '^bad starts 1$' '$console') -ge 3 ]"
	ktap_run "$board: and forgotten when all is well" \
		[ "$(grep '^bad starts' "$console" | sort -u | tr '\n' ' ')" = \
		  "bad starts 0 bad starts 1 " ]
	stop
	boot "$board" fault=hang at=100 speed=10
	ktap_run "$board: a loop that hangs is started again, with its cause" \
		says "^cause watchdog$"
	ktap_run "$board: and counts as a bad start" says "^bad starts 1$"
	stop
	expect "a loop that feeds is left alone for 30 s" "^ms 30[0-9]{3} " speed=20
	ktap_run "$board: and did not start again" [ "$(grep -c ^cause "$console")" -eq 1 ]
	expect "a restart of its own says so" "^cause restart$" do=restart
}

# first and last word of log B, after the power went at a random instant
cut_power()
{
	boot "$board" "flash=$tmp/log" do=flash-again
	says "^flash first" > /dev/null
	sleep "0.0$((RANDOM % 90 + 10))"
	stop
	echo "$(word_of_log 0) $(word_of_log $((log_size[$board] - 4)))"
}

# an erasure that was cut leaves what no other instant does
finds_half_erased()
{
	for ((i = 0; i < 60; i++)); do
		[ "$(cut_power)" != "ffffffff 12345678" ] || return 0
	done
	return 1
}

test_flash()
{
	erase "$tmp/log"
	boot "$board" "flash=$tmp/log"
	ktap_run "$board: the log is programmed once, zeroed, and only inside" \
		says "^flash status 0 .* last 12345678 twice 2 zero 0 is 00000000 outside 2"
	ktap_run "$board: the file of the log is announced" says "^QEMU: the log is a file"
	stop
	ktap_equal "$board: it is in the file" "$(word_of_log 0)" 12345678
	expect "it is there after the power was cut" "^flash first 12345678 last 12345678$" \
		"flash=$tmp/log"
	ktap_run "$board: an erasure can be cut in the middle" finds_half_erased
	expect "and is found so" "^flash first ffffffff last 12345678$" "flash=$tmp/log"
	expect "flash-fail= fails" "^flash status 2 " "flash=$tmp/log" flash-fail=1
}

# refuses: QEMU ends of itself, with status 2
refuses()
{
	ktap_wait 20 eval "! kill -0 $qemu" || stop
	wait "$qemu"
	[ $? -eq 2 ]
}

test_options()
{
	boot "$board" speeed=2
	ktap_run "$board: an unknown option is refused" refuses
	boot "$board" speed=x
	ktap_run "$board: a number that is none is refused" refuses
}

random_word()
{
	boot "$board"
	says "^QEMU ENTROPY.* word" > /dev/null
	sed -n 's/^QEMU ENTROPY.* status 0 word \([0-9a-f]*\) different$/\1/p' "$console"
	stop
}

test_entropy()
{
	local a b

	a=$(random_word) b=$(random_word)
	ktap_run "f405: the host's entropy differs at each start" \
		[ -n "$a" -a -n "$b" -a "$a" != "$b" ]
	printf 'xxxxabcdefgh' > "$tmp/entropy"
	expect "entropy=PATH, but for the first word" "^QEMU .* status 0 word 64636261 diff" \
		"entropy=$tmp/entropy"
	expect "entropy=fail" "^QEMU ENTROPY.* start 2 status 2 " entropy=fail
	expect "entropy=stuck" "^QEMU ENTROPY.* status 0 word [0-9a-f]* same$" entropy=stuck
}

# as for the chip, where nothing of it answers: all waits end
test_release()
{
	image=release
	boot "$board"
	ktap_run "$board: what is made for the chip gives up what does not answer" \
		says "^flash status 2 "
	ktap_run "$board: and has nothing of QEMU's" \
		[ -z "$(grep QEMU "$console")" -a -n "$(grep '^watchdog 8 s' "$console")" ]
	stop
	image=
}

ktap_run "bringup builds" make -s -f bringup.mk "O=$tmp"
printf 'abcd' > "$tmp/keys.bin"
for board in f405 f100; do
	test_start
	test_clock
	test_line
	test_faults
	test_causes
	test_flash
	test_options
	[ "$board" = f100 ] || test_entropy
	test_release
done
rm -rf "$tmp"
ktap_end
