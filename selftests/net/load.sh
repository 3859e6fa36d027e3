#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 mem=768 timeout=400 kernels="7"
# Under a flood: the queue is bounded, cookies are asked for, RSA is not spent
# on strangers, and a sensor that follows the cookie still gets its session.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"

session() { in_ns s1 dmikey-sensor -c "$conf" --readings 1 --timeout 120 "$@"; }
# flood NAME FILE RATE, until flood_end; at most for two minutes
flood()
{
	# no function: the signal of flood_end is for the program
	ip netns exec s2 timeout 120 flood "$(addr "$1")" 2269 "$2" 100000000 "$3" > /dev/null &
	flooder=$!
	sleep 3
}
flood_end() { kill "$flooder" 2> /dev/null; wait "$flooder" 2> /dev/null; true; }
flooded() { [ "$(counter "$1" received)" -ge 1000 ]; }
# cookies of r1 that third parties followed
followed()
{
	for p in gw1 gw2 gw3; do counter "$p" cookie-followed; done |
		awk '{ n += $1 } END { print n }'
}
slab() { awk '/^Slab:/ { print $2 }' /proc/meminfo; }

ktap_plan 13
net_up 3 2
for n in 1 2 3; do tp_up "$n"; done
r_up 1
listen r1 "$WORK/readings"
# message 3 in one piece, for the capture
for p in gw1 r1; do
	ip -n router link set "$p" mtu 4000
	ip -n "$p" link set eth0 mtu 4000
done
conf=$(sensor_conf 1 3 2)
in_ns r1 tcpdump -Z root -U -i eth0 -w "$WORK/r1.pcap" 'udp port 2269' 2> /dev/null &
ktap_wait 10 test -s "$WORK/r1.pcap"
mkdir -p "$WORK/dump"
ktap_run "a session, whose messages are kept" session --fault dump="$WORK/dump"
sleep 1

# its message 1, from another host, with other CSB IDs
set -- "$WORK"/dump/*-tx-gw1.bin
cp "$1" "$WORK/i_tp.bin"
for p in gw1 gw2 gw3 r1; do dmikeyctl -n "$p" instance set queue 16 rate 100000; done
signed=$(counter gw1 rsa-sign) before=$(slab)
flood gw1 "$WORK/i_tp.bin" 20000
ktap_run "a session while gw1 is flooded" session
ktap_run "the flood is a flood" ktap_wait 60 flooded gw1
flood_end
ktap_run "cookies were asked for" [ "$(counter gw1 cookie-sent)" -ge 1 ]
ktap_run "what had none was refused" [ "$(counter gw1 cookie thirdparty)" -ge 1 ]
ktap_run "one signature, for the session" [ $(($(counter gw1 rsa-sign) - signed)) -le 2 ]

# message 3 of gw1, from another host: its signature no longer fits
tcpdump -Z root -r "$WORK/r1.pcap" -x "src $(addr gw1) and udp and greater 1000" 2> /dev/null |
	awk '/^[0-9]/ { if (n++) exit } /0x/ { sub(/.*: */, ""); gsub(/ /, ""); printf "%s", $0 }' |
	cut -c97- | xxd -r -p > "$WORK/tp_r.bin"
ktap_run "message 3 was captured" [ "$(wc -c < "$WORK/tp_r.bin")" -ge 1000 ]
decrypted=$(counter r1 rsa-decrypt) sessions=1
flood r1 "$WORK/tp_r.bin" 3000
ktap_run "a session while r1 is flooded" session
# a session whose messages met a short queue says nothing yet
for i in $(seq 30); do
	[ "$(followed)" -eq 0 ] || break
	session > /dev/null
	sessions=$((sessions + 1))
done
flood_end
ktap_run "third parties followed r1's cookies" [ "$(followed)" -ge 1 ]
ktap_equal "and misunderstood none" "$(counter gw1 payload-order)" 0
ktap_run "envelopes were opened for the session only" \
	[ $(($(counter r1 rsa-decrypt) - decrypted)) -le $((6 * sessions)) ]
ktap_equal "two SAs" "$(sa_count r1)" 2
sleep 2
after=$(slab)
diag "slab: $before kB before, $after kB after the floods"
ktap_run "strangers left no state" [ $((after - before)) -lt 8192 ]
for p in gw1 r1; do dmikeyctl -n "$p" stats | diag; done
ktap_end
