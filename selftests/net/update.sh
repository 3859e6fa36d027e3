#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 mem=768 timeout=500 bin="jq"
# Updates of a session, protocol.md 9: under traffic, with losses, and those that
# are refused.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"

OUT=$WORK/out
run() { in_ns s1 dmikey-sensor -c "$conf" "$@"; }
# in the background, with its words in $OUT
start() { : > "$OUT"; : > "$WORK/readings"; run "$@" > "$OUT" 2>&1 & sensor=$!; }
said() { ktap_wait "$2" grep -q "$1" "$OUT"; }
arrived() { sort -u "$WORK/readings" | grep -c hr=; }
# reached COUNTER VALUE SECONDS
at_least() { [ "$(counter r1 "$1")" -ge "$2" ]; }
reached() { ktap_wait "$3" at_least "$1" "$2"; }
# from R to the sensor nothing comes
deaf() { ip -n router -6 route "$1" blackhole "$(addr s1)/128"; }

ktap_plan 17
net_up 3 1
for n in 1 2 3; do tp_up "$n"; done
r_up 1
listen r1 "$WORK/readings"

# 20 packets a pair: an update after 16
conf=$(sensor_conf 1 3 2 'esp { packets = 20 }')
start --readings 820 --interval 50 --timeout 200
wait $sensor
ktap_equal "the sensor ends well" $? 0
ktap_wait 10 sh -c "[ \$(wc -l < $WORK/readings) -ge 820 ]"
ktap_equal "51 updates under traffic lose no reading" "$(arrived)" 820
ktap_equal "they are updates of one session" \
	"$(counter r1 session-established) $(counter r1 session-updated)" "1 51"
ktap_equal "and leave two SAs" "$(sa_count r1)" 2
ktap_equal "and one session" "$(dmikeyctl -j -n r1 session | jq -s 'flatten | length')" 1

start --readings 24 --interval 100 --timeout 60 --fault replay
wait $sensor
ktap_equal "a U_R that comes again installs nothing" \
	"$(counter r1 session-updated) $(sa_count r1)" "52 2"

# ---- R_U is lost, and then comes again
conf=$(sensor_conf 1 3 2)
start --readings 130 --interval 200 --lifetime 20 --timeout 100
said established 20
sleep 10
deaf add
reached session-updated 53 20
before=$(counter r1 repeated-answered)
deaf del
said "session updated" 20
ktap_equal "R_U comes again" "$(($(counter r1 repeated-answered) > before))" 1
wait $sensor
ktap_equal "no reading is lost meanwhile" "$(arrived)" 130
ktap_equal "two SAs are left" "$(sa_count r1)" 2

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

# ---- R has forgotten everything
start --interval 200 --lifetime 10 --timeout 150
said established 20
sleep 2
dmikeyctl -n r1 session del nai:sensor1@example
established=$(counter r1 session-established)
unknown=$(counter r1 unknown-session responder)
reached unknown-session $((unknown + 1)) 20
ktap_equal "U_R for an unknown session" \
	"$(($(counter r1 unknown-session responder) > unknown))" 1
said "not updated" 120
reached session-established $((established + 1)) 20
ktap_equal "without R_U a new session follows" \
	"$(($(counter r1 session-established) > established))" 1
kill $sensor
wait $sensor
ktap_equal "nothing else was refused by R" \
	"$(dmikeyctl -n r1 stats | awk '$1 == "responder" { printf "%s ", $2 }')" \
	"unknown-session stale mac unconfirmed "
ktap_end
