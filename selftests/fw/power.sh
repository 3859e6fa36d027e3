#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# 200 power cuts at random instants, for each board: no T, nonce, sequence number or
# random number comes again (the world sees to it), and it works to the end.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/board.sh"

cuts=${CUTS:-200}

# the log's first sector is nearly full, so that the second one is erased and begun
# under power cuts; an F100's is full every few starts anyway
fill_log()
{
	[ "$board" = f405 ] || return 0
	python3 - "$dir/log.bin" <<-'EOP'
	import struct, sys, zlib
	log = bytearray(open(sys.argv[1], 'rb').read())
	sector = len(log) // 2
	at, n = 0, 1
	while at + 20 <= sector - 40 * 20:
	    record = b'L' + bytes([1, 1, 8]) + struct.pack('>IQ', n, 16 * n)
	    log[at:at + 20] = record + struct.pack('>I', zlib.crc32(record))
	    at, n = at + 20, n + 1
	open(sys.argv[1], 'wb').write(log)
	EOP
}

# all of one board; its words go to a file
cut_all()
{
	fw_readers=''
	trap 'board_kill; world_stop > /dev/null; kill $fw_readers 2> /dev/null' EXIT
	board_use "$board"
	period=100 board_sensor
	fill_log
	world_start
	for i in $(seq "$cuts"); do
		board_start
		# from before main() to some readings, each second one early
		sleep "$((RANDOM % 2 * (i % 2))).$((RANDOM % 800 + 100))"
		board_kill
	done
	sessions=$(world_count '"event":"session"')
	world_mark
	board_start
	established=$(world_wait 3 '"event":"reading"' && echo yes)
	board_kill
	echo "cuts=$cuts sessions=$sessions established=${established##*$'\n'}" \
		"attempts=$(grep -c '"x":1,' "$dir/record") starts=$(board_count "$SAY_BANNER")"
	world_stop && echo "nothing wrong"
}

report()
{
	local out=$fw_work/$board.out

	diag < "$out"
	ktap_run "$board: it works after $cuts power cuts" grep -q 'established=yes' "$out"
	ktap_run "$board: nothing came again" grep -q 'nothing wrong' "$out"
	sessions=$(sed -n 's/.*sessions=\([0-9]*\).*/\1/p' "$out")
	ktap_run "$board: sessions in between" [ "${sessions:-0}" -ge $((cuts / 10)) ]
}

fw_plan 6
for board in f405 f100; do
	cut_all > "$fw_work/$board.out" 2>&1 &
	fw_readers="$fw_readers $!"
done
wait
fw_readers=''
for board in f405 f100; do report; done
ktap_end
