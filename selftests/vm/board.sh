#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A sensor's board beside the VM: QEMU's, with the firmware's image. It obeys
# what selftests/lib/board.sh says on the VM's port "board":
#
#	what			answers with the board's name
#	flash BASE64		the flash's contents, gzipped; kept over `off`
#	dump			the reverse; nothing if there is none
#	on [KEY=VALUE...]	power, with options of the QEMU image
#	off			a power cut
#	enrol, wire, look	of memory.sh
#
# One line each; the answer is "ok", with words, or what went wrong.
#
#	board.sh f405|f100 RUN_DIR IMAGE
#
# RUN_DIR holds the VM's sockets: `board`, `line` (its second serial line),
# `console` (its port "sensor") and `monitor`, and gets flash.bin, sensor.log and
# board.log.
# Without the VM there is no power.
set -u
umask 077

board=$1 image=$3
top=$(cd "$(dirname "$0")/../.." && pwd)
cd "$2" || exit 1

case $board in
f405)	machine=netduinoplus2 keys_at=0x080e0000 keys_size=4096 ram_size=0x20000 ;;
f100)	machine=stm32vldiscovery keys_at=0x0801f800 keys_size=2048 ram_size=0x2000 ;;
*)	echo "board.sh: no board $board" >&2; exit 2 ;;
esac

. "$top/selftests/vm/memory.sh"
qemu=

off()
{
	[ -n "$qemu" ] || return 0
	kill -KILL "$qemu"
	wait "$qemu"
	qemu=
} 2> /dev/null

# QEMU's flash is read-only, so the firmware's log is the file's beginning; the
# key sector, its end, is only read
flash()
{
	base64 -d <<< "$1" | gzip -d > flash.bin && tail -c $keys_size flash.bin > keys.bin
}

dump() { [ ! -e flash.bin ] || gzip -9 -c flash.bin | base64 -w 0; }
what() { echo "$board"; }

# on OPTION...: returns when the machine runs
on()
{
	local options=arg=dmikey,arg=flash=flash.bin o

	off
	for o; do options=$options,arg=$o; done
	rm -f board.pid board-monitor
	# dies with this script, however that ends
	setpriv --pdeathsig KILL qemu-system-arm -M "$machine" -nodefaults -display none \
		-kernel "$image" -pidfile board.pid \
		-device loader,file=keys.bin,addr=$keys_at,force-raw=on \
		-semihosting-config "enable=on,target=native,$options" \
		-chardev socket,id=console,path=console,logfile=sensor.log,logappend=on \
		-serial chardev:console \
		-chardev socket,id=line,path=line -serial chardev:line \
		-monitor unix:board-monitor,server=on,wait=off \
		< /dev/null >> board.log 2>&1 &
	qemu=$!
	for _ in $(seq 100); do
		[ ! -s board.pid ] || return 0
		kill -0 "$qemu" 2> /dev/null || break
		sleep 0.1
	done
	off
	return 1
}

obey()
{
	local verb words answer

	while read -r verb words; do
		# shellcheck disable=SC2086
		case $verb in
		what|flash|dump|enrol|wire|look)
			answer=$("$verb" $words) && echo "ok $answer" || echo "$verb failed" ;;
		on|off)
			if "$verb" $words; then
				echo ok
			else
				echo "$verb: $(tail -n 1 board.log)"
			fi ;;
		*)	echo "no command $verb" ;;
		esac
	done
}

trap off EXIT
trap 'exit 1' INT TERM HUP
coproc vm { exec socat UNIX-CONNECT:board,retry=100,interval=0.1 STDIO; }
obey <&"${vm[0]}" >&"${vm[1]}" 2>> board.log
