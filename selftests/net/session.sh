#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 mem=768 timeout=600 bin="jq"
# Sessions, from message 1 to a reading at R's socket: both families, both
# suites, both schemes, time stamps, ciphers, relay, and the small and large
# numbers of third parties. And a host in a sensor's place.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"

# run N SENSOR'S OPTIONS..: one session and two readings
run() { local n=$1; shift; in_ns "s$n" dmikey-sensor --readings 2 --interval 100 --timeout 60 "$@"; }

# established NAME CONF [OPTIONS]: the readings arrive, in ESP, and the SAs are
# those of one session more
established()
{
	local name=$1 conf=$2 before got
	shift 2
	: > "$WORK/readings"
	before=$(counter r1 session-confirmed)
	if ! run 1 -c "$conf" "$@" > "$WORK/out" 2>&1; then
		ktap_fail "$name" "$(cat "$WORK/out")"
		dmikeyctl -n r1 stats | diag
		dmikeyctl -n gw1 stats | diag
		return
	fi
	ktap_wait 5 sh -c "[ \$(wc -l < $WORK/readings) -ge 2 ]"
	got="$(wc -l < "$WORK/readings") readings, \
$(($(counter r1 session-confirmed) - before)) confirmed, $(sa_count r1) SAs"
	ktap_equal "$name" "$got" "2 readings, 1 confirmed, 2 SAs"
	[ "$got" = "2 readings, 1 confirmed, 2 SAs" ] || diag < "$WORK/out"
}

# heard ADDED DELETED: by ip xfrm monitor
heard()
{
	[ "$(grep -c '^src' "$WORK/xfrm")" -eq "$1" ] &&
		[ "$(grep -c '^Deleted src' "$WORK/xfrm")" -eq "$2" ]
}

ktap_plan 27
net_up 16 1
in_ns r1 ip xfrm monitor SA > "$WORK/xfrm" &
for n in $(seq 16); do tp_up "$n"; done
r_up 1
# a host, too: nothing was accepted before
dmikeyctl -n r1 instance set port 0 highest-t "$(ntp_now)"
dmikeyctl -n r1 instance set port 2269
listen r1 "$WORK/readings"

conf=$(sensor_conf 1 3 2)
established "n = 3, k = 2, IPv6" "$conf"
ktap_equal "the clear reading at the socket" \
	"$(grep -c 'hr=' "$WORK/readings")" 2
ktap_run "verdicts are stored" sh -c \
	"dmikeyctl -j -n r1 session | grep -q '\"verdict\"'"
for suite in aes-ccm aes-cm; do
	for scheme in shamir reed-solomon; do
		established "$suite, $scheme" "$conf" --suite "$suite" --scheme "$scheme"
	done
done
established "TP_I is asked for" "$conf" --verify
established "R_I is relayed" "$conf" --relay
for cipher in aes-ccm-16-256 aes-gcm-8-192 aes-gcm-16-256 aes-cbc-128 chacha20-poly1305; do
	established "$cipher" "$conf" --cipher "$cipher"
done
established "n = 5, k = 3" "$(sensor_conf 1 5 3)"
established "n = 16, k = 9" "$(sensor_conf 1 16 9)"

# k = 1 needs a rule that says so
conf1=$(sensor_conf 1 1 1)
ktap_run_fails "n = 1, k = 1 without a rule for it" \
	in_ns s1 dmikey-sensor -c "$conf1" --once --timeout 60
ktap_equal "the reason is counted" "$(counter r1 k-minimum responder)" 1
dmikeyctl -n r1 rule add ward realm example min-k 1 allow-k1 reqid 7
established "n = 1, k = 1 with a rule for it" "$conf1"

# COUNTER: the floor is with the third parties
for n in 1 2 3; do
	dmikeyctl -n "gw$n" sensor add nai:sensor1@example timestamp counter \
		key "$(key_psk "$PKI/psk/sensor1.gw$n")"
done
established "COUNTER" "$(sensor_conf 1 3 2)" --timestamp counter --state-file "$WORK/counter"

n=$(counter r1 session-confirmed)
ktap_run "ip xfrm monitor hears of every SA that comes and goes" \
	ktap_wait 10 heard $((2 * n)) $((2 * n - 2))

# an identity is a sensor's or a host's: whoever vouches for it, whatever its PSK
openssl rand -hex 32 > "$WORK/host.psk"
of_r1() { echo "$(counter r1 authorization "$1"), $(sa_count r1) SAs"; }
serial=$(key_psk "$WORK/host.psk")
dmikeyctl -n s1 host add uri:dmikey:r1.example own nai:sensor1@example \
	address "$(addr r1)" key "$serial"
dmikeyctl -n s1 instance set port 2269 highest-t "$(ntp_now)"
dmikeyctl -n r1 host add nai:sensor1@example own uri:dmikey:r1.example \
	address "$(addr s1)" key "$serial"
ktap_run_fails "a host with the name of a sensor that has a session" \
	dmikeyctl -n s1 host connect uri:dmikey:r1.example
ktap_equal "the reason is counted, the session stays" "$(of_r1 host)" "1, 2 SAs"
dmikeyctl -n s1 instance set port 0
dmikeyctl -n s1 host del uri:dmikey:r1.example
ktap_run_fails "a sensor with the name of a host" \
	in_ns s1 dmikey-sensor -c "$conf" --once --timeout 60 --timestamp counter \
		--state-file "$WORK/counter"
ktap_equal "the reason is counted, the session stays" "$(of_r1 responder)" "1, 2 SAs"
dmikeyctl -n r1 host del nai:sensor1@example
established "the name is no host's any more" "$conf" --timestamp counter \
	--state-file "$WORK/counter"

FAMILY=4
net_down
net_up 3 1
for n in 1 2 3; do tp_up "$n"; done
r_up 1
listen r1 "$WORK/readings"
established "n = 3, k = 2, IPv4" "$(sensor_conf 1 3 2)"
ktap_end
