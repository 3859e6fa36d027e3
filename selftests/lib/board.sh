# SPDX-License-Identifier: GPL-2.0
# The firmware as sensor 1: a board beside the VM (vm: board=...) on its second
# serial line, party b1 behind namespace s1, which is its edge router. For bash,
# behind net.sh; sensor 1's PSKs are the board's.
#
#	board_edge			the line, the router, the console
#	board_provision M [LINE..]	identity and keys for sessions with gw1..gwM, more
#					lines for its configuration; the counter goes on
#	board_on [KEY=VALUE..]		power, with options of the QEMU image
#	board_off			a power cut
#	board_says SECONDS REGEX	waits until the console has it, since board_on
#	board_r_up			responder 1 for it, with Debian's CoAP server
#	board_r_lost			responder 1 has lost everything that it knew
#	coap_readings			how many different readings the server has had
#	esp_packets FROM		at responder 1, b1's or its own
#
# The console is in $BOARD_LOG, the server's words in $COAP_LOG.

BOARD_LOG=${TEST_LOGS:-$WORK}/sensor.log
COAP_LOG=${TEST_LOGS:-$WORK}/coap.log
COAP_PORT=5683
BOARD_FROM=1	# line of $BOARD_LOG

# board_port NAME: of run.sh's virtio ports
board_port()
{
	for board__p in /sys/class/virtio-ports/*; do
		[ "$(cat "$board__p/name")" != "$1" ] || echo "/dev/${board__p##*/}"
	done
}

# board WORDS..: to selftests/vm/board.sh; its answer on stdout
board()
{
	local good= answer=

	{ echo "$*" >&5 && read -r -t 300 good answer <&5; } 5<> "$(board_port board)"
	if [ "$good" != ok ]; then
		echo "board $1: ${good:-no answer} $answer"
		return 1
	fi
	[ -z "$answer" ] || echo "$answer"
}

# A port ends for its reader while the other side is off.
board_console()
{
	while :; do
		cat "$(board_port sensor)"
		sleep 0.1
	done | sed -u 's/\r//g' >> "$BOARD_LOG"
}

board_edge()
{
	modprobe tun
	: > "$BOARD_LOG"
	board_console &
	in_ns s1 sysctl -q -w net.ipv6.conf.all.forwarding=1
	ip -n router route add "fd00:$(net_index b1)::/64" via "$(addr6 s1)"
	in_ns s1 dmikey-slip -a "fd00:$(net_index b1)::1/64" /dev/ttyS1 \
		>> "${TEST_LOGS:-$WORK}/slip.log" 2>&1 &
	ktap_wait 10 ip -n s1 addr show dev sensor0
}

board_provision()
{
	local conf kind dir=$WORK/board image=$WORK/board/image

	conf=$(sensor_conf 1 "$1" 2 'timestamp = "counter"' "address = \"$(addr b1)\"" "${@:2}")
	kind=$(board what) || return
	mkdir -p -m 700 "$dir"
	rm -f "$image"
	board dump | base64 -d | gzip -d > "$image.now" 2> /dev/null && mv "$image.now" "$image"
	dmikey-provision -b "$kind" -c "$conf" -o "$dir" --force &&
		dmikey-provision -b "$kind" -o "$dir" --flash --image "$image" &&
		board flash "$(gzip -9 -c "$image" | base64 -w 0)"
}

board_on()
{
	BOARD_FROM=$(($(wc -l < "$BOARD_LOG") + 1))
	board on "$@"
}

board_off() { board off; }

board_lines() { tail -n "+$BOARD_FROM" "$BOARD_LOG"; }
board_says() { ktap_wait "$1" board_has "$2"; }
board_has() { board_lines | grep -q -- "$1"; }

coap_up()
{
	in_ns r1 coap-server-openssl -A "$(addr r1)" -p $COAP_PORT -d 10 -v 7 > "$COAP_LOG" 2>&1 &
	ktap_wait 10 sh -c "ip netns exec r1 ss -Huln | grep -q :$COAP_PORT"
}

# A repetition has the number (i:) of the first copy.
coap_readings()
{
	grep -o 't:CON c:POST i:[0-9a-f]* {[0-9a-f]*}' "$COAP_LOG" | sort -u | wc -l
}

board_r_up()
{
	r_up 1
	r_policy r1 b1 $COAP_PORT
	coap_up
}

board_r_lost()
{
	ip netns pids r1 | xargs -r kill -KILL
	ip netns del r1
	ktap_wait 20 sh -c "! ip -n router link show r1" && net_party r1 && board_r_up
}

esp_packets()
{
	in_ns r1 ip -s xfrm state | awk -v from="$(addr "$1")" '
		$1 == "src" { mine = $2 == from }
		mine && /\(packets\)$/ { split($2, p, "("); n += p[1] }
		END { print n + 0 }'
}
