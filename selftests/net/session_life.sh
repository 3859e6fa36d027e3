#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 mem=768 timeout=600 bin="jq" kernels="6.1"
# The life of sessions at R behind their start: SAs that somebody takes away, alone
# and beside those of an update, names, events, and the list of many.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"

PREFIX=fd00:5::/64
MANY=400
OUT=$WORK/out

start() { : > "$OUT"; in_ns s1 dmikey-sensor -c "$conf" "$@" > "$OUT" 2>&1 & sensor=$!; }
stop() { ip netns pids s1 | xargs -r kill; wait $sensor; }
is() { [ "$("$1" "$2")" = "$3" ]; }
reaches() { ktap_wait 60 is "$1" "$2" "$3"; ktap_equal "$4" "$("$1" "$2")" "$3"; }
of_r1() { counter r1 "$1"; }
sessions() { dmikeyctl -j -n "$1" session | jq "length"; }
# spi MEMBER: of the only session
spi() { dmikeyctl -j -n r1 session | jq -r ".[0].$1"; }
# state VERB SRC DST SPI: of R's
state() { ip -n r1 xfrm state "$1" src "$(addr "$2")" dst "$(addr "$3")" proto esp spi "$4"; }
esp() { ip -n router -6 rule "$1" ipproto 50 blackhole; }

ktap_plan 22
net_up 3 1
for n in 1 2 3; do tp_up "$n"; done
r_up 1
for n in 4 5 6 7; do dmikeyctl -n r1 thirdparty add certificate "$PKI/gw$n.der" 2> /dev/null; done
listen r1 "$WORK/readings"
dmikeyctl -j -n r1 monitor > "$WORK/events" &

# ---- an update whose SAs nobody uses yet: 16 packets, while ESP does not pass
conf=$(sensor_conf 1 3 2 'esp { packets = 20 }')
start --readings 200 --interval 1500 --timeout 400
reaches of_r1 session-confirmed 1 "a session"
esp add
in=$(spi spi_in) out=$(spi spi_out)
reaches of_r1 session-updated 1 "is updated"
ktap_equal "its old SAs stay beside the new ones" "$(sa_count r1)" 4
state delete s1 r1 "$in"
sleep 1
ktap_run "without the old inbound one the old outbound one stays" state get r1 s1 "$out"
ktap_equal "and so does the session" "$(sessions r1)" 1
ktap_equal "the event names the new SAs" "$(jq -c 'select(.event == "session-updated") |
	[.sensor, .spi_in, .spi_out]' "$WORK/events")" \
	"$(dmikeyctl -j -n r1 session | jq -c '.[0] | [.sensor, .spi_in, .spi_out]')"
reaches of_r1 session-updated 2 "the next U_R shows that the sensor has the new ones"
ktap_equal "what they have replaced is gone" "$(sa_count r1)" 4
esp del
reaches sa_count r1 2 "a little after the first packet the old ones go"
state delete r1 s1 "$(spi spi_out)"
reaches sessions r1 0 "a session that loses one SA ends"
ktap_equal "with the other one" "$(sa_count r1)" 0
stop

# ---- U_R under another name of this host: IDr's '1' becomes '0'
openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=r0 -days 2 -keyout "$WORK/r0.pem" \
	-addext subjectAltName=URI:dmikey:r0.example -addext extendedKeyUsage=serverAuth \
	-addext keyUsage=keyEncipherment -outform DER -out "$WORK/r0.der" 2> "$WORK/openssl" ||
	diag < "$WORK/openssl"
openssl pkcs8 -topk8 -nocrypt -in "$WORK/r0.pem" -outform DER -out "$WORK/r0.key.der"
ktap_run "R has a second name" dmikeyctl -n r1 local add responder \
	certificate "$WORK/r0.der" key "$(key_private "$WORK/r0.key.der")"
conf=$(sensor_conf 1 3 2)
before=$(of_r1 unknown-session)
start --interval 300 --lifetime 5 --timeout 20 --fault update-flip=73
reaches of_r1 unknown-session $((before + 1)) "a U_R to that name is for no session"
ktap_equal "and meets no key" "$(counter r1 mac responder)" 0
stop
dmikeyctl -n r1 session del nai:sensor1@example

# ---- many
ip -n router -6 route add $PREFIX via "$(addr6 s1)"
ip -n s1 -6 route add local $PREFIX dev lo
dmikeyctl -n r1 instance set rate 1000000
set -- --responder uri:dmikey:r1.example --to "$(addr r1)" --responder-cert "$PKI/r1.der"
for n in 4 5 6 7; do
	set -- "$@" --third-party "uri:dmikey:gw$n.example,$PKI/gw$n.der,$PKI/gw$n.key.der"
done
ktap_run "$MANY sensors" in_ns s1 dmikey-load r --prefix $PREFIX --sensors $MANY "$@"
dmikeyctl -j -n r1 session > "$WORK/list"
ktap_equal "the list has each session once" \
	"$(jq -c '[length, (map(.spi_in) | unique | length)]' "$WORK/list")" "[$MANY,$MANY]"
dmikeyctl -n r1 session del spi "$(jq -r '.[7].spi_in' "$WORK/list")"
ktap_equal "an SPI ends one" "$(sessions r1)" $((MANY - 1))
sensor=$(jq -r '.[9].sensor' "$WORK/list")
ktap_run "a name" dmikeyctl -n r1 session del "$sensor"
ktap_equal "ends one" "$(sessions r1)" $((MANY - 2))
ktap_run_fails "once" dmikeyctl -n r1 session del "$sensor"
ip -n r1 xfrm state flush
reaches sessions r1 0 "a flush of all SAs ends all of them"
ktap_equal "as the counters say" \
	"$(($(of_r1 session-established) - $(of_r1 session-ended)))" 0
ktap_end
