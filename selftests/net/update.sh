#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 mem=768 timeout=400 bin="jq"
# Updates of a session, protocol.md 9: under traffic, and those that are refused.
# A thousand of them are in renew.sh, losses in loss.sh.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"

OUT=$WORK/out
run() { in_ns s1 dmikey-sensor -c "$conf" "$@"; }
# in the background, with its words in $OUT
start() { : > "$OUT"; : > "$WORK/readings"; run "$@" > "$OUT" 2>&1 & sensor=$!; }
two_at_r() { [ "$(sa_count r1)" -eq 2 ]; }
arrived() { sort -u "$WORK/readings" | grep -c hr=; }

updated() { [ "$(counter r1 session-updated)" -ge "$1" ]; }
# in_memory FILE PLACES: of what the sensor can write to
in_memory()
{
	seek -p "$(in_ns s1 pidof dmikey-sensor)" "$WORK/$1" > "$WORK/places"
	cut -d' ' -f1-3 "$WORK/places" | sort | uniq -c
	grep -q "$2 places, [1-9]" "$WORK/places"
}

ktap_plan 15
net_up 3 1
for n in 1 2 3; do tp_up "$n"; done
r_up 1
listen r1 "$WORK/readings"

# 20 packets a pair: an update after 16
conf=$(sensor_conf 1 3 2 'esp { packets = 20 }')
start --readings 90 --interval 250 --timeout 100
ktap_run "two updates" ktap_wait 60 updated 2
# eight bytes in a row of a key, or of the name, which has to be there
in_ns s1 ip xfrm state | sed -n 's/.* 0x\([0-9a-f]*\) [0-9]*$/ESP-key \1/p' > "$WORK/keys"
echo "name $(printf sensor1@example | xxd -p)" > "$WORK/name"
ktap_run "the sensor has its name in memory" in_memory name '^[1-9]'
ktap_run "but no key of its SAs" in_memory keys '^0'
wait $sensor
ktap_equal "the sensor ends well" $? 0
ktap_wait 10 sh -c "[ \$(wc -l < $WORK/readings) -ge 90 ]"
ktap_equal "5 updates under traffic lose no reading" "$(arrived)" 90
ktap_equal "they are updates of one session" \
	"$(counter r1 session-established) $(counter r1 session-updated)" "1 5"
ktap_run "and leave two SAs" ktap_wait 5 two_at_r
ktap_equal "and one session" "$(dmikeyctl -j -n r1 session | jq -s 'flatten | length')" 1

start --readings 24 --interval 100 --timeout 60 --fault replay
wait $sensor
ktap_wait 5 two_at_r
ktap_equal "a U_R that comes again installs nothing" \
	"$(counter r1 session-updated) $(sa_count r1)" "6 2"

conf=$(sensor_conf 1 3 2)

# ---- U_R of a confirmed session that is wrong: byte by byte of HDR, T and KEMAC
refused() # OFFSET REASON
{
	before=$(counter r1 session-updated)
	start --interval 300 --lifetime 5 --timeout 6 --fault "update-flip=$1"
	wait $sensor
	ktap_equal "U_R with byte $1 changed: $2" \
		"$(($(counter r1 "$2" responder) > 0)) $(($(counter r1 session-updated) - before))" "1 0"
}
refused 4 unknown-session	# CSB ID
refused 34 stale		# T
refused 50 unknown-session	# IDi
refused 110 mac

# ---- the session is unconfirmed
ip -n router -6 rule add ipproto 50 blackhole
start --interval 500 --lifetime 5 --timeout 8
wait $sensor
ktap_equal "U_R for an unconfirmed session" "$(($(counter r1 unconfirmed responder) > 0))" 1
ip -n router -6 rule del ipproto 50 blackhole

# repetitions were sent on purpose: one that meets the first copy at work is counted
ktap_equal "nothing else was refused by R" \
	"$(dmikeyctl -n r1 stats | awk '$1 == "responder" && $2 != "repeated" { printf "%s ", $2 }')" \
	"unknown-session stale mac unconfirmed "
ktap_end
