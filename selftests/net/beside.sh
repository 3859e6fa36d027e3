#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 mem=1024 timeout=240 kernels=6.1 bin="jq" peers=yes
# Beside strongSwan and libreswan on the server (Documentation/beside-strongswan.md):
# readings come through a dmikey session while the other is started, has a connection
# with somebody else, and is stopped; its connection lives while dmikey comes and goes;
# what its unit in Debian does beyond that, and what default policies do.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"

PEERS_SH=/dmikey/selftests/bench
READINGS=$WORK/readings
FAMILY=4

# at END DAEMON FUNCTION [WORDS..]: of bench/peers, at r (r1) or i (s2)
at()
{
	local ns=r1

	[ "$1" = r ] || ns=s2
	# shellcheck disable=SC2016
	in_ns "$ns" env WORK="$WORK" bash -c '
		. "$1/lib.sh"; . "$1/peers/lib.sh"; . "$1/peers/$2.sh"
		R_ADDR=$3 I_ADDR=$4
		sensor_addr() { echo "$I_ADDR"; }
		shift 4
		"$@"' at "$PEERS_SH" "$2" "$(addr4 r1)" "$(addr4 s2)" "${@:3}"
}

up() { at r "$1" "${1}_up" r psk 1 && at i "$1" "${1}_up" i psk 1; }

# what other's datagram to r1 needs is ESP of theirs
knock() { echo knock | in_ns s2 socat -u - "UDP4-DATAGRAM:$(addr4 r1):9"; }
connected() { knock; [ "$(their_spis | wc -l)" -eq 2 ]; }
connection() { ktap_wait 30 connected; }

# spis WORDS: of r1's states that have keys and these words
spis()
{
	in_ns r1 ip -o xfrm state | grep aead | grep -F "$1" |
		sed -n 's/.*proto esp spi \([^ ]*\).*/\1/p' | sort
}
their_spis() { spis "$(addr4 s2)"; }
our_spis() { spis "reqid 7 "; }
their_policies() { in_ns r1 ip -o xfrm policy | grep -c -F "$(addr4 s2)"; }
our_policies() { in_ns r1 ip -o xfrm policy | grep -c 'reqid 7 '; }

# who owns what, for the reader of the log
owners()
{
	in_ns r1 ip xfrm state | grep -E '^src|reqid' | diag
	in_ns r1 ip xfrm policy | grep -E 'dir |reqid' | diag
}

# more of them come, through the session
readings_go_on()
{
	local n

	n=$(wc -l < "$READINGS")
	ktap_wait 20 more_than $((n + 3))
}
more_than() { [ "$(wc -l < "$READINGS")" -gt "$1" ]; }

dmikey_up()
{
	local n

	for n in 1 2 3; do tp_up "$n" timestamp counter; done
	r_up 1
}

sensor_up()
{
	# not in_ns: $! is to be the sensor
	ip netns exec s1 dmikey-sensor --interval 100 --timestamp counter \
		-c "$(sensor_conf 1 3 2)" > "$WORK/sensor" 2>&1 &
	sensor=$!
	readings_go_on || { cat "$WORK/sensor"; return 1; }
}

sensor_down() { kill "$sensor"; wait "$sensor"; }

stop() { kill "$(cat "$1")" && ktap_wait 20 sh -c "! kill -0 $(cat "$1")"; }

ktap_plan 26
net_up 3 2
# s2 is no sensor of dmikey's
SENSORS=1
bash -c '. "$0/lib.sh"; . "$0/peers/lib.sh"; peers_mounts' "$PEERS_SH"
dmikey_up
listen r1 "$READINGS"
ktap_run "a session of dmikey's" sensor_up
ours=$(our_spis)

ktap_run "strongSwan starts on the server, and elsewhere" up strongswan
ktap_run "readings go on" readings_go_on
ktap_run "strongSwan has a connection" connection
ktap_run "readings go on" readings_go_on
ktap_equal "through the same SAs" "$(our_spis)" "$ours"
owners
ktap_equal "two of each" "$(our_spis | wc -l) $(their_spis | wc -l)" "2 2"

theirs=$(their_spis)
ktap_run "a session ends" dmikeyctl -n r1 session del nai:sensor1@example
sensor_down
ktap_run "another one comes up" sensor_up
ktap_equal "strongSwan's connection has stayed" "$(their_spis)" "$theirs"

sensor_down
ktap_run "dmikey is unloaded" rmmod dmikey
ktap_equal "strongSwan's connection has stayed" "$(their_spis)" "$theirs"
modprobe dmikey
in_ns r1 ip xfrm policy delete dir in src "$(addr s1)" dst "$(addr r1)" proto 17 dport 7777
in_ns r1 ip xfrm policy delete dir out src "$(addr r1)" dst "$(addr s1)" proto 17 sport 7777
dmikey_up > "$WORK/again" 2>&1
ktap_run "dmikey is back" sensor_up
ours=$(our_spis)

ktap_run "strongSwan is stopped" stop /tmp/charon-r.pid
ktap_run "readings go on" readings_go_on
ktap_equal "through the same SAs" "$(our_spis)" "$ours"
ktap_equal "strongSwan has taken its own with it" "$(their_spis) $(their_policies)" " 0"
stop /tmp/charon-i.pid
in_ns s2 ip xfrm state flush
in_ns s2 ip xfrm policy flush

ktap_run "libreswan starts, without its unit" up libreswan
ktap_run "libreswan has a connection" connection
owners
ktap_run "readings go on" readings_go_on
at r libreswan whack r --shutdown > /dev/null
ktap_wait 20 sh -c "! kill -0 $(cat /tmp/pluto-r.pid)"
ktap_run "libreswan is stopped; readings go on" readings_go_on
ktap_equal "through the same SAs" "$(our_spis)" "$ours"

# what ExecStartPre and ExecStopPost of Debian's ipsec.service do
in_ns r1 ip xfrm policy flush
in_ns r1 ip xfrm state flush
ktap_run "with its unit: the session ends" ktap_wait 10 sh -c \
	"dmikeyctl -n r1 -j session | jq -e '. == []'"
ktap_equal "and dmikey's policies are gone" "$(our_policies)" 0
sensor_down

# default policies block what no policy allows, MIKEY's own messages too
in_ns r1 ip xfrm policy setdefault in block fwd block out block
r_policies r1
ktap_run_fails "default policies that block: no session" \
	in_ns s1 dmikey-sensor --timestamp counter --once --timeout 8 -c "$(sensor_conf 1 3 2)"
for p in "in dport" "out sport"; do
	in_ns r1 ip xfrm policy add dir "${p% *}" src 0.0.0.0/0 dst 0.0.0.0/0 \
		proto 17 "${p#* }" 2269
done
ktap_run "with two policies for port 2269: a session" sensor_up
ktap_end
